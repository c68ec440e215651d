//! Remembered browsers, which skip the second factor.

use crate::{
    db::{DbConnection, Error, engine::kept::KeptDsl, row, schema::trusted_devices},
    domain::{
        AccountId, BrowserLabel, Timestamp, TokenHash, TrustedDeviceId,
        trusted_device::{self, TrustedDevice},
    },
};
use diesel::prelude::*;

/// Most of one account. The one remembered longest ago gives way.
const MAX: i64 = 20;

#[derive(Queryable, Selectable)]
#[diesel(table_name = trusted_devices)]
struct Row {
    id: TrustedDeviceId,
    account_id: AccountId,
    browser: String,
    client_address: Option<String>,
    trusted_at: Timestamp,
    last_used_at: Timestamp,
}

impl Row {
    fn read(self) -> Result<TrustedDevice, Error> {
        Ok(TrustedDevice {
            id: self.id,
            account_id: self.account_id,
            browser: BrowserLabel::from_stored(self.browser),
            client: row::client(self.client_address)?,
            trusted_at: self.trusted_at,
            last_used_at: self.last_used_at,
        })
    }
}

pub fn insert(connection: &mut DbConnection, device: &TrustedDevice, secret: &TokenHash) -> Result<(), Error> {
    let surplus: Vec<TrustedDeviceId> = trusted_devices::table
        .filter(trusted_devices::account_id.eq(device.account_id))
        .order(trusted_devices::trusted_at.desc())
        .offset(MAX - 1)
        .limit(MAX)
        .select(trusted_devices::id)
        .load(connection)?;
    diesel::delete(trusted_devices::table.filter(trusted_devices::id.eq_any(surplus))).execute(connection)?;
    diesel::insert_into(trusted_devices::table)
        .values((
            trusted_devices::id.eq(device.id),
            trusted_devices::secret_hash.eq(secret),
            trusted_devices::account_id.eq(device.account_id),
            trusted_devices::browser.eq(device.browser.as_str()),
            trusted_devices::client_address.eq(device.client.map(|client| client.to_string())),
            trusted_devices::trusted_at.eq(device.trusted_at),
            trusted_devices::last_used_at.eq(device.last_used_at),
        ))
        .run_kept(connection)?;
    Ok(())
}

/// Returns the account's browser with this secret. The rules decide whether it counts.
pub fn find(
    connection: &mut DbConnection,
    secret: &TokenHash,
    account: AccountId,
) -> Result<Option<TrustedDevice>, Error> {
    let row: Option<Row> = trusted_devices::table
        .filter(trusted_devices::secret_hash.eq(secret))
        .filter(trusted_devices::account_id.eq(account))
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    row.map(Row::read).transpose()
}

pub fn note_used(connection: &mut DbConnection, id: TrustedDeviceId, now: Timestamp) -> Result<(), Error> {
    diesel::update(trusted_devices::table.find(id)).set(trusted_devices::last_used_at.eq(now)).run_kept(connection)?;
    Ok(())
}

/// Returns an account's browsers, the one remembered last first.
pub fn of_account(connection: &mut DbConnection, account: AccountId) -> Result<Vec<TrustedDevice>, Error> {
    let rows: Vec<Row> = trusted_devices::table
        .filter(trusted_devices::account_id.eq(account))
        .order((trusted_devices::trusted_at.desc(), trusted_devices::id))
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter().map(Row::read).collect()
}

/// Forgets a browser. Returns `false` if the account has no such browser.
pub fn delete(connection: &mut DbConnection, account: AccountId, id: TrustedDeviceId) -> Result<bool, Error> {
    let gone = diesel::delete(trusted_devices::table.find(id).filter(trusted_devices::account_id.eq(account)))
        .execute_either(connection)?;
    Ok(gone == 1)
}

/// Forgets the browser with this secret, of any account.
pub fn forget(connection: &mut DbConnection, secret: &TokenHash) -> Result<(), Error> {
    diesel::delete(trusted_devices::table.filter(trusted_devices::secret_hash.eq(secret))).run_kept(connection)?;
    Ok(())
}

/// Forgets all of an account's but the one with this secret.
pub fn delete_others(connection: &mut DbConnection, account: AccountId, keep: Option<&TokenHash>) -> Result<(), Error> {
    let own = trusted_devices::table.filter(trusted_devices::account_id.eq(account));
    let Some(keep) = keep else { return delete_all(connection, account) };
    diesel::delete(own.filter(trusted_devices::secret_hash.ne(keep))).run_kept(connection)?;
    Ok(())
}

pub fn delete_all(connection: &mut DbConnection, account: AccountId) -> Result<(), Error> {
    diesel::delete(trusted_devices::table.filter(trusted_devices::account_id.eq(account))).run_kept(connection)?;
    Ok(())
}

/// Forgets those that were remembered after a moment.
pub fn delete_since(connection: &mut DbConnection, account: AccountId, since: Timestamp) -> Result<(), Error> {
    diesel::delete(
        trusted_devices::table
            .filter(trusted_devices::account_id.eq(account))
            .filter(trusted_devices::trusted_at.gt(since)),
    )
    .run_kept(connection)?;
    Ok(())
}

pub fn purge(connection: &mut DbConnection, now: Timestamp) -> Result<usize, Error> {
    let end = now.minus(trusted_device::LIFETIME);
    Ok(diesel::delete(trusted_devices::table.filter(trusted_devices::trusted_at.lt(end))).execute_either(connection)?)
}
