//! Reading, locking and storing the rows of limits, on each database.

use crate::{
    db::{
        DbConnection, Error,
        engine::kept::{Kept, KeptDsl, run_on},
        schema::limits,
    },
    domain::Timestamp,
};
use diesel::{prelude::*, upsert::excluded};

/// A limit as it is stored once it has allowed one more: name, moments, and when it can be deleted.
pub(in crate::db) type Row = (String, Vec<u8>, Timestamp);

/// Reads the rows of some limits and keeps others from changing them until the end of the
/// transaction.
///
/// PostgreSQL can only lock rows that exist, so that this makes them. It takes all in one order,
/// because two requests could otherwise each hold what the other waits for. One statement does
/// both, so that no other order, such as that of the server's language, comes between.
pub(in crate::db) fn lock(connection: &mut DbConnection, names: &mut [&str]) -> QueryResult<Vec<(String, Vec<u8>)>> {
    names.sort_unstable();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    match connection {
        DbConnection::Sqlite(sqlite) => names.iter().filter_map(|name| find(sqlite, name).transpose()).collect(),
        DbConnection::Postgres(postgres) => {
            let rows: Vec<_> = names
                .iter()
                .map(|name| {
                    (limits::name.eq(*name), limits::allowed.eq(Vec::new()), limits::forget_at.eq(Timestamp::EPOCH))
                })
                .collect();
            let as_it_is = limits::forget_at.eq(limits::forget_at);
            let lock = diesel::insert_into(limits::table).values(rows).on_conflict(limits::name).do_update();
            Kept(lock.set(as_it_is).returning((limits::name, limits::allowed))).load(postgres)
        }
    }
}

/// Reads a row by its key. For a list of names, SQLite opens a table each time and fills it first.
fn find(sqlite: &mut SqliteConnection, name: &str) -> QueryResult<Option<(String, Vec<u8>)>> {
    let rows: Vec<Vec<u8>> = Kept(limits::table.find(name).select(limits::allowed)).load(sqlite)?;
    Ok(rows.into_iter().next().map(|allowed| (name.to_owned(), allowed)))
}

/// Deletes these rows.
pub(in crate::db) fn delete(connection: &mut DbConnection, names: &[String]) -> QueryResult<()> {
    match connection {
        DbConnection::Sqlite(sqlite) => {
            names.iter().try_for_each(|name| run_on(sqlite, diesel::delete(limits::table.find(name))))
        }
        DbConnection::Postgres(postgres) => {
            run_on(postgres, diesel::delete(limits::table.filter(limits::name.eq_any(names))))
        }
    }
}

/// Reads the rows of some limits, those that exist.
pub(in crate::db) fn read(connection: &mut DbConnection, names: &[&str]) -> QueryResult<Vec<(String, Vec<u8>)>> {
    let rows = limits::table.filter(limits::name.eq_any(names)).select((limits::name, limits::allowed));
    rows.load_kept(connection)
}

/// Does the same for names that are next to each other in the order of their bytes. SQLite reads
/// such rows in one go, and binds two values instead of all. Others in between come, too.
pub(in crate::db) fn read_span(connection: &mut DbConnection, names: &[&str]) -> QueryResult<Vec<(String, Vec<u8>)>> {
    match (connection, names) {
        (DbConnection::Sqlite(sqlite), [first, .., last]) => {
            let span = limits::name.ge(*first).and(limits::name.le(*last));
            Kept(limits::table.filter(span).select((limits::name, limits::allowed))).load(sqlite)
        }
        (connection, names) => read(connection, names),
    }
}

/// Locks one of these rows. On PostgreSQL it passes over rows that another transaction holds. If
/// each is held, it waits for the first. `None` on SQLite, where a writer has the whole database.
pub(in crate::db) fn lock_one(connection: &mut DbConnection, names: &[&str]) -> QueryResult<Option<(String, Vec<u8>)>> {
    let DbConnection::Postgres(postgres) = connection else { return Ok(None) };
    let named = || limits::table.filter(limits::name.eq_any(names)).order(limits::name).limit(1);
    let one = || named().select((limits::name, limits::allowed)).for_update();
    if let Some(free) = one().skip_locked().first(postgres).optional()? {
        return Ok(Some(free));
    }
    one().first(postgres).optional()
}

/// Makes those of these rows that are missing. Call it only then: PostgreSQL waits for everyone who
/// holds one of the others, one after the other.
pub(in crate::db) fn make(connection: &mut DbConnection, names: &[&str]) -> QueryResult<()> {
    let DbConnection::Postgres(postgres) = connection else { return Ok(()) };
    let row = |name: &&str| {
        (limits::name.eq((*name).to_owned()), limits::allowed.eq(Vec::new()), limits::forget_at.eq(Timestamp::EPOCH))
    };
    let rows: Vec<_> = names.iter().map(row).collect();
    diesel::insert_into(limits::table).values(rows).on_conflict_do_nothing().execute(postgres)?;
    Ok(())
}

/// Locks those of these rows that no other transaction holds, and never waits. Returns their names.
/// Two transactions that take the same rows in another order could wait for each other.
pub(in crate::db) fn lock_free(connection: &mut DbConnection, names: &[String]) -> QueryResult<Vec<String>> {
    let DbConnection::Postgres(postgres) = connection else { return Ok(names.to_vec()) };
    let named = limits::table.filter(limits::name.eq_any(names)).select(limits::name);
    named.for_update().skip_locked().load(postgres)
}

/// Stores what [`lock`] read: name, moments, and when the row can be deleted.
pub(in crate::db) fn store(connection: &mut DbConnection, rows: &[Row]) -> QueryResult<()> {
    let values = |(name, allowed, forget_at): &Row| {
        (limits::name.eq(name.clone()), limits::allowed.eq(allowed.clone()), limits::forget_at.eq(*forget_at))
    };
    let replace = (limits::allowed.eq(excluded(limits::allowed)), limits::forget_at.eq(excluded(limits::forget_at)));
    match connection {
        DbConnection::Sqlite(sqlite) => rows.iter().try_for_each(|row| {
            let insert = diesel::insert_into(limits::table).values(values(row));
            run_on(sqlite, insert.on_conflict(limits::name).do_update().set(replace))
        }),
        DbConnection::Postgres(postgres) => {
            let insert = diesel::insert_into(limits::table).values(rows.iter().map(values).collect::<Vec<_>>());
            run_on(postgres, insert.on_conflict(limits::name).do_update().set(replace))
        }
    }
}

/// Reads the moments of a row.
pub(in crate::db) fn decode(bytes: &[u8]) -> Result<Vec<Timestamp>, Error> {
    expect_whole(bytes)?;
    Ok(moments(bytes).collect())
}

/// Refuses bytes that are no whole moments.
pub(in crate::db) fn expect_whole(bytes: &[u8]) -> Result<(), Error> {
    if bytes.len().is_multiple_of(8) { Ok(()) } else { Err(Error::unreadable("limit")) }
}

/// Returns the moments in bytes that passed [`expect_whole`].
pub(in crate::db) fn moments(bytes: &[u8]) -> impl Iterator<Item = Timestamp> + Clone {
    bytes.as_chunks::<8>().0.iter().map(|&moment| Timestamp::from_millis(i64::from_be_bytes(moment)))
}
