//! `/step-up/passkey`: showing a passkey again before a sensitive change.

use super::{Unproven, answering, begin, ceremony::prove};
use crate::{
    db,
    domain::{Account, Method, ReturnTo, audit::Action, passkey::Occasion},
    passkeys::Refusal,
    signin::complete,
    web::{Answer, Json, Reply, Visit, json},
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
    let known = visit.require_enrolling()?;
    let (account, session, now) = (known.account.id, known.session.id, visit.now);
    begin(visit, Some(&known.account), OVER, move |connection, passkeys, _, browser| {
        if !db::enrolled::of(connection, account)?.passkey {
            return Ok(Err(Refusal::Unknown.into()));
        }
        passkeys.begin_proof(connection, browser, Occasion::StepUp(session), account, now).map(Ok)
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
    let known = visit.require_enrolling()?;
    let Some(browser) = answering(visit) else { return Ok(Unproven::from(Refusal::NoCeremony).reply(visit, OVER)) };
    let (services, session, now) = (Arc::clone(visit.services), known.session.clone(), visit.now);
    let line = visit.audit(Action::SteppedUp, known.account.email.as_str());
    let came = visit
        .write_and_ring(move |connection| {
            let settings = db::settings::load(connection, &services.settings.start())?;
            let asked = (&browser, Occasion::StepUp(session.id));
            // Takes the lock of the owner's mailbox, and proves nobody but whoever is signed in.
            match prove(connection, &services, &settings, asked, credential.clone(), &line, now)? {
                Ok(_) => {}
                Err(unproven) => return Ok(Err(unproven)),
            }
            // As it is now: an account disabled a moment ago, or a session ended, gets nothing fresh.
            let account = db::accounts::find(connection, session.account_id)?.filter(Account::is_active);
            if account.is_none() {
                return Ok(Err(Unproven::Over));
            }
            let entropy = &*services.entropy;
            let Some(secret) = complete::freshen(connection, entropy, &session, Method::Passkey, now)? else {
                return Ok(Err(Unproven::Over));
            };
            db::audit::insert(connection, &line.clone().to(Method::Passkey.as_str()))?;
            Ok(Ok(secret))
        })
        .await?;
    Ok(match came {
        Ok(secret) => {
            visit.go_on_with(&secret);
            Reply::see_other(then.as_str())
        }
        Err(unproven) => unproven.reply(visit, OVER),
    })
}

pub fn routes() -> Vec<Route> {
    routes![options, confirm]
}
