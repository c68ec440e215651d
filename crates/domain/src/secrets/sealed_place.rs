//! The place where a sealed secret belongs.

use crate::{AccountId, AuthenticatorId};

/// The row that a secret is sealed for. It opens nowhere else, so that an attacker who writes the
/// database cannot move it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedPlace {
    /// The secret of an authenticator app. The account is part of it, so that the row cannot be
    /// handed to another account.
    Totp { account: AccountId, authenticator: AuthenticatorId },
    /// A secret of the installation, in a row of a kind. Each kind has a name that no other has.
    Own { kind: &'static str, id: i64 },
}

impl SealedPlace {
    /// Returns what is said when a secret is sealed for this row, and again when it is opened.
    pub fn words(self) -> String {
        match self {
            Self::Totp { account, authenticator } => format!("totp {account} {authenticator}"),
            Self::Own { kind, id } => format!("own {kind} {id:016x}"),
        }
    }

    /// Returns the same as the first version said it, without the account.
    pub fn first_words(self) -> String {
        match self {
            Self::Totp { authenticator, .. } => format!("totp {authenticator}"),
            // The first version sealed only authenticator apps.
            Self::Own { .. } => self.words(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_places_say_the_same() {
        let totp = |account, authenticator| SealedPlace::Totp {
            account: AccountId::from_i64(account),
            authenticator: AuthenticatorId::from_i64(authenticator),
        };
        let places = [
            totp(1, 1),
            totp(1, 2),
            totp(2, 1),
            SealedPlace::Own { kind: "signing key", id: 1 },
            SealedPlace::Own { kind: "signing key", id: 2 },
            SealedPlace::Own { kind: "totp", id: 1 },
        ];
        for (n, one) in places.iter().enumerate() {
            for other in &places[n + 1..] {
                assert_ne!(one.words(), other.words());
                assert_ne!(one.words(), other.first_words());
            }
        }
    }

    #[test]
    fn the_words_that_secrets_are_sealed_with_stay() {
        let (account, authenticator) = (AccountId::from_i64(1), AuthenticatorId::from_i64(2));
        let totp = SealedPlace::Totp { account, authenticator };
        assert_eq!(totp.words(), "totp 0000000000000001 0000000000000002");
        assert_eq!(totp.first_words(), "totp 0000000000000002");
        let own = SealedPlace::Own { kind: "signing key", id: 1 };
        for words in [own.words(), own.first_words()] {
            assert_eq!(words, "own signing key 0000000000000001");
        }
    }
}
