//! `/step-up/passkey`: a passkey before a sensitive change.

use super::{Unproven, answering, begin_as, ceremony::prove};
use crate::{
    db::{Stop, Tx},
    domain::{
        Method, ReturnTo, Shown, Token,
        audit::Action,
        passkey::{Occasion, Passkey},
    },
    passkeys::{CeremonyKey, CeremonyRefusal},
    signin::{complete, step_up},
    web::{Answer, Json, Me, Need, Reply, Visit, json},
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
            return Err(Unproven::from(CeremonyRefusal::Unknown).into());
        }
        let key = CeremonyKey { browser, occasion: Occasion::StepUp(me.session.id) };
        Ok(passkeys.begin_proof(tx, key, me.account.id)?)
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
        return Ok(Unproven::from(CeremonyRefusal::NoCeremony).reply(visit, OVER));
    };
    let services = Arc::clone(visit.services);
    let step_up = visit.as_account(Need::enrolling(), move |tx, me| {
        let key = CeremonyKey { browser: &browser, occasion: Occasion::StepUp(me.session.id) };
        Stop::commit(prove(tx, &services, key, &credential).and_then(|passkey| freshen(tx, me, &passkey)))
    });
    Ok(match step_up.await? {
        Ok(secret) => {
            visit.go_on_with(&secret);
            step_up::done_here(visit, &then)?
        }
        Err(unproven) => unproven.reply_to_owner(visit, OVER),
    })
}

/// Freshens the session by a passkey of the signed-in user.
fn freshen(tx: &mut Tx<'_>, me: &Me, passkey: &Passkey) -> Result<Token, Stop<Unproven>> {
    let shown = Shown::factor(Method::Passkey, passkey.added_at);
    let secret = complete::freshen(tx, &me.session, shown)?.ok_or(Unproven::Over)?;
    let line = tx.line(Action::SteppedUp, me.account.email.as_str());
    tx.log(&line.to(Method::Passkey.into_str()))?;
    Ok(secret)
}

pub(super) fn routes() -> Vec<Route> {
    routes![options, confirm]
}
