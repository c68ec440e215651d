//! Groups and their members.

use super::app::LOCK;
use crate::{
    db::{self, Error, Tx, declared::Kind},
    domain::{
        Account,
        audit::Action,
        group::{Group, GroupId, GroupName},
    },
};

/// Adds a group. Returns `None` if there is one of this name.
pub fn add_group(tx: &mut Tx<'_>, name: &GroupName, note: &str) -> Result<Option<Group>, Error> {
    tx.lock_name(LOCK)?;
    if db::groups::find_by_name(tx.connection, name)?.is_some() {
        return Ok(None);
    }
    let group = Group { id: GroupId::issue(tx.entropy), name: name.clone(), note: note.to_owned() };
    db::groups::insert(tx.connection, &group, tx.now)?;
    tx.log(&tx.line(Action::GroupAdded, name.as_str()))?;
    Ok(Some(group))
}

/// Returns the group of this name, after adding it if it does not exist.
pub fn group_for(tx: &mut Tx<'_>, name: &GroupName) -> Result<GroupId, Error> {
    if let Some(added) = add_group(tx, name, "")? {
        return Ok(added.id);
    }
    let found = db::groups::find_by_name(tx.connection, name)?;
    found.map(|group| group.id).ok_or_else(|| Error::fault("a group is gone under its lock"))
}

/// Stores the note of a group. Its name stays, because apps keep rights under it. Returns `false`
/// if it is gone.
pub fn change_group(tx: &mut Tx<'_>, id: GroupId, note: &str) -> Result<bool, Error> {
    tx.lock_name(LOCK)?;
    let Some(before) = db::groups::find(tx.connection, id)? else { return Ok(false) };
    if before.note != note {
        let line = tx.line(Action::GroupChanged, before.name.as_str());
        tx.log(&line.from_to(before.note.as_str(), note))?;
        db::groups::update(tx.connection, &Group { note: note.to_owned(), ..before })?;
    }
    Ok(true)
}

/// Removes a group. Its members may no longer open what only the group opened. Returns `false` if
/// it does not exist.
pub fn remove_group(tx: &mut Tx<'_>, name: &GroupName) -> Result<bool, Error> {
    tx.lock_name(LOCK)?;
    let Some(group) = db::groups::find_by_name(tx.connection, name)? else { return Ok(false) };
    for member in db::groups::members(tx.connection, group.id)? {
        tx.changes(member.id);
    }
    db::groups::delete(tx.connection, group.id)?;
    // No file owns another group of this name.
    db::declared::delete(tx.connection, Kind::Group, name.as_str())?;
    tx.log(&tx.line(Action::GroupRemoved, name.as_str()))?;
    Ok(true)
}

/// Adds an account to a group. Returns `false` if it is a member already.
pub fn join(tx: &mut Tx<'_>, group: &Group, account: &Account) -> Result<bool, Error> {
    tx.lock_name(LOCK)?;
    let joined = db::groups::join(tx.connection, group.id, account.id, tx.now)?;
    if joined {
        tx.changes(account.id);
        tx.log(&tx.line(Action::GroupJoined, account.email.as_str()).to(group.name.as_str()))?;
    }
    Ok(joined)
}

/// Removes an account from a group. Returns `false` if it was no member.
pub fn leave(tx: &mut Tx<'_>, group: &Group, account: &Account) -> Result<bool, Error> {
    tx.lock_name(LOCK)?;
    let left = db::groups::leave(tx.connection, group.id, account.id)?;
    if left {
        tx.changes(account.id);
        tx.log(&tx.line(Action::GroupLeft, account.email.as_str()).from_to(group.name.as_str(), ""))?;
    }
    Ok(left)
}
