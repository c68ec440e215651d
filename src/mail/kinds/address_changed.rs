//! The account has moved to another address. The link undoes that.

use super::Facts;
use crate::{
    domain::{EmailAddress, gain::UNDO_LIFETIME, mail::MailKind},
    mail::{Letter, Samples, words::Place},
};
use serde::Serialize;

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

pub fn samples(of: Samples<'_>) -> Vec<Letter> {
    let changed = AddressChanged {
        new: NewAddress { new_address: of.address.to_owned(), new_address_unicode: of.in_unicode() },
        changed_at: of.now(),
        place: of.place(),
        undo_link: of.link("/auth/undo"),
        undo_lifetime: of.locale.span(UNDO_LIFETIME),
    };
    vec![Letter::new(MailKind::AddressChanged, changed)]
}
