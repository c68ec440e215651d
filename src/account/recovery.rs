//! Cancelling a recovery, on the account page or by the link in its email. The link works on any
//! device, signed in or not.
//!
//! The link only cancels, so that it can be easy. An attacker who reads the mailbox gains more from
//! letting the recovery run.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, Gain, Proof, Timestamp, TokenHash,
        audit::Action,
        gain::UNDO_LIFETIME,
        recovery::{Outcome, Recovery},
    },
    people,
    web::{
        Answer, Fields, Layout, Need, NoFields, Note, Reply, Visit,
        acting::Stranger,
        cookies::Name,
        held_form::Stale,
        link_token::{self, LinkToken, is_about, move_token},
    },
};
use askama::Template;
use rocket::{Route, get, http::Status, post, routes};

const PATH: &str = "/auth/recovery";

#[derive(Template)]
#[template(path = "account/recovery.html")]
struct RecoveryPage<'a> {
    layout: Layout,
    email: &'a str,
    recovery: String,
    asked_at: Timestamp,
    due_at: Timestamp,
}

/// Outcome of the recovery.
#[derive(Clone, Copy)]
enum End {
    /// This button has just cancelled it.
    Now,
    Cancelled,
    Done,
    /// No recovery has this link.
    Unknown,
}

#[derive(Template)]
#[template(path = "account/recovery_over.html")]
struct OverPage {
    layout: Layout,
    end: End,
    password_enabled: bool,
}

fn find(connection: &mut DbConnection, link: &TokenHash) -> Result<Option<(Recovery, Account)>, Error> {
    let Some(recovery) = db::recoveries::find_by_link(connection, link)? else { return Ok(None) };
    Ok(db::accounts::find(connection, recovery.account_id)?.map(|account| (recovery, account)))
}

fn over(visit: &Visit<'_>, recovery: Option<&Recovery>) -> Answer {
    end(
        visit,
        match recovery.and_then(|recovery| recovery.ended) {
            Some((_, Outcome::Done)) => End::Done,
            Some((_, Outcome::Cancelled)) if visit.said().is_some_and(|said| said.note == Note::RecoveryEnded) => {
                End::Now
            }
            Some((_, Outcome::Cancelled)) => End::Cancelled,
            None => End::Unknown,
        },
    )
}

fn end(visit: &Visit<'_>, end: End) -> Answer {
    let status = match end {
        End::Now => Status::Ok,
        End::Cancelled | End::Done => Status::Gone,
        End::Unknown => Status::NotFound,
    };
    let page = OverPage { layout: visit.layout(), end, password_enabled: visit.settings.password_enabled };
    Reply::page_with(status, &page)
}

#[get("/auth/recovery")]
async fn show(visit: Visit<'_>, link: LinkToken<'_>) -> Answer {
    if let Some(token) = link.0 {
        return Ok(move_token(&visit, token, Name::Recovery, PATH));
    }
    let found = link_token::opened(&visit, Name::Recovery, find).await?.map(|(_, found)| found);
    match &found {
        Some((recovery, account)) if recovery.ended.is_none() => Reply::page(&RecoveryPage {
            layout: visit.layout(),
            email: account.email.as_str(),
            recovery: recovery.id.to_string(),
            asked_at: recovery.asked_at,
            due_at: recovery.due_at,
        }),
        _ => over(&visit, found.as_ref().map(|(recovery, _)| recovery)),
    }
}

#[post("/auth/recovery", data = "<form>")]
async fn confirm(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["recovery"])?;
    let found = link_token::opened(&visit, Name::Recovery, find).await?;
    let Some((_, (recovery, account))) = found else { return Ok(Reply::see_other(PATH)) };
    if !is_about(&form, "recovery", recovery.id) {
        return Ok(Reply::see_other(PATH));
    }
    let id = recovery.id;
    let was_ended = visit
        .as_stranger_of(Stranger::HoldsALink, account.email.clone(), move |tx| {
            tx.lock(&account.email)?;
            // This recovery and no later one.
            let open = db::recoveries::find(tx.connection, id)?.is_some_and(|recovery| recovery.ended.is_none());
            let is_ended = open && people::cancel_recovery(tx, &account)?;
            if is_ended {
                let line = tx.line(Action::RecoveryCancelled, account.email.as_str());
                tx.log(&line.to("mailed link"))?;
                tx.changes(account.id);
            }
            Ok(is_ended)
        })
        .await?;
    if !was_ended {
        return Ok(Reply::see_other(PATH));
    }
    tracing::warn!(request = %visit.request_id, "the link in an email cancelled a recovery");
    visit.say(PATH, Note::RecoveryEnded)
}

/// Cancels a recovery from the account page.
///
/// The session must have verified the address since the recovery began; a second factor ends it
/// when shown. A session that was fresh before proves neither, because it may be a copy. A young
/// second factor may be an attacker's.
#[post("/account/recovery/cancel", data = "<_form>")]
async fn cancel(visit: Visit<'_>, _form: NoFields) -> Answer {
    let cancel = visit.as_account(Need::signed_in().fresh(Stale::page("/account")), |tx, me| {
        let Some(recovery) = db::recoveries::under_way(tx.connection, me.account.id)? else { return Ok(true) };
        let young = recovery.asked_at.minus(UNDO_LIFETIME);
        let has_moved = !db::gains::open_since(tx.connection, me.account.id, Gain::Address, young)?.is_empty();
        let is_since = |proof: &Proof| proof.method.proves_mailbox() && proof.at >= recovery.asked_at;
        if has_moved || !me.session.proofs.iter().any(is_since) {
            return Ok(false);
        }
        if people::cancel_recovery(tx, &me.account)? {
            let line = tx.line(Action::RecoveryCancelled, me.account.email.as_str());
            tx.log(&line.to("account page"))?;
        }
        Ok(true)
    });
    let has_ended = cancel.await?;
    visit.say("/account", if has_ended { Note::RecoveryKept } else { Note::RecoveryGoesOn })
}

pub(super) fn routes() -> Vec<Route> {
    routes![show, confirm, cancel]
}
