//! A value that is read again when the log of changes names it, by one reader at a time.

use super::{
    cached_value::{CircuitBreaker, MAX_AGE, is_within},
    changes::Stamp,
};
use crate::{db::Error, domain::Timestamp};
use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub(super) struct Followed<T> {
    kept: Mutex<Kept<T>>,
    reading: tokio::sync::Mutex<()>,
}

struct Kept<T> {
    good: Option<(Stamp, Arc<T>)>,
    /// Why it could not be read, for a lasting fault, and when.
    fault: Option<(Timestamp, Error)>,
}

impl<T> Default for Followed<T> {
    fn default() -> Self {
        Self { kept: Mutex::new(Kept { good: None, fault: None }), reading: tokio::sync::Mutex::default() }
    }
}

impl<T> Followed<T> {
    /// Returns the value. `read` runs if no value was read yet, or if it `has_changed` since its
    /// stamp.
    pub(super) async fn get(
        &self,
        breaker: &CircuitBreaker,
        has_changed: impl Fn(Stamp) -> bool,
        read: impl Future<Output = Result<(Stamp, T), Error>>,
    ) -> Result<Arc<T>, Error> {
        if let Some(known) = self.known(breaker, &has_changed) {
            return known;
        }
        let _reading = self.reading.lock().await;
        // Another caller may have read it while this one waited.
        if let Some(known) = self.known(breaker, &has_changed) {
            return known;
        }
        breaker.expect_database()?;
        match read.await {
            Ok((stamp, value)) => {
                let value = Arc::new(value);
                *self.lock() = Kept { good: Some((stamp, Arc::clone(&value))), fault: None };
                Ok(value)
            }
            Err(error) => {
                if error.is_unavailable() {
                    breaker.note_failure();
                } else {
                    self.lock().fault = Some((breaker.now(), error.clone()));
                }
                Err(error)
            }
        }
    }

    /// Returns the last value, however old, for what decides nothing.
    pub(super) fn latest(&self) -> Option<Arc<T>> {
        self.lock().good.as_ref().map(|(_, value)| Arc::clone(value))
    }

    /// Returns what can be answered without reading.
    fn known(&self, breaker: &CircuitBreaker, has_changed: impl Fn(Stamp) -> bool) -> Option<Result<Arc<T>, Error>> {
        let kept = self.lock();
        if let Some((stamp, value)) = &kept.good
            && !has_changed(*stamp)
        {
            return Some(Ok(Arc::clone(value)));
        }
        let fault = kept.fault.as_ref().filter(|(at, _)| is_within(*at, breaker.now(), MAX_AGE));
        fault.map(|(_, error)| Err(error.clone()))
    }

    fn lock(&self) -> MutexGuard<'_, Kept<T>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Clock;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A clock that has stopped.
    struct Stopped;

    impl Clock for Stopped {
        fn now(&self) -> Timestamp {
            Timestamp::EPOCH
        }
    }

    struct Source {
        value: Followed<u32>,
        breaker: CircuitBreaker,
        reads: AtomicU32,
    }

    impl Source {
        fn new() -> Self {
            Self {
                value: Followed::default(),
                breaker: CircuitBreaker::new(Arc::new(Stopped)),
                reads: AtomicU32::new(0),
            }
        }

        /// Asks for the value. Reading it would give this answer.
        async fn get(&self, has_changed: bool, answer: Result<u32, Error>) -> Option<u32> {
            let read = async {
                let stamp = Stamp(self.reads.fetch_add(1, Ordering::Relaxed).into());
                answer.map(|value| (stamp, value))
            };
            self.value.get(&self.breaker, |_| has_changed, read).await.ok().map(|value| *value)
        }

        fn reads(&self) -> u32 {
            self.reads.load(Ordering::Relaxed)
        }
    }

    #[rocket::async_test]
    async fn a_value_is_read_again_when_it_has_changed() {
        let source = Source::new();
        assert_eq!(source.get(false, Ok(1)).await, Some(1));
        assert_eq!(source.get(false, Ok(2)).await, Some(1));
        assert_eq!(source.get(true, Ok(2)).await, Some(2));
        assert_eq!(source.reads(), 2);
    }

    #[rocket::async_test]
    async fn a_lasting_fault_is_not_read_again_at_once_and_does_not_make_the_database_away() {
        let source = Source::new();
        assert_eq!(source.get(false, Err(Error::unreadable("settings"))).await, None);
        assert_eq!(source.get(false, Ok(1)).await, None);
        assert_eq!((source.reads(), source.breaker.is_away()), (1, false));
    }

    #[rocket::async_test]
    async fn one_that_finds_the_database_away_spares_the_others_the_wait() {
        let source = Source::new();
        assert_eq!(source.get(false, Ok(1)).await, Some(1));
        for _ in 0..2 {
            assert_eq!(source.get(true, Err(Error::unavailable("away"))).await, None);
        }
        assert_eq!((source.reads(), source.breaker.is_away()), (2, true));
    }
}
