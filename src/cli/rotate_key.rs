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
    db::{self, Stop, Tx, sealed::SealedSecret},
    domain::{
        AuthenticatorId, KeyId,
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
type Answer<T> = Result<T, Stop<String>>;

fn refused(why: impl ToString) -> Stop<String> {
    Stop::Refused(why.to_string())
}

pub async fn run(config: Config, lost: bool) -> Result<(), Ending> {
    super::expect_database(&config)?;
    let services = app::services(config, clock(), entropy()).await?;
    if lost { begin_anew(&services).await } else { rotate(&services).await }
}

async fn rotate(services: &Services) -> Result<(), Ending> {
    let newest = Secret::make(&*services.entropy, Role::Sealing);
    let id = newest.id();
    let ring = Arc::clone(&services.keys);
    let added = services.transact(Actor::CommandLine, move |tx| Stop::commit(add(tx, &ring, &newest)));
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

fn add(tx: &mut Tx<'_>, ring: &KeyRing, newest: &Secret) -> Answer<()> {
    db::sealed::serialise(tx.connection)?;
    if db::sealed::newest_key(tx.connection)?.is_none() {
        return Err(refused("This database has no key yet: the first start makes one."));
    }
    let Fitting { keys, .. } = keys::fit(tx.connection, ring, ring.load())?;
    let before = keys.into_iter().find(|key| *key != newest.id());
    ring.add(newest).map_err(refused)?;
    db::sealed::note_key(tx.connection, newest.id(), tx.now)?;
    let line = tx.line(Action::KeyRotated, "key file");
    let line = match before {
        Some(before) => line.from_to(before.to_string(), newest.id().to_string()),
        None => line.to(newest.id().to_string()),
    };
    Ok(tx.log(&line)?)
}

async fn drop_unused(services: &Services) -> Result<Vec<KeyId>, Ending> {
    let ring = Arc::clone(&services.keys);
    let drop = move |tx: &mut Tx<'_>| {
        db::sealed::serialise(tx.connection)?;
        let in_file = ring.load().map_err(refused)?;
        let kept = keys::kept(tx.connection, &in_file, tx.now)?;
        ring.drop_but(&kept).map_err(refused)
    };
    let dropped = services.transact(Actor::CommandLine, move |tx| Stop::commit(drop(tx)));
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
        let ring = Arc::clone(&services.keys);
        let reseal = move |tx: &mut Tx<'_>| Stop::commit(reseal(tx, &ring, after));
        let batch = services.transact(Actor::CommandLine, reseal).await?;
        let batch = batch.map_err(Ending::Failed)?;
        resealed += batch.resealed;
        unopened.extend(batch.unopened);
        if batch.last.is_none() {
            return Ok((resealed, unopened));
        }
        after = batch.last;
    }
}

fn reseal(tx: &mut Tx<'_>, ring: &KeyRing, after: Option<AuthenticatorId>) -> Answer<Batch> {
    // So that no other run takes a key out of the file before this one is done.
    db::sealed::serialise(tx.connection)?;
    let newest = ring.load().map_err(refused)?.first().copied();
    let mut batch = Batch::default();
    for SealedSecret { account, authenticator: id, sealed } in db::sealed::page(tx.connection, after, BATCH)? {
        batch.last = Some(id);
        if key_of(&sealed) == newest && !is_first_version(&sealed) {
            continue;
        }
        match ring.seal_anew(tx.entropy, &sealed, place_of(account, id)) {
            Ok(anew) => batch.resealed += usize::from(db::sealed::reseal(tx.connection, id, &sealed, &anew)?),
            Err(SealFault::File(fault)) => return Err(refused(fault)),
            Err(_) => batch.unopened.push(id),
        }
    }
    Ok(batch)
}

/// Makes a new key file for one that is lost. Secrets sealed under it stay, although no key unseals
/// them. Deleting them would remove the second factor that their owners rely on.
async fn begin_anew(services: &Services) -> Result<(), Ending> {
    let fresh = Keys::make(&*services.entropy);
    let ring = Arc::clone(&services.keys);
    let made = services.transact(Actor::CommandLine, move |tx| Stop::commit(replace(tx, &ring, &fresh)));
    let (newest, sealed) = made.await?.map_err(Ending::Failed)?;
    say(format!("A new key file was made, with the key {newest}: {}.", services.keys.path().display()))?;
    say(format!("Authenticator apps that users have to set up again: {sealed}."))?;
    say("Back up the key file, copy it to every other node, and restart them all.")?;
    Ok(())
}

/// Returns the new key, and how many secrets are lost.
fn replace(tx: &mut Tx<'_>, ring: &KeyRing, fresh: &Keys) -> Answer<(KeyId, i64)> {
    db::sealed::serialise(tx.connection)?;
    let lost = db::sealed::newest_key(tx.connection)?;
    let lost = lost.ok_or_else(|| refused("Nothing is lost: this database has no key yet."))?;
    let keys = match ring.load() {
        Err(FileFault::Missing(_)) => ring.load_or_make(fresh),
        loaded => loaded,
    };
    // The new file is there already when this job runs twice.
    if keys.map_err(refused)? != fresh.ids() {
        return Err(refused(format!("There is a key file at {}. Move it away first.", ring.path().display())));
    }
    let newest = fresh.newest_id();
    db::sealed::note_key(tx.connection, newest, tx.now)?;
    let line = tx.line(Action::KeyRotated, "key file");
    tx.log(&line.from_to(lost.to_string(), newest.to_string()))?;
    Ok((newest, db::sealed::count(tx.connection)?))
}
