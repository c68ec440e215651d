//! Makes the keys that sign tokens for apps, and retires them: by schedule, or because the operator
//! says so.

use crate::{
    db::{
        self, Error, Tx,
        oidc_keys::{KeyRowId, StoredKey},
    },
    domain::{
        Timestamp,
        audit::{Action, Actor},
        oidc::{
            SigningAlg,
            key_schedule::{self, KeyTimes},
        },
    },
    sealing::Sealer,
    services::Services,
    signing::{self, NewKey},
};
use std::sync::Arc;
use strum::VariantArray;

/// Time at which new keys begin, if the operator asks for some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// Apps see them for three days before.
    Usual,
    /// At once, because a key may have been stolen. All others go.
    Now,
}

/// Makes the first keys before any app asks. Housekeeping makes later ones, because it knows
/// whether the clock is right. A key made under a wrong clock would replace a good one.
pub async fn make_first(services: &Services) -> Result<(), Error> {
    let known = services.db.read(db::oidc_keys::all).await?;
    let has_all = SigningAlg::VARIANTS.iter().all(|alg| known.iter().any(|key| key.times.alg == *alg));
    if has_all { Ok(()) } else { keep_up(services).await }
}

/// Makes the keys that are due, and deletes those that are over. Changes nothing most of the time.
pub async fn keep_up(services: &Services) -> Result<(), Error> {
    let now = services.now();
    let known = services.db.read(db::oidc_keys::all).await?;
    let times = times(&known);
    let due = due(&times, now);
    if due.is_empty() && !times.iter().any(|key| key_schedule::is_over(&times, *key, now)) {
        return Ok(());
    }
    let (fresh, sealer) = prepare(services, due.into_iter().map(|(alg, _)| alg).collect()).await?;
    let work = move |tx: &mut Tx<'_>| {
        // Nodes that start together take turns: the second one finds that nothing is due.
        db::sealed::serialise(tx.connection)?;
        let known = db::oidc_keys::all(tx.connection)?;
        let times = self::times(&known);
        for (alg, from) in self::due(&times, tx.now) {
            if let Some(new) = fresh.iter().find(|new| new.alg == alg) {
                insert(tx, &sealer, (new, from))?;
            }
        }
        for key in known.iter().filter(|key| key_schedule::is_over(&times, key.times, tx.now)) {
            db::oidc_keys::delete(tx.connection, key.id)?;
        }
        Ok(())
    };
    services.transact(Actor::Gatepost, work).await
}

/// Makes new keys because the operator asks. Returns when they begin.
pub async fn rotate(services: &Services, begin: Begin) -> Result<Timestamp, Error> {
    let (fresh, sealer) = prepare(services, SigningAlg::VARIANTS.to_vec()).await?;
    let work = move |tx: &mut Tx<'_>| {
        db::sealed::serialise(tx.connection)?;
        let from = match begin {
            Begin::Usual => tx.now.plus(key_schedule::SHOWN_BEFORE),
            Begin::Now => {
                db::oidc_keys::delete_all(tx.connection)?;
                tx.now
            }
        };
        for new in fresh.iter() {
            insert(tx, &sealer, (new, from))?;
        }
        let line = tx.line(Action::SigningKeysRotated, "signing keys").to(from.rfc3339());
        tx.log(&line)?;
        Ok(from)
    };
    services.transact(Actor::CommandLine, work).await
}

fn times(keys: &[StoredKey]) -> Vec<KeyTimes> {
    keys.iter().map(|key| key.times).collect()
}

fn due(times: &[KeyTimes], now: Timestamp) -> Vec<(SigningAlg, Timestamp)> {
    let next = |alg: &SigningAlg| key_schedule::next_from(times, *alg, now).map(|from| (*alg, from));
    SigningAlg::VARIANTS.iter().filter_map(next).collect()
}

/// Makes keys before the transaction, because an RSA key takes its time.
async fn prepare(services: &Services, algs: Vec<SigningAlg>) -> Result<(Arc<Vec<NewKey>>, Arc<Sealer>), Error> {
    let (entropy, ring) = (Arc::clone(&services.entropy), Arc::clone(&services.keys));
    let made = tokio::task::spawn_blocking(move || {
        let keys: Result<Vec<NewKey>, _> = algs.into_iter().map(|alg| signing::make(alg, &*entropy)).collect();
        Ok::<_, Error>((Arc::new(keys.map_err(Error::fault)?), Arc::new(ring.sealer().map_err(Error::fault)?)))
    });
    made.await.map_err(Error::fault)?
}

fn insert(tx: &mut Tx<'_>, sealer: &Sealer, (new, signs_from): (&NewKey, Timestamp)) -> Result<(), Error> {
    let id = KeyRowId::issue(tx.entropy);
    let sealed = sealer.seal(tx.entropy, &new.pkcs8, StoredKey::place(id)).map_err(Error::fault)?;
    let times = KeyTimes { alg: new.alg, signs_from };
    let key = StoredKey { id, kid: new.kid.clone(), times, jwk: new.jwk.clone(), sealed };
    db::oidc_keys::insert(tx.connection, &key, tx.now)
}
