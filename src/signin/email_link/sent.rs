//! "Check your inbox": what the browser that asked looks at while the mail is on its way.
//!
//! The page must not tell whether the address belongs to anybody. So it shows the same for an attempt that is being answered, one
//! that never will be, and one that the owner of the mailbox has finished or cancelled elsewhere; only this browser being signed
//! in moves it on. The countdown is the truth about when another mail can be asked for, whatever stands in the way.

use super::rules;
use crate::{
    attempts::{self, Again},
    db,
    domain::{Attempt, Lifetime, Purpose, ReturnTo, attempt::MAX_WRONG_CODES},
    web::{
        Answer, Failure, Fields, Layout, Need, Note, Reply, Visit,
        acting::Stranger,
        cookies::{Name, OwnAttempt},
        query,
    },
};
use askama::Template;
use rocket::{Route, get, post, routes};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "signin/sent.html")]
struct SentPage<'a> {
    layout: Layout,
    email: &'a str,
    purpose: Purpose,
    /// Which of this browser's attempts the page is about: others may have been started in other tabs since.
    attempt: String,
    /// What was typed, if it is shown again.
    code: &'a str,
    problem: Option<String>,
    /// Too many wrong codes: only another mail helps.
    code_is_dead: bool,
    /// Seconds until another mail can be asked for; zero if now.
    wait: i64,
    /// The same, in words.
    waiting: Lifetime,
    can_ask_again: bool,
    /// Mail is not sent but shown, to whoever tries things out.
    is_dev: bool,
    webmail: Option<(&'static str, &'static str)>,
    lifetime: Lifetime,
    /// Where a step-up begins. Anything else begins with another address.
    start_again: Option<String>,
}

#[derive(Template)]
#[template(path = "signin/nothing_sent.html")]
struct NothingSentPage {
    layout: Layout,
}

/// What is waited for in front of this page. A new address is confirmed in its mail and nowhere else.
const WAITED_FOR: &[Purpose] = &[Purpose::SignIn, Purpose::StepUp, Purpose::ResetPassword];
/// The mail of a reset has a link and no code.
pub const WITH_A_CODE: &[Purpose] = &[Purpose::SignIn, Purpose::StepUp];

/// This browser's own attempt for one of `purposes`, if it is still known: the one that the form at hand was about, else the newest.
pub async fn own_attempt(
    visit: &Visit<'_>,
    named: Option<&str>,
    purposes: &'static [Purpose],
) -> Result<Option<(OwnAttempt, Attempt)>, Failure> {
    let mut own = visit.cookies.attempts();
    if own.is_empty() {
        return Ok(None);
    }
    // Only ever one of its own: a name alone opens nothing.
    own.sort_by_key(|own| named != Some(&*own.id.to_string()));
    visit
        .read(move |connection| {
            for own in &own {
                let attempt = db::attempts::find(connection, own.id)?.filter(|attempt| {
                    purposes.contains(&attempt.purpose) && attempt.was_asked_by(Some(&own.verifier.hash()))
                });
                if let Some(attempt) = attempt {
                    return Ok(Some((own.clone(), attempt)));
                }
            }
            Ok(None)
        })
        .await
}

#[get("/login/sent")]
async fn sent(visit: Visit<'_>) -> Answer {
    // The one that a refused code was for, before any newer one of another tab.
    match own_attempt(&visit, visit.typed("attempt"), WAITED_FOR).await? {
        Some((own, attempt)) => match arrived(&visit, &attempt) {
            Some(destination) => Ok(Reply::see_other(destination.as_str())),
            None => page(&visit, &own, &attempt).await,
        },
        None if visit.signed_in().is_some() => Ok(Reply::see_other("/account")),
        None => Reply::page(&NothingSentPage { layout: visit.layout() }),
    }
}

/// Asked every few seconds by the page's script: is this browser there yet?
#[get("/login/state")]
async fn state(visit: Visit<'_>) -> Answer {
    // Most who ask are waiting, and without a session nobody is anywhere yet.
    let attempt = if visit.signed_in().is_some() { own_attempt(&visit, None, WAITED_FOR).await? } else { None };
    let there = match &attempt {
        Some((_, attempt)) => arrived(&visit, attempt).is_some(),
        None => visit.signed_in().is_some(),
    };
    Ok(Reply::json(&serde_json::json!({ "done": there })))
}

/// Where to go on to, once this browser is where the attempt was to bring it.
fn arrived(visit: &Visit<'_>, attempt: &Attempt) -> Option<ReturnTo> {
    let known = visit.signed_in()?;
    let there = match attempt.purpose {
        Purpose::StepUp => attempt.ended.is_some() && attempt.session_id == Some(known.session.id) && visit.is_fresh(),
        // Reading that mail leads to another page, not here.
        Purpose::ResetPassword => return None,
        _ => known.account.email == attempt.email,
    };
    there.then(|| attempt.return_to.clone())
}

