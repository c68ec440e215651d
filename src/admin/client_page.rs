//! Page of a client: the facts that the app needs, its configuration and its secrets. Also the
//! facts that it would learn of the admin, and its refused requests.

use super::client_form::TypedClient;
use crate::{
    apps,
    config::BackChannelUrl,
    db::{
        self,
        declared::Kind,
        logout_notices::Notice,
        oidc_clients::{Client, Secret},
        oidc_reach::{OwnKeys, Reach},
        oidc_uses::{self, PkceUse, Use},
    },
    domain::{
        Timestamp, Token,
        apps::{AppId, Registered, part::Part, preset::Preset, setup},
        oidc::{
            ClaimScopes, RedirectUri, Scopes, SigningAlg, acr,
            claims::Person,
            key_schedule::{self, KeyTimes},
            refusal::{Difference, RefusedRequest, Why, together},
        },
    },
    live::LiveClientUses,
    web::{Answer, AppNote, Layout, Need, Note, ShownSecret, UriProblem, Visit},
};
use askama::Template;
use serde_json::{Map, Value};

#[derive(Template)]
#[template(path = "admin/client_add.html")]
pub(super) struct AddPage {
    pub layout: Layout,
    pub slug: String,
    pub name: String,
    pub typed: TypedClient,
    /// Slug and name of each known app.
    pub presets: Vec<(&'static str, &'static str)>,
    pub preset_problem: Option<String>,
    pub uris_problem: Option<String>,
    pub is_held: bool,
    pub continues: bool,
}

#[derive(Template)]
#[template(path = "admin/client_change.html")]
pub(super) struct ChangePage {
    pub layout: Layout,
    pub slug: String,
    pub name: String,
    pub is_public: bool,
    pub typed: TypedClient,
    pub sign_in_problem: Option<String>,
    pub sign_out_problem: Option<String>,
    pub claim_problem: Option<String>,
    pub name_claim_problem: Option<String>,
    pub logout_problem: Option<String>,
    pub logout_hint: String,
    pub access_problem: Option<String>,
    pub idle_problem: Option<String>,
    pub absolute_problem: Option<String>,
    /// Devices can sign in here, as far as the settings say.
    pub has_devices: bool,
    pub is_held: bool,
    pub continues: bool,
}

