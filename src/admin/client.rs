//! `/admin/apps/…/openid`: an app as a client of OpenID Connect, and what an admin does with it.

use super::{
    apps::find,
    client_form::TypedClient,
    client_page::{self, AddPage, ChangePage},
    declared::{instead_of_form, refuse, unless_declared},
    form_version,
};
use crate::{
    apps,
    db::{self, Stop, Tx, declared::Kind, oidc_clients::Client},
    domain::{
        Lifetime,
        apps::{AppId, Registered, part::Part},
        oidc::{client::MAX_URIS, refusal::Difference},
    },
    web::{
        Answer, AppNote, AppProblem, Failure, Fields, Need, NoFields, Note, Question, Visit,
        held_form::{self, Stale},
    },
};
use rocket::{Route, get, post, routes};

/// Time for which the previous secret counts.
pub(super) const KEEP: Lifetime = Lifetime::hours(24);

pub(super) fn path(app: &Registered) -> String {
    format!("/admin/apps/{}/openid", app.app.slug)
}

fn stale(path: &str, typed: &TypedClient) -> Stale {
    let pairs = typed.pairs();
    Stale::form(path, &pairs.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>())
}

pub(super) fn problem(why: AppProblem) -> Note {
    Note::OfApps(AppNote::Problem(why))
}

async fn client_of(visit: &Visit<'_>, app: &Registered) -> Result<Option<Client>, Failure> {
    let id = app.app.id;
    visit.read_as_admin(Need::signed_in(), move |tx, _| db::oidc_clients::of_app(tx.connection, id)).await
}

/// Returns an app that is a client.
pub(super) async fn find_client(visit: &Visit<'_>, slug: &str) -> Result<(Registered, Client), Failure> {
    let app = find(visit, slug).await?;
    let client = client_of(visit, &app).await?.ok_or(Failure::NotFound)?;
    Ok((app, client))
}

#[get("/admin/apps/<id>/openid?<held>")]
async fn page(visit: Visit<'_>, id: &str, held: Option<&str>) -> Answer {
    let app = find(&visit, id).await?;
    if let Some(client) = client_of(&visit, &app).await? {
        return client_page::show(&visit, &app, &client).await;
    }
    let slug = app.app.slug.as_str();
    if let Some(page) = instead_of_form(&visit, (Kind::App, slug), &format!("/admin/apps/{slug}")).await? {
        return Ok(page);
    }
    let held = held_form::held(&visit, held, &path(&app)).await?;
    let fill = held.as_ref().map(|form| |name: &str| form.field(name));
    let page = AddPage {
        layout: visit.layout(),
        slug: app.app.slug.to_string(),
        name: app.app.name.to_string(),
        typed: TypedClient::shown(&visit, fill, TypedClient::default()),
        presets: client_page::presets(),
        preset_problem: visit.problem_of("preset"),
        uris_problem: visit.problem_of("redirect_uris").or_else(|| visit.problem_of("hosts")),
        is_held: held.is_some(),
        continues: held_form::continues(&visit, held.as_ref()),
    };
    visit.page(&page)
}

#[post("/admin/apps/<id>/openid", data = "<form>")]
async fn add(visit: Visit<'_>, id: &str, form: Fields) -> Answer {
    let app = find(&visit, id).await?;
    form.only(&TypedClient::FEW)?;
    let typed = TypedClient::from(|name| form.get(name));
    let new = match typed.judge_new(&app.hosts) {
        Ok(new) => new,
        Err(why) => return visit.refuse(problem(why)).await,
    };
    let client = new.of_app(app.app.id, &app.app.slug).ok_or(Failure::NotFound)?;
    let popup = new.popup;
    let (path, slug) = (path(&app), app.app.slug.clone());
    let need = Need::signed_in().fresh(stale(&path, &typed));
    let made = visit.as_admin(need, move |tx, _| {
        unless_declared(tx, (Kind::App, slug.as_str()), |tx| {
            let made = apps::make_client(tx, &client, &slug)?;
            if made.is_some() && popup {
                apps::note_popup(tx, client.app)?;
            }
            Ok(made)
        })
    });
    let Some(made) = made.await? else { return refuse(&visit, &format!("/admin/apps/{}", app.app.slug)) };
    match made {
        Some(secret) => client_page::show_secret(&visit, &path, secret.as_ref()),
        None => Err(Failure::NotFound),
    }
}

