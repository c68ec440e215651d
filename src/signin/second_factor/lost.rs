//! `/login/second-factor/lost`: the phone is lost, or the codes, or both. Whoever has shown two different things starts the waiting period here,
//! at whose end all second factors are removed.
//!
//! There is no button here that ends one. What is shown at this point may be a password alone, which says less than what does end it: the link in
//! the mail, the second factor itself, an admin. With a button here, whoever knows the password could keep the owner from ever getting back in.

use super::page::waiting;
use crate::{
    db::{self, DbConnection, Error},
    domain::{
        AccountId, AuditEntry, Gain, Lifetime, Proof, Timestamp,
        audit::{Action, Actor},
        gain::UNDO_LIFETIME,
        recovery::{self, AskedBy, Recovery, Standing, WAITING_PERIOD},
    },
    people::{self, Begun},
    web::{Answer, Failure, Layout, NoFields, Reply, Visit, acting::Stranger},
};
use askama::Template;
use rocket::{Route, get, post, routes};
use std::sync::Arc;

const PATH: &str = "/login/second-factor/lost";

#[derive(Template)]
#[template(path = "signin/lost.html")]
struct LostPage<'a> {
    layout: Layout,
    email: &'a str,
    standing: Standing,
    /// There is a password, and it was chosen by way of a mailed link.
    is_password_from_mail: bool,
    /// The address has just changed, so the mailbox does not count.
    has_moved: bool,
    /// Under way, if this browser may know.
    recovery: Option<Recovery>,
    now: Timestamp,
    waiting_period: Lifetime,
    return_to: &'a str,
    remember: bool,
}

/// Whether there is a password, and whether it was chosen by mail; what is under way; and whether the address has just changed.
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

/// Whether the address is so new that its former mailbox can take the account back. The new mailbox then shows nothing: an attacker who moved
/// the account would otherwise be rid of the owner's second factor sooner than the owner has to be back.
fn has_moved(connection: &mut DbConnection, account: AccountId, now: Timestamp) -> Result<bool, Error> {
    Ok(!db::gains::open_since(connection, account, Gain::Address, now.minus(UNDO_LIFETIME))?.is_empty())
}

/// What was shown, without what shows nothing.
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
    let standing = recovery::standing(&proofs, from_mail == Some(false), &visit.settings, visit.now);
    let standing = Standing { mail_helps: standing.mail_helps && !has_moved, ..standing };
    // The mailbox has been told anyway. A password alone does not learn on which day it will be all that is asked for.
    let may_know = standing.is_enough || standing.has_mailbox;
    visit.page(&LostPage {
        layout: visit.plain_layout(),
        email: account.email.as_str(),
        standing,
        is_password_from_mail: from_mail == Some(true) && visit.settings.password_enabled,
        has_moved,
        recovery: recovery.filter(|_| may_know),
        now: visit.now,
        waiting_period: WAITING_PERIOD,
        return_to: if pending.return_to.is_home() { "" } else { pending.return_to.as_str() },
        remember: pending.remember,
    })
}

#[post("/login/second-factor/lost", data = "<_form>")]
async fn begin(visit: Visit<'_>, _form: NoFields) -> Answer {
    let Some((pending, account, _)) = waiting(&visit).await? else { return Ok(Reply::see_other("/login")) };
    let (services, now) = (Arc::clone(visit.services), visit.now);
    let line = AuditEntry { actor: Actor::of(&account), ..visit.audit(Action::RecoveryBegun, account.email.as_str()) };
    let begun = visit
        .as_stranger_of(Stranger::SignsIn, account.email.clone(), move |tx| {
            let connection = &mut *tx.connection;
            db::serialise(connection, &account.email.mailbox())?;
            // As all of it is now: a sign-in that was ended, a password that was changed, a method that was switched off meanwhile.
            let settings = db::settings::load(connection, &services.settings.start())?;
            let pending = db::pending_sign_ins::find_by_id(connection, pending.id)?.filter(|still| still.is_alive(now));
            let Some(pending) = pending else { return Ok(None) };
            let has_own_password = db::passwords::is_from_mail(connection, account.id)? == Some(false);
            let proofs = counting(&pending.proofs, has_moved(connection, account.id, now)?);
            if !recovery::standing(&proofs, has_own_password, &settings, now).is_enough {
                return Ok(None);
            }
            let begun = people::begin_recovery(connection, &*services.entropy, &account, AskedBy::Owner, now)?;
            if let Begun::Now(recovery) = &begun {
                db::audit::insert(connection, &line.clone().to(recovery.due_at.rfc3339()))?;
            }
            Ok(Some(begun))
        })
        .await?;
    match begun {
        Some(Begun::Now(recovery)) => {
            tracing::warn!(request = %visit.request_id, account = %recovery.account_id, "a recovery has begun");
            Ok(Reply::see_other(PATH))
        }
        // Not enough, which the page explains.
        Some(Begun::Before(_)) | None => Ok(Reply::see_other(PATH)),
        Some(Begun::NothingToRemove) => Ok(Reply::see_other("/login")),
        Some(Begun::Limited { until }) => Err(Failure::TooMany(until.since(now))),
    }
}

pub fn routes() -> Vec<Route> {
    routes![show, begin]
}
