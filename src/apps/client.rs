//! Apps as clients of OpenID Connect.

use super::app::LOCK;
use crate::{
    db::{
        self, DbConnection, Error, Stop, Tx,
        oidc_clients::{Client, SecretId},
        oidc_reach::{OwnKeys, Reach},
    },
    domain::{
        Lifetime, Timestamp, Token, TokenHash,
        apps::{
            AppId, AppSlug, Registered,
            fact::{AppFact, Facts, differences},
        },
        audit::Action,
        oidc::{
            ClientId, RedirectUri, StatedLifetimes,
            client::{ClientRules, GroupsShape, MAX_URIS},
        },
        outbound::OutboundUri,
    },
};

/// Makes an app a client. Returns its secret, which is shown once. A public client has none.
pub fn add_client(
    tx: &mut Tx<'_>,
    (client, stated): (&Client, &StatedLifetimes),
    slug: &AppSlug,
) -> Result<Option<Token>, Error> {
    insert(tx, client, stated)?;
    if client.rules.is_public { Ok(None) } else { add_secret(tx, client, slug).map(Some) }
}

/// Stores a new client. Its lifetimes are what was said, or else the settings of this moment.
fn insert(tx: &mut Tx<'_>, client: &Client, stated: &StatedLifetimes) -> Result<(), Error> {
    tx.lock_name(LOCK)?;
    let rules = stated.over(client.rules.clone(), &*tx.settings()?);
    db::oidc_clients::insert(tx.connection, &Client { rules, ..client.clone() })
}

/// Makes an app that is no client yet one. Returns `None` if it is one, or the app is gone.
pub fn make_client(tx: &mut Tx<'_>, client: &Client, slug: &AppSlug) -> Result<Option<Option<Token>>, Error> {
    tx.lock_name(LOCK)?;
    let is_there = db::apps::find(tx.connection, client.app)?.is_some();
    if !is_there || db::oidc_clients::of_app(tx.connection, client.app)?.is_some() {
        return Ok(None);
    }
    let Some(id) = free_id(tx, &client.id)? else { return Ok(None) };
    let client = &Client { id, ..client.clone() };
    let secret = add_client(tx, (client, &StatedLifetimes::default()), slug)?;
    let mut facts = client_facts(client);
    if client.id.as_str() != slug.as_str() {
        facts.push(AppFact::ClientId, client.id.to_string());
    }
    tx.log(&tx.line(Action::AppChanged, slug.as_str()).from_to("–", facts.told()))?;
    Ok(Some(secret))
}

