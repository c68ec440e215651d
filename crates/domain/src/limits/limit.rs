//! Limits on how often something may happen: at most `count` times within any `window`, exactly.
//!
//! A limit remembers the moments of what it allowed. So the promise holds for *every* window, not
//! only for those that start at a tick. The end of a pause is known to the second. What it refuses
//! leaves no trace: a flood cannot lengthen its victim's wait.

use crate::{Lifetime, Timestamp};
use std::{fmt, str::FromStr};

/// The largest count that can be configured: each allowed event keeps eight bytes for as long as
/// the window lasts.
pub const MAX_COUNT: u16 = 1000;

/// At most `count` in any `window`. Written `3/15m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    count: u16,
    window: Lifetime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Allowed,
    /// Refused; the first moment at which it would be allowed.
    Limited {
        until: Timestamp,
    },
}

impl Decision {
    /// Returns the pause from `now` on as an error, unless it is allowed.
    pub fn allowed(self, now: Timestamp) -> Result<(), Lifetime> {
        match self {
            Self::Allowed => Ok(()),
            Self::Limited { until } => Err(until.since(now)),
        }
    }
}

/// Why a text is not a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotALimit;

impl Limit {
    /// `None` unless `count` is between 1 and [`MAX_COUNT`] and the window between a second and a
    /// week.
    pub const fn new(count: u16, window: Lifetime) -> Option<Self> {
        let limit = Self { count, window };
        if limit.is_within_bounds() { Some(limit) } else { None }
    }

    /// At most so many within so many hours.
    pub const fn in_hours<const COUNT: u16, const HOURS: i64>() -> Self {
        const { Self::checked(COUNT, Lifetime::hours(HOURS)) }
    }

    /// At most so many within so many minutes.
    pub const fn in_minutes<const COUNT: u16, const MINUTES: i64>() -> Self {
        const { Self::checked(COUNT, Lifetime::minutes(MINUTES)) }
    }

    /// Only the compiler calls it, for a limit in the source. One out of bounds ends the build, so
    /// that no limit is absent in a running program.
    const fn checked(count: u16, window: Lifetime) -> Self {
        let limit = Self { count, window };
        assert!(limit.is_within_bounds(), "a limit of 1 to 1000, within a second to a week");
        limit
    }

    const fn is_within_bounds(&self) -> bool {
        let millis = self.window.as_millis();
        let is_span = millis >= Lifetime::seconds(1).as_millis() && millis <= Lifetime::days(7).as_millis();
        self.count >= 1 && self.count <= MAX_COUNT && is_span
    }

    /// At most so many in a row: what is not forgotten by its success is remembered for a year.
    pub const fn in_a_row(count: u16) -> Self {
        Self { count, window: Lifetime::days(365) }
    }

    /// The same window with `share` times the count, up to [`MAX_COUNT`].
    #[must_use]
    pub fn times(self, share: u16) -> Self {
        Self { count: self.count.saturating_mul(share).min(MAX_COUNT), ..self }
    }

    /// The part of the count that one of `parts` keeps. The parts add up to the whole. `None` if
    /// this one is zero.
    pub fn part(self, index: u16, parts: u16) -> Option<Self> {
        let rest = u16::from(index < self.count % parts.max(1));
        let count = self.count / parts.max(1) + rest;
        (index < parts && count > 0).then_some(Self { count, ..self })
    }

    pub const fn window(&self) -> Lifetime {
        self.window
    }

    /// Returns the part of the window that so many of the count make up. An attacker who waits for
    /// it after each of them gets no more in a window than the count.
    pub fn share(&self, taken: usize) -> Lifetime {
        let taken = i64::try_from(taken).unwrap_or(i64::MAX).min(self.count.into());
        Lifetime::millis(self.window.as_millis() / i64::from(self.count.max(1)) * taken)
    }

    /// Returns whether one more is allowed at `now`, given the moments of those allowed before.
    pub fn decide(&self, allowed: &[Timestamp], now: Timestamp) -> Decision {
        self.decide_over(allowed.iter().copied(), now)
    }

    /// Decides the same about moments that are kept in several places.
    pub fn decide_over(&self, allowed: impl Iterator<Item = Timestamp> + Clone, now: Timestamp) -> Decision {
        // Nearly always there is room, so that nothing needs an order.
        let Some(surplus) = self.live(allowed.clone(), now).count().checked_sub(usize::from(self.count)) else {
            return Decision::Allowed;
        };
        let mut live: Vec<Timestamp> = self.live(allowed, now).collect();
        if surplus >= live.len() {
            return Decision::Allowed;
        }
        // One more fits once all but count − 1 have left the window.
        let (_, at, _) = live.select_nth_unstable(surplus);
        Decision::Limited { until: at.plus(self.window) }
    }

    /// Returns what to remember after allowing one at `now`: what is still in the window, and
    /// `now`.
    pub fn remember(&self, allowed: &[Timestamp], now: Timestamp) -> Vec<Timestamp> {
        self.live(allowed.iter().copied(), now).chain([now]).collect()
    }

