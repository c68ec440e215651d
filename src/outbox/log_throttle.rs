//! Limits log lines about lasting troubles: one a minute for each kind, however many workers meet
//! it.

use crate::domain::{Lifetime, Timestamp};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Time for which the log stays silent about a trouble after a line.
const QUIET: Lifetime = Lifetime::minutes(1);

#[derive(Default)]
pub(super) struct LogThrottle(Mutex<HashMap<&'static str, Last>>);

struct Last {
    at: Timestamp,
    unsaid: u64,
}

impl LogThrottle {
    /// Returns how often the trouble occurred since the last line, if the log should say so now.
    pub(super) fn may_log(&self, what: &'static str, now: Timestamp) -> Option<u64> {
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match logged.get_mut(what) {
            Some(last) if now.since(last.at) < QUIET && now >= last.at => {
                last.unsaid += 1;
                None
            }
            _ => logged.insert(what, Last { at: now, unsaid: 0 }).map_or(Some(0), |last| Some(last.unsaid)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_of_trouble_that_four_workers_meet_each_second_is_a_line_a_minute() {
        let (throttle, mut lines, mut unsaid) = (LogThrottle::default(), 0, 0);
        for second in 0..3600 {
            for _ in 0..4 {
                if let Some(more) = throttle.may_log("outbox", Timestamp::from_millis(second * 1000)) {
                    lines += 1;
                    unsaid += more;
                }
            }
        }
        assert_eq!(
            (lines, unsaid),
            (60, 59 * 239),
            "every one that the log did not hear of is counted in the next line"
        );
        assert_eq!(throttle.may_log("lease", Timestamp::from_millis(0)), Some(0), "another kind has a separate line");
        assert_eq!(
            throttle.may_log("outbox", Timestamp::from_millis(0)),
            Some(239),
            "a clock set back silences nothing"
        );
    }
}
