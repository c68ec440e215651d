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
    /// `start` has the values that no admin has changed.
    pub fn new(start: Settings) -> Self {
        Self { start: Arc::new(start), current: Reread::new() }
    }

    pub async fn get(&self, db: &Db, pulse: &Pulse) -> Result<Arc<Settings>, Error> {
        let start = Arc::clone(&self.start);
        self.current.get(pulse, db.read(move |connection| db::settings::load(connection, &start).map(Arc::new))).await
    }

    /// What holds until an admin says otherwise; for reading the settings within a transaction.
    pub fn start(&self) -> Arc<Settings> {
        Arc::clone(&self.start)
    }

    /// For pages that must be shown while all else fails, and that decide nothing.
    pub fn for_show(&self) -> Arc<Settings> {
        self.current.latest().unwrap_or_else(|| self.start())
    }

    /// They were just changed here.
    pub fn forget(&self) {
        self.current.forget();
    }
}
