//! A value that is read again at most once a second, by one reader at a time.

use crate::{
    db::Error,
    domain::{Lifetime, Timestamp},
};
use std::{
    future::Future,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How old a value may get before it is read again.
pub const MAX_AGE: Lifetime = Lifetime::millis(1000);
/// How long the last good value goes on counting while the database cannot be reached. Nobody can revoke anything meanwhile, except
/// on a node that still reaches it; this is how far behind this one may fall.
pub const GRACE: Lifetime = Lifetime::minutes(5);

pub struct Reread<T> {
    kept: Mutex<Kept<T>>,
    reading: tokio::sync::Mutex<()>,
}

struct Kept<T> {
    /// The last value read, and when.
    good: Option<(Timestamp, T)>,
    /// The last try that failed since, and when; whoever comes within the next second gets the same answer without waiting.
    failed: Option<(Timestamp, Error)>,
}

impl<T: Clone> Reread<T> {
    pub fn new() -> Self {
        Self { kept: Mutex::new(Kept { good: None, failed: None }), reading: tokio::sync::Mutex::new(()) }
    }

    /// The value as of at most a second ago. `read` runs if it is older, once for all who ask meanwhile.
    pub async fn get(&self, now: Timestamp, read: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        if let Some(answer) = self.lock().answer(now) {
            return answer;
        }
        let _reading = self.reading.lock().await;
        // Somebody may have read it while this one waited.
        if let Some(answer) = self.lock().answer(now) {
            return answer;
        }
        let result = read.await;
        let mut kept = self.lock();
        match result {
            Ok(value) => *kept = Kept { good: Some((now, value)), failed: None },
            Err(error) if error.is_unavailable() => kept.failed = Some((now, error)),
            // Whatever it was, it is not the passing kind: the old value has no standing any more.
            Err(error) => *kept = Kept { good: None, failed: Some((now, error)) },
        }
        kept.answer(now).unwrap_or_else(|| Err(Error::unavailable("read, and forgotten")))
    }

    /// The last good value, however old.
    pub fn latest(&self) -> Option<T> {
        self.lock().good.as_ref().map(|(_, value)| value.clone())
    }

    /// Forgets everything: the next one reads.
    pub fn forget(&self) {
        *self.lock() = Kept { good: None, failed: None };
    }

    fn lock(&self) -> MutexGuard<'_, Kept<T>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Kept<T> {
    /// What can be answered without reading.
    fn answer(&self, now: Timestamp) -> Option<Result<T, Error>> {
        if let Some((at, error)) = &self.failed {
            let good = self.good.as_ref().filter(|(at, _)| is_within(*at, now, GRACE) && error.is_unavailable());
            return is_within(*at, now, MAX_AGE)
                .then(|| good.map_or_else(|| Err(error.clone()), |(_, value)| Ok(value.clone())));
        }
        self.good.as_ref().filter(|(at, _)| is_within(*at, now, MAX_AGE)).map(|(_, value)| Ok(value.clone()))
    }
}

/// Whether `at` lies less than `span` before `now`, or after it: a clock that was set back must not keep a value for ever.
fn is_within(at: Timestamp, now: Timestamp, span: Lifetime) -> bool {
    now.since(at) < span && at.since(now) < span
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    struct Source {
        value: Reread<u32>,
        reads: AtomicU32,
    }

    impl Source {
        fn new() -> Self {
            Self { value: Reread::new(), reads: AtomicU32::new(0) }
        }

        async fn get(&self, now: i64, answer: Result<u32, Error>) -> Option<u32> {
            let read = async {
                self.reads.fetch_add(1, Ordering::Relaxed);
                answer
            };
            self.value.get(at(now), read).await.ok()
        }

        fn reads(&self) -> u32 {
            self.reads.load(Ordering::Relaxed)
        }
    }

    fn away() -> Result<u32, Error> {
        Err(Error::unavailable("away"))
    }

    #[rocket::async_test]
    async fn a_value_is_read_once_a_second() {
        let source = Source::new();
        assert_eq!(source.get(0, Ok(1)).await, Some(1));
        assert_eq!(source.get(999, Ok(2)).await, Some(1));
        assert_eq!(source.get(1000, Ok(2)).await, Some(2));
        assert_eq!(source.reads(), 2);
    }

    #[rocket::async_test]
    async fn many_who_ask_at_once_share_one_read() {
        let source = Source::new();
        let asking = (0..50).map(|_| source.get(0, Ok(1)));
        for answer in rocket::futures::future::join_all(asking).await {
            assert_eq!(answer, Some(1));
        }
        assert_eq!(source.reads(), 1);
    }

    #[rocket::async_test]
    async fn what_was_known_counts_for_a_while_when_the_database_is_away() {
        let source = Source::new();
        assert_eq!(source.get(0, Ok(1)).await, Some(1));
        assert_eq!(source.get(1000, away()).await, Some(1));
        assert_eq!(source.get(1500, away()).await, Some(1));
        assert_eq!(source.reads(), 2, "a failure is not retried for a second");
        assert_eq!(source.get(GRACE.as_millis() - 1, away()).await, Some(1));
        assert_eq!(source.get(GRACE.as_millis() + 1000, away()).await, None);
        assert_eq!(source.get(GRACE.as_millis() + 2000, Ok(3)).await, Some(3), "and it heals");
    }

    #[rocket::async_test]
    async fn what_was_not_known_stays_unknown() {
        let source = Source::new();
        assert_eq!(source.get(0, away()).await, None);
        assert_eq!(source.get(10, Ok(1)).await, None, "within the second everybody gets the same answer, at once");
        assert_eq!(source.get(1000, Ok(1)).await, Some(1));
    }

    #[rocket::async_test]
    async fn a_fault_ends_the_old_value() {
        let source = Source::new();
        assert_eq!(source.get(0, Ok(1)).await, Some(1));
        assert_eq!(source.get(1000, Err(Error::fault("unreadable"))).await, None);
    }

    #[rocket::async_test]
    async fn a_clock_set_back_keeps_nothing_for_ever() {
        let source = Source::new();
        assert_eq!(source.get(10_000_000, Ok(1)).await, Some(1));
        assert_eq!(source.get(0, Ok(2)).await, Some(2));
    }
}
