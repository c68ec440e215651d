//! Answers "who is this?" from memory, on the hot path of every request.

use super::reread::{Pulse, Reread};
use crate::{
    db::{self, Db, DbConnection, DbOf, Error},
    domain::{
        Account, AccountId, Enrolled, Lifetime, Session, SessionId, Settings, Timestamp, TokenHash,
        assurance::{self, Standing},
        recovery::Recovery,
    },
};
use quick_cache::sync::Cache;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Most sessions in memory, some 600 bytes each. Others are read when they come.
const MOST: usize = 50_000;
/// Shortest time between two writes of one session's `last_seen`.
const SEEN_STEP: Lifetime = Lifetime::seconds(60);

/// A session, its account, and what that has enrolled, as the database had them.
#[derive(Clone, Debug)]
pub struct Known {
    pub session: Session,
    pub account: Account,
    pub enrolled: Enrolled,
    /// A removal of its second factors that is under way.
    pub recovery: Option<Recovery>,
}

impl Known {
    /// Returns the session with this secret, with everything that decides what it may do, as this
    /// connection sees it.
    pub fn read(connection: &mut DbConnection, secret: &TokenHash) -> Result<Option<Self>, Error> {
        let Some((session, account)) = db::sessions::find_by_secret(connection, secret)? else { return Ok(None) };
        let enrolled = db::enrolled::of(connection, account.id)?;
        let recovery = db::recoveries::under_way(connection, account.id)?;
        Ok(Some(Self { session, account, enrolled, recovery }))
    }

    /// Returns whether the session's proofs satisfy the current policy.
    pub fn standing(&self, settings: &Settings) -> Standing {
        let used: Vec<_> = self.session.proofs.iter().map(|proof| proof.method).collect();
        let is_required = settings.requires_second_factor(self.account.is_admin);
        assurance::standing(self.enrolled.under(settings), &used, is_required)
    }
}

/// A session that counts now.
pub struct Found {
    pub known: Arc<Known>,
    /// When it was last seen before this.
    pub seen_at: Timestamp,
}

/// What was read of a session, and after which change.
type Reading = Option<(u64, Arc<Known>)>;

pub struct LiveSessions {
    known: Cache<TokenHash, Arc<Reread<Reading>>>,
    changes: Changes,
    seen: Mutex<HashMap<SessionId, Timestamp>>,
}

impl Default for LiveSessions {
    fn default() -> Self {
        Self { known: Cache::new(MOST), changes: Changes::default(), seen: Mutex::default() }
    }
}

/// How many groups accounts are kept in. A change of one makes the others of its group be read once
/// more.
const GROUPS: u64 = 4096;

/// Accounts that this node changed after their sessions were read. Those are read again before the
/// second is over.
struct Changes {
    count: AtomicU64,
    last: Box<[AtomicU64]>,
}

impl Default for Changes {
    fn default() -> Self {
        Self { count: AtomicU64::new(0), last: (0..GROUPS).map(|_| AtomicU64::new(0)).collect() }
    }
}

impl Changes {
    fn count(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }

    fn of(&self, account: AccountId) -> Option<&AtomicU64> {
        // Ids are random, so that their lowest bits are as good as any hash.
        self.last.get(usize::try_from(account.as_i64().cast_unsigned() % GROUPS).ok()?)
    }

    fn note(&self, account: AccountId) {
        let count = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        if let Some(last) = self.of(account) {
            last.fetch_max(count, Ordering::SeqCst);
        }
    }

    /// Returns whether the account has changed since a reading after this many changes.
    fn are_newer_than(&self, read_after: u64, account: AccountId) -> bool {
        self.of(account).is_none_or(|last| last.load(Ordering::SeqCst) > read_after)
    }
}

impl LiveSessions {
    /// Returns the session with this secret, if it counts now: known, within its lifetimes, of an
    /// active account, and with the required second factor.
    ///
    /// # Errors
    ///
    /// Asks the database unless a recent answer is known. "Cannot tell" is an error, never "not
    /// signed in".
    pub async fn find(
        &self,
        db: DbOf<'_>,
        pulse: &Pulse,
        secret: &TokenHash,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Option<Found>, Error> {
        let entry = match self.known.get(secret) {
            Some(entry) => entry,
            None => {
                let entry = Arc::new(Reread::new());
                self.known.insert(*secret, Arc::clone(&entry));
                entry
            }
        };
        let key = *secret;
        let read = async {
            let changes = self.changes.count();
            db.read(move |connection| Ok(Known::read(connection, &key)?.map(|known| (changes, Arc::new(known))))).await
        };
        let is_outdated = |reading: &Reading| {
            reading.as_ref().is_some_and(|(after, known)| self.changes.are_newer_than(*after, known.account.id))
        };
        let Some((_, known)) = entry.get_unless(pulse, is_outdated, read).await? else {
            self.known.remove(secret);
            return Ok(None);
        };
        let lifetime = settings.session_lifetime(known.session.remember);
        let session = &known.session;
        let seen_at = self.last_seen(session);
        let alive = session.is_alive(session.last_seen_at, lifetime, now) || session.is_alive(seen_at, lifetime, now);
        if !known.account.is_active() || !alive {
            return Ok(None);
        }
        if known.standing(settings) == Standing::NeedsSecondFactor {
            return Ok(None);
        }
        self.note_seen(&known.session, now);
        Ok(Some(Found { known, seen_at }))
    }

    /// Forgets all sessions of an account, because it, its sessions or its factors just changed
    /// here.
    pub fn note_change(&self, account: AccountId) {
        self.changes.note(account);
    }

    /// Forgets this secret's session, because it just changed or ended here.
    pub fn forget(&self, secret: &TokenHash) {
        self.known.remove(secret);
    }

    /// Returns how many are kept.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Stores when sessions were last seen, away from any request. A crash loses one minute of a
    /// user's idle time.
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

    /// Returns when it was last seen, stored or not.
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
