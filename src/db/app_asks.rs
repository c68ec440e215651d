//! Users who ask to open an app.

use super::{
    DbConnection, Error,
    columns::Named,
    engine::kept::KeptDsl,
    schema::{accounts, app_asks},
};
use crate::domain::{
    AccountId, EmailAddress, Timestamp,
    apps::{
        AppId,
        asking::{Answer, Ask, AskId},
    },
};
use diesel::{dsl::count_star, prelude::*};
use std::collections::HashMap;

#[derive(Queryable, Selectable)]
#[diesel(table_name = app_asks)]
struct Row {
    id: AskId,
    app_id: AppId,
    account_id: AccountId,
    asked_at: Timestamp,
    answered_at: Option<Timestamp>,
    answer: Option<Named<Answer>>,
}

impl Row {
    fn read(self) -> Ask {
        Ask {
            id: self.id,
            app: self.app_id,
            account: self.account_id,
            asked_at: self.asked_at,
            answered: self.answered_at.zip(self.answer.map(|Named(answer)| answer)),
        }
    }
}

/// Stores an ask. A second ask of the user for the app keeps the id of the first. Links in earlier
/// emails therefore lead to it.
pub fn put(connection: &mut DbConnection, ask: &Ask) -> Result<(), Error> {
    let upsert = diesel::insert_into(app_asks::table)
        .values((
            app_asks::id.eq(ask.id),
            app_asks::app_id.eq(ask.app),
            app_asks::account_id.eq(ask.account),
            app_asks::asked_at.eq(ask.asked_at),
        ))
        .on_conflict((app_asks::account_id, app_asks::app_id))
        .do_update()
        .set((
            app_asks::asked_at.eq(ask.asked_at),
            app_asks::answered_at.eq(None::<Timestamp>),
            app_asks::answer.eq(None::<Named<Answer>>),
        ));
    upsert.run_kept(connection)?;
    Ok(())
}

pub fn find(connection: &mut DbConnection, id: AskId) -> Result<Option<Ask>, Error> {
    let row: Option<Row> = app_asks::table.find(id).select(Row::as_select()).first(connection).optional()?;
    Ok(row.map(Row::read))
}

/// Returns all asks of a user.
pub fn of_account(connection: &mut DbConnection, account: AccountId) -> Result<Vec<Ask>, Error> {
    let rows: Vec<Row> =
        app_asks::table.filter(app_asks::account_id.eq(account)).select(Row::as_select()).load(connection)?;
    Ok(rows.into_iter().map(Row::read).collect())
}

/// Returns the asks for an app that wait, oldest first, with the users' addresses.
pub fn waiting(connection: &mut DbConnection, app: AppId, most: i64) -> Result<Vec<(Ask, EmailAddress)>, Error> {
    let rows: Vec<(Row, EmailAddress)> = app_asks::table
        .inner_join(accounts::table)
        .filter(app_asks::app_id.eq(app))
        .filter(app_asks::answered_at.is_null())
        .order(app_asks::asked_at)
        .limit(most)
        .select((Row::as_select(), accounts::email))
        .load(connection)?;
    Ok(rows.into_iter().map(|(row, email)| (row.read(), email)).collect())
}

/// Returns how many asks wait for each app.
pub fn count_waiting(connection: &mut DbConnection) -> Result<HashMap<AppId, i64>, Error> {
    let rows: Vec<(AppId, i64)> = app_asks::table
        .filter(app_asks::answered_at.is_null())
        .group_by(app_asks::app_id)
        .select((app_asks::app_id, count_star()))
        .load(connection)?;
    Ok(rows.into_iter().collect())
}

/// Answers an ask. Returns `false` if it was answered before, or is gone.
pub fn answer(connection: &mut DbConnection, id: AskId, answer: Answer, now: Timestamp) -> Result<bool, Error> {
    let waits = app_asks::table.find(id).filter(app_asks::answered_at.is_null());
    let answered = diesel::update(waits)
        .set((app_asks::answered_at.eq(now), app_asks::answer.eq(Named(answer))))
        .execute(connection)?;
    Ok(answered == 1)
}

/// Deletes asks that were answered before a moment.
pub fn purge(connection: &mut DbConnection, before: Timestamp) -> Result<usize, Error> {
    Ok(diesel::delete(app_asks::table.filter(app_asks::answered_at.lt(before))).execute(connection)?)
}
