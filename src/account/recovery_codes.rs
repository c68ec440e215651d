//! `/account/recovery-codes`: ten codes to save. The page after the button, or after the first
//! second factor, shows them until the user leaves it. Later the page says how many are left.

use super::new_codes::{MADE, Ten};
use crate::{
    db,
    domain::{
        Lifetime, Timestamp,
        audit::Action,
        recovery_code::{COUNT, FEW},
    },
    people,
    web::{
        Answer, Failure, Layout, Need, NoFields, Note, Question, Reply, Visit, flash, hashing,
        held_form::Stale,
        note::{After, Codes},
    },
};
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rocket::{Route, get, post, routes};
use std::sync::Arc;

const PATH: &str = "/account/recovery-codes";
const REPLACE: &str = "/account/recovery-codes/replace";

#[derive(Template)]
#[template(path = "account/recovery_codes.html")]
struct RecoveryCodesPage {
    layout: Layout,
    /// Number of the newest codes that are left, and the time at which they were made.
    left: Option<(u32, Timestamp)>,
    has_second_factor: bool,
    count: usize,
    few: u32,
    /// Page that still shows the new ones, if the browser's Back led here from them.
    shown_at: Option<&'static str>,
    /// Time for which the browser carries the new ones.
    shown_for: Lifetime,
}

#[derive(Template)]
#[template(path = "account/recovery_codes_made.html")]
struct MadePage<'a> {
    layout: Layout,
    email: &'a str,
    server: &'a str,
    codes: &'a [String],
    made_at: Timestamp,
    /// They came with the first second factor.
    after_factor: bool,
    /// The file as a data URL: it needs neither a script nor the server, which no longer has the
    /// codes.
    file: String,
    /// Next place for the user: the app that waits for a second factor, if one does.
    next: String,
}

/// The file to save. It says what it is, so that the user recognises it later.
#[derive(Template)]
#[template(path = "account/recovery_codes_file.txt")]
struct File<'a> {
    layout: &'a Layout,
    server: &'a str,
    email: &'a str,
    codes: &'a [String],
    made_at: Timestamp,
}

#[get("/account/recovery-codes")]
async fn show(visit: Visit<'_>) -> Answer {
    let known = visit.require_enrolling()?;
    if !visit.settings.recovery_codes_enabled {
        return Err(Failure::NotFound);
    }
    let account = known.account.id;
    let (enrolled, left) = visit
        .read(move |connection| {
            let enrolled = db::enrolled::of(connection, account)?;
            let left = match db::recovery_codes::set_of(connection, account)? {
                Some((_, made_at)) => Some((db::recovery_codes::left(connection, account)?, made_at)),
                None => None,
            };
            Ok((enrolled, left))
        })
        .await?;
    let page = RecoveryCodesPage {
        layout: visit.layout(),
        left,
        has_second_factor: enrolled.under(&visit.settings).has_second_factor(),
        count: COUNT,
        few: FEW,
        shown_at: visit.still_carries(MADE).then_some(MADE),
        shown_for: flash::LIFETIME,
    };
    visit.page(&page)
}

enum Outcome {
    Stored,
    /// The factor that the codes replace was removed or turned off during hashing.
    Over,
}

#[get("/account/recovery-codes/replace")]
fn ask_replace(visit: Visit<'_>) -> Answer {
    visit.require_enrolling()?;
    let say = |key| visit.locale.say(key).to_string();
    visit.ask(&Question {
        title: &say("recovery-codes-replace-question"),
        about: "",
        what_follows: &[&say("recovery-codes-replace-question.what")],
        button: &say("recovery-codes-replace-question.button"),
        back: PATH,
    })
}

#[post("/account/recovery-codes/replace", data = "<_form>")]
async fn replace(visit: Visit<'_>, _form: NoFields) -> Answer {
    make_codes(&visit, Stale::button(REPLACE)).await
}

#[post("/account/recovery-codes", data = "<_form>")]
async fn make(visit: Visit<'_>, _form: NoFields) -> Answer {
    make_codes(&visit, Stale::press(PATH, PATH, &[])).await
}

