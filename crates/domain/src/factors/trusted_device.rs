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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SKEW;

    #[test]
    fn a_browser_remembers_for_thirty_days_and_none_from_the_future_does() {
        let now = Timestamp::from_millis(10_000_000_000);
        let it = TrustedDevice {
            id: TrustedDeviceId::from_i64(1),
            account_id: AccountId::from_i64(2),
            browser: BrowserLabel::from_user_agent("Firefox/140.0"),
            client: None,
            trusted_at: now,
            last_used_at: now.plus(Lifetime::days(29)),
        };
        let end = now.plus(Lifetime::days(30));
        assert!(it.is_alive(now) && it.is_alive(end.minus(Lifetime::millis(1))) && !it.is_alive(end));
        assert!(it.is_alive(now.minus(SKEW)), "another node is a little ahead");
        assert!(!it.is_alive(now.minus(SKEW).minus(Lifetime::millis(1))), "the clock was set back");
    }
}
