//! `/admin/apps/…/openid/keys`: an app that signs assertions by its own keys (private_key_jwt)
//! instead of sending a secret.
//!
//! It is a separate page, because few apps do so, and a set of keys is long.
//!
//! Keys end the client's secret for good. So a form that would end one is only saved by the button
//! of a question.

use super::{
    client::{find_client, path, problem},
    declared::{instead_of_form, refuse, unless_declared},
};
use crate::{
    apps::{self, KeysSet},
    db::{self, declared::Kind, oidc_reach::OwnKeys},
    domain::{apps::Registered, session::HeldForm},
    signing::ClientKeys,
    web::{
        Answer, AppNote, AppProblem, Failure, Fields, Layout, Need, Note, Question, Visit,
        held_form::{self, Stale},
    },
};
use askama::Template;
use rocket::{Route, get, post, routes};

#[derive(Template)]
#[template(path = "admin/client_own_keys.html")]
struct KeysPage {
    layout: Layout,
    slug: String,
    name: String,
    jwks: String,
    jwks_uri: String,
    jwks_problem: Option<String>,
    uri_problem: Option<String>,
    is_held: bool,
    continues: bool,
}

/// The fields of the form.
const FIELDS: [&str; 2] = ["jwks", "jwks_uri"];
/// Field that the question's button sends besides.
const CONFIRMED: (&str, &str) = ("confirm", "yes");

/// Returns what was typed into a field, for a page that is shown after the form was sent.
fn typed<'a>(visit: &'a Visit<'_>, held: Option<&'a HeldForm>, name: &str) -> Option<&'a str> {
    match held {
        Some(form) => form.field(name),
        None => visit.typed(name),
    }
}

/// `form` asks for the form where the page would show the question: its "no".
#[get("/admin/apps/<id>/openid/keys?<held>&<form>")]
async fn page(visit: Visit<'_>, id: &str, held: Option<&str>, form: Option<&str>) -> Answer {
    let (app, client) = find_client(&visit, id).await?;
    if client.rules.is_public {
        return Err(Failure::NotFound);
    }
    if let Some(page) = instead_of_form(&visit, (Kind::App, app.app.slug.as_str()), &path(&app)).await? {
        return Ok(page);
    }
    let held = held_form::held(&visit, held, &format!("{}/keys", path(&app))).await?;
    let held = held.as_ref();
    let is_asked = visit.said().is_some_and(|said| said.note == Note::OfApps(AppNote::OwnKeysAsked));
    let was_answered = held.is_some_and(|form| form.field(CONFIRMED.0) == Some(CONFIRMED.1));
    if (is_asked || was_answered) && form.is_none() {
        return ask(&visit, &app, held);
    }
    let app_id = app.app.id;
    let stored = visit.read_as_admin(Need::signed_in(), move |tx, _| db::oidc_reach::own_keys(tx.connection, app_id));
    let stored = stored.await?;
    let field = |name: &str, stored: Option<&str>| {
        typed(&visit, held, name).or(stored.filter(|_| held.is_none())).unwrap_or_default().to_owned()
    };
    visit.page(&KeysPage {
        layout: visit.layout(),
        slug: app.app.slug.to_string(),
        name: app.app.name.to_string(),
        jwks: field("jwks", stored.set.as_deref()),
        jwks_uri: field("jwks_uri", stored.uri.as_ref().map(|uri| uri.as_str())),
        jwks_problem: visit.problem_of("jwks"),
        uri_problem: visit.problem_of("jwks_uri"),
        is_held: held.is_some(),
        continues: form.is_none() && held_form::continues(&visit, held),
    })
}

