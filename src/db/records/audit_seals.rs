//! Seals of the audit log, and the lines that each covers.

use crate::{
    db::{
        DbConnection, Error,
        audit::Row,
        schema::{audit, audit_seals},
    },
    domain::{
        AuditId, Lifetime, Timestamp,
        audit_seal::{self, SealHash, Sealer},
        time::SKEW,
    },
};
use diesel::prelude::*;

/// A place in the order of lines.
pub type Place = (Timestamp, i64);

/// One seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    pub number: i64,
    /// The last line that it covers.
    pub until: Place,
    pub lines: i64,
    pub hash: SealHash,
    /// Set before its lines are deleted, because they have expired. No hash covers it.
    pub is_deleted: bool,
}

type Stored = (i64, Timestamp, i64, i64, Vec<u8>, Option<Timestamp>);

fn read((number, at, id, lines, hash, deleted_at): Stored) -> Result<Seal, Error> {
    let hash = SealHash::from_slice(&hash).ok_or_else(|| Error::unreadable("hash of a seal"))?;
    Ok(Seal { number, until: (at, id), lines, hash, is_deleted: deleted_at.is_some() })
}

/// Returns up to `most` seals after the one with this number, in their order.
pub fn after(connection: &mut DbConnection, number: i64, most: i64) -> Result<Vec<Seal>, Error> {
    let rows: Vec<Stored> = audit_seals::table
        .filter(audit_seals::number.gt(number))
        .order(audit_seals::number.asc())
        .limit(most)
        .select((
            audit_seals::number,
            audit_seals::until_at,
            audit_seals::until_id,
            audit_seals::lines,
            audit_seals::hash,
            audit_seals::deleted_at,
        ))
        .load(connection)?;
    rows.into_iter().map(read).collect()
}

/// Returns the newest seal.
pub fn newest(connection: &mut DbConnection) -> Result<Option<Seal>, Error> {
    let number: Option<i64> = audit_seals::table.select(diesel::dsl::max(audit_seals::number)).first(connection)?;
    let Some(number) = number else { return Ok(None) };
    Ok(after(connection, number.saturating_sub(1), 1)?.pop())
}

/// Returns up to `most` lines after a place and before a moment, in their order.
fn lines_after(
    connection: &mut DbConnection,
    (at, id): Place,
    before: Timestamp,
    most: usize,
) -> Result<Vec<Row>, Error> {
    Ok(audit::table
        .filter(audit::at.ge(at))
        .filter(audit::at.gt(at).or(audit::id.gt(AuditId::from_i64(id))))
        .filter(audit::at.lt(before))
        .order((audit::at.asc(), audit::id.asc()))
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .select(Row::as_select())
        .load(connection)?)
}

const BEGINNING: Place = (Timestamp::EARLIEST, i64::MIN);

/// Returns the seal over the next finished lines, if there are any. A reader makes it, so that the
/// one writer only stores it.
pub fn next(connection: &mut DbConnection, now: Timestamp) -> Result<Option<Seal>, Error> {
    let last = newest(connection)?;
    let (number, place, hash) =
        last.map_or((0, BEGINNING, SealHash::FIRST), |last| (last.number, last.until, last.hash));
    let before = now.minus(audit_seal::UNFINISHED);
    let mut rows = lines_after(connection, place, before, audit_seal::MAX)?;
    let moments: Vec<_> = rows.iter().map(|row| row.at).collect();
    rows.truncate(audit_seal::batch(&moments));
    let Some(until) = rows.last().map(Row::place) else { return Ok(None) };
    let number = number.saturating_add(1);
    let lines = i64::try_from(rows.len()).map_err(Error::fault)?;
    Ok(Some(Seal { number, until, lines, hash: hash_of(number, hash, &rows), is_deleted: false }))
}

fn hash_of(number: i64, before: SealHash, rows: &[Row]) -> SealHash {
    let mut sealer = Sealer::new(number, before);
    rows.iter().for_each(|row| row.seal(&mut sealer));
    sealer.finish()
}

/// Stores a seal, unless another node has sealed the same lines. Returns whether it did.
pub fn store(connection: &mut DbConnection, seal: &Seal, now: Timestamp) -> Result<bool, Error> {
    crate::db::engine::dialect::serialise(connection, "audit seals")?;
    let number = newest(connection)?.map_or(0, |last| last.number);
    if number.saturating_add(1) != seal.number {
        return Ok(false);
    }
    diesel::insert_into(audit_seals::table)
        .values((
            audit_seals::number.eq(seal.number),
            audit_seals::until_at.eq(seal.until.0),
            audit_seals::until_id.eq(seal.until.1),
            audit_seals::lines.eq(seal.lines),
            audit_seals::hash.eq(seal.hash.as_bytes().to_vec()),
            audit_seals::sealed_at.eq(now),
        ))
        .execute(connection)?;
    Ok(true)
}

