//! The account has moved to another address. The link undoes that.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        EmailAddress,
        account::AddressChange,
        gain::UNDO_LIFETIME,
        mail::{MailKind, MailReason},
    },
    mail::{Facts, MailFacts, Samples, words::Place},
    outbox::{
        decision_context::DecisionContext,
        draft::Draft,
        due::Verdict,
        kind::{Decide, Kind},
        loaded_mail::{Link, LoadedMail},
    },
};
use serde::Serialize;

pub(super) const KIND: Kind = Kind { samples, decide: Decide::Own(decide) };

#[derive(Clone, Serialize)]
pub struct AddressChanged {
    #[serde(flatten)]
    pub new: NewAddress,
    pub changed_at: String,
    #[serde(flatten)]
    pub place: Place,
    pub undo_link: String,
    pub undo_lifetime: String,
}

/// The account's new address. Its owner may be an attacker, so that mail programs must not make a
/// link of it.
#[derive(Clone, Serialize)]
pub struct NewAddress {
    pub new_address: String,
    /// The same with its domain in the reader's own script, if that differs.
    pub new_address_unicode: Option<String>,
}

impl From<&EmailAddress> for NewAddress {
    fn from(address: &EmailAddress) -> Self {
        Self { new_address: address.unlinked(), new_address_unicode: address.in_unicode() }
    }
}

impl Facts for AddressChanged {
    fn essentials(&self) -> Vec<&str> {
        vec![&self.undo_link]
    }

    fn without_place(self) -> Self {
        let new = NewAddress { new_address_unicode: None, ..self.new };
        Self { place: Place::default(), new, ..self }
    }
}

fn samples(of: Samples<'_>) -> Vec<MailFacts> {
    let changed = AddressChanged {
        new: NewAddress { new_address: of.address.to_owned(), new_address_unicode: of.in_unicode() },
        changed_at: of.now(),
        place: of.place(),
        undo_link: of.link("/auth/undo"),
        undo_lifetime: of.locale.span(UNDO_LIFETIME),
    };
    vec![MailFacts::new(MailKind::AddressChanged, changed)]
}

fn decide(context: &mut DecisionContext<'_>) -> Result<Verdict, Error> {
    let id = context.fact()?;
    Ok(match db::address_changes::find(context.connection, id)? {
        Some(change) => context.send(change.old_email.clone(), Moved(change)),
        None => Verdict::Drop(MailReason::ChangeForgotten),
    })
}

struct Moved(AddressChange);

impl LoadedMail for Moved {
    fn mail_facts(&self, draft: &Draft<'_>) -> MailFacts {
        draft.mail_facts(AddressChanged {
            new: (&self.0.new_email).into(),
            changed_at: draft.moment(self.0.changed_at),
            place: draft.place(),
            undo_link: draft.open_link("/auth/undo"),
            undo_lifetime: draft.undo_lifetime(),
        })
    }

    fn store(&self, connection: &mut DbConnection, link: &Link<'_>) -> Result<bool, Error> {
        db::address_changes::mint_undo(connection, self.0.id, &link.token, link.round.now)
    }
}
