//! Checks that the key file belongs to the database.
//!
//! With another file's keys, this node would seal secrets that other nodes cannot unseal. It could
//! not unseal the existing ones. A mismatch therefore stops the start.

use super::StartError;
use crate::{
    db::{self, DbConnection, Error, KeyLock, Stop, Tx, sealed::SealedKind, sealed_kinds::KINDS},
    domain::{KeyId, Timestamp, audit::Actor, still_used},
    sealing::{FileFault, HEADER, KeyRing, Keys, key_of},
    services::Services,
};
use std::sync::Arc;
use tokio::runtime::Handle;

/// A key file that belongs to the database.
pub struct Fitting {
    /// Names of its keys, newest first.
    pub keys: Vec<KeyId>,
    /// Keys that the file lacks although they seal something.
    pub lacking: Vec<KeyId>,
}

/// A way to the database during work on the key file, which no other start or rotation interrupts.
pub enum Transactions<'t, 'c> {
    /// The transaction that has PostgreSQL's lock. Only other turns and rotations of the keys for
    /// tokens wait for it.
    Within(&'t mut Tx<'c>),
    /// Short transactions beside [`KeyLock`]. None of them waits for the key file's disk.
    Beside { services: &'t Services, actor: Actor, runtime: Handle },
}

impl Transactions<'_, '_> {
    pub fn transact<T, F>(&mut self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        match self {
            Self::Within(tx) => work(tx),
            Self::Beside { services, actor, runtime } => runtime.block_on(services.transact(actor.clone(), work)),
        }
    }

    /// Fails unless the database takes a write. Call it before the key file changes: a database
    /// that is busy then leaves everything as it was.
    pub fn expect_writable(&mut self) -> Result<(), Error> {
        self.transact(|_| Ok(()))
    }

    pub fn read<T, F>(&mut self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
    {
        match self {
            Self::Within(tx) => work(tx.connection),
            Self::Beside { services, runtime, .. } => runtime.block_on(services.db.read(work)),
        }
    }
}

/// Does `work` on the key file in turn. It may run twice.
pub async fn in_turn<T, F>(services: &Arc<Services>, actor: Actor, work: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: Fn(&mut Transactions<'_, '_>) -> Result<T, Error> + Send + 'static,
{
    let Some(database) = services.db.file_of_one_writer() else {
        let within = move |tx: &mut Tx<'_>| {
            db::sealed::serialise(tx.connection)?;
            work(&mut Transactions::Within(tx))
        };
        return services.transact(actor, within).await;
    };
    let (database, services, runtime) = (database.to_owned(), Arc::clone(services), Handle::current());
    let beside = tokio::task::spawn_blocking(move || {
        let _lock = KeyLock::wait(&database)?;
        work(&mut Transactions::Beside { services: &services, actor: actor.clone(), runtime: runtime.clone() })
    });
    beside.await.map_err(Error::fault)?
}

/// Reads the key file. Makes it at the first start on a database, and only then.
pub(super) async fn open(services: &Arc<Services>) -> Result<(), StartError> {
    let (ring, fresh) = (Arc::clone(&services.keys), Keys::make(&*services.entropy));
    let open = move |db_work: &mut Transactions<'_, '_>| Stop::commit(load(db_work, &ring, &fresh));
    let opened = in_turn(services, Actor::Gatepost, open).await.map_err(StartError::new)?;
    let Fitting { lacking, .. } = opened.map_err(StartError)?;
    let file = services.keys.path().display();
    if services.keys.is_open_to_others() {
        tracing::warn!(%file, "other users of this machine can open the key file; set its mode to 600");
    }
    if !lacking.is_empty() {
        tracing::warn!(%file, ?lacking, "the key file lacks keys that seal some secrets");
    }
    Ok(())
}

/// Loads the file, and notes its newest key. Of two nodes that start together, one makes a file,
/// and the other finds that it has none.
fn load(db_work: &mut Transactions<'_, '_>, ring: &Arc<KeyRing>, fresh: &Keys) -> Result<Fitting, Stop<String>> {
    let noted = db_work.read(db::sealed::newest_key)?;
    let loaded = if noted.is_none() { ring.load_or_make(fresh) } else { ring.load() };
    let fitting = judge(db_work, ring, loaded)?;
    if let Some(newest) = fitting.keys.first().copied() {
        // After the file, because a key that is noted must be in it. Also after the first start,
        // because a rotation may have been interrupted after it wrote the file.
        db_work.transact(move |tx| db::sealed::note_key(tx.connection, newest, tx.now))?;
    }
    Ok(fitting)
}

/// Judges the key file as [`fit`] does.
pub fn judge(
    db_work: &mut Transactions<'_, '_>,
    ring: &Arc<KeyRing>,
    loaded: Result<Vec<KeyId>, FileFault>,
) -> Result<Fitting, Stop<String>> {
    let ring = Arc::clone(ring);
    db_work.read(move |connection| Stop::commit(fit(connection, &ring, &loaded)))?.map_err(Stop::Refused)
}

/// Judges what was loaded from the key file by what the database knows. A mismatch is a sentence.
pub fn fit(
    connection: &mut DbConnection,
    ring: &KeyRing,
    loaded: &Result<Vec<KeyId>, FileFault>,
) -> Result<Fitting, Stop<String>> {
    let noted = db::sealed::newest_key(connection)?;
    let file = ring.path().display();
    let keys = match (loaded, noted) {
        (Err(FileFault::Missing(_)), Some(noted)) => {
            return Err(Stop::Refused(format!(
                "The key file {file} is missing, and this database needs its key {noted}. Copy the file from your backup, or \
                 from the node that made it. If it is lost for good: gatepost rotate-key --lost."
            )));
        }
        (Err(fault), _) => return Err(Stop::Refused(fault.to_string())),
        (Ok(keys), Some(noted)) if !keys.contains(&noted) => {
            return Err(Stop::Refused(format!(
                "The key file {file} lacks the key that this database needs, {noted}. Every node needs the same file, \
                 also after each rotation: copy it from the other node, or from the backup of that time."
            )));
        }
        (Ok(keys), _) => keys.clone(),
    };
    let sealed_by = needed(connection)?;
    let lacking = sealed_by.into_iter().filter(|key| !keys.contains(key)).collect();
    Ok(Fitting { keys, lacking })
}

/// Returns the keys that the file must keep: those that seal something, and those that a node may
/// still use.
pub fn kept(connection: &mut DbConnection, in_file: &[KeyId], now: Timestamp) -> Result<Vec<KeyId>, Error> {
    let mut kept = needed(connection)?;
    kept.extend(still_used(in_file, &db::sealed::first_uses(connection)?, now));
    Ok(kept)
}

/// Returns the keys that seal something.
pub fn needed(connection: &mut DbConnection) -> Result<Vec<KeyId>, Error> {
    needed_by(connection, KINDS)
}

/// Returns the keys that seal something of these kinds.
pub fn needed_by(connection: &mut DbConnection, kinds: &[&dyn SealedKind]) -> Result<Vec<KeyId>, Error> {
    let beginnings = db::sealed::beginnings(connection, kinds, HEADER)?;
    Ok(beginnings.iter().filter_map(|beginning| key_of(beginning)).collect())
}
