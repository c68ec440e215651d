//! Decides whether an email is sent, and what it is about.
//!
//! The worker decides at the last moment, so that a setting turned off a moment ago counts. It
//! decides away from any request, so that an attacker cannot time it.

use crate::{
    db::{self, DbConnection, Error, limits::Counted},
    domain::{
        Account, AccountId, Attempt, EmailAddress, GainId, LanguageTag, Purpose, SecurityEvent, Settings, Timestamp,
        account::AddressChange,
        known_browser::FirstSignIn,
        limit::Decision,
        mail::{MailKind, QueuedMail},
        news::About,
        password,
        recovery::Recovery,
    },
};

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
    /// Whether the address has no account, or one that may not sign in.
    pub is_newcomer: bool,
    /// Why the email is only pretended. There is no recipient, and the server's load must not
    /// reveal that. The log of the outbox has the reason.
    pub pretended: Option<&'static str>,
}

impl Due {
    fn new(mail: &QueuedMail, recipient: EmailAddress, matter: Matter) -> Self {
        Self {
            mail: mail.clone(),
            recipient,
            matter,
            undoes: None,
            language: None,
            is_newcomer: false,
            pretended: None,
        }
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
    Send(Box<Due>),
    /// The reason for the email is gone, for any recipient.
    Drop(&'static str),
    /// The reason was valid, but time ran out.
    GiveUp(&'static str),
    /// The domain has had its share of emails to addresses without an account.
    Later(Timestamp),
}

pub fn decide(
    connection: &mut DbConnection,
    mail: &QueuedMail,
    settings: &Settings,
    now: Timestamp,
) -> Result<Verdict, Error> {
    match mail.kind {
        MailKind::SignIn | MailKind::StepUp | MailKind::ConfirmAddress | MailKind::ResetPassword => {
            match open_attempt(connection, mail, settings, now)? {
                Ok(attempt) => {
                    let verdict = of_attempt(connection, mail, attempt, settings)?;
                    within_share_of_domain(connection, verdict, settings, now)
                }
                Err(verdict) => Ok(verdict),
            }
        }
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

/// Decides about an email to an address without an account, or with one that may not sign in.
fn to_nobody(mail: &QueuedMail, matter: Matter, recipient: EmailAddress, pretended: Option<&'static str>) -> Verdict {
    Verdict::Send(Box::new(Due { is_newcomer: true, pretended, ..Due::new(mail, recipient, matter) }))
}

/// Counts an email to an address without an account against its domain.
///
/// Only here is it known which addresses have accounts. Requests that cause no email take nothing
/// from a domain, so that no number of them locks its users out.
fn within_share_of_domain(
    connection: &mut DbConnection,
    verdict: Verdict,
    settings: &Settings,
    now: Timestamp,
) -> Result<Verdict, Error> {
    let Verdict::Send(due) = &verdict else { return Ok(verdict) };
    if !due.is_newcomer || due.pretended.is_some() {
        return Ok(verdict);
    }
    let name = format!("mail at {}", due.recipient.domain());
    let counted = Counted { name, limit: settings.limits_per_domain };
    Ok(match db::limits::take(connection, &[counted], now)? {
        Decision::Allowed => verdict,
        Decision::Limited { until } => Verdict::Later(until),
    })
}

fn of_attempt(
    connection: &mut DbConnection,
    mail: &QueuedMail,
    attempt: Attempt,
    settings: &Settings,
) -> Result<Verdict, Error> {
    match attempt.purpose {
        Purpose::SignIn => sign_in(connection, mail, attempt, settings),
        Purpose::StepUp => step_up(connection, mail, attempt),
        Purpose::ConfirmAddress => confirm_address(connection, mail, attempt, settings),
        Purpose::ResetPassword => reset_password(connection, mail, attempt),
        Purpose::ConsoleLink | Purpose::SetUp => Ok(Verdict::Drop("its link is printed, not emailed")),
    }
}

fn sign_in(
    connection: &mut DbConnection,
    mail: &QueuedMail,
    attempt: Attempt,
    settings: &Settings,
) -> Result<Verdict, Error> {
    Ok(match db::accounts::find_by_email(connection, &attempt.email)? {
        Some(account) if account.is_active() => send(mail, account.email, Matter::SignIn(attempt)),
        Some(account) => to_nobody(mail, Matter::SignIn(attempt), account.email, Some("the account is disabled")),
        None => {
            let recipient = attempt.email.clone();
            let pretended = (!settings.may_join(&recipient)).then_some("no such account, and the address may not join");
            to_nobody(mail, Matter::SignIn(attempt), recipient, pretended)
        }
    })
}

fn step_up(connection: &mut DbConnection, mail: &QueuedMail, attempt: Attempt) -> Result<Verdict, Error> {
    Ok(match active_account(connection, attempt.account_id)? {
        // The account may have moved since. The email would then go to a mailbox that is no longer
        // its own.
        Some(account) if account.email == attempt.email => send(mail, account.email, Matter::StepUp(attempt)),
        _ => Verdict::Drop("the account is gone, disabled or moved"),
    })
}

fn confirm_address(
    connection: &mut DbConnection,
    mail: &QueuedMail,
    attempt: Attempt,
    settings: &Settings,
) -> Result<Verdict, Error> {
    let Some(account) = active_account(connection, attempt.account_id)? else {
        return Ok(Verdict::Drop("the account is gone or disabled"));
    };
    if !settings.may_move_to(&attempt.email) {
        return Ok(Verdict::Drop("the new address may not join"));
    }
    if db::accounts::find_by_email(connection, &attempt.email)?.is_some() {
        return Ok(Verdict::Drop("the new address already has an account"));
    }
    let recipient = attempt.email.clone();
    let matter = Matter::ConfirmAddress { attempt, old_address: account.email };
    Ok(to_nobody(mail, matter, recipient, None))
}

fn reset_password(connection: &mut DbConnection, mail: &QueuedMail, attempt: Attempt) -> Result<Verdict, Error> {
    Ok(match db::accounts::find_by_email(connection, &attempt.email)? {
        Some(account) if account.is_active() => send(mail, account.email, Matter::ResetPassword(attempt)),
        found => {
            let reason = if found.is_some() { "the account is disabled" } else { "no such account" };
            let recipient = attempt.email.clone();
            to_nobody(mail, Matter::ResetPassword(attempt), recipient, Some(reason))
        }
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

/// Returns the email's attempt, if it can still use an email.
fn open_attempt(
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
        Some(attempt) if attempt.ended.is_some() => Err(Verdict::Drop("the attempt has ended")),
        Some(attempt) if attempt.is_too_old_to_send(now) => Err(Verdict::GiveUp("not sent in time")),
        Some(attempt) => match (attempt.purpose, settings.email_link_enabled, settings.password_enabled) {
            (Purpose::ResetPassword, _, false) => Err(Verdict::Drop("passwords are turned off")),
            (Purpose::SignIn | Purpose::StepUp | Purpose::ConfirmAddress, false, _) => {
                Err(Verdict::Drop("email links are turned off"))
            }
            _ => Ok(attempt),
        },
    })
}

fn active_account(connection: &mut DbConnection, id: Option<AccountId>) -> Result<Option<Account>, Error> {
    let account = match id {
        Some(id) => db::accounts::find(connection, id)?,
        None => None,
    };
    Ok(account.filter(Account::is_active))
}
