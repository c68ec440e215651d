//! Acts of admins on the rights of accounts in the last days. They outlive the accounts.

use crate::{
    db::{
        DbConnection, Error,
        columns::Named,
        schema::{admin_acts, gains},
    },
    domain::{
        AccountId, Gain, GainId, Timestamp,
        admin_act::{AdminAct, AdminActKind},
    },
};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = admin_acts)]
struct Row {
    id: i64,
    deed: Named<AdminActKind>,
    by_id: Option<AccountId>,
    account_id: AccountId,
    gain_id: Option<GainId>,
    done_at: Timestamp,
}

impl Row {
    fn read(self) -> AdminAct {
        AdminAct {
            place: self.id,
            deed: self.deed.0,
            by: self.by_id,
            account: self.account_id,
            gain: self.gain_id,
            done_at: self.done_at,
        }
    }
}

/// An act about to be noted, after all others.
#[derive(Clone, Copy, Debug)]
pub struct NewAct {
    pub deed: AdminActKind,
    /// `None`: the operator.
    pub by: Option<AccountId>,
    pub account: AccountId,
    /// The gain of the admin who grants.
    pub gain: Option<GainId>,
    pub done_at: Timestamp,
}

/// Notes an act. Hold the lock "admins", which makes the order of acts certain.
pub fn insert(connection: &mut DbConnection, act: &NewAct) -> Result<(), Error> {
    catch_up(connection)?;
    append(connection, act)
}

fn append(connection: &mut DbConnection, act: &NewAct) -> Result<(), Error> {
    let last: Option<i64> = admin_acts::table.select(diesel::dsl::max(admin_acts::id)).first(connection)?;
    diesel::insert_into(admin_acts::table)
        .values((
            admin_acts::id.eq(last.map_or(1, |last| last.saturating_add(1))),
            admin_acts::deed.eq(Named(act.deed)),
            admin_acts::by_id.eq(act.by),
            admin_acts::account_id.eq(act.account),
            admin_acts::gain_id.eq(act.gain),
            admin_acts::done_at.eq(act.done_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Notes the grants that nodes of the previous version made. They note only the gain. Hold the lock
/// "admins".
pub fn catch_up(connection: &mut DbConnection) -> Result<(), Error> {
    let noted = admin_acts::table.filter(admin_acts::gain_id.eq(gains::id.nullable())).select(admin_acts::id);
    let missing: Vec<(GainId, AccountId, Option<i64>, Timestamp)> = gains::table
        .filter(gains::kind.eq(Named(Gain::AdminRights)))
        .filter(gains::thing_id.is_not_null())
        .filter(gains::undone_at.is_null())
        .filter(diesel::dsl::not(diesel::dsl::exists(noted)))
        .order(gains::gained_at)
        .select((gains::id, gains::account_id, gains::thing_id, gains::gained_at))
        .load(connection)?;
    for (gain, giver, holder, gained_at) in missing {
        let Some(holder) = holder else { continue };
        let act = NewAct {
            deed: AdminActKind::Granted,
            by: Some(giver),
            account: AccountId::from_i64(holder),
            gain: Some(gain),
            done_at: gained_at,
        };
        append(connection, &act)?;
    }
    Ok(())
}

/// Returns the acts that have not been undone, in their order.
pub fn open(connection: &mut DbConnection) -> Result<Vec<AdminAct>, Error> {
    let rows: Vec<Row> = admin_acts::table
        .filter(admin_acts::undone_at.is_null())
        .order(admin_acts::id)
        .select(Row::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(Row::read).collect())
}

/// Returns all acts, also undone ones, in their order.
pub fn all(connection: &mut DbConnection) -> Result<Vec<AdminAct>, Error> {
    let rows: Vec<Row> = admin_acts::table.order(admin_acts::id).select(Row::as_select()).load(connection)?;
    Ok(rows.into_iter().map(Row::read).collect())
}

/// Returns whether an admin gave this account its admin rights after a moment. It makes no
/// difference what has become of that admin.
pub fn became_admin_since(connection: &mut DbConnection, account: AccountId, since: Timestamp) -> Result<bool, Error> {
    let granted: i64 = admin_acts::table
        .filter(admin_acts::account_id.eq(account))
        .filter(admin_acts::deed.eq(Named(AdminActKind::Granted)))
        .filter(admin_acts::by_id.is_not_null())
        .filter(admin_acts::undone_at.is_null())
        .filter(admin_acts::done_at.gt(since))
        .count()
        .get_result(connection)?;
    // Nodes of the previous version note only the gain.
    Ok(granted > 0 || crate::db::gains::became_admin_since(connection, account, since)?)
}

/// Marks acts undone, and the gains of those who granted.
pub fn mark_undone(connection: &mut DbConnection, places: &[i64], now: Timestamp) -> Result<(), Error> {
    let granted: Vec<Option<GainId>> = admin_acts::table
        .filter(admin_acts::id.eq_any(places))
        .filter(admin_acts::gain_id.is_not_null())
        .select(admin_acts::gain_id)
        .load(connection)?;
    let granted: Vec<GainId> = granted.into_iter().flatten().collect();
    diesel::update(admin_acts::table.filter(admin_acts::id.eq_any(places)))
        .set(admin_acts::undone_at.eq(now))
        .execute(connection)?;
    diesel::update(gains::table.filter(gains::id.eq_any(granted)).filter(gains::undone_at.is_null()))
        .set(gains::undone_at.eq(now))
        .execute(connection)?;
    Ok(())
}

/// Deletes acts from before a moment.
pub fn purge(connection: &mut DbConnection, before: Timestamp) -> Result<(), Error> {
    diesel::delete(admin_acts::table.filter(admin_acts::done_at.lt(before))).execute(connection)?;
    Ok(())
}
