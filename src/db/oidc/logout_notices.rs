//! Notices to apps about sign-outs. Triggers add the rows.

use crate::{
    db::{DbConnection, Error, columns::Named, engine::kept::KeptDsl, schema::logout_notices as notices},
    domain::{
        AccountId, Lifetime, Timestamp,
        apps::AppId,
        oidc::{
            GrantId,
            notice::{GIVE_UP_AFTER, NoticeState, next_try},
        },
    },
};
use diesel::prelude::*;

/// Telling one app of one session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub grant: GrantId,
    pub app: AppId,
    pub account: AccountId,
    pub state: NoticeState,
    pub tries: i32,
    due_at: Timestamp,
    pub give_up_at: Timestamp,
    /// Outcome of the last try, in English, for admins.
    pub reply: String,
    /// `None` while the app is to be told.
    pub settled_at: Option<Timestamp>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = notices)]
struct Row {
    grant_id: GrantId,
    app_id: AppId,
    account_id: AccountId,
    state: Named<NoticeState>,
    tries: i32,
    due_at: Timestamp,
    give_up_at: Timestamp,
    reply: String,
    settled_at: Option<Timestamp>,
}

impl Row {
    fn read(self) -> Notice {
        Notice {
            grant: self.grant_id,
            app: self.app_id,
            account: self.account_id,
            state: self.state.0,
            tries: self.tries,
            due_at: self.due_at,
            give_up_at: self.give_up_at,
            reply: self.reply,
            settled_at: self.settled_at,
        }
    }
}

/// Tells an app of the end of grants that counted until now. It may have heard of them before: of a
/// sign-out that an offline one has outlasted.
pub fn queue(
    connection: &mut DbConnection,
    ended: &[GrantId],
    (app, account): (AppId, AccountId),
) -> Result<(), Error> {
    if ended.is_empty() || crate::db::oidc_reach::logout_uri(connection, app)?.is_none() {
        return Ok(());
    }
    for grant in ended {
        let anew = (
            notices::state.eq(Named(NoticeState::Waiting)),
            notices::tries.eq(0),
            notices::due_at.eq(Timestamp::EPOCH),
            notices::give_up_at.eq(Timestamp::EPOCH),
            notices::reply.eq(""),
        );
        let told = notices::table.find(grant).filter(notices::settled_at.is_not_null());
        diesel::update(told).set((anew, notices::settled_at.eq(None::<Timestamp>))).run_kept(connection)?;
        diesel::insert_into(notices::table)
            .values((notices::grant_id.eq(grant), notices::app_id.eq(app), notices::account_id.eq(account), anew))
            .on_conflict_do_nothing()
            .run_kept(connection)?;
    }
    Ok(())
}

/// Returns notices that are due, the longest overdue first.
pub fn due(connection: &mut DbConnection, now: Timestamp, most: i64) -> Result<Vec<Notice>, Error> {
    let waiting = notices::table.filter(notices::state.eq(Named(NoticeState::Waiting)));
    let due = waiting.filter(notices::due_at.le(now)).order(notices::due_at).limit(most);
    let rows: Vec<Row> = due.select(Row::as_select()).load(connection)?;
    Ok(rows.into_iter().map(Row::read).collect())
}

/// Takes a notice for `lease`: until then no other server tells the app. Returns `None` if another
/// one came first. A server that dies leaves it due again.
pub fn take(
    connection: &mut DbConnection,
    notice: &Notice,
    (now, lease): (Timestamp, Lifetime),
) -> Result<Option<Notice>, Error> {
    let is_first = notice.give_up_at == Timestamp::EPOCH;
    let give_up_at = if is_first { now.plus(GIVE_UP_AFTER) } else { notice.give_up_at };
    let (due_at, tries) = (now.plus(lease), notice.tries.saturating_add(1));
    let row = notices::table.find(notice.grant).filter(notices::due_at.eq(notice.due_at));
    let taken = diesel::update(row.filter(notices::state.eq(Named(NoticeState::Waiting))))
        .set((notices::due_at.eq(due_at), notices::tries.eq(tries), notices::give_up_at.eq(give_up_at)))
        .execute_either(connection)?;
    Ok((taken == 1).then(|| Notice { due_at, tries, give_up_at, ..notice.clone() }))
}