    /// Returns whether none of these moments is in the window any more.
    pub fn is_forgotten(&self, allowed: &[Timestamp], now: Timestamp) -> bool {
        self.live(allowed.iter().copied(), now).next().is_none()
    }

    /// A moment in the future is one from before the clock was set back. It counts as now.
    /// Otherwise a mailbox would stay limited after a clock jumped ahead and was corrected. It
    /// would stay so for as long as the jump was.
    fn live(&self, allowed: impl Iterator<Item = Timestamp>, now: Timestamp) -> impl Iterator<Item = Timestamp> {
        let since = now.minus(self.window);
        allowed.map(move |at| at.min(now)).filter(move |&at| at > since)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.count, self.window)
    }
}

impl FromStr for Limit {
    type Err = NotALimit;

    fn from_str(text: &str) -> Result<Self, NotALimit> {
        let (count, window) = text.trim().split_once('/').ok_or(NotALimit)?;
        if count.is_empty() || !count.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotALimit);
        }
        let count = count.parse().map_err(|_| NotALimit)?;
        let window = window.parse().map_err(|_| NotALimit)?;
        Self::new(count, window).ok_or(NotALimit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    proptest! {
        #[test]
        fn no_window_ever_holds_more_than_the_limit(
            count in 1u16..6,
            window in 1i64..60,
            gaps in prop::collection::vec(0i64..20, 1..200),
        ) {
            let limit = Limit::new(count, Lifetime::seconds(window)).unwrap();
            let (mut now, mut remembered, mut allowed) = (0, vec![], vec![]);
            for gap in gaps {
                now += gap;
                match limit.decide(&remembered, at(now)) {
                    Decision::Allowed => {
                        remembered = limit.remember(&remembered, at(now));
                        allowed.push(now);
                    }
                    Decision::Limited { until } => {
                        prop_assert!(until > at(now));
                        prop_assert_eq!(limit.decide(&remembered, until), Decision::Allowed, "the countdown is truthful");
                        prop_assert_ne!(limit.decide(&remembered, until.minus(Lifetime::millis(1))), Decision::Allowed);
                    }
                }
            }
            for &start in &allowed {
                let within = allowed.iter().filter(|&&a| a >= start && a < start + window).count();
                prop_assert!(within <= usize::from(count));
            }
            prop_assert!(remembered.len() <= usize::from(count));
        }

        #[test]
        fn a_clock_set_back_never_makes_the_wait_longer_than_the_window(back in 0i64..100_000) {
            let limit = Limit::new(1, Lifetime::minutes(15)).unwrap();
            let remembered = limit.remember(&[], at(200_000));
            let now = at(200_000 - back);
            if let Decision::Limited { until } = limit.decide(&remembered, now) {
                prop_assert!(until <= now.plus(limit.window()));
            }
        }

        #[test]
        fn a_limit_reads_back_as_it_was_written(count in 1u16..1000, window in 1i64..600_000) {
            let limit = Limit::new(count, Lifetime::seconds(window)).unwrap();
            prop_assert_eq!(limit.to_string().parse(), Ok(limit));
        }
    }

    #[test]
    fn the_parts_of_a_limit_add_up_to_it() {
        for count in [1, 3, 15, 16, 17, 20, 999, MAX_COUNT] {
            let limit = Limit::new(count, Lifetime::minutes(15)).unwrap();
            let parts: Vec<_> = (0..20).filter_map(|index| limit.part(index, 16)).collect();
            assert_eq!(parts.iter().map(|part| part.count).sum::<u16>(), count);
            assert!(parts.iter().all(|part| part.window == limit.window));
        }
    }

    #[test]
    fn a_limit_in_the_source_is_the_same_as_one_made_at_run_time() {
        assert_eq!(Some(Limit::in_hours::<3, 24>()), Limit::new(3, Lifetime::days(1)));
        assert_eq!(Some(Limit::in_minutes::<MAX_COUNT, 15>()), Limit::new(MAX_COUNT, Lifetime::minutes(15)));
    }

    #[test]
    fn what_is_not_a_limit_is_refused() {
        for text in [
            "", "3", "3/", "/15m", "0/15m", "-3/15m", "+3/15m", "3/0s", "1001/15m", "3/8d", "3/15", "3 /15m x",
            "99999/1s",
        ] {
            assert_eq!(text.parse::<Limit>(), Err(NotALimit), "{text}");
        }
        assert_eq!("3/15m".parse::<Limit>().map(|l| l.to_string()).as_deref(), Ok("3/15m"));
    }

    #[test]
    fn a_limit_reaches_a_week_and_a_thousand_and_no_share_of_it_reaches_further() {
        assert!(
            "3/7d".parse::<Limit>().is_ok() && "3/604801s".parse::<Limit>().is_err() && "1/1s".parse::<Limit>().is_ok()
        );
        let most = Limit::new(MAX_COUNT, Lifetime::minutes(15)).unwrap();
        assert_eq!((most.times(16), most.times(66)), (most, most), "66,000 do not fit into 16 bits");
        assert_eq!(Limit::new(30, most.window()).unwrap().times(4).to_string(), "120/15m");
        assert_eq!(most.part(0, 0), None);
    }
}
