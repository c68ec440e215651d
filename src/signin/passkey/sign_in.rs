//! `/login/passkey`: a passkey alone. Its authenticator has verified the user, so that it counts as
//! two factors.

use super::{Unproven, answering, begin, ceremony::prove, keyed_hash};
use crate::{
    db,
    domain::{EmailAddress, Method, ReturnTo, audit::Action, passkey::Occasion},
    passkeys::Refusal,
    signin::{
        complete::{self, Completion, Here, Proven},
        welcome::{let_wait, welcome},
    },
    web::{Answer, Json, Reply, Visit, acting::Stranger, json},
};
use rocket::{Route, http::Status, post, routes};
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
        passkeys.begin_sign_in(tx.connection, browser, email.as_ref(), &keyed_hash(&services), tx.now).map(Ok)
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
        return Ok(Unproven::from(Refusal::NoCeremony).reply(visit, "/login"));
    };
    let (services, here, now) = (Arc::clone(visit.services), Here::of(visit), visit.now);
    let line = visit.audit(Action::PasskeyCounterWentBack, "");
    let came = visit
        .as_stranger(Stranger::SignsIn, move |tx| {
            let connection = &mut *tx.connection;
            let settings = db::settings::load(connection, &services.settings.start())?;
            let asked = (&browser, Occasion::SignIn);
            let passkey = match prove(connection, &services, &settings, asked, credential.clone(), &line, now)? {
                Ok(passkey) => passkey,
                Err(unproven) => {
                    if let Unproven::Refused(Refusal::Copied(passkey)) = &unproven
                        && let Some(owner) = db::accounts::find(connection, passkey.account_id)?
                    {
                        tx.note_from(&owner.email)?;
                    }
                    return Ok(Err(unproven));
                }
            };
            let Some(account) = db::accounts::find(connection, passkey.account_id)? else {
                return Ok(Err(Refusal::Unknown.into()));
            };
            let proven = Proven {
                method: Method::Passkey,
                email: account.email,
                factor_since: Some(passkey.added_at),
                attempt: None,
                remember,
                return_to: return_to.clone(),
                here: here.clone(),
            };
            complete::complete(connection, &settings, &*services.entropy, &proven, now).map(Ok)
        })
        .await?;
    Ok(match came {
        Ok(Completion::SignedIn(signed_in)) => {
            welcome(visit, &signed_in);
            visit.cookies.set_passkey_used();
            Reply::see_other(signed_in.return_to.as_str())
        }
        Ok(Completion::Waits(waiting)) => let_wait(visit, &waiting),
        // Answers as for an unknown passkey.
        Ok(Completion::Refused(_)) => Unproven::from(Refusal::Unknown).reply(visit, "/login"),
        Err(unproven) => unproven.reply(visit, "/login"),
    })
}

pub fn routes() -> Vec<Route> {
    routes![options, sign_in]
}
