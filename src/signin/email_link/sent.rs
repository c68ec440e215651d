//! "Check your inbox": the page in the browser that asked, while the email is on its way.
//!
//! The page must not reveal whether the address has an account. It looks the same if no email
//! comes, and if the owner finished or cancelled the attempt elsewhere. Only signing in here leads
//! further. The countdown shows when the user can really ask for another email.

use super::again::{self, Again};
use crate::{
    db::{self, Tx},
    domain::{Attempt, Destination, Lifetime, Purpose, attempt::MAX_WRONG_CODES, opened_link},
    web::{
        Answer, Doors, Failure, Fields, Layout, Need, Note, Reply, Visit,
        acting::Stranger,
        cookies::{Name, OwnAttempt},
        query,
    },
};
use askama::Template;
use rocket::{get, post, routes};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "signin/sent.html")]
struct SentPage<'a> {
    layout: Layout,
    email: &'a str,
    purpose: Purpose,
    /// The browser's attempt that the page is about. Other tabs may have started others since.
    attempt: String,
    /// The typed code, if the page shows it again.
    code: &'a str,
    problem: Option<String>,
    /// Too many wrong codes: only another email helps.
    code_is_dead: bool,
    /// Seconds until the user can ask for another email; zero if now.
    wait: i64,
    /// The same, in words.
    waiting: Lifetime,
    can_ask_again: bool,
    /// Emails are shown in a development mailbox instead of sent.
    is_dev: bool,
    webmail: Option<(&'static str, &'static str)>,
    lifetime: Lifetime,
    /// Address at which a step-up begins. Other purposes begin with another address.
    start_again: Option<String>,
}

#[derive(Template)]
#[template(path = "signin/nothing_sent.html")]
struct NothingSentPage {
    layout: Layout,
}

