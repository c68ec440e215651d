//! `POST /login/code`: the user typed the code in the browser that asked for it.
//!
//! The server looks a code up only on this browser's own attempt, never across attempts. A wrong
//! one counts against the attempt, which ends with the fifth, and against the mailbox, over all
//! attempts. The slow hash runs for every address alike, on a few separate threads.

use super::{
    redeem::{Redeemed, Redeemer, reward},
    sent, verify,
};
use crate::{
    db,
    domain::{
        Attempt, Code, Lifetime, Method, Purpose, TokenHash,
        attempt::MAX_WRONG_CODES,
        audit::Action,
        code::{CodeHash, CodeSalt},
        limit::Decision,
        opened_link,
    },
    limits,
    web::{Answer, Failure, Fields, Note, Reply, Visit, acting::Stranger},
};
use rocket::{Route, post, routes};
use std::sync::Arc;

/// Outcome of a code.
enum Checked {
    Redeemed(Redeemed),
    Wrong,
    /// Too many recent wrong codes for this mailbox.
    Pause(Lifetime),
    /// Turned off since.
    Off,
}

#[post("/login/code", data = "<form>")]
async fn code(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["attempt", "code"])?;
    let typed = form.required("code")?;
    let Some((own, attempt)) = sent::own_attempt(&visit, form.get("attempt"), Purpose::has_code).await? else {
        return Ok(Reply::see_other("/login/sent"));
    };
    let Some(code) = Code::read(typed) else {
        return again(&visit, &form, Note::CodeNotWhole, typed).await;
    };
    if let Some(checked) = take_from_client(&visit, &attempt).await? {
        return answer(&visit, &form, &attempt, checked).await;
    }
    let verifier = own.verifier.hash();
    let hash = slow_hash(&visit, code, visit.services.keys.code_salt(&verifier)?).await?;
    let checked = check(&visit, attempt.clone(), verifier, hash).await?;
    answer(&visit, &form, &attempt, checked).await
}

async fn answer(visit: &Visit<'_>, form: &Fields, attempt: &Attempt, checked: Checked) -> Answer {
    let typed = form.get("code").unwrap_or_default();
    if let Checked::Redeemed(redeemed) = &checked
        && let Some(on) = reward(visit, redeemed, &attempt.destination)?
    {
        return Ok(on);
    }
    match checked {
        Checked::Redeemed(Redeemed::Refused(_)) => verify::may_not_sign_in(visit, attempt),
        Checked::Redeemed(_) | Checked::Wrong => {
            visit.services.metrics.wrong_codes.inc();
            visit.trouble.wrong("wrong emailed code", Some(&attempt.email));
            again(visit, form, Note::CodeWrong, typed).await
        }
        Checked::Pause(wait) => {
            // This code was not compared and may be right, so that the cookie must not hold it.
            let until = visit.now.plus(wait).as_millis();
            again(visit, form, Note::CodesPaused { until }, "").await
        }
        Checked::Off => {
            visit.services.settings.forget();
            Ok(Reply::see_other("/login"))
        }
    }
}

/// Leads back to the page, with its attempt and the wrong code.
async fn again(visit: &Visit<'_>, form: &Fields, note: Note, code: &str) -> Answer {
    let attempt = form.get("attempt").unwrap_or_default();
    visit.say_with("/login/sent", note, &[("attempt", attempt), ("code", code)]).await
}

/// Takes from the client's limits before the slow hash. Returns an outcome where no hash is needed:
/// codes for the mailbox pause, or the attempt has none left.
async fn take_from_client(visit: &Visit<'_>, attempt: &Attempt) -> Result<Option<Checked>, Failure> {
    let (client, email, now) = (visit.client, attempt.email.clone(), visit.now);
    let is_dead = attempt.wrong_codes >= MAX_WRONG_CODES;
    let take = visit.as_stranger(Stranger::SignsIn, move |tx| {
        let counted = limits::of_codes(client);
        let wrong = limits::of_wrong_codes(&email);
        Ok((db::limits::take(tx.connection, &counted, tx.now)?, db::limits::peek(tx.connection, &wrong, tx.now)?))
    });
    match take.await? {
        (Decision::Limited { until }, _) => Err(Failure::TooMany(until.since(now))),
        (Decision::Allowed, Decision::Limited { until }) => Ok(Some(Checked::Pause(until.since(now)))),
        (Decision::Allowed, Decision::Allowed) => Ok(is_dead.then_some(Checked::Wrong)),
    }
}

async fn slow_hash(visit: &Visit<'_>, code: Code, salt: CodeSalt) -> Result<CodeHash, Failure> {
    let memory = Arc::clone(&visit.services.hash_memory);
    visit
        .services
        .slow_work
        .run_unless_busy(visit.party(), move || code.hash(&salt, &memory))
        .await
        .map_err(Failure::fault)?
        .ok_or(Failure::Busy)?
        .map_err(|_| Failure::fault("a code could not be hashed"))
}

async fn check(visit: &Visit<'_>, attempt: Attempt, verifier: TokenHash, hash: CodeHash) -> Result<Checked, Failure> {
    let redeemer = Redeemer::new(visit, &attempt, Method::EmailCode);
    visit
        .as_stranger(Stranger::SignsIn, move |tx| {
            // One after the other, so that guesses at the same time all count.
            redeemer.lock(tx, &attempt)?;
            if opened_link::is_switched_off(attempt.purpose, &*tx.settings()?) {
                return Ok(Checked::Off);
            }
            let permit = redeemer.permit(tx, &attempt)?;
            if let Some(refused) = permit.refusal() {
                return Ok(Checked::Redeemed(refused));
            }
            let now = tx.now;
            let wrong = limits::of_wrong_codes(&attempt.email);
            if let Decision::Limited { until } = db::limits::peek(tx.connection, &wrong, now)? {
                return Ok(Checked::Pause(until.since(now)));
            }
            if db::attempts::redeem_code(tx.connection, (attempt.id, &verifier), &hash, now)? {
                return redeemer.redeem(tx, &attempt, &permit).map(Checked::Redeemed);
            }
            // The same wrong code again, as after a reload, teaches the client nothing new.
            if !db::attempts::count_wrong_code(tx.connection, attempt.id, &hash, now)? {
                return Ok(Checked::Wrong);
            }
            db::limits::take(tx.connection, &wrong, now)?;
            if let Decision::Limited { .. } = db::limits::peek(tx.connection, &wrong, now)? {
                // Codes pause now, which deserves a line in the audit log.
                tx.log(&tx.line(Action::CodeGuessedTooOften, attempt.email.as_str()))?;
            }
            Ok(Checked::Wrong)
        })
        .await
}

pub(super) fn routes() -> Vec<Route> {
    routes![code]
}
