//! The settings, as of at most a second ago.

use super::{
    changes::{Changes, Stamp},
    reread::{MAX_AGE, Pulse, is_within},
};
use crate::{
    db::{self, Db, Error},
    domain::{Settings, Timestamp},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub struct LiveSettings {
    start: Arc<Settings>,
    changes: Arc<Changes>,
    kept: Mutex<Kept>,
    reading: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Kept {
    good: Option<(Stamp, Arc<Settings>)>,
    /// Why they could not be read, for a lasting fault, and when.
    fault: Option<(Timestamp, Error)>,
}

impl LiveSettings {
    /// Makes the settings. `start` has the values that no admin has changed.
    pub fn new(start: Settings, changes: Arc<Changes>) -> Self {
        Self { start: Arc::new(start), changes, kept: Mutex::default(), reading: tokio::sync::Mutex::new(()) }
    }

    /// Follows the log of changes, and returns the settings after that.
    pub async fn get(&self, db: &Db, pulse: &Pulse) -> Result<Arc<Settings>, Error> {
        self.changes.follow(db, pulse).await?;
        if let Some(known) = self.known(pulse) {
            return known;
        }
        let _reading = self.reading.lock().await;
        // Another caller may have read them while this one waited.
        if let Some(known) = self.known(pulse) {
            return known;
        }
        pulse.expect_database()?;
        let (stamp, start) = (self.changes.stamp(), self.start());
        match db.read(move |connection| db::settings::load(connection, &start).map(Arc::new)).await {
            Ok(settings) => {
                *self.lock() = Kept { good: Some((stamp, Arc::clone(&settings))), fault: None };
                Ok(settings)
            }
            Err(error) => {
                if error.is_unavailable() {
                    pulse.note_failure();
                } else {
                    self.lock().fault = Some((pulse.now(), error.clone()));
                }
                Err(error)
            }
        }
    }

    /// Returns the values before an admin changes any, for reading the settings within a
    /// transaction.
    pub fn start(&self) -> Arc<Settings> {
        Arc::clone(&self.start)
    }

    /// Returns settings for pages that must work while everything else fails, and that decide
    /// nothing.
    pub fn for_show(&self) -> Arc<Settings> {
        self.lock().good.as_ref().map_or_else(|| self.start(), |(_, settings)| Arc::clone(settings))
    }

    /// Forgets the settings, because they just changed here.
    pub fn forget(&self) {
        self.changes.note_settings();
    }

    /// Returns what can be answered without reading.
    fn known(&self, pulse: &Pulse) -> Option<Result<Arc<Settings>, Error>> {
        let kept = self.lock();
        if let Some((stamp, settings)) = &kept.good
            && !self.changes.changed_settings(*stamp)
        {
            return Some(Ok(Arc::clone(settings)));
        }
        let fault = kept.fault.as_ref().filter(|(at, _)| is_within(*at, pulse.now(), MAX_AGE));
        fault.map(|(_, error)| Err(error.clone()))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
