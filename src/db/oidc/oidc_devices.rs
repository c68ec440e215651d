//! Devices that wait for their user.

pub use crate::db::oidc::stored::{DeviceCode, DeviceCodeId, Given};
use crate::{
    db::{
        DbConnection, Error,
        columns::Named,
        engine::kept::KeptDsl,
        row,
        schema::{oidc_clients, oidc_device_codes as codes},
    },
    domain::{
        AccountId, Lifetime, SessionId, Timestamp, TokenHash,
        apps::AppId,
        oidc::{
            Scopes,
            device::{Asked, Decision},
        },
    },
};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = codes)]
struct Row {
    id: DeviceCodeId,
    app_id: AppId,
    scopes: String,
    client_address: Option<String>,
    asked_at: Timestamp,
    expires_at: Timestamp,
    pause: i64,
    polled_at: Option<Timestamp>,
    decision: Named<Decision>,
    decided_at: Option<Timestamp>,
    account_id: Option<AccountId>,
    session_id: Option<SessionId>,
    auth_time: Timestamp,
    acr: String,
    amr: String,
}

impl Row {
    fn read(self) -> Result<DeviceCode, Error> {
        let Named(decision) = self.decision;
        let given = match (decision, self.account_id, self.decided_at) {
            (Decision::Allowed, Some(account), Some(at)) => Some(Given {
                account,
                session: self.session_id,
                at,
                auth_time: self.auth_time,
                acr: self.acr,
                amr: self.amr,
            }),
            _ => None,
        };
        Ok(DeviceCode {
            id: self.id,
            app: self.app_id,
            scopes: Scopes::parse(&self.scopes),
            client: row::client(self.client_address)?,
            asked_at: self.asked_at,
            asked: Asked {
                decision,
                expires_at: self.expires_at,
                polled_at: self.polled_at,
                pause: Lifetime::millis(self.pause),
            },
            given,
        })
    }
}

/// Stores a device that asks, by the hashes of its two codes.
pub fn insert(
    connection: &mut DbConnection,
    code: &DeviceCode,
    (device, user): (&TokenHash, &[u8; 32]),
) -> Result<(), Error> {
    diesel::insert_into(codes::table)
        .values((
            codes::id.eq(code.id),
            codes::device_hash.eq(device),
            codes::user_code_hash.eq(user.to_vec()),
            codes::app_id.eq(code.app),
            codes::scopes.eq(code.scopes.text()),
            codes::client_address.eq(code.client.map(|client| client.to_string())),
            codes::asked_at.eq(code.asked_at),
            codes::expires_at.eq(code.asked.expires_at),
            codes::pause.eq(code.asked.pause.as_millis()),
            codes::decision.eq(Named(code.asked.decision)),
            codes::auth_time.eq(Timestamp::EPOCH),
            codes::acr.eq(""),
            codes::amr.eq(""),
        ))
        .run_kept(connection)?;
    Ok(())
}

pub fn find(connection: &mut DbConnection, id: DeviceCodeId) -> Result<Option<DeviceCode>, Error> {
    let row: Option<Row> = codes::table.find(id).select(Row::as_select()).first(connection).optional()?;
    row.map(Row::read).transpose()
}

/// Returns the device that shows this code.
pub fn of_user(connection: &mut DbConnection, hash: &[u8; 32]) -> Result<Option<DeviceCode>, Error> {
    let row = codes::table.filter(codes::user_code_hash.eq(hash.to_vec())).select(Row::as_select());
    row.first(connection).optional()?.map(Row::read).transpose()
}

/// Returns the device that has this code.
pub fn of_device(connection: &mut DbConnection, hash: &TokenHash) -> Result<Option<DeviceCode>, Error> {
    let row = codes::table.filter(codes::device_hash.eq(hash)).select(Row::as_select());
    row.first(connection).optional()?.map(Row::read).transpose()
}

/// Notes that the device asked, and how long it pauses from now on.
pub fn note_poll(
    connection: &mut DbConnection,
    id: DeviceCodeId,
    pause: Lifetime,
    now: Timestamp,
) -> Result<(), Error> {
    diesel::update(codes::table.find(id))
        .set((codes::polled_at.eq(now), codes::pause.eq(pause.as_millis())))
        .run_kept(connection)?;
    Ok(())
}

/// Notes what the user said: `given`, or a refusal by `None`. Returns `false` if another answer
/// came first, or the code has expired.
pub fn decide(
    connection: &mut DbConnection,
    id: DeviceCodeId,
    given: Option<&Given>,
    now: Timestamp,
) -> Result<bool, Error> {
    let decision = if given.is_some() { Decision::Allowed } else { Decision::Denied };
    let row = codes::table.find(id).filter(codes::decision.eq(Named(Decision::Waiting)));
    let decided = diesel::update(row.filter(codes::expires_at.gt(now)))
        .set((
            codes::decision.eq(Named(decision)),
            codes::decided_at.eq(now),
            codes::account_id.eq(given.map(|given| given.account)),
            codes::session_id.eq(given.and_then(|given| given.session)),
            codes::auth_time.eq(given.map_or(Timestamp::EPOCH, |given| given.auth_time)),
            codes::acr.eq(given.map_or("", |given| given.acr.as_str())),
            codes::amr.eq(given.map_or("", |given| given.amr.as_str())),
        ))
        .execute_either(connection)?;
    Ok(decided == 1)
}

/// Returns whether an app may sign in devices.
pub fn are_allowed(connection: &mut DbConnection, app: AppId) -> Result<bool, Error> {
    let allowed = oidc_clients::table.find(app).select(oidc_clients::device_grant);
    Ok(allowed.first(connection).optional()?.unwrap_or(false))
}

/// Lets an app sign in devices, or no longer.
pub fn allow(connection: &mut DbConnection, app: AppId, may: bool) -> Result<(), Error> {
    diesel::update(oidc_clients::table.find(app)).set(oidc_clients::device_grant.eq(may)).run_kept(connection)?;
    Ok(())
}

/// Deletes codes that expired before a moment.
pub fn purge(connection: &mut DbConnection, before: Timestamp) -> Result<usize, Error> {
    Ok(diesel::delete(codes::table.filter(codes::expires_at.lt(before))).execute_either(connection)?)
}
