//! A link that moves an account to the address of the reader.

use super::Facts;
use crate::{
    domain::{EmailAddress, mail::MailKind},
    mail::{Letter, Samples, words::Asked},
};
use serde::Serialize;

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

pub fn samples(of: Samples<'_>) -> Vec<Letter> {
    let confirm = ConfirmAddress {
        link: of.link("/auth/verify"),
        cancel_link: of.link("/auth/cancel"),
        old: OldAddress { old_address: of.address.to_owned(), old_address_unicode: of.in_unicode() },
        asked: of.asked(),
    };
    vec![Letter::new(MailKind::ConfirmAddress, confirm)]
}