/// Returns this browser's own attempt with a purpose that `counts`: the one that the form was
/// about, else the newest.
pub(super) async fn own_attempt(
    visit: &Visit<'_>,
    named: Option<&str>,
    counts: fn(Purpose) -> bool,
) -> Result<Option<(OwnAttempt, Attempt)>, Failure> {
    let mut own = visit.cookies.attempts();
    if own.is_empty() {
        return Ok(None);
    }
    // Only among the browser's own: a name alone opens nothing.
    own.sort_by_key(|own| named != Some(&*own.id.to_string()));
    visit
        .read(move |connection| {
            for own in &own {
                let attempt = db::attempts::find(connection, own.id)?
                    .filter(|attempt| counts(attempt.purpose) && attempt.was_asked_by(Some(&own.verifier.hash())));
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
    // Prefer the attempt of a refused code to a newer one from another tab.
    match own_attempt(&visit, visit.typed("attempt"), Purpose::is_waited_for).await? {
        Some((own, attempt)) => match arrived(&visit, &attempt) {
            Some(destination) => visit.lead_to(&destination),
            None => page(&visit, &own, &attempt).await,
        },
        None if visit.signed_in().is_some() => Ok(Reply::see_other("/account")),
        None => Reply::page(&NothingSentPage { layout: visit.layout() }),
    }
}

/// Tells the page's script, every few seconds, whether this browser is signed in yet.
#[get("/login/state")]
async fn state(visit: Visit<'_>) -> Answer {
    // Most who ask still wait. Without a session there is nothing to look up.
    let attempt =
        if visit.signed_in().is_some() { own_attempt(&visit, None, Purpose::is_waited_for).await? } else { None };
    let there = match &attempt {
        Some((_, attempt)) => arrived(&visit, attempt).is_some(),
        None => visit.signed_in().is_some(),
    };
    Ok(Reply::json(&serde_json::json!({ "done": there })))
}

/// Returns where this browser goes once the attempt has brought it there.
fn arrived(visit: &Visit<'_>, attempt: &Attempt) -> Option<Destination> {
    let known = visit.signed_in()?;
    let there = match attempt.purpose {
        Purpose::StepUp => attempt.ended.is_some() && attempt.session_id == Some(known.session.id) && visit.is_fresh(),
        // Reading that email leads to another page, not here.
        Purpose::ResetPassword => return None,
        Purpose::SignIn | Purpose::ConfirmAddress | Purpose::ConsoleLink | Purpose::SetUp => {
            known.account.email == attempt.email
        }
    };
    there.then(|| attempt.destination.clone())
}

async fn page(visit: &Visit<'_>, own: &OwnAttempt, attempt: &Attempt) -> Answer {
    let device = visit.cookies.token(Name::Device).map(|device| device.hash());
    let (settings, of) = (Arc::clone(&visit.settings), attempt.clone());
    let from = visit.look(move |tx| again::allowed_from(tx, &settings, &of, device.as_ref())).await?;
    let (purpose, then) = (attempt.purpose, attempt.destination.page());
    let start_again = purpose.freshens_a_session().then(|| format!("/step-up?then={}", query::encode(then.as_str())));
    let waiting = from.map_or(Lifetime::ZERO, |from| from.since(visit.now));
    let page = SentPage {
        layout: visit.layout(),
        email: attempt.email.as_str(),
        purpose,
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

/// Sends another email. For an attempt that ended elsewhere it runs the same transaction, so that
/// answer and time stay the same.
#[post("/login/resend", data = "<form>")]
async fn resend(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["attempt"])?;
    let Some((own, attempt)) = own_attempt(&visit, form.get("attempt"), Purpose::is_waited_for).await? else {
        return Ok(Reply::see_other("/login/sent"));
    };
    if opened_link::is_switched_off(attempt.purpose, &visit.settings) {
        return Ok(Reply::see_other("/login"));
    }
    if attempt.purpose.freshens_a_session() {
        return resend_step_up(&visit, own, attempt).await;
    }
    let device = visit.cookies.token(Name::Device).map(|device| device.hash());
    // From memory, like the first email of an attempt: see `start_attempt`.
    let (settings, of) = (Arc::clone(&visit.settings), attempt.clone());
    let ask = move |tx: &mut Tx<'_>| again::ask(tx, &settings, &of, device.as_ref());
    let again = visit.as_stranger(Stranger::AsksForEmail, ask).await?;
    tracing::info!(request = %visit.request_id, attempt = %attempt.id, to = %attempt.email, ?again, "another email asked for");
    visit.cookies.add_attempt(own);
    say(&visit, again).await
}

/// Does the same for a step-up, only for the session that asked. The transaction reads that session
/// again.
async fn resend_step_up(visit: &Visit<'_>, own: OwnAttempt, of: Attempt) -> Answer {
    let device = visit.cookies.token(Name::Device).map(|device| device.hash());
    let again = visit.as_account(Need::enrolling(), move |tx, me| {
        if of.session_id != Some(me.session.id) {
            return Ok(Again::Enough);
        }
        let settings = tx.settings()?;
        again::ask(tx, &settings, &of, device.as_ref())
    });
    let again = again.await?;
    tracing::info!(request = %visit.request_id, ?again, "another email asked for");
    visit.cookies.add_attempt(own);
    say(visit, again).await
}

/// Leads back to the page, with the outcome.
async fn say(visit: &Visit<'_>, again: Again) -> Answer {
    match again {
        Again::Wait { until } => visit.refuse(Note::EmailAgainFrom { until: until.as_millis() }).await,
        Again::Enough => Ok(Reply::see_other("/login/sent")),
        Again::Asked => visit.say("/login/sent", Note::AnotherEmail),
    }
}

/// Leads back to the page for the address and fills it in. The address travels in a sealed cookie,
/// never in the page's own address.
#[post("/login/other-address", data = "<form>")]
async fn other_address(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["attempt"])?;
    let Some((_, attempt)) = own_attempt(&visit, form.get("attempt"), Purpose::is_waited_for).await? else {
        return Ok(Reply::see_other("/login"));
    };
    let page = match attempt.purpose {
        Purpose::StepUp => return Ok(Reply::see_other("/login/sent")),
        Purpose::ResetPassword => "/password/forgot".to_owned(),
        Purpose::SignIn | Purpose::ConfirmAddress | Purpose::ConsoleLink | Purpose::SetUp => {
            let return_to = attempt.destination.page();
            if return_to.is_home() {
                "/login".to_owned()
            } else {
                format!("/login?return_to={}", query::encode(return_to.as_str()))
            }
        }
    };
    let mut typed = vec![("email", attempt.email.as_str())];
    typed.extend(attempt.remember.then_some(("remember", "on")));
    visit.say_with(&page, Note::Typed, &typed).await
}

/// Returns the way to the inbox for large providers. Names and addresses are ours, so that no typed
/// text gets into the link.
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

pub(super) fn doors() -> Doors {
    Doors::pages(routes![sent, resend, other_address]).and(Doors::scripts(routes![state]))
}
