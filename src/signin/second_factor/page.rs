//! `/login/second-factor`: the first proof is in, the second is missing. There is no session yet,
//! so that no other page opens.

use super::{BadCode, Given, Typed, check, prepare};
use crate::{
    db::{self, DbConnection, Error, Stop, Tx},
    domain::{
        Account, Enrolled, Pending, PendingId, Timestamp, Token, TokenHash, TrustedDeviceId,
        audit::{Action, Actor},
        trusted_device::TrustedDevice,
    },
    people,
    signin::{
        complete::{self, Completion, SignInRefusal, ThisBrowser},
        factors::FactorForms,
        session_cookies::set_session_cookies,
    },
    web::{Answer, Failure, Fields, Layout, Note, Reply, Visit, acting::Stranger, cookies::Name},
};
use askama::Template;
use rocket::{Route, get, post, routes};

#[derive(Template)]
#[template(path = "signin/second_factor.html")]
struct SecondFactorPage<'a> {
    layout: Layout,
    email: &'a str,
    factors: FactorForms<'a>,
    /// True if the user has shown two things already, as only the way to a recovery asks.
    has_shown_two: bool,
}

/// Returns the sign-in that waits in this browser, and its account.
pub async fn waiting(visit: &Visit<'_>) -> Result<Option<(Pending, Account, Enrolled)>, Failure> {
    let Some(secret) = visit.cookies.token(Name::Pending) else { return Ok(None) };
    let (hash, now) = (secret.hash(), visit.now);
    let found = visit.read(move |connection| find(connection, &hash, now)).await?;
    Ok(found
        .map(|(pending, account, enrolled)| (pending, account, enrolled.under(&visit.settings)))
        // If the factor or the first method was turned off since, the user signs in anew.
        .filter(|(pending, _, enrolled)| enrolled.has_second_factor() && pending.counts_under(&visit.settings)))
}

fn find(
    connection: &mut DbConnection,
    secret: &TokenHash,
    now: Timestamp,
) -> Result<Option<(Pending, Account, Enrolled)>, Error> {
    let pending = db::pending_sign_ins::find(connection, secret)?.filter(|pending| pending.is_alive(now));
    let Some(pending) = pending else { return Ok(None) };
    let account = db::accounts::find(connection, pending.account_id)?.filter(|account| account.is_usable(now));
    let Some(account) = account else { return Ok(None) };
    let enrolled = db::enrolled::of(connection, account.id)?;
    Ok(Some((pending, account, enrolled)))
}

fn page(visit: &Visit<'_>, (pending, account): (&Pending, &Account), enrolled: Enrolled) -> Answer {
    let shows = |mailbox: bool| pending.proofs.iter().any(|proof| proof.method.proves_mailbox() == mailbox);
    let page = SecondFactorPage {
        layout: visit.plain_layout(),
        email: account.email.as_str(),
        factors: FactorForms::at_sign_in(visit, enrolled),
        has_shown_two: shows(true) && shows(false),
    };
    visit.page(&page)
}

#[get("/login/second-factor")]
async fn show(visit: Visit<'_>) -> Answer {
    // The user has found the phone, or begins anew.
    visit.cookies.forget_lost();
    match waiting(&visit).await? {
        Some((pending, account, enrolled)) => page(&visit, (&pending, &account), enrolled),
        None => Ok(Reply::see_other(if visit.signed_in().is_some() { "/account" } else { "/login" })),
    }
}

enum FactorRefusal {
    Code(BadCode),
    /// The sign-in no longer waits.
    Over,
}