/// Notes what became of a try. Returns `true` if the app is given up by it.
pub fn note(
    connection: &mut DbConnection,
    notice: &Notice,
    (has_ended, reply): (bool, &str),
    now: Timestamp,
) -> Result<bool, Error> {
    let next = next_try(notice.tries, notice.give_up_at, now);
    let (state, settled_at, due_at) = match next {
        _ if has_ended => (NoticeState::Ended, Some(now), now),
        Some(next) => (NoticeState::Waiting, None, next),
        None => (NoticeState::GaveUp, Some(now), now),
    };
    let row = notices::table.find(notice.grant).filter(notices::due_at.eq(notice.due_at));
    let noted = diesel::update(row.filter(notices::state.eq(Named(NoticeState::Waiting))))
        .set((
            notices::state.eq(Named(state)),
            notices::settled_at.eq(settled_at),
            notices::due_at.eq(due_at),
            notices::reply.eq(reply),
        ))
        .execute_either(connection)?;
    Ok(noted == 1 && state == NoticeState::GaveUp)
}

/// Deletes a notice for an app that is gone, or wants no notices any more.
pub fn drop(connection: &mut DbConnection, grant: GrantId) -> Result<(), Error> {
    diesel::delete(notices::table.find(grant)).run_kept(connection)?;
    Ok(())
}

/// Returns the notices of these grants.
pub fn of_grants(connection: &mut DbConnection, grants: &[GrantId]) -> Result<Vec<Notice>, Error> {
    let rows: Vec<Row> =
        notices::table.filter(notices::grant_id.eq_any(grants)).select(Row::as_select()).load(connection)?;
    Ok(rows.into_iter().map(Row::read).collect())
}

/// Returns the newest notices of an app, those that wait first.
pub fn of_app(connection: &mut DbConnection, app: AppId, most: i64) -> Result<Vec<Notice>, Error> {
    let of_app = notices::table.filter(notices::app_id.eq(app));
    let waiting = of_app.filter(notices::settled_at.is_null()).order(notices::due_at).limit(most);
    let mut rows: Vec<Row> = waiting.select(Row::as_select()).load(connection)?;
    let settled = of_app.filter(notices::settled_at.is_not_null()).order(notices::settled_at.desc());
    let rest = most.saturating_sub(i64::try_from(rows.len()).unwrap_or(most));
    rows.extend(settled.limit(rest).select(Row::as_select()).load(connection)?);
    Ok(rows.into_iter().map(Row::read).collect())
}

/// Returns what became of telling an app of an account's sign-outs. It is waiting while any notice
/// waits. Otherwise it is the outcome of the newest notice settled since a moment. `None` if no
/// session of the app has ended since.
pub fn outcome(
    connection: &mut DbConnection,
    (account, app): (AccountId, AppId),
    since: Timestamp,
) -> Result<Option<NoticeState>, Error> {
    let of_both = notices::table.filter(notices::app_id.eq(app));
    let newest: Option<Named<NoticeState>> = of_both
        .filter(notices::account_id.eq(account))
        .filter(notices::settled_at.is_null().or(notices::settled_at.ge(since)))
        .order((notices::settled_at.is_null().desc(), notices::settled_at.desc()))
        .select(notices::state)
        .first(connection)
        .optional()?;
    Ok(newest.map(|Named(state)| state))
}

/// Deletes notices that were settled before a moment.
pub fn purge(connection: &mut DbConnection, before: Timestamp) -> Result<usize, Error> {
    Ok(diesel::delete(notices::table.filter(notices::settled_at.lt(before))).execute_either(connection)?)
}
