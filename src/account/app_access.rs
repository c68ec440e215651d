//! `/account/apps`: which apps learn who the user is, and on which devices they keep that. Each is
//! ended by a button. No step-up, as for sessions: a user who finds a stranger's device should not
//! have to wait.

use super::relative::ago;
use crate::{
    apps,
    db::{
        self, DbConnection, Error,
        oidc_held::{Consent, Held},
    },
    domain::{
        AccountId, BrowserLabel, Lifetime, Timestamp,
        apps::{AppId, AppSlug, Registered},
        audit::Action,
        oidc::{GrantId, Scope, client::Refreshes},
    },
    locale::{Ago, Locale},
    web::{Answer, AppNote, Failure, Layout, Need, NoFields, Note, Question, Visit},
};
use askama::Template;
use rocket::{Route, get, post, routes};
use serde_json::{Value, json};
use std::collections::HashMap;

const PATH: &str = "/account/apps";
/// Time for which the page after a sign-out everywhere tells an app's answer. An earlier answer
/// belongs to another sign-out.
const TOLD_FOR: Lifetime = Lifetime::minutes(10);

#[derive(Template)]
#[template(path = "account/app_access.html")]
struct AccessPage {
    layout: Layout,
    apps: Vec<Row>,
}

struct Row {
    slug: String,
    name: String,
    /// Data that the user agreed to share, in words. Empty for an app that does not ask.
    allowed: Vec<String>,
    allowed_at: Option<Timestamp>,
    used: Option<Ago>,
    devices: Vec<Device>,
}

/// A sign-in that lasts, because the app has a refresh token.
struct Device {
    id: String,
    browser: String,
    since: Timestamp,
    used: Ago,
    /// True if it outlasts the session.
    is_offline: bool,
}

/// An app to which an account has given something.
struct Access {
    app: Registered,
    consent: Option<Consent>,
    grants: Vec<Held>,
    /// True if it keeps refresh tokens, also without the scope.
    always: bool,
    used: Option<Timestamp>,
}

impl Access {
    fn lasting(&self) -> impl Iterator<Item = &Held> {
        self.grants.iter().filter(|held| held.grant.is_offline || self.always)
    }
}

/// Returns the apps to which an account has given something, by their places.
fn of_account(connection: &mut DbConnection, account: AccountId, now: Timestamp) -> Result<Vec<Access>, Error> {
    let mut consents: HashMap<AppId, Consent> = HashMap::new();
    for consent in db::oidc_held::consents_of(connection, account)? {
        consents.insert(consent.app, consent);
    }
    let mut grants: HashMap<AppId, Vec<Held>> = HashMap::new();
    for held in db::oidc_held::grants_of(connection, account, now)? {
        grants.entry(held.grant.app).or_default().push(held);
    }
    if consents.is_empty() && grants.is_empty() {
        return Ok(Vec::new());
    }
    let uses = db::apps::uses_of(connection, account)?;
    let mut all = Vec::new();
    for app in db::apps::all(connection)? {
        let id = app.app.id;
        let (consent, grants) = (consents.remove(&id), grants.remove(&id).unwrap_or_default());
        if consent.is_some() || !grants.is_empty() {
            let client = db::oidc_clients::of_app(connection, id)?;
            let always = client.is_some_and(|client| client.rules.refreshes == Refreshes::Always);
            all.push(Access { used: uses.get(&id).copied(), app, consent, grants, always });
        }
    }
    Ok(all)
}

