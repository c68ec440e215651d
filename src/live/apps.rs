//! All apps, with their hosts and rules, and the names of groups: some hundred rows.

use super::{cached_value::CircuitBreaker, changes::Changes, followed::Followed};
use crate::{
    db::{self, Db, Error},
    domain::apps::directory::Directory,
};
use std::sync::Arc;

pub struct LiveApps {
    changes: Arc<Changes>,
    directory: Followed<Directory>,
}

impl LiveApps {
    pub fn new(changes: Arc<Changes>) -> Self {
        Self { changes, directory: Followed::default() }
    }

    /// Returns all apps. Ask for the settings first, in the same request: that follows the log of
    /// changes.
    pub async fn get(&self, db: &Db, breaker: &CircuitBreaker) -> Result<Arc<Directory>, Error> {
        let read = async {
            let stamp = self.changes.stamp();
            let rows = db.read(|connection| Ok((db::apps::open_and_closed(connection)?, db::groups::all(connection)?)));
            let ((apps, closed), groups) = rows.await?;
            Ok((stamp, Directory::new(apps, closed, groups)))
        };
        self.directory.get(breaker, |stamp| self.changes.changed_apps(stamp), read).await
    }

    /// Reads apps and groups again, because they just changed here.
    pub fn note_change(&self) {
        self.changes.note_apps();
    }
}
