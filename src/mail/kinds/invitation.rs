//! An admin has made an account for the reader.

use super::Facts;
use crate::{
    domain::{Lifetime, mail::MailKind},
    mail::{Letter, Samples},
};
use serde::Serialize;

#[derive(Clone, Serialize)]
pub struct Invitation {
    pub inviter: String,
    /// Signs in by itself, once. The name is that of the previous version, whose link led to the
    /// sign-in page.
    pub login_link: String,
    pub lifetime: String,
    /// The app to which a guest is invited.
    pub app: Option<String>,
    /// When the guest's account is deleted.
    pub until: Option<String>,
}

impl Facts for Invitation {
    fn essentials(&self) -> Vec<&str> {
        vec![&self.login_link]
    }
}

pub fn samples(of: Samples<'_>) -> Vec<Letter> {
    let invitation = Invitation {
        inviter: of.address.to_owned(),
        login_link: of.link("/auth/invitation"),
        lifetime: of.locale.span(Lifetime::days(7)),
        app: None,
        until: None,
    };
    let guest =
        Invitation { app: Some("Wiki".to_owned()), until: Some(of.after(Lifetime::days(30))), ..invitation.clone() };
    vec![Letter::new(MailKind::Invitation, invitation), Letter::new(MailKind::Invitation, guest)]
}
