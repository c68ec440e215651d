//! The keys of clients that publish them, as they were last fetched.

use crate::domain::{Lifetime, Timestamp};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Time for which keys count without a new look.
const FRESH: Lifetime = Lifetime::minutes(10);
/// Shortest time from a look to the next one, if a token names an unknown key. Otherwise a stranger
/// could have us ask without end.
const AGAIN_AFTER: Lifetime = Lifetime::seconds(30);
/// Time for which keys count while their address does not answer.
const KEEP: Lifetime = Lifetime::hours(1);

/// Keys of one address.
#[derive(Clone)]
pub struct KeptKeys {
    /// Time at which it was last asked.
    asked_at: Timestamp,
    /// The set, and when it came. `None` if nothing has come yet.
    set: Option<(Arc<str>, Timestamp)>,
}

impl KeptKeys {
    /// Returns the set, unless it is too old to count.
    pub fn set(&self, now: Timestamp) -> Option<Arc<str>> {
        let (set, at) = self.set.as_ref()?;
        (*at <= now && now.since(*at) < KEEP).then(|| Arc::clone(set))
    }

    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.asked_at <= now && now.since(self.asked_at) < FRESH
    }

    /// Returns whether the address may be asked again because of an unknown key.
    pub fn may_ask_again(&self, now: Timestamp) -> bool {
        self.asked_at > now || now.since(self.asked_at) >= AGAIN_AFTER
    }
}

/// One request at a time holds it.
type FetchLock = Arc<tokio::sync::Mutex<()>>;

#[derive(Default)]
pub struct LiveClientKeys {
    kept: Mutex<HashMap<String, KeptKeys>>,
    fetch_locks: Mutex<HashMap<String, FetchLock>>,
}

impl LiveClientKeys {
    pub fn of(&self, uri: &str) -> Option<KeptKeys> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(uri).cloned()
    }

    /// Returns the lock that is held while this address is asked. A stranger then causes one
    /// request, however many they send.
    pub fn fetch_lock(&self, uri: &str) -> FetchLock {
        let mut fetch_locks = self.fetch_locks.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(fetch_locks.entry(uri.to_owned()).or_default())
    }

    /// Notes what an address answered. Without an answer, an older set stays for a while.
    pub fn note(&self, uri: &str, set: Option<Arc<str>>, now: Timestamp) -> KeptKeys {
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let older = all.get(uri).and_then(|kept| kept.set.clone());
        let kept = KeptKeys { asked_at: now, set: set.map(|set| (set, now)).or(older) };
        all.insert(uri.to_owned(), kept.clone());
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_asked_for_again_in_time_and_never_without_end() {
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        let live = LiveClientKeys::default();
        assert!(live.of("a").is_none());
        let kept = live.note("a", Some("keys".into()), at(0));
        assert!(kept.is_fresh(at(599)) && !kept.is_fresh(at(600)));
        assert!(!kept.may_ask_again(at(29)) && kept.may_ask_again(at(30)));
        let silent = live.note("a", None, at(600));
        assert_eq!(silent.set(at(3599)).as_deref(), Some("keys"));
        assert!(silent.is_fresh(at(700)), "an address that does not answer is not asked at once");
        assert_eq!(silent.set(at(3600)), None);
        assert!(live.note("b", None, at(0)).set(at(0)).is_none());
    }

    #[test]
    fn keys_from_the_future_do_not_count_and_are_asked_for_again() {
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        let day = 86_400;
        let kept = LiveClientKeys::default().note("a", Some("keys".into()), at(day));
        assert!(kept.set(at(day)).is_some() && kept.is_fresh(at(day)) && !kept.may_ask_again(at(day)));
        // The clock was ahead, and is right again.
        assert!(kept.set(at(day - 1)).is_none() && !kept.is_fresh(at(day - 1)) && kept.may_ask_again(at(day - 1)));
    }
}