async fn page(visit: &Visit<'_>, own: &OwnAttempt, attempt: &Attempt) -> Answer {
    let device = visit.cookies.token(Name::Device).map(|device| device.hash());
    let (settings, now, of) = (Arc::clone(&visit.settings), visit.now, attempt.clone());
    let from =
        visit.read(move |connection| attempts::again_from(connection, &settings, &of, device.as_ref(), now)).await?;
    let start_again = (attempt.purpose == Purpose::StepUp)
        .then(|| format!("/step-up?then={}", query::encode(attempt.return_to.as_str())));
    let waiting = from.map_or(Lifetime::ZERO, |from| from.since(now));
    let page = SentPage {
        layout: visit.layout(),
        email: attempt.email.as_str(),
        purpose: attempt.purpose,
        attempt: own.id.to_string(),
        code: visit.typed("code").unwrap_or_default(),
        problem: visit.problem_of("code"),
        code_is_dead: attempt.wrong_codes >= MAX_WRONG_CODES,
        wait: waiting.as_seconds_up(),
        waiting,
        can_ask_again: from.is_some(),
        is_dev: visit.services.has_dev_mailbox(),
        webmail: webmail(attempt.email.domain()),
        lifetime: visit.settings.link_lifetime,
        start_again,
    };
    visit.page(&page)
}

/// Another email. For an attempt that has ended elsewhere it is the same one transaction, so that asking again looks and takes the same.
#[post("/login/resend", data = "<form>")]
async fn resend(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["attempt"])?;
    let Some((own, attempt)) = own_attempt(&visit, form.get("attempt"), WAITED_FOR).await? else {
        return Ok(Reply::see_other("/login/sent"));
    };
    if rules::is_switched_off(attempt.purpose, &visit.settings) {
        return Ok(Reply::see_other("/login"));
    }
    if attempt.purpose == Purpose::StepUp {
        return resend_step_up(&visit, own, attempt).await;
    }
    let device = visit.cookies.token(Name::Device).map(|device| device.hash());
    let (settings, entropy, now) = (Arc::clone(&visit.settings), Arc::clone(&visit.services.entropy), visit.now);
    let of = attempt.clone();
    let again = visit
        .as_stranger(Stranger::AsksForEmail, move |tx| {
            let connection = &mut *tx.connection;
            attempts::ask_again(connection, &settings, &*entropy, &of, device.as_ref(), now)
        })
        .await?;
    tracing::info!(request = %visit.request_id, attempt = %attempt.id, to = %attempt.email, ?again, "another mail asked for");
    visit.cookies.add_attempt(own);
    say(&visit, again)
}

/// The same for a step-up: only for the session that asked, looked at again in the transaction that asks.
async fn resend_step_up(visit: &Visit<'_>, own: OwnAttempt, of: Attempt) -> Answer {
    let device = visit.cookies.token(Name::Device).map(|device| device.hash());
    let again = visit.as_account(Need::enrolling(), move |tx, me| {
        if of.session_id != Some(me.session.id) {
            return Ok(Again::Enough);
        }
        let settings = tx.settings()?;
        attempts::ask_again(tx.connection, &settings, tx.entropy, &of, device.as_ref(), tx.now)
    });
    let again = again.await?;
    tracing::info!(request = %visit.request_id, ?again, "another email asked for");
    visit.cookies.add_attempt(own);
    say(visit, again)
}

/// Back to the page, with what came of it.
fn say(visit: &Visit<'_>, again: Again) -> Answer {
    match again {
        Again::Wait { until } => visit.refuse(Note::EmailAgainFrom { until: until.as_millis() }),
        Again::Enough => Ok(Reply::see_other("/login/sent")),
        Again::Asked => visit.say("/login/sent", Note::AnotherEmail),
    }
}

/// Back to where the address was typed, which stands there again. It travels sealed in a cookie, never in the page's address.
#[post("/login/other-address", data = "<form>")]
async fn other_address(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["attempt"])?;
    let Some((_, attempt)) = own_attempt(&visit, form.get("attempt"), WAITED_FOR).await? else {
        return Ok(Reply::see_other("/login"));
    };
    let page = match attempt.purpose {
        Purpose::StepUp => return Ok(Reply::see_other("/login/sent")),
        Purpose::ResetPassword => "/password/forgot".to_owned(),
        _ if attempt.return_to.is_home() => "/login".to_owned(),
        _ => format!("/login?return_to={}", query::encode(attempt.return_to.as_str())),
    };
    let mut typed = vec![("email", attempt.email.as_str())];
    typed.extend(attempt.remember.then_some(("remember", "on")));
    visit.say_with(&page, Note::Typed, &typed)
}

/// The way to the inbox for the large providers. Only names and addresses of ours; nothing typed goes into the link.
fn webmail(domain: &str) -> Option<(&'static str, &'static str)> {
    match domain {
        "gmail.com" | "googlemail.com" => Some(("Gmail", "https://mail.google.com/mail/u/0/")),
        "outlook.com" | "hotmail.com" | "live.com" | "msn.com" => Some(("Outlook", "https://outlook.live.com/mail/0/")),
        "yahoo.com" | "ymail.com" => Some(("Yahoo Mail", "https://mail.yahoo.com/")),
        "icloud.com" | "me.com" | "mac.com" => Some(("iCloud Mail", "https://www.icloud.com/mail/")),
        "proton.me" | "protonmail.com" | "pm.me" => Some(("Proton Mail", "https://mail.proton.me/")),
        "fastmail.com" | "fastmail.fm" => Some(("Fastmail", "https://app.fastmail.com/mail/")),
        "gmx.de" | "gmx.net" | "gmx.at" | "gmx.ch" => Some(("GMX", "https://www.gmx.net/mail/")),
        "web.de" => Some(("WEB.DE", "https://web.de/email/")),
        "mail.com" => Some(("mail.com", "https://www.mail.com/mail/")),
        "aol.com" => Some(("AOL Mail", "https://mail.aol.com/")),
        "zoho.com" => Some(("Zoho Mail", "https://mail.zoho.com/")),
        _ => None,
    }
}

pub fn routes() -> Vec<Route> {
    routes![sent, state, resend, other_address]
}
