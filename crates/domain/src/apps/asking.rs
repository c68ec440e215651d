//! Asking for access to an app: when a user may ask, and what an admin answers.

use super::AppId;
use crate::{AccountId, Id, Lifetime, Limit, Timestamp};
use strum::{EnumString, IntoStaticStr, VariantArray};

pub type AskId = Id<Ask>;

/// Time that an ask waits before its user may send it again.
pub const PAUSE: Lifetime = Lifetime::days(1);
/// Time after a "no" until the user may ask again.
pub const PAUSE_AFTER_NO: Lifetime = Lifetime::days(7);
/// Apps that one user may ask for within [`PAUSE`].
const MAX: usize = 5;
/// Asks that are emailed to the admins. The app's page shows the others, too.
pub const EMAILED: Limit = Limit::in_hours::<20, 1>();
/// The longest time for which an admin gives access until a date.
pub const LONGEST: Lifetime = Lifetime::days(366);

/// The newest ask of a user for an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    pub id: AskId,
    pub app: AppId,
    pub account: AccountId,
    pub asked_at: Timestamp,
    pub answered: Option<(Timestamp, Answer)>,
}

/// Answer of an admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Answer {
    Yes,
    No,
}

/// Permission of a user to ask for an app, or the reason against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MayAsk {
    Yes,
    /// An ask waits for an answer.
    Waits {
        since: Timestamp,
    },
    /// An admin answered no.
    Refused {
        at: Timestamp,
    },
    /// The user has asked for too many apps.
    TooMany,
}

/// Judges by all asks of a user whether they may ask for this app.
pub fn may_ask(asks: &[Ask], app: AppId, now: Timestamp) -> MayAsk {
    let is_recent = |ask: &&Ask| now.since(ask.asked_at) < PAUSE;
    match asks.iter().find(|ask| ask.app == app) {
        Some(ask) if ask.answered.is_none() && is_recent(&ask) => return MayAsk::Waits { since: ask.asked_at },
        Some(Ask { answered: Some((at, Answer::No)), .. }) if now.since(*at) < PAUSE_AFTER_NO => {
            return MayAsk::Refused { at: *at };
        }
        _ => {}
    }
    let others = asks.iter().filter(|ask| ask.app != app).filter(is_recent).count();
    if others < MAX { MayAsk::Yes } else { MayAsk::TooMany }
}

/// Reads a day as a form sends it, `2026-12-31`. Returns its last minute in UTC, if that is in the
/// future and at most [`LONGEST`] away.
pub fn until(typed: &str, now: Timestamp) -> Option<Timestamp> {
    if typed.len() != 10 {
        return None;
    }
    let end = Timestamp::parse_rfc3339(&format!("{typed}T23:59:00Z"))?;
    (end > now && end <= now.plus(LONGEST)).then_some(end)
}

/// Returns a day as a form shows it.
pub fn day(at: Timestamp) -> String {
    at.rfc3339().chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_356_180_000);

    fn ask(app: i64, ago: Lifetime, answered: Option<(Lifetime, Answer)>) -> Ask {
        Ask {
            id: AskId::from_i64(app),
            app: AppId::from_i64(app),
            account: AccountId::from_i64(1),
            asked_at: NOW.minus(ago),
            answered: answered.map(|(ago, answer)| (NOW.minus(ago), answer)),
        }
    }

    #[test]
    fn a_user_asks_once_a_day_and_after_a_no_once_a_week() {
        let app = AppId::from_i64(1);
        let hour = Lifetime::hours(1);
        for (asks, expected) in [
            (vec![], MayAsk::Yes),
            (vec![ask(1, hour, None)], MayAsk::Waits { since: NOW.minus(hour) }),
            (vec![ask(1, PAUSE, None)], MayAsk::Yes),
            (vec![ask(1, PAUSE, Some((hour, Answer::No)))], MayAsk::Refused { at: NOW.minus(hour) }),
            (vec![ask(1, PAUSE_AFTER_NO, Some((PAUSE_AFTER_NO, Answer::No)))], MayAsk::Yes),
            // Access until a moment has ended.
            (vec![ask(1, hour, Some((hour, Answer::Yes)))], MayAsk::Yes),
            (vec![ask(2, hour, None)], MayAsk::Yes),
        ] {
            assert_eq!(may_ask(&asks, app, NOW), expected, "{asks:?}");
        }
    }

    #[test]
    fn a_user_asks_for_a_few_apps_a_day() {
        let asks: Vec<Ask> = (2..7).map(|app| ask(app, Lifetime::hours(1), None)).collect();
        assert_eq!(may_ask(&asks, AppId::from_i64(1), NOW), MayAsk::TooMany);
        assert_eq!(may_ask(&asks, AppId::from_i64(1), NOW.plus(PAUSE)), MayAsk::Yes);
        assert_eq!(may_ask(&asks[1..], AppId::from_i64(1), NOW), MayAsk::Yes);
    }

    #[test]
    fn a_date_is_a_day_to_come_within_a_year() {
        let end = until("2026-11-22", NOW).unwrap();
        assert_eq!((end.rfc3339().as_str(), day(end).as_str()), ("2026-11-22T23:59:00Z", "2026-11-22"));
        assert!(until("2027-11-22", NOW).is_some());
        for typed in ["2026-11-21", "2027-12-01", "2026-02-30", "22.11.2026", "", "2026-11-22T", "+026-11-22"] {
            assert_eq!(until(typed, NOW), None, "{typed}");
        }
    }

    #[test]
    fn answers_read_back_as_they_were_stored() {
        for answer in Answer::VARIANTS {
            assert_eq!(answer.into_str().parse(), Ok(*answer));
        }
    }
}
