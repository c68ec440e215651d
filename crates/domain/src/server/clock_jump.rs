//! The test whether a clock can be trusted to delete by.
//!
//! A clock that is a year ahead for half a minute must not cost every session and the audit log.
//! Nor must one that falls back to the year 2000. Everything would then look as if it were written
//! in the future. Gatepost refuses what has expired at every use, so that deleting can wait.

use crate::{Lifetime, Timestamp};

/// Largest believable difference between the clock and the last run. A server that was off for
/// longer also waits once.
const BELIEVED: Lifetime = Lifetime::days(1);
/// Period for which a clock that jumped has to keep its new time before it is trusted.
pub const HOLD: Lifetime = Lifetime::hours(24);

/// Facts about the last run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastRun {
    /// Time of the run, by a trusted clock.
    pub ran_at: Timestamp,
    /// Time since which the clock has been far from that.
    pub jumped_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Delete what has expired.
    Go,
    /// Delete nothing. `is_news` is true the first time.
    Hold { is_news: bool },
}

/// Returns whether work that depends on the clock may be done now.
pub fn is_believed(last: Option<LastRun>, now: Timestamp) -> bool {
    judge(last, now).0 == Verdict::Go
}

/// Judges the clock by the last run. Returns what to note of this run, too.
pub fn judge(last: Option<LastRun>, now: Timestamp) -> (Verdict, LastRun) {
    let believed = (Verdict::Go, LastRun { ran_at: now, jumped_at: None });
    let Some(last) = last else { return believed };
    if now.since(last.ran_at) <= BELIEVED && last.ran_at.since(now) <= BELIEVED {
        return believed;
    }
    match last.jumped_at {
        Some(since) if since <= now && now <= since.plus(HOLD).plus(BELIEVED) => {
            if now.since(since) >= HOLD {
                believed
            } else {
                (Verdict::Hold { is_news: false }, last)
            }
        }
        // The clock has jumped for the first time, or again.
        _ => (Verdict::Hold { is_news: true }, LastRun { jumped_at: Some(now), ..last }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000).plus(Lifetime::hours(hours))
    }

    #[test]
    fn a_clock_that_goes_on_is_believed_and_so_is_one_that_was_set_back_by_a_day() {
        assert_eq!(judge(None, at(0)).0, Verdict::Go);
        for (last, now) in [(0, 1), (0, 24), (24, 0)] {
            let (verdict, noted) = judge(Some(LastRun { ran_at: at(last), jumped_at: None }), at(now));
            assert_eq!((verdict, noted), (Verdict::Go, LastRun { ran_at: at(now), jumped_at: None }));
        }
    }

    #[test]
    fn a_clock_that_jumped_is_believed_after_a_day_and_told_once() {
        let first = LastRun { ran_at: at(0), jumped_at: None };
        let (verdict, held) = judge(Some(first), at(9000));
        assert_eq!((verdict, held.ran_at), (Verdict::Hold { is_news: true }, at(0)));
        assert_eq!(judge(Some(held), at(9001)), (Verdict::Hold { is_news: false }, held));
        assert_eq!(judge(Some(held), at(9023)).0, Verdict::Hold { is_news: false });
        assert_eq!(judge(Some(held), at(9024)).0, Verdict::Go);
        assert_eq!(judge(Some(held), at(5)).0, Verdict::Go, "it was put right");
        assert_eq!(judge(Some(held), at(18000)).0, Verdict::Hold { is_news: true }, "it jumped again");
        let (verdict, again) = judge(Some(held), at(100));
        assert_eq!((verdict, again.jumped_at), (Verdict::Hold { is_news: true }, Some(at(100))), "it jumped backwards");
    }

    #[test]
    fn a_clock_that_fell_back_is_believed_after_a_day_and_told_once() {
        let first = LastRun { ran_at: at(9000), jumped_at: None };
        let (verdict, held) = judge(Some(first), at(8975));
        assert_eq!((verdict, held.ran_at, held.jumped_at), (Verdict::Hold { is_news: true }, at(9000), Some(at(8975))));
        assert_eq!(judge(Some(held), at(8976)).0, Verdict::Go, "it is near again");
        let (_, far) = judge(Some(first), at(0));
        assert_eq!(judge(Some(far), at(23)), (Verdict::Hold { is_news: false }, far));
        assert_eq!(judge(Some(far), at(24)), (Verdict::Go, LastRun { ran_at: at(24), jumped_at: None }));
        assert_eq!(judge(Some(far), at(9001)), (Verdict::Go, LastRun { ran_at: at(9001), jumped_at: None }));
        assert!(is_believed(Some(far), at(9001)) && !is_believed(Some(far), at(23)));
    }
}
