//! Apps that speak OpenID Connect: how they want to be treated, their secrets and addresses.

pub use crate::db::{
    kinds::UriKind,
    oidc::stored::{Secret, SecretId},
};
use crate::{
    db::{
        DbConnection, Error,
        columns::Named,
        schema::{apps, oidc_clients, oidc_grants, oidc_secrets, oidc_uris},
    },
    domain::{
        Destination, Lifetime, Timestamp, TokenHash,
        apps::{AppId, Registered},
        oidc::{
            ClientId, RedirectUri, SigningAlg,
            client::{AccessTokens, ClientRules, GroupsShape, Refreshes},
        },
    },
};
use diesel::{dsl::min, prelude::*};
use std::collections::HashMap;

/// An app as a client.
#[derive(Clone, Debug)]
pub struct Client {
    pub app: AppId,
    pub id: ClientId,
    pub rules: ClientRules,
    /// Addresses to which answers to a sign-in may go.
    pub sign_in_uris: Vec<RedirectUri>,
    /// Addresses to which answers to a sign-out may go.
    pub sign_out_uris: Vec<RedirectUri>,
    /// Name of the known app that it is.
    pub preset: Option<String>,
}

/// Returns the front page of an app. Falls back to the site of the redirect URI if the app has
/// no link and no host.
pub fn front(connection: &mut DbConnection, app: &Registered) -> Result<Option<Destination>, Error> {
    if let Some(front) = Destination::front(app) {
        return Ok(Some(front));
    }
    Ok(sites(connection, &[app.app.id])?.remove(&app.app.id))
}

/// Returns the site where answers of each of these apps go, by one statement. An app without one is
/// left out.
pub fn sites(connection: &mut DbConnection, apps: &[AppId]) -> Result<HashMap<AppId, Destination>, Error> {
    if apps.is_empty() {
        return Ok(HashMap::new());
    }
    let uris =
        oidc_uris::table.filter(oidc_uris::app_id.eq_any(apps)).filter(oidc_uris::kind.eq(Named(UriKind::SignIn)));
    let uris = uris.order((oidc_uris::app_id, oidc_uris::uri)).select((oidc_uris::app_id, oidc_uris::uri));
    let mut of_app: HashMap<AppId, Vec<RedirectUri>> = HashMap::new();
    for (app, uri) in uris.load::<(AppId, String)>(connection)? {
        let uri = RedirectUri::parse(&uri).map_err(|_| Error::unreadable("redirect URI"))?;
        of_app.entry(app).or_default().push(uri);
    }
    Ok(of_app.into_iter().filter_map(|(app, uris)| Some((app, Destination::site(app, &uris)?))).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = oidc_clients)]
struct Row {
    app_id: AppId,
    client_id: String,
    is_public: bool,
    pkce_required: bool,
    id_token_alg: Named<SigningAlg>,
    id_token_small: bool,
    groups_claim: String,
    refreshes: Named<Refreshes>,
    rotates: bool,
    third_party: bool,
    access_lifetime: i64,
    refresh_idle: i64,
    refresh_absolute: i64,
    preset: Option<String>,
    access_token_kind: Named<AccessTokens>,
    name_claim: Option<String>,
    groups_shape: Named<GroupsShape>,
}

impl Row {
    fn read(self, (sign_in_uris, sign_out_uris): (Vec<RedirectUri>, Vec<RedirectUri>)) -> Result<Client, Error> {
        let rules = ClientRules {
            is_public: self.is_public,
            pkce_required: self.pkce_required,
            id_token_alg: self.id_token_alg.0,
            id_token_small: self.id_token_small,
            groups_claim: self.groups_claim,
            groups_shape: self.groups_shape.0,
            name_claim: self.name_claim,
            access_tokens: self.access_token_kind.0,
            refreshes: self.refreshes.0,
            rotates: self.rotates,
            is_third_party: self.third_party,
            access_lifetime: Lifetime::millis(self.access_lifetime),
            refresh_idle: Lifetime::millis(self.refresh_idle),
            refresh_absolute: Lifetime::millis(self.refresh_absolute),
        };
        let id = ClientId::parse(&self.client_id).map_err(|_| Error::unreadable("client id"))?;
        Ok(Client { app: self.app_id, id, rules, sign_in_uris, sign_out_uris, preset: self.preset })
    }
}

