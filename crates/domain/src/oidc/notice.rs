//! Telling apps that a user has signed out (OpenID Connect Back-Channel Logout 1.0).

use crate::{Lifetime, Timestamp};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// Time for which a logout token counts.
pub const LOGOUT_TOKEN_LIFETIME: Lifetime = Lifetime::minutes(2);
/// Time for which we try to reach an app.
pub const GIVE_UP_AFTER: Lifetime = Lifetime::hours(24);

/// State of a notice to an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum NoticeState {
    /// The app is to be told, perhaps again.
    Waiting,
    /// The app says that it has ended the session.
    Ended,
    /// The app did not answer for a day, or refused.
    GaveUp,
}

impl NoticeState {
    /// Returns the key of the words for users.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Waiting => "oidc-told-waiting",
            Self::Ended => "oidc-told-ended",
            Self::GaveUp => "oidc-told-gave-up",
        }
    }

    /// Returns the key of the words for admins.
    pub const fn admins_key(self) -> &'static str {
        match self {
            Self::Waiting => "client-sign-out-waiting",
            Self::Ended => "client-sign-out-ended",
            Self::GaveUp => "client-sign-out-gave-up",
        }
    }
}

/// Returns when to try again after so many tries. `None`: it is time to give up.
pub fn next_try(tries: i32, give_up_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let pause = match tries {
        ..=1 => Lifetime::seconds(10),
        2 => Lifetime::minutes(1),
        3 => Lifetime::minutes(5),
        4 => Lifetime::minutes(15),
        _ => Lifetime::hours(1),
    };
    let next = now.plus(pause);
    (next < give_up_at).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_until_it_gives_up() {
        let begin = Timestamp::from_millis(0);
        let end = begin.plus(GIVE_UP_AFTER);
        let (mut now, mut tries, mut last) = (begin, 1, Lifetime::ZERO);
        while let Some(next) = next_try(tries, end, now) {
            assert!(next.since(now) >= last && next < end);
            last = next.since(now);
            (now, tries) = (next, tries + 1);
        }
        assert!((20..40).contains(&tries), "{tries}");
        assert!(end.since(now) <= Lifetime::hours(1));
    }

    #[test]
    fn a_state_reads_back_as_it_is_stored() {
        for state in NoticeState::VARIANTS {
            assert_eq!(state.into_str().parse(), Ok(*state));
        }
        assert_eq!("other".parse::<NoticeState>().ok(), None);
    }

    #[test]
    fn the_first_pauses_are_ten_seconds_to_an_hour() {
        let now = Timestamp::from_millis(0);
        for (tries, seconds) in [(0, 10), (1, 10), (2, 60), (3, 300), (4, 900), (5, 3600), (6, 3600), (100, 3600)] {
            let next = now.plus(Lifetime::seconds(seconds));
            assert_eq!(next_try(tries, now.plus(GIVE_UP_AFTER), now), Some(next), "{tries}");
            assert_eq!(next_try(tries, next, now), None, "{tries}");
        }
    }
}
