//! `/admin/settings/logo`: the picture on pages and in emails, and another one for a dark ground.

use super::uploaded;
use crate::{
    db,
    domain::{
        audit::Action,
        logo::{Ground, Logo},
    },
    web::{
        Answer, Failure, Layout, Need, NoFields, Note, Question, ShownLogo, Upload, Visit,
        held_form::{self, Stale},
    },
};
use askama::Template;
use rocket::{Route, get, post, routes};

/// Path of the page of the logo for this ground.
const fn path(ground: Ground) -> &'static str {
    match ground {
        Ground::Light => "/admin/settings/logo",
        Ground::Dark => "/admin/settings/logo/dark",
    }
}

#[derive(Template)]
#[template(path = "admin/logo.html")]
struct LogoPage {
    layout: Layout,
    path: &'static str,
    is_dark: bool,
    /// The logo for this ground, if there is one.
    now: Option<ShownLogo>,
    /// True if there is one for a light ground, which a dark one needs.
    has_light: bool,
    problem: Option<String>,
    /// The form that waited for a step-up.
    held: Option<String>,
    continues: bool,
}

#[get("/admin/settings/logo?<held>")]
async fn logo(visit: Visit<'_>, held: Option<&str>) -> Answer {
    page(&visit, held, Ground::Light).await
}

#[get("/admin/settings/logo/dark?<held>")]
async fn dark_logo(visit: Visit<'_>, held: Option<&str>) -> Answer {
    page(&visit, held, Ground::Dark).await
}

async fn page(visit: &Visit<'_>, held: Option<&str>, ground: Ground) -> Answer {
    visit.require_admin()?;
    let held = held_form::held(visit, held, path(ground)).await?;
    let (continues, held) = (held_form::continues(visit, held.as_ref()), held.map(|form| form.id.to_string()));
    let layout = visit.layout();
    let now = match ground {
        Ground::Light => layout.logo.clone(),
        Ground::Dark => layout.dark_logo.clone(),
    };
    visit.page(&LogoPage {
        path: path(ground),
        is_dark: ground == Ground::Dark,
        now,
        has_light: layout.logo.is_some(),
        problem: visit.problem_of("logo"),
        held,
        continues,
        layout,
    })
}

#[post("/admin/settings/logo", data = "<form>")]
async fn save(visit: Visit<'_>, form: Upload) -> Answer {
    take(&visit, form, Ground::Light).await
}

#[post("/admin/settings/logo/dark", data = "<form>")]
async fn save_dark(visit: Visit<'_>, form: Upload) -> Answer {
    take(&visit, form, Ground::Dark).await
}

async fn take(visit: &Visit<'_>, form: Upload, ground: Ground) -> Answer {
    visit.require_admin()?;
    let path = path(ground);
    let logo = match uploaded::only(visit, form, path).await? {
        Ok(logo) => logo,
        Err(why) => return visit.say(path, Note::NotALogo(why)),
    };
    let stale = uploaded::held_alone(&logo, path);
    put(visit, (ground, Some(logo)), stale).await?;
    visit.say(path, Note::LogoSaved)
}

#[get("/admin/settings/logo/remove")]
fn ask_remove(visit: Visit<'_>) -> Answer {
    ask(&visit, Ground::Light)
}

#[get("/admin/settings/logo/dark/remove")]
fn ask_remove_dark(visit: Visit<'_>) -> Answer {
    ask(&visit, Ground::Dark)
}

fn ask(visit: &Visit<'_>, ground: Ground) -> Answer {
    visit.require_admin()?;
    let say = |key| visit.locale.say(key).to_string();
    let (title, what) = match ground {
        Ground::Light => (say("remove-logo-question"), say("remove-logo-question.what")),
        Ground::Dark => (say("remove-logo-question.dark"), say("remove-logo-question.dark-what")),
    };
    visit.ask(&Question {
        title: &title,
        about: "",
        what_follows: &[&what],
        button: &say("remove-logo-question.button"),
        back: path(ground),
    })
}

#[post("/admin/settings/logo/remove", data = "<_form>")]
async fn remove(visit: Visit<'_>, _form: NoFields) -> Answer {
    put(&visit, (Ground::Light, None), Stale::button("/admin/settings/logo/remove")).await?;
    visit.say(path(Ground::Light), Note::LogoRemoved)
}

#[post("/admin/settings/logo/dark/remove", data = "<_form>")]
async fn remove_dark(visit: Visit<'_>, _form: NoFields) -> Answer {
    put(&visit, (Ground::Dark, None), Stale::button("/admin/settings/logo/dark/remove")).await?;
    visit.say(path(Ground::Dark), Note::LogoRemoved)
}

/// Stores a logo, or removes it.
async fn put(visit: &Visit<'_>, (ground, logo): (Ground, Option<Logo>), stale: Stale) -> Result<(), Failure> {
    let need = Need::signed_in().fresh(stale).changing_settings();
    let put = visit.as_admin(need, move |tx, _| {
        let before = tx.settings()?;
        let version = logo.as_ref().map(|logo| logo.version().as_str().to_owned()).unwrap_or_default();
        match &logo {
            Some(logo) => db::logo::store(tx.connection, (ground, logo), tx.now)?,
            None => db::logo::remove(tx.connection, ground)?,
        }
        let setting = ground.setting();
        tx.store_setting(setting, &version)?;
        tx.log(&tx.line(Action::SettingChanged, setting).from_to(before.get(setting), version))
    });
    put.await
}

pub(super) fn routes() -> Vec<Route> {
    routes![logo, dark_logo, save, save_dark, ask_remove, ask_remove_dark, remove, remove_dark]
}