/// Stores a client with its addresses.
///
/// # Errors
///
/// [`Error::Conflict`] if another app has its client id.
pub fn insert(connection: &mut DbConnection, client: &Client) -> Result<(), Error> {
    let rules = &client.rules;
    diesel::insert_into(oidc_clients::table)
        .values((
            oidc_clients::app_id.eq(client.app),
            oidc_clients::client_id.eq(client.id.as_str()),
            oidc_clients::is_public.eq(rules.is_public),
            oidc_clients::pkce_required.eq(rules.pkce_required),
            oidc_clients::id_token_alg.eq(Named(rules.id_token_alg)),
            oidc_clients::id_token_small.eq(rules.id_token_small),
            oidc_clients::groups_claim.eq(&rules.groups_claim),
            oidc_clients::refreshes.eq(Named(rules.refreshes)),
            oidc_clients::rotates.eq(rules.rotates),
            oidc_clients::third_party.eq(rules.is_third_party),
            oidc_clients::access_lifetime.eq(rules.access_lifetime.as_millis()),
            oidc_clients::refresh_idle.eq(rules.refresh_idle.as_millis()),
            oidc_clients::refresh_absolute.eq(rules.refresh_absolute.as_millis()),
            oidc_clients::preset.eq(&client.preset),
            oidc_clients::access_token_kind.eq(Named(rules.access_tokens)),
            oidc_clients::name_claim.eq(&rules.name_claim),
            oidc_clients::groups_shape.eq(Named(rules.groups_shape)),
        ))
        .execute(connection)?;
    add_uris(connection, client)
}

/// Stores how a client wants to be treated, and its addresses. Its id and whether it is public
/// stay.
pub fn update(connection: &mut DbConnection, client: &Client) -> Result<(), Error> {
    let rules = &client.rules;
    diesel::update(oidc_clients::table.find(client.app))
        .set((
            oidc_clients::pkce_required.eq(rules.pkce_required),
            oidc_clients::id_token_alg.eq(Named(rules.id_token_alg)),
            oidc_clients::id_token_small.eq(rules.id_token_small),
            oidc_clients::groups_claim.eq(&rules.groups_claim),
            oidc_clients::refreshes.eq(Named(rules.refreshes)),
            oidc_clients::rotates.eq(rules.rotates),
            oidc_clients::third_party.eq(rules.is_third_party),
            oidc_clients::access_lifetime.eq(rules.access_lifetime.as_millis()),
            oidc_clients::refresh_idle.eq(rules.refresh_idle.as_millis()),
            oidc_clients::refresh_absolute.eq(rules.refresh_absolute.as_millis()),
            oidc_clients::access_token_kind.eq(Named(rules.access_tokens)),
            oidc_clients::name_claim.eq(&rules.name_claim),
            oidc_clients::groups_shape.eq(Named(rules.groups_shape)),
        ))
        .execute(connection)?;
    diesel::delete(oidc_uris::table.filter(oidc_uris::app_id.eq(client.app))).execute(connection)?;
    add_uris(connection, client)
}

/// Gives a client another id.
///
/// # Errors
///
/// [`Error::Conflict`] if another app has it.
pub fn set_id(connection: &mut DbConnection, app: AppId, id: &ClientId) -> Result<(), Error> {
    let client = diesel::update(oidc_clients::table.find(app));
    client.set(oidc_clients::client_id.eq(id.as_str())).execute(connection)?;
    Ok(())
}

/// Stores everything about a client that exists, its id, too.
///
/// # Errors
///
/// [`Error::Conflict`] if another app has its client id.
pub fn replace(connection: &mut DbConnection, client: &Client) -> Result<(), Error> {
    let rules = &client.rules;
    diesel::update(oidc_clients::table.find(client.app))
        .set((
            oidc_clients::client_id.eq(client.id.as_str()),
            oidc_clients::is_public.eq(rules.is_public),
            oidc_clients::preset.eq(&client.preset),
        ))
        .execute(connection)?;
    update(connection, client)
}

/// Deletes a client with its addresses, secrets and what it was given. Its app stays.
pub fn delete(connection: &mut DbConnection, app: AppId) -> Result<(), Error> {
    diesel::delete(oidc_uris::table.filter(oidc_uris::app_id.eq(app))).execute(connection)?;
    diesel::delete(oidc_secrets::table.filter(oidc_secrets::app_id.eq(app))).execute(connection)?;
    diesel::delete(oidc_clients::table.find(app)).execute(connection)?;
    diesel::delete(oidc_grants::table.filter(oidc_grants::app_id.eq(app))).execute(connection)?;
    Ok(())
}