#[get("/admin/apps/<id>/openid/change?<held>")]
async fn ask_change(visit: Visit<'_>, id: &str, held: Option<&str>) -> Answer {
    let (app, client) = find_client(&visit, id).await?;
    if let Some(page) = instead_of_form(&visit, (Kind::App, app.app.slug.as_str()), &path(&app)).await? {
        return Ok(page);
    }
    let held = held_form::held(&visit, held, &format!("{}/change", path(&app))).await?;
    let fill = held.as_ref().map(|form| |name: &str| form.field(name));
    let app_id = app.app.id;
    let reach =
        visit.read_as_admin(Need::signed_in(), move |tx, _| db::oidc_reach::reach(tx.connection, app_id)).await?;
    let page = ChangePage {
        layout: visit.layout(),
        slug: app.app.slug.to_string(),
        name: app.app.name.to_string(),
        is_public: client.rules.is_public,
        typed: TypedClient::shown(&visit, fill, TypedClient::of(&client, &reach)),
        sign_in_problem: visit.problem_of("redirect_uris"),
        sign_out_problem: visit.problem_of("sign_out_uris"),
        claim_problem: visit.problem_of("groups_claim"),
        name_claim_problem: visit.problem_of("name_claim"),
        logout_problem: visit.problem_of("logout_uri"),
        logout_hint: client_page::logout_hint(&visit, (&app, &client)),
        access_problem: visit.problem_of("access_lifetime"),
        idle_problem: visit.problem_of("refresh_idle"),
        absolute_problem: visit.problem_of("refresh_absolute"),
        has_devices: visit.settings.has(Part::Devices),
        is_held: held.is_some(),
        continues: held_form::continues(&visit, held.as_ref()),
    };
    visit.page(&page)
}

#[post("/admin/apps/<id>/openid/change", data = "<form>")]
async fn change(visit: Visit<'_>, id: &str, form: Fields) -> Answer {
    let (app, before) = find_client(&visit, id).await?;
    form.only(&TypedClient::ALL)?;
    form.required("redirect_uris")?;
    let typed = TypedClient::from(|name| form.get(name));
    let judged = typed.judge(&before).and_then(|client| Ok((client, typed.judge_reach()?)));
    let (client, reach) = match judged {
        Ok(judged) => judged,
        Err(why) => return visit.refuse(problem(why)).await,
    };
    let (path, slug, id) = (path(&app), app.app.slug.clone(), app.app.id);
    let need = Need::signed_in().fresh(stale(&format!("{path}/change"), &typed));
    let changed = visit.as_admin(need, move |tx, _| {
        Stop::commit(unless_declared(tx, (Kind::App, slug.as_str()), |tx| {
            expect_version(tx, id, &typed.version)?;
            Ok(apps::change_client(tx, (&client, Some(&reach)), &slug)?)
        }))
    });
    match changed.await? {
        Err(why) => return visit.refuse(problem(why)).await,
        Ok(None) => return refuse(&visit, &path),
        Ok(Some(false)) => return Err(Failure::NotFound),
        Ok(Some(true)) => {}
    }
    visit.services.refused.forget(id);
    visit.say(&path, Note::OfApps(AppNote::ClientSaved))
}

/// Refuses a form whose client has changed since.
fn expect_version(tx: &mut Tx<'_>, app: AppId, version: &str) -> Result<(), Stop<AppProblem>> {
    apps::lock(tx)?;
    let Some(client) = db::oidc_clients::of_app(tx.connection, app)? else { return Ok(()) };
    let stored = TypedClient::of(&client, &db::oidc_reach::reach(tx.connection, app)?);
    if form_version::is_overtaken(version, &stored.version) {
        Err(Stop::Refused(AppProblem::Overtaken))
    } else {
        Ok(())
    }
}

