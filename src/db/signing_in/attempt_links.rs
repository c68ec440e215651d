//! The links emailed for attempts, and which of them count.
//!
//! An email may arrive without confirmation from the mail server. Its link counts from before it
//! leaves until the mail server refuses it. An email that was asked for later ends it too, once
//! that one arrives. A copy of the same email ends nothing, because its reader may open either.

pub use crate::db::kinds::LinkKind;
use crate::{
    db::{
        DbConnection, Error,
        columns::Named,
        engine::kept::KeptDsl,
        schema::{attempt_links, attempts as attempt_rows},
    },
    domain::{AttemptId, Timestamp, TokenHash, code::CodeHash},
};
use diesel::{
    dsl::{case_when, exists},
    prelude::*,
};

/// The secrets of an email that is about to leave.
#[derive(Clone, Copy, Debug)]
pub struct Leaving<'a> {
    pub token: &'a TokenHash,
    pub code: Option<&'a CodeHash>,
    pub made_at: Timestamp,
}

/// Remembers that a link was made for an attempt.
pub fn note_link(connection: &mut DbConnection, id: AttemptId, token: &TokenHash, kind: LinkKind) -> Result<(), Error> {
    insert_link(connection, (id, token, kind), None)
}

/// Inserts a link if it is new. An email that is sent twice has the same ones both times.
fn insert_link(
    connection: &mut DbConnection,
    (id, token, kind): (AttemptId, &TokenHash, LinkKind),
    made_at: Option<Timestamp>,
) -> Result<(), Error> {
    let insert = diesel::insert_into(attempt_links::table)
        .values((
            attempt_links::token_hash.eq(token),
            attempt_links::attempt_id.eq(id),
            attempt_links::kind.eq(Named(kind)),
            attempt_links::made_at.eq(made_at),
        ))
        .on_conflict(attempt_links::token_hash)
        .do_nothing();
    insert.run_kept(connection)?;
    Ok(())
}

/// Makes the secrets of an email count that is about to leave, beside all others that may have
/// arrived. The email can be opened before the mail server's answer is stored. Returns `false` if a
/// newer email has arrived, or the attempt has ended.
pub fn note_leaving(
    connection: &mut DbConnection,
    id: AttemptId,
    leaving: Leaving<'_>,
    until: Timestamp,
) -> Result<bool, Error> {
    let open = diesel::update(attempt_rows::table.find(id).filter(attempt_rows::ended_at.is_null()))
        .set((
            attempt_rows::leaving_token_hash.eq(leaving.token),
            attempt_rows::leaving_code_hash.eq(leaving.code.map(|hash| hash.as_bytes().to_vec())),
            attempt_rows::leaving_until.eq(until),
        ))
        .execute_either(connection)?;
    if open == 0 {
        return Ok(false);
    }
    insert_link(connection, (id, leaving.token, LinkKind::Open), Some(leaving.made_at))?;
    diesel::update(attempt_links::table.find(leaving.token))
        .set((
            attempt_links::good_until.eq(until),
            attempt_links::code_hash.eq(leaving.code.map(|hash| hash.as_bytes().to_vec())),
        ))
        .run_kept(connection)?;
    Ok(true)
}

/// Returns whether a later email of the attempt has arrived.
pub fn is_overtaken(connection: &mut DbConnection, id: AttemptId, made_at: Timestamp) -> Result<bool, Error> {
    let later: i64 =
        attempt_rows::table.find(id).filter(attempt_rows::token_made_at.gt(made_at)).count().get_result(connection)?;
    Ok(later > 0)
}

/// Keeps the link valid, because the mail server is slow or never confirmed the email.
pub fn keep_leaving(
    connection: &mut DbConnection,
    id: AttemptId,
    token: &TokenHash,
    until: Timestamp,
) -> Result<(), Error> {
    diesel::update(attempt_rows::table.find(id).filter(attempt_rows::leaving_token_hash.eq(token)))
        .set(attempt_rows::leaving_until.eq(until))
        .run_kept(connection)?;
    diesel::update(attempt_links::table.find(token).filter(attempt_links::good_until.is_not_null()))
        .set(attempt_links::good_until.eq(until))
        .run_kept(connection)?;
    Ok(())
}

/// Invalidates the link of a refused email. Another try's link stays.
pub fn forget_leaving(connection: &mut DbConnection, id: AttemptId, token: &TokenHash) -> Result<(), Error> {
    diesel::update(attempt_rows::table.find(id).filter(attempt_rows::leaving_token_hash.eq(token)))
        .set((
            attempt_rows::leaving_token_hash.eq(None::<TokenHash>),
            attempt_rows::leaving_code_hash.eq(None::<Vec<u8>>),
            attempt_rows::leaving_until.eq(None::<Timestamp>),
        ))
        .run_kept(connection)?;
    diesel::update(attempt_links::table.find(token))
        .set((attempt_links::good_until.eq(None::<Timestamp>), attempt_links::code_hash.eq(None::<Vec<u8>>)))
        .run_kept(connection)?;
    Ok(())
}

/// Invalidates all links of an ended attempt, because it begins anew. Otherwise it writes the same
/// rows, so that the time reveals nothing.
pub(in crate::db) fn forget_if_ended(connection: &mut DbConnection, id: AttemptId) -> Result<(), Error> {
    let is_open = || exists(attempt_rows::table.find(id).filter(attempt_rows::ended_at.is_null()));
    diesel::update(attempt_links::table.filter(attempt_links::attempt_id.eq(id)))
        .set((
            attempt_links::good_until.eq(case_when(is_open(), attempt_links::good_until)),
            attempt_links::code_hash.eq(case_when(is_open(), attempt_links::code_hash)),
        ))
        .run_kept(connection)?;
    Ok(())
}

/// Starts the lifetime of these secrets, because the mail server has the email. Emails from before
/// the user asked for it become invalid. Until then they count, however often the newer email is
/// tried. Does nothing if newer secrets already count.
pub fn start_life(
    connection: &mut DbConnection,
    id: AttemptId,
    arrived: Leaving<'_>,
    expires_at: Timestamp,
) -> Result<(), Error> {
    let made_at = arrived.made_at;
    let is_newest = attempt_rows::token_made_at.is_null().or(attempt_rows::token_made_at.le(made_at));
    diesel::update(attempt_rows::table.find(id).filter(attempt_rows::ended_at.is_null()).filter(is_newest))
        .set((
            attempt_rows::token_hash.eq(arrived.token),
            attempt_rows::code_hash.eq(arrived.code.map(|hash| hash.as_bytes().to_vec())),
            attempt_rows::expires_at.eq(expires_at),
            attempt_rows::token_made_at.eq(made_at),
        ))
        .run_kept(connection)?;
    // Newer ones stay: if two emails of an attempt leave one after the other, the second may still
    // be opened.
    let asked_at = attempt_rows::table.find(id).select(attempt_rows::mail_asked_at).single_value();
    let older = attempt_links::table
        .filter(attempt_links::attempt_id.eq(id))
        .filter(attempt_links::made_at.lt(made_at))
        .filter(attempt_links::made_at.lt(asked_at))
        .filter(attempt_links::good_until.is_not_null());
    diesel::update(older)
        .set((attempt_links::good_until.eq(None::<Timestamp>), attempt_links::code_hash.eq(None::<Vec<u8>>)))
        .run_kept(connection)?;
    forget_leaving(connection, id, arrived.token)
}
