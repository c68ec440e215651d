//! `/admin/apps/…/remove`: the end of an app.

use super::{
    apps::find,
    declared::{instead_of_form, refuse, unless_declared},
};
use crate::{
    apps,
    db::declared::Kind,
    web::{Answer, AppNote, Need, NoFields, Note, Question, Visit, step_up::Stale},
};
use rocket::{Route, get, post, routes};

const PATH: &str = "/admin/apps";

#[get("/admin/apps/<id>/remove")]
async fn ask_remove(visit: Visit<'_>, id: &str) -> Answer {
    let app = find(&visit, id).await?;
    let back = format!("{PATH}/{}", app.app.slug);
    if let Some(page) = instead_of_form(&visit, (Kind::App, app.app.slug.as_str()), &back).await? {
        return Ok(page);
    }
    let say = |key| visit.locale.say(key).to_string();
    visit.ask(&Question {
        title: &say("remove-connected-app-question"),
        about: app.app.name.as_str(),
        what_follows: &[&say("remove-connected-app-question.what")],
        button: &say("remove-connected-app-question.button"),
        back: &back,
    })
}

#[post("/admin/apps/<id>/remove", data = "<_form>")]
async fn remove(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    let app = find(&visit, id).await?;
    let need = Need::signed_in().fresh(Stale::button(&format!("{PATH}/{}/remove", app.app.slug)));
    let path = format!("{PATH}/{}", app.app.slug);
    let removed = visit.as_admin(need, move |tx, _| {
        unless_declared(tx, (Kind::App, app.app.slug.as_str()), |tx| apps::remove(tx, &app.app.slug))
    });
    if removed.await?.is_none() {
        return refuse(&visit, &path);
    }
    visit.say(PATH, Note::OfApps(AppNote::AppRemoved))
}

pub(super) fn routes() -> Vec<Route> {
    routes![ask_remove, remove]
}