/// Makes new codes. `stale` is the way back to the button.
async fn make_codes(visit: &Visit<'_>, stale: Stale) -> Answer {
    let known = visit.require_enrolling()?;
    if !visit.settings.recovery_codes_enabled || known.account.proven_at.is_none() {
        return Err(Failure::Forbidden);
    }
    if !visit.enrolled().has_second_factor() {
        // There is no factor that they could replace, and the page says so.
        return visit.say(PATH, Note::NoSecondFactor);
    }
    hashing::take_new_recovery_codes(visit, Need::enrolling().fresh(stale.clone())).await?;
    let ten = Arc::new(Ten::issue(visit).await?);
    let stored = Arc::clone(&ten);
    let make = visit.as_account(Need::enrolling().fresh(stale), move |tx, me| {
        if !tx.settings()?.recovery_codes_enabled || !me.enrolled.has_second_factor() {
            return Ok(Outcome::Over);
        }
        stored.store(tx, &me.account)?;
        Ok(Outcome::Stored)
    });
    match make.await? {
        Outcome::Stored => ten.show(visit, After::Button),
        Outcome::Over => Ok(Reply::see_other("/login?return_to=%2Faccount%2Frecovery-codes")),
    }
}

/// The new codes, for this session, until the user leaves the page, for at most ten minutes. The
/// browser carries them sealed; the server keeps only hashes. A reload shows the same codes, and so
/// does coming back from a page on the way here ([`Note::is_on_the_way`]).
#[get("/account/recovery-codes/made")]
async fn made(visit: Visit<'_>) -> Answer {
    let email = visit.require_enrolling()?.account.email.as_str();
    let Some(Note::RecoveryCodes(Codes { codes, made_at, after })) = visit.said().map(|said| &said.note) else {
        return Ok(Reply::see_other(PATH));
    };
    let made_at = Timestamp::from_millis(*made_at);
    let (layout, server) = (visit.layout(), visit.services.config.base_url.origin());
    let file = File { layout: &layout, server, email, codes, made_at };
    let file = file.render().map_err(Failure::fault)?;
    let next = visit.cookies.way_on().map_or_else(|| "/account/security".to_owned(), |to| to.to_string());
    let page = MadePage {
        layout,
        next,
        email,
        server,
        codes,
        made_at,
        after_factor: *after == After::FirstFactor,
        file: format!("data:text/plain;charset=utf-8,{}", utf8_percent_encode(&file, NON_ALPHANUMERIC)),
    };
    Reply::page(&page)
}

#[get("/account/recovery-codes/remove")]
fn ask_remove(visit: Visit<'_>) -> Answer {
    visit.require_enrolling()?;
    let say = |key| visit.locale.say(key).to_string();
    visit.ask(&Question {
        title: &say("recovery-codes-remove-question"),
        about: "",
        what_follows: &[&say("recovery-codes-remove-question.what")],
        button: &say("recovery-codes-remove"),
        back: PATH,
    })
}

#[post("/account/recovery-codes/remove", data = "<_form>")]
async fn remove(visit: Visit<'_>, _form: NoFields) -> Answer {
    visit.require_enrolling()?;
    if !visit.settings.recovery_codes_enabled {
        return Err(Failure::Forbidden);
    }
    if !visit.enrolled().has_second_factor() {
        // The codes that are left belong to a factor that is turned off. The user cannot show it,
        // so that nothing proves the owner.
        return visit.say(PATH, Note::NoSecondFactor);
    }
    let remove =
        visit.as_account(Need::enrolling().fresh(Stale::button("/account/recovery-codes/remove")), |tx, me| {
            // Again, because an admin may have turned a factor off since.
            if !tx.settings()?.recovery_codes_enabled || !me.enrolled.has_second_factor() {
                return Ok(false);
            }
            if people::remove_recovery_codes(tx, &me.account)? {
                tx.log(&tx.line(Action::RecoveryCodesRemoved, me.account.email.as_str()))?;
            }
            Ok(true)
        });
    visit.say(PATH, if remove.await? { Note::RecoveryCodesRemoved } else { Note::NoSecondFactor })
}

pub(super) fn routes() -> Vec<Route> {
    routes![show, make, ask_replace, replace, made, ask_remove, remove]
}
