//! Groups and users that may open an app.

use super::{DbConnection, Error, app_groups, app_people};
use crate::{
    db::{engine::kept::KeptDsl, schema::accounts},
    domain::{
        AccountId, EmailAddress, Timestamp,
        apps::{Access, AllowedPerson, AppId},
        group::GroupId,
    },
};
use diesel::prelude::*;
use std::collections::HashMap;

/// Returns groups and users of these apps. Whether everyone may is in the app's own row.
pub(super) fn of(connection: &mut DbConnection, apps: &[AppId]) -> Result<HashMap<AppId, Access>, Error> {
    let mut found: HashMap<AppId, Access> = HashMap::new();
    let groups: Vec<(AppId, GroupId)> = app_groups::table
        .filter(app_groups::app_id.eq_any(apps))
        .order(app_groups::group_id)
        .select((app_groups::app_id, app_groups::group_id))
        .load(connection)?;
    for (app, group) in groups {
        found.entry(app).or_default().groups.push(group);
    }
    let people: Vec<(AppId, AccountId, Option<Timestamp>)> = app_people::table
        .filter(app_people::app_id.eq_any(apps))
        .order(app_people::account_id)
        .select((app_people::app_id, app_people::account_id, app_people::ends_at))
        .load(connection)?;
    for (app, account, ends_at) in people {
        let person = AllowedPerson { account, ends_at };
        found.entry(app).or_default().people.push(person);
    }
    Ok(found)
}

/// Stores groups and users of an app in place of those it had.
pub(super) fn replace(connection: &mut DbConnection, app: AppId, access: &Access) -> Result<(), Error> {
    diesel::delete(app_groups::table.filter(app_groups::app_id.eq(app))).execute(connection)?;
    diesel::delete(app_people::table.filter(app_people::app_id.eq(app))).execute(connection)?;
    for group in &access.groups {
        diesel::insert_into(app_groups::table)
            .values((app_groups::app_id.eq(app), app_groups::group_id.eq(group)))
            .execute(connection)?;
    }
    access.people.iter().try_for_each(|person| allow(connection, app, *person))
}

/// Lets a user open an app, or changes until when.
pub fn allow(connection: &mut DbConnection, app: AppId, person: AllowedPerson) -> Result<(), Error> {
    let upsert = diesel::insert_into(app_people::table)
        .values((
            app_people::app_id.eq(app),
            app_people::account_id.eq(person.account),
            app_people::ends_at.eq(person.ends_at),
        ))
        .on_conflict((app_people::app_id, app_people::account_id))
        .do_update()
        .set(app_people::ends_at.eq(person.ends_at));
    upsert.run_kept(connection)?;
    Ok(())
}

/// Takes that back. Returns `false` if the user was not named.
pub fn disallow(connection: &mut DbConnection, app: AppId, account: AccountId) -> Result<bool, Error> {
    Ok(diesel::delete(app_people::table.find((app, account))).execute(connection)? == 1)
}

/// Deletes what ended before `now`. Returns how many rows.
pub fn purge_ended(connection: &mut DbConnection, now: Timestamp) -> Result<usize, Error> {
    Ok(diesel::delete(app_people::table.filter(app_people::ends_at.le(now))).execute(connection)?)
}

/// Returns the users whom an app names, with their addresses.
pub fn people_of(connection: &mut DbConnection, app: AppId) -> Result<Vec<(AllowedPerson, EmailAddress)>, Error> {
    let rows: Vec<(AccountId, Option<Timestamp>, EmailAddress)> = app_people::table
        .inner_join(accounts::table)
        .filter(app_people::app_id.eq(app))
        .order(accounts::email)
        .select((app_people::account_id, app_people::ends_at, accounts::email))
        .load(connection)?;
    Ok(rows.into_iter().map(|(account, ends_at, email)| (AllowedPerson { account, ends_at }, email)).collect())
}

/// Returns the apps that name a user.
pub fn naming(connection: &mut DbConnection, account: AccountId) -> Result<Vec<(AppId, Option<Timestamp>)>, Error> {
    Ok(app_people::table
        .filter(app_people::account_id.eq(account))
        .order(app_people::app_id)
        .select((app_people::app_id, app_people::ends_at))
        .load(connection)?)
}
