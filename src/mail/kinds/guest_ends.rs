//! A guest's account is about to be deleted.

use super::Facts;
use crate::{
    domain::{Lifetime, mail::MailKind},
    mail::{Letter, Samples},
};
use serde::Serialize;

#[derive(Clone, Serialize)]
pub struct GuestEnds {
    pub until: String,
}

impl Facts for GuestEnds {
    fn essentials(&self) -> Vec<&str> {
        Vec::new()
    }
}

pub fn samples(of: Samples<'_>) -> Vec<Letter> {
    vec![Letter::new(MailKind::GuestEnds, GuestEnds { until: of.after(Lifetime::days(1)) })]
}
