//! `/login/password`: address and password.
//!
//! An address without a password gets the same answer as a wrong password, after as much work.
//! Tries count for the mailbox and for the client. They never pause email links.

use crate::{
    db::{self, Stop, Tx},
    domain::{
        Account, AccountId, EmailAddress, Lifetime, Method, Password, PasswordHash, ReturnTo, Settings, Timestamp,
        email_address, password,
    },
    people,
    signin::{
        complete::{self, Completion, Proven, ThisBrowser},
        session_cookies::{ask_second_factor, set_session_cookies},
    },
    web::{
        Answer, Failure, Fields, Layout, Note, Reply, Visit,
        acting::Stranger,
        hashing::{self, Tried},
        heading_for, query,
    },
};
use askama::Template;
use rocket::{Route, get, post, routes};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "signin/password.html")]
struct PasswordPage<'a> {
    layout: Layout,
    email: &'a str,
    email_problem: Option<String>,
    problem: Option<String>,
    return_to: &'a str,
    return_to_encoded: String,
    remember: bool,
    keep_for: Lifetime,
    max_email: usize,
    max_password: usize,
    email_link_enabled: bool,
    /// Too many were wrong, so that a link is the quicker way.
    is_paused: bool,
    /// The app that waits for the sign-in.
    app: Option<String>,
}

async fn page(visit: &Visit<'_>, return_to: &ReturnTo) -> Answer {
    let page = PasswordPage {
        layout: visit.layout(),
        email: visit.typed("email").unwrap_or_default(),
        email_problem: visit.problem_of("email"),
        problem: visit.problem_of("password"),
        return_to: if return_to.is_home() { "" } else { return_to.as_str() },
        return_to_encoded: query::encode(return_to.as_str()),
        remember: visit.typed("remember").is_some(),
        keep_for: visit.settings.session_idle_lifetime,
        max_email: email_address::MAX_LENGTH,
        max_password: password::MAX_LENGTH,
        email_link_enabled: visit.settings.email_link_enabled,
        is_paused: visit.said().is_some_and(|said| matches!(said.note, Note::TooOften { .. } | Note::PasswordPauses)),
        app: heading_for::app(visit, return_to).await,
    };
    visit.page(&page)
}

#[get("/login/password?<return_to>")]
async fn show(visit: Visit<'_>, return_to: Option<&str>) -> Answer {
    let return_to = return_to.map_or_else(ReturnTo::home, ReturnTo::parse);
    if visit.signed_in().is_some() && visit.said().is_none() {
        return Ok(Reply::see_other(return_to.as_str()));
    }
    if !visit.settings.password_enabled {
        return Ok(Reply::see_other("/login"));
    }
    page(&visit, &return_to).await
}

#[post("/login/password", data = "<form>")]
async fn sign_in(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["email", "password", "return_to", "remember"])?;
    let return_to = form.get("return_to").map_or_else(ReturnTo::home, ReturnTo::parse);
    if !visit.settings.password_enabled {
        return Err(Failure::Forbidden);
    }
    let typed = form.required("email")?;
    // The user typed the address on the sign-in page. Nothing is wrong yet.
    let Some(password) = form.get("password") else { return visit.refuse(Note::Typed).await };
    let email = match EmailAddress::parse(typed) {
        Ok(email) => email,
        Err(why) => return visit.refuse(Note::NotAnAddress(why)).await,
    };
    let tried = hashing::take_a_try(&visit, &email).await?;
    let short = password::is_short(password);
    let completion = match Password::present(password) {
        Some(password) => {
            let proven = Proven {
                method: Method::Password,
                email: email.clone(),
                factor_since: None,
                attempt: None,
                remember: form.ticked("remember"),
                destination: return_to.clone().into(),
                this_browser: ThisBrowser::of(&visit),
            };
            check(&visit, proven, password, tried).await?
        }
        None => None,
    };
    match completion {
        Some(Completion::SignedIn(signed_in)) => {
            set_session_cookies(&visit, &signed_in);
            Ok(Reply::see_other(return_to.as_str()))
        }
        Some(Completion::Waits(waiting)) => Ok(ask_second_factor(&visit, &waiting)),
        None => {
            visit.services.metrics.wrong_passwords.inc();
            visit.trouble.wrong("wrong password", Some(&email));
            visit.refuse(Note::WrongPassword { short }).await
        }
    }
}

