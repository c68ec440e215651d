//! Pages to which an app leads users: "not for you", and signing out.

use super::user;
use crate::{
    domain::apps::{AppSlug, verdict::User},
    web::{Answer, Failure, Layout, Reply, Visit, not_for_you},
};
use askama::Template;
use rocket::get;

#[derive(Template)]
#[template(path = "forward_auth/welcome.html")]
struct WelcomePage<'a> {
    layout: Layout,
    app: &'a str,
    href: Option<String>,
}

#[derive(Template)]
#[template(path = "forward_auth/sign_out.html")]
struct SignOutPage {
    layout: Layout,
}

/// Says whom to ask, to a user who may not open the app.
#[get("/apps/refused?<app>")]
pub(super) async fn refused(visit: Visit<'_>, app: Option<&str>) -> Answer {
    access(visit, app).await
}

/// The same page under another name, for the email with an answer. A yes must not look like a no.
#[get("/apps/access?<app>")]
pub(super) async fn access(visit: Visit<'_>, app: Option<&str>) -> Answer {
    let slug = app.and_then(|slug| AppSlug::parse(slug).ok()).ok_or(Failure::NotFound)?;
    let known = visit.require()?;
    let directory = visit.services.apps().await?;
    let registered = directory.named(&slug).ok_or(Failure::NotFound)?;
    let app = registered.app.name.as_str();
    if user::judge(&registered.app, known, (&visit.settings, visit.now)).0 != User::Refused {
        // The user has signed in with another account, or an admin has let them in since.
        return visit.page(&WelcomePage { layout: visit.layout(), app, href: registered.launch_href() });
    }
    not_for_you::page(&visit, (known, &registered.app), visit.back(), None).await
}

/// Asks before it signs out: a link of another site leads here, too.
#[get("/apps/sign-out")]
pub(super) fn sign_out(visit: Visit<'_>) -> Answer {
    if visit.signed_in().is_none() {
        return Ok(Reply::see_other("/login"));
    }
    visit.page(&SignOutPage { layout: visit.layout() })
}
