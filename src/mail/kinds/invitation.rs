//! An admin has made an account for the reader.

use super::Facts;
use crate::{
    domain::mail::MailKind,
    mail::{Letter, Samples},
};
use serde::Serialize;

#[derive(Clone, Serialize)]
pub struct Invitation {
    pub inviter: String,
    pub login_link: String,
}

impl Facts for Invitation {
    fn essentials(&self) -> Vec<&str> {
        vec![&self.login_link]
    }
}

pub fn samples(of: Samples<'_>) -> Vec<Letter> {
    let invitation = Invitation { inviter: of.address.to_owned(), login_link: of.page("/login") };
    vec![Letter::new(MailKind::Invitation, invitation)]
}
