//! An email that is due: who gets it, and what it is about.

use super::loaded_mail::LoadedMail;
use crate::{
    domain::{
        EmailAddress, LanguageTag, TimeZone, Timestamp,
        code::CodeSalt,
        mail::{MailReason, QueuedMail},
    },
    sealing::{KeyRing, SealFault},
};
use std::sync::Arc;

/// An email to send.
#[derive(Clone)]
pub(super) struct Due {
    pub mail: QueuedMail,
    /// The stored address, never a typed spelling.
    pub recipient: EmailAddress,
    pub loaded: Arc<dyn LoadedMail>,
    /// The language that the owner of the account chose.
    pub language: Option<LanguageTag>,
    /// The time zone that the owner of the account chose.
    pub time_zone: Option<TimeZone>,
    /// Set if the email is only pretended. Nothing is sent, and the server's load must not reveal
    /// that.
    pub pretended: Option<Pretence>,
}

/// Outcome of an email after its pretended conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pretence {
    /// It is dropped for this reason. The log of the outbox has it.
    Ends(MailReason),
    /// It waits, because its domain has had its share of emails to addresses without an account.
    PutsOff(Timestamp),
}

impl Due {
    pub(super) fn new(mail: &QueuedMail, recipient: EmailAddress, loaded: Arc<dyn LoadedMail>) -> Self {
        Self { mail: mail.clone(), recipient, loaded, language: None, time_zone: None, pretended: None }
    }

    /// Returns the languages for it, best first: the owner's own choice, then that of the browser
    /// that asked.
    pub(super) fn languages(&self) -> impl Iterator<Item = &LanguageTag> {
        self.language.iter().chain(&self.mail.language)
    }

    /// Returns the salt of its code, if it has a code.
    pub(super) fn code_salt(&self, keys: &KeyRing) -> Result<Option<CodeSalt>, SealFault> {
        let attempt = self.loaded.attempt().filter(|attempt| attempt.purpose.has_code());
        attempt.and_then(|attempt| attempt.verifier.as_ref()).map(|verifier| keys.code_salt(verifier)).transpose()
    }
}

pub(super) enum Verdict {
    /// The worker opens a conversation with the email server, real or pretended.
    Send(Box<Due>),
    /// The reason for the email is gone, for any recipient.
    Drop(MailReason),
    /// The reason was valid, but time ran out.
    GiveUp(MailReason),
    /// It has been pretended, and its domain still has no share left.
    Later(Timestamp),
}
