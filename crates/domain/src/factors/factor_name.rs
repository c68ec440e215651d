//! Names that users give their authenticator apps and passkeys. Only their own pages show them, and
//! no email.

use crate::account::{AccountName, NotAName};

/// Up to 50 characters on one line, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorName(String);

impl FactorName {
    pub const MAX_LENGTH: usize = 50;

    /// Reads a typed name. `None` if the user typed nothing.
    pub fn parse(typed: &str) -> Result<Option<Self>, NotAName> {
        let name = AccountName::parse(typed)?;
        if name.as_str().chars().count() > Self::MAX_LENGTH {
            return Err(NotAName::TooLong);
        }
        Ok((!name.as_str().is_empty()).then(|| Self(name.as_str().to_owned())))
    }

    /// Names a factor that its owner has not named: what it is, and a number if another has that
    /// name.
    pub fn of(what: &str, others: &[Self]) -> Self {
        let numbered = |n: usize| Self(if n == 1 { what.to_owned() } else { format!("{what} {n}") });
        (1..=others.len())
            .map(numbered)
            .find(|name| !others.contains(name))
            .unwrap_or_else(|| numbered(others.len() + 1))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_short_line() {
        let name = |typed: &str| FactorName::parse(typed).map(|name| name.map(|name| name.0));
        assert_eq!(name("  Ana's phone "), Ok(Some("Ana's phone".into())));
        assert_eq!(name(" "), Ok(None));
        assert_eq!(name(&"é".repeat(50)), Ok(Some("é".repeat(50))));
        assert_eq!(name(&"é".repeat(51)), Err(NotAName::TooLong));
        assert_eq!(name("a\u{202e}b"), Err(NotAName::Unprintable));
        assert_eq!(name("a\nb"), Err(NotAName::Unprintable));
    }

    #[test]
    fn the_second_of_a_kind_is_told_apart_from_the_first() {
        let mut names = Vec::new();
        for expected in ["Bitwarden", "Bitwarden 2", "Bitwarden 3"] {
            let name = FactorName::of("Bitwarden", &names);
            assert_eq!(name.as_str(), expected);
            names.push(name);
        }
        names.remove(1);
        assert_eq!(FactorName::of("Bitwarden", &names).as_str(), "Bitwarden 2");
        assert_eq!(FactorName::of("Passkey", &names).as_str(), "Passkey");
    }
}
