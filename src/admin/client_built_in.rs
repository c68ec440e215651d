//! `/admin/apps/…/openid/built-in`: an app that has a client id and a secret built in, such as
//! ownCloud's programs.
//!
//! The secret is typed, stored as a hash, and never shown or held. So a page without a fresh proof
//! leads to that first.

use super::{
    client::{KEEP, find_client, path, problem},
    declared::{instead_of_form, refuse, unless_declared},
};
use crate::{
    apps::{self, BuiltIn, BuiltInSet},
    db::{self, declared::Kind},
    domain::{
        apps::Registered,
        oidc::{
            ClientId,
            client_secret::{self, LENGTHS},
        },
    },
    web::{Answer, AppNote, AppProblem, Failure, Fields, Layout, Need, Note, Reply, Visit, held_form::Stale},
};
use askama::Template;
use rocket::{Route, get, post, routes};

#[derive(Template)]
#[template(path = "admin/client_built_in.html")]
struct BuiltInPage {
    layout: Layout,
    slug: String,
    name: String,
    client_id: String,
    max_length: usize,
    id_problem: Option<String>,
    secret_problem: Option<String>,
}

/// The fields of the form.
const FIELDS: [&str; 2] = ["client_id", "client_secret"];

fn here(app: &Registered) -> String {
    format!("{}/built-in", path(app))
}

/// Refuses an app that signs by its own keys: it has no secret.
async fn require_no_keys(visit: &Visit<'_>, app: &Registered) -> Result<(), Failure> {
    let id = app.app.id;
    let keys = visit.read_as_admin(Need::signed_in(), move |tx, _| db::oidc_reach::own_keys(tx.connection, id));
    if keys.await?.is_none() { Ok(()) } else { Err(Failure::NotFound) }
}

/// Returns the page that tells instead of the form that a file owns the app or its secret.
async fn owned(visit: &Visit<'_>, app: &Registered) -> Result<Option<Reply>, Failure> {
    for kind in [Kind::App, Kind::Secret] {
        if let Some(page) = instead_of_form(visit, (kind, app.app.slug.as_str()), &path(app)).await? {
            return Ok(Some(page));
        }
    }
    Ok(None)
}

#[get("/admin/apps/<id>/openid/built-in")]
async fn page(visit: Visit<'_>, id: &str) -> Answer {
    let (app, client) = find_client(&visit, id).await?;
    require_no_keys(&visit, &app).await?;
    if let Some(page) = owned(&visit, &app).await? {
        return Ok(page);
    }
    if !visit.is_fresh() {
        return Ok(Reply::to_step_up(&here(&app), None));
    }
    visit.page(&BuiltInPage {
        layout: visit.layout(),
        slug: app.app.slug.to_string(),
        name: app.app.name.to_string(),
        client_id: visit.typed("client_id").unwrap_or(client.id.as_str()).to_owned(),
        max_length: *LENGTHS.end(),
        id_problem: visit.problem_of("client_id"),
        secret_problem: visit.problem_of("client_secret"),
    })
}

/// Reads the form. An empty field for the secret leaves the app's as it is.
fn judge(id: &str, secret: &str) -> Result<BuiltIn, AppProblem> {
    let id = ClientId::parse(id.trim()).map_err(|_| AppProblem::ClientId)?;
    let secret = Some(secret.trim()).filter(|secret| !secret.is_empty()).map(client_secret::judge);
    let secret = secret.transpose().map_err(|_| AppProblem::BuiltInSecret)?;
    Ok(BuiltIn { id: Some(id), secret })
}

#[post("/admin/apps/<id>/openid/built-in", data = "<form>")]
async fn save(visit: Visit<'_>, id: &str, form: Fields) -> Answer {
    let (app, _) = find_client(&visit, id).await?;
    form.only(&FIELDS)?;
    let (typed_id, typed_secret) = (form.required("client_id")?, form.required("client_secret")?);
    let stale = Stale::page(&here(&app));
    visit.require_fresh(&stale)?;
    let built_in = match judge(typed_id, typed_secret) {
        Ok(built_in) => built_in,
        Err(why) => return visit.refuse(problem(why)).await,
    };
    let slug = app.app.slug.clone();
    let set = visit.as_admin(Need::signed_in().fresh(stale), move |tx, _| {
        let about = slug.as_str();
        let set = unless_declared(tx, (Kind::App, about), |tx| {
            unless_declared(tx, (Kind::Secret, about), |tx| apps::set_built_in(tx, &slug, (&built_in, KEEP)))
        })?;
        Ok(set.flatten())
    });
    let Some(set) = set.await? else { return refuse(&visit, &path(&app)) };
    match set.ok_or(Failure::NotFound)? {
        BuiltInSet::IdTaken => visit.refuse(problem(AppProblem::ClientIdTaken)).await,
        BuiltInSet::Done => {
            visit.services.refused.forget(app.app.id);
            visit.say(&path(&app), Note::OfApps(AppNote::ClientSaved))
        }
    }
}

pub(super) fn routes() -> Vec<Route> {
    routes![page, save]
}
