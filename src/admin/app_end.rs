//! `/admin/apps/…/remove`: the end of an app.

use super::{
    apps::PATH,
    declared::{instead_of_form, refuse, unless_declared},
};
use crate::{
    apps,
    db::{self, declared::Kind},
    web::{Answer, AppNote, Failure, Need, NoFields, Note, Question, Visit, held_form::Stale},
};
use rocket::{Route, get, post, routes};

/// An app that a button removes.
struct Ending {
    slug: String,
    name: String,
    /// Its page, or the list if it has none, because this version cannot read it.
    back: String,
    is_unread: bool,
}

/// Finds an app by its slug, or by its id if it cannot be read.
async fn find(visit: &Visit<'_>, slug: &str) -> Result<Ending, Failure> {
    visit.require_admin()?;
    let wanted = slug.to_owned();
    let find = visit.read_as_admin(Need::signed_in(), move |tx, _| {
        let found = db::apps::find_stored(tx.connection, &wanted)?;
        match wanted.parse() {
            Ok(id) if found.is_none() => db::apps::find_unread(tx.connection, id),
            _ => Ok(found),
        }
    });
    Ok(match find.await?.ok_or(Failure::NotFound)? {
        Ok(app) => Ending {
            slug: app.app.slug.to_string(),
            name: app.app.name.to_string(),
            back: format!("{PATH}/{}", app.app.slug),
            is_unread: false,
        },
        Err(unread) => Ending { slug: unread.slug, name: unread.name, back: PATH.to_owned(), is_unread: true },
    })
}

#[get("/admin/apps/<id>/remove")]
async fn ask_remove(visit: Visit<'_>, id: &str) -> Answer {
    let Ending { slug, name, back, is_unread } = find(&visit, id).await?;
    if !is_unread && let Some(page) = instead_of_form(&visit, (Kind::App, &slug), &back).await? {
        return Ok(page);
    }
    let say = |key| visit.locale.say(key).to_string();
    let what = if is_unread { "remove-connected-app-question.unread" } else { "remove-connected-app-question.what" };
    visit.ask(&Question {
        title: &say("remove-connected-app-question"),
        about: &name,
        what_follows: &[&say(what)],
        button: &say("remove-connected-app-question.button"),
        back: &back,
    })
}

#[post("/admin/apps/<id>/remove", data = "<_form>")]
async fn remove(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    let Ending { slug, back, is_unread, .. } = find(&visit, id).await?;
    let need = Need::signed_in().fresh(Stale::button(&format!("{PATH}/{id}/remove")));
    let removed = visit.as_admin(need, move |tx, _| {
        if is_unread {
            // Its file cannot mend it: `gatepost apply` reads the app, too.
            return apps::remove(tx, &slug).map(Some);
        }
        unless_declared(tx, (Kind::App, &slug), |tx| apps::remove(tx, &slug))
    });
    if removed.await?.is_none() {
        return refuse(&visit, &back);
    }
    visit.say(PATH, Note::OfApps(AppNote::AppRemoved))
}

pub(super) fn routes() -> Vec<Route> {
    routes![ask_remove, remove]
}