/// Returns the same for the download of the account's data.
pub(super) fn exported(connection: &mut DbConnection, account: AccountId, now: Timestamp) -> Result<Vec<Value>, Error> {
    let device = |held: &Held| {
        json!({
            "browser": held.browser.as_ref().map(BrowserLabel::as_str),
            "since": held.grant.created_at.rfc3339(),
            "last_used_at": held.grant.refreshed_at.rfc3339(),
            "scopes": held.grant.scopes.text(),
            "outlasts_the_session": held.grant.is_offline,
        })
    };
    let access = |access: &Access| {
        json!({
            "app": access.app.app.name.as_str(),
            "allowed": access.consent.as_ref().map(|consent| consent.scopes.text()),
            "allowed_at": access.consent.as_ref().map(|consent| consent.given_at.rfc3339()),
            "devices": access.lasting().map(device).collect::<Vec<_>>(),
        })
    };
    Ok(of_account(connection, account, now)?.iter().map(access).collect())
}

const fn key(scope: Scope) -> Option<&'static str> {
    match scope {
        Scope::OpenId => None,
        Scope::Profile => Some("oidc-wants-profile"),
        Scope::Email => Some("oidc-wants-email"),
        Scope::Groups => Some("oidc-wants-groups"),
        Scope::OfflineAccess => Some("oidc-wants-offline"),
    }
}

fn row(access: &Access, locale: &Locale, now: Timestamp) -> Row {
    let when = |at: Timestamp| ago(locale, at, now);
    let words = |consent: &Consent| {
        let id = locale.say("oidc-wants-id").to_string();
        let rest = consent.scopes.iter().filter_map(key).map(|key| locale.say(key).to_string());
        std::iter::once(id).chain(rest).collect()
    };
    let device = |held: &Held| Device {
        id: held.grant.id.to_string(),
        browser: match &held.browser {
            Some(browser) => locale.browser(browser),
            None => locale.say("app-access-unknown-browser").to_string(),
        },
        since: held.grant.created_at,
        used: when(held.grant.refreshed_at),
        is_offline: held.grant.is_offline,
    };
    Row {
        slug: access.app.app.slug.to_string(),
        name: access.app.app.name.to_string(),
        allowed: access.consent.as_ref().map(words).unwrap_or_default(),
        allowed_at: access.consent.as_ref().map(|consent| consent.given_at),
        used: access.used.map(when),
        devices: access.lasting().map(device).collect(),
    }
}

#[get("/account/apps")]
async fn list(visit: Visit<'_>) -> Answer {
    let (account, now) = (visit.require()?.account.id, visit.now);
    let all = visit.read(move |connection| of_account(connection, account, now)).await?;
    let apps = all.iter().map(|access| row(access, &visit.locale, now)).collect();
    visit.page(&AccessPage { layout: visit.layout(), apps })
}

/// Returns an app to which the user has given something.
async fn find(visit: &Visit<'_>, slug: &str) -> Result<Registered, Failure> {
    let (account, now) = (visit.require()?.account.id, visit.now);
    let slug = AppSlug::parse(slug).map_err(|_| Failure::NotFound)?;
    let all = visit.read(move |connection| of_account(connection, account, now)).await?;
    let found = all.into_iter().find(|access| access.app.app.slug == slug);
    found.map(|access| access.app).ok_or(Failure::NotFound)
}

#[get("/account/apps/<id>/end")]
async fn ask_end(visit: Visit<'_>, id: &str) -> Answer {
    let app = find(&visit, id).await?;
    let say = |key| visit.locale.say(key).to_string();
    visit.ask(&Question {
        title: &say("app-access-end-question"),
        about: app.app.name.as_str(),
        what_follows: &[&say("app-access-end-question.what"), &say("app-access-end-question.stays")],
        button: &say("app-access-end"),
        back: PATH,
    })
}

#[post("/account/apps/<id>/end", data = "<_form>")]
async fn end(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    visit.require()?;
    let slug = AppSlug::parse(id).map_err(|_| Failure::NotFound)?;
    let ended = visit.as_account(Need::signed_in(), move |tx, me| {
        let Some(app) = db::apps::find_by_slug(tx.connection, &slug)? else { return Ok(false) };
        let has_ended = apps::end_access(tx, &app, me.account.id)?;
        if has_ended {
            let line = tx.line(Action::AppAccessEnded, me.account.email.as_str()).to(slug.as_str());
            tx.log(&line)?;
        }
        Ok(has_ended)
    });
    if !ended.await? {
        // The answer does not reveal whether there is such an app.
        return Err(Failure::NotFound);
    }
    visit.say(PATH, Note::OfApps(AppNote::AccessEnded))
}

