//! `/account/password`: setting, changing and removing one's password. Everything here needs a fresh proof before the form is shown, so that no
//! typed password ever waits anywhere.

use crate::{
    account::still::still,
    db,
    domain::{Lifetime, audit::Action, limit::Decision, password},
    people::{self, Change},
    web::{
        Answer, Failure, Fields, Layout, NoFields, Reply, Visit, hashing, step_up,
        words::{LAST_WAY_IN, unfit},
    },
};
use askama::Template;
use rocket::{Route, get, http::Status, post, routes};
use std::sync::Arc;

const PATH: &str = "/account/password";

#[derive(Template)]
#[template(path = "account/password.html")]
struct PasswordPage<'a> {
    layout: Layout,
    email: &'a str,
    has_one: bool,
    /// Nobody has shown yet that the mailbox is theirs.
    is_proven: bool,
    problem: Option<String>,
    done: Option<&'static str>,
    min_length: usize,
    max_length: usize,
}

#[get("/account/password?<done>")]
async fn show(visit: Visit<'_>, done: Option<&str>) -> Answer {
    visit.require()?;
    if !visit.settings.password_enabled {
        return Err(Failure::NotFound);
    }
    if !visit.is_fresh() {
        return Ok(step_up::go(PATH));
    }
    let done = (done == Some(step_up::CONFIRMED)).then_some(step_up::PRESS_AGAIN);
    page(&visit, Status::Ok, None, done).await
}

async fn page(visit: &Visit<'_>, status: Status, problem: Option<String>, done: Option<&'static str>) -> Answer {
    let known = visit.require()?;
    let account = known.account.id;
    let has_one = visit.read(move |connection| db::passwords::find(connection, account)).await?.is_some();
    let page = PasswordPage {
        layout: visit.layout(),
        email: known.account.email.as_str(),
        has_one,
        is_proven: known.account.proven_at.is_some(),
        problem,
        done,
        min_length: password::min_length(visit.enrolled()),
        max_length: password::MAX_LENGTH,
    };
    Reply::page_with(status, &page)
}

#[post("/account/password", data = "<form>")]
async fn set(visit: Visit<'_>, form: Fields) -> Answer {
    let known = visit.require()?;
    form.only(&["new_password"])?;
    let typed = form.required("new_password")?;
    if !visit.settings.password_enabled || known.account.proven_at.is_none() {
        return Err(Failure::Forbidden);
    }
    if !visit.is_fresh() {
        // Not held: a password waits nowhere.
        return Ok(step_up::go(PATH));
    }
    let enrolled = visit.enrolled();
    let password = match hashing::choose(&visit, typed, enrolled, &known.account.email).await? {
        Ok(password) => password,
        Err(problem) => {
            let problem = unfit(problem, password::min_length(enrolled));
            return page(&visit, Status::UnprocessableEntity, Some(problem), None).await;
        }
    };
    let hash = hashing::hash(&visit, password.clone()).await?;
    let (account, keep, start) = (known.account.clone(), known.session.id, visit.services.settings.start());
    let (entropy, now) = (Arc::clone(&visit.services.entropy), visit.now);
    let entry = visit.audit(Action::PasswordSet, account.email.as_str());
    let done = visit
        .write_and_ring(move |connection| {
            let Some(account) = still(connection, &account, keep)? else { return Ok(Done::Over) };
            let settings = db::settings::load(connection, &start)?;
            // The second factor beside which it would be long enough may be gone by now.
            let enrolled = db::enrolled::of(connection, account.id)?.under(&settings);
            if !settings.password_enabled || !password.suffices(enrolled) {
                return Ok(Done::Over);
            }
            if let Decision::Limited { until } = hashing::count_a_new_password(connection, account.id, now)? {
                return Ok(Done::TooOften(until.since(now)));
            }
            people::set_password(connection, &*entropy, &account, enrolled, &hash, keep, now)?;
            db::audit::insert(connection, &entry)?;
            Ok(Done::Set)
        })
        .await?;
    match done {
        Done::Set => Ok(Reply::see_other("/account?done=password")),
        Done::TooOften(wait) => Err(Failure::TooMany(wait)),
        Done::Over => {
            visit.forget_session();
            Ok(Reply::see_other("/login?return_to=%2Faccount%2Fpassword"))
        }
    }
}

enum Done {
    Set,
    TooOften(Lifetime),
    /// The session, or what it was good for, ended while the password was being hashed.
    Over,
}

#[post("/account/password/remove", data = "<_form>")]
async fn remove(visit: Visit<'_>, _form: NoFields) -> Answer {
    let known = visit.require()?;
    if !visit.is_fresh() {
        return Ok(step_up::hold_button(PATH));
    }
    let (account, keep, start) = (known.account.clone(), known.session.id, visit.services.settings.start());
    let (entropy, now) = (Arc::clone(&visit.services.entropy), visit.now);
    let entry = visit.audit(Action::PasswordRemoved, account.email.as_str());
    let change = visit
        .write_and_ring(move |connection| {
            let Some(account) = still(connection, &account, keep)? else { return Ok(Change::Unchanged) };
            let change = people::remove_password(connection, &*entropy, &start, &account, keep, now)?;
            if change == Change::Done {
                db::audit::insert(connection, &entry)?;
            }
            Ok(change)
        })
        .await?;
    if matches!(change, Change::LastAdmin | Change::LastWayIn) {
        return page(&visit, Status::Conflict, Some(LAST_WAY_IN.to_owned()), None).await;
    }
    Ok(Reply::see_other("/account?done=no-password"))
}

pub fn routes() -> Vec<Route> {
    routes![show, set, remove]
}
