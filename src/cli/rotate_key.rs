//! `gatepost rotate-key`: adds a key and seals every secret under it, beside a running server.
//!
//! First the file gets the key, then the rows change, then the file loses the keys that no row
//! needs. After an interruption, every row can still be unsealed, and the next run continues. A
//! replaced key stays for 7 days, because a node without the new file still seals with it.

use super::{Ending, clock, complain, entropy, say};
use crate::{
    app::{
        self,
        keys::{self, Fitting},
    },
    config::Config,
    db::{self, DbConnection, Error, sealed::SealedSecret},
    domain::{
        AuditEntry, AuthenticatorId, Entropy, KeyId,
        audit::{Action, Actor},
    },
    sealing::{FileFault, KeyRing, Keys, Role, SealFault, Secret, is_first_version, key_of, place_of},
    services::Services,
};
use std::sync::Arc;

/// Secrets in one transaction. It holds SQLite's one writer for only a few milliseconds, so that
/// users do not notice.
const BATCH: i64 = 50;

/// A key file's or a secret's fault is an answer for the operator, not a fault of the database.
type Answer<T> = Result<Result<T, String>, Error>;

pub async fn run(config: Config, lost: bool) -> Result<(), Ending> {
    super::expect_database(&config)?;
    let services = app::services(config, clock(), entropy()).await?;
    if lost { begin_anew(&services).await } else { rotate(&services).await }
}

async fn rotate(services: &Services) -> Result<(), Ending> {
    let newest = Secret::make(&*services.entropy, Role::Sealing);
    let id = newest.id();
    let (ring, random, now) = (Arc::clone(&services.keys), Arc::clone(&services.entropy), services.now());
    let added = services.db.write(move |connection| {
        db::sealed::serialise(connection)?;
        if db::sealed::newest_key(connection)?.is_none() {
            return Ok(Err("This database has no key yet: the first start makes one.".to_owned()));
        }
        let Fitting { keys, .. } = match keys::fit(connection, &ring, ring.load())? {
            Ok(fitting) => fitting,
            Err(misfit) => return Ok(Err(misfit)),
        };
        let before = keys.into_iter().find(|key| *key != newest.id());
        if let Err(fault) = ring.add(&newest) {
            return Ok(Err(fault.to_string()));
        }
        db::sealed::note_key(connection, newest.id(), now)?;
        let entry = AuditEntry::new(&*random, now, Actor::CommandLine, Action::KeyRotated, "key file");
        let entry = match before {
            Some(before) => entry.from_to(before.to_string(), newest.id().to_string()),
            None => entry.to(newest.id().to_string()),
        };
        db::audit::insert(connection, &entry)?;
        Ok(Ok(()))
    });
    added.await?.map_err(Ending::Failed)?;
    say(format!("The newest key is {id} now, in {}.", services.keys.path().display()))?;

    let (resealed, unopened) = reseal_all(services).await?;
    say(format!("Sealed anew: {resealed}."))?;
    if !unopened.is_empty() {
        let names: Vec<String> = unopened.iter().map(ToString::to_string).collect();
        complain(format!(
            "Left unchanged, because no key in the file unseals them: {}. Users have to set up those authenticator apps again.",
            names.join(", ")
        ));
    }

    for key in drop_unused(services).await? {
        say(format!("Dropped from the file, because nothing needs it: {key}."))?;
    }
    say("Copy the key file to every other node now, and back it up again.")?;
    Ok(())
}

async fn drop_unused(services: &Services) -> Result<Vec<KeyId>, Ending> {
    let (ring, now) = (Arc::clone(&services.keys), services.now());
    let dropped = services.db.write(move |connection| {
        db::sealed::serialise(connection)?;
        let in_file = match ring.load() {
            Ok(keys) => keys,
            Err(fault) => return Ok(Err(fault.to_string())),
        };
        let kept = keys::kept(connection, &in_file, now)?;
        Ok(ring.drop_but(&kept).map_err(|fault| fault.to_string()))
    });
    dropped.await?.map_err(Ending::Failed)
}

