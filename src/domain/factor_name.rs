//! What people call their authenticator apps and passkeys: for their own eyes, on their own pages and in no mail.

use super::account::is_deceptive;

pub const MAX_LENGTH: usize = 40;

/// Up to 40 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorName(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAFactorName {
    TooLong,
    /// Control characters, line ends, or characters that reverse or hide what stands beside them.
    Unprintable,
}

impl FactorName {
    /// What was typed, or `fallback` where nothing was.
    pub fn parse(typed: &str, fallback: &str) -> Result<Self, NotAFactorName> {
        let typed = typed.trim();
        if typed.chars().count() > MAX_LENGTH {
            return Err(NotAFactorName::TooLong);
        }
        if typed.chars().any(is_deceptive) {
            return Err(NotAFactorName::Unprintable);
        }
        Ok(Self(if typed.is_empty() { fallback } else { typed }.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_name_is_short_and_shows_what_it_is(typed in "\\PC{0,60}") {
            if let Ok(name) = FactorName::parse(&typed, "App") {
                prop_assert!(!name.as_str().is_empty() && name.as_str().chars().count() <= MAX_LENGTH);
            }
        }
    }

    #[test]
    fn an_empty_name_is_the_usual_one_and_a_deceptive_one_is_refused() {
        assert_eq!(FactorName::parse("  ", "App").unwrap().as_str(), "App");
        assert_eq!(FactorName::parse(" My phone ", "App").unwrap().as_str(), "My phone");
        assert_eq!(FactorName::parse("a\nb", "App"), Err(NotAFactorName::Unprintable));
        assert_eq!(FactorName::parse(&"x".repeat(41), "App"), Err(NotAFactorName::TooLong));
    }
}
