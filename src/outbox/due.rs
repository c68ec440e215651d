//! An email that is due: who gets it, what it is about, and what the worker does with it.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, AccountId, Attempt, EmailAddress, GainId, LanguageTag, Purpose, SecurityEvent, Settings, TimeZone,
        Timestamp,
        account::AddressChange,
        apps::{
            AppName, AppSlug,
            asking::{Answer, Ask},
        },
        known_browser::FirstSignIn,
        mail::QueuedMail,
        news::About,
        recovery::Recovery,
    },
};

/// Why an email of an attempt that has ended is dropped.
pub(super) const ENDED: &str = "the attempt has ended";

/// An email to send.
#[derive(Clone, Debug)]
pub(super) struct Due {
    pub mail: QueuedMail,
    /// The stored address, never a typed spelling.
    pub recipient: EmailAddress,
    pub matter: Matter,
    /// The gain that the email is about and that its link undoes.
    pub undoes: Option<GainId>,
    /// The language that the owner of the account chose.
    pub language: Option<LanguageTag>,
    /// The time zone that the owner of the account chose.
    pub time_zone: Option<TimeZone>,
    /// Set if the email is only pretended. Nothing is sent, and the server's load must not reveal
    /// that.
    pub pretended: Option<Pretence>,
}

/// What becomes of an email after its pretended conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pretence {
    /// It is dropped for this reason. The log of the outbox has it.
    Ends(&'static str),
    /// It waits, because its domain has had its share of emails to addresses without an account.
    PutsOff(Timestamp),
}

impl Due {
    pub(super) fn new(mail: &QueuedMail, recipient: EmailAddress, matter: Matter) -> Self {
        Self { mail: mail.clone(), recipient, matter, undoes: None, language: None, time_zone: None, pretended: None }
    }

    /// Returns the languages for it, best first: the owner's own choice, then that of the browser
    /// that asked.
    pub(super) fn languages(&self) -> impl Iterator<Item = &LanguageTag> {
        self.language.iter().chain(&self.mail.language)
    }

    /// Returns the attempt whose link it carries.
    pub(super) const fn attempt(&self) -> Option<&Attempt> {
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
            | Matter::AccessAsked { .. }
            | Matter::AccessAnswered { .. }
            | Matter::GuestEnds(_)
            | Matter::Test { .. } => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Matter {
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
        /// The app of a guest, and when the account ends.
        guest: Option<(AppName, Timestamp)>,
    },
    AccountClosed,
    AccessAsked {
        ask: Ask,
        app: AppName,
        /// The stored address of the user.
        asker: EmailAddress,
    },
    AccessAnswered {
        app: AppName,
        slug: AppSlug,
        answer: Answer,
        until: Option<Timestamp>,
    },
    /// When a guest's account is deleted.
    GuestEnds(Timestamp),
    Test {
        asked_by: String,
    },
}

#[derive(Clone, Debug)]
pub(super) enum Verdict {
    /// The worker opens a conversation with the email server, real or pretended.
    Send(Box<Due>),
    /// The reason for the email is gone, for any recipient.
    Drop(&'static str),
    /// The reason was valid, but time ran out.
    GiveUp(&'static str),
    /// It has been pretended, and its domain still has no share left.
    Later(Timestamp),
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

pub(super) fn active_account(
    connection: &mut DbConnection,
    id: Option<AccountId>,
    now: Timestamp,
) -> Result<Option<Account>, Error> {
    let account = match id {
        Some(id) => db::accounts::find(connection, id)?,
        None => None,
    };
    Ok(account.filter(|account| account.is_usable(now)))
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