#[get("/account/apps/devices/<id>/end")]
async fn ask_end_device(visit: Visit<'_>, id: &str) -> Answer {
    let (account, now) = (visit.require()?.account.id, visit.now);
    let id: GrantId = id.parse().map_err(|_| Failure::NotFound)?;
    let all = visit.read(move |connection| of_account(connection, account, now)).await?;
    let app = all.iter().find(|access| access.grants.iter().any(|held| held.grant.id == id));
    let say = |key| visit.locale.say(key).to_string();
    visit.ask(&Question {
        title: &say("app-device-end-question"),
        about: app.ok_or(Failure::NotFound)?.app.app.name.as_str(),
        what_follows: &[&say("app-device-end-question.what"), &say("app-access-end-question.stays")],
        button: &say("app-device-end"),
        back: PATH,
    })
}

#[post("/account/apps/devices/<id>/end", data = "<_form>")]
async fn end_device(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    visit.require()?;
    let id: GrantId = id.parse().map_err(|_| Failure::NotFound)?;
    let ended = visit.as_account(Need::signed_in(), move |tx, me| {
        let own = db::oidc_grants::find(tx.connection, id)?.filter(|grant| grant.account == me.account.id);
        let Some(grant) = own else { return Ok(false) };
        if !db::oidc_grants::end(tx.connection, id, tx.now)? {
            return Ok(false);
        }
        db::logout_notices::queue(tx.connection, &[id], (grant.app, grant.account))?;
        let app = db::apps::find(tx.connection, grant.app)?;
        let slug = app.map(|app| app.app.slug.to_string()).unwrap_or_default();
        tx.log(&tx.line(Action::AppAccessEnded, me.account.email.as_str()).to(slug))?;
        Ok(true)
    });
    if !ended.await? {
        return Err(Failure::NotFound);
    }
    visit.say(PATH, Note::OfApps(AppNote::DeviceEnded))
}

#[derive(Template)]
#[template(path = "account/apps_after.html")]
struct AfterPage {
    layout: Layout,
    /// Apps that ask about each request, and have ended.
    ended: Vec<String>,
    /// Apps that hear of sign-outs, each with the key of what became of it.
    told: Vec<(String, &'static str)>,
    /// Apps that we cannot tell.
    cannot: Vec<String>,
}

/// Shows app by app what a sign-out everywhere did.
#[get("/account/apps/after")]
async fn after(visit: Visit<'_>) -> Answer {
    let (account, since) = (visit.require()?.account.id, visit.now.minus(TOLD_FOR));
    let read = visit.read(move |connection| {
        let uses = db::apps::uses_of(connection, account)?;
        let (mut ended, mut told, mut cannot) = (Vec::new(), Vec::new(), Vec::new());
        for app in db::apps::all(connection)?.into_iter().filter(|app| uses.contains_key(&app.app.id)) {
            if db::oidc_reach::logout_uri(connection, app.app.id)?.is_some() {
                // Without a notice, no other browser was signed in there.
                if let Some(outcome) = db::logout_notices::outcome(connection, (account, app.app.id), since)? {
                    told.push((app.app.name.to_string(), outcome.key()));
                }
                continue;
            }
            let is_client = db::oidc_clients::of_app(connection, app.app.id)?.is_some();
            let list = if is_client { &mut cannot } else { &mut ended };
            list.push(app.app.name.to_string());
        }
        Ok((ended, told, cannot))
    });
    let (ended, told, cannot) = read.await?;
    visit.page(&AfterPage { layout: visit.layout(), ended, told, cannot })
}

pub(super) fn routes() -> Vec<Route> {
    routes![list, ask_end, end, ask_end_device, end_device, after]
}
