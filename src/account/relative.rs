//! Time since an event, in words.

use crate::{
    domain::{Lifetime, Timestamp},
    locale::{Ago, Locale},
};

/// A session that was seen since then is active.
const ACTIVE: Lifetime = Lifetime::minutes(5);

/// Returns whether a browser that was last seen then is in use.
pub(super) fn is_active(seen: Timestamp, now: Timestamp) -> bool {
    seen.plus(ACTIVE) > now
}

/// Returns how long ago a moment was: "3 hours ago". A moment in the future counts as now,
/// because a clock may be ahead.
pub(super) fn ago(locale: &Locale, at: Timestamp, now: Timestamp) -> Ago {
    let passed = if at > now { 0 } else { now.since(at).as_millis() };
    let of = |unit: Lifetime| passed / unit.as_millis();
    let (minutes, hours, days) = (of(Lifetime::minutes(1)), of(Lifetime::hours(1)), of(Lifetime::days(1)));
    let words = match (days, hours, minutes) {
        (0, 0, 0) => locale.say("ago-now").to_string(),
        (0, 0, minutes) => locale.say("ago-minutes").with("count", minutes).to_string(),
        (0, hours, _) => locale.say("ago-hours").with("count", hours).to_string(),
        (days, ..) => locale.say("ago-days").with("count", days).to_string(),
    };
    Ago { words, at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Catalogue;

    #[test]
    fn a_moment_is_told_in_its_largest_whole_unit() {
        let (english, now) = (Catalogue::embedded().unwrap().first_of([]), Timestamp::from_millis(1_000_000_000));
        for (span, words) in [
            (Lifetime::ZERO, "just now"),
            (Lifetime::seconds(59), "just now"),
            (Lifetime::seconds(60), "1 minute ago"),
            (Lifetime::minutes(59), "59 minutes ago"),
            (Lifetime::hours(23), "23 hours ago"),
            (Lifetime::days(1), "1 day ago"),
            (Lifetime::days(9), "9 days ago"),
        ] {
            assert_eq!(ago(&english, now.minus(span), now).words, words);
        }
        assert_eq!(ago(&english, now.plus(Lifetime::hours(1)), now).words, "just now");
        assert!(is_active(now, now) && !is_active(now.minus(ACTIVE), now));
    }
}
