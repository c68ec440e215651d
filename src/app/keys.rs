//! Checks that the key file belongs to the database.
//!
//! With another file's keys, this node would seal secrets that other nodes cannot unseal. It could
//! not unseal the existing ones. A mismatch therefore stops the start.

use super::StartError;
use crate::{
    db::{self, DbConnection, Error, Stop, sealed::SealedKind, sealed_kinds::KINDS},
    domain::{KeyId, Timestamp, still_used},
    sealing::{FileFault, HEADER, KeyRing, Keys, key_of},
    services::Services,
};
use std::sync::Arc;

/// A key file that belongs to the database.
pub struct Fitting {
    /// Names of its keys, newest first.
    pub keys: Vec<KeyId>,
    /// Keys that the file lacks although they seal something.
    pub lacking: Vec<KeyId>,
}

/// Reads the key file. Makes it at the first start on a database, and only then.
pub(super) async fn open(services: &Services) -> Result<(), StartError> {
    let (ring, fresh, now) = (Arc::clone(&services.keys), Keys::make(&*services.entropy), services.now());
    let opened = services.db.write(move |connection| {
        // In the transaction. Of two nodes that start together, one makes a file, and the other
        // finds that it has none.
        db::sealed::serialise(connection)?;
        let noted = db::sealed::newest_key(connection)?;
        let loaded = if noted.is_none() { ring.load_or_make(&fresh) } else { ring.load() };
        let fitting = Stop::commit(fit(connection, &ring, loaded))?;
        if let Ok(Fitting { keys, .. }) = &fitting
            && let Some(newest) = keys.first()
        {
            // Also after the first start, because a rotation may have been interrupted after it
            // wrote the file.
            db::sealed::note_key(connection, *newest, now)?;
        }
        Ok(fitting)
    });
    let Fitting { lacking, .. } = opened.await.map_err(StartError::new)?.map_err(StartError)?;
    let file = services.keys.path().display();
    if services.keys.is_open_to_others() {
        tracing::warn!(%file, "other users of this machine can open the key file; set its mode to 600");
    }
    if !lacking.is_empty() {
        tracing::warn!(%file, ?lacking, "the key file lacks keys that seal some secrets");
    }
    Ok(())
}

/// Judges the key file by what the database knows. A mismatch is a sentence.
pub fn fit(
    connection: &mut DbConnection,
    ring: &KeyRing,
    loaded: Result<Vec<KeyId>, FileFault>,
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
        (Ok(keys), _) => keys,
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
