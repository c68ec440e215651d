//! Answers "who is this?" from memory, on the hot path of every request.

use super::{
    cached_value::CircuitBreaker,
    changes::Changes,
    current_user::{self, CurrentUser, StoredUser},
    packed::Packed,
};
use crate::{
    db::{self, Db, DbConnection, DbOf, Error},
    domain::{AccountId, Lifetime, SessionId, Settings, Timestamp, TokenHash, assurance::SignInStage},
};
use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle, EntryAction, EntryResult},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Bytes of a usual session in memory. Only the size of the index follows from it.
const USUAL: usize = 200;
/// Most sessions whose last use waits to be stored.
const MAX_SEEN: usize = 50_000;
/// Shortest time between two writes of one session's `last_seen`.
const SEEN_STEP: Lifetime = Lifetime::seconds(60);

/// The beginning of the hash of a secret, whose 128 bits are as far from a guess as the whole. Or
/// a session's id after eight octets of ones, with which no hash that an attacker finds begins.
type Key = [u8; 16];

fn key_of(secret: &TokenHash) -> Key {
    secret.as_bytes().first_chunk().copied().unwrap_or_default()
}

fn key_of_id(id: SessionId) -> Key {
    let mut key = [u8::MAX; 16];
    key.iter_mut().skip(8).zip(id.as_i64().to_be_bytes()).for_each(|(to, from)| *to = from);
    key
}

/// By what a session is looked up.
#[derive(Clone, Copy)]
enum Sought {
    Secret(TokenHash),
    /// As our seal in an app's cookie names it.
    Id(SessionId),
}

impl Sought {
    fn key(self) -> Key {
        match self {
            Self::Secret(secret) => key_of(&secret),
            Self::Id(id) => key_of_id(id),
        }
    }

    fn read(self, connection: &mut DbConnection) -> Result<Option<StoredUser>, Error> {
        match self {
            Self::Secret(secret) => StoredUser::read(connection, &secret),
            Self::Id(id) => StoredUser::find(connection, id),
        }
    }
}

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Packed> for Weight {
    fn weight(&self, _: &Key, session: &Packed) -> u64 {
        session.weight() as u64
    }
}

/// A session that counts now.
pub struct Found {
    packed: Packed,
    stage: SignInStage,
}

impl Found {
    /// Returns whether the session's proofs satisfy the current policy.
    pub const fn stage(&self) -> SignInStage {
        self.stage
    }

    /// Returns everything that memory knows of the user.
    pub fn open(&self) -> Result<CurrentUser, Error> {
        self.packed.open().ok_or_else(|| Error::unreadable("session in memory"))
    }
}

/// A session, and whether it was in memory.
struct Held {
    packed: Packed,
    is_from_memory: bool,
}

/// Database with the sessions that memory does not know, its [`CircuitBreaker`], and the time.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    pub db: DbOf<'a>,
    pub breaker: &'a CircuitBreaker,
    pub now: Timestamp,
}

pub struct LiveSessions {
    known: Cache<Key, Packed, Weight>,
    changes: Arc<Changes>,
    seen: Mutex<HashMap<SessionId, Timestamp>>,
}

impl LiveSessions {
    /// Keeps sessions in at most so many bytes. Others are read when they come.
    pub fn new(bytes: usize, changes: Arc<Changes>) -> Self {
        let items = bytes / USUAL;
        let mut options = OptionsBuilder::new();
        // Without a memory of sessions that had to go, which would take as much as half of the
        // rest.
        options.estimated_items_capacity(items).weight_capacity(bytes as u64).ghost_allocation(0.0);
        let known = match options.build() {
            Ok(options) => {
                Cache::with_options(options, Weight, DefaultHashBuilder::default(), DefaultLifecycle::default())
            }
            Err(_) => Cache::with_weighter(items, bytes as u64, Weight),
        };
        Self { known, changes, seen: Mutex::default() }
    }

