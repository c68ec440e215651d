//! `/step-up/passkey`: a passkey before a sensitive change.

use super::{Unproven, answering, begin_as, ceremony::prove};
use crate::{
    domain::{Method, ReturnTo, Shown, audit::Action, passkey::Occasion},
    passkeys::Refusal,
    signin::{complete, step_up},
    web::{Answer, Json, Need, Reply, Visit, json},
};
use rocket::{Route, post, routes};
use std::sync::Arc;

const OVER: &str = "/login";

#[post("/step-up/passkey/options", data = "<body>")]
async fn options(visit: Visit<'_>, body: Result<Json, Reply>) -> Answer {
    json::answer(body, |body| ask(&visit, body)).await
}

async fn ask(visit: &Visit<'_>, body: Json) -> Answer {
    body.only(&["then"])?;
    begin_as(visit, Need::enrolling(), OVER, |tx, me, passkeys, browser| {
        if !me.enrolled.passkey {
            return Ok(Err(Refusal::Unknown.into()));
        }
        passkeys.begin_proof(tx.connection, browser, Occasion::StepUp(me.session.id), me.account.id, tx.now).map(Ok)
    })
    .await
}

#[post("/step-up/passkey", data = "<body>")]
async fn confirm(visit: Visit<'_>, body: Result<Json, Reply>) -> Answer {
    json::answer(body, |body| answer(&visit, body)).await
}

async fn answer(visit: &Visit<'_>, body: Json) -> Answer {
    body.only(&["credential", "then"])?;
    let credential = body.credential()?;
    let then = body.get("then").map_or_else(ReturnTo::home, ReturnTo::parse);
    visit.require_enrolling()?;
    let Some(browser) = answering(visit, &credential) else {
        return Ok(Unproven::from(Refusal::NoCeremony).reply(visit, OVER));
    };
    let services = Arc::clone(visit.services);
    let step_up = visit.as_account(Need::enrolling(), move |tx, me| {
        let settings = tx.settings()?;
        let asked = (&browser, Occasion::StepUp(me.session.id));
        let line = tx.line(Action::SteppedUp, me.account.email.as_str());
        // Takes the lock of the owner's mailbox, and accepts only the signed-in user.
        let shown = match prove(tx.connection, &services, &settings, asked, credential.clone(), &line, tx.now)? {
            Ok(passkey) => Shown::factor(Method::Passkey, passkey.added_at),
            Err(unproven) => return Ok(Err(unproven)),
        };
        let Some(secret) = complete::freshen(tx.connection, tx.entropy, &me.session, shown, tx.now)? else {
            return Ok(Err(Unproven::Over));
        };
        tx.log(&line.to(Method::Passkey.as_str()))?;
        Ok(Ok(secret))
    });
    Ok(match step_up.await? {
        Ok(secret) => {
            visit.go_on_with(&secret);
            step_up::done_here(visit, &then)?
        }
        Err(unproven) => unproven.reply_to_owner(visit, OVER),
    })
}

pub fn routes() -> Vec<Route> {
    routes![options, confirm]
}