/// Asks whether the secret may end. Both answers keep what was typed.
fn ask(visit: &Visit<'_>, app: &Registered, held: Option<&HeldForm>) -> Answer {
    let say = |key| visit.locale.say(key).to_string();
    let [set, uri] = FIELDS.map(|name| (name, typed(visit, held, name).unwrap_or_default()));
    let query = held.and_then(held_form::query_of).map(|query| query + "&").unwrap_or_default();
    // After a step-up by link the press is still to come, and nothing else on this page says so.
    let waited = held.map(|_| say("nothing-changed-yet"));
    let what = [say("client-own-keys-question.what"), say("client-own-keys-question.again")];
    let what: Vec<&str> = waited.iter().chain(&what).map(String::as_str).collect();
    let question = Question {
        title: &say("client-own-keys-question"),
        about: app.app.name.as_str(),
        what_follows: &what,
        button: &say("client-own-keys-question.button"),
        back: &format!("{}/keys?{query}form=yes", path(app)),
    };
    visit.ask_about(&question, &[set, uri, CONFIRMED])
}

/// Reads the form. Empty fields mean a secret again.
fn judge(set: &str, uri: &str) -> Result<OwnKeys, AppProblem> {
    let uri = super::client_form::outbound(uri).map_err(|()| AppProblem::KeysUri)?;
    let set = Some(set.trim()).filter(|set| !set.is_empty());
    match (set, uri) {
        (Some(_), Some(_)) => Err(AppProblem::KeysTwice),
        (Some(set), None) if ClientKeys::parse(set).is_none_or(|keys| keys.is_empty()) => Err(AppProblem::Keys),
        (set, uri) => Ok(OwnKeys { set: set.map(str::to_owned), uri }),
    }
}

#[post("/admin/apps/<id>/openid/keys", data = "<form>")]
async fn save(visit: Visit<'_>, id: &str, form: Fields) -> Answer {
    let (app, _) = find_client(&visit, id).await?;
    let [set, uri] = FIELDS;
    form.only(&[set, uri, CONFIRMED.0])?;
    let (set, uri) = ((set, form.required(set)?), (uri, form.required(uri)?));
    let keys = match judge(set.1, uri.1) {
        Ok(keys) => keys,
        Err(why) => return visit.refuse(problem(why)).await,
    };
    let question = format!("{}/keys", path(&app));
    let ask_first = async || visit.say_with(&question, Note::OfApps(AppNote::OwnKeysAsked), &[set, uri]).await;
    let is_confirmed = form.get(CONFIRMED.0) == Some(CONFIRMED.1);
    // Before a step-up, as every question asks.
    if !is_confirmed && would_end_secret(&visit, &app, &keys).await? {
        return ask_first().await;
    }
    let mut held = vec![set, uri];
    held.extend(is_confirmed.then_some(CONFIRMED));
    let (slug, is_none) = (app.app.slug.clone(), keys.is_none());
    let changed = visit.as_admin(Need::signed_in().fresh(Stale::form(&question, &held)), move |tx, _| {
        unless_declared(tx, (Kind::App, slug.as_str()), |tx| apps::set_client_keys(tx, &slug, (&keys, is_confirmed)))
    });
    let Some(set) = changed.await? else { return refuse(&visit, &path(&app)) };
    let note = match set.ok_or(Failure::NotFound)? {
        KeysSet::WouldEndSecret => return ask_first().await,
        KeysSet::Unchanged => AppNote::ClientSaved,
        KeysSet::Done if is_none => AppNote::OwnKeysRemoved,
        KeysSet::Done => AppNote::OwnKeysSaved,
    };
    visit.services.refused.forget(app.app.id);
    visit.say(&path(&app), Note::OfApps(note))
}

async fn would_end_secret(visit: &Visit<'_>, app: &Registered, keys: &OwnKeys) -> Result<bool, Failure> {
    let (app, keys) = (app.app.id, keys.clone());
    let read = visit
        .read_as_admin(Need::signed_in(), move |tx, _| apps::would_end_secret(tx.connection, (app, &keys), tx.now));
    read.await
}

pub(super) fn routes() -> Vec<Route> {
    routes![page, save]
}
