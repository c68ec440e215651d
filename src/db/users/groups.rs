//! Groups, and who belongs to them.

use crate::{
    db::{
        DbConnection, Error, accounts,
        engine::kept::KeptDsl,
        schema::{accounts as account_rows, group_members as members, groups},
    },
    domain::{
        Account, AccountId, Timestamp,
        group::{Group, GroupId, GroupName},
    },
};
use diesel::prelude::*;
use std::collections::HashMap;

type Row = (GroupId, String, String);

fn read((id, name, note): Row) -> Result<Group, Error> {
    let name = GroupName::parse(&name).map_err(|_| Error::unreadable("name of a group"))?;
    Ok(Group { id, name, note })
}

/// Stores a group.
///
/// # Errors
///
/// [`Error::Conflict`] if there is one of this name.
pub fn insert(connection: &mut DbConnection, group: &Group, now: Timestamp) -> Result<(), Error> {
    diesel::insert_into(groups::table)
        .values((
            groups::id.eq(group.id),
            groups::name.eq(group.name.as_str()),
            groups::note.eq(&group.note),
            groups::created_at.eq(now),
        ))
        .execute(connection)?;
    Ok(())
}

/// Stores name and note of a group that exists.
///
/// # Errors
///
/// [`Error::Conflict`] if another group has this name.
pub fn update(connection: &mut DbConnection, group: &Group) -> Result<(), Error> {
    diesel::update(groups::table.find(group.id))
        .set((groups::name.eq(group.name.as_str()), groups::note.eq(&group.note)))
        .execute(connection)?;
    Ok(())
}

/// Removes a group, its members and, by the foreign keys, its place in apps.
pub fn delete(connection: &mut DbConnection, id: GroupId) -> Result<(), Error> {
    diesel::delete(groups::table.find(id)).execute(connection)?;
    Ok(())
}

pub fn find(connection: &mut DbConnection, id: GroupId) -> Result<Option<Group>, Error> {
    let row: Option<Row> =
        groups::table.find(id).select((groups::id, groups::name, groups::note)).first(connection).optional()?;
    row.map(read).transpose()
}

pub fn find_by_name(connection: &mut DbConnection, name: &GroupName) -> Result<Option<Group>, Error> {
    let row: Option<Row> = groups::table
        .filter(groups::name.eq(name.as_str()))
        .select((groups::id, groups::name, groups::note))
        .first(connection)
        .optional()?;
    row.map(read).transpose()
}

/// Returns all groups, by name.
pub fn all(connection: &mut DbConnection) -> Result<Vec<Group>, Error> {
    let rows: Vec<Row> =
        groups::table.order(groups::name).select((groups::id, groups::name, groups::note)).load(connection)?;
    rows.into_iter().map(read).collect()
}

/// Returns how many members each group has. A group without members is not in the map.
pub fn sizes(connection: &mut DbConnection) -> Result<HashMap<GroupId, i64>, Error> {
    let rows: Vec<(GroupId, i64)> = members::table
        .group_by(members::group_id)
        .select((members::group_id, diesel::dsl::count_star()))
        .load(connection)?;
    Ok(rows.into_iter().collect())
}

/// Returns the groups that an account belongs to, by name.
pub fn of_account(connection: &mut DbConnection, account: AccountId) -> Result<Vec<Group>, Error> {
    let rows: Vec<Row> = members::table
        .inner_join(groups::table)
        .filter(members::account_id.eq(account))
        .order(groups::name)
        .select((groups::id, groups::name, groups::note))
        .load(connection)?;
    rows.into_iter().map(read).collect()
}

/// Returns the ids of the groups that an account belongs to.
pub fn ids_of_account(connection: &mut DbConnection, account: AccountId) -> Result<Vec<GroupId>, Error> {
    let ids: Vec<GroupId> = members::table
        .filter(members::account_id.eq(account))
        .order(members::group_id)
        .select(members::group_id)
        .load(connection)?;
    Ok(ids)
}

/// Returns the members of a group, by address.
pub fn members(connection: &mut DbConnection, id: GroupId) -> Result<Vec<Account>, Error> {
    let rows: Vec<accounts::Row> = members::table
        .inner_join(account_rows::table)
        .filter(members::group_id.eq(id))
        .order(account_rows::email)
        .select(accounts::Row::as_select())
        .load(connection)?;
    rows.into_iter().map(accounts::Row::read).collect()
}

/// Adds an account to a group. Returns `false` if it belongs to it already.
pub fn join(connection: &mut DbConnection, id: GroupId, account: AccountId, now: Timestamp) -> Result<bool, Error> {
    let insert = diesel::insert_into(members::table)
        .values((members::group_id.eq(id), members::account_id.eq(account), members::added_at.eq(now)))
        .on_conflict_do_nothing();
    Ok(insert.execute_either(connection)? == 1)
}

/// Removes an account from a group. Returns `false` if it did not belong to it.
pub fn leave(connection: &mut DbConnection, id: GroupId, account: AccountId) -> Result<bool, Error> {
    Ok(diesel::delete(members::table.find((id, account))).execute(connection)? == 1)
}