#[post("/login/second-factor", data = "<form>")]
async fn answer(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["code", "trust"])?;
    let typed = form.required("code")?;
    let trust = form.ticked("trust") && visit.settings.trusted_devices_enabled;
    let Some((pending, account, _)) = waiting(&visit).await? else {
        visit.cookies.remove(Name::Pending);
        return Ok(Reply::see_other("/login"));
    };
    let Some(typed) = Typed::read(typed) else {
        return visit.refuse(Note::FactorNotWhole).await;
    };
    let was_totp = matches!(typed, Typed::Totp(_));
    let given = prepare(&visit, &account, typed).await?;
    let shows =
        Shows { pending: pending.id, account: account.clone(), given, trust, this_browser: ThisBrowser::of(&visit) };
    let answer = move |tx: &mut Tx<'_>| Stop::commit(complete(tx, &shows));
    match visit.as_stranger_of(Stranger::SignsIn, account.email.clone(), answer).await? {
        Ok((Completion::SignedIn(signed_in), trusted)) => {
            set_session_cookies(&visit, &signed_in);
            if let Some(trusted) = trusted {
                visit.cookies.set_trusted(&trusted);
            }
            visit.lead_to(&signed_in.destination)
        }
        Ok((Completion::Waits(_), _)) | Err(FactorRefusal::Over) => {
            visit.cookies.remove(Name::Pending);
            Ok(Reply::see_other("/login"))
        }
        Err(FactorRefusal::Code(bad)) => {
            visit.services.metrics.wrong_codes.inc();
            visit.trouble.wrong(if was_totp { "wrong app code" } else { "wrong recovery code" }, Some(&account.email));
            visit.refuse(bad.note(was_totp, visit.now)).await
        }
    }
}

/// A browser that shows a code to the sign-in that waits there.
struct Shows {
    pending: PendingId,
    account: Account,
    given: Given,
    /// True if the user asks to be remembered in this browser.
    trust: bool,
    this_browser: ThisBrowser,
}

/// Returns also the secret of the browser, if it is remembered now.
fn complete(tx: &mut Tx<'_>, shows: &Shows) -> Result<(Completion, Option<Token>), Stop<FactorRefusal>> {
    tx.lock(&shows.account.email)?;
    let account = db::accounts::find_unmoved(tx.connection, shows.account.id, &shows.account.email)?;
    let account = account.ok_or(Stop::Refused(FactorRefusal::Over))?;
    let settings = tx.settings()?;
    let found = db::pending_sign_ins::find_by_id(tx.connection, shows.pending)?;
    // Before the code is compared, so that a sign-in that cannot succeed uses no code up.
    let pending = found.filter(|pending| pending.counts_under(&settings)).ok_or(Stop::Refused(FactorRefusal::Over))?;
    let shown = check(tx, &account, &shows.given).map_err(|stop| stop.map(FactorRefusal::Code))?;
    let completion = match complete::complete_second(tx, &pending, shown, &shows.this_browser) {
        // The code must not be used up.
        Err(Stop::Refused(SignInRefusal::Over)) => return Err(Error::unavailable("the sign-in was being ended").into()),
        completed => completed.map_err(|stop| stop.map(|_| FactorRefusal::Over))?,
    };
    let trusted = match &completion {
        Completion::SignedIn(_) if shows.trust && settings.trusted_devices_enabled => Some(remember(tx, shows)?),
        Completion::SignedIn(_) | Completion::Waits(_) => None,
    };
    Ok((completion, trusted))
}

/// Remembers this browser, so that it skips the second factor.
fn remember(tx: &mut Tx<'_>, Shows { account, this_browser, .. }: &Shows) -> Result<Token, Error> {
    let device = TrustedDevice {
        id: TrustedDeviceId::issue(tx.entropy),
        account_id: account.id,
        browser: this_browser.browser.clone(),
        client: Some(this_browser.client),
        trusted_at: tx.now,
        last_used_at: tx.now,
    };
    if let Some(former) = &this_browser.trusted {
        db::trusted_devices::forget(tx.connection, &former.hash())?;
    }
    // Never the secret that the browser sent, because an attacker may have planted it.
    let secret = Token::issue(tx.entropy);
    people::remember_browser(tx, account, &device, &secret.hash())?;
    // The user is signed in now, although the request came before that.
    let line = tx.line_by(Actor::of(account), Action::DeviceTrusted, account.email.as_str());
    tx.log(&line.to(this_browser.browser.as_str()))?;
    Ok(secret)
}

pub(super) fn routes() -> Vec<Route> {
    routes![show, answer]
}
