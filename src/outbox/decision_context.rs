//! An email in the outbox that the worker decides about, with what most kinds look up.

use super::{
    due::{Due, Verdict},
    loaded_mail::LoadedMail,
};
use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, AccountId, Attempt, EmailAddress, GainId, Purpose, Settings, Timestamp,
        mail::{MailReason, QueuedMail},
    },
};
use std::{str::FromStr, sync::Arc};

pub(super) struct DecisionContext<'a> {
    pub connection: &'a mut DbConnection,
    pub mail: &'a QueuedMail,
    pub settings: &'a Settings,
    pub now: Timestamp,
}

impl DecisionContext<'_> {
    /// Sends it to this address.
    pub(super) fn send(&self, recipient: EmailAddress, loaded: impl LoadedMail) -> Verdict {
        Verdict::Send(Box::new(Due::new(self.mail, recipient, Arc::new(loaded))))
    }

    /// Sends it to the address that it was queued for.
    pub(super) fn send_as_queued(&self, loaded: impl LoadedMail) -> Verdict {
        self.send(self.mail.recipient.clone(), loaded)
    }

    /// Returns the fact in the email's note, behind the mark of its kind if it has one. A note that
    /// cannot be read is an error, which ends this email alone.
    pub(super) fn fact<T: FromStr>(&self) -> Result<T, Error> {
        let note = &self.mail.note;
        let fact = self.mail.kind.fact(note).unwrap_or(note);
        fact.parse().map_err(|_| Error::unreadable("note of an email"))
    }

    /// Returns an account that can sign in.
    pub(super) fn active_account(&mut self, id: Option<AccountId>) -> Result<Option<Account>, Error> {
        let account = match id {
            Some(id) => db::accounts::find(self.connection, id)?,
            None => None,
        };
        Ok(account.filter(|account| account.is_usable(self.now)))
    }

    /// Returns the gain that the email tells, if it can still be undone.
    pub(super) fn gain(&mut self) -> Result<Option<GainId>, Error> {
        let gained = db::gains::of_mail(self.connection, self.mail.id)?;
        Ok(gained.filter(|gained| gained.can_be_undone(self.now)).map(|gained| gained.id))
    }

    /// Returns the email's attempt, unless no address gets such an email now. Nothing here depends
    /// on the address.
    pub(super) fn attempt(&mut self) -> Result<Result<Attempt, Verdict>, Error> {
        let attempt = match self.mail.attempt_id {
            Some(id) => db::attempts::find(self.connection, id)?,
            None => None,
        };
        Ok(match attempt {
            None => Err(Verdict::Drop(MailReason::AttemptForgotten)),
            Some(attempt) if attempt.muted => Err(Verdict::Drop(MailReason::OverLimit)),
            Some(attempt) if attempt.is_too_old_to_send(self.now) => Err(Verdict::GiveUp(MailReason::TooLate)),
            Some(attempt) => match hindrance(attempt.purpose, self.settings) {
                Some(reason) => Err(Verdict::Drop(reason)),
                None => Ok(attempt),
            },
        })
    }
}

/// Returns why no email of this purpose is sent now, if so.
fn hindrance(purpose: Purpose, settings: &Settings) -> Option<MailReason> {
    match purpose {
        Purpose::ConsoleLink | Purpose::SetUp => Some(MailReason::LinkIsPrinted),
        Purpose::ResetPassword => (!settings.password_enabled).then_some(MailReason::PasswordsOff),
        Purpose::SignIn | Purpose::StepUp | Purpose::ConfirmAddress => {
            (!settings.email_link_enabled).then_some(MailReason::EmailLinksOff)
        }
    }
}
