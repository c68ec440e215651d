//! One round of a worker: the lease that holds its emails, and the settings and the time of its
//! writes.

use crate::{
    db::outbox::{Lease, Leased},
    domain::{Lifetime, MailId, Settings, Timestamp},
};
use std::sync::Arc;

/// Time that a lease lasts. If the process dies, others take over its emails after this time.
pub(super) const LEASE: Lifetime = Lifetime::seconds(20);
/// Interval at which a lease is renewed during work on its emails.
pub(super) const RENEW: Lifetime = Lifetime::seconds(6);

#[derive(Clone)]
pub(super) struct Round {
    pub lease: Lease,
    pub settings: Arc<Settings>,
    pub now: Timestamp,
}

impl Round {
    /// Returns the same at another time.
    pub(super) fn at(&self, now: Timestamp) -> Self {
        Self { now, ..self.clone() }
    }

    /// Returns an email of this round.
    pub(super) fn leased(&self, id: MailId) -> Leased {
        Leased { id, lease: self.lease, now: self.now }
    }

    /// Returns when an invitation ends whose lifetime begins now.
    pub(super) fn end_of_invitation(&self) -> Timestamp {
        self.now.plus(self.settings.invitation_lifetime)
    }

    /// Returns when a link ends whose lifetime begins now.
    pub(super) fn end_of_link(&self) -> Timestamp {
        self.now.plus(self.settings.link_lifetime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Timeouts;

    /// A try may fail. Without another one before the end, two nodes would send the same email.
    #[test]
    fn a_lease_is_renewed_three_times_before_it_ends() {
        let lease = u128::try_from(LEASE.as_millis()).unwrap();
        let renewals = [u128::try_from(RENEW.as_millis()).unwrap(), Timeouts::default().renew.as_millis()];
        for renewal in renewals {
            assert!(renewal > 0 && 3 * renewal <= lease, "{renewal}");
        }
    }
}
