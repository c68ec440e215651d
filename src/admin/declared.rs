//! Objects that a file of the operator owns: pages show them and do not change them.

use crate::{
    apps,
    db::{
        Error, Tx,
        declared::{self, Kind},
    },
    web::{Answer, AppNote, Failure, Need, Note, Reply, Visit},
};

/// Does `work`, unless a file owns this. Returns `None` then.
pub(super) fn unless_declared<T, E: From<Error>>(
    tx: &mut Tx<'_>,
    (kind, name): (Kind, &str),
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<Option<T>, E> {
    // Before the look, because `gatepost apply` may be taking it over at this moment.
    match kind {
        Kind::Setting => tx.lock_name("settings")?,
        Kind::Group | Kind::App | Kind::Secret => apps::lock(tx)?,
    }
    if declared::has(tx.connection, kind, name)? { Ok(None) } else { work(tx).map(Some) }
}

/// Leads to a page and says that a file owns what it shows.
pub(super) fn refuse(visit: &Visit<'_>, path: &str) -> Answer {
    visit.say(path, Note::OfApps(AppNote::Declared))
}

/// Redirects to the page that shows what the file sets, because saving would be refused.
pub(super) async fn instead_of_form(
    visit: &Visit<'_>,
    (kind, name): (Kind, &str),
    path: &str,
) -> Result<Option<Reply>, Failure> {
    let name = name.to_owned();
    let read = visit.read_as_admin(Need::signed_in(), move |tx, _| declared::has(tx.connection, kind, &name));
    Ok(read.await?.then(|| Reply::see_other(path)))
}
