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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{settings::tests::settings, time::SKEW};
    use strum::VariantArray;

    const NOW: Timestamp = Timestamp::from_millis(10_000_000_000);

    fn by(methods: &[Method]) -> Pending {
        Pending {
            id: PendingId::from_i64(1),
            account_id: AccountId::from_i64(2),
            attempt: None,
            remember: false,
            destination: Destination::home(),
            begun_at: NOW,
            proofs: methods.iter().map(|method| Proof { method: *method, at: NOW }).collect(),
        }
    }

    #[test]
    fn what_was_shown_counts_while_its_setting_is_on_and_a_console_link_always() {
        for &method in Method::VARIANTS {
            for (links, passwords) in [(true, true), (true, false), (false, true), (false, false)] {
                let settings = Settings { email_link_enabled: links, password_enabled: passwords, ..settings() };
                let counts = match method {
                    Method::EmailLink | Method::EmailCode => links,
                    Method::Password => passwords,
                    Method::ConsoleLink => true,
                    Method::Passkey | Method::Totp | Method::RecoveryCode | Method::TrustedDevice => false,
                };
                assert_eq!(by(&[method]).counts_under(&settings), counts, "{method:?} {links} {passwords}");
            }
        }
    }

    #[test]
    fn of_two_methods_one_that_is_still_on_suffices() {
        let both = by(&[Method::EmailLink, Method::Password]);
        assert!(both.counts_under(&Settings { email_link_enabled: true, password_enabled: false, ..settings() }));
        assert!(both.counts_under(&Settings { email_link_enabled: false, password_enabled: true, ..settings() }));
        assert!(!by(&[]).counts_under(&settings()));
    }

    #[test]
    fn a_sign_in_waits_for_fifteen_minutes_and_none_from_the_future_does() {
        let (it, end) = (by(&[Method::EmailLink]), NOW.plus(Lifetime::minutes(15)));
        assert!(it.is_alive(NOW) && it.is_alive(end.minus(Lifetime::millis(1))) && !it.is_alive(end));
        assert!(it.is_alive(NOW.minus(SKEW)), "another node is a little ahead");
        assert!(!it.is_alive(NOW.minus(SKEW).minus(Lifetime::millis(1))), "the clock was set back");
    }
}
