//! Decides whether an email is sent, and what it is about.
//!
//! The worker decides at the last moment, so that a setting turned off a moment ago counts. It
//! decides away from any request, so that an attacker cannot time it.

use super::typed;
use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, AccountId, Attempt, EmailAddress, GainId, LanguageTag, Purpose, SecurityEvent, Settings, Timestamp,
        account::AddressChange,
        known_browser::FirstSignIn,
        mail::{MailKind, QueuedMail, Recipient},
        news::About,
        password,
        recovery::Recovery,
    },
};

/// Why an email of an attempt that has ended is dropped.
pub(super) const ENDED: &str = "the attempt has ended";

/// An email to send.
#[derive(Clone, Debug)]
pub struct Due {
    pub mail: QueuedMail,
    /// The stored address, never a typed spelling.
    pub recipient: EmailAddress,
    pub matter: Matter,
    /// The gain that the email is about and that its link undoes.
    pub undoes: Option<GainId>,
    /// The language that the owner of the account chose.
    pub language: Option<LanguageTag>,
    /// Set if the email is only pretended. Nothing is sent, and the server's load must not reveal
    /// that.
    pub pretended: Option<Pretence>,
}

/// What becomes of an email after its pretended conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pretence {
    /// It is dropped for this reason. The log of the outbox has it.
    Ends(&'static str),
    /// It waits, because its domain has had its share of emails to addresses without an account.
    PutsOff(Timestamp),
}

impl Due {
    pub(super) fn new(mail: &QueuedMail, recipient: EmailAddress, matter: Matter) -> Self {
        Self { mail: mail.clone(), recipient, matter, undoes: None, language: None, pretended: None }
    }

    /// Returns the languages for it, best first: the owner's own choice, then that of the browser
    /// that asked.
    pub fn languages(&self) -> impl Iterator<Item = &LanguageTag> {
        self.language.iter().chain(&self.mail.language)
    }

    /// Returns the attempt whose link it carries.
    pub const fn attempt(&self) -> Option<&Attempt> {
        match &self.matter {
            Matter::SignIn(attempt)
            | Matter::StepUp(attempt)
            | Matter::ResetPassword(attempt)
            | Matter::ConfirmAddress { attempt, .. } => Some(attempt),
            Matter::AddressChanged(_)
            | Matter::PasswordChanged { .. }
            | Matter::SecurityChanged { .. }
            | Matter::NewBrowser(_)
            | Matter::RecoveryBegun(_)
            | Matter::Invitation { .. }
            | Matter::AccountClosed
            | Matter::Test { .. } => None,
        }
    }
}

#[derive(Clone, Debug)]
pub enum Matter {
    SignIn(Attempt),
    StepUp(Attempt),
    ConfirmAddress {
        attempt: Attempt,
        old_address: EmailAddress,
    },
    AddressChanged(AddressChange),
    ResetPassword(Attempt),
    PasswordChanged(Option<SecurityEvent>),
    SecurityChanged {
        /// `None` for an event that only a newer node knows.
        event: Option<SecurityEvent>,
        about: Option<About>,
        /// Characters that the account's password needs from now on, if it has become the only
        /// proof.
        least_password: Option<usize>,
    },
    NewBrowser(FirstSignIn),
    RecoveryBegun(Recovery),
    Invitation {
        inviter: String,
    },
    AccountClosed,
    Test {
        asked_by: String,
    },
}

#[derive(Clone, Debug)]
pub enum Verdict {
    /// The worker opens a conversation with the email server, real or pretended.
    Send(Box<Due>),
    /// The reason for the email is gone, for any recipient.
    Drop(&'static str),
    /// The reason was valid, but time ran out.
    GiveUp(&'static str),
    /// It has been pretended, and its domain still has no share left.
    Later(Timestamp),
}

pub fn decide(
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
        MailKind::Invitation => invitation(connection, mail),
        MailKind::AccountClosed => Ok(send(mail, mail.recipient.clone(), Matter::AccountClosed)),
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
    Ok(match active_account(connection, attempt.account_id)? {
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

fn invitation(connection: &mut DbConnection, mail: &QueuedMail) -> Result<Verdict, Error> {
    Ok(match active_account(connection, mail.account_id)? {
        Some(account) => send(mail, account.email, Matter::Invitation { inviter: mail.note.clone() }),
        None => Verdict::Drop("the account is gone or disabled"),
    })
}

/// Returns the email's attempt, unless no address gets such an email now. Nothing here depends on
/// the address.
pub(super) fn attempt_of(
    connection: &mut DbConnection,
    mail: &QueuedMail,
    settings: &Settings,
    now: Timestamp,
) -> Result<Result<Attempt, Verdict>, Error> {
    let attempt = match mail.attempt_id {
        Some(id) => db::attempts::find(connection, id)?,
        None => None,
    };
    Ok(match attempt {
        None => Err(Verdict::Drop("the attempt is forgotten")),
        Some(attempt) if attempt.muted => Err(Verdict::Drop("over a limit")),
        Some(attempt) if attempt.is_too_old_to_send(now) => Err(Verdict::GiveUp("not sent in time")),
        Some(attempt) => match hindrance(attempt.purpose, settings) {
            Some(reason) => Err(Verdict::Drop(reason)),
            None => Ok(attempt),
        },
    })
}

/// Returns why no email of this purpose is sent now, if so.
fn hindrance(purpose: Purpose, settings: &Settings) -> Option<&'static str> {
    match purpose {
        Purpose::ConsoleLink | Purpose::SetUp => Some("its link is printed, not emailed"),
        Purpose::ResetPassword => (!settings.password_enabled).then_some("passwords are turned off"),
        Purpose::SignIn | Purpose::StepUp | Purpose::ConfirmAddress => {
            (!settings.email_link_enabled).then_some("email links are turned off")
        }
    }
}

pub(super) fn active_account(connection: &mut DbConnection, id: Option<AccountId>) -> Result<Option<Account>, Error> {
    let account = match id {
        Some(id) => db::accounts::find(connection, id)?,
        None => None,
    };
    Ok(account.filter(Account::is_active))
}
