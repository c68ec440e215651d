//! Seals finished lines of the audit log into a chain of hashes, and checks the chain.

use crate::{
    db::{
        self, Error,
        audit_seals::{Finding, Seal},
    },
    domain::{Lifetime, audit_seal::SealHash},
    services::Services,
};

/// Most seals of one round. A log of years from before this version takes a few rounds.
const MAX: usize = 200;
/// Seals of one reading job.
const BATCH: i64 = 100;

/// Seals what is finished.
pub(super) async fn seal(services: &Services) -> Result<(), Error> {
    let now = services.now();
    for _ in 0..MAX {
        let Some(seal) = services.db.read(move |connection| db::audit_seals::next(connection, now)).await? else {
            break;
        };
        let stored = seal.clone();
        let store = move |connection: &mut db::DbConnection| db::audit_seals::store(connection, &stored, now);
        if !services.db.write_at_leisure(store).await? {
            // Another node is sealing the same lines.
            break;
        }
        tracing::info!(number = seal.number, lines = seal.lines, hash = %seal.hash, "audit log sealed");
    }
    Ok(())
}

/// Findings of a check of the chain.
#[derive(Debug, Default)]
pub struct Checked {
    pub seals: i64,
    pub lines: i64,
    /// Lines whose seals stayed when they expired.
    pub deleted: i64,
    /// Lines that no seal covers yet.
    pub unsealed: i64,
    pub newest: Option<Seal>,
    /// The first seal that does not hold.
    pub broken: Option<(i64, Finding)>,
    /// True if the chain has the hash that was asked for.
    pub has_asked: bool,
    /// The lines up to that hash count as expired, and are deleted.
    pub is_asked_expired: bool,
}

/// Checks every seal from the first, and whether one has the hash that was noted earlier.
pub async fn verify(services: &Services, noted: Option<SealHash>) -> Result<Checked, Error> {
    verify_kept_for(services, noted, services.config.audit_lifetime).await
}

/// Does the same where lines were once kept for a shorter time than now.
pub async fn verify_kept_for(
    services: &Services,
    noted: Option<SealHash>,
    kept_for: Lifetime,
) -> Result<Checked, Error> {
    let expiry = (kept_for, services.now());
    let mut checked = Checked { has_asked: noted.is_none(), ..Checked::default() };
    loop {
        let before = checked.newest.clone();
        let read = services.db.read(move |connection| {
            let number = before.as_ref().map_or(0, |seal| seal.number);
            let seals = db::audit_seals::after(connection, number, BATCH)?;
            let mut last = before.clone();
            let mut found = Vec::new();
            for seal in seals {
                let finding = db::audit_seals::check(connection, (last.as_ref(), &seal), expiry)?;
                last = Some(seal.clone());
                found.push((seal, finding));
            }
            Ok(found)
        });
        let found = read.await?;
        if found.is_empty() {
            break;
        }
        for (seal, finding) in found {
            checked.seals += 1;
            let is_asked = noted == Some(seal.hash);
            checked.has_asked |= is_asked;
            checked.is_asked_expired |= is_asked && seal.is_deleted;
            let lines = if seal.is_deleted { &mut checked.deleted } else { &mut checked.lines };
            *lines += seal.lines;
            checked.broken = checked.broken.or(finding.map(|finding| (seal.number, finding)));
            checked.newest = Some(seal);
        }
    }
    checked.unsealed = services.db.read(db::audit_seals::unsealed).await?;
    Ok(checked)
}