/// Returns what follows if the password matches the address.
async fn check(
    visit: &Visit<'_>,
    proven: Proven,
    password: Password,
    counts: Tried,
) -> Result<Option<Completion>, Failure> {
    let (wanted, tried, settings) = (proven.email.clone(), password.clone(), Arc::clone(&visit.settings));
    let now = visit.now;
    let found = visit.read(move |connection| find(connection, (&settings, now), &wanted, &tried)).await?;
    let found = found.filter(|_| counts == Tried::Counts);
    let hash = found.as_ref().map(|(_, hash)| hash.clone());
    if !hashing::is_of(visit, password.clone(), hash).await? {
        return Ok(None);
    }
    let Some((account, hash)) = found else { return Ok(None) };
    let (checked, tried) = (hash.clone(), password.clone());
    let sign_in = move |tx: &mut Tx<'_>| Stop::commit(complete(tx, &proven, &tried, &checked));
    let completion = visit.as_stranger(Stranger::SignsIn, sign_in).await?.ok();
    if completion.is_some() && hash.is_outdated() {
        // The password is right. If storing the new hash fails, the next sign-in tries again.
        if let Err(error) = rehash(visit, account.id, password, hash).await {
            tracing::warn!(request = %visit.request_id, ?error, "a password keeps its outdated hash");
        }
    }
    Ok(completion)
}

/// The password or its account no longer signs in.
struct NotNow;

fn complete(
    tx: &mut Tx<'_>,
    proven: &Proven,
    tried: &Password,
    checked: &PasswordHash,
) -> Result<Completion, Stop<NotNow>> {
    tx.lock(&proven.email)?;
    // Finish a due recovery before judging the password. Otherwise one that is long enough only
    // beside a second factor would be the only proof.
    if let Some(account) = db::accounts::find_by_email(tx.connection, &proven.email)? {
        people::finish_recovery(tx, &account)?;
    }
    // Read again, because the password may have changed during hashing, or passwords were turned
    // off.
    let settings = tx.settings()?;
    let still = find(tx.connection, (&settings, tx.now), &proven.email, tried)?;
    if !settings.password_enabled || still.is_none_or(|(_, hash)| hash != *checked) {
        return Err(Stop::Refused(NotNow));
    }
    complete::complete(tx, proven).map_err(|stop| stop.map(|_| NotNow))
}

async fn rehash(visit: &Visit<'_>, account: AccountId, password: Password, old: PasswordHash) -> Result<(), Failure> {
    let new = hashing::hash(visit, password).await?;
    let rehash =
        visit.as_stranger(Stranger::SignsIn, move |tx| db::passwords::rehash(tx.connection, account, &old, &new));
    rehash.await
}

/// Returns the account that may sign in with a password of this length, and the password.
///
/// A password chosen beside a second factor may be too short to stand alone. Once that factor is
/// gone, it gets the same answer as a wrong one, after as much work.
fn find(
    connection: &mut db::DbConnection,
    (settings, now): (&Settings, Timestamp),
    email: &EmailAddress,
    tried: &Password,
) -> Result<Option<(Account, PasswordHash)>, db::Error> {
    let account = db::accounts::find_by_email(connection, email)?.filter(|account| account.is_usable(now));
    let Some(account) = account.filter(|account| account.proven_at.is_some()) else { return Ok(None) };
    if !tried.suffices(db::enrolled::of(connection, account.id)?.under(settings)) {
        return Ok(None);
    }
    Ok(db::passwords::find(connection, account.id)?.map(|(hash, _)| (account, hash)))
}

pub(super) fn routes() -> Vec<Route> {
    routes![show, sign_in]
}
