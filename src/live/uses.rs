//! Which apps users have open. A check writes nothing: what it notes is stored later, in one piece.

use crate::{
    db::{self, Db, Error},
    domain::{AccountId, Timestamp, apps::AppId},
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Most uses that wait to be stored.
const MOST: usize = 50_000;

#[derive(Default)]
pub struct LiveUses(Mutex<HashMap<(AccountId, AppId), Timestamp>>);

impl LiveUses {
    pub fn note(&self, account: AccountId, app: AppId, now: Timestamp) {
        let mut uses = self.lock();
        if uses.len() < MOST || uses.contains_key(&(account, app)) {
            uses.insert((account, app), now);
        }
    }

    /// Stores what was noted, away from any request. A crash loses a minute of it.
    pub async fn write(&self, db: &Db) -> Result<(), Error> {
        let mut uses: Vec<_> = self.lock().iter().map(|(key, at)| (*key, *at)).collect();
        // In one order, so that no two nodes each hold a row that the other one waits for.
        uses.sort_unstable_by_key(|((account, app), _)| (account.as_i64(), app.as_i64()));
        // In pieces, so that no sign-in waits behind a long transaction.
        for uses in uses.chunks(500) {
            let piece = uses.to_vec();
            let stored = db.write(move |connection| {
                piece.iter().try_for_each(|((account, app), at)| db::apps::note_use(connection, *account, *app, *at))
            });
            let stored = stored.await;
            // What cannot be stored is dropped, because it would fail again each time.
            if !stored.as_ref().is_err_and(Error::is_unavailable) {
                self.forget(uses);
            }
            stored?;
        }
        Ok(())
    }

    /// Forgets uses unless the user has used the app again.
    fn forget(&self, uses: &[((AccountId, AppId), Timestamp)]) {
        let mut waiting = self.lock();
        for (key, at) in uses {
            if waiting.get(key) == Some(at) {
                waiting.remove(key);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(AccountId, AppId), Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
