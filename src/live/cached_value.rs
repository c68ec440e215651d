//! A value that is at most a second old, read again by one reader at a time.

use crate::{
    db::Error,
    domain::{Clock, Lifetime, Timestamp},
};
use std::{
    future::Future,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

/// Greatest age of a value.
pub(super) const MAX_AGE: Lifetime = Lifetime::millis(1000);
/// Time for which the last good value counts while the database is unavailable. In that time this
/// node learns of no revocation, so that this limits how far it falls behind.
pub const GRACE: Lifetime = Lifetime::minutes(5);

/// Circuit breaker of the database: the clock, and whether the database failed a moment ago. No
/// other caller then waits for it to fail again.
pub struct CircuitBreaker {
    clock: Arc<dyn Clock>,
    /// Time at which it last failed, in milliseconds.
    failed_at: AtomicI64,
}

impl CircuitBreaker {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, failed_at: AtomicI64::new(i64::MIN) }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn note_failure(&self) {
        self.failed_at.store(self.now().as_millis(), Ordering::Relaxed);
    }

    pub(super) fn note_answer(&self) {
        self.failed_at.store(i64::MIN, Ordering::Relaxed);
    }

    /// Returns whether the database was found unavailable within the last second.
    pub fn is_away(&self) -> bool {
        is_within(Timestamp::from_millis(self.failed_at.load(Ordering::Relaxed)), self.now(), MAX_AGE)
    }

    /// Refuses at once if the database was found unavailable within the last second.
    pub(super) fn expect_database(&self) -> Result<(), Error> {
        if self.is_away() { Err(Error::unavailable("it did not answer a moment ago")) } else { Ok(()) }
    }
}

pub(super) struct CachedValue<T> {
    /// The age at which one caller reads it, while the others still use it.
    soon: Lifetime,
    kept: Mutex<Kept<T>>,
    reading: tokio::sync::Mutex<()>,
}

struct Kept<T> {
    /// The last value read, and when.
    good: Option<(Timestamp, T)>,
    /// Why it could not be read, for a lasting fault, and when.
    fault: Option<(Timestamp, Error)>,
}

/// Answer that needs no reading.
struct CacheHit<T> {
    answer: Result<T, Error>,
    /// True if one caller should read it nevertheless.
    is_due: bool,
}

impl<T: Clone> CachedValue<T> {
    pub(super) fn new(soon: Lifetime) -> Self {
        Self { soon, kept: Mutex::new(Kept { good: None, fault: None }), reading: tokio::sync::Mutex::new(()) }
    }

    /// Returns the value as of at most a second ago. `read` runs if it is older, once for all
    /// callers.
    ///
    /// While the database is unavailable, one caller each second finds out, and the others get the
    /// last value without waiting.
    pub(super) async fn get(
        &self,
        breaker: &CircuitBreaker,
        read: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let _reading = match self.known(breaker) {
            Some(known) if !known.is_due => return known.answer,
            Some(known) => match self.reading.try_lock() {
                Ok(reading) => reading,
                // Another caller reads it.
                Err(_) => return known.answer,
            },
            None => self.reading.lock().await,
        };
        // Another caller may have read it while this one waited.
        if let Some(known) = self.known(breaker).filter(|known| !known.is_due) {
            return known.answer;
        }
        let begun = breaker.now();
        let result = read.await;
        let mut kept = self.lock();
        match result {
            Ok(value) => {
                breaker.note_answer();
                *kept = Kept { good: Some((begun, value.clone())), fault: None };
                Ok(value)
            }
            Err(error) if error.is_unavailable() => {
                breaker.note_failure();
                kept.recent(breaker.now()).ok_or(error)
            }
            // A lasting fault: the old value no longer counts.
            Err(error) => {
                *kept = Kept { good: None, fault: Some((breaker.now(), error.clone())) };
                Err(error)
            }
        }
    }

    /// Returns the last good value, however old.
    pub(super) fn latest(&self) -> Option<T> {
        self.lock().good.as_ref().map(|(_, value)| value.clone())
    }