#[derive(Template)]
#[template(path = "admin/client.html")]
struct ClientPage<'a> {
    layout: Layout,
    slug: String,
    name: String,
    is_public: bool,
    pkce_required: bool,
    pkce: PkceUse,
    /// It signs by its own keys, and has no secret.
    has_keys: bool,
    /// Address at which it publishes them, if it does.
    keys_uri: String,
    signs_in_devices: bool,
    /// Shown until the page is left.
    secret: Option<String>,
    /// Keys of names, and addresses: first what every app needs.
    addresses: Vec<(&'static str, String)>,
    endpoints: Vec<(&'static str, String)>,
    sign_in_uris: Vec<&'a str>,
    sign_out_uris: Vec<&'a str>,
    preset: Option<&'static str>,
    setup: Option<setup::Setup>,
    secrets: Vec<Secret>,
    has_replaced: bool,
    /// A file of the operator owns the app.
    is_declared: bool,
    /// Its secret comes from a file.
    has_declared_secret: bool,
    keys: Vec<Key>,
    id_token: String,
    userinfo: String,
    may_open: bool,
    refusals: Vec<RefusedRow>,
    /// Address at which the app hears of sign-outs. Empty if it does not.
    logout_uri: String,
    notices: Vec<Notice>,
}

struct Key {
    alg: &'static str,
    since: Timestamp,
    next: Timestamp,
}

/// A refused request, in words.
struct RefusedRow {
    last: Timestamp,
    count: i64,
    cause: String,
    mend: String,
    /// The address that was asked for.
    address: Option<String>,
    /// True if a button adds it.
    is_offered: bool,
    /// Detail that the app was told.
    detail: Option<String>,
}

pub(super) fn presets() -> Vec<(&'static str, &'static str)> {
    let mut all: Vec<_> = Preset::all().map(|preset| (preset.slug, preset.name)).collect();
    all.sort_by_key(|(_, name)| name.to_lowercase());
    all
}

/// Facts that the page reads in one transaction.
struct Facts {
    secrets: Vec<Secret>,
    pkce: PkceUse,
    keys: Vec<KeyTimes>,
    person: Person,
    shown: Option<acr::Shown>,
    may_open: bool,
    reach: Reach,
    own_keys: OwnKeys,
    refusals: Vec<RefusedRequest>,
    notices: Vec<Notice>,
    is_declared: bool,
    has_declared_secret: bool,
}

impl Facts {
    /// Adds what this node knows and the database does not yet.
    fn with(mut self, live: &LiveClientUses, app: AppId) -> Self {
        for secret in &mut self.secrets {
            secret.last_used_at = secret.last_used_at.max(live.noted(app, Use::Secret(secret.hash)));
        }
        self.pkce.seen_at = self.pkce.seen_at.max(live.noted(app, Use::SignInWithPkce));
        self.pkce.missed_at = self.pkce.missed_at.max(live.noted(app, Use::SignInWithoutPkce));
        self
    }
}

/// The most sign-outs that the page shows.
const MAX_NOTICES: i64 = 20;

async fn facts(visit: &Visit<'_>, app: &Registered) -> Result<Facts, crate::web::Failure> {
    let app = app.app.clone();
    let read = visit.read_as_admin(Need::signed_in(), move |tx, me| {
        let secrets = db::oidc_clients::secrets(tx.connection, app.id, tx.now)?;
        let groups = db::groups::of_account(tx.connection, me.account.id)?;
        let ids: Vec<_> = groups.iter().map(|group| group.id).collect();
        let handle = db::handles::of_account(tx.connection, me.account.id)?;
        Ok(Facts {
            secrets,
            pkce: oidc_uses::pkce(tx.connection, app.id)?,
            keys: db::oidc_keys::all(tx.connection)?.iter().map(|key| key.times).collect(),
            person: Person {
                id: me.account.id,
                email: me.account.email.clone(),
                is_verified: me.account.proven_at.is_some(),
                name: me.account.name.as_str().to_owned(),
                handle: handle.map(|given| given.handle.to_string()),
                groups: groups.into_iter().map(|group| group.name.to_string()).collect(),
            },
            shown: acr::shown(&me.session.proofs, tx.now),
            may_open: app.may_be_opened_by(&me.account, &ids, tx.now),
            reach: db::oidc_reach::reach(tx.connection, app.id)?,
            own_keys: db::oidc_reach::own_keys(tx.connection, app.id)?,
            refusals: db::apps::refusals(tx.connection, app.id)?,
            notices: db::logout_notices::of_app(tx.connection, app.id, MAX_NOTICES)?,
            is_declared: db::declared::has(tx.connection, Kind::App, app.slug.as_str())?,
            has_declared_secret: db::declared::has(tx.connection, Kind::Secret, app.slug.as_str())?,
        })
    });
    read.await
}

pub(super) async fn show(visit: &Visit<'_>, app: &Registered, client: &Client) -> Answer {
    let facts = facts(visit, app).await?.with(&visit.services.client_uses, app.app.id);
    let secret = visit.said().and_then(|said| match &said.note {
        Note::OfApps(AppNote::SecretMade(secret)) => Some(secret.0.clone()),
        _ => None,
    });
    let (issuer, servers) = (visit.services.config.base_url.origin(), servers(visit));
    let preset = client.preset.as_deref().and_then(Preset::find);
    let (id_token, userinfo) = learns(issuer, client, (&facts, preset.as_ref()));
    let hosts: Vec<&str> = app.hosts.iter().map(|host| host.name.as_str()).collect();
    let has_secret = !facts.secrets.is_empty();
    let refusals = together(facts.refusals.clone(), visit.services.refused.waiting(app.app.id));
    let page = ClientPage {
        layout: visit.layout(),
        slug: app.app.slug.to_string(),
        name: app.app.name.to_string(),
        is_public: client.rules.is_public,
        pkce_required: client.rules.pkce_required,
        pkce: facts.pkce,
        has_keys: !facts.own_keys.is_none(),
        keys_uri: facts.own_keys.uri.as_ref().map(|uri| uri.as_str().to_owned()).unwrap_or_default(),
        signs_in_devices: facts.reach.signs_in_devices && visit.settings.has(Part::Devices),
        addresses: vec![
            ("client-issuer", issuer.to_owned()),
            ("client-discovery", format!("{issuer}/.well-known/openid-configuration")),
            ("client-id", client.id.to_string()),
        ],
        endpoints: vec![
            ("client-authorize", format!("{issuer}/oidc/authorize")),
            ("client-token", format!("{servers}/oidc/token")),
            ("client-userinfo", format!("{servers}/oidc/userinfo")),
            ("client-jwks", format!("{servers}/oidc/jwks.json")),
            ("client-logout", format!("{issuer}/oidc/logout")),
        ],
        sign_in_uris: client.sign_in_uris.iter().map(RedirectUri::as_str).collect(),
        sign_out_uris: client.sign_out_uris.iter().map(RedirectUri::as_str).collect(),
        preset: preset.as_ref().map(|preset| preset.name),
        // Its file would name a secret, and the app has none.
        setup: if facts.own_keys.is_none() { filled(visit, (app, client), secret.as_deref()) } else { None },
        has_replaced: facts.secrets.iter().any(|secret| secret.expires_at.is_some()),
        is_declared: facts.is_declared,
        has_declared_secret: facts.has_declared_secret,
        keys: keys(&facts.keys, visit.now),
        id_token,
        userinfo,
        may_open: facts.may_open,
        refusals: refusals.iter().map(|refusal| tell(visit, refusal, (client, &hosts, has_secret))).collect(),
        logout_uri: facts.reach.logout_uri.as_ref().map(|uri| uri.as_str().to_owned()).unwrap_or_default(),
        notices: facts.notices,
        secrets: facts.secrets,
        secret,
    };
    visit.page(&page)
}

/// Returns the address that apps' servers ask.
fn servers<'a>(visit: &'a Visit<'_>) -> &'a str {
    let config = &visit.services.config;
    config.back_channel_url.as_ref().map_or_else(|| config.base_url.origin(), BackChannelUrl::origin)
}

/// Returns the hint of the address for sign-outs. It names that of a known app.
pub(super) fn logout_hint(visit: &Visit<'_>, (app, client): (&Registered, &Client)) -> String {
    let preset = client.preset.as_deref().and_then(Preset::find);
    match preset.and_then(|preset| preset.logout_uri(&address(app, client)?)) {
        Some(uri) => visit.locale.say("client-logout-uri.known").with("uri", uri).to_string(),
        None => visit.locale.say("client-logout-uri.hint").to_string(),
    }
}

/// Returns where an app is: its first address, or else that of its first redirect URI.
fn address(app: &Registered, client: &Client) -> Option<String> {
    let host = app.hosts.iter().find(|host| !host.is_wildcard).map(ToString::to_string);
    host.or_else(|| client.sign_in_uris.iter().find_map(RedirectUri::origin))
}

/// Returns the configuration of a known app.
fn filled(visit: &Visit<'_>, (app, client): (&Registered, &Client), secret: Option<&str>) -> Option<setup::Setup> {
    let placeholder = visit.locale.say("client-secret-placeholder").to_string();
    let own_secret = visit.locale.say("client-own-secret-placeholder").to_string();
    let address = address(app, client);
    let values = setup::Values {
        issuer: visit.services.config.base_url.origin(),
        servers: servers(visit),
        client_id: &client.id,
        client_secret: secret.unwrap_or(&placeholder),
        own_secret: &own_secret,
        algorithm: client.rules.id_token_alg,
        app: address.as_deref().unwrap_or_default(),
    };
    setup::of(client.preset.as_deref()?, &values)
}

/// Returns which keys sign, and when the next ones do.
fn keys(all: &[KeyTimes], now: Timestamp) -> Vec<Key> {
    let of_alg = |alg: SigningAlg| {
        let since = all.get(key_schedule::signer(all, alg, now)?)?.signs_from;
        let later = all.iter().filter(|key| key.alg == alg && key.signs_from > now).map(|key| key.signs_from).min();
        Some(Key { alg: alg.into_str(), since, next: later.unwrap_or_else(|| since.plus(key_schedule::SIGNS_FOR)) })
    };
    [SigningAlg::Rs256, SigningAlg::Es256].into_iter().filter_map(of_alg).collect()
}

/// Returns ID token and userinfo of the admin, as JSON.
fn learns(issuer: &str, client: &Client, (facts, preset): (&Facts, Option<&Preset>)) -> (String, String) {
    let asked = preset.map_or("profile email groups", |preset| preset.scopes);
    let scopes = Scopes::parse(&format!("openid {asked}"));
    let info = apps::userinfo(&facts.person, (&scopes, &client.rules));
    let Some(shown) = &facts.shown else { return (String::new(), written(&info)) };
    let between = (issuer, client.id.as_str());
    let shown = (shown.auth_time, shown.acr.as_str(), shown.amr.as_slice());
    let released = (&scopes, &ClaimScopes::default());
    (written(&apps::id_token(between, (&client.rules, &facts.person), released, shown)), written(&info))
}

fn written(claims: &Map<String, Value>) -> String {
    serde_json::to_string_pretty(claims).unwrap_or_default()
}

/// Says why a request was refused, and what mends it.
/// `has_secret`: whether a secret of the client counts.
fn tell(
    visit: &Visit<'_>,
    refusal: &RefusedRequest,
    (client, hosts, has_secret): (&Client, &[&str], bool),
) -> RefusedRow {
    let say = |key: &str| visit.locale.say(key).to_string();
    let mut told = RefusedRow {
        last: refusal.last,
        count: refusal.count,
        cause: String::new(),
        mend: String::new(),
        address: None,
        is_offered: false,
        detail: None,
    };
    let mut unusable = None;
    let (cause, mend) = match &refusal.why {
        Why::NoAddress => ("refused-no-address", "refused-no-address.mend"),
        Why::Address(asked) => {
            let difference = Difference::of(asked, &client.sign_in_uris, hosts);
            told.address = Some(asked.clone());
            told.is_offered = difference.may_be_offered();
            if let Difference::Unusable(why) = difference {
                unusable = Some(UriProblem::of(why));
            }
            ("refused-address", mend_of(difference))
        }
        Why::Request(refused) => {
            told.detail = Some(refused.clone());
            ("refused-request", "refused-request.mend")
        }
        Why::NotForYou => ("refused-user", "refused-user.mend"),
        Why::Secret if client.rules.is_public && !has_secret => {
            ("refused-secret-of-public", "refused-secret-of-public.mend")
        }
        Why::Secret => ("refused-secret", "refused-secret.mend"),
        Why::Code => ("refused-code", "refused-code.mend"),
        Why::OtherAddress => ("refused-other-address", "refused-other-address.mend"),
        Why::Verifier => ("refused-verifier", "refused-verifier.mend"),
        Why::Refresh => ("refused-refresh", "refused-refresh.mend"),
        Why::Assertion => ("refused-assertion", "refused-assertion.mend"),
        Why::Devices => ("refused-devices", "refused-devices.mend"),
        Why::SignOutAddress(asked) => {
            told.address = Some(asked.clone());
            ("refused-sign-out-address", "refused-sign-out-address.mend")
        }
    };
    told.cause = say(cause);
    told.mend = match (&refusal.why, unusable) {
        (Why::Address(asked), Some(why)) => visit.locale.say(why.key()).with("typed", asked.as_str()).to_string(),
        _ => say(mend),
    };
    told
}

const fn mend_of(difference: Difference) -> &'static str {
    match difference {
        Difference::None => "refused-address-known",
        Difference::Slash => "refused-address-slash",
        Difference::Port => "refused-address-port",
        Difference::Path => "refused-address-path",
        Difference::Host => "refused-address-host",
        Difference::Http => "refused-address-http",
        // Why it is unusable is said instead.
        Difference::Unusable(_) => "refused-address-host",
    }
}

/// Leads to the app's page, which shows its new secret.
pub(super) fn show_secret(visit: &Visit<'_>, path: &str, secret: Option<&Token>) -> Answer {
    let note = secret.map_or(AppNote::ClientAdded, |secret| AppNote::SecretMade(ShownSecret(secret.reveal())));
    visit.say(path, Note::OfApps(note))
}
