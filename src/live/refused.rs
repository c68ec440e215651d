//! Requests of apps that were refused, for the admin who sets an app up. What is noted is stored
//! later.
//!
//! In memory at first, because the requests are GETs, which write nothing, and anyone can send
//! them. Each app has few places, and the same refusal takes one.

use crate::{
    db::{self, Db, Error},
    domain::{
        Timestamp,
        apps::AppId,
        oidc::refusal::{MAX_OF_APP, RefusedRequest, Why},
    },
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Most apps of which refusals are kept.
const MAX_APPS: usize = 500;

#[derive(Default)]
pub struct LiveRefused(Mutex<HashMap<AppId, Vec<RefusedRequest>>>);

impl LiveRefused {
    /// Notes a refusal. The oldest one of the app makes room.
    pub fn note(&self, app: AppId, why: Why, now: Timestamp) {
        let mut all = self.lock();
        if all.len() >= MAX_APPS && !all.contains_key(&app) {
            return;
        }
        let of_app = all.entry(app).or_default();
        let before = of_app.iter().position(|refusal| refusal.why == why).map(|place| of_app.remove(place));
        let count = before.map_or(0, |refusal| refusal.count).saturating_add(1);
        of_app.insert(0, RefusedRequest { why, last: now, count });
        of_app.truncate(MAX_OF_APP);
    }

    /// Returns what of an app waits to be stored, the newest first.
    pub fn waiting(&self, app: AppId) -> Vec<RefusedRequest> {
        self.lock().get(&app).cloned().unwrap_or_default()
    }

    /// Forgets what of an app waits, because the app has been changed or removed.
    pub fn forget(&self, app: AppId) {
        self.lock().remove(&app);
    }

    /// Stores what was noted, away from any request, so that every node shows it.
    pub async fn write(&self, db: &Db) -> Result<(), Error> {
        let mut noted: Vec<_> = std::mem::take(&mut *self.lock()).into_iter().collect();
        if noted.is_empty() {
            return Ok(());
        }
        // In one order on every node, so that no two of them wait for each other's rows.
        noted.sort_unstable_by_key(|(app, _)| app.as_i64());
        db.write_at_leisure(move |connection| {
            noted.iter().try_for_each(|(app, of_app)| db::apps::note_refusals(connection, *app, (of_app, MAX_OF_APP)))
        })
        .await
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AppId, Vec<RefusedRequest>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_refusals_keeps_few_places_and_the_same_one_is_counted() {
        let (refused, app) = (LiveRefused::default(), AppId::from_i64(1));
        let at = Timestamp::from_millis;
        for n in 0..100 {
            refused.note(app, Why::address(&format!("https://a.example/{n}")), at(n));
            refused.note(app, Why::Secret, at(n));
        }
        let of_app = refused.waiting(app);
        assert_eq!(of_app.len(), MAX_OF_APP);
        assert_eq!(of_app[0], RefusedRequest { why: Why::Secret, last: at(99), count: 100 });
        for n in 0..2_000 {
            refused.note(AppId::from_i64(n), Why::Code, at(0));
        }
        assert_eq!(refused.waiting(AppId::from_i64(1_999)), []);
        assert_eq!(refused.waiting(AppId::from_i64(2)).len(), 1);
        refused.note(AppId::from_i64(2), Why::Secret, at(1));
        assert_eq!(refused.waiting(AppId::from_i64(2)).len(), 2, "an app that is there is not silenced");
        refused.forget(app);
        assert_eq!(refused.waiting(app), []);
    }
}
