//! Moments and spans, in whole milliseconds, and the one trait through which "now" enters.
//!
//! Rules take `now: Timestamp`. Only an implementation of [`Clock`] may read a real clock, and SQL
//! never does.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A moment: milliseconds since 1970-01-01T00:00:00Z. Arithmetic saturates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A span in milliseconds, never negative. Arithmetic saturates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lifetime(i64);

/// Source of the time. The program has one implementation. Tests have a clock that they can turn.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// By how much the clocks of two nodes may differ. Operators are told a second.
pub const SKEW: Lifetime = Lifetime::seconds(5);

impl Timestamp {
    /// The moment before all others.
    pub const EARLIEST: Self = Self(i64::MIN);
    /// 1970-01-01T00:00:00Z. Stored where a column needs a moment, and no moment is known.
    pub const EPOCH: Self = Self(0);

    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    pub const fn as_millis(self) -> i64 {
        self.0
    }

    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    pub const fn plus(self, span: Lifetime) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    pub const fn minus(self, span: Lifetime) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// Returns the system's type, for libraries that take no other.
    pub fn to_system_time(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.0.max(0).unsigned_abs())
    }

    /// Returns the span since `earlier`. It is zero if that is in the future, as after the clock
    /// was set back.
    pub fn since(self, earlier: Timestamp) -> Lifetime {
        Lifetime(self.0.saturating_sub(earlier.0).max(0))
    }

    /// Returns whether this is later than now by more than clocks of nodes differ. Then the clock
    /// was set back. What was made at this moment must not count until the clock catches up.
    /// Without that margin, what one node has just made would count for nothing on the next one.
    pub fn is_ahead_of(self, now: Timestamp) -> bool {
        self.since(now) > SKEW
    }

    /// Returns RFC 3339 in UTC, to the second, for `<time datetime>` and exported data.
    pub fn rfc3339(self) -> String {
        self.calendar().map_or_else(
            || self.0.to_string(),
            |at| {
                format!(
                    "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
                    at.year(),
                    at.month(),
                    at.day(),
                    at.hour(),
                    at.minute(),
                    at.second()
                )
            },
        )
    }

    /// Reads what [`Timestamp::rfc3339`] writes.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let at: jiff::Timestamp = text.parse().ok()?;
        // The library reads other forms, too.
        Some(Self::from_millis(at.as_second().checked_mul(1000)?)).filter(|at| at.rfc3339() == text)
    }

    /// Reads a date as emails have it: "Thu, 26 Nov 2026 22:29:58 +0000".
    pub fn parse_rfc2822(text: &str) -> Option<Self> {
        let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Some(Self::from_millis(at.as_second().checked_mul(1000)?))
    }

    /// Returns the form for readers: "22 November 2026, 14:03 UTC".
    pub fn for_people(self) -> String {
        self.calendar().map_or_else(|| self.0.to_string(), |at| at.strftime("%-d %B %Y, %H:%M UTC").to_string())
    }

    fn calendar(self) -> Option<jiff::Zoned> {
        Some(jiff::Timestamp::from_second(self.as_seconds()).ok()?.to_zoned(jiff::tz::TimeZone::UTC))
    }
}

/// The stored form. What stores it binds a reference.
impl AsRef<i64> for Timestamp {
    fn as_ref(&self) -> &i64 {
        &self.0
    }
}

impl Lifetime {
    pub const ZERO: Self = Self(0);

    pub const fn millis(n: i64) -> Self {
        Self(if n < 0 { 0 } else { n })
    }

    pub const fn seconds(n: i64) -> Self {
        Self::millis(n.saturating_mul(1000))
    }

    pub const fn minutes(n: i64) -> Self {
        Self::seconds(n.saturating_mul(60))
    }

    pub const fn hours(n: i64) -> Self {
        Self::minutes(n.saturating_mul(60))
    }

    pub const fn days(n: i64) -> Self {
        Self::hours(n.saturating_mul(24))
    }

    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Returns whole seconds, rounded up, so that no countdown ends early.
    pub const fn as_seconds_up(self) -> i64 {
        self.0.saturating_add(999) / 1000
    }

    /// Rounds up to whole minutes, for a user who has to wait. A wait in seconds would be over
    /// before the user has read it.
    pub const fn in_minutes_up(self) -> Self {
        Self::minutes(self.as_seconds_up().saturating_add(59) / 60)
    }

    pub fn to_std(self) -> Duration {
        Duration::from_millis(self.0.unsigned_abs())
    }

