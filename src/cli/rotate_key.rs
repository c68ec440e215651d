//! `gatepost rotate-key`: adds a key and seals every secret under it, beside a running server.
//!
//! First the file gets the key, then the rows change, then the file loses the keys that no row
//! needs. After an interruption, every row can still be unsealed, and the next run continues. A
//! replaced key stays for 7 days, because a node without the new file still seals with it.
//!
//! Runs and starts take turns at the file: see [`keys::in_turn`]. Secrets are sealed between two
//! transactions, so that none waits for the file.

use super::{
    Ending, clock, entropy,
    out::{Out, complain},
};
use crate::{
    app::{
        self,
        keys::{self, Fitting, Transactions},
    },
    config::Config,
    db::{
        self, DbConnection, Error, Stop, Tx,
        sealed::{SealedKind, SealedRow},
        sealed_kinds::KINDS,
    },
    domain::{
        Entropy, KeyId,
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
    let services = Arc::new(app::services(config, clock(), entropy()).await?);
    if lost { begin_anew(&services, out).await } else { rotate(&services, out).await }
}

/// Does `work` on the key file in turn.
async fn in_turn<T: Send + 'static>(
    services: &Arc<Services>,
    work: impl Fn(&mut Transactions<'_, '_>, &Arc<KeyRing>) -> Answer<T> + Send + 'static,
) -> Result<T, Ending> {
    let ring = Arc::clone(&services.keys);
    let done = keys::in_turn(services, Actor::CommandLine, move |db_work| Stop::commit(work(db_work, &ring)));
    done.await?.map_err(Ending::Failed)
}

async fn rotate(services: &Arc<Services>, out: Out) -> Result<(), Ending> {
    let newest = Secret::make(&*services.entropy, Role::Sealing);
    let id = newest.id();
    in_turn(services, move |db_work, ring| add(db_work, ring, &newest)).await?;
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

    let dropped: Vec<String> = in_turn(services, drop_unused).await?.iter().map(KeyId::to_string).collect();
    for key in &dropped {
        out.say(format!("Dropped from the file, because nothing needs it: {key}."))?;
    }
    out.tell(&json!({ "key": id.to_string(), "sealed_anew": resealed, "left": left, "dropped": dropped }))?;
    out.say("Copy the key file to every other node now, and back it up again.")
}

fn add(db_work: &mut Transactions<'_, '_>, ring: &Arc<KeyRing>, newest: &Secret) -> Answer<()> {
    if db_work.read(db::sealed::newest_key)?.is_none() {
        return Err(refused("This database has no key yet: the first start makes one."));
    }
    let Fitting { keys, .. } = keys::judge(db_work, ring, ring.load())?;
    let (id, before) = (newest.id(), keys.into_iter().find(|key| *key != newest.id()));
    db_work.expect_writable()?;
    ring.add(newest).map_err(refused)?;
    let note = move |tx: &mut Tx<'_>| {
        db::sealed::note_key(tx.connection, id, tx.now)?;
        let line = tx.line(Action::KeyRotated, "key file");
        let line = match before {
            Some(before) => line.from_to(before.to_string(), id.to_string()),
            None => line.to(id.to_string()),
        };
        tx.log(&line)
    };
    Ok(db_work.transact(note)?)
}

fn drop_unused(db_work: &mut Transactions<'_, '_>, ring: &Arc<KeyRing>) -> Answer<Vec<KeyId>> {
    let in_file = ring.load().map_err(refused)?;
    let kept = db_work.transact(move |tx| keys::kept(tx.connection, &in_file, tx.now))?;
    ring.drop_but(&kept).map_err(refused)
}

/// Outcome of one batch, or of all of a kind.
#[derive(Default)]
struct Outcome {
    resealed: usize,
    /// Names of the rows that no key unseals.
    unopened: Vec<String>,
}

/// Seals every secret of a kind anew, outside of its turn. What it seals stays readable: another
/// run keeps each key for days after it was the newest.
async fn reseal_all(services: &Services, kind: &'static dyn SealedKind) -> Result<Outcome, Ending> {
    let (mut all, mut after) = (Outcome::default(), None);
    loop {
        let rows = services.db.read(move |connection| kind.page(connection, after, BATCH)).await?;
        let Some(last) = rows.last() else { return Ok(all) };
        after = Some(last.id);
        let batch = reseal(services, kind, rows).await?;
        all.resealed += batch.resealed;
        all.unopened.extend(batch.unopened);
    }
}

async fn reseal(services: &Services, kind: &'static dyn SealedKind, rows: Vec<SealedRow>) -> Result<Outcome, Ending> {
    let (ring, entropy) = (Arc::clone(&services.keys), Arc::clone(&services.entropy));
    let sealed = tokio::task::spawn_blocking(move || seal_anew(&ring, &*entropy, rows)).await.map_err(Error::fault)?;
    let (anew, unopened) = sealed.map_err(|fault| Ending::Failed(fault.to_string()))?;
    // A row that another transaction has removed or sealed in between stays as it is.
    let store = move |connection: &mut DbConnection| {
        anew.iter().try_fold(0, |count, (row, anew)| Ok(count + usize::from(kind.reseal(connection, row, anew)?)))
    };
    Ok(Outcome { resealed: services.db.write(store).await?, unopened })
}

/// Rows as they were, each with its secret sealed anew.
type SealedAnew = Vec<(SealedRow, Vec<u8>)>;

