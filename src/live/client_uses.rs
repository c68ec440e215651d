//! Times at which clients last showed their secrets and signed users in. A note is stored later,
//! and once an hour at most. So the token endpoint writes nothing for it.

use crate::{
    db::{
        Db, Error,
        oidc_uses::{self, Use},
    },
    domain::{Lifetime, Timestamp, apps::AppId},
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Shortest time between two notes of the same use.
const COARSE: Lifetime = Lifetime::hours(1);
/// Most uses that are kept: some of each of 500 apps and more.
const MAX: usize = 5_000;

#[derive(Clone, Copy)]
struct Noted {
    at: Timestamp,
    is_stored: bool,
}

#[derive(Default)]
pub struct LiveClientUses(Mutex<HashMap<(AppId, Use), Noted>>);

impl LiveClientUses {
    /// Notes that a client did something, unless it did the same within the hour.
    pub fn note(&self, app: AppId, what: Use, now: Timestamp) {
        let mut all = self.lock();
        let is_new = all.get(&(app, what)).is_none_or(|noted| now.since(noted.at) >= COARSE);
        if is_new && (all.len() < MAX || all.contains_key(&(app, what))) {
            all.insert((app, what), Noted { at: now, is_stored: false });
        }
    }

    /// Returns what this node knows beside what is stored.
    pub fn noted(&self, app: AppId, what: Use) -> Option<Timestamp> {
        self.lock().get(&(app, what)).map(|noted| noted.at)
    }

    /// Stores what was noted, away from any request.
    pub async fn write(&self, db: &Db, now: Timestamp) -> Result<(), Error> {
        let mut waiting: Vec<_> = {
            let mut all = self.lock();
            all.retain(|_, noted| !noted.is_stored || now.since(noted.at) < COARSE);
            all.iter().filter(|(_, noted)| !noted.is_stored).map(|(key, noted)| (*key, noted.at)).collect()
        };
        if waiting.is_empty() {
            return Ok(());
        }
        // In one order, so that no two nodes each hold a row that the other one waits for.
        waiting.sort_unstable_by_key(|((app, what), _)| match what {
            Use::Secret(hash) => (app.as_i64(), Some(*hash.as_bytes())),
            Use::SignInWithPkce | Use::SignInWithoutPkce => (app.as_i64(), None),
        });
        let uses = waiting.clone();
        let stored = db.write_at_leisure(move |connection| {
            uses.iter().try_for_each(|(key, at)| oidc_uses::note(connection, *key, *at))
        });
        stored.await?;
        let mut all = self.lock();
        for (key, at) in waiting {
            if let Some(noted) = all.get_mut(&key).filter(|noted| noted.at == at) {
                noted.is_stored = true;
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(AppId, Use), Noted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_noted_once_an_hour_and_strangers_cannot_fill_memory() {
        let (uses, app, at) = (LiveClientUses::default(), AppId::from_i64(1), Timestamp::from_millis);
        let hour = COARSE.as_millis();
        for (now, noted) in [(0, 0), (1, 0), (hour - 1, 0), (hour, hour), (hour + 1, hour)] {
            uses.note(app, Use::SignInWithPkce, at(now));
            assert_eq!(uses.noted(app, Use::SignInWithPkce), Some(at(noted)), "{now}");
        }
        assert_eq!(uses.noted(app, Use::SignInWithoutPkce), None);
        for n in 0..10_000 {
            uses.note(AppId::from_i64(n), Use::SignInWithoutPkce, at(0));
        }
        assert_eq!(uses.lock().len(), MAX);
        uses.note(app, Use::SignInWithPkce, at(3 * hour));
        assert_eq!(uses.noted(app, Use::SignInWithPkce), Some(at(3 * hour)), "one that is there is noted again");
    }
}