fn add_uris(connection: &mut DbConnection, client: &Client) -> Result<(), Error> {
    let of_kind = |kind, uris: &[RedirectUri]| uris.iter().map(|uri| (kind, uri.clone())).collect::<Vec<_>>();
    let all = [of_kind(UriKind::SignIn, &client.sign_in_uris), of_kind(UriKind::SignOut, &client.sign_out_uris)];
    all.concat().iter().try_for_each(|(kind, uri)| add_uri(connection, client.app, *kind, uri))
}

fn add_uri(connection: &mut DbConnection, app: AppId, kind: UriKind, uri: &RedirectUri) -> Result<(), Error> {
    diesel::insert_into(oidc_uris::table)
        .values((oidc_uris::app_id.eq(app), oidc_uris::kind.eq(Named(kind)), oidc_uris::uri.eq(uri.as_str())))
        .execute(connection)?;
    Ok(())
}

pub fn find(connection: &mut DbConnection, id: &ClientId) -> Result<Option<Client>, Error> {
    let row = oidc_clients::table.filter(oidc_clients::client_id.eq(id.as_str()));
    let row: Option<Row> = row.select(Row::as_select()).first(connection).optional()?;
    row.map(|row| with_uris(connection, row)).transpose()
}

pub fn of_app(connection: &mut DbConnection, app: AppId) -> Result<Option<Client>, Error> {
    let row = oidc_clients::table.find(app);
    let row: Option<Row> = row.select(Row::as_select()).first(connection).optional()?;
    row.map(|row| with_uris(connection, row)).transpose()
}

/// Returns whether the app is a client, even if its facts cannot be read.
pub fn is_client(connection: &mut DbConnection, app: AppId) -> Result<bool, Error> {
    let found: i64 = oidc_clients::table.find(app).count().get_result(connection)?;
    Ok(found > 0)
}

/// Facts that tell whether a client is the one that it says.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub app: AppId,
    /// They are of the client that was named, and its app is on.
    pub is_named: bool,
    pub is_public: bool,
    /// The client signs assertions. No secret counts then.
    pub has_keys: bool,
    /// Hashes of its secrets that still count.
    pub secrets: Vec<TokenHash>,
}

/// The columns of a client's credentials. They are its app, when the app was turned off, and
/// whether the client is public. Then come its keys and their address, and a secret's hash and its
/// end.
type CredentialRow =
    ((AppId, Option<Timestamp>), bool, (Option<String>, Option<String>), Option<TokenHash>, Option<Timestamp>);

/// Returns the name of this client, or of the next one in their order. `None` without any client.
/// Both questions are always asked, so that a name after all others takes no longer.
fn name_or_next(connection: &mut DbConnection, id: &ClientId) -> Result<Option<String>, Error> {
    let first = min(oidc_clients::client_id);
    let from_here = oidc_clients::table.filter(oidc_clients::client_id.ge(id.as_str()));
    let found: Option<String> = from_here.select(first).get_result(connection)?;
    let of_all: Option<String> = oidc_clients::table.select(first).get_result(connection)?;
    Ok(found.or(of_all))
}

/// Returns the client's credentials. For an unknown client it reads another one's, so that both
/// take the same time.
pub fn credentials(connection: &mut DbConnection, id: &ClientId, now: Timestamp) -> Result<Option<Credentials>, Error> {
    let Some(name) = name_or_next(connection, id)? else { return Ok(None) };
    let rows: Vec<CredentialRow> = oidc_clients::table
        .inner_join(apps::table.on(apps::id.eq(oidc_clients::app_id)))
        .left_join(oidc_secrets::table.on(oidc_secrets::app_id.eq(oidc_clients::app_id)))
        .filter(oidc_clients::client_id.eq(&name))
        .select((
            (oidc_clients::app_id, apps::disabled_at),
            oidc_clients::is_public,
            (oidc_clients::jwks, oidc_clients::jwks_uri),
            oidc_secrets::secret_hash.nullable(),
            oidc_secrets::expires_at.nullable(),
        ))
        .load(connection)?;
    let Some(((app, off_since), is_public, (jwks, jwks_uri), ..)) = rows.first() else { return Ok(None) };
    let is_named = name == id.as_str() && off_since.is_none();
    let (app, is_public, has_keys) = (*app, *is_public, jwks.is_some() || jwks_uri.is_some());
    let live = rows.into_iter().filter(|(.., end)| end.is_none_or(|end| now < end));
    let secrets = live.filter_map(|(_, _, _, hash, _)| hash).collect();
    Ok(Some(Credentials { app, is_named, is_public, has_keys, secrets }))
}

