//! Decides whether an email is sent, and what it is about.
//!
//! The worker decides at the last moment, so that a setting turned off a moment ago counts. It
//! decides away from any request, so that an attacker cannot time it.

use super::{
    due::{Due, ENDED, Matter, Verdict, active_account, attempt_of},
    of_app, typed,
};
use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, EmailAddress, SecurityEvent, Settings, Timestamp,
        apps::AppName,
        known_browser::FirstSignIn,
        mail::{MailKind, QueuedMail, Recipient},
        password,
    },
};

pub(super) fn decide(
    connection: &mut DbConnection,
    mail: &QueuedMail,
    settings: &Settings,
    now: Timestamp,
) -> Result<Verdict, Error> {
    match mail.kind.recipient() {
        Recipient::Typed => typed::decide(connection, mail, settings, now),
        Recipient::Own => own(connection, mail, settings, now),
    }
}

/// Decides about an email that only an account's own owner, or an admin, can cause.
fn own(
    connection: &mut DbConnection,
    mail: &QueuedMail,
    settings: &Settings,
    now: Timestamp,
) -> Result<Verdict, Error> {
    match mail.kind {
        MailKind::SignIn | MailKind::ConfirmAddress | MailKind::ResetPassword => {
            Err(Error::fault("a typed address is decided about elsewhere"))
        }
        MailKind::StepUp => step_up(connection, mail, settings, now),
        MailKind::AddressChanged => address_changed(connection, mail),
        MailKind::PasswordChanged => {
            let event = SecurityEvent::parse(mail.kind, &mail.note);
            with_undo(connection, mail, Matter::PasswordChanged(event), now)
        }
        MailKind::SecurityChanged => security_changed(connection, mail, settings, now),
        MailKind::NewBrowser => new_browser(connection, mail, settings),
        MailKind::RecoveryBegun => recovery_begun(connection, mail),
        MailKind::Invitation => invitation(connection, mail, now),
        MailKind::AccountClosed => Ok(send(mail, mail.recipient.clone(), Matter::AccountClosed)),
        MailKind::AccessAsked | MailKind::AccessAnswered | MailKind::GuestEnds => of_app::decide(connection, mail, now),
        MailKind::Test => Ok(send(mail, mail.recipient.clone(), Matter::Test { asked_by: mail.note.clone() })),
    }
}

fn send(mail: &QueuedMail, recipient: EmailAddress, matter: Matter) -> Verdict {
    Verdict::Send(Box::new(Due::new(mail, recipient, matter)))
}

fn step_up(
    connection: &mut DbConnection,
    mail: &QueuedMail,
    settings: &Settings,
    now: Timestamp,
) -> Result<Verdict, Error> {
    let attempt = match attempt_of(connection, mail, settings, now)? {
        Ok(attempt) if attempt.ended.is_some() => return Ok(Verdict::Drop(ENDED)),
        Ok(attempt) => attempt,
        Err(verdict) => return Ok(verdict),
    };
    Ok(match active_account(connection, attempt.account_id, now)? {
        // The account may have moved since. The email would then go to a mailbox that is no longer
        // its own.
        Some(account) if account.email == attempt.email => send(mail, account.email, Matter::StepUp(attempt)),
        _ => Verdict::Drop("the account is gone, disabled or moved"),
    })
}

fn address_changed(connection: &mut DbConnection, mail: &QueuedMail) -> Result<Verdict, Error> {
    let id = mail.note.parse().map_err(|_| Error::unreadable("address change"))?;
    Ok(match db::address_changes::find(connection, id)? {
        Some(change) => send(mail, change.old_email.clone(), Matter::AddressChanged(change)),
        None => Verdict::Drop("the change is forgotten"),
    })
}

/// Adds the gain that a security email is about, if it can still be undone.
fn with_undo(
    connection: &mut DbConnection,
    mail: &QueuedMail,
    matter: Matter,
    now: Timestamp,
) -> Result<Verdict, Error> {
    let gained = db::gains::of_mail(connection, mail.id)?.filter(|gained| gained.can_be_undone(now));
    let undoes = gained.map(|gained| gained.id);
    Ok(Verdict::Send(Box::new(Due { undoes, ..Due::new(mail, mail.recipient.clone(), matter) })))
}

fn security_changed(
    connection: &mut DbConnection,
    mail: &QueuedMail,
    settings: &Settings,
    now: Timestamp,
) -> Result<Verdict, Error> {
    let event = SecurityEvent::parse(mail.kind, &mail.note);
    let least_password = match mail.account_id {
        Some(id) if event.is_some_and(SecurityEvent::removes_factor) => {
            let enrolled = db::enrolled::of(connection, id)?.under(settings);
            (enrolled.password && !enrolled.has_second_factor()).then_some(password::MIN_LENGTH)
        }
        _ => None,
    };
    let about = event.and_then(|event| event.about(&mail.note));
    with_undo(connection, mail, Matter::SecurityChanged { event, about, least_password }, now)
}

fn new_browser(connection: &mut DbConnection, mail: &QueuedMail, settings: &Settings) -> Result<Verdict, Error> {
    let told = FirstSignIn::parse(&mail.note).ok_or_else(|| Error::unreadable("first sign-in"))?;
    if !settings.browser_emails_enabled {
        return Ok(Verdict::Drop("emails about new browsers are turned off"));
    }
    Ok(match db::known_browsers::get(connection, told.browser)? {
        Some(_) => send(mail, mail.recipient.clone(), Matter::NewBrowser(told)),
        None => Verdict::Drop("the account is closed, or the browser forgotten"),
    })
}

fn recovery_begun(connection: &mut DbConnection, mail: &QueuedMail) -> Result<Verdict, Error> {
    let id = mail.note.parse().map_err(|_| Error::unreadable("recovery"))?;
    Ok(match db::recoveries::find(connection, id)? {
        Some(recovery) if recovery.ended.is_none() => {
            send(mail, mail.recipient.clone(), Matter::RecoveryBegun(recovery))
        }
        _ => Verdict::Drop("the recovery has ended"),
    })
}

fn invitation(connection: &mut DbConnection, mail: &QueuedMail, now: Timestamp) -> Result<Verdict, Error> {
    Ok(match active_account(connection, mail.account_id, now)? {
        Some(account) => {
            let guest = guest(connection, &account)?;
            send(mail, account.email, Matter::Invitation { inviter: mail.note.clone(), guest })
        }
        None => Verdict::Drop("the account is gone or disabled"),
    })
}

/// Returns the app of a guest, and when the account ends.
fn guest(connection: &mut DbConnection, account: &Account) -> Result<Option<(AppName, Timestamp)>, Error> {
    let Some(until) = account.guest_until else { return Ok(None) };
    let named = db::apps::naming(connection, account.id)?;
    let Some((app, _)) = named.first() else { return Ok(None) };
    Ok(db::apps::find(connection, *app)?.map(|app| (app.app.name, until)))
}