    /// Returns the session with this secret, if it counts now. It is known, within its lifetimes,
    /// of an active account, and has the required second factor.
    ///
    /// `settings` come from [`super::LiveSettings::get`] in the same request, which has followed
    /// the log of changes.
    ///
    /// # Errors
    ///
    /// Asks the database unless memory knows the answer. "Cannot tell" is an error, never "not
    /// signed in".
    pub async fn find(
        &self,
        source: Source<'_>,
        secret: &TokenHash,
        settings: &Settings,
    ) -> Result<Option<Found>, Error> {
        self.look(source, Sought::Secret(*secret), settings).await
    }

    /// Returns the session with this id, by the same rules. The caller has found the id under our
    /// own seal.
    ///
    /// # Errors
    ///
    /// As [`LiveSessions::find`].
    pub async fn find_by_id(
        &self,
        source: Source<'_>,
        id: SessionId,
        settings: &Settings,
    ) -> Result<Option<Found>, Error> {
        self.look(source, Sought::Id(id), settings).await
    }

    async fn look(&self, source: Source<'_>, sought: Sought, settings: &Settings) -> Result<Option<Found>, Error> {
        let now = source.now;
        let Some(mut held) = self.held(source, sought).await? else { return Ok(None) };
        let lifetime = settings.session_lifetime(held.packed.is_remembered());
        if lifetime.is_past_end(held.packed.span(), now) {
            return Ok(None);
        }
        let seen_at = held.packed.seen_at();
        if held.is_from_memory && (lifetime.is_idle(seen_at, now) || is_ahead(seen_at, now)) {
            // Memory does not follow where else a session was seen.
            self.known.remove(&sought.key());
            let Some(again) = self.held(source, sought).await? else { return Ok(None) };
            held = again;
        }
        let packed = held.packed;
        if lifetime.is_idle(packed.seen_at(), now) {
            return Ok(None);
        }
        let needs_second = !packed.is_guest() && settings.requires_second_factor(packed.is_admin());
        let stage = current_user::stage((packed.enrolled(), needs_second), &packed.methods(), settings);
        if stage == SignInStage::NeedsSecondFactor {
            return Ok(None);
        }
        self.note_seen(sought, &packed, now);
        Ok(Some(Found { packed, stage }))
    }

    /// Returns an active account's session from memory, or reads it once for all callers.
    async fn held(&self, Source { db, breaker, now }: Source<'_>, sought: Sought) -> Result<Option<Held>, Error> {
        let key = sought.key();
        let from_memory = |packed| Ok(Some(Held { packed, is_from_memory: true }));
        if let Some(packed) = self.known.get(&key).filter(|packed| self.counts(packed)) {
            return from_memory(packed);
        }
        let keep = |_: &Key, packed: &mut Packed| {
            if self.counts(packed) { EntryAction::Retain(packed.clone()) } else { EntryAction::ReplaceWithGuard }
        };
        let guard = match self.known.entry_async(&key, keep).await {
            EntryResult::Retained(packed) => return from_memory(packed),
            EntryResult::Vacant(guard) | EntryResult::Replaced(guard, _) => guard,
            EntryResult::Removed(..) | EntryResult::Timeout => return Err(Error::fault("memory lost a session")),
        };
        breaker.expect_database()?;
        let stamp = self.changes.stamp();
        let stored = db.read(move |connection| sought.read(connection)).await.inspect_err(|error| {
            // A visitor with many requests waits for their own, and must not stop all others. If
            // the database is away, Gatepost's own reads find that out.
            if error.is_unavailable() && !error.is_busy() {
                breaker.note_failure();
            }
        });
        let Some(stored) = stored?.filter(|stored| stored.account.is_usable(now)) else { return Ok(None) };
        let seen_at = self.last_seen(stored.session.id, stored.session.last_seen_at);
        let packed = Packed::of(&stored.known(seen_at), stamp).ok_or_else(|| Error::unreadable("session"))?;
        // Fails only if the session was forgotten while it was read.
        let _ = guard.insert(packed.clone());
        Ok(Some(Held { packed, is_from_memory: false }))
    }

