//! Recovery by an admin, for a user who has lost every second factor. An admin starts the waiting
//! period or ends it. An admin cannot shorten it. The caller may be an attacker, and so may the
//! holder of the admin's session.

use crate::{
    admin::user::find,
    db::{self, DbConnection, Error},
    domain::{
        AccountId, Gain, Timestamp,
        audit::Action,
        gain::UNDO_LIFETIME,
        recovery::{AskedBy, Recovery, WAITING_PERIOD},
    },
    people::{self, Begun},
    web::{Answer, Need, NoFields, Note, Question, Visit, held_form::Stale},
};
use rocket::{Route, get, post, routes};

/// A user's second factors, for the user's page.
pub(super) struct Factors {
    pub counts: db::enrolled::Numbers,
    pub recovery: Option<Recovery>,
    /// There is a password that is young enough to go with a recovery that begins now.
    has_young_password: bool,
}

impl Factors {
    pub(super) fn of(connection: &mut DbConnection, account: AccountId, now: Timestamp) -> Result<Self, Error> {
        let since = now.minus(UNDO_LIFETIME);
        Ok(Self {
            has_young_password: !db::gains::open_since(connection, account, Gain::Password, since)?.is_empty(),
            counts: db::enrolled::numbers(connection, account)?,
            recovery: db::recoveries::under_way(connection, account)?,
        })
    }

    /// Returns whether there is anything that a recovery would remove.
    pub(super) const fn has_any(&self) -> bool {
        self.counts.authenticators > 0 || self.counts.passkeys > 0 || self.has_young_password
    }

    /// The key of the sentence about the recovery that runs.
    pub(super) const fn notice(&self) -> &'static str {
        match &self.recovery {
            Some(Recovery { asked_by: AskedBy::Admin, .. }) => "recovery-by-admin",
            Some(Recovery { asked_by: AskedBy::CommandLine, .. }) => "recovery-by-console",
            _ => "recovery-by-owner",
        }
    }
}

#[get("/admin/people/<id>/recovery/start")]
async fn ask_start(visit: Visit<'_>, id: &str) -> Answer {
    let account = find(&visit, id).await?;
    let say = |key| visit.locale.say(key).to_string();
    let what = visit.locale.say("start-recovery-question.what").with("lifetime", WAITING_PERIOD);
    let what = what.address("email", account.email.as_str()).to_string();
    visit.ask(&Question {
        title: &say("start-recovery-question"),
        about: account.email.as_str(),
        what_follows: &[&say("start-recovery-question.first"), &what],
        button: &say("recovery-start"),
        back: &format!("/admin/people/{}", account.id),
    })
}

#[post("/admin/people/<id>/recovery/start", data = "<_form>")]
async fn start(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    let known = visit.require_admin()?;
    let account = find(&visit, id).await?;
    if known.account.id == account.id {
        // The admin still has the second factor and can remove it on the account page. An attacker
        // with this session does not have it, and must not get rid of it in a day.
        return visit.say(&format!("/admin/people/{}", account.id), Note::RecoveryOfYourOwn);
    }
    let path = format!("/admin/people/{}", account.id);
    let (need, subject) =
        (Need::signed_in().fresh(Stale::button(&format!("{path}/recovery/start"))).about(&account), account.clone());
    let begin = visit.as_admin(need, move |tx, _| {
        let begun = people::begin_recovery(tx, &subject, AskedBy::Admin)?;
        if let Begun::Now(recovery) = &begun {
            let line = tx.line(Action::RecoveryBegun, subject.email.as_str());
            tx.log(&line.to(recovery.due_at.rfc3339()))?;
        }
        Ok(begun)
    });
    let note = match begin.await? {
        Begun::Now(_) | Begun::Before(_) => Note::RecoveryBegun,
        Begun::NothingToRemove => Note::NothingToRecover,
        Begun::Limited { .. } => Note::RecoveryTooOften,
    };
    visit.say(&path, note)
}

#[post("/admin/people/<id>/recovery/cancel", data = "<_form>")]
async fn cancel(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    let known = visit.require_admin()?;
    let account = find(&visit, id).await?;
    if known.account.id == account.id {
        // An attacker with this session must not keep its owner out.
        return visit.say(&format!("/admin/people/{}", account.id), Note::KeepByTheLink);
    }
    let path = format!("/admin/people/{}", account.id);
    let (need, subject) = (Need::signed_in().fresh(Stale::button(&path)).about(&account), account.clone());
    let cancel = visit.as_admin(need, move |tx, me| {
        let account = &subject;
        let Some(recovery) = db::recoveries::under_way(tx.connection, account.id)? else { return Ok(true) };
        let young = recovery.asked_at.minus(UNDO_LIFETIME);
        if db::admin_acts::became_admin_since(tx.connection, me.account.id, young)? {
            return Ok(false);
        }
        if people::cancel_recovery(tx, account)? {
            let line = tx.line(Action::RecoveryCancelled, account.email.as_str());
            tx.log(&line.to("admin"))?;
        }
        Ok(true)
    });
    visit.say(&path, if cancel.await? { Note::RecoveryCancelled } else { Note::AdminTooNewToCancel })
}

pub(super) fn routes() -> Vec<Route> {
    routes![ask_start, start, cancel]
}
