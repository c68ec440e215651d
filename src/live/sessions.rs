//! "Who is this?", answered from memory: the hot path of everything.

use super::reread::{Pulse, Reread};
use crate::{
    db::{self, Db, DbOf, Error},
    domain::{
        Account, Enrolled, Lifetime, Session, SessionId, Settings, Timestamp, TokenHash,
        assurance::{self, Standing},
    },
};
use quick_cache::sync::Cache;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Sessions kept in memory, some 600 bytes each. Those beyond are read when they come.
const MOST: usize = 50_000;
/// `last_seen` is written no more often than this for one session.
const SEEN_STEP: Lifetime = Lifetime::seconds(60);

/// A session, its account, and what that has enrolled, as the database had them.
#[derive(Clone, Debug)]
pub struct Known {
    pub session: Session,
    pub account: Account,
    pub enrolled: Enrolled,
}

impl Known {
    /// Whether what the session has shown is enough, by the policy as it is now.
    pub fn standing(&self, settings: &Settings) -> Standing {
        let used: Vec<_> = self.session.proofs.iter().map(|proof| proof.method).collect();
        let is_required = settings.requires_second_factor(self.account.is_admin);
        assurance::standing(self.enrolled.under(settings), &used, is_required)
    }
}

pub struct LiveSessions {
    known: Cache<TokenHash, Arc<Reread<Option<Arc<Known>>>>>,
    seen: Mutex<HashMap<SessionId, Timestamp>>,
}

impl Default for LiveSessions {
    fn default() -> Self {
        Self { known: Cache::new(MOST), seen: Mutex::default() }
    }
}

impl LiveSessions {
    /// The session with this secret, if it counts now: known, within its lifetimes, of an active account, and with the second factor shown
    /// that the account has enrolled by now.
    ///
    /// # Errors
    /// Whatever the database says, if the answer is not known from lately. Never "nobody" for "cannot tell".
    pub async fn find(
        &self,
        db: DbOf<'_>,
        pulse: &Pulse,
        secret: &TokenHash,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Option<Arc<Known>>, Error> {
        let entry = match self.known.get(secret) {
            Some(entry) => entry,
            None => {
                let entry = Arc::new(Reread::new());
                self.known.insert(*secret, Arc::clone(&entry));
                entry
            }
        };
        let key = *secret;
        let read = db.read(move |connection| {
            let Some((session, account)) = db::sessions::find_by_secret(connection, &key)? else { return Ok(None) };
            let enrolled = db::enrolled::of(connection, account.id)?;
            Ok(Some(Arc::new(Known { session, account, enrolled })))
        });
        let Some(known) = entry.get(pulse, read).await? else {
            self.known.remove(secret);
            return Ok(None);
        };
        let lifetime = settings.session_lifetime(known.session.remember);
        let session = &known.session;
        let alive = session.is_alive(session.last_seen_at, lifetime, now)
            || session.is_alive(self.last_seen(session), lifetime, now);
        if !known.account.is_active() || !alive {
            return Ok(None);
        }
        if known.standing(settings) == Standing::NeedsSecondFactor {
            return Ok(None);
        }
        self.note_seen(&known.session, now);
        Ok(Some(known))
    }

    /// This secret's session was just changed or ended here.
    pub fn forget(&self, secret: &TokenHash) {
        self.known.remove(secret);
    }

    /// How many are kept.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Writes down who was seen. Off the path of any request; what a crash loses is a minute of somebody's idle time.
    pub async fn write_seen(&self, db: &Db) -> Result<(), Error> {
        let seen: Vec<_> = self.lock_seen().iter().map(|(id, at)| (*id, *at)).collect();
        // In pieces, so that no sign-in waits behind a long transaction.
        for piece in seen.chunks(500) {
            let piece = piece.to_vec();
            db.write(move |connection| db::sessions::note_seen(connection, &piece)).await?;
        }
        let mut pending = self.lock_seen();
        for (id, at) in &seen {
            if pending.get(id) == Some(at) {
                pending.remove(id);
            }
        }
        Ok(())
    }

    /// When it was last seen, written down or not.
    fn last_seen(&self, session: &Session) -> Timestamp {
        self.lock_seen().get(&session.id).map_or(session.last_seen_at, |at| session.last_seen_at.max(*at))
    }

    fn note_seen(&self, session: &Session, now: Timestamp) {
        if now.since(session.last_seen_at) < SEEN_STEP {
            return;
        }
        let mut seen = self.lock_seen();
        let last = seen.get(&session.id).copied().unwrap_or(session.last_seen_at);
        if now.since(last) >= SEEN_STEP && (seen.len() < MOST || seen.contains_key(&session.id)) {
            seen.insert(session.id, now);
        }
    }

    fn lock_seen(&self) -> MutexGuard<'_, HashMap<SessionId, Timestamp>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
