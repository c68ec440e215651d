//! The sign-in page: an address first, then the other ways that this installation offers. It never
//! shows what one account has.

use crate::{
    db,
    domain::{EmailAddress, Lifetime, ReturnTo, audit::Action, email_address, settings::JoinPolicy},
    web::{
        Answer, Failure, Fields, Layout, Need, Note, Reply, SessionCheck, Visit, cookies::Name, heading_for,
        preview::Preview, query,
    },
};
use askama::Template;
use rocket::{Route, get, post, routes};

#[derive(Template)]
#[template(path = "signin/login.html")]
struct LoginPage<'a> {
    layout: Layout,
    /// Typed text, if it is shown again; else the address that this browser keeps.
    email: &'a str,
    problem: Option<String>,
    return_to: &'a str,
    remember: bool,
    email_link_enabled: bool,
    password_enabled: bool,
    passkey_enabled: bool,
    /// A passkey has signed in here before.
    passkey_first: bool,
    /// This browser keeps something that a button makes it forget.
    is_known_here: bool,
    /// The way back, encoded for a query.
    return_to_encoded: String,
    max_length: usize,
    /// Time for which "keep me signed in" lasts.
    keep_for: Lifetime,
    /// Said for every address alike.
    is_by_invitation: bool,
    /// The app that waits for the sign-in.
    app: Option<String>,
    /// False in a preview, whose frame may take no focus. Chromium's console would complain.
    takes_focus: bool,
}

/// Shows the page as it would look under the settings of a form that is not saved yet.
#[get("/admin/settings/preview/sign-in")]
async fn preview(visit: Visit<'_>) -> Answer {
    visit.require_admin()?;
    let preview = Preview::of(&visit).await;
    let settings = &preview.settings;
    let page = LoginPage {
        layout: preview.layout(&visit),
        email: "",
        problem: None,
        return_to: "",
        remember: false,
        email_link_enabled: settings.email_link_enabled,
        password_enabled: settings.password_enabled,
        passkey_enabled: settings.passkey_enabled,
        passkey_first: false,
        is_known_here: false,
        return_to_encoded: String::new(),
        max_length: email_address::MAX_LENGTH,
        keep_for: settings.session_idle_lifetime,
        is_by_invitation: settings.join_policy == JoinPolicy::Invited,
        app: None,
        takes_focus: false,
    };
    Ok(preview.answer(&page.render().map_err(Failure::fault)?))
}

/// Returns the page, empty or with what was typed.
async fn page(visit: &Visit<'_>, return_to: &ReturnTo, named: Option<EmailAddress>) -> Answer {
    let kept = visit.cookies.address();
    let passkey_first = visit.settings.passkey_enabled && visit.cookies.has_used_passkey();
    let page = LoginPage {
        layout: visit.layout(),
        email: visit.typed("email").or(named.as_ref().or(kept.as_ref()).map(EmailAddress::as_str)).unwrap_or_default(),
        problem: visit.problem_of("email"),
        return_to: if return_to.is_home() { "" } else { return_to.as_str() },
        remember: visit.typed("remember").is_some() || kept.is_some() && visit.typed("email").is_none(),
        email_link_enabled: visit.settings.email_link_enabled,
        password_enabled: visit.settings.password_enabled,
        passkey_enabled: visit.settings.passkey_enabled,
        passkey_first,
        is_known_here: passkey_first || kept.is_some(),
        return_to_encoded: query::encode(return_to.as_str()),
        max_length: email_address::MAX_LENGTH,
        keep_for: visit.settings.session_idle_lifetime,
        is_by_invitation: visit.settings.join_policy == JoinPolicy::Invited,
        app: heading_for::app(visit, return_to).await,
        takes_focus: true,
    };
    visit.page(&page)
}

#[get("/")]
pub(super) fn home(check: SessionCheck<'_>) -> Reply {
    Reply::see_other(if check.stage().is_some() { "/account" } else { "/login" })
}

/// The address may come from a link that an admin copied. It only fills the field in.
#[get("/login?<return_to>&<email>")]
async fn login(visit: Visit<'_>, return_to: Option<&str>, email: Option<&str>) -> Answer {
    let return_to = return_to.map_or_else(ReturnTo::home, ReturnTo::parse);
    if visit.signed_in().is_some() && visit.said().is_none() {
        return Ok(Reply::see_other(return_to.as_str()));
    }
    page(&visit, &return_to, email.and_then(|email| EmailAddress::parse(email).ok())).await
}

/// Makes this browser forget the address and that a passkey was used.
#[post("/login/forget", data = "<form>")]
fn forget(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["return_to"])?;
    let return_to = form.get("return_to").map_or_else(ReturnTo::home, ReturnTo::parse);
    visit.cookies.remove(Name::Address);
    visit.cookies.remove(Name::PasskeyUsed);
    Ok(Reply::see_other(sign_in_address(&return_to)))
}

/// Returns the address of the sign-in page with a way back.
fn sign_in_address(return_to: &ReturnTo) -> String {
    if return_to.is_home() {
        return "/login".to_owned();
    }
    format!("/login?return_to={}", query::encode(return_to.as_str()))
}

/// Ends this session: deletes the row, and the cookie with all its attributes. A user who wants to
/// sign in with another account comes back to `return_to`.
#[post("/logout", data = "<form>")]
async fn logout(visit: Visit<'_>, form: Fields) -> Result<Reply, Failure> {
    form.only(&["return_to"])?;
    let return_to = form.get("return_to").map_or_else(ReturnTo::home, ReturnTo::parse);
    // Even while the database is unavailable, this browser drops its session.
    visit.drop_session_cookie();
    // Otherwise a page would show the previous user's address to the next one (ASVS 14.3.1).
    visit.cookies.forget_what_was_under_way();
    let sign_out = visit.as_account(Need::enrolling(), |tx, me| {
        db::sessions::delete(tx.connection, me.account.id, me.session.id)?;
        tx.log(&tx.line(Action::SignedOut, me.account.email.as_str()))
    });
    match sign_out.await {
        // No user is signed in here, so that there is nothing to end.
        Ok(()) | Err(Failure::SignInFirst { .. }) => {}
        Err(failure) => return Err(failure),
    }
    // Not "cookies": that would also sign out of every other app on the same registrable domain.
    let told = if return_to.is_for_an_app() {
        // Where the app's request waits, the sign-in becomes the new proof that it may ask for.
        visit.say_behind(return_to.as_str(), ("/login", Note::SignedOut))?
    } else {
        visit.say(&sign_in_address(&return_to), Note::SignedOut)?
    };
    Ok(told.with_header("Clear-Site-Data", "\"cache\", \"storage\""))
}

pub(super) fn routes() -> Vec<Route> {
    routes![login, forget, logout, preview]
}
