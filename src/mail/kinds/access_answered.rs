//! An admin has answered a user who asked for access to an app.

use super::Facts;
use crate::{
    domain::{Lifetime, mail::MailKind},
    mail::{Letter, Samples},
};
use serde::Serialize;

#[derive(Clone, Serialize)]
pub struct AccessAnswered {
    pub app: String,
    pub is_yes: bool,
    /// When the access ends.
    pub until: Option<String>,
    /// The page that leads to the app, or says whether the user can ask again.
    pub app_link: String,
}

impl Facts for AccessAnswered {
    fn essentials(&self) -> Vec<&str> {
        if self.is_yes { vec![&self.app_link] } else { Vec::new() }
    }
}

pub fn samples(of: Samples<'_>) -> Vec<Letter> {
    let answered = |is_yes, until| AccessAnswered {
        app: "Wiki".to_owned(),
        is_yes,
        until,
        app_link: of.page("/apps/access?app=wiki"),
    };
    let until = Some(of.after(Lifetime::days(30)));
    let all = [answered(true, None), answered(true, until), answered(false, None)];
    all.into_iter().map(|answered| Letter::new(MailKind::AccessAnswered, answered)).collect()
}
