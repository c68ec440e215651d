//! Sign-ins that wait: something was proven, and it is not yet enough. No session, and good for nothing but showing the rest.

use super::{AccountId, AttemptId, Destination, Id, Lifetime, Method, Proof, Settings, Timestamp};

/// How long a user has to find their second factor.
pub const LIFETIME: Lifetime = Lifetime::minutes(15);

pub type PendingId = Id<Pending>;

/// A pending sign-in. Its secret is not part of it: the browser's cookie holds that, the database its hash.
#[derive(Clone, Debug)]
pub struct Pending {
    pub id: PendingId,
    pub account_id: AccountId,
    /// The newest attempt that it was proven in, if any was by mail.
    pub attempt: Option<AttemptId>,
    pub remember: bool,
    pub destination: Destination,
    pub begun_at: Timestamp,
    /// What was proven and when, oldest first.
    pub proofs: Vec<Proof>,
}

impl Pending {
    /// A pending sign-in from the future does not count, as with proofs.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.begun_at <= now && now.since(self.begun_at) < LIFETIME
    }

    /// Whether something that was shown is still a way of signing in: one that an admin has turned off since no longer counts.
    pub fn counts_under(&self, settings: &Settings) -> bool {
        self.proofs.iter().any(|proof| match proof.method {
            Method::EmailLink | Method::EmailCode => settings.email_link_enabled,
            Method::Password => settings.password_enabled,
            Method::ConsoleLink => true,
            // No sign-in that has to wait begins with one of these.
            Method::Passkey | Method::Totp | Method::RecoveryCode | Method::TrustedDevice => false,
        })
    }
}
