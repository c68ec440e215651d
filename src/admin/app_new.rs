//! `/admin/new-app`: three questions, and an app is there. What an app with OpenID Connect needs is
//! folded away.

use super::{
    app_form::{Added, Judged, Typed},
    apps::{PATH, Problems, groups, listed, problem, stale},
    client_form::{NewClient, TypedClient},
    client_page, uploaded,
};
use crate::{
    apps,
    db::{Stop, Tx},
    domain::logo::Logo,
    web::{Answer, AppNote, AppProblem, Layout, Need, Note, Upload, Visit, held_form},
};
use askama::Template;
use rocket::{Route, get, post, routes};

const NEW: &str = "/admin/new-app";

#[derive(Template)]
#[template(path = "admin/app_new.html")]
struct NewPage {
    layout: Layout,
    typed: Typed,
    client: TypedClient,
    presets: Vec<(&'static str, &'static str)>,
    problems: Problems,
    known_groups: String,
    icon: Icon,
    is_held: bool,
    continues: bool,
}

/// State of the icon of a form that is shown again. A browser does not fill in files again.
#[derive(Default)]
struct Icon {
    problem: Option<String>,
    /// One was chosen, and is gone.
    is_lost: bool,
    /// The held form in which it waits.
    held: Option<String>,
}

#[get("/admin/new-app?<held>")]
async fn page(visit: Visit<'_>, held: Option<&str>) -> Answer {
    visit.require_admin()?;
    let held = held_form::held(&visit, held, NEW).await?;
    let groups = visit.read_as_admin(Need::signed_in(), |tx, _| groups(tx.connection)).await?;
    let stored = Typed { who: "everyone".to_owned(), ..Typed::default() };
    let page = NewPage {
        layout: visit.layout(),
        typed: Typed::shown(&visit, held.as_ref().map(|form| |name: &str| form.field(name)), stored),
        client: TypedClient::shown(
            &visit,
            held.as_ref().map(|form| |name: &str| form.field(name)),
            TypedClient::default(),
        ),
        presets: client_page::presets(),
        problems: Problems::of(&visit),
        known_groups: listed(&groups, &visit.locale),
        icon: Icon {
            problem: visit.problem_of(uploaded::FIELD),
            is_lost: visit.typed(uploaded::FIELD).is_some(),
            held: held.as_ref().filter(|form| form.field(uploaded::FIELD).is_some()).map(|form| form.id.to_string()),
        },
        is_held: held.is_some(),
        continues: held_form::continues(&visit, held.as_ref()),
    };
    visit.page(&page)
}

#[post("/admin/new-app", data = "<form>")]
async fn add(visit: Visit<'_>, form: Upload) -> Answer {
    visit.require_admin()?;
    let typed = Typed::read(&form.fields, &[&Typed::FEW[..], &TypedClient::FEW, &["held"]].concat())?;
    let typed_client = TypedClient::from(|name| form.fields.get(name));
    let pairs = [typed.pairs(), typed_client.pairs()].concat();
    let icon = uploaded::chosen(&visit, form, NEW).await?;
    let (judged, client) = match judge(&visit, &typed, &typed_client) {
        Ok(judged) => judged,
        Err(why) => return refuse_new(&visit, (problem(why), icon.is_some()), pairs).await,
    };
    let icon = match icon.transpose() {
        Ok(icon) => icon,
        Err(why) => return refuse_new(&visit, (Note::NotALogo(why), false), pairs).await,
    };
    let (is_client, icon_is_there) = (client.is_some(), icon.is_some());
    let held = pairs.iter().cloned().chain(icon.as_ref().map(uploaded::for_later)).collect::<Vec<_>>();
    let need = Need::signed_in().fresh(stale(NEW, &held));
    let added = visit.as_admin(need, move |tx, _| Stop::commit(store(tx, (&judged, client.as_ref()), icon.as_ref())));
    match added.await? {
        Ok((slug, secret)) if is_client => {
            client_page::show_secret(&visit, &format!("{PATH}/{slug}/openid"), secret.as_ref())
        }
        Ok((slug, _)) => visit.say(&format!("{PATH}/{slug}"), Note::OfApps(AppNote::AppAdded)),
        Err(why) => refuse_new(&visit, (problem(why), icon_is_there), pairs).await,
    }
}

fn store(
    tx: &mut Tx<'_>,
    (judged, client): (&Judged, Option<&NewClient>),
    icon: Option<&Logo>,
) -> Result<Added, Stop<AppProblem>> {
    let added = judged.add(tx, client)?;
    if let Some(icon) = icon {
        apps::set_icon(tx, &added.0, Some(icon))?;
    }
    Ok(added)
}

/// Judges everything that needs no database. An app has an address, or is a client of OpenID
/// Connect.
fn judge(visit: &Visit<'_>, typed: &Typed, client: &TypedClient) -> Result<(Judged, Option<NewClient>), AppProblem> {
    let judged = typed.judge(visit.services.config.base_url.origin())?;
    if client.is_none() && judged.hosts.is_empty() {
        return Err(AppProblem::NoHost);
    }
    let client = (!client.is_none()).then(|| client.judge_new(&judged.hosts)).transpose()?;
    Ok((judged, client))
}

/// Leads back to the form of a new app, with what was typed. `loses_icon`: its file has to be
/// chosen again.
async fn refuse_new(visit: &Visit<'_>, (why, loses_icon): (Note, bool), pairs: Vec<(&'static str, String)>) -> Answer {
    let lost = loses_icon.then(|| (uploaded::FIELD, "lost".to_owned()));
    let typed: Vec<_> = pairs.into_iter().chain(lost).collect();
    let typed: Vec<_> = typed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    visit.say_with(NEW, why, &typed).await
}

pub(super) fn routes() -> Vec<Route> {
    routes![page, add]
}
