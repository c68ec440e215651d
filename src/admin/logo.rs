//! `/admin/settings/logo`: the picture on pages and in emails.

use crate::{
    db,
    domain::{
        audit::Action,
        logo::{Logo, MOST_BYTES, NotALogo},
    },
    web::{
        Answer, Failure, Layout, Need, NoFields, Note, Question, Visit,
        step_up::{self, Stale},
    },
};
use askama::Template;
use base64::{Engine, engine::general_purpose::STANDARD};
use rocket::{Route, form::Form, get, http::ContentType, post, routes};
use std::collections::HashMap;

const PATH: &str = "/admin/settings/logo";

#[derive(Template)]
#[template(path = "admin/logo.html")]
struct LogoPage {
    layout: Layout,
    has_logo: bool,
    problem: Option<String>,
    /// The form that waited for a step-up.
    held: Option<String>,
    continues: bool,
}

/// The one form with a file, and so the only one that Rocket reads.
type Upload<'r> = HashMap<&'r str, &'r [u8]>;

#[get("/admin/settings/logo?<held>")]
async fn logo(visit: Visit<'_>, held: Option<&str>) -> Answer {
    visit.require_admin()?;
    let held = step_up::held(&visit, held, PATH).await?;
    let (continues, held) = (step_up::continues(&visit, held.as_ref()), held.map(|form| form.id.to_string()));
    let (has_logo, problem) = (visit.settings.logo.is_some(), visit.problem_of("logo"));
    visit.page(&LogoPage { layout: visit.layout(), has_logo, problem, held, continues })
}

#[post("/admin/settings/logo", data = "<form>")]
async fn save(visit: Visit<'_>, kind: Option<&ContentType>, form: Form<Upload<'_>>) -> Answer {
    visit.require_admin()?;
    if kind.is_none_or(|kind| !kind.is_form_data()) {
        return Err(Failure::NotAForm);
    }
    if form.keys().any(|name| !["logo", "held"].contains(name)) {
        return Err(Failure::UnreadableForm);
    }
    if form.is_empty() {
        // A browser sends the field even without a file. It is missing only if the form was longer
        // than the limit.
        return visit.say(PATH, Note::NotALogo(NotALogo::TooLarge));
    }
    let bytes = match (form.get("logo"), form.get("held")) {
        (Some(bytes), _) if !bytes.is_empty() => bytes.to_vec(),
        (_, Some(held)) => held_bytes(&visit, held).await?.unwrap_or_default(),
        _ => Vec::new(),
    };
    let logo = match Logo::parse(bytes) {
        Ok(logo) => logo,
        Err(why) => return visit.say(PATH, Note::NotALogo(why)),
    };
    let stale = Stale::form(PATH, &[("logo", &STANDARD.encode(logo.bytes()))]);
    put(&visit, Some(logo), stale).await?;
    visit.say(PATH, Note::LogoSaved)
}

#[get("/admin/settings/logo/remove")]
fn ask_remove(visit: Visit<'_>) -> Answer {
    visit.require_admin()?;
    let say = |key| visit.locale.say(key).to_string();
    visit.ask(&Question {
        title: &say("remove-logo-question"),
        about: "",
        what_follows: &[&say("remove-logo-question.what")],
        button: &say("remove-logo-question.button"),
        back: PATH,
    })
}

#[post("/admin/settings/logo/remove", data = "<_form>")]
async fn remove(visit: Visit<'_>, _form: NoFields) -> Answer {
    put(&visit, None, Stale::button("/admin/settings/logo/remove")).await?;
    visit.say(PATH, Note::LogoRemoved)
}

async fn held_bytes(visit: &Visit<'_>, held: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
    let Some(form) = step_up::held(visit, str::from_utf8(held).ok(), PATH).await? else { return Ok(None) };
    Ok(form.field("logo").and_then(|text| STANDARD.decode(text).ok()))
}

/// Stores a logo, or removes it.
async fn put(visit: &Visit<'_>, logo: Option<Logo>, stale: Stale) -> Result<(), Failure> {
    let need = Need::signed_in().fresh(stale).changing_settings();
    let put = visit.as_admin(need, move |tx, _| {
        let before = tx.settings()?;
        let version = logo.as_ref().map(|logo| logo.version().as_str().to_owned()).unwrap_or_default();
        match &logo {
            Some(logo) => db::logo::store(tx.connection, logo, tx.now)?,
            None => db::logo::remove(tx.connection)?,
        }
        db::settings::store(tx.connection, "logo", &version, tx.now)?;
        tx.log(&tx.line(Action::SettingChanged, "logo").from_to(before.get("logo"), version))
    });
    put.await
}

/// Most octets that Rocket reads of a form with a file: the largest logo and its envelope.
pub const MOST_UPLOAD: usize = MOST_BYTES + 8 * 1024;

pub fn routes() -> Vec<Route> {
    routes![logo, save, ask_remove, remove]
}
