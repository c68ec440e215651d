//! Somebody has lost every second factor, and nothing else helps: an admin starts the waiting period for them, or ends it. An admin cannot
//! shorten it: it is there in case that the voice on the telephone was somebody else's, or that the admin's session is.

use crate::{
    admin::people::{find, show_person},
    db::{self, DbConnection, Error},
    domain::{
        AccountId, Gain, Timestamp,
        audit::Action,
        gain::UNDO_LIFETIME,
        recovery::{AskedBy, Recovery},
    },
    people::{self, Begun},
    web::{Answer, Need, NoFields, Reply, Visit, step_up::Stale},
};
use rocket::{Route, post, routes};

/// A person's second factors, for a person's page.
pub struct Factors {
    pub counts: db::enrolled::Numbers,
    pub recovery: Option<Recovery>,
    /// There is a password that is young enough to go with a recovery that begins now.
    has_young_password: bool,
}

impl Factors {
    pub fn of(connection: &mut DbConnection, account: AccountId, now: Timestamp) -> Result<Self, Error> {
        let since = now.minus(UNDO_LIFETIME);
        Ok(Self {
            has_young_password: !db::gains::open_since(connection, account, Gain::Password, since)?.is_empty(),
            counts: db::enrolled::numbers(connection, account)?,
            recovery: db::recoveries::under_way(connection, account)?,
        })
    }

    /// Whether there is anything that a recovery would remove.
    pub const fn has_any(&self) -> bool {
        self.counts.authenticators > 0 || self.counts.passkeys > 0 || self.has_young_password
    }

    pub const fn asked_by(&self) -> &'static str {
        match &self.recovery {
            Some(Recovery { asked_by: AskedBy::Admin, .. }) => "an admin",
            Some(Recovery { asked_by: AskedBy::CommandLine, .. }) => "the command line",
            _ => "the owner, or somebody who showed the same two things",
        }
    }
}

#[post("/admin/people/<id>/recovery/start", data = "<_form>")]
async fn start(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    let known = visit.require_admin()?;
    let account = find(&visit, id).await?;
    if known.account.id == account.id {
        // An admin who is here has their second factor, and removes it on the account page. A thief who only found this session open has not,
        // and should not be rid of it in a day.
        let problem =
            "This is your own account. Remove your second factors on your account page, or ask another admin.";
        return show_person(&visit, account, Some(problem), None).await;
    }
    let path = format!("/admin/people/{}", account.id);
    let (need, subject) = (Need::signed_in().fresh(Stale::button(&path)).about(&account), account.clone());
    let begin = visit.as_admin(need, move |tx, _| {
        let begun = people::begin_recovery(tx.connection, tx.entropy, &subject, AskedBy::Admin, tx.now)?;
        if let Begun::Now(recovery) = &begun {
            let line = tx.line(Action::RecoveryBegun, subject.email.as_str());
            tx.log(&line.to(recovery.due_at.rfc3339()))?;
        }
        Ok(begun)
    });
    let problem = match begin.await? {
        Begun::Now(_) | Begun::Before(_) => return Ok(Reply::see_other(format!("{path}?done=recovery-begun"))),
        Begun::NothingToRemove => {
            "There is no second factor and no new password to remove, or the account is disabled."
        }
        Begun::Limited { .. } => {
            "That was started, and ended by somebody, three times within a day. Find out by whom first."
        }
    };
    show_person(&visit, account, Some(problem), None).await
}

#[post("/admin/people/<id>/recovery/cancel", data = "<_form>")]
async fn cancel(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    let known = visit.require_admin()?;
    let account = find(&visit, id).await?;
    if known.account.id == account.id {
        // An attacker with this session must not keep its owner out.
        let problem =
            "This is your own account. Use the link in our email to keep your second factors, or ask another admin.";
        return show_person(&visit, account, Some(problem), None).await;
    }
    let path = format!("/admin/people/{}", account.id);
    let (need, subject) = (Need::signed_in().fresh(Stale::button(&path)).about(&account), account.clone());
    let cancel = visit.as_admin(need, move |tx, me| {
        let account = &subject;
        let Some(recovery) = db::recoveries::under_way(tx.connection, account.id)? else { return Ok(true) };
        let young = recovery.asked_at.minus(UNDO_LIFETIME);
        if db::gains::became_admin_since(tx.connection, me.account.id, young)? {
            return Ok(false);
        }
        if people::cancel_recovery(tx.connection, tx.entropy, account, tx.now)? {
            let line = tx.line(Action::RecoveryCancelled, account.email.as_str());
            tx.log(&line.to("admin"))?;
        }
        Ok(true)
    });
    if !cancel.await? {
        let problem =
            "You became an admin less than 7 days before this recovery began, so you cannot end it. Ask another admin.";
        return show_person(&visit, account, Some(problem), None).await;
    }
    Ok(Reply::see_other(format!("{path}?done=recovery-cancelled")))
}

pub fn routes() -> Vec<Route> {
    routes![start, cancel]
}
