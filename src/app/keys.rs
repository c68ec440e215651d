//! Whether the key file is the one that belongs to the database. Under another file's keys, secrets would be sealed that no other
//! node can open, and those that are there would open no more; so this stops the start.

use super::StartError;
use crate::{
    db::{self, DbConnection, Error},
    domain::{KeyId, Timestamp, still_used},
    sealing::{FileFault, HEADER, KeyRing, Keys, key_of},
    services::Services,
};
use std::sync::Arc;

/// A key file that is the database's.
pub struct Fitting {
    /// The names of its keys, newest first.
    pub keys: Vec<KeyId>,
    /// Keys by which something is sealed, and which it does not hold.
    pub lacking: Vec<KeyId>,
}

/// Reads the key file. At the first start on a database, and only then, makes it.
pub(super) async fn open(services: &Services) -> Result<(), StartError> {
    let (ring, fresh, now) = (Arc::clone(&services.keys), Keys::make(&*services.entropy), services.now());
    let opened = services.db.write(move |connection| {
        // Within the transaction: of two nodes that start together one makes a file, and the other finds that it has none.
        db::sealed::serialise(connection)?;
        let noted = db::sealed::newest_key(connection)?;
        let loaded = if noted.is_none() { ring.load_or_make(&fresh) } else { ring.load() };
        let fitting = fit(connection, &ring, loaded)?;
        if let Ok(Fitting { keys, .. }) = &fitting
            && let Some(newest) = keys.first()
        {
            // Not only at the first start: a rotation may have been cut off after it wrote the file.
            db::sealed::note_key(connection, *newest, now)?;
        }
        Ok(fitting)
    });
    let Fitting { lacking, .. } = opened.await.map_err(StartError::new)?.map_err(StartError)?;
    let file = services.keys.path().display();
    if services.keys.is_open_to_others() {
        tracing::warn!(%file, "others than its owner can get at the key file; its mode should be 600");
    }
    if !lacking.is_empty() {
        tracing::warn!(%file, ?lacking, "some secrets are sealed by keys that the key file does not hold");
    }
    Ok(())
}

/// Judges what was read of the key file by what the database knows. A misfit is a sentence.
pub fn fit(
    connection: &mut DbConnection,
    ring: &KeyRing,
    loaded: Result<Vec<KeyId>, FileFault>,
) -> Result<Result<Fitting, String>, Error> {
    let noted = db::sealed::newest_key(connection)?;
    let file = ring.path().display();
    let keys = match (loaded, noted) {
        (Err(FileFault::Missing(_)), Some(noted)) => {
            return Ok(Err(format!(
                "The key file {file} is not there, and this database is used with one (its key {noted}). Copy it from your backup, or \
                 from the node that made it. If it is lost for good: gatepost rotate-key --lost."
            )));
        }
        (Err(fault), _) => return Ok(Err(fault.to_string())),
        (Ok(keys), Some(noted)) if !keys.contains(&noted) => {
            return Ok(Err(format!(
                "The key file {file} does not hold the key that this database is used with, {noted}. Every node needs the same file, \
                 also after each rotation: copy it from the other node, or from the backup of that time."
            )));
        }
        (Ok(keys), _) => keys,
    };
    let sealed_by = needed(connection)?;
    let lacking = sealed_by.into_iter().filter(|key| !keys.contains(key)).collect();
    Ok(Ok(Fitting { keys, lacking }))
}

/// Returns the keys that the file must not lose: those that seal anything, and those that a node may still seal with.
pub fn kept(connection: &mut DbConnection, in_file: &[KeyId], now: Timestamp) -> Result<Vec<KeyId>, Error> {
    let mut kept = needed(connection)?;
    kept.extend(still_used(in_file, &db::sealed::first_uses(connection)?, now));
    Ok(kept)
}

/// The keys by which anything is sealed.
pub fn needed(connection: &mut DbConnection) -> Result<Vec<KeyId>, Error> {
    Ok(db::sealed::beginnings(connection, HEADER)?.iter().filter_map(|beginning| key_of(beginning)).collect())
}
