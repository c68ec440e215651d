//! Moving to another address: asked for here after a step-up, confirmed by a mail to the new address, undone from the old one.
//!
//! Whether the new address has an account of its own is not told: the mail is then simply not sent.

use crate::{
    db,
    domain::{AuditEntry, EmailAddress, Purpose, ReturnTo, Timestamp, audit::Action, email_address},
    people::{self, Undone},
    web::{
        Answer, Fields, Layout, Need, Reply, Visit, asking,
        cookies::Name,
        link::{LinkToken, move_token},
        step_up::{self, Stale},
    },
};
use askama::Template;
use rocket::{Route, get, http::Status, post, routes};
use std::sync::Arc;

const PATH: &str = "/account/address";

#[derive(Template)]
#[template(path = "account/address.html")]
struct AddressPage<'a> {
    layout: Layout,
    email: &'a str,
    new_email: &'a str,
    problem: Option<&'a str>,
    is_held: bool,
    max_length: usize,
}

#[derive(Template)]
#[template(path = "account/undo.html")]
struct UndoPage {
    layout: Layout,
    old_email: String,
    new_email: String,
    changed_at: Timestamp,
    change: String,
    /// The old address has a new account by now, which goes.
    displaces: bool,
}

#[derive(Template)]
#[template(path = "account/undone.html")]
struct UndonePage {
    layout: Layout,
    /// Where the account is again; none if it could not be taken back.
    email: Option<String>,
    password_enabled: bool,
}

#[get("/account/address?<held>")]
async fn address(visit: Visit<'_>, held: Option<&str>) -> Answer {
    visit.require()?;
    let held = step_up::held(&visit, held, PATH).await?;
    let new_email = held.as_ref().and_then(|form| form.field("new_email")).unwrap_or_default();
    page(&visit, new_email, None, held.is_some())
}

fn page(visit: &Visit<'_>, new_email: &str, problem: Option<&str>, is_held: bool) -> Answer {
    let email = visit.require()?.account.email.as_str();
    let max_length = email_address::MAX_LENGTH;
    let page = AddressPage { layout: visit.layout(), email, new_email, problem, is_held, max_length };
    let status = if problem.is_some() { Status::UnprocessableEntity } else { Status::Ok };
    Reply::page_with(status, &page)
}

#[post("/account/address", data = "<form>")]
async fn ask(visit: Visit<'_>, form: Fields) -> Answer {
    let known = visit.require()?;
    form.only(&["new_email"])?;
    let typed = form.required("new_email")?;
    let Ok(email) = EmailAddress::parse(typed) else {
        return page(&visit, typed, Some("Type an email address, like ana@example.com."), false);
    };
    if !visit.settings.email_link_enabled {
        let problem = "Email links are switched off, so no mail can show that the new address is yours.";
        return Ok(page(&visit, typed, Some(problem), false)?.with_status(Status::Forbidden));
    }
    if email == known.account.email {
        return page(&visit, typed, Some("This is your address already."), false);
    }
    let back = ReturnTo::parse("/account?done=address");
    let asked = asking::prepare(&visit, Purpose::ConfirmAddress, email.clone(), back);
    let (need, asking) = (Need::signed_in().fresh(Stale::form(PATH, &[("new_email", typed)])), asked.clone());
    let ask = visit.as_account(need, move |tx, me| {
        let line = tx.line(Action::AddressChangeAsked, me.account.email.as_str());
        tx.log(&line.to(email.as_str()))?;
        asking.ask(tx, me)
    });
    let attempt = ask.await?;
    if !asked.finish(&visit, &attempt) {
        let problem = "Too many mails were asked for lately. Use the newest one, or try again in a while.";
        return Ok(page(&visit, typed, Some(problem), false)?.with_status(Status::TooManyRequests));
    }
    Ok(Reply::see_other("/account?done=address-asked"))
}

#[get("/auth/undo")]
async fn undo(visit: Visit<'_>, link: LinkToken<'_>) -> Answer {
    if let Some(token) = link.0 {
        return Ok(move_token(&visit, token, Name::Undo, "/auth/undo"));
    }
    let Some(token) = visit.cookies.token(Name::Undo) else { return too_late(&visit) };
    let (hash, now) = (token.hash(), visit.now);
    let found = visit
        .read(move |connection| {
            let Some(change) = db::address_changes::find_by_undo(connection, &hash, now)? else { return Ok(None) };
            let newcomer = people::newcomer(connection, &change)?;
            Ok(Some((change, newcomer)))
        })
        .await?;
    let Some((change, newcomer)) = found else { return too_late(&visit) };
    if newcomer.as_ref().is_some_and(|newcomer| !people::gives_way(newcomer, &change)) {
        return too_late(&visit);
    }
    Reply::page(&UndoPage {
        layout: visit.layout(),
        old_email: change.old_email.as_str().to_owned(),
        new_email: change.new_email.as_str().to_owned(),
        changed_at: change.changed_at,
        change: change.id.to_string(),
        displaces: newcomer.is_some(),
    })
}

#[post("/auth/undo", data = "<form>")]
async fn confirm_undo(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["change"])?;
    let Some(token) = visit.cookies.token(Name::Undo) else { return too_late(&visit) };
    let (hash, now) = (token.hash(), visit.now);
    // The change that the page was about; another mail's link may have been opened in another tab since.
    let shown = form.get("change").map(ToOwned::to_owned);
    let entry = visit.audit(Action::AddressChangeUndone, "");
    let entropy = Arc::clone(&visit.services.entropy);
    let undone = visit
        .write(move |connection| {
            let Some(change) = db::address_changes::find_by_undo(connection, &hash, now)? else { return Ok(None) };
            if shown.as_ref().is_some_and(|shown| *shown != change.id.to_string()) {
                return Ok(None);
            }
            let undone = people::undo_move(connection, &change, now)?;
            if let Undone::Done { change, displaced } = &undone {
                let (new, old) = (change.new_email.as_str(), change.old_email.as_str());
                db::audit::insert(connection, &entry.about(&*entropy, old).from_to(new, old))?;
                if *displaced {
                    let closed = AuditEntry { action: Action::AccountClosed, ..entry.about(&*entropy, old) };
                    db::audit::insert(connection, &closed)?;
                }
            }
            Ok(Some(undone))
        })
        .await?;
    visit.cookies.remove(Name::Undo);
    match undone {
        Some(Undone::Done { change, .. }) => {
            // Somebody else may be signed in here; their session goes on.
            if let Some(known) = visit.signed_in()
                && (known.account.id == change.account_id || known.account.email == change.old_email)
            {
                visit.drop_session_cookie();
            }
            let email = Some(change.old_email.as_str().to_owned());
            let layout = Layout::new(&visit.settings, visit.assets, None);
            Reply::page(&UndonePage { layout, email, password_enabled: visit.settings.password_enabled })
        }
        Some(Undone::TooLate | Undone::Taken) | None => too_late(&visit),
    }
}

fn too_late(visit: &Visit<'_>) -> Answer {
    Reply::page_with(Status::Gone, &UndonePage { layout: visit.layout(), email: None, password_enabled: false })
}

pub fn routes() -> Vec<Route> {
    routes![address, ask, undo, confirm_undo]
}
