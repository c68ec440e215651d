//! "Not for you": an app's user may not open it. The page says whom to ask. Proxies and OpenID
//! Connect lead here alike.

use crate::{
    db,
    domain::{
        Timestamp,
        apps::{
            App,
            asking::{MayAsk, PAUSE_AFTER_NO, may_ask},
        },
    },
    live::CurrentUser,
    web::{Answer, Failure, Layout, Reply, Visit},
};
use askama::Template;
use rocket::http::Status;

#[derive(Template)]
#[template(path = "not_for_you.html")]
struct NotForYouPage<'a> {
    layout: Layout,
    app: &'a str,
    slug: &'a str,
    email: &'a str,
    /// Leads here again, for a user who signs in with another account.
    again: String,
    /// Leads back to the app, which learns of the refusal.
    back: Option<&'a str>,
    /// Fields that a form brings there, if the app wants one.
    fields: &'a [(String, String)],
    is_guest: bool,
    is_disabled: bool,
    state: MayAsk,
    /// Time from which the user can ask again after a "no".
    again_from: Timestamp,
}

/// Address that leads back to the app, and the fields that a form brings there.
type Back<'a> = (&'a str, &'a [(String, String)]);

/// Shows the page to a user who may not open an app. `again` leads here again, for another user.
/// `back` leads back to the app.
pub async fn page(
    visit: &Visit<'_>,
    (known, app): (&CurrentUser, &App),
    again: String,
    back: Option<Back<'_>>,
) -> Answer {
    let account = known.account.id;
    let asks = match visit.read(move |connection| db::app_asks::of_account(connection, account)).await {
        Ok(asks) => asks,
        // The page refuses the same without it.
        Err(Failure::Unavailable(_) | Failure::Busy) => Vec::new(),
        Err(failure) => return Err(failure),
    };
    let state = may_ask(&asks, app.id, visit.now);
    let again_from = if let MayAsk::Refused { at } = state { at.plus(PAUSE_AFTER_NO) } else { visit.now };
    let page = NotForYouPage {
        layout: visit.layout(),
        app: app.name.as_str(),
        slug: app.slug.as_str(),
        email: known.account.email.as_str(),
        again,
        back: back.map(|(href, _)| href),
        fields: back.map_or(&[][..], |(_, fields)| fields),
        is_guest: known.account.is_guest(),
        is_disabled: app.is_disabled,
        state,
        again_from,
    };
    // The form that asks leads here, and was accepted.
    let status = if matches!(state, MayAsk::Waits { .. }) { Status::Ok } else { Status::Forbidden };
    Reply::page_with(status, &page)
}
