//! A link that moves an account to the address of the reader.

use crate::{
    db::{self, Error},
    domain::{
        Attempt, EmailAddress,
        mail::{MailKind, MailReason},
    },
    mail::{Facts, MailFacts, Samples, words::Asked},
    outbox::{
        decision_context::DecisionContext,
        draft::Draft,
        kind::{Decide, Kind},
        loaded_mail::LoadedMail,
        typed::{Addressed, Reader},
    },
};
use serde::Serialize;

pub(super) const KIND: Kind = Kind { samples, decide: Decide::Typed(address) };

#[derive(Clone, Serialize)]
pub struct ConfirmAddress {
    pub link: String,
    pub cancel_link: String,
    #[serde(flatten)]
    pub old: OldAddress,
    #[serde(flatten)]
    pub asked: Asked,
}

/// The address of an account that is about to move. The reader may be a stranger, so that mail
/// programs must not make a link of it.
#[derive(Clone, Serialize)]
pub struct OldAddress {
    pub old_address: String,
    /// The same with its domain in the reader's own script, if that differs.
    pub old_address_unicode: Option<String>,
}

impl From<&EmailAddress> for OldAddress {
    fn from(address: &EmailAddress) -> Self {
        Self { old_address: address.unlinked(), old_address_unicode: address.in_unicode() }
    }
}

impl Facts for ConfirmAddress {
    fn essentials(&self) -> Vec<&str> {
        vec![&self.link, &self.cancel_link]
    }

    fn without_place(self) -> Self {
        let old = OldAddress { old_address_unicode: None, ..self.old };
        Self { asked: self.asked.without_place(), old, ..self }
    }
}

fn samples(of: Samples<'_>) -> Vec<MailFacts> {
    let confirm = ConfirmAddress {
        link: of.link("/auth/verify"),
        cancel_link: of.link("/auth/cancel"),
        old: OldAddress { old_address: of.address.to_owned(), old_address_unicode: of.in_unicode() },
        asked: of.asked(),
    };
    vec![MailFacts::new(MailKind::ConfirmAddress, confirm)]
}

fn address(context: &mut DecisionContext<'_>, attempt: Attempt) -> Result<Addressed, Error> {
    let asker = context.active_account(attempt.account_id)?;
    let taken = db::accounts::find_by_email(context.connection, &attempt.email)?.is_some();
    let reader = match &asker {
        None => Reader::None(MailReason::AccountGone),
        Some(_) if !context.settings.may_move_to(&attempt.email) => Reader::None(MailReason::NewAddressMayNotJoin),
        Some(_) if taken => Reader::None(MailReason::NewAddressTaken),
        Some(_) => Reader::Newcomer,
    };
    let recipient = attempt.email.clone();
    let old_address = asker.map_or_else(|| recipient.clone(), |account| account.email);
    Ok(Addressed::new(recipient, reader, Move { attempt, old_address }))
}

/// A move that waits for the reader's consent.
struct Move {
    attempt: Attempt,
    old_address: EmailAddress,
}

impl LoadedMail for Move {
    fn mail_facts(&self, draft: &Draft<'_>) -> MailFacts {
        draft.mail_facts(ConfirmAddress {
            link: draft.open_link("/auth/verify"),
            cancel_link: draft.cancel_link(),
            old: (&self.old_address).into(),
            asked: draft.asked(&self.attempt),
        })
    }

    fn attempt(&self) -> Option<&Attempt> {
        Some(&self.attempt)
    }
}
