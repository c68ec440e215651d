//! An admin tests whether emails arrive.

use super::Facts;
use crate::{
    domain::mail::MailKind,
    mail::{Letter, Samples, words::SAMPLE_CODE},
};
use serde::Serialize;

#[derive(Clone, Serialize)]
pub struct Test {
    pub asked_by: String,
    pub asked_at: String,
    /// A page where the admin says that the email arrived. Its name is that of older templates.
    pub login_link: String,
    /// A code that opens nothing, so that the email looks like others.
    pub code: &'static str,
}

impl Facts for Test {
    fn essentials(&self) -> Vec<&str> {
        Vec::new()
    }
}

pub fn samples(of: Samples<'_>) -> Vec<Letter> {
    let test = Test {
        asked_by: of.address.to_owned(),
        asked_at: of.now(),
        login_link: of.page("/admin/mail/arrived"),
        code: SAMPLE_CODE,
    };
    vec![Letter::new(MailKind::Test, test)]
}
