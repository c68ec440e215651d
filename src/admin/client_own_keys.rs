//! `/admin/apps/…/openid/keys`: an app that signs assertions by its own keys (private_key_jwt) instead of
//! sending a secret.
//!
//! It is a separate page, because few apps do so, and a set of keys is long.

use super::{
    client::{find_client, path, problem},
    declared::{instead_of_form, refuse, unless_declared},
};
use crate::{
    apps,
    db::{self, declared::Kind, oidc_reach::OwnKeys},
    signing::ClientKeys,
    web::{
        Answer, AppNote, AppProblem, Failure, Fields, Layout, Need, Note, Visit,
        step_up::{self, Stale},
    },
};
use askama::Template;
use rocket::{Route, get, post, routes};

#[derive(Template)]
#[template(path = "admin/client_own_keys.html")]
struct KeysPage {
    layout: Layout,
    slug: String,
    jwks: String,
    jwks_uri: String,
    jwks_problem: Option<String>,
    uri_problem: Option<String>,
    is_held: bool,
    continues: bool,
}

#[get("/admin/apps/<id>/openid/keys?<held>")]
async fn ask(visit: Visit<'_>, id: &str, held: Option<&str>) -> Answer {
    let (app, client) = find_client(&visit, id).await?;
    if client.rules.is_public {
        return Err(Failure::NotFound);
    }
    if let Some(page) = instead_of_form(&visit, (Kind::App, app.app.slug.as_str()), &path(&app)).await? {
        return Ok(page);
    }
    let held = step_up::held(&visit, held, &format!("{}/keys", path(&app))).await?;
    let app_id = app.app.id;
    let stored = visit.read_as_admin(Need::signed_in(), move |tx, _| db::oidc_reach::own_keys(tx.connection, app_id));
    let stored = stored.await?;
    let field = |name: &str, stored: Option<&str>| match &held {
        Some(form) => form.field(name).unwrap_or_default().to_owned(),
        None => visit.typed(name).or(stored).unwrap_or_default().to_owned(),
    };
    visit.page(&KeysPage {
        layout: visit.layout(),
        slug: app.app.slug.to_string(),
        jwks: field("jwks", stored.set.as_deref()),
        jwks_uri: field("jwks_uri", stored.uri.as_ref().map(|uri| uri.as_str())),
        jwks_problem: visit.problem_of("jwks"),
        uri_problem: visit.problem_of("jwks_uri"),
        is_held: held.is_some(),
        continues: step_up::continues(&visit, held.as_ref()),
    })
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
    form.only(&["jwks", "jwks_uri"])?;
    let (set, uri) = (form.required("jwks")?, form.required("jwks_uri")?);
    let keys = match judge(set, uri) {
        Ok(keys) => keys,
        Err(why) => return visit.refuse(problem(why)).await,
    };
    let (path, slug, is_none) = (path(&app), app.app.slug.clone(), keys.is_none());
    let need = Need::signed_in().fresh(Stale::form(&format!("{path}/keys"), &[("jwks", set), ("jwks_uri", uri)]));
    let changed = visit.as_admin(need, move |tx, _| {
        unless_declared(tx, (Kind::App, slug.as_str()), |tx| apps::set_client_keys(tx, &slug, &keys))
    });
    let Some(has_changed) = changed.await? else { return refuse(&visit, &path) };
    let note = match has_changed.ok_or(Failure::NotFound)? {
        false => AppNote::ClientSaved,
        true if is_none => AppNote::OwnKeysRemoved,
        true => AppNote::OwnKeysSaved,
    };
    visit.services.refused.forget(app.app.id);
    visit.say(&path, Note::OfApps(note))
}

pub(super) fn routes() -> Vec<Route> {
    routes![ask, save]
}
