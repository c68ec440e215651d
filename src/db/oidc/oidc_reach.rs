//! Addresses at which this server reaches an app by itself, beside those that browsers go to.

use crate::{
    db::{
        DbConnection, Error,
        engine::kept::KeptDsl,
        schema::{app_hosts, apps, oidc_assertions, oidc_clients},
    },
    domain::{Timestamp, apps::AppId, oidc::ClientId, outbound::OutboundUri},
};
use diesel::prelude::*;

/// Returns where an app hears of sign-outs, if it wants to.
pub fn logout_uri(connection: &mut DbConnection, app: AppId) -> Result<Option<OutboundUri>, Error> {
    let uri = oidc_clients::table.find(app).select(oidc_clients::backchannel_logout_uri);
    let uri: Option<Option<String>> = uri.first(connection).optional()?;
    uri.flatten().map(|uri| read(&uri)).transpose()
}

/// Stores where an app hears of sign-outs.
pub fn set_logout_uri(connection: &mut DbConnection, app: AppId, uri: Option<&OutboundUri>) -> Result<(), Error> {
    diesel::update(oidc_clients::table.find(app))
        .set(oidc_clients::backchannel_logout_uri.eq(uri.map(OutboundUri::as_str)))
        .run_kept(connection)?;
    Ok(())
}

/// Ways other than browsers by which this server and the app's reach each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Address at which the app hears of sign-outs.
    pub logout_uri: Option<OutboundUri>,
    /// The app may sign in devices without a browser.
    pub signs_in_devices: bool,
}

pub fn reach(connection: &mut DbConnection, app: AppId) -> Result<Reach, Error> {
    let columns = (oidc_clients::backchannel_logout_uri, oidc_clients::device_grant);
    let row: Option<(Option<String>, bool)> =
        oidc_clients::table.find(app).select(columns).first(connection).optional()?;
    let (uri, signs_in_devices) = row.unwrap_or_default();
    Ok(Reach { logout_uri: uri.map(|uri| read(&uri)).transpose()?, signs_in_devices })
}

pub fn set_reach(connection: &mut DbConnection, app: AppId, reach: &Reach) -> Result<(), Error> {
    diesel::update(oidc_clients::table.find(app))
        .set((
            oidc_clients::backchannel_logout_uri.eq(reach.logout_uri.as_ref().map(OutboundUri::as_str)),
            oidc_clients::device_grant.eq(reach.signs_in_devices),
        ))
        .execute_either(connection)?;
    Ok(())
}

/// The keys by which a client signs assertions: a set, or where it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnKeys {
    pub set: Option<String>,
    pub uri: Option<OutboundUri>,
}

impl OwnKeys {
    pub const fn is_none(&self) -> bool {
        self.set.is_none() && self.uri.is_none()
    }
}

/// Returns the keys of a client, also while its app is off.
pub fn own_keys(connection: &mut DbConnection, app: AppId) -> Result<OwnKeys, Error> {
    let columns = (oidc_clients::jwks, oidc_clients::jwks_uri);
    let row: Option<(Option<String>, Option<String>)> =
        oidc_clients::table.find(app).select(columns).first(connection).optional()?;
    let (set, uri) = row.unwrap_or_default();
    Ok(OwnKeys { set, uri: uri.map(|uri| read(&uri)).transpose()? })
}

/// Returns whether an admin has named this host as one of the app.
pub fn is_host_of(connection: &mut DbConnection, app: AppId, host: &str) -> Result<bool, Error> {
    let own = app_hosts::table.filter(app_hosts::app_id.eq(app)).filter(app_hosts::wildcard.eq(false));
    let found: i64 = own.filter(app_hosts::host.eq(host)).count().get_result(connection)?;
    Ok(found > 0)
}

/// Keys by which a client signs assertions: the set itself, or its address.
#[derive(Clone, Debug)]
pub struct Keys {
    pub app: AppId,
    /// The set itself.
    pub set: Option<String>,
    pub uri: Option<OutboundUri>,
    /// The address is at a host that an admin has named as the app's.
    pub is_own_host: bool,
}

/// Returns the keys of a client whose app is on. `None` if it has none.
pub fn keys(connection: &mut DbConnection, id: &ClientId) -> Result<Option<Keys>, Error> {
    let row: Option<(AppId, Option<String>, Option<String>)> = oidc_clients::table
        .inner_join(apps::table.on(apps::id.eq(oidc_clients::app_id)))
        .filter(oidc_clients::client_id.eq(id.as_str()))
        .filter(apps::disabled_at.is_null())
        .select((oidc_clients::app_id, oidc_clients::jwks, oidc_clients::jwks_uri))
        .first(connection)
        .optional()?;
    let Some((app, set, uri)) = row.filter(|(_, set, uri)| set.is_some() || uri.is_some()) else { return Ok(None) };
    let uri = uri.map(|uri| read(&uri)).transpose()?;
    let is_own_host = match &uri {
        Some(uri) => is_host_of(connection, app, uri.host())?,
        None => false,
    };
    Ok(Some(Keys { app, set, uri, is_own_host }))
}

/// Stores the keys of a client: a set, or where it is. With either, no secret counts.
pub fn set_keys(
    connection: &mut DbConnection,
    app: AppId,
    set: Option<&str>,
    uri: Option<&OutboundUri>,
) -> Result<(), Error> {
    diesel::update(oidc_clients::table.find(app))
        .set((oidc_clients::jwks.eq(set), oidc_clients::jwks_uri.eq(uri.map(OutboundUri::as_str))))
        .run_kept(connection)?;
    Ok(())
}

/// Notes that an assertion was used. Returns `false` if it was used before, also by another node at
/// the same time.
pub fn use_assertion(
    connection: &mut DbConnection,
    (app, jti): (AppId, &[u8; 32]),
    forget_at: Timestamp,
) -> Result<bool, Error> {
    let insert = diesel::insert_into(oidc_assertions::table)
        .values((
            oidc_assertions::app_id.eq(app),
            oidc_assertions::jti_hash.eq(jti.to_vec()),
            oidc_assertions::forget_at.eq(forget_at),
        ))
        .on_conflict_do_nothing();
    Ok(insert.execute_either(connection)? == 1)
}

/// Deletes the names of assertions that have expired.
pub fn purge_assertions(connection: &mut DbConnection, now: Timestamp) -> Result<usize, Error> {
    Ok(diesel::delete(oidc_assertions::table.filter(oidc_assertions::forget_at.lt(now))).execute_either(connection)?)
}

fn read(uri: &str) -> Result<OutboundUri, Error> {
    OutboundUri::parse(uri).map_err(|_| Error::unreadable("address of an app"))
}
