//! Sign-ins that wait for a second factor.

use crate::{
    db::{
        DbConnection, Error,
        columns::Named,
        engine::kept::KeptDsl,
        schema::{pending_proofs, pending_sign_ins},
    },
    domain::{AccountId, AttemptId, Destination, Method, Pending, PendingId, Proof, Timestamp, TokenHash, pending},
};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = pending_sign_ins)]
struct Row {
    id: PendingId,
    account_id: AccountId,
    attempt_id: Option<AttemptId>,
    remember: bool,
    return_to: String,
    begun_at: Timestamp,
}

pub fn insert(connection: &mut DbConnection, pending: &Pending, secret: &TokenHash) -> Result<(), Error> {
    diesel::insert_into(pending_sign_ins::table)
        .values((
            pending_sign_ins::id.eq(pending.id),
            pending_sign_ins::secret_hash.eq(secret),
            pending_sign_ins::account_id.eq(pending.account_id),
            pending_sign_ins::attempt_id.eq(pending.attempt),
            pending_sign_ins::remember.eq(pending.remember),
            pending_sign_ins::return_to.eq(pending.destination.stored()),
            pending_sign_ins::begun_at.eq(pending.begun_at),
        ))
        .run_kept(connection)?;
    for proof in &pending.proofs {
        let insert = diesel::insert_into(pending_proofs::table)
            .values((
                pending_proofs::pending_id.eq(pending.id),
                pending_proofs::method.eq(Named(proof.method)),
                pending_proofs::proven_at.eq(proof.at),
            ))
            .on_conflict((pending_proofs::pending_id, pending_proofs::method))
            .do_update()
            .set(pending_proofs::proven_at.eq(proof.at));
        insert.run_kept(connection)?;
    }
    Ok(())
}

/// Returns the pending sign-in with this secret. The rules decide whether it counts.
pub fn find(connection: &mut DbConnection, secret: &TokenHash) -> Result<Option<Pending>, Error> {
    let row: Option<Row> = pending_sign_ins::table
        .filter(pending_sign_ins::secret_hash.eq(secret))
        .select(Row::as_select())
        .get_result(connection)
        .optional()?;
    row.map(|row| read(connection, row)).transpose()
}

pub fn find_by_id(connection: &mut DbConnection, id: PendingId) -> Result<Option<Pending>, Error> {
    let row: Option<Row> =
        pending_sign_ins::table.find(id).select(Row::as_select()).get_result(connection).optional()?;
    row.map(|row| read(connection, row)).transpose()
}

fn read(connection: &mut DbConnection, row: Row) -> Result<Pending, Error> {
    let proofs: Vec<(Named<Method>, Timestamp)> = pending_proofs::table
        .filter(pending_proofs::pending_id.eq(row.id))
        .order(pending_proofs::proven_at)
        .select((pending_proofs::method, pending_proofs::proven_at))
        .load(connection)?;
    Ok(Pending {
        id: row.id,
        account_id: row.account_id,
        attempt: row.attempt_id,
        remember: row.remember,
        destination: Destination::from_stored(&row.return_to),
        begun_at: row.begun_at,
        proofs: proofs.into_iter().map(|(Named(method), at)| Proof { method, at }).collect(),
    })
}

/// Removes it. Returns `false` if another request was quicker.
pub fn take(connection: &mut DbConnection, id: PendingId) -> Result<bool, Error> {
    Ok(diesel::delete(pending_sign_ins::table.find(id)).execute_either(connection)? == 1)
}

/// Ends all of an account.
pub fn delete_all(connection: &mut DbConnection, account: AccountId) -> Result<(), Error> {
    diesel::delete(pending_sign_ins::table.filter(pending_sign_ins::account_id.eq(account))).run_kept(connection)?;
    Ok(())
}

/// Ends what an attempt began, because the owner says it wasn't them.
pub fn delete_made_by(connection: &mut DbConnection, attempt: AttemptId) -> Result<(), Error> {
    diesel::delete(pending_sign_ins::table.filter(pending_sign_ins::attempt_id.eq(attempt))).run_kept(connection)?;
    Ok(())
}

pub fn purge(connection: &mut DbConnection, now: Timestamp) -> Result<usize, Error> {
    let end = now.minus(pending::LIFETIME);
    Ok(diesel::delete(pending_sign_ins::table.filter(pending_sign_ins::begun_at.lt(end))).execute_either(connection)?)
}