    fn known(&self, breaker: &CircuitBreaker) -> Option<CacheHit<T>> {
        let now = breaker.now();
        let kept = self.lock();
        if let Some((_, error)) = kept.fault.as_ref().filter(|(at, _)| is_within(*at, now, MAX_AGE)) {
            return Some(CacheHit { answer: Err(error.clone()), is_due: false });
        }
        let is_away = breaker.is_away();
        if let Some((at, value)) = kept.good.as_ref().filter(|(at, _)| is_within(*at, now, MAX_AGE)) {
            let is_due = !is_away && !is_within(*at, now, self.soon);
            return Some(CacheHit { answer: Ok(value.clone()), is_due });
        }
        if !is_away {
            return None;
        }
        let answer = kept.recent(now).ok_or_else(|| Error::unavailable("it did not answer a moment ago"));
        Some(CacheHit { answer, is_due: false })
    }

    fn lock(&self) -> MutexGuard<'_, Kept<T>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Kept<T> {
    /// Returns what still counts while the database is unavailable.
    fn recent(&self, now: Timestamp) -> Option<T> {
        self.good.as_ref().filter(|(at, _)| is_within(*at, now, GRACE)).map(|(_, value)| value.clone())
    }
}

/// Returns whether `at` is less than `span` before `now`. A later `at` does not count, because a
/// clock that was set back must not keep a value forever.
pub(super) fn is_within(at: Timestamp, now: Timestamp, span: Lifetime) -> bool {
    now.since(at) < span && at.since(now) < span
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;

    #[derive(Default)]
    struct Hands(AtomicI64);

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(self.0.load(Ordering::Relaxed))
        }
    }

    struct Source {
        value: CachedValue<u32>,
        hands: Arc<Hands>,
        breaker: CircuitBreaker,
        reads: AtomicU32,
    }

    impl Source {
        fn new() -> Self {
            let hands: Arc<Hands> = Arc::default();
            Self {
                value: CachedValue::new(MAX_AGE),
                breaker: CircuitBreaker::new(hands.clone()),
                hands,
                reads: AtomicU32::new(0),
            }
        }

        async fn get(&self, now: i64, answer: Result<u32, Error>) -> Option<u32> {
            self.hands.0.store(now, Ordering::Relaxed);
            let read = async {
                self.reads.fetch_add(1, Ordering::Relaxed);
                answer
            };
            self.value.get(&self.breaker, read).await.ok()
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
    async fn one_caller_reads_soon_and_the_others_do_not_wait() {
        let source = Source { value: CachedValue::new(Lifetime::millis(250)), ..Source::new() };
        assert_eq!(source.get(0, Ok(1)).await, Some(1));
        assert_eq!(source.get(249, Ok(2)).await, Some(1));
        let reading = source.value.reading.lock().await;
        assert_eq!(source.get(250, Ok(2)).await, Some(1), "another caller is at it");
        drop(reading);
        assert_eq!(source.get(250, Ok(2)).await, Some(2));
        assert_eq!(source.reads(), 2);
        assert_eq!(source.get(600, away()).await, Some(2));
        assert_eq!(source.get(900, Ok(3)).await, Some(2), "a failure is not retried for a second");
        assert_eq!(source.get(1600, Ok(3)).await, Some(3));
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
        assert_eq!(source.get(GRACE.as_millis() + 2001, Ok(3)).await, Some(3), "and it heals");
    }

    #[rocket::async_test]
    async fn what_was_not_known_stays_unknown() {
        let source = Source::new();
        assert_eq!(source.get(0, away()).await, None);
        assert_eq!(source.get(10, Ok(1)).await, None, "within the second everybody gets the same answer, at once");
        assert_eq!(source.get(1000, Ok(1)).await, Some(1));
    }

    #[rocket::async_test]
    async fn one_that_finds_the_database_away_spares_the_others_the_wait() {
        let source = Source::new();
        assert_eq!(source.get(0, Ok(1)).await, Some(1));
        let other: CachedValue<u32> = CachedValue::new(MAX_AGE);
        assert_eq!(source.get(1000, away()).await, Some(1));
        let never = async { panic!("it is not asked") };
        assert!(other.get(&source.breaker, never).await.is_err());
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