fn with_uris(connection: &mut DbConnection, row: Row) -> Result<Client, Error> {
    let mut of_kind = |kind: UriKind| -> Result<Vec<RedirectUri>, Error> {
        let uris = oidc_uris::table.filter(oidc_uris::app_id.eq(row.app_id)).filter(oidc_uris::kind.eq(Named(kind)));
        let uris: Vec<String> = uris.order(oidc_uris::uri).select(oidc_uris::uri).load(connection)?;
        uris.iter().map(|uri| RedirectUri::parse(uri).map_err(|_| Error::unreadable("redirect URI"))).collect()
    };
    let uris = (of_kind(UriKind::SignIn)?, of_kind(UriKind::SignOut)?);
    row.read(uris)
}

/// Returns every address of sign-ins at apps that are on: their pages may read answers by a script.
/// One that cannot be read belongs to no app.
pub fn sign_in_uris(connection: &mut DbConnection) -> Result<Vec<RedirectUri>, Error> {
    let uris = oidc_uris::table
        .inner_join(apps::table.on(apps::id.eq(oidc_uris::app_id)))
        .filter(oidc_uris::kind.eq(Named(UriKind::SignIn)))
        .filter(apps::disabled_at.is_null());
    let uris: Vec<String> = uris.select(oidc_uris::uri).load(connection)?;
    Ok(uris.iter().filter_map(|uri| RedirectUri::parse(uri).ok()).collect())
}

/// Stores a secret's hash and its last characters.
pub fn add_secret(
    connection: &mut DbConnection,
    (id, app): (SecretId, AppId),
    (hash, hint): (&TokenHash, &str),
    now: Timestamp,
) -> Result<(), Error> {
    diesel::insert_into(oidc_secrets::table)
        .values((
            oidc_secrets::id.eq(id),
            oidc_secrets::app_id.eq(app),
            oidc_secrets::secret_hash.eq(hash),
            oidc_secrets::made_at.eq(now),
            oidc_secrets::hint.eq(hint),
        ))
        .execute(connection)?;
    Ok(())
}

/// A secret as it is stored: hash, moment, end, last characters, last use.
type StoredSecret = (TokenHash, Timestamp, Option<Timestamp>, String, Option<Timestamp>);

/// Returns the secrets that still count.
pub fn secrets(connection: &mut DbConnection, app: AppId, now: Timestamp) -> Result<Vec<Secret>, Error> {
    let rows: Vec<StoredSecret> = oidc_secrets::table
        .filter(oidc_secrets::app_id.eq(app))
        .select((
            oidc_secrets::secret_hash,
            oidc_secrets::made_at,
            oidc_secrets::expires_at,
            oidc_secrets::hint,
            oidc_secrets::last_used_at,
        ))
        .order(oidc_secrets::made_at.desc())
        .load(connection)?;
    let read = |(hash, made_at, expires_at, hint, last_used_at): StoredSecret| Secret {
        hash,
        made_at,
        expires_at,
        hint,
        last_used_at,
    };
    let all = rows.into_iter().map(read);
    Ok(all.filter(|secret| secret.expires_at.is_none_or(|end| now < end)).collect())
}

/// Lets the secrets of an app count no longer than until this moment.
pub fn end_secrets(connection: &mut DbConnection, app: AppId, at: Timestamp) -> Result<(), Error> {
    let later = oidc_secrets::expires_at.is_null().or(oidc_secrets::expires_at.gt(at));
    diesel::update(oidc_secrets::table.filter(oidc_secrets::app_id.eq(app)).filter(later))
        .set(oidc_secrets::expires_at.eq(at))
        .execute(connection)?;
    Ok(())
}

/// Ends the secrets that were replaced and still count. Returns how many.
pub fn end_replaced(connection: &mut DbConnection, app: AppId, now: Timestamp) -> Result<usize, Error> {
    let of_app = oidc_secrets::table.filter(oidc_secrets::app_id.eq(app));
    let counting = of_app.filter(oidc_secrets::expires_at.gt(now));
    Ok(diesel::update(counting).set(oidc_secrets::expires_at.eq(now)).execute(connection)?)
}

/// Deletes secrets that have expired.
pub fn purge_secrets(connection: &mut DbConnection, now: Timestamp) -> Result<usize, Error> {
    Ok(diesel::delete(oidc_secrets::table.filter(oidc_secrets::expires_at.lt(now))).execute(connection)?)
}
