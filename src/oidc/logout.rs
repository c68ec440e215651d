//! Signing out from an app (OpenID Connect RP-Initiated Logout 1.0).
//!
//! Nothing ends without this browser's session and a button of ours. Apps also call this address
//! from their servers, and any page could.

use super::{
    authorize::own_token,
    client_auth::EnabledClient,
    ended_apps::{self, TOLD, Told},
    problem::{self, Problem},
};
use crate::{
    db,
    domain::{
        audit::Action,
        oidc::{AppAnswer, ClientId, Params, refusal::Why},
    },
    signing,
    web::{Answer, Arrival, Failure, Fields, Layout, Need, PassedOn, Reply, Visit, resume},
};
use askama::Template;
use rocket::{Route, get, post, routes};

const PATH: &str = "/oidc/logout";

/// Request of an app for a sign-out.
#[derive(Default)]
struct Asked {
    /// The app's name, if it is known.
    app: String,
    /// Address to which the browser goes afterwards.
    back: Option<AppAnswer>,
}

#[derive(Template)]
#[template(path = "oidc/logout.html")]
struct LogoutPage {
    layout: Layout,
    app: String,
    resume: String,
}

#[derive(Template)]
#[template(path = "oidc/logged_out.html")]
struct LoggedOutPage {
    layout: Layout,
    apps: Vec<Told>,
    /// Leads here again while an app has not answered.
    again: String,
}

#[get("/oidc/logout")]
async fn logout(visit: Visit<'_>, arrival: Arrival) -> Answer {
    let params = resume::read(visit.query().unwrap_or_default()).filter(|params| !params.has_double());
    let Some(params) = params else { return problem::page(&visit, Problem::Unreadable, ("", "")) };
    let Some(asked) = read(&visit, &params).await? else {
        return problem::page(&visit, Problem::Unreadable, ("", ""));
    };
    if visit.signed_in().is_some() {
        let resume = resume::fold(&params);
        return visit.page(&LogoutPage { layout: visit.plain_layout(), app: asked.app, resume });
    }
    match &asked.back {
        Some(back) => visit.answer_app(back, arrival),
        None => logged_out(&visit, params.get(TOLD)).await,
    }
}

/// Says that the user is signed out here, and what the apps did.
async fn logged_out(visit: &Visit<'_>, told: Option<&str>) -> Answer {
    let grants = told.map(|sealed| ended_apps::open(visit, sealed)).transpose()?.unwrap_or_default();
    let apps = if grants.is_empty() { Vec::new() } else { ended_apps::outcomes(visit, grants).await? };
    let is_open = apps.iter().any(|app| app.is_waiting());
    let again = told.filter(|_| is_open).map(|told| format!("{PATH}?{TOLD}={told}")).unwrap_or_default();
    visit.page(&LoggedOutPage { layout: visit.plain_layout(), apps, again })
}

/// Reads what an app asks for. `None` if token and client do not belong together. A token that is
/// not ours leads nowhere afterwards.
async fn read(visit: &Visit<'_>, params: &Params) -> Result<Option<Asked>, Failure> {
    let named = params.get("client_id");
    let client = match params.get("id_token_hint") {
        None => named.map(str::to_owned),
        Some(token) => match own_token(visit, token).await? {
            // A key may have been withdrawn since. The name of the app alone is enough, too.
            None if named.is_some() && is_of_another_key(visit, token).await? => named.map(str::to_owned),
            None => return Ok(Some(Asked::default())),
            Some((client, _)) if named.is_some_and(|named| named != client) => return Ok(None),
            Some((client, _)) => Some(client),
        },
    };
    let Some(Ok(client)) = client.map(|client| ClientId::parse(&client)) else { return Ok(Some(Asked::default())) };
    let Some(known) = visit.look(move |tx| EnabledClient::find(tx.connection, &client)).await? else {
        return Ok(Some(Asked::default()));
    };
    let asked = params.get("post_logout_redirect_uri");
    // Compared exactly, ports of this machine included (RP-Initiated Logout, section 2).
    let address = asked.and_then(|asked| known.client.sign_out_uris.iter().find(|uri| uri.as_str() == asked));
    if let (Some(asked), None) = (asked, address) {
        visit.services.refused.note(known.client.app, Why::sign_out_address(asked), visit.now);
    }
    let state = params.get("state").map(|state| ("state", state));
    let back = address.map(|address| address.answer(state.as_slice()));
    Ok(Some(Asked { app: known.app.app.name.as_str().to_owned(), back }))
}

/// Returns whether a token names a key that is not ours now.
async fn is_of_another_key(visit: &Visit<'_>, token: &str) -> Result<bool, Failure> {
    Ok(signing::names_another_than(token, &visit.services.signers().await?.public()))
}

/// Ends this browser's session, and goes where the app asked.
#[post("/oidc/logout/confirm", data = "<form>")]
async fn confirm(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["resume"])?;
    let params = resume::unfold(form.required("resume")?).ok_or(Failure::UnreadableForm)?;
    let Some(asked) = read(&visit, &params).await? else { return Err(Failure::UnreadableForm) };
    visit.drop_session_cookie();
    visit.cookies.forget_what_was_under_way();
    let sign_out = visit.as_account(Need::enrolling(), |tx, me| {
        let apps = db::oidc_grants::of_session(tx.connection, me.session.id)?;
        db::sessions::delete(tx.connection, me.account.id, me.session.id)?;
        tx.log(&tx.line(Action::SignedOut, me.account.email.as_str()))?;
        Ok(apps)
    });
    let apps = match sign_out.await {
        Ok(apps) => apps,
        Err(Failure::SignInFirst { .. }) => Vec::new(),
        Err(failure) => return Err(failure),
    };
    match &asked.back {
        Some(back) => visit.answer_app(back, Arrival::FromOurPage),
        None if apps.is_empty() => Ok(Reply::see_other(PATH)),
        None => Ok(Reply::see_other(format!("{PATH}?{TOLD}={}", ended_apps::seal(&visit, &apps)?))),
    }
}

/// A form of an app's page. It comes without cookies, so that the browser asks again by GET.
#[post("/oidc/logout", data = "<form>")]
fn by_form(form: PassedOn) -> Reply {
    Reply::see_other(format!("{PATH}?{}", Params::of(form.pairs()).query()))
}

pub(super) fn pages() -> Vec<Route> {
    routes![logout, confirm]
}

pub(super) fn apis() -> Vec<Route> {
    routes![by_form]
}