/// Outcome of one batch.
#[derive(Default)]
struct Batch {
    last: Option<AuthenticatorId>,
    resealed: usize,
    unopened: Vec<AuthenticatorId>,
}

async fn reseal_all(services: &Services) -> Result<(usize, Vec<AuthenticatorId>), Ending> {
    let (mut after, mut resealed, mut unopened) = (None, 0, Vec::new());
    loop {
        let (ring, random) = (Arc::clone(&services.keys), Arc::clone(&services.entropy));
        let batch = services.db.write(move |connection| reseal(connection, &ring, &*random, after)).await?;
        let batch = batch.map_err(Ending::Failed)?;
        resealed += batch.resealed;
        unopened.extend(batch.unopened);
        if batch.last.is_none() {
            return Ok((resealed, unopened));
        }
        after = batch.last;
    }
}

fn reseal(
    connection: &mut DbConnection,
    ring: &KeyRing,
    entropy: &dyn Entropy,
    after: Option<AuthenticatorId>,
) -> Answer<Batch> {
    // So that no other run takes a key out of the file before this one is done.
    db::sealed::serialise(connection)?;
    let newest = match ring.load() {
        Ok(keys) => keys.first().copied(),
        Err(fault) => return Ok(Err(fault.to_string())),
    };
    let mut batch = Batch::default();
    for SealedSecret { account, authenticator: id, sealed } in db::sealed::page(connection, after, BATCH)? {
        batch.last = Some(id);
        if key_of(&sealed) == newest && !is_first_version(&sealed) {
            continue;
        }
        match ring.seal_anew(entropy, &sealed, place_of(account, id)) {
            Ok(anew) => batch.resealed += usize::from(db::sealed::reseal(connection, id, &sealed, &anew)?),
            Err(SealFault::File(fault)) => return Ok(Err(fault.to_string())),
            Err(_) => batch.unopened.push(id),
        }
    }
    Ok(Ok(batch))
}

/// Makes a new key file for one that is lost. Secrets sealed under it stay, although no key unseals
/// them. Deleting them would remove the second factor that their owners rely on.
async fn begin_anew(services: &Services) -> Result<(), Ending> {
    let fresh = Keys::make(&*services.entropy);
    let (ring, random, now) = (Arc::clone(&services.keys), Arc::clone(&services.entropy), services.now());
    let made = services.db.write(move |connection| {
        db::sealed::serialise(connection)?;
        let Some(lost) = db::sealed::newest_key(connection)? else {
            return Ok(Err("Nothing is lost: this database has no key yet.".to_owned()));
        };
        let keys = match ring.load() {
            Err(FileFault::Missing(_)) => ring.load_or_make(&fresh),
            loaded => loaded,
        };
        let newest: KeyId = match keys {
            // Also when this job runs twice.
            Ok(keys) if keys == fresh.ids() => fresh.newest_id(),
            Ok(_) => {
                return Ok(Err(format!("There is a key file at {}. Move it away first.", ring.path().display())));
            }
            Err(fault) => return Ok(Err(fault.to_string())),
        };
        db::sealed::note_key(connection, newest, now)?;
        let entry = AuditEntry::new(&*random, now, Actor::CommandLine, Action::KeyRotated, "key file");
        db::audit::insert(connection, &entry.from_to(lost.to_string(), newest.to_string()))?;
        Ok(Ok((newest, db::sealed::count(connection)?)))
    });
    let (newest, sealed) = made.await?.map_err(Ending::Failed)?;
    say(format!("A new key file was made, with the key {newest}: {}.", services.keys.path().display()))?;
    say(format!("Authenticator apps that users have to set up again: {sealed}."))?;
    say("Back up the key file, copy it to every other node, and restart them all.")?;
    Ok(())
}
