//! `/account/password`: setting, changing and removing one's password. Every form here needs a
//! fresh proof before it is shown, so that no typed password is ever held.

use crate::{
    db::{self, Stop},
    domain::{audit::Action, password},
    people::{self, Change},
    web::{Answer, Failure, Fields, Layout, Need, NoFields, Note, Question, Reply, Visit, hashing, held_form::Stale},
};
use askama::Template;
use rocket::{Route, get, post, routes};

const PATH: &str = "/account/password";

#[derive(Template)]
#[template(path = "account/password.html")]
struct PasswordPage<'a> {
    layout: Layout,
    email: &'a str,
    has_one: bool,
    /// True if the owner has verified the address.
    is_proven: bool,
    problem: Option<String>,
    min_length: usize,
    max_length: usize,
}

#[get("/account/password")]
async fn show(visit: Visit<'_>) -> Answer {
    let known = visit.require()?;
    if !visit.settings.password_enabled {
        return Err(Failure::NotFound);
    }
    if !visit.is_fresh() {
        return Ok(Reply::to_step_up(PATH, None));
    }
    let account = known.account.id;
    let has_one = visit.read(move |connection| db::passwords::find(connection, account)).await?.is_some();
    let page = PasswordPage {
        layout: visit.layout(),
        email: known.account.email.as_str(),
        has_one,
        is_proven: known.account.proven_at.is_some(),
        problem: visit.problem_of("new_password"),
        min_length: password::min_length(visit.enrolled()),
        max_length: password::MAX_LENGTH,
    };
    visit.page(&page)
}

#[post("/account/password", data = "<form>")]
async fn set(visit: Visit<'_>, form: Fields) -> Answer {
    let known = visit.require()?;
    form.only(&["new_password"])?;
    let typed = form.required("new_password")?;
    if !visit.settings.password_enabled || known.account.proven_at.is_none() {
        return Err(Failure::Forbidden);
    }
    // Passwords are never held.
    let stale = Stale::page(PATH);
    visit.require_fresh(&stale)?;
    hashing::take_a_judgement(&visit, Need::signed_in().fresh(stale.clone())).await?;
    let enrolled = visit.enrolled();
    let password = match Stop::split(hashing::choose(&visit, typed, enrolled, &known.account.email).await)? {
        Ok(password) => password,
        Err(why) => {
            let least = password::min_length(enrolled);
            return visit.refuse(Note::BadPassword { why, least }).await;
        }
    };
    hashing::take_a_new_password(&visit, Need::signed_in().fresh(stale.clone())).await?;
    let hash = hashing::hash(&visit, password.clone()).await?;
    let set = visit.as_account(Need::signed_in().fresh(stale), move |tx, me| {
        // The second factor that allowed a shorter password may be gone now.
        if !tx.settings()?.password_enabled || !password.suffices(me.enrolled) {
            return Ok(Done::Over);
        }
        people::set_password(tx, me.owner(), &hash)?;
        tx.log(&tx.line(Action::PasswordSet, me.account.email.as_str()))?;
        Ok(Done::Set)
    });
    match set.await? {
        Done::Set => visit.say("/account", Note::PasswordSet),
        Done::Over => Ok(Reply::see_other("/login?return_to=%2Faccount%2Fpassword")),
    }
}

/// Leads to the password page from the address that browsers and password managers know. See W3C, A
/// Well-Known URL for Changing Passwords.
#[get("/.well-known/change-password")]
fn well_known(visit: Visit<'_>) -> Answer {
    if visit.settings.password_enabled { Ok(Reply::see_other(PATH)) } else { Err(Failure::NotFound) }
}

enum Done {
    Set,
    /// Passwords were turned off, or a factor removed, during hashing.
    Over,
}

#[get("/account/password/remove")]
fn ask_remove(visit: Visit<'_>) -> Answer {
    visit.require()?;
    let say = |key| visit.locale.say(key).to_string();
    visit.ask(&Question {
        title: &say("password-remove-question"),
        about: "",
        what_follows: &[&say("password-remove-question.what"), &say("others-will-be-signed-out")],
        button: &say("password-remove"),
        back: PATH,
    })
}

#[post("/account/password/remove", data = "<_form>")]
async fn remove(visit: Visit<'_>, _form: NoFields) -> Answer {
    let remove = visit.as_account(Need::signed_in().fresh(Stale::button("/account/password/remove")), |tx, me| {
        let change = people::remove_password(tx, me.owner())?;
        if change == Change::Done {
            tx.log(&tx.line(Action::PasswordRemoved, me.account.email.as_str()))?;
        }
        Ok(change)
    });
    if matches!(remove.await?, Change::LastAdmin | Change::LastWayIn) {
        return visit.say(PATH, Note::LastWayIn);
    }
    visit.say("/account", Note::PasswordRemoved)
}

pub(super) fn routes() -> Vec<Route> {
    routes![well_known, show, set, ask_remove, remove]
}
