//! `/login/second-factor/passkey`: a passkey as second factor, in the browser whose sign-in waits
//! for it.

use super::{Unproven, answering, begin, ceremony::prove};
use crate::{
    db::{self, Stop, Tx},
    domain::{Method, PendingId, Shown, TokenHash, passkey::Occasion},
    passkeys::{CeremonyKey, CeremonyRefusal},
    services::Services,
    signin::{
        complete::{self, Completion, ThisBrowser},
        second_factor::waiting,
        session_cookies::set_session_cookies,
    },
    web::{Answer, Json, Reply, Visit, acting::Stranger, cookies::Name, json},
};
use rocket::{Route, post, routes};
use serde_json::Value;
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
            return Err(Unproven::from(CeremonyRefusal::Unknown).into());
        }
        Ok(passkeys.begin_proof(tx, CeremonyKey { browser, occasion }, id)?)
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
        return Ok(Unproven::from(CeremonyRefusal::NoCeremony).reply(visit, OVER));
    };
    let Some((pending, account, _)) = waiting(visit).await? else {
        visit.cookies.remove(Name::Pending);
        return Ok(Unproven::Over.reply(visit, OVER));
    };
    let (services, this_browser) = (Arc::clone(visit.services), ThisBrowser::of(visit));
    let prove = move |tx: &mut Tx<'_>| {
        Stop::commit(complete(
            tx,
            &services,
            &Shows { browser, pending: pending.id, credential: &credential, this_browser: &this_browser },
        ))
    };
    let proved = visit.as_stranger_of(Stranger::SignsIn, account.email, prove).await?;
    Ok(match proved {
        Ok(Completion::SignedIn(signed_in)) => {
            set_session_cookies(visit, &signed_in);
            visit.lead_to(&signed_in.destination)?
        }
        Ok(Completion::Waits(_)) | Err(Unproven::Over) => {
            visit.cookies.remove(Name::Pending);
            Unproven::Over.reply(visit, OVER)
        }
        Err(unproven) => unproven.reply_to_owner(visit, OVER),
    })
}

/// A browser that shows a passkey to the sign-in that waits there.
struct Shows<'a> {
    browser: TokenHash,
    pending: PendingId,
    credential: &'a Value,
    this_browser: &'a ThisBrowser,
}

fn complete(tx: &mut Tx<'_>, services: &Services, shows: &Shows<'_>) -> Result<Completion, Stop<Unproven>> {
    let key = CeremonyKey { browser: &shows.browser, occasion: Occasion::SecondFactor(shows.pending) };
    // Takes the lock of the owner's mailbox, and accepts only the user of the waiting sign-in.
    let passkey = prove(tx, services, key, shows.credential)?;
    let pending = db::pending_sign_ins::find_by_id(tx.connection, shows.pending)?.ok_or(Unproven::Over)?;
    let shown = Shown::factor(Method::Passkey, passkey.added_at);
    complete::complete_second(tx, &pending, shown, shows.this_browser).map_err(|stop| stop.map(|_| Unproven::Over))
}

pub(super) fn routes() -> Vec<Route> {
    routes![options, confirm]
}
