//! Address of the database.

use super::userinfo;
use std::{fmt, net::IpAddr, path::PathBuf};

/// Location of the database. `Debug` leaves out everything that could be a password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Sqlite(PathBuf),
    Postgres(String),
}

impl DatabaseUrl {
    /// Parses the text. `Err` says what is wrong with it, without repeating it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if let Some(path) = text.strip_prefix("sqlite://") {
            let fine = !path.is_empty() && !path.contains(['?', '#']) && path != ":memory:";
            return if fine {
                Ok(Self::Sqlite(PathBuf::from(path)))
            } else {
                Err("it must name a file, as sqlite://gatepost.db or sqlite:///var/lib/gatepost/gatepost.db")
            };
        }
        let after = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
        if let Some(after) = after {
            if let Some(fault) = userinfo::fault(after).or_else(|| fault_in_query(after)) {
                return Err(fault);
            }
            if !cfg!(feature = "pg-tls") && asks_for_tls(text) {
                return Err(
                    "it asks for TLS (sslmode), which this build of Gatepost lacks. Build it with --features pg-tls, or set sslmode=disable if the database is on this machine",
                );
            }
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err("it must begin with sqlite:// or postgres://")
    }

    /// Returns whether an attacker on the network could read the traffic or pose as the database.
    ///
    /// The URL then names another machine without `sslmode=verify-full`. Every weaker mode accepts
    /// any certificate, or none, or one for any name.
    pub fn is_exposed(&self) -> bool {
        let Self::Postgres(url) = self else { return false };
        let (before, query) = url.split_once('?').unwrap_or((url, ""));
        let said = |key: &str| {
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            pairs.find(|(name, _)| name == key).map(|(_, value)| value.into_owned())
        };
        let authority = before.split_once("://").and_then(|(_, after)| after.split('/').next()).unwrap_or_default();
        let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
        let hosts = said("hostaddr").or_else(|| said("host")).unwrap_or_else(|| hosts.to_owned());
        said("sslmode").as_deref() != Some("verify-full") && !hosts.split(',').all(is_on_this_machine)
    }
}

/// Returns whether a host of a PostgreSQL URL is this machine. It is a name, an address, the folder
/// of a socket, or empty for the usual socket. It may have a port.
fn is_on_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None if host.matches(':').count() == 1 => host.split(':').next().unwrap_or_default(),
        None => host,
    };
    let is_socket = name.is_empty() || name.starts_with(['/', '@']) || name.to_ascii_lowercase().starts_with("%2f");
    is_socket || name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Finds a parameter that libpq cannot read. libpq would quote it, and it may be a password.
fn fault_in_query(after: &str) -> Option<&'static str> {
    let (_, query) = after.split_once('?')?;
    let is_fine = |parameter: &str| {
        parameter.split_once('=').is_some_and(|(name, value)| {
            !value.contains('=')
                && !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        })
    };
    let all_are = query.split('&').all(is_fine);
    (!all_are).then_some(
        "a parameter behind its ? is not name=value; in a name or password, write ? as %3F, & as %26 and = as %3D",
    )
}

/// Returns a library's error text about this URL, without the passwords in it.
pub fn without_passwords(url: &str, text: &str) -> String {
    let after = url.split_once("://").map_or(url, |(_, after)| after);
    let (before_query, query) = after.split_once('?').unwrap_or((after, ""));
    let of_user =
        before_query.rsplit_once('@').and_then(|(user, _)| user.split_once(':')).map(|(_, password)| password);
    let of_query = query.split('&').filter_map(|parameter| parameter.split_once('='));
    let of_query = of_query.filter(|(name, _)| name.contains("password")).map(|(_, password)| password);
    let mut text = text.to_owned();
    for password in of_user.into_iter().chain(of_query).filter(|password| !password.is_empty()) {
        let decoded = percent_encoding::percent_decode_str(password).decode_utf8_lossy();
        text = text.replace(password, "…").replace(&*decoded, "…");
    }
    text
}

/// Returns whether the URL may ask for TLS. Only a plain "no" is a no, because ignoring the request
/// would be unsafe.
fn asks_for_tls(url: &str) -> bool {
    url.split_once('?').is_some_and(|(_, query)| {
        url::form_urlencoded::parse(query.as_bytes())
            .any(|(key, value)| key.starts_with("ssl") && !(key == "sslmode" && value == "disable"))
    })
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_the_url_is_never_printed() {
        let url = DatabaseUrl::Postgres("postgres://gatepost:hunter2@db/gatepost".into());
        assert_eq!(format!("{url:?}"), "postgres://…");
    }

    #[test]
    fn a_server_on_another_machine_is_exposed_unless_its_certificate_and_name_are_checked() {
        let is_exposed = |url: &str| DatabaseUrl::Postgres(url.to_owned()).is_exposed();
        for url in [
            "postgres://gatepost:p@db.example.com/gatepost",
            "postgres://db:5432/gatepost?sslmode=disable",
            "postgres://db/gatepost?sslmode=require",
            "postgres://db/gatepost?sslmode=verify-ca&sslrootcert=/ca.pem",
            "postgres://localhost,db/gatepost",
            "postgres://10.0.0.2/gatepost",
            "postgres://[fd00::2]:5432/gatepost",
            "postgres:///gatepost?host=db",
            "postgres://localhost/gatepost?hostaddr=10.0.0.2",
            "postgres://localhost@db/gatepost",
        ] {
            assert!(is_exposed(url), "{url}");
        }
        for url in [
            "postgres://gatepost:p@db.example.com/gatepost?sslmode=verify-full",
            "postgres:///gatepost",
            "postgres:///gatepost?host=/run/postgresql",
            "postgres://%2Frun%2Fpostgresql/gatepost",
            "postgres://u:p@localhost:5432/gatepost",
            "postgres://127.0.0.1/gatepost?sslmode=disable",
            "postgres://[::1]:5432,127.0.0.2/gatepost",
        ] {
            assert!(!is_exposed(url), "{url}");
        }
        assert!(!DatabaseUrl::Sqlite("gatepost.db".into()).is_exposed());
    }

    #[test]
    fn a_password_that_a_library_repeats_is_left_out() {
        let url = "postgres://gatepost:hunter%402@db/gatepost?sslpassword=other3";
        let text = without_passwords(url, "hunter%402 and hunter@2 and other3 for user \"gatepost\"");
        assert_eq!(text, "… and … and … for user \"gatepost\"");
    }
}
