//! Where the database is.

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
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
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
}
