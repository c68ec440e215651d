//! Asking for access to an app, and giving it to single users.

use super::app::LOCK;
use crate::{
    db::{self, Error, Tx, limits::Counted},
    domain::{
        Account, AccountId, Timestamp,
        apps::{
            AllowedPerson, AppSlug, Registered,
            asking::{Answer, Ask, AskId, EMAILED, MayAsk, may_ask},
        },
        audit::Action,
        limit::Decision,
        mail::{MailKind, QueuedMail},
    },
};

/// Outcome of asking for access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Done,
    /// The app is gone or turned off, or lets the user in.
    Pointless,
    Not(MayAsk),
}

/// Outcome of an admin's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    Done,
    /// Another admin was quicker, or the ask is gone.
    Late,
}

/// Asks the admins to let a user open an app. A guest cannot ask.
pub fn ask(tx: &mut Tx<'_>, slug: &AppSlug, account: &Account) -> Result<Asked, Error> {
    tx.lock_name(LOCK)?;
    let Some(app) = db::apps::find_by_slug(tx.connection, slug)? else { return Ok(Asked::Pointless) };
    let groups = db::groups::ids_of_account(tx.connection, account.id)?;
    let is_open = app.app.may_be_opened_by(account, &groups, tx.now);
    if is_open || app.app.is_disabled || account.is_guest() {
        return Ok(Asked::Pointless);
    }
    let asks = db::app_asks::of_account(tx.connection, account.id)?;
    match may_ask(&asks, app.app.id, tx.now) {
        MayAsk::Yes => {}
        not => return Ok(Asked::Not(not)),
    }
    let before = asks.iter().find(|ask| ask.app == app.app.id).map(|ask| ask.id);
    let id = before.unwrap_or_else(|| AskId::issue(tx.entropy));
    let emailed = emailed();
    let is_emailed = db::limits::take(tx.connection, &[emailed], tx.now)? == Decision::Allowed;
    let ask = Ask { id, app: app.app.id, account: account.id, asked_at: tx.now, answered: None };
    db::app_asks::put(tx.connection, &ask)?;
    if is_emailed {
        for admin in db::accounts::active_admins(tx.connection)? {
            tell(tx, &admin, MailKind::AccessAsked, &id.to_string())?;
        }
    }
    tx.log(&tx.line(Action::AppAccessAsked, slug.as_str()))?;
    Ok(Asked::Done)
}

/// Limit for asks that are emailed to the admins. It counts those of closed accounts, too.
/// Otherwise a user who may join could close the account and ask on.
fn emailed() -> Counted {
    Counted { name: "asks emailed to admins".to_owned(), limit: EMAILED }
}

/// Answers an ask and emails its user. `until` is when a "yes" ends.
pub fn answer(tx: &mut Tx<'_>, id: AskId, answer: Answer, until: Option<Timestamp>) -> Result<Answered, Error> {
    tx.lock_name(LOCK)?;
    let Some(ask) = db::app_asks::find(tx.connection, id)? else { return Ok(Answered::Late) };
    let app = db::apps::find(tx.connection, ask.app)?;
    let (Some(app), Some(account)) = (app, db::accounts::find(tx.connection, ask.account)?) else {
        return Ok(Answered::Late);
    };
    if !db::app_asks::answer(tx.connection, id, answer, tx.now)? {
        return Ok(Answered::Late);
    }
    match answer {
        Answer::Yes => give(tx, &app, &account, until)?,
        Answer::No => {
            let line = tx.line(Action::AppAccessRefused, account.email.as_str());
            tx.log(&line.to(app.app.slug.as_str()))?;
        }
    }
    tell(tx, &account, MailKind::AccessAnswered, &id.to_string())?;
    Ok(Answered::Done)
}

/// Lets a user open an app, for good or until a moment.
pub fn give(tx: &mut Tx<'_>, app: &Registered, account: &Account, until: Option<Timestamp>) -> Result<(), Error> {
    tx.lock_name(LOCK)?;
    db::apps::allow(tx.connection, app.app.id, AllowedPerson { account: account.id, ends_at: until })?;
    let slug = app.app.slug.as_str();
    let after = until.map_or_else(|| slug.to_owned(), |at| format!("{slug} until {}", at.rfc3339()));
    tx.log(&tx.line(Action::AppAccessGiven, account.email.as_str()).to(after))
}

/// Takes a user's individual access to an app back. Groups and "everyone" stay. Returns `false` if
/// the app does not name the user.
pub fn take(tx: &mut Tx<'_>, app: &Registered, account: AccountId) -> Result<bool, Error> {
    tx.lock_name(LOCK)?;
    if !db::apps::disallow(tx.connection, app.app.id, account)? {
        return Ok(false);
    }
    let Some(account) = db::accounts::find(tx.connection, account)? else { return Ok(true) };
    let line = tx.line(Action::AppAccessTaken, account.email.as_str());
    tx.log(&line.from_to(app.app.slug.as_str(), ""))?;
    Ok(true)
}

/// Emails an account about an app. The fact is what the kind of email loads the rest by.
pub fn tell(tx: &mut Tx<'_>, account: &Account, kind: MailKind, fact: &str) -> Result<(), Error> {
    let mail = QueuedMail {
        account_id: Some(account.id),
        note: kind.note(fact),
        ..QueuedMail::new(tx.entropy, kind, account.email.clone(), tx.now)
    };
    tx.mail(&mail)
}
