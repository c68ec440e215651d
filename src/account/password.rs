//! `/account/password`: setting, changing and removing one's password. Everything here needs a fresh proof before the form is shown, so that no
//! typed password ever waits anywhere.

use crate::{
    db,
    domain::{audit::Action, password},
    people::{self, Change},
    web::{
        Answer, Failure, Fields, Layout, Need, NoFields, Reply, Visit, hashing,
        step_up::{self, Stale},
        words::{LAST_WAY_IN, unfit},
    },
};
use askama::Template;
use rocket::{Route, get, http::Status, post, routes};

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
    // Not held: a password waits nowhere.
    let stale = Stale::page(PATH);
    visit.require_fresh(&stale)?;
    let enrolled = visit.enrolled();
    let password = match hashing::choose(&visit, typed, enrolled, &known.account.email).await? {
        Ok(password) => password,
        Err(problem) => {
            let problem = unfit(problem, password::min_length(enrolled));
            return page(&visit, Status::UnprocessableEntity, Some(problem), None).await;
        }
    };
    hashing::take_a_new_password(&visit, Need::signed_in().fresh(stale.clone())).await?;
    let hash = hashing::hash(&visit, password.clone()).await?;
    let set = visit.as_account(Need::signed_in().fresh(stale), move |tx, me| {
        // The second factor beside which it would be long enough may have been removed since.
        if !tx.settings()?.password_enabled || !password.suffices(me.enrolled) {
            return Ok(Done::Over);
        }
        let (account, keep) = (&me.account, me.session.id);
        people::set_password(tx.connection, tx.entropy, account, me.enrolled, &hash, keep, tx.now)?;
        hashing::forgive(tx.connection, &account.email)?;
        tx.log(&tx.line(Action::PasswordSet, account.email.as_str()))?;
        Ok(Done::Set)
    });
    match set.await? {
        Done::Set => Ok(Reply::see_other("/account?done=password")),
        Done::Over => Ok(Reply::see_other("/login?return_to=%2Faccount%2Fpassword")),
    }
}

enum Done {
    Set,
    /// Passwords were turned off, or a factor removed, while this one was being hashed.
    Over,
}

#[post("/account/password/remove", data = "<_form>")]
async fn remove(visit: Visit<'_>, _form: NoFields) -> Answer {
    let remove = visit.as_account(Need::signed_in().fresh(Stale::button(PATH)), |tx, me| {
        let (account, keep) = (&me.account, me.session.id);
        let change = people::remove_password(tx.connection, tx.entropy, tx.start, account, keep, tx.now)?;
        if change == Change::Done {
            tx.log(&tx.line(Action::PasswordRemoved, account.email.as_str()))?;
        }
        Ok(change)
    });
    if matches!(remove.await?, Change::LastAdmin | Change::LastWayIn) {
        return page(&visit, Status::Conflict, Some(LAST_WAY_IN.to_owned()), None).await;
    }
    Ok(Reply::see_other("/account?done=no-password"))
}

pub fn routes() -> Vec<Route> {
    routes![show, set, remove]
}
