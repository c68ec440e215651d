//! `gatepost rotate-key`: adds a key and seals every secret under it, beside a running server.
//!
//! First the file gets the key, then the rows change, then the file loses the keys that no row
//! needs. After an interruption, every row can still be unsealed, and the next run continues. A
//! replaced key stays for 7 days, because a node without the new file still seals with it.

use super::{
    Ending, clock, entropy,
    out::{Out, complain},
};
use crate::{
    app::{
        self,
        keys::{self, Fitting},
    },
    config::Config,
    db::{self, Error, Stop, Tx, sealed::SealedKind, sealed_kinds::KINDS},
    domain::{
        KeyId,
        audit::{Action, Actor},
    },
    sealing::{FileFault, KeyRing, Keys, Role, SealFault, Secret, is_first_version, key_of},
    services::Services,
};
use serde_json::{Map, json};
use std::sync::Arc;

/// Secrets in one transaction. It holds SQLite's one writer for only a few milliseconds, so that
/// users do not notice.
const BATCH: i64 = 50;

/// A key file's or a secret's fault is an answer for the operator, not a fault of the database.
type Answer<T> = Result<T, Stop<String>>;

fn refused(why: impl ToString) -> Stop<String> {
    Stop::Refused(why.to_string())
}

pub(super) async fn run(config: Config, lost: bool, out: Out) -> Result<(), Ending> {
    super::expect_database(&config)?;
    let services = app::services(config, clock(), entropy()).await?;
    if lost { begin_anew(&services, out).await } else { rotate(&services, out).await }
}

