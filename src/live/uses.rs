//! Apps that users have open. A check writes nothing: what it notes is stored later, in one piece.

use crate::{
    db::{self, Db, Error, Tx, TxContext},
    domain::{
        AccountId, Timestamp,
        apps::AppId,
        audit::{Action, Actor},
    },
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Most uses that wait to be stored.
const MAX: usize = 50_000;

#[derive(Default)]
pub struct LiveUses(Mutex<HashMap<(AccountId, AppId), Timestamp>>);

impl LiveUses {
    pub fn note(&self, account: AccountId, app: AppId, now: Timestamp) {
        let mut uses = self.lock();
        // A full map is larger than the cache of the processor, so that one look-up less counts.
        if let Some(at) = uses.get_mut(&(account, app)) {
            *at = now;
        } else if uses.len() < MAX {
            uses.insert((account, app), now);
        }
    }

    /// Returns when this node last noted a use that is not stored yet.
    pub fn last(&self, account: AccountId, app: AppId) -> Option<Timestamp> {
        self.lock().get(&(account, app)).copied()
    }

    /// Stores what was noted, away from any request. A crash loses a minute of it.
    pub async fn write(&self, db: &Db, context: &TxContext) -> Result<(), Error> {
        let mut uses: Vec<_> = self.lock().iter().map(|(key, at)| (*key, *at)).collect();
        // In one order, so that no two nodes each hold a row that the other one waits for.
        uses.sort_unstable_by_key(|((account, app), _)| (account.as_i64(), app.as_i64()));
        // In pieces, so that no sign-in waits behind a long transaction.
        for uses in uses.chunks(500) {
            let piece = uses.to_vec();
            let stored = db.transact_at_leisure(context.clone(), move |tx| {
                piece.iter().try_for_each(|((account, app), at)| store(tx, (*account, *app), *at))
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

/// Stores one use. The first one of an account gets a line in the audit log.
fn store(tx: &mut Tx<'_>, (account, app): (AccountId, AppId), at: Timestamp) -> Result<(), Error> {
    if !db::apps::note_use(tx.connection, account, app, at)? {
        return Ok(());
    }
    let (account, app) = (db::accounts::find(tx.connection, account)?, db::apps::find(tx.connection, app)?);
    let Some((account, app)) = account.zip(app) else { return Ok(()) };
    tx.log(&tx.line_by(Actor::of(&account), Action::SignedInToApp, app.app.slug.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_that_came_while_an_earlier_one_was_stored_is_not_lost_and_memory_has_an_end() {
        let (uses, app, at) = (LiveUses::default(), AppId::from_i64(1), Timestamp::from_millis);
        let account = AccountId::from_i64(1);
        uses.note(account, app, at(1));
        uses.note(account, app, at(2));
        uses.forget(&[((account, app), at(1))]);
        assert_eq!(uses.last(account, app), Some(at(2)));
        uses.forget(&[((account, app), at(2))]);
        assert_eq!(uses.last(account, app), None);
        for n in 0..60_000 {
            uses.note(AccountId::from_i64(n), app, at(3));
        }
        assert_eq!(uses.lock().len(), MAX);
        uses.note(account, app, at(4));
        assert_eq!(uses.last(account, app), Some(at(4)), "one that is there still moves");
    }
}