    /// Returns what memory knew last of this secret's user, for a page that needs no database. It
    /// may show who is signed in, and decides nothing. A change since then, even of another
    /// account, leaves it.
    pub fn remembered(&self, secret: &TokenHash, settings: &Settings, now: Timestamp) -> Option<CurrentUser> {
        let packed = self.known.get(&key_of(secret))?;
        let lifetime = settings.session_lifetime(packed.is_remembered());
        if lifetime.is_past_end(packed.span(), now) || lifetime.is_idle(packed.seen_at(), now) {
            return None;
        }
        packed.open().filter(|known| known.stage(settings) != SignInStage::NeedsSecondFactor)
    }

    /// Returns whether nothing has changed since a session was read.
    fn counts(&self, packed: &Packed) -> bool {
        !self.changes.changed_account(packed.account(), packed.stamp())
    }

    /// Forgets all sessions of an account, because it, its sessions or its factors just changed
    /// here.
    pub fn note_change(&self, account: AccountId) {
        self.changes.note_account(account);
    }

    /// Forgets this secret's session, because it just changed or ended here.
    pub fn forget(&self, secret: &TokenHash) {
        if let Some((_, packed)) = self.known.remove(&key_of(secret)) {
            self.known.remove(&key_of_id(packed.session()));
        }
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
        let mut seen: Vec<_> = self.lock_seen().iter().map(|(id, at)| (*id, *at)).collect();
        // In one order on every node, so that no two of them wait for each other's rows.
        seen.sort_unstable_by_key(|(id, _)| id.as_i64());
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

    /// Returns when a session was last seen, stored or not.
    fn last_seen(&self, id: SessionId, stored: Timestamp) -> Timestamp {
        self.lock_seen().get(&id).map_or(stored, |at| stored.max(*at))
    }

    fn note_seen(&self, sought: Sought, packed: &Packed, now: Timestamp) {
        if now.since(packed.seen_at()) < SEEN_STEP {
            return;
        }
        let mut seen = self.lock_seen();
        if seen.len() >= MAX_SEEN && !seen.contains_key(&packed.session()) {
            return;
        }
        seen.insert(packed.session(), now);
        drop(seen);
        if let Some(packed) = packed.with_seen(now) {
            // Keeps the stamp: what has changed since is read again nevertheless.
            let _ = self.known.replace(sought.key(), packed, true);
        }
    }

    fn lock_seen(&self) -> MutexGuard<'_, HashMap<SessionId, Timestamp>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns whether a session was seen in the future, by a clock that was ahead. Housekeeping mends
/// that in the database.
fn is_ahead(seen_at: Timestamp, now: Timestamp) -> bool {
    seen_at.since(now) > SEEN_STEP
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Account, EmailAddress, Enrolled, account::AccountName},
        live::CachedSession,
    };

    fn known(n: i64) -> CurrentUser {
        let at = Timestamp::from_millis(0);
        let account = Account {
            id: AccountId::from_i64(n),
            email: EmailAddress::parse(&format!("u{n}@example.com")).unwrap(),
            name: AccountName::default(),
            is_admin: false,
            disabled_at: None,
            proven_at: None,
            created_at: at,
            last_signed_in_at: None,
            language: None,
            time_zone: None,
            guest_until: None,
            ends_at: None,
        };
        let session = CachedSession {
            id: SessionId::from_i64(n),
            remember: false,
            created_at: at,
            ends_at: at,
            seen_at: at,
            proofs: Vec::new(),
            exits: Vec::new(),
        };
        CurrentUser {
            session,
            account,
            enrolled: Enrolled::default(),
            recovery: None,
            handle: None,
            groups: Vec::new(),
        }
    }

    #[test]
    fn sessions_take_no_more_memory_than_they_may() {
        let changes = Arc::new(Changes::default());
        let sessions = LiveSessions::new(1_000_000, Arc::clone(&changes));
        for n in 0..20_000i64 {
            let mut key = Key::default();
            key[..8].copy_from_slice(&n.to_le_bytes());
            sessions.known.insert(key, Packed::of(&known(n), changes.stamp()).unwrap());
        }
        assert!(sessions.known.weight() <= 1_000_000, "{}", sessions.known.weight());
        assert!(sessions.len() >= 5000, "{}", sessions.len());
    }
}
