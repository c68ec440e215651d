//! Recovery codes, as hashes.

use crate::{
    db::{
        DbConnection, Error,
        engine::kept::KeptDsl,
        schema::{recovery_code_sets, recovery_codes},
    },
    domain::{
        AccountId, Timestamp,
        recovery_code::{HashedCodes, RecoveryCodeHash, Salt},
    },
};
use diesel::prelude::*;

/// Gives an account these codes and replaces older ones.
pub fn replace(
    connection: &mut DbConnection,
    account: AccountId,
    codes: &HashedCodes,
    now: Timestamp,
) -> Result<(), Error> {
    remove_all(connection, account, None)?;
    let upsert = diesel::insert_into(recovery_code_sets::table)
        .values((
            recovery_code_sets::account_id.eq(account),
            recovery_code_sets::salt.eq(codes.salt.as_bytes().to_vec()),
            recovery_code_sets::made_at.eq(now),
        ))
        .on_conflict(recovery_code_sets::account_id)
        .do_update()
        .set((recovery_code_sets::salt.eq(codes.salt.as_bytes().to_vec()), recovery_code_sets::made_at.eq(now)));
    upsert.run_kept(connection)?;
    for code in &codes.hashes {
        diesel::insert_into(recovery_codes::table)
            .values((recovery_codes::account_id.eq(account), recovery_codes::code_hash.eq(code.as_bytes().to_vec())))
            .run_kept(connection)?;
    }
    Ok(())
}

/// Returns the salt of an account's codes, and when they were made.
pub fn set_of(connection: &mut DbConnection, account: AccountId) -> Result<Option<(Salt, Timestamp)>, Error> {
    let found: Option<(Vec<u8>, Timestamp)> = recovery_code_sets::table
        .find(account)
        .select((recovery_code_sets::salt, recovery_code_sets::made_at))
        .first(connection)
        .optional()?;
    found
        .map(|(salt, at)| {
            let salt = Salt::from_slice(&salt).ok_or_else(|| Error::unreadable("salt"))?;
            Ok((salt, at))
        })
        .transpose()
}

/// Uses up a code. Returns `false` if it is not one of the account's, or was used before.
pub fn burn(
    connection: &mut DbConnection,
    account: AccountId,
    code: &RecoveryCodeHash,
    now: Timestamp,
) -> Result<bool, Error> {
    let burned = diesel::update(
        recovery_codes::table.find((account, code.as_bytes().to_vec())).filter(recovery_codes::used_at.is_null()),
    )
    .set(recovery_codes::used_at.eq(now))
    .execute_either(connection)?;
    Ok(burned == 1)
}

/// Returns how many are left.
pub fn left(connection: &mut DbConnection, account: AccountId) -> Result<u32, Error> {
    let count: i64 = recovery_codes::table
        .filter(recovery_codes::account_id.eq(account))
        .filter(recovery_codes::used_at.is_null())
        .count()
        .get_result(connection)?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Removes an account's codes, or only if they were made since a moment. Returns `false` if there
/// was nothing to remove.
pub fn remove_all(connection: &mut DbConnection, account: AccountId, since: Option<Timestamp>) -> Result<bool, Error> {
    let since = since.unwrap_or(Timestamp::EARLIEST);
    let gone = diesel::delete(recovery_code_sets::table.find(account).filter(recovery_code_sets::made_at.ge(since)))
        .execute_either(connection)?;
    if gone == 1 {
        diesel::delete(recovery_codes::table.filter(recovery_codes::account_id.eq(account)))
            .execute_either(connection)?;
    }
    Ok(gone == 1)
}
