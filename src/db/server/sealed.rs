//! Secrets that are sealed under the operator's key, and the names of the keys that this database
//! has used. The keys themselves are in the key file.

use crate::{
    db::{
        DbConnection, Error,
        engine::{dialect, kept::KeptDsl},
        schema::sealing_keys,
    },
    domain::{KeyId, Lifetime, SealedPlace, Timestamp},
};
use diesel::prelude::*;

diesel::define_sql_function! {
    /// Returns a part of a binary value.
    fn substr(bytes: diesel::sql_types::Binary, from: diesel::sql_types::Integer, length: diesel::sql_types::Integer) -> diesel::sql_types::Binary
}

/// Takes a lock until the end of the transaction, before anything depends on a key. On PostgreSQL,
/// nodes that start together and commands that rotate together take turns by it. SQLite needs none:
/// see [`KeyLock`](crate::db::KeyLock).
pub fn serialise(connection: &mut DbConnection) -> Result<(), Error> {
    dialect::serialise(connection, "sealing keys")
}

/// Returns the key that was noted last. `None` before the first start.
pub fn newest_key(connection: &mut DbConnection) -> Result<Option<KeyId>, Error> {
    let found: Option<String> = sealing_keys::table
        .order(sealing_keys::first_used_at.desc())
        .select(sealing_keys::id)
        .first(connection)
        .optional()?;
    found.map(|id| id.parse().map_err(|_| Error::unreadable("name of a key"))).transpose()
}

/// Notes that a key is in use, as the newest, unless it was noted before.
pub fn note_key(connection: &mut DbConnection, key: KeyId, now: Timestamp) -> Result<(), Error> {
    let latest: Option<Timestamp> =
        sealing_keys::table.select(diesel::dsl::max(sealing_keys::first_used_at)).first(connection)?;
    // Later than all others, even if the clock was set back.
    let at = latest.map_or(now, |latest| now.max(latest.plus(Lifetime::millis(1))));
    let insert = diesel::insert_into(sealing_keys::table)
        .values((sealing_keys::id.eq(key.to_string()), sealing_keys::first_used_at.eq(at)))
        .on_conflict_do_nothing();
    insert.run_kept(connection)?;
    Ok(())
}

/// Returns the keys that were noted, each with the moment of its first use.
pub fn first_uses(connection: &mut DbConnection) -> Result<Vec<(KeyId, Timestamp)>, Error> {
    let noted: Vec<(String, Timestamp)> =
        sealing_keys::table.select((sealing_keys::id, sealing_keys::first_used_at)).load(connection)?;
    let read = |(id, at): (String, Timestamp)| {
        let id = id.parse().map_err(|_| Error::unreadable("name of a key"))?;
        Ok((id, at))
    };
    noted.into_iter().map(read).collect()
}

/// A column of secrets sealed under the operator's key.
///
/// Code that rotates keys or judges the key file goes through [`crate::db::sealed_kinds`]. It would
/// otherwise drop a key that a row needs.
pub trait SealedKind: Sync {
    /// Returns `table.column`.
    fn column(&self) -> &'static str;

    /// Returns what the operator reads of secrets that no key unseals.
    fn words(&self) -> SealedWords;

    /// Returns the first bytes of every secret, each once.
    fn beginnings(&self, connection: &mut DbConnection, length: i32) -> Result<Vec<Vec<u8>>, Error>;

    fn count(&self, connection: &mut DbConnection) -> Result<i64, Error>;

    /// Returns up to `most` secrets after a certain row, in the order of their ids.
    fn page(&self, connection: &mut DbConnection, after: Option<i64>, most: i64) -> Result<Vec<SealedRow>, Error>;

    /// Stores the same secret, sealed anew. Returns `false` if another transaction removed or
    /// sealed it in between.
    fn reseal(&self, connection: &mut DbConnection, row: &SealedRow, anew: &[u8]) -> Result<bool, Error>;
}

/// Words for the operator about one kind.
#[derive(Clone, Copy, Debug)]
pub struct SealedWords {
    /// Loss that comes with a lost key file, as words before a count.
    pub lost: &'static str,
    /// Remedy for secrets that no key unseals, as a sentence.
    pub remedy: &'static str,
}

/// A sealed secret, and the row that it is in.
#[derive(Clone, Debug)]
pub struct SealedRow {
    pub id: i64,
    pub place: SealedPlace,
    pub sealed: Vec<u8>,
}

/// Returns the first bytes of everything that is sealed.
pub fn beginnings(
    connection: &mut DbConnection,
    kinds: &[&dyn SealedKind],
    length: usize,
) -> Result<Vec<Vec<u8>>, Error> {
    let length = i32::try_from(length).map_err(Error::fault)?;
    let mut all = Vec::new();
    for kind in kinds {
        all.extend(kind.beginnings(connection, length)?);
    }
    Ok(all)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use diesel::connection::SimpleConnection;

    diesel::table! {
        notes (id) {
            id -> BigInt,
            sealed -> Binary,
        }
    }

    /// A second kind, as a slice to come adds one.
    pub struct Notes;

    impl Notes {
        pub const fn place(id: i64) -> SealedPlace {
            SealedPlace::Own { kind: "note", id }
        }

        pub fn make(connection: &mut DbConnection) -> Result<(), Error> {
            Ok(connection.batch_execute("CREATE TABLE notes (id BIGINT PRIMARY KEY, sealed BLOB NOT NULL)")?)
        }

        pub fn insert(connection: &mut DbConnection, id: i64, sealed: &[u8]) -> Result<(), Error> {
            let row = (notes::id.eq(id), notes::sealed.eq(sealed));
            diesel::insert_into(notes::table).values(row).execute(connection)?;
            Ok(())
        }
    }

    impl SealedKind for Notes {
        fn column(&self) -> &'static str {
            "notes.sealed"
        }

        fn words(&self) -> SealedWords {
            SealedWords { lost: "Notes that are lost", remedy: "Write those notes again." }
        }

        fn beginnings(&self, connection: &mut DbConnection, length: i32) -> Result<Vec<Vec<u8>>, Error> {
            Ok(notes::table.select(substr(notes::sealed, 1, length)).distinct().load(connection)?)
        }

        fn count(&self, connection: &mut DbConnection) -> Result<i64, Error> {
            Ok(notes::table.count().get_result(connection)?)
        }

        fn page(&self, connection: &mut DbConnection, after: Option<i64>, most: i64) -> Result<Vec<SealedRow>, Error> {
            let found = notes::table.filter(notes::id.gt(after.unwrap_or(-1))).order(notes::id).limit(most);
            let rows: Vec<(i64, Vec<u8>)> = found.load(connection)?;
            Ok(rows.into_iter().map(|(id, sealed)| SealedRow { id, place: Self::place(id), sealed }).collect())
        }

        fn reseal(&self, connection: &mut DbConnection, row: &SealedRow, anew: &[u8]) -> Result<bool, Error> {
            let same = notes::table.find(row.id).filter(notes::sealed.eq(&row.sealed));
            Ok(diesel::update(same).set(notes::sealed.eq(anew)).execute(connection)? == 1)
        }
    }
}
