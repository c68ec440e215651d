//! Browsers that remember the second factor, where an admin allows it.

use crate::{AccountId, BrowserLabel, ClientAddress, Id, Lifetime, Timestamp};

/// Time for which a browser remembers the second factor. Use does not extend it.
pub const LIFETIME: Lifetime = Lifetime::days(30);

pub type TrustedDeviceId = Id<TrustedDevice>;

/// A browser that remembers an account's second factor. The browser's cookie has its secret, the
/// database has the hash.
#[derive(Clone, Debug)]
pub struct TrustedDevice {
    pub id: TrustedDeviceId,
    pub account_id: AccountId,
    pub browser: BrowserLabel,
    pub client: Option<ClientAddress>,
    pub trusted_at: Timestamp,
    pub last_used_at: Timestamp,
}

impl TrustedDevice {
    pub fn is_alive(&self, now: Timestamp) -> bool {
        !self.trusted_at.is_ahead_of(now) && now.since(self.trusted_at) < LIFETIME
    }
}
