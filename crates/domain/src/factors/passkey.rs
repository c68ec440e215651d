//! Passkeys: what an account stores of each, and the rules of a ceremony. WebAuthn calls a
//! challenge and its answer a ceremony.

use crate::{AccountId, Id, Lifetime, PendingId, SessionId, Timestamp, aaguid::Aaguid, factor_name::FactorName};
use sha2::{Digest, Sha256};

pub type PasskeyId = Id<Passkey>;

/// A passkey of an account, without its public key.
#[derive(Clone, Debug)]
pub struct Passkey {
    pub id: PasskeyId,
    pub account_id: AccountId,
    pub name: FactorName,
    /// Make of the authenticator, as it says itself.
    pub aaguid: Aaguid,
    pub added_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

/// Most passkeys that an account may have. This is more than a user has devices, and few enough to
/// tell a browser about all at once.
pub const MAX: usize = 20;

/// Name under which an authenticator knows an account. Devices keep it and show it to any user who
/// unlocks them. So it reveals nothing about the user, not even the account's id. Nothing is looked
/// up by it (WebAuthn L3, §14.6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserHandle([u8; 16]);

impl UserHandle {
    pub fn of(account: AccountId) -> Self {
        let hash = Sha256::new().chain_update(b"gatepost user handle").chain_update(account.as_i64().to_be_bytes());
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = <[u8; 32]>::from(hash.finalize());
        Self([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p])
    }

    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// Purpose of a challenge, and its session. An answer to one challenge never answers another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    SignIn,
    SecondFactor(PendingId),
    StepUp(SessionId),
    Register(SessionId),
}

impl Occasion {
    /// Returns the stored form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SecondFactor(_) => "second_factor",
            Self::StepUp(_) => "step_up",
            Self::Register(_) => "register",
        }
    }

    /// Returns the pending sign-in or the session that it belongs to.
    pub const fn bound_to(self) -> Option<i64> {
        match self {
            Self::SignIn => None,
            Self::SecondFactor(pending) => Some(pending.as_i64()),
            Self::StepUp(session) | Self::Register(session) => Some(session.as_i64()),
        }
    }
}

/// A challenge that waits for its answer.
#[derive(Clone, Debug)]
pub struct Ceremony {
    /// [`Occasion::as_str`] and [`Occasion::bound_to`].
    pub purpose: String,
    pub bound_to: Option<i64>,
    /// Account whose answer it has to be. `None` if the ceremony names no account.
    pub account_id: Option<AccountId>,
    /// State that the library needs to judge the answer.
    pub state: String,
    pub begun_at: Timestamp,
}

impl Ceremony {
    /// Twice as long as a browser waits for a user to find their key.
    pub const LIFETIME: Lifetime = Lifetime::minutes(10);

    /// Returns whether it counts. One from the future does not, as with proofs.
    pub fn is_for(&self, occasion: Occasion, now: Timestamp) -> bool {
        self.purpose == occasion.as_str()
            && self.bound_to == occasion.bound_to()
            && !self.begun_at.is_ahead_of(now)
            && now.since(self.begun_at) < Self::LIFETIME
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SKEW;

    #[test]
    fn a_ceremony_is_for_one_occasion_and_ten_minutes() {
        let (now, session) = (Timestamp::from_millis(10_000_000), SessionId::from_i64(7));
        let occasions = [
            Occasion::SignIn,
            Occasion::SecondFactor(PendingId::from_i64(7)),
            Occasion::SecondFactor(PendingId::from_i64(8)),
            Occasion::StepUp(session),
            Occasion::StepUp(SessionId::from_i64(8)),
            Occasion::Register(session),
        ];
        for made_for in occasions {
            let ceremony = Ceremony {
                purpose: made_for.as_str().to_owned(),
                bound_to: made_for.bound_to(),
                account_id: None,
                state: String::new(),
                begun_at: now,
            };
            for occasion in occasions {
                assert_eq!(ceremony.is_for(occasion, now), occasion == made_for, "{made_for:?} {occasion:?}");
            }
            let last = now.plus(Ceremony::LIFETIME).minus(Lifetime::millis(1));
            assert!(ceremony.is_for(made_for, last) && !ceremony.is_for(made_for, now.plus(Ceremony::LIFETIME)));
            assert!(ceremony.is_for(made_for, now.minus(SKEW)), "on a node that is a little behind");
            let before = now.minus(SKEW).minus(Lifetime::millis(1));
            assert!(!ceremony.is_for(made_for, before), "after the clock was set back");
        }
    }

    #[test]
    fn a_user_handle_is_the_accounts_own_and_not_its_id() {
        let (one, other) = (AccountId::from_i64(1), AccountId::from_i64(2));
        assert_eq!(UserHandle::of(one), UserHandle::of(one));
        assert_ne!(UserHandle::of(one), UserHandle::of(other));
        assert!(!UserHandle::of(one).as_bytes().ends_with(&1i64.to_be_bytes()));
    }

    /// Authenticators keep it. Another one would be a second entry for the same user. By sha256sum.
    #[test]
    fn the_user_handle_of_an_account_stays() {
        let handle = UserHandle::of(AccountId::from_i64(0x1234));
        let hex: String = handle.as_bytes().iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(hex, "73a57c55565eab229fae46cf1b06103a");
    }
}
