//! Reasons for which proxies were last refused. A check writes nothing: what it notes is stored
//! later. A visitor can neither fill the memory nor put words into it. It holds one moment for each
//! app and kind of trouble.

use crate::{
    db::{self, Db, Error},
    domain::{
        Timestamp,
        apps::{AppId, trouble::Trouble},
    },
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

#[derive(Default)]
pub struct LiveTroubles(Mutex<HashMap<(Option<AppId>, Trouble), Timestamp>>);

impl LiveTroubles {
    /// Notes a trouble of an app that exists, or of none.
    pub fn note(&self, app: Option<AppId>, trouble: Trouble, now: Timestamp) {
        self.lock().insert((app, trouble), now);
    }

    /// Stores what was noted, away from any request.
    pub async fn write(&self, db: &Db) -> Result<(), Error> {
        let mut noted: Vec<_> = std::mem::take(&mut *self.lock()).into_iter().collect();
        if noted.is_empty() {
            return Ok(());
        }
        // In one order on every node, so that no two of them wait for each other's rows.
        noted.sort_unstable_by_key(|((app, trouble), _)| (app.map(AppId::as_i64), *trouble));
        db.write_at_leisure(move |connection| {
            noted.iter().try_for_each(|((app, trouble), at)| db::apps::note_trouble(connection, (*app, *trouble), *at))
        })
        .await
    }

    /// Returns what waits to be stored.
    pub fn waiting(&self) -> Vec<(Option<AppId>, Trouble, Timestamp)> {
        self.lock().iter().map(|((app, trouble), at)| (*app, *trouble, *at)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(Option<AppId>, Trouble), Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
