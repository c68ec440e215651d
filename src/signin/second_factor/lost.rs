//! `/login/second-factor/lost`: the user has lost the second factor. Two different proofs start the
//! waiting period here. At its end all second factors are removed.
//!
//! This page has no button that cancels a recovery. The user may have shown only a password here.
//! That proves less than what does cancel it: the email's link, the second factor, an admin. With a
//! button here, an attacker with the password could lock the owner out forever.

use super::page::waiting;
use crate::{
    db::{self, DbConnection, Error, Stop, Tx},
    domain::{
        Account, AccountId, BrowserLabel, ClientAddress, Gain, Lifetime, PendingId, Proof, Timestamp,
        audit::{Action, Actor},
        gain::UNDO_LIFETIME,
        recovery::{self, AskedBy, Recovery, RecoveryProgress, WAITING_PERIOD},
    },
    people::{self, Begun},
    web::{Answer, Failure, Layout, NoFields, Reply, Visit, acting::Stranger},
};
use askama::Template;
use rocket::{Route, get, post, routes};

const PATH: &str = "/login/second-factor/lost";

#[derive(Template)]
#[template(path = "signin/lost.html")]
struct LostPage<'a> {
    layout: Layout,
    email: &'a str,
    progress: RecoveryProgress,
    /// True if the password was chosen through an email link.
    is_password_from_mail: bool,
    /// True if the address has just changed, so that the mailbox does not count.
    has_moved: bool,
    /// The recovery in progress, if this browser may know.
    recovery: Option<Recovery>,
    now: Timestamp,
    waiting_period: Lifetime,
    return_to: &'a str,
    remember: bool,
}

/// Returns the origin of the password, the recovery in progress, and whether the address has just
/// changed.
fn look(
    connection: &mut DbConnection,
    account: AccountId,
    now: Timestamp,
) -> Result<(Option<bool>, Option<Recovery>, bool), Error> {
    Ok((
        db::passwords::is_from_mail(connection, account)?,
        db::recoveries::under_way(connection, account)?,
        has_moved(connection, account, now)?,
    ))
}

/// Returns whether the former mailbox can still take the account back. The new mailbox then proves
/// nothing. Otherwise an attacker who moved the account could remove the second factor before the
/// owner has to react.
fn has_moved(connection: &mut DbConnection, account: AccountId, now: Timestamp) -> Result<bool, Error> {
    Ok(!db::gains::open_since(connection, account, Gain::Address, now.minus(UNDO_LIFETIME))?.is_empty())
}

/// Returns the proofs that count.
fn counting(proofs: &[Proof], has_moved: bool) -> Vec<Proof> {
    proofs.iter().filter(|proof| !has_moved || !proof.method.proves_mailbox()).copied().collect()
}

#[get("/login/second-factor/lost")]
async fn show(visit: Visit<'_>) -> Answer {
    let Some((pending, account, _)) = waiting(&visit).await? else { return Ok(Reply::see_other("/login")) };
    let id = account.id;
    let now = visit.now;
    let (from_mail, recovery, has_moved) = visit.read(move |connection| look(connection, id, now)).await?;
    let proofs = counting(&pending.proofs, has_moved);
    let progress = recovery::progress(&proofs, from_mail == Some(false), &visit.settings, visit.now);
    let progress = RecoveryProgress { mail_helps: progress.mail_helps && !has_moved, ..progress };
    // The mailbox has been told anyway. A browser with only a password must not learn when the
    // password will be enough.
    let may_know = progress.is_enough || progress.has_mailbox;
    if !progress.is_enough && (progress.mail_helps || progress.password_helps) {
        visit.cookies.set_lost(account.id);
    }
    let return_to = pending.destination.page();
    visit.page(&LostPage {
        layout: visit.plain_layout(),
        email: account.email.as_str(),
        progress,
        is_password_from_mail: from_mail == Some(true) && visit.settings.password_enabled,
        has_moved,
        recovery: recovery.filter(|_| may_know),
        now: visit.now,
        waiting_period: WAITING_PERIOD,
        return_to: if return_to.is_home() { "" } else { return_to.as_str() },
        remember: pending.remember,
    })
}

#[post("/login/second-factor/lost", data = "<_form>")]
async fn begin(visit: Visit<'_>, _form: NoFields) -> Answer {
    let Some((pending, account, _)) = waiting(&visit).await? else { return Ok(Reply::see_other("/login")) };
    let asks = Asks { pending: pending.id, browser: visit.browser(), client: visit.client, account };
    let email = asks.account.email.clone();
    let begin = move |tx: &mut Tx<'_>| Stop::commit(begin_recovery(tx, &asks));
    match visit.as_stranger_of(Stranger::SignsIn, email, begin).await? {
        Ok(Begun::Now(recovery)) => {
            tracing::warn!(request = %visit.request_id, account = %recovery.account_id, "a recovery has begun");
            Ok(Reply::see_other(PATH))
        }
        // The page explains it.
        Ok(Begun::Before(_)) | Err(TooLittle) => Ok(Reply::see_other(PATH)),
        Ok(Begun::NothingToRemove) => Ok(Reply::see_other("/login")),
        Ok(Begun::Limited { until }) => Err(Failure::TooMany(until.since(visit.now))),
    }
}

/// A browser whose sign-in waits, and which asks for a recovery.
struct Asks {
    pending: PendingId,
    account: Account,
    browser: BrowserLabel,
    client: ClientAddress,
}

/// The user has not proved enough, or the sign-in has ended.
struct TooLittle;

fn begin_recovery(
    tx: &mut Tx<'_>,
    Asks { pending, account, browser, client }: &Asks,
) -> Result<Begun, Stop<TooLittle>> {
    tx.lock(&account.email)?;
    // Read again: the sign-in may have ended, the password changed, or a method been turned off.
    let settings = tx.settings()?;
    let pending = db::pending_sign_ins::find_by_id(tx.connection, *pending)?.filter(|still| still.is_alive(tx.now));
    let pending = pending.ok_or(Stop::Refused(TooLittle))?;
    let has_own_password = db::passwords::is_from_mail(tx.connection, account.id)? == Some(false);
    let proofs = counting(&pending.proofs, has_moved(tx.connection, account.id, tx.now)?);
    if !recovery::progress(&proofs, has_own_password, &settings, tx.now).is_enough {
        return Err(Stop::Refused(TooLittle));
    }
    let begun = people::begin_recovery(tx, account, AskedBy::Owner)?;
    if let Begun::Now(recovery) = &begun {
        db::recoveries::note_from(tx.connection, recovery.id, browser, *client)?;
        tx.changes(account.id);
        let line = tx.line_by(Actor::of(account), Action::RecoveryBegun, account.email.as_str());
        tx.log(&line.to(recovery.due_at.rfc3339()))?;
    }
    Ok(begun)
}

pub(super) fn routes() -> Vec<Route> {
    routes![show, begin]
}
