//! Sessions: signed-in browsers.

use crate::{
    AccountId, BrowserLabel, ClientAddress, Destination, Id, Lifetime, Proof, Timestamp,
    session_lifetime::SessionLifetime,
};

pub type SessionId = Id<Session>;

/// A signed-in browser. The browser's cookie has its secret, the database has the hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub account_id: AccountId,
    /// "Keep me signed in on this device."
    pub remember: bool,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// Absolute end, as promised at sign-in. A shorter setting shortens it, a longer one does not
    /// lengthen it.
    pub ends_at: Timestamp,
    pub browser: BrowserLabel,
    pub client: Option<ClientAddress>,
    /// Proofs and their times, oldest first.
    pub proofs: Vec<Proof>,
}

impl SessionLifetime {
    /// Returns whether a session that began and is to end at these moments has ended, however busy
    /// it is.
    pub fn is_past_end(self, (created_at, ends_at): (Timestamp, Timestamp), now: Timestamp) -> bool {
        now >= ends_at || now.since(created_at) >= self.absolute
    }

    /// Returns whether a session was not used for too long.
    pub fn is_idle(self, seen: Timestamp, now: Timestamp) -> bool {
        now.since(seen) >= self.idle
    }
}

impl Session {
    /// Returns whether it still counts. `seen` is when it was last seen, which may be later than
    /// the stored time. Activity moves the idle end only.
    pub fn is_alive(&self, seen: Timestamp, lifetime: SessionLifetime, now: Timestamp) -> bool {
        !lifetime.is_past_end((self.created_at, self.ends_at), now) && !lifetime.is_idle(seen, now)
    }
}

pub type HeldFormId = Id<HeldForm>;

/// A form that lacked a recent proof and waits until the user verifies, so that no typed text is
/// lost. It is kept for an hour.
#[derive(Clone, Debug)]
pub struct HeldForm {
    /// [`HeldForm::IN_A_COOKIE`] if no row has it.
    pub id: HeldFormId,
    pub session_id: SessionId,
    /// The page that has the form.
    pub destination: Destination,
    pub fields: Vec<(String, String)>,
}

impl HeldForm {
    pub const LIFETIME: Lifetime = Lifetime::hours(1);
    /// The id of a form of an ended session, which only the browser keeps.
    pub const IN_A_COOKIE: HeldFormId = HeldFormId::from_i64(0);

    /// Returns the value of a field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn session(seen: i64) -> Session {
        Session {
            id: SessionId::from_i64(1),
            account_id: AccountId::from_i64(2),
            remember: true,
            created_at: Timestamp::from_millis(0),
            last_seen_at: Timestamp::from_millis(seen),
            ends_at: Timestamp::from_millis(90_000),
            browser: BrowserLabel::from_user_agent(""),
            client: None,
            proofs: vec![],
        }
    }

    fn alive(seen: i64, lifetime: SessionLifetime, now: Timestamp) -> bool {
        session(seen).is_alive(Timestamp::from_millis(seen), lifetime, now)
    }

    const LIFETIME: SessionLifetime = SessionLifetime { idle: Lifetime::seconds(30), absolute: Lifetime::seconds(90) };

    proptest! {
        #[test]
        fn activity_never_moves_the_absolute_end(seen in 0i64..200_000, now in 90_000i64..300_000) {
            prop_assert!(!alive(seen, LIFETIME, Timestamp::from_millis(now)));
        }

        #[test]
        fn a_browser_unused_for_the_idle_time_is_signed_out(seen in 0i64..59_999, idle in 0i64..60_000) {
            let alive = alive(seen, LIFETIME, Timestamp::from_millis(seen + idle));
            prop_assert_eq!(alive, idle < 30_000 && seen + idle < 90_000);
        }
    }

    #[test]
    fn a_shorter_setting_shortens_and_a_longer_one_does_not_lengthen() {
        let now = Timestamp::from_millis(50_000);
        let shorter = SessionLifetime { absolute: Lifetime::seconds(40), ..LIFETIME };
        let longer = SessionLifetime { absolute: Lifetime::seconds(900), ..LIFETIME };
        assert!(alive(49_000, LIFETIME, now));
        assert!(!alive(49_000, shorter, now));
        assert!(!alive(91_000, longer, Timestamp::from_millis(91_000)));
    }
}
