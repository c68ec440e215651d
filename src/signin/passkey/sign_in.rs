//! `/login/passkey`: a passkey alone. Its authenticator has verified the user, so that it counts as
//! two factors.

use super::{Unproven, answering, begin, ceremony::prove, keyed_hash};
use crate::{
    db::{self, Error, Stop, Tx},
    domain::{EmailAddress, Method, ReturnTo, Token, TokenHash, passkey::Occasion},
    limits,
    passkeys::{CeremonyKey, CeremonyRefusal, TypedAddress},
    services::Services,
    signin::{
        complete::{self, Completion, Proven, ThisBrowser},
        session_cookies::{ask_second_factor, set_session_cookies},
    },
    web::{Answer, Json, Reply, Visit, acting::Stranger, json},
};
use rocket::{Route, http::Status, post, routes};
use serde_json::Value;
use std::sync::Arc;

#[post("/login/passkey/options", data = "<body>")]
async fn options(visit: Visit<'_>, body: Result<Json, Reply>) -> Answer {
    json::answer(body, |body| ask(&visit, body)).await
}

async fn ask(visit: &Visit<'_>, body: Json) -> Answer {
    body.only(&["email", "return_to", "remember"])?;
    let email = match body.get("email").filter(|typed| !typed.trim().is_empty()).map(EmailAddress::parse).transpose() {
        Ok(email) => email,
        Err(_) => return Ok(json::problem(Status::UnprocessableEntity, "address")),
    };
    let services = Arc::clone(visit.services);
    begin(visit, None, "/login", move |tx, passkeys, browser| {
        let keyed_hash = keyed_hash(&services);
        let typed = email.as_ref().map(|email| TypedAddress { email, keyed_hash: &keyed_hash });
        Ok(passkeys.begin_sign_in(tx, browser, typed)?)
    })
    .await
}

#[post("/login/passkey", data = "<body>")]
async fn sign_in(visit: Visit<'_>, body: Result<Json, Reply>) -> Answer {
    json::answer(body, |body| answer(&visit, body)).await
}

async fn answer(visit: &Visit<'_>, body: Json) -> Answer {
    // The form also sends its address field. The passkey itself says who its owner is.
    body.only(&["credential", "email", "return_to", "remember"])?;
    let credential = body.credential()?;
    let return_to = body.get("return_to").map_or_else(ReturnTo::home, ReturnTo::parse);
    let remember = body.ticked("remember");
    let Some(browser) = answering(visit, &credential) else {
        return Ok(Unproven::from(CeremonyRefusal::NoCeremony).reply(visit, "/login"));
    };
    let services = Arc::clone(visit.services);
    let shows = Shows { browser, credential, remember, return_to, this_browser: ThisBrowser::of(visit) };
    let prove = move |tx: &mut Tx<'_>| Stop::commit(complete(tx, &services, &shows));
    Ok(match visit.as_stranger(Stranger::SignsIn, prove).await? {
        Ok(Completion::SignedIn(signed_in)) => {
            set_session_cookies(visit, &signed_in);
            visit.cookies.set_passkey_used();
            visit.lead_to(&signed_in.destination)?
        }
        Ok(Completion::Waits(waiting)) => ask_second_factor(visit, &waiting),
        Err(unproven) => unproven.reply(visit, "/login"),
    })
}

/// A browser that shows a passkey.
struct Shows {
    browser: TokenHash,
    credential: Value,
    remember: bool,
    return_to: ReturnTo,
    this_browser: ThisBrowser,
}

fn complete(tx: &mut Tx<'_>, services: &Services, shows: &Shows) -> Result<Completion, Stop<Unproven>> {
    let key = CeremonyKey { browser: &shows.browser, occasion: Occasion::SignIn };
    let proved = prove(tx, services, key, &shows.credential);
    if let Err(Stop::Refused(Unproven::Refused(CeremonyRefusal::Copied(passkey)))) = &proved
        && let Some(owner) = db::accounts::find(tx.connection, passkey.account_id)?
    {
        tx.note_from(&owner.email)?;
    }
    let passkey = proved?;
    // A refused account is answered as an unknown passkey.
    let unknown = || Unproven::from(CeremonyRefusal::Unknown);
    let account = db::accounts::find(tx.connection, passkey.account_id)?.ok_or_else(unknown)?;
    let device = shows.this_browser.device.as_ref().map(Token::hash);
    if !db::own_tries::are_of(tx.connection, device.as_ref(), &account.email)? {
        let taken = db::limits::take(tx.connection, &[limits::of_passkey_sign_ins(account.id)], tx.now)?;
        taken.allowed(tx.now).map_err(Error::TooOften)?;
    }
    let proven = Proven {
        method: Method::Passkey,
        email: account.email,
        factor_since: Some(passkey.added_at),
        attempt: None,
        remember: shows.remember,
        destination: shows.return_to.clone().into(),
        this_browser: shows.this_browser.clone(),
    };
    complete::complete(tx, &proven).map_err(|stop| stop.map(|_| unknown()))
}

pub(super) fn routes() -> Vec<Route> {
    routes![options, sign_in]
}
