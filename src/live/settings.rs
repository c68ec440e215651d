//! The settings, as of at most a second ago.

use super::{cached_value::CircuitBreaker, changes::Changes, followed::Followed};
use crate::{
    db::{self, Db, Error},
    domain::Settings,
};
use std::sync::Arc;

pub struct LiveSettings {
    start: Arc<Settings>,
    changes: Arc<Changes>,
    kept: Followed<Settings>,
}

impl LiveSettings {
    /// Makes the settings. `start` has the values that no admin has changed.
    pub fn new(start: Settings, changes: Arc<Changes>) -> Self {
        Self { start: Arc::new(start), changes, kept: Followed::default() }
    }

    /// Follows the log of changes, and returns the settings after that.
    pub async fn get(&self, db: &Db, breaker: &CircuitBreaker) -> Result<Arc<Settings>, Error> {
        self.changes.follow(db, breaker).await?;
        let read = async {
            let (stamp, start) = (self.changes.stamp(), self.start());
            let settings = db.read(move |connection| db::settings::load(connection, &start)).await?;
            Ok((stamp, settings))
        };
        self.kept.get(breaker, |stamp| self.changes.changed_settings(stamp), read).await
    }

    /// Returns the values before an admin changes any, for reading the settings within a
    /// transaction.
    pub fn start(&self) -> Arc<Settings> {
        Arc::clone(&self.start)
    }

    /// Returns settings for pages that must work while everything else fails, and that decide
    /// nothing.
    pub fn for_show(&self) -> Arc<Settings> {
        self.kept.latest().unwrap_or_else(|| self.start())
    }

    /// Forgets the settings, because they just changed here.
    pub fn forget(&self) {
        self.changes.note_settings();
    }
}
