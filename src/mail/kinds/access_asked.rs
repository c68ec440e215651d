//! A user asks an admin for access to an app.

use super::Facts;
use crate::{
    domain::mail::MailKind,
    mail::{Letter, Samples},
};
use serde::Serialize;

#[derive(Clone, Serialize)]
pub struct AccessAsked {
    pub app: String,
    /// Address of the user, written so that no email program makes a link of it.
    pub asker: String,
    pub asked_at: String,
    /// Pages that ask before they answer. Only a signed-in admin sees them.
    pub yes_link: String,
    pub until_link: String,
    pub no_link: String,
}

impl Facts for AccessAsked {
    fn essentials(&self) -> Vec<&str> {
        vec![&self.yes_link, &self.until_link, &self.no_link]
    }
}

pub fn samples(of: Samples<'_>) -> Vec<Letter> {
    let page = |answer| of.page(&format!("/admin/asks/0000000000000000/{answer}"));
    let asked = AccessAsked {
        app: "Wiki".to_owned(),
        asker: of.address.to_owned(),
        asked_at: of.now(),
        yes_link: page("yes"),
        until_link: page("until"),
        no_link: page("no"),
    };
    vec![Letter::new(MailKind::AccessAsked, asked)]
}