#[get("/admin/apps/<id>/openid/secret")]
async fn ask_secret(visit: Visit<'_>, id: &str) -> Answer {
    let (app, client) = find_client(&visit, id).await?;
    let app_id = app.app.id;
    let keys = visit.read_as_admin(Need::signed_in(), move |tx, _| db::oidc_reach::own_keys(tx.connection, app_id));
    if client.rules.is_public || !keys.await?.is_none() {
        return Err(Failure::NotFound);
    }
    if let Some(page) = instead_of_form(&visit, (Kind::Secret, app.app.slug.as_str()), &path(&app)).await? {
        return Ok(page);
    }
    let secrets =
        visit.read_as_admin(Need::signed_in(), move |tx, _| db::oidc_clients::secrets(tx.connection, app_id, tx.now));
    let say = |key| visit.locale.say(key).to_string();
    let ends = secrets.await?.into_iter().filter_map(|secret| secret.expires_at);
    let older: Vec<String> =
        ends.map(|at| visit.locale.say("client-secret-question.older").with("at", at).to_string()).collect();
    let (needs, before) = (say("client-secret-question.what"), say("client-secret-question.before"));
    let what_follows: Vec<&str> = [&needs, &before].into_iter().chain(&older).map(String::as_str).collect();
    visit.ask(&Question {
        title: &say("client-secret-question"),
        about: app.app.name.as_str(),
        what_follows: &what_follows,
        button: &say("client-secret-new"),
        back: &path(&app),
    })
}

#[post("/admin/apps/<id>/openid/secret", data = "<_form>")]
async fn make_secret(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    let app = find(&visit, id).await?;
    let path = path(&app);
    let need = Need::signed_in().fresh(Stale::button(&format!("{path}/secret")));
    let secret = visit.as_admin(need, move |tx, _| {
        unless_declared(tx, (Kind::Secret, app.app.slug.as_str()), |tx| apps::new_secret(tx, &app.app.slug, KEEP))
    });
    let Some(secret) = secret.await? else { return refuse(&visit, &path) };
    client_page::show_secret(&visit, &path, Some(&secret.ok_or(Failure::NotFound)?))
}

#[get("/admin/apps/<id>/openid/end-secret")]
async fn ask_end_secret(visit: Visit<'_>, id: &str) -> Answer {
    let (app, _) = find_client(&visit, id).await?;
    let say = |key| visit.locale.say(key).to_string();
    visit.ask(&Question {
        title: &say("client-secret-end-question"),
        about: app.app.name.as_str(),
        what_follows: &[&say("client-secret-end-question.what")],
        button: &say("client-secret-end"),
        back: &path(&app),
    })
}

#[post("/admin/apps/<id>/openid/end-secret", data = "<_form>")]
async fn end_secret(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    let app = find(&visit, id).await?;
    let path = path(&app);
    let need = Need::signed_in().fresh(Stale::button(&format!("{path}/end-secret")));
    visit.as_admin(need, move |tx, _| apps::end_replaced_secrets(tx, &app.app.slug)).await?;
    visit.say(&path, Note::OfApps(AppNote::ReplacedSecretEnded))
}

#[post("/admin/apps/<id>/openid/add-uri", data = "<form>")]
async fn add_uri(visit: Visit<'_>, id: &str, form: Fields) -> Answer {
    let (app, client) = find_client(&visit, id).await?;
    form.only(&["uri"])?;
    let hosts: Vec<&str> = app.hosts.iter().map(|host| host.name.as_str()).collect();
    // One at another host is not found, so that a button adds none.
    let typed = form.required("uri")?;
    let uri = Difference::offered(typed, &client.sign_in_uris, &hosts).ok_or(Failure::NotFound)?;
    let (path, id) = (path(&app), app.app.id);
    if client.sign_in_uris.len() >= MAX_URIS && !client.sign_in_uris.contains(&uri) {
        return visit.say(&path, Note::OfApps(AppNote::TooManyUris));
    }
    let need = Need::signed_in().fresh(Stale::press(&path, visit.path(), &[("uri", typed)]));
    let added = visit.as_admin(need, move |tx, _| {
        unless_declared(tx, (Kind::App, app.app.slug.as_str()), |tx| apps::add_redirect_uri(tx, &app.app.slug, &uri))
    });
    match added.await? {
        None => return refuse(&visit, &path),
        Some(false) => return Err(Failure::NotFound),
        Some(true) => {}
    }
    visit.services.refused.forget(id);
    visit.say(&path, Note::OfApps(AppNote::UriAdded))
}

pub(super) fn routes() -> Vec<Route> {
    routes![page, add, ask_change, change, ask_secret, make_secret, ask_end_secret, end_secret, add_uri]
}