/// Returns the last line of the newest seal whose lines are all older than `before`, and notes that
/// they go.
pub fn expire(connection: &mut DbConnection, before: Timestamp, now: Timestamp) -> Result<Option<Place>, Error> {
    let expired = || audit_seals::table.filter(audit_seals::until_at.lt(before));
    diesel::update(expired().filter(audit_seals::deleted_at.is_null()))
        .set(audit_seals::deleted_at.eq(now))
        .execute(connection)?;
    let last: Option<Place> = expired()
        .order(audit_seals::number.desc())
        .select((audit_seals::until_at, audit_seals::until_id))
        .first(connection)
        .optional()?;
    Ok(last)
}

/// Fault of a seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A seal is missing, or its place is not after the one before it.
    Order,
    /// There are fewer or more lines than were sealed.
    Lines { sealed: i64, found: i64 },
    /// A line, the seal or the seal before it is not what it was.
    Hash,
    /// It says that its lines have expired, and an older one still has its lines.
    Gap,
    /// It says that its lines have expired, at an age that is no expiry.
    Early { age: Lifetime },
}

/// Compares a seal with its lines. `before` is the seal before it. Lines expire at the age of
/// `kept_for`, and not before.
pub fn check(
    connection: &mut DbConnection,
    (before, seal): (Option<&Seal>, &Seal),
    (kept_for, now): (Lifetime, Timestamp),
) -> Result<Option<Finding>, Error> {
    let (number, place, hash) =
        before.map_or((0, BEGINNING, SealHash::FIRST), |seal| (seal.number, seal.until, seal.hash));
    if seal.number != number.saturating_add(1) || seal.until <= place {
        return Ok(Some(Finding::Order));
    }
    if seal.is_deleted {
        let deleted_at = deleted_at(connection, seal.number)?.min(now);
        return Ok(not_expired(before, seal, deleted_at, kept_for));
    }
    let most = usize::try_from(seal.lines).unwrap_or(usize::MAX).saturating_add(1);
    let end = seal.until.0.plus(Lifetime::millis(1));
    let mut rows = lines_after(connection, place, end, most)?;
    rows.retain(|row| row.place() <= seal.until);
    let found = i64::try_from(rows.len()).map_err(Error::fault)?;
    if found != seal.lines {
        return Ok(Some(Finding::Lines { sealed: seal.lines, found }));
    }
    Ok((hash_of(seal.number, hash, &rows) != seal.hash).then_some(Finding::Hash))
}

/// Returns why lines cannot have expired that a seal says are deleted. No hash covers that, so that
/// an attacker could otherwise take single lines out and mark their seal. Lines expire in their
/// order, and a mark from the future counts as one of now.
fn not_expired(before: Option<&Seal>, seal: &Seal, deleted_at: Timestamp, kept_for: Lifetime) -> Option<Finding> {
    if before.is_some_and(|before| !before.is_deleted) {
        return Some(Finding::Gap);
    }
    let newest = seal.until.0;
    let age = deleted_at.since(newest);
    // The node that deleted them may be ahead of this one.
    (deleted_at.plus(SKEW).since(newest) < kept_for).then_some(Finding::Early { age })
}

fn deleted_at(connection: &mut DbConnection, number: i64) -> Result<Timestamp, Error> {
    let at: Option<Timestamp> = audit_seals::table.find(number).select(audit_seals::deleted_at).first(connection)?;
    Ok(at.unwrap_or(Timestamp::EARLIEST))
}

/// Returns how many lines no seal covers yet.
pub fn unsealed(connection: &mut DbConnection) -> Result<i64, Error> {
    let (at, id) = newest(connection)?.map_or(BEGINNING, |last| last.until);
    let later = audit::table.filter(audit::at.ge(at)).filter(audit::at.gt(at).or(audit::id.gt(AuditId::from_i64(id))));
    Ok(later.count().get_result(connection)?)
}

/// Deletes up to `most` lines older than `before`, if their seal holds no younger ones. The seals
/// stay. Returns how many there were.
pub fn purge(connection: &mut DbConnection, before: Timestamp, now: Timestamp, most: i64) -> Result<usize, Error> {
    let Some((at, id)) = expire(connection, before, now)? else { return Ok(0) };
    let old: Vec<AuditId> = audit::table
        .filter(audit::at.le(at))
        .filter(audit::at.lt(at).or(audit::id.le(AuditId::from_i64(id))))
        .limit(most)
        .select(audit::id)
        .load(connection)?;
    Ok(diesel::delete(audit::table.filter(audit::id.eq_any(old))).execute(connection)?)
}
