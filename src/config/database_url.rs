//! Where the database is.

use super::userinfo;
use std::{fmt, path::PathBuf};

/// Printing it leaves out everything that could be a password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Sqlite(PathBuf),
    Postgres(String),
}

impl DatabaseUrl {
    /// `Err` says what is wrong with it, without repeating it.
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
            if let Some(slip) = userinfo::slip(after).or_else(|| slip_in_query(after)) {
                return Err(slip);
            }
            if !cfg!(feature = "pg-tls") && asks_for_tls(text) {
                return Err(
                    "it asks for TLS (sslmode), which this build of Gatepost does not have; build it with --features pg-tls, or set sslmode=disable if the database is on this machine",
                );
            }
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err("it must begin with sqlite:// or postgres://")
    }
}

/// libpq quotes a parameter that it cannot read, and one may be a password.
fn slip_in_query(after: &str) -> Option<&'static str> {
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
        "a parameter behind its ? is no name=value; in a name or password, write ? as %3F, & as %26 and = as %3D",
    )
}

/// A library's error text about this URL, without the passwords in it.
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

/// Anything but a plain "no" could be read as a wish for TLS, and a wish must not be passed over in silence.
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
    fn a_password_that_a_library_repeats_is_left_out() {
        let url = "postgres://gatepost:hunter%402@db/gatepost?sslpassword=other3";
        let text = without_passwords(url, "hunter%402 and hunter@2 and other3 for user \"gatepost\"");
        assert_eq!(text, "… and … and … for user \"gatepost\"");
    }
}
