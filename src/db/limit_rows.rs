//! Reading, locking and storing the rows of limits, on each database.

use super::{DbConnection, Error, schema::limits};
use crate::domain::Timestamp;
use diesel::{prelude::*, upsert::excluded};

/// A limit as it is stored once it has allowed one more: name, moments, and when it can be deleted.
pub(super) type Row = (String, Vec<u8>, i64);

/// Reads the rows of some limits and keeps others from changing them until the end of the
/// transaction.
///
/// PostgreSQL can only lock rows that exist, so that this makes them first. It uses one order,
/// because two requests could otherwise each hold what the other waits for. The order is by name,
/// so that a row that every request needs should sort late.
pub(super) fn lock(connection: &mut DbConnection, names: &mut [&str]) -> QueryResult<Vec<(String, Vec<u8>)>> {
    names.sort_unstable();
    let query =
        limits::table.filter(limits::name.eq_any(&*names)).order(limits::name).select((limits::name, limits::allowed));
    match connection {
        DbConnection::Sqlite(sqlite) => query.load(sqlite),
        DbConnection::Postgres(postgres) => {
            let rows: Vec<_> = names
                .iter()
                .map(|name| (limits::name.eq(*name), limits::allowed.eq(Vec::new()), limits::forget_at.eq(0)))
                .collect();
            diesel::insert_into(limits::table).values(rows).on_conflict_do_nothing().execute(postgres)?;
            query.for_update().load(postgres)
        }
    }
}

/// Locks one of these rows, and makes them if they are missing. On PostgreSQL it passes over rows
/// that another transaction holds. If each is held, it waits for the first.
pub(super) fn lock_one(connection: &mut DbConnection, names: &[String]) -> QueryResult<(String, Vec<u8>)> {
    let query = || {
        let named = limits::table.filter(limits::name.eq_any(names)).order(limits::name);
        named.limit(1).select((limits::name, limits::allowed))
    };
    match connection {
        DbConnection::Sqlite(sqlite) => {
            let first: Option<(String, Vec<u8>)> = query().first(sqlite).optional()?;
            Ok(first.unwrap_or_else(|| (names.first().cloned().unwrap_or_default(), Vec::new())))
        }
        DbConnection::Postgres(postgres) => {
            if let Some(free) = query().for_update().skip_locked().first(postgres).optional()? {
                return Ok(free);
            }
            let rows: Vec<_> = names
                .iter()
                .map(|name| (limits::name.eq(name), limits::allowed.eq(Vec::new()), limits::forget_at.eq(0)))
                .collect();
            diesel::insert_into(limits::table).values(rows).on_conflict_do_nothing().execute(postgres)?;
            query().for_update().first(postgres)
        }
    }
}

/// Locks one of these rows unless another transaction holds each, and never waits. Returns `None`
/// also on rows that are missing.
pub(super) fn try_lock_one(connection: &mut DbConnection, names: &[String]) -> QueryResult<Option<(String, Vec<u8>)>> {
    let DbConnection::Postgres(postgres) = connection else { return lock_one(connection, names).map(Some) };
    let named = limits::table.filter(limits::name.eq_any(names)).order(limits::name);
    let first = named.limit(1).select((limits::name, limits::allowed));
    first.for_update().skip_locked().first(postgres).optional()
}

/// Stores what [`lock`] read: name, moments, and when the row can be deleted.
pub(super) fn store(connection: &mut DbConnection, rows: &[Row]) -> QueryResult<()> {
    let values = |(name, allowed, forget_at): &Row| {
        (limits::name.eq(name.clone()), limits::allowed.eq(allowed.clone()), limits::forget_at.eq(*forget_at))
    };
    let replace = (limits::allowed.eq(excluded(limits::allowed)), limits::forget_at.eq(excluded(limits::forget_at)));
    match connection {
        DbConnection::Sqlite(sqlite) => {
            for row in rows {
                diesel::insert_into(limits::table)
                    .values(values(row))
                    .on_conflict(limits::name)
                    .do_update()
                    .set(replace)
                    .execute(sqlite)?;
            }
        }
        DbConnection::Postgres(postgres) => {
            diesel::insert_into(limits::table)
                .values(rows.iter().map(values).collect::<Vec<_>>())
                .on_conflict(limits::name)
                .do_update()
                .set(replace)
                .execute(postgres)?;
        }
    }
    Ok(())
}

/// Reads the moments of a row.
pub(super) fn decode(bytes: &[u8]) -> Result<Vec<Timestamp>, Error> {
    let (moments, rest) = bytes.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(Error::unreadable("limit"));
    }
    Ok(moments.iter().map(|&moment| Timestamp::from_millis(i64::from_be_bytes(moment))).collect())
}
