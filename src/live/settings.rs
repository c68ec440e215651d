//! The settings, as of at most a second ago.

use super::reread::{Pulse, Reread};
use crate::{
    db::{self, Db, Error},
    domain::Settings,
};
use std::sync::Arc;

pub struct LiveSettings {
    start: Arc<Settings>,
    current: Reread<Arc<Settings>>,
}

impl LiveSettings {
    /// Makes the settings. `start` has the values that no admin has changed.
    pub fn new(start: Settings) -> Self {
        Self { start: Arc::new(start), current: Reread::new() }
    }

    pub async fn get(&self, db: &Db, pulse: &Pulse) -> Result<Arc<Settings>, Error> {
        let start = Arc::clone(&self.start);
        self.current.get(pulse, db.read(move |connection| db::settings::load(connection, &start).map(Arc::new))).await
    }

    /// Returns the values before an admin changes any, for reading the settings within a
    /// transaction.
    pub fn start(&self) -> Arc<Settings> {
        Arc::clone(&self.start)
    }

    /// Returns settings for pages that must work while everything else fails, and that decide
    /// nothing.
    pub fn for_show(&self) -> Arc<Settings> {
        self.current.latest().unwrap_or_else(|| self.start())
    }

    /// Forgets the settings, because they just changed here.
    pub fn forget(&self) {
        self.current.forget();
    }
}
