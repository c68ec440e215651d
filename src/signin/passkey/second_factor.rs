//! `/login/second-factor/passkey`: a passkey as second factor, in the browser whose sign-in waits
//! for it.

use super::{Unproven, answering, begin, ceremony::prove};
use crate::{
    db,
    domain::{Method, Shown, audit::Action, passkey::Occasion},
    passkeys::Refusal,
    signin::{
        complete::{self, Completion, Here},
        second_factor::waiting,
        welcome::welcome,
    },
    web::{Answer, Json, Reply, Visit, acting::Stranger, cookies::Name, json},
};
use rocket::{Route, post, routes};
use std::sync::Arc;

const OVER: &str = "/login";

#[post("/login/second-factor/passkey/options", data = "<body>")]
async fn options(visit: Visit<'_>, body: Result<Json, Reply>) -> Answer {
    json::answer(body, |body| ask(&visit, body)).await
}

async fn ask(visit: &Visit<'_>, body: Json) -> Answer {
    body.only(&[])?;
    let Some((pending, account, _)) = waiting(visit).await? else { return Ok(Unproven::Over.reply(visit, OVER)) };
    let (id, occasion) = (account.id, Occasion::SecondFactor(pending.id));
    begin(visit, Some(account), OVER, move |tx, passkeys, browser| {
        if !db::enrolled::of(tx.connection, id)?.passkey {
            return Ok(Err(Refusal::Unknown.into()));
        }
        passkeys.begin_proof(tx.connection, browser, occasion, id, tx.now).map(Ok)
    })
    .await
}

#[post("/login/second-factor/passkey", data = "<body>")]
async fn confirm(visit: Visit<'_>, body: Result<Json, Reply>) -> Answer {
    json::answer(body, |body| answer(&visit, body)).await
}

async fn answer(visit: &Visit<'_>, body: Json) -> Answer {
    body.only(&["credential"])?;
    let credential = body.credential()?;
    let Some(browser) = answering(visit, &credential) else {
        return Ok(Unproven::from(Refusal::NoCeremony).reply(visit, OVER));
    };
    let Some((pending, account, _)) = waiting(visit).await? else {
        visit.cookies.remove(Name::Pending);
        return Ok(Unproven::Over.reply(visit, OVER));
    };
    let (services, here, now) = (Arc::clone(visit.services), Here::of(visit), visit.now);
    let line = visit.audit(Action::PasskeyCounterWentBack, "");
    let came = visit
        .as_stranger_of(Stranger::SignsIn, account.email, move |tx| {
            let connection = &mut *tx.connection;
            let settings = db::settings::load(connection, &services.settings.start())?;
            let asked = (&browser, Occasion::SecondFactor(pending.id));
            // Takes the lock of the owner's mailbox, and accepts only the user of the waiting
            // sign-in.
            let shown = match prove(connection, &services, &settings, asked, credential.clone(), &line, now)? {
                Ok(passkey) => Shown::factor(Method::Passkey, passkey.added_at),
                Err(unproven) => return Ok(Err(unproven)),
            };
            let Some(pending) = db::pending_sign_ins::find_by_id(connection, pending.id)? else {
                return Ok(Err(Unproven::Over));
            };
            let entropy = &*services.entropy;
            let completion = complete::complete_second(connection, &settings, entropy, &pending, shown, &here, now)?;
            Ok(completion.ok_or(Unproven::Over))
        })
        .await?;
    Ok(match came {
        Ok(Completion::SignedIn(signed_in)) => {
            welcome(visit, &signed_in);
            Reply::see_other(signed_in.return_to.as_str())
        }
        Ok(Completion::Waits(_) | Completion::Refused(_)) | Err(Unproven::Over) => {
            visit.cookies.remove(Name::Pending);
            Unproven::Over.reply(visit, OVER)
        }
        Err(unproven) => unproven.reply_to_owner(visit, OVER),
    })
}

pub fn routes() -> Vec<Route> {
    routes![options, confirm]
}
