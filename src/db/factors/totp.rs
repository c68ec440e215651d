//! Authenticator apps. Their secrets come and go sealed; this module does not know the key.

use crate::{
    db::{
        DbConnection, Error,
        engine::kept::KeptDsl,
        schema::{totp_authenticators, totp_failures},
        sealed::{SealedKind, SealedRow, SealedWords, substr},
    },
    domain::{
        AccountId, AuthenticatorId, SealedPlace, Timestamp,
        factor_name::FactorName,
        totp::{Authenticator, Failures, Step},
    },
};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = totp_authenticators)]
struct Row {
    id: AuthenticatorId,
    account_id: AccountId,
    name: String,
    added_at: Timestamp,
    confirmed_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
}

impl Row {
    fn read(self) -> Result<Authenticator, Error> {
        let name = FactorName::parse(&self.name).ok().flatten().ok_or_else(|| Error::unreadable("authenticator"))?;
        Ok(Authenticator {
            id: self.id,
            account_id: self.account_id,
            name,
            added_at: self.added_at,
            confirmed_at: self.confirmed_at,
            last_used_at: self.last_used_at,
        })
    }
}

/// Stores an app that has yet to show its first code.
pub fn insert(connection: &mut DbConnection, authenticator: &Authenticator, sealed: &[u8]) -> Result<(), Error> {
    diesel::insert_into(totp_authenticators::table)
        .values((
            totp_authenticators::id.eq(authenticator.id),
            totp_authenticators::account_id.eq(authenticator.account_id),
            totp_authenticators::name.eq(authenticator.name.as_str()),
            totp_authenticators::sealed_secret.eq(sealed.to_vec()),
            totp_authenticators::last_step.eq(0i64),
            totp_authenticators::added_at.eq(authenticator.added_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Returns an account's authenticators with their sealed secrets, oldest first. Includes those that
/// have yet to show their first code.
pub fn of_account(connection: &mut DbConnection, account: AccountId) -> Result<Vec<(Authenticator, Vec<u8>)>, Error> {
    let rows: Vec<(Row, Vec<u8>)> = totp_authenticators::table
        .filter(totp_authenticators::account_id.eq(account))
        .order((totp_authenticators::added_at, totp_authenticators::id))
        .select((Row::as_select(), totp_authenticators::sealed_secret))
        .load(connection)?;
    rows.into_iter().map(|(row, sealed)| Ok((row.read()?, sealed))).collect()
}

/// Uses up a time step. Returns `false` if that step, or a later one, was used before. A code
/// counts once, even if shown twice on several nodes at once (RFC 6238, section 5.2).
pub fn use_step(connection: &mut DbConnection, id: AuthenticatorId, step: Step, now: Timestamp) -> Result<bool, Error> {
    let used =
        diesel::update(totp_authenticators::table.find(id).filter(totp_authenticators::last_step.lt(step.as_i64())))
            .set((totp_authenticators::last_step.eq(step.as_i64()), totp_authenticators::last_used_at.eq(now)))
            .execute(connection)?;
    Ok(used == 1)
}

/// Notes that the app has shown its first code. Returns `false` if it had before, or is gone.
pub fn confirm(connection: &mut DbConnection, id: AuthenticatorId, now: Timestamp) -> Result<bool, Error> {
    let confirmed =
        diesel::update(totp_authenticators::table.find(id).filter(totp_authenticators::confirmed_at.is_null()))
            .set(totp_authenticators::confirmed_at.eq(now))
            .execute(connection)?;
    Ok(confirmed == 1)
}

pub fn rename(connection: &mut DbConnection, id: AuthenticatorId, name: &FactorName) -> Result<(), Error> {
    diesel::update(totp_authenticators::table.find(id))
        .set(totp_authenticators::name.eq(name.as_str()))
        .execute(connection)?;
    Ok(())
}

/// Returns `false` if the account has no such authenticator.
pub fn remove(connection: &mut DbConnection, account: AccountId, id: AuthenticatorId) -> Result<bool, Error> {
    let gone = diesel::delete(totp_authenticators::table.find(id).filter(totp_authenticators::account_id.eq(account)))
        .execute(connection)?;
    Ok(gone == 1)
}

/// Removes those of an account that count since a moment or do not count yet, or all. An app that
/// was begun before and confirmed after it is among them. An earlier visitor may have shown its
/// first code.
pub fn remove_all(connection: &mut DbConnection, account: AccountId, since: Option<Timestamp>) -> Result<usize, Error> {
    let since = since.unwrap_or(Timestamp::EARLIEST);
    Ok(diesel::delete(
        totp_authenticators::table
            .filter(totp_authenticators::account_id.eq(account))
            .filter(totp_authenticators::confirmed_at.is_null().or(totp_authenticators::confirmed_at.ge(since))),
    )
    .execute(connection)?)
}

/// Returns whether an account has an app that counted before a moment.
pub fn has_older_than(connection: &mut DbConnection, account: AccountId, moment: Timestamp) -> Result<bool, Error> {
    let older: i64 = totp_authenticators::table
        .filter(totp_authenticators::account_id.eq(account))
        .filter(totp_authenticators::confirmed_at.lt(moment))
        .count()
        .get_result(connection)?;
    Ok(older > 0)
}

/// Returns the number of wrong codes since the last right one.
pub fn failures(connection: &mut DbConnection, account: AccountId) -> Result<Failures, Error> {
    let found: Option<(i32, Timestamp)> = totp_failures::table
        .find(account)
        .select((totp_failures::wrong, totp_failures::paused_until))
        .first(connection)
        .optional()?;
    Ok(found.map_or_else(Failures::default, |(wrong, until)| Failures { wrong, paused_until: until }))
}

pub fn note_failures(connection: &mut DbConnection, account: AccountId, failures: &Failures) -> Result<(), Error> {
    let (wrong, until) = (failures.wrong, failures.paused_until);
    let upsert = diesel::insert_into(totp_failures::table)
        .values((
            totp_failures::account_id.eq(account),
            totp_failures::wrong.eq(wrong),
            totp_failures::paused_until.eq(until),
        ))
        .on_conflict(totp_failures::account_id)
        .do_update()
        .set((totp_failures::wrong.eq(wrong), totp_failures::paused_until.eq(until)));
    upsert.run_kept(connection)?;
    Ok(())
}

pub fn forget_failures(connection: &mut DbConnection, account: AccountId) -> Result<(), Error> {
    diesel::delete(totp_failures::table.find(account)).execute(connection)?;
    Ok(())
}

/// Deletes those that never showed their first code.
pub fn purge(connection: &mut DbConnection, before: Timestamp) -> Result<usize, Error> {
    Ok(diesel::delete(
        totp_authenticators::table
            .filter(totp_authenticators::confirmed_at.is_null())
            .filter(totp_authenticators::added_at.lt(before)),
    )
    .execute(connection)?)
}

/// The secrets of all authenticator apps, for what rotates keys.
pub struct Secrets;

impl SealedKind for Secrets {
    fn column(&self) -> &'static str {
        "totp_authenticators.sealed_secret"
    }

    fn words(&self) -> SealedWords {
        SealedWords {
            lost: "Authenticator apps that users have to set up again",
            remedy: "Users have to set up those authenticator apps again.",
        }
    }

    fn beginnings(&self, connection: &mut DbConnection, length: i32) -> Result<Vec<Vec<u8>>, Error> {
        let beginning = substr(totp_authenticators::sealed_secret, 1, length);
        Ok(totp_authenticators::table.select(beginning).distinct().load(connection)?)
    }

    fn count(&self, connection: &mut DbConnection) -> Result<i64, Error> {
        Ok(totp_authenticators::table.count().get_result(connection)?)
    }

    fn page(&self, connection: &mut DbConnection, after: Option<i64>, most: i64) -> Result<Vec<SealedRow>, Error> {
        let rows: Vec<(AccountId, AuthenticatorId, Vec<u8>)> = totp_authenticators::table
            .filter(totp_authenticators::id.gt(AuthenticatorId::from_i64(after.unwrap_or(-1))))
            .order(totp_authenticators::id)
            .limit(most)
            .select((totp_authenticators::account_id, totp_authenticators::id, totp_authenticators::sealed_secret))
            .load(connection)?;
        let read = |(account, authenticator, sealed): (AccountId, AuthenticatorId, Vec<u8>)| {
            let id = authenticator.as_i64();
            SealedRow { id, place: SealedPlace::Totp { account, authenticator }, sealed }
        };
        Ok(rows.into_iter().map(read).collect())
    }

    fn reseal(&self, connection: &mut DbConnection, row: &SealedRow, anew: &[u8]) -> Result<bool, Error> {
        let id = AuthenticatorId::from_i64(row.id);
        let same = totp_authenticators::table.find(id).filter(totp_authenticators::sealed_secret.eq(&row.sealed));
        Ok(diesel::update(same).set(totp_authenticators::sealed_secret.eq(anew)).execute(connection)? == 1)
    }
}