    /// Returns "10 minutes", "1 hour" or "30 days", in the largest unit that divides the span.
    pub fn for_people(self) -> String {
        let seconds = self.as_seconds_up();
        let (count, unit) = match seconds {
            s if s > 0 && s % 86_400 == 0 => (s / 86_400, "day"),
            s if s > 0 && s % 3600 == 0 => (s / 3600, "hour"),
            s if s > 0 && s % 60 == 0 => (s / 60, "minute"),
            s => (s, "second"),
        };
        format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}

/// The short form in configuration and settings: `15m`, `1s`, `12h`, `30d`.
impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.as_seconds_up();
        match seconds {
            s if s > 0 && s % 86_400 == 0 => write!(f, "{}d", s / 86_400),
            s if s > 0 && s % 3600 == 0 => write!(f, "{}h", s / 3600),
            s if s > 0 && s % 60 == 0 => write!(f, "{}m", s / 60),
            s => write!(f, "{s}s"),
        }
    }
}

/// Reason why a span is unreadable. The caller knows its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotALifetime;

impl std::str::FromStr for Lifetime {
    type Err = NotALifetime;

    /// Reads a whole number and one of `s`, `m`, `h`, `d`: at most ten years.
    fn from_str(text: &str) -> Result<Self, NotALifetime> {
        let text = text.trim();
        let unit = text.chars().next_back().ok_or(NotALifetime)?;
        let number = &text[..text.len() - unit.len_utf8()];
        if number.is_empty() || number.len() > 9 || !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotALifetime);
        }
        let count: i64 = number.parse().map_err(|_| NotALifetime)?;
        let span = match unit {
            's' => Self::seconds(count),
            'm' => Self::minutes(count),
            'h' => Self::hours(count),
            'd' => Self::days(count),
            _ => return Err(NotALifetime),
        };
        if span > Self::days(3650) { Err(NotALifetime) } else { Ok(span) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn arithmetic_never_overflows(at: i64, span: i64) {
            let (at, span) = (Timestamp::from_millis(at), Lifetime::millis(span));
            prop_assert!(at.plus(span) >= at);
            prop_assert!(at.minus(span) <= at);
            prop_assert!(at.plus(span).since(at) <= span);
            let _ = (at.rfc3339(), at.for_people(), span.for_people(), span.to_string());
        }

        #[test]
        fn a_lifetime_reads_back_as_it_was_written(seconds in 1i64..200_000_000) {
            let span = Lifetime::seconds(seconds);
            prop_assert_eq!(span.to_string().parse(), Ok(span));
        }

        #[test]
        fn reading_a_lifetime_never_panics(text in ".{0,12}") {
            let _ = text.parse::<Lifetime>();
        }
    }

    #[test]
    fn a_wait_is_told_in_whole_minutes_and_never_too_short() {
        for (millis, minutes) in [(0, 0), (1, 1), (60_000, 1), (60_001, 2), (899_500, 15)] {
            assert_eq!(Lifetime::millis(millis).in_minutes_up(), Lifetime::minutes(minutes), "{millis}");
        }
    }

    #[test]
    fn a_moment_in_the_future_was_zero_ago() {
        let now = Timestamp::from_millis(5_000);
        assert_eq!(now.since(Timestamp::from_millis(9_000)), Lifetime::ZERO);
    }

    #[test]
    fn times_are_written_for_people_and_for_machines() {
        let at = Timestamp::from_millis(1_795_356_180_000);
        assert_eq!(at.for_people(), "22 November 2026, 14:03 UTC");
        assert_eq!(at.rfc3339(), "2026-11-22T14:03:00Z");
        assert_eq!((Timestamp::parse_rfc3339(&at.rfc3339()), Timestamp::parse_rfc3339("soon")), (Some(at), None));
        assert_eq!(Lifetime::minutes(10).for_people(), "10 minutes");
        assert_eq!(Lifetime::hours(1).for_people(), "1 hour");
        assert_eq!("15m".parse(), Ok(Lifetime::minutes(15)));
        assert_eq!("3650d".parse(), Ok(Lifetime::days(3650)));
        assert_eq!("123456789s".parse(), Ok(Lifetime::seconds(123_456_789)));
        for wrong in ["", "m", "15", "-1m", "1.5h", "15 m", "99999999999d", "15é", "3651d", "87601h", "0123456789s"] {
            assert_eq!(wrong.parse::<Lifetime>(), Err(NotALifetime), "{wrong}");
        }
    }
}
