//! Detects redirect loops, such as those of an app that deletes its own cookies each time. Counted
//! in memory, on our own origin. A browser that keeps no cookie at all is told sooner, by every
//! node: its address carries the count.

use crate::domain::{Lifetime, SessionId, Timestamp, apps::AppId};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, PoisonError},
};

/// The way in that is one too many within [`SPAN`].
const MAX: u32 = 5;
const SPAN: Lifetime = Lifetime::seconds(20);
/// Most pairs that are counted apart. More than that, and the counting begins anew.
const MAX_APART: usize = 10_000;

/// Session, app and a hash of the page: a browser that opens ten pages again goes in no circle.
type Key = (SessionId, AppId, u64);

#[derive(Default)]
pub(crate) struct Loops(Mutex<HashMap<Key, Round>>);

#[derive(Clone, Copy)]
struct Round {
    began: Timestamp,
    count: u32,
}

impl Loops {
    /// Counts a way in. Returns whether it is one too many.
    pub(crate) fn is_one_too_many(&self, (session, app, to): (SessionId, AppId, &str), now: Timestamp) -> bool {
        let mut hasher = DefaultHasher::new();
        to.hash(&mut hasher);
        let key: Key = (session, app, hasher.finish());
        let mut rounds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if rounds.len() >= MAX_APART && !rounds.contains_key(&key) {
            rounds.retain(|_, round| is_under_way(*round, now));
            if rounds.len() >= MAX_APART {
                rounds.clear();
            }
        }
        let round = rounds.entry(key).or_insert(Round { began: now, count: 0 });
        if !is_under_way(*round, now) {
            *round = Round { began: now, count: 0 };
        }
        round.count = round.count.saturating_add(1);
        round.count >= MAX
    }
}

fn is_under_way(round: Round, now: Timestamp) -> bool {
    now >= round.began && now.since(round.began) < SPAN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_way_in_within_twenty_seconds_is_one_too_many() {
        let loops = Loops::default();
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        let key = |session, app| (SessionId::from_i64(session), AppId::from_i64(app), "/");
        for second in 0..4 {
            assert!(!loops.is_one_too_many(key(1, 1), at(second)));
            assert!(!loops.is_one_too_many(key(1, 2), at(second)), "another app");
            assert!(!loops.is_one_too_many(key(2, 1), at(second)), "another session");
            let page = (SessionId::from_i64(1), AppId::from_i64(1), "/page");
            assert!(!loops.is_one_too_many(page, at(second)), "another page");
        }
        assert!(loops.is_one_too_many(key(1, 1), at(19)));
        assert!(!loops.is_one_too_many(key(1, 1), at(20)), "it begins anew");
        assert!(!loops.is_one_too_many(key(1, 1), at(3)), "the clock was set back");
    }

    #[test]
    fn counting_takes_no_more_memory_than_some() {
        let loops = Loops::default();
        for n in 0..30_000 {
            let key = (SessionId::from_i64(n), AppId::from_i64(1), "/");
            loops.is_one_too_many(key, Timestamp::from_millis(0));
        }
        assert!(loops.0.lock().unwrap().len() <= MAX_APART);
    }
}
