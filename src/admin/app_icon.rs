//! `/admin/apps/…/icon`: the picture of an app in the list of apps.

use super::{apps::find, uploaded};
use crate::{
    apps,
    domain::{apps::AppSlug, logo::Logo},
    web::{
        Answer, AppNote, Failure, Layout, Need, NoFields, Note, Question, Upload, Visit,
        held_form::{self, Stale},
    },
};
use askama::Template;
use rocket::{Route, get, post, routes};

#[derive(Template)]
#[template(path = "admin/app_icon.html")]
struct IconPage<'a> {
    layout: Layout,
    slug: &'a str,
    name: &'a str,
    icon: Option<String>,
    problem: Option<String>,
    /// The form that waited for a step-up.
    held: Option<String>,
    continues: bool,
}

fn path_of(slug: &AppSlug) -> String {
    format!("/admin/apps/{slug}/icon")
}

#[get("/admin/apps/<id>/icon?<held>")]
async fn icon(visit: Visit<'_>, id: &str, held: Option<&str>) -> Answer {
    let app = find(&visit, id).await?;
    let held = held_form::held(&visit, held, &path_of(&app.app.slug)).await?;
    let continues = held_form::continues(&visit, held.as_ref());
    let address =
        |version: &crate::domain::logo::LogoVersion| format!("/apps/icons/{}?v={}", app.app.id, version.as_str());
    visit.page(&IconPage {
        layout: visit.layout(),
        slug: app.app.slug.as_str(),
        name: app.app.name.as_str(),
        icon: app.look.icon.as_ref().map(address),
        problem: visit.problem_of("logo"),
        held: held.map(|form| form.id.to_string()),
        continues,
    })
}

#[post("/admin/apps/<id>/icon", data = "<form>")]
async fn save(visit: Visit<'_>, id: &str, form: Upload) -> Answer {
    let app = find(&visit, id).await?;
    let path = path_of(&app.app.slug);
    let icon = match uploaded::only(&visit, form, &path).await? {
        Ok(icon) => icon,
        Err(why) => return visit.say(&path, Note::NotALogo(why)),
    };
    let stale = uploaded::held_alone(&icon, &path);
    put(&visit, app.app.slug, (Some(icon), stale)).await
}

#[get("/admin/apps/<id>/icon/remove")]
async fn ask_remove(visit: Visit<'_>, id: &str) -> Answer {
    let app = find(&visit, id).await?;
    let say = |key| visit.locale.say(key).to_string();
    visit.ask(&Question {
        title: &say("remove-icon-question"),
        about: app.app.name.as_str(),
        what_follows: &[&say("remove-icon-question.what")],
        button: &say("remove-icon-question.button"),
        back: &path_of(&app.app.slug),
    })
}

#[post("/admin/apps/<id>/icon/remove", data = "<_form>")]
async fn remove(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    let app = find(&visit, id).await?;
    let stale = Stale::button(&format!("{}/remove", path_of(&app.app.slug)));
    put(&visit, app.app.slug, (None, stale)).await
}

async fn put(visit: &Visit<'_>, slug: AppSlug, (icon, stale): (Option<Logo>, Stale)) -> Answer {
    let page = format!("/admin/apps/{slug}");
    let need = Need::signed_in().fresh(stale);
    if !visit.as_admin(need, move |tx, _| apps::set_icon(tx, &slug, icon.as_ref())).await? {
        return Err(Failure::NotFound);
    }
    visit.say(&page, Note::OfApps(AppNote::AppSaved))
}

pub(super) fn routes() -> Vec<Route> {
    routes![icon, save, ask_remove, remove]
}