/// Returns a client id that no app has: the wanted one, or the first with a number behind it.
/// Another app may have the wanted one built in.
fn free_id(tx: &mut Tx<'_>, wanted: &ClientId) -> Result<Option<ClientId>, Error> {
    let numbered = (2_u32..).map_while(|n| ClientId::parse(&format!("{wanted}-{n}")).ok());
    for id in std::iter::once(wanted.clone()).chain(numbered) {
        if db::oidc_clients::find(tx.connection, &id)?.is_none() {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Notes that an app signs in in a popup, as its preset says.
pub fn note_popup(tx: &mut Tx<'_>, app: AppId) -> Result<(), Error> {
    let Some(app) = db::apps::find(tx.connection, app)?.filter(|app| !app.popup) else { return Ok(()) };
    Stop::commit(super::change(tx, &Registered { popup: true, ..app })).map(drop)
}

/// Stores addresses and options of a client. Returns `false` if it is gone.
pub fn change_client(
    tx: &mut Tx<'_>,
    (client, reach): (&Client, Option<&Reach>),
    slug: &AppSlug,
) -> Result<bool, Error> {
    tx.lock_name(LOCK)?;
    let Some(was) = all_facts(tx, client.app)? else { return Ok(false) };
    db::oidc_clients::update(tx.connection, client)?;
    if let Some(reach) = reach {
        db::oidc_reach::set_reach(tx.connection, client.app, reach)?;
    }
    let Some(is) = all_facts(tx, client.app)? else { return Ok(false) };
    // What was refused before may be right now.
    db::apps::forget_refusals(tx.connection, client.app)?;
    if was != is {
        let (was, is) = differences(&was, &is);
        tx.log(&tx.line(Action::AppChanged, slug.as_str()).from_to(was, is))?;
    }
    Ok(true)
}

/// Adds an address to which answers may go. Returns `false` if the client is gone, or has enough of
/// them.
pub fn add_redirect_uri(tx: &mut Tx<'_>, slug: &AppSlug, uri: &RedirectUri) -> Result<bool, Error> {
    tx.lock_name(LOCK)?;
    let Some(app) = db::apps::find_by_slug(tx.connection, slug)? else { return Ok(false) };
    let Some(mut client) = db::oidc_clients::of_app(tx.connection, app.app.id)? else { return Ok(false) };
    if !client.sign_in_uris.contains(uri) {
        if client.sign_in_uris.len() >= MAX_URIS {
            return Ok(false);
        }
        client.sign_in_uris.push(uri.clone());
    }
    change_client(tx, (&client, None), slug)
}

/// Outcome of saving a client's own keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysSet {
    Done,
    Unchanged,
    /// Nothing is stored: a secret would end, and no admin has said that it may.
    WouldEndSecret,
}

/// Returns whether a secret that counts would end if a client signed by these keys.
pub fn would_end_secret(
    connection: &mut DbConnection,
    (app, keys): (AppId, &OwnKeys),
    now: Timestamp,
) -> Result<bool, Error> {
    if keys.is_none() || db::oidc_reach::own_keys(connection, app)? == *keys {
        return Ok(false);
    }
    Ok(!db::oidc_clients::secrets(connection, app, now)?.is_empty())
}

/// Has a client sign by its own keys, or by a secret again. Its secrets end: taking the keys away
/// must not bring an old one back. Returns `None` if there is no such client, or it can keep no
/// secret.
pub fn set_client_keys(
    tx: &mut Tx<'_>,
    slug: &AppSlug,
    (keys, may_end_secret): (&OwnKeys, bool),
) -> Result<Option<KeysSet>, Error> {
    tx.lock_name(LOCK)?;
    let Some(app) = db::apps::find_by_slug(tx.connection, slug)?.map(|app| app.app.id) else { return Ok(None) };
    let client = db::oidc_clients::of_app(tx.connection, app)?.filter(|client| !client.rules.is_public);
    if client.is_none() {
        return Ok(None);
    }
    let before = db::oidc_reach::own_keys(tx.connection, app)?;
    if before == *keys {
        return Ok(Some(KeysSet::Unchanged));
    }
    // In this transaction, because another admin may have made a secret since the page asked.
    if !may_end_secret && would_end_secret(tx.connection, (app, keys), tx.now)? {
        return Ok(Some(KeysSet::WouldEndSecret));
    }
    db::apps::forget_refusals(tx.connection, app)?;
    db::oidc_reach::set_keys(tx.connection, app, keys.set.as_deref(), keys.uri.as_ref())?;
    if !keys.is_none() {
        db::oidc_clients::end_secrets(tx.connection, app, tx.now)?;
    }
    tx.log(&tx.line(Action::AppChanged, slug.as_str()).from_to(proves_by(&before), proves_by(keys)))?;
    Ok(Some(KeysSet::Done))
}

/// Returns what the audit log says of how a client proves who it is.
fn proves_by(keys: &OwnKeys) -> String {
    let by = match keys {
        OwnKeys { uri: Some(uri), .. } => format!("keys at {}", uri.as_str()),
        OwnKeys { set: Some(_), .. } => "keys".to_owned(),
        OwnKeys { .. } => "secret".to_owned(),
    };
    Facts::one(AppFact::ProvesItselfBy, by).told()
}

/// Makes an app a client that signs assertions by its own keys. It has no secret.
pub fn add_client_with_keys(
    tx: &mut Tx<'_>,
    (client, stated): (&Client, &StatedLifetimes),
    (set, uri): (Option<&str>, Option<&OutboundUri>),
) -> Result<(), Error> {
    insert(tx, client, stated)?;
    db::oidc_reach::set_keys(tx.connection, client.app, set, uri)
}

/// Makes an app a client with a secret that it has built in.
pub fn add_client_with_secret(
    tx: &mut Tx<'_>,
    (client, stated): (&Client, &StatedLifetimes),
    (slug, secret): (&AppSlug, &TokenHash),
) -> Result<(), Error> {
    insert(tx, client, stated)?;
    store_secret(tx, (client.app, slug), (secret, ""))
}

/// A client id and a secret that an app has built in. Each is `None` if the app's stays.
#[derive(Clone, Debug, Default)]
pub struct BuiltIn {
    pub id: Option<ClientId>,
    pub secret: Option<TokenHash>,
}

/// Returns whether a client has this short name as its id.
pub fn is_client_id_taken(tx: &mut Tx<'_>, slug: &AppSlug) -> Result<bool, Error> {
    let Ok(id) = ClientId::parse(slug.as_str()) else { return Ok(false) };
    Ok(db::oidc_clients::find(tx.connection, &id)?.is_some())
}

/// Outcome of giving an app what it has built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuiltInSet {
    Done,
    /// Another app has this client id. Nothing is stored.
    IdTaken,
}

/// Has an app present itself by what it has built in. Secrets from before count for `keep` longer.
/// Returns `None` if there is no such client, or if it signs by its own keys.
pub fn set_built_in(
    tx: &mut Tx<'_>,
    slug: &AppSlug,
    (built_in, keep): (&BuiltIn, Lifetime),
) -> Result<Option<BuiltInSet>, Error> {
    tx.lock_name(LOCK)?;
    let Some(app) = db::apps::find_by_slug(tx.connection, slug)?.map(|app| app.app.id) else { return Ok(None) };
    let Some(client) = db::oidc_clients::of_app(tx.connection, app)? else { return Ok(None) };
    if !db::oidc_reach::own_keys(tx.connection, app)?.is_none() {
        return Ok(None);
    }
    if let Some(id) = built_in.id.as_ref().filter(|id| **id != client.id) {
        if db::oidc_clients::find(tx.connection, id)?.is_some() {
            return Ok(Some(BuiltInSet::IdTaken));
        }
        db::oidc_clients::set_id(tx.connection, app, id)?;
        let named = |id: &ClientId| Facts::one(AppFact::ClientId, id.to_string()).told();
        tx.log(&tx.line(Action::AppChanged, slug.as_str()).from_to(named(&client.id), named(id)))?;
    }
    if let Some(secret) = &built_in.secret {
        db::oidc_clients::end_secrets(tx.connection, app, tx.now.plus(keep))?;
        store_secret(tx, (app, slug), (secret, ""))?;
    }
    db::apps::forget_refusals(tx.connection, app)?;
    Ok(Some(BuiltInSet::Done))
}

/// Makes another secret. Those from before count for `keep` longer. Returns `None` if there is no
/// such app, or it has no secret. A client that signs assertions has none.
pub fn new_secret(tx: &mut Tx<'_>, slug: &AppSlug, keep: Lifetime) -> Result<Option<Token>, Error> {
    tx.lock_name(LOCK)?;
    let Some(app) = db::apps::find_by_slug(tx.connection, slug)? else { return Ok(None) };
    let client = db::oidc_clients::of_app(tx.connection, app.app.id)?.filter(|client| !client.rules.is_public);
    let Some(client) = client else { return Ok(None) };
    // Its keys, even while the app is turned off.
    if !db::oidc_reach::own_keys(tx.connection, app.app.id)?.is_none() {
        return Ok(None);
    }
    db::oidc_clients::end_secrets(tx.connection, app.app.id, tx.now.plus(keep))?;
    add_secret(tx, &client, slug).map(Some)
}

/// Ends the secrets that were replaced and still count.
pub fn end_replaced_secrets(tx: &mut Tx<'_>, slug: &AppSlug) -> Result<(), Error> {
    tx.lock_name(LOCK)?;
    let Some(app) = db::apps::find_by_slug(tx.connection, slug)? else { return Ok(()) };
    let ended = db::oidc_clients::end_replaced(tx.connection, app.app.id, tx.now)?;
    if ended == 0 {
        return Ok(());
    }
    let previous = |state: &str| Facts::one(AppFact::PreviousSecret, state).told();
    tx.log(&tx.line(Action::AppChanged, slug.as_str()).from_to(previous("counts"), previous("ended")))
}

/// Number of characters at the end of a secret that admins see later. The 39 before them are 234
/// bits.
const HINT: usize = 4;

fn add_secret(tx: &mut Tx<'_>, client: &Client, slug: &AppSlug) -> Result<Token, Error> {
    let secret = Token::issue(tx.entropy);
    let revealed = secret.reveal();
    let hint = revealed.get(revealed.len().saturating_sub(HINT)..).unwrap_or_default();
    store_secret(tx, (client.app, slug), (&secret.hash(), hint))?;
    Ok(secret)
}

fn store_secret(
    tx: &mut Tx<'_>,
    (app, slug): (AppId, &AppSlug),
    (secret, hint): (&TokenHash, &str),
) -> Result<(), Error> {
    let id = SecretId::issue(tx.entropy);
    db::oidc_clients::add_secret(tx.connection, (id, app), (secret, hint), tx.now)?;
    tx.log(&tx.line(Action::AppSecretMade, slug.as_str()))
}

/// Returns what the audit log says of a client, with how its server is reached. `None` if it is
/// gone.
fn all_facts(tx: &mut Tx<'_>, app: AppId) -> Result<Option<Facts>, Error> {
    let Some(client) = db::oidc_clients::of_app(tx.connection, app)? else { return Ok(None) };
    let reach = db::oidc_reach::reach(tx.connection, app)?;
    let mut facts = client_facts(&client);
    facts.push(AppFact::SignOutMessages, reach.logout_uri.as_ref().map(|uri| uri.as_str()).unwrap_or_default());
    facts.switch(AppFact::SignsInDevices, reach.signs_in_devices);
    facts.switch(AppFact::Rotates, client.rules.rotates);
    push_lifetimes(&mut facts, &client.rules);
    Ok(Some(facts))
}

/// Adds how long its tokens count.
pub fn push_lifetimes(facts: &mut Facts, rules: &ClientRules) {
    facts.push(AppFact::AccessLifetime, rules.access_lifetime.to_string());
    facts.push(AppFact::RefreshIdle, rules.refresh_idle.to_string());
    facts.push(AppFact::RefreshAbsolute, rules.refresh_absolute.to_string());
}

/// Returns what the audit log says of a client.
pub fn client_facts(client: &Client) -> Facts {
    let ClientRules { pkce_required, id_token_alg, id_token_small, groups_claim, refreshes, is_third_party, .. } =
        &client.rules;
    let listed = |uris: &[RedirectUri]| uris.iter().map(RedirectUri::as_str).collect::<Vec<_>>().join(" ");
    let mut facts = Facts::default();
    facts.push(AppFact::RedirectUris, listed(&client.sign_in_uris));
    facts.push(AppFact::SignOutUris, listed(&client.sign_out_uris));
    facts.switch(AppFact::Public, client.rules.is_public);
    facts.switch(AppFact::PkceRequired, *pkce_required);
    facts.push(AppFact::IdToken, id_token_alg.into_str());
    facts.switch(AppFact::SmallIdToken, *id_token_small);
    facts.switch(AppFact::JwtAccessTokens, client.rules.access_tokens.is_jwt());
    facts.push(AppFact::GroupsClaim, groups_claim.as_str());
    let shape = Some(client.rules.groups_shape).filter(|shape| *shape != GroupsShape::List);
    facts.push(AppFact::GroupsShape, shape.map_or("", |shape| shape.into_str()));
    facts.push(AppFact::NameClaim, client.rules.name_claim.clone().unwrap_or_default());
    facts.push(AppFact::RefreshTokens, refreshes.into_str());
    facts.switch(AppFact::ThirdParty, *is_third_party);
    facts
}