/// Returns the rows with their secrets sealed under the newest key, where they are not. Also the
/// names of those that no key unseals.
fn seal_anew(
    ring: &KeyRing,
    entropy: &dyn Entropy,
    rows: Vec<SealedRow>,
) -> Result<(SealedAnew, Vec<String>), FileFault> {
    let newest = ring.load()?.first().copied();
    let (mut anew, mut unopened) = (Vec::new(), Vec::new());
    for row in rows {
        if key_of(&row.sealed) == newest && !is_first_version(&row.sealed) {
            continue;
        }
        match ring.seal_anew(entropy, &row.sealed, row.place) {
            Ok(sealed) => anew.push((row, sealed)),
            Err(SealFault::File(fault)) => return Err(fault),
            Err(_) => unopened.push(format!("{:016x}", row.id)),
        }
    }
    Ok((anew, unopened))
}

/// Makes a new key file for one that is lost. Secrets sealed under it stay, although no key unseals
/// them. Deleting them would remove the second factor that their owners rely on.
async fn begin_anew(services: &Arc<Services>, out: Out) -> Result<(), Ending> {
    let fresh = Keys::make(&*services.entropy);
    let (newest, sealed) = in_turn(services, move |db_work, ring| replace(db_work, ring, &fresh)).await?;
    out.say(format!("A new key file was made, with the key {newest}: {}.", services.keys.path().display()))?;
    let mut counts = Map::new();
    for (lost, count) in sealed {
        out.say(format!("{lost}: {count}."))?;
        counts.insert(lost.to_owned(), count.into());
    }
    out.tell(&json!({ "key": newest.to_string(), "lost": counts }))?;
    out.say("Back up the key file, copy it to every other node, and restart them all.")
}

/// Secrets of each kind that are lost: words before a count, and the count.
type Lost = Vec<(&'static str, i64)>;

/// Returns the new key, and how many secrets of each kind are lost.
fn replace(db_work: &mut Transactions<'_, '_>, ring: &KeyRing, fresh: &Keys) -> Answer<(KeyId, Lost)> {
    let lost = db_work.read(db::sealed::newest_key)?;
    let lost = lost.ok_or_else(|| refused("Nothing is lost: this database has no key yet."))?;
    db_work.expect_writable()?;
    let keys = match ring.load() {
        Err(FileFault::Missing(_)) => ring.load_or_make(fresh),
        loaded => loaded,
    };
    // The new file is there already when this runs twice.
    if keys.map_err(refused)? != fresh.ids() {
        return Err(refused(format!("There is a key file at {}. Move it away first.", ring.path().display())));
    }
    let newest = fresh.newest_id();
    Ok((newest, db_work.transact(move |tx| note_loss(tx, lost, newest))?))
}

/// Notes the new key. Returns how many secrets of each kind nothing unseals any more.
fn note_loss(tx: &mut Tx<'_>, lost: KeyId, newest: KeyId) -> Result<Lost, Error> {
    db::sealed::note_key(tx.connection, newest, tx.now)?;
    let line = tx.line(Action::KeyRotated, "key file");
    tx.log(&line.from_to(lost.to_string(), newest.to_string()))?;
    let count = |kind: &&dyn SealedKind| Ok::<_, Error>((kind.words().lost, kind.count(tx.connection)?));
    let lost = KINDS.iter().map(count).collect::<Result<Vec<_>, _>>()?;
    // Nothing unseals them. The next start makes others, so that apps work again.
    db::oidc_keys::delete_all(tx.connection)?;
    Ok(lost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::sealed::tests::Notes;
    use std::{
        path::Path,
        sync::{Mutex, mpsc},
    };

    /// More than one transaction.
    const NOTES: i64 = BATCH + 7;

    fn config(folder: &Path) -> Config {
        let path = |name: &str| folder.join(name).display().to_string();
        let env = [
            ("BASE_URL", "http://localhost:8000".to_owned()),
            ("DATABASE_URL", format!("sqlite://{}", path("gatepost.db"))),
            ("KEY_FILE", path("gatepost.key")),
            ("MAIL_URL", "dev:".to_owned()),
        ];
        let env = env.map(|(key, value)| (format!("GATEPOST_{key}"), value));
        Config::read(None, &env).unwrap()
    }

    async fn started() -> (tempfile::TempDir, Arc<Services>) {
        let folder = tempfile::tempdir().unwrap();
        let services = app::build(config(folder.path()), clock(), entropy()).await.unwrap().services;
        (folder, services)
    }

    /// Another process may have the writer for longer than this one waits.
    #[rocket::async_test]
    async fn a_busy_database_stops_a_rotation_before_the_file_changes() {
        let (folder, services) = started().await;
        let before = services.keys.load().unwrap();
        let other =
            app::services(config(folder.path()), clock(), entropy()).await.unwrap_or_else(|_| panic!("no services"));
        let (has_writer, holds) = mpsc::channel();
        let (go, wait) = mpsc::channel::<()>();
        let wait = Mutex::new(wait);
        let busy = tokio::spawn(async move {
            let keep = move |_: &mut db::DbConnection| {
                let _ = has_writer.send(());
                let _ = wait.lock().unwrap().recv();
                Ok(())
            };
            let _ = other.db.write(keep).await;
        });
        tokio::task::spawn_blocking(move || holds.recv().unwrap()).await.unwrap();
        let newest = Secret::make(&*services.entropy, Role::Sealing);
        let rotated = in_turn(&services, move |db_work, ring| add(db_work, ring, &newest)).await;
        assert!(rotated.is_err(), "the writer was not free");
        assert_eq!(services.keys.load().unwrap(), before);
        let lost = services.keys.path().with_extension("lost");
        std::fs::rename(services.keys.path(), &lost).unwrap();
        let fresh = Keys::make(&*services.entropy);
        assert!(in_turn(&services, move |db_work, ring| replace(db_work, ring, &fresh)).await.is_err());
        assert!(!services.keys.path().exists(), "a file that the database does not know stops every start");
        go.send(()).unwrap();
        busy.await.unwrap();
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
