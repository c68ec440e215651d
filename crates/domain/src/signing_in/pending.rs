//! Sign-ins that wait: the user has shown something, and it is not enough yet. A pending sign-in is
//! no session. It can only wait for the rest.

use crate::{AccountId, AttemptId, Destination, Id, Lifetime, Method, Proof, Settings, Timestamp};

/// Time that a user has to find their second factor.
pub const LIFETIME: Lifetime = Lifetime::minutes(15);

pub type PendingId = Id<Pending>;

/// A pending sign-in. The browser's cookie has its secret, the database has the hash.
#[derive(Clone, Debug)]
pub struct Pending {
    pub id: PendingId,
    pub account_id: AccountId,
    /// Newest attempt among its proofs, if any came by email.
    pub attempt: Option<AttemptId>,
    pub remember: bool,
    pub destination: Destination,
    pub begun_at: Timestamp,
    /// Proofs and their times, oldest first.
    pub proofs: Vec<Proof>,
}

impl Pending {
    /// Returns whether it still counts. One from the future does not, as with proofs.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        !self.begun_at.is_ahead_of(now) && now.since(self.begun_at) < LIFETIME
    }

    /// Returns whether a shown method still signs in. A method that an admin has turned off since
    /// does not count.
    pub fn counts_under(&self, settings: &Settings) -> bool {
        self.proofs.iter().any(|proof| match proof.method {
            Method::EmailLink | Method::EmailCode => settings.email_link_enabled,
            Method::Password => settings.password_enabled,
            Method::ConsoleLink => true,
            // A sign-in that has to wait never begins with one of these.
            Method::Passkey | Method::Totp | Method::RecoveryCode | Method::TrustedDevice => false,
        })
    }
}
