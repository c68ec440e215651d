//! What a file of the operator owns: pages show it and change nothing of it.

use crate::{
    db::{
        Error, Tx,
        declared::{self, Kind},
    },
    web::{Answer, AppNote, Note, Visit},
};

/// Does `work`, unless a file owns this. Returns `None` then.
pub fn unless_declared<T>(
    tx: &mut Tx<'_>,
    (kind, name): (Kind, &str),
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    if declared::has(tx.connection, kind, name)? { Ok(None) } else { work(tx).map(Some) }
}

/// Leads to a page and says that a file owns what it shows.
pub fn refuse(visit: &Visit<'_>, path: &str) -> Answer {
    visit.say(path, Note::OfApps(AppNote::Declared))
}