async fn rotate(services: &Services, out: Out) -> Result<(), Ending> {
    let newest = Secret::make(&*services.entropy, Role::Sealing);
    let id = newest.id();
    let ring = Arc::clone(&services.keys);
    let added = services.transact(Actor::CommandLine, move |tx| Stop::commit(add(tx, &ring, &newest)));
    added.await?.map_err(Ending::Failed)?;
    out.say(format!("The newest key is {id} now, in {}.", services.keys.path().display()))?;

    let (mut resealed, mut left, mut complaints) = (0, 0, Vec::new());
    for kind in KINDS {
        let done = reseal_all(services, *kind).await?;
        resealed += done.resealed;
        left += done.unopened.len();
        if !done.unopened.is_empty() {
            let (names, remedy) = (done.unopened.join(", "), kind.words().remedy);
            complaints.push(format!("Left unchanged, because no key in the file unseals them: {names}. {remedy}"));
        }
    }
    out.say(format!("Sealed anew: {resealed}."))?;
    complaints.into_iter().for_each(complain);

    let dropped: Vec<String> = drop_unused(services).await?.iter().map(KeyId::to_string).collect();
    for key in &dropped {
        out.say(format!("Dropped from the file, because nothing needs it: {key}."))?;
    }
    out.tell(&json!({ "key": id.to_string(), "sealed_anew": resealed, "left": left, "dropped": dropped }))?;
    out.say("Copy the key file to every other node now, and back it up again.")
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

/// Outcome of one batch, or of all of a kind.
#[derive(Default)]
struct Batch {
    /// Id of the last row.
    last: Option<i64>,
    resealed: usize,
    /// Names of the rows that no key unseals.
    unopened: Vec<String>,
}

async fn reseal_all(services: &Services, kind: &'static dyn SealedKind) -> Result<Batch, Ending> {
    let mut all = Batch::default();
    loop {
        let (ring, after) = (Arc::clone(&services.keys), all.last);
        let reseal = move |tx: &mut Tx<'_>| Stop::commit(reseal(tx, &ring, (kind, after)));
        let batch = services.transact(Actor::CommandLine, reseal).await?;
        let batch = batch.map_err(Ending::Failed)?;
        all.resealed += batch.resealed;
        all.unopened.extend(batch.unopened);
        if batch.last.is_none() {
            return Ok(all);
        }
        all.last = batch.last;
    }
}

fn reseal(tx: &mut Tx<'_>, ring: &KeyRing, (kind, after): (&dyn SealedKind, Option<i64>)) -> Answer<Batch> {
    // So that no other run takes a key out of the file before this one is done.
    db::sealed::serialise(tx.connection)?;
    let newest = ring.load().map_err(refused)?.first().copied();
    let mut batch = Batch::default();
    for row in kind.page(tx.connection, after, BATCH)? {
        batch.last = Some(row.id);
        if key_of(&row.sealed) == newest && !is_first_version(&row.sealed) {
            continue;
        }
        match ring.seal_anew(tx.entropy, &row.sealed, row.place) {
            Ok(anew) => batch.resealed += usize::from(kind.reseal(tx.connection, &row, &anew)?),
            Err(SealFault::File(fault)) => return Err(refused(fault)),
            Err(_) => batch.unopened.push(format!("{:016x}", row.id)),
        }
    }
    Ok(batch)
}

/// Makes a new key file for one that is lost. Secrets sealed under it stay, although no key unseals
/// them. Deleting them would remove the second factor that their owners rely on.
async fn begin_anew(services: &Services, out: Out) -> Result<(), Ending> {
    let fresh = Keys::make(&*services.entropy);
    let ring = Arc::clone(&services.keys);
    let made = services.transact(Actor::CommandLine, move |tx| Stop::commit(replace(tx, &ring, &fresh)));
    let (newest, sealed) = made.await?.map_err(Ending::Failed)?;
    out.say(format!("A new key file was made, with the key {newest}: {}.", services.keys.path().display()))?;
    let mut counts = Map::new();
    for (lost, count) in sealed {
        out.say(format!("{lost}: {count}."))?;
        counts.insert(lost.to_owned(), count.into());
    }
    out.tell(&json!({ "key": newest.to_string(), "lost": counts }))?;
    out.say("Back up the key file, copy it to every other node, and restart them all.")
}

/// Returns the new key, and how many secrets of each kind are lost.
fn replace(tx: &mut Tx<'_>, ring: &KeyRing, fresh: &Keys) -> Answer<(KeyId, Vec<(&'static str, i64)>)> {
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
    let count = |kind: &&dyn SealedKind| Ok::<_, Error>((kind.words().lost, kind.count(tx.connection)?));
    let lost = KINDS.iter().map(count).collect::<Result<Vec<_>, _>>()?;
    // Nothing unseals them. The next start makes others, so that apps work again.
    db::oidc_keys::delete_all(tx.connection)?;
    Ok((newest, lost))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::sealed::tests::Notes;

    /// More than one transaction.
    const NOTES: i64 = BATCH + 7;

    async fn started() -> (tempfile::TempDir, Arc<Services>) {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let env = [
            ("BASE_URL", "http://localhost:8000".to_owned()),
            ("DATABASE_URL", format!("sqlite://{}", path("gatepost.db"))),
            ("KEY_FILE", path("gatepost.key")),
            ("MAIL_URL", "dev:".to_owned()),
        ];
        let env = env.map(|(key, value)| (format!("GATEPOST_{key}"), value));
        let config = Config::read(None, &env).unwrap();
        let services = app::build(config, clock(), entropy()).await.unwrap().services;
        (folder, services)
    }

    /// A rotation that knew fewer kinds would drop the key that these rows need.
    #[rocket::async_test]
    async fn a_second_kind_is_sealed_anew_and_its_keys_are_kept() {
        let (_folder, services) = started().await;
        let ring = Arc::clone(&services.keys);
        let first = ring.load().unwrap()[0];
        let seals = Arc::clone(&ring);
        let fill = move |connection: &mut db::DbConnection| {
            Notes::make(connection)?;
            (0..NOTES).try_for_each(|id| {
                let text = format!("note {id}");
                let sealed = seals.seal(&*entropy(), text.as_bytes(), Notes::place(id)).unwrap();
                Notes::insert(connection, id, &sealed)
            })
        };
        services.db.write(fill).await.unwrap();
        let needed = |kinds| services.db.read(move |connection| keys::needed_by(connection, kinds));
        const BOTH: &[&dyn SealedKind] = &[&db::totp::Secrets, &Notes];
        assert_eq!(needed(BOTH).await.unwrap(), [first]);
        assert!(needed(KINDS).await.unwrap().is_empty(), "no other kind needs it");

        let newest = Secret::make(&*services.entropy, Role::Sealing);
        ring.add(&newest).unwrap();
        let mut resealed = 0;
        for kind in BOTH {
            let done = reseal_all(&services, *kind).await.unwrap_or_else(|_| panic!("{}", kind.column()));
            assert!(done.unopened.is_empty());
            resealed += done.resealed;
        }
        assert_eq!(i64::try_from(resealed).unwrap(), NOTES);
        assert_eq!(needed(BOTH).await.unwrap(), [newest.id()]);
        let rows = services.db.read(|connection| Notes.page(connection, None, NOTES)).await.unwrap();
        for row in rows {
            let text = format!("note {}", row.id);
            assert_eq!(ring.open(&row.sealed, row.place).unwrap().as_bytes(), text.as_bytes());
            assert!(ring.open(&row.sealed, Notes::place(row.id + 1)).is_err(), "it opens in its own row only");
        }
        assert_eq!(services.db.read(|connection| Notes.count(connection)).await.unwrap(), NOTES);
    }
}
