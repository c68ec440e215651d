//! Sensitive changes need a fresh proof. A form that comes without one is held, the person steps up, and finds the form again
//! as it was filled in.

use super::{Failure, Reply, Visit, query};
use crate::{
    db::{self, Error, Tx},
    domain::{HeldFormId, ReturnTo, SessionId, session::HeldForm},
};

/// How a user comes back to what they were about to do when their last proof is not fresh enough for it.
#[derive(Clone)]
pub enum Stale {
    /// A form that stands on `path`: it is held, and found again as it was filled in.
    Form { path: String, fields: Vec<(String, String)> },
    /// A button that has no form: the user comes back to this page, and is told that nothing has been done yet.
    Button(String),
    /// A page where nothing was filled in yet, or nothing that may wait.
    Page(String),
}

impl Stale {
    pub fn form(path: &str, fields: &[(&str, &str)]) -> Self {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::Form { path: path.to_owned(), fields }
    }

    pub fn button(path: &str) -> Self {
        Self::Button(path.to_owned())
    }

    pub fn page(path: &str) -> Self {
        Self::Page(path.to_owned())
    }

    /// Where the user comes back to, as far as that needs nothing held.
    pub fn back(&self) -> &str {
        match self {
            Self::Form { path, .. } => path,
            Self::Button(to) | Self::Page(to) => to,
        }
    }

    /// Holds what there is to hold, in the transaction that found the proof too old; where the user comes back to.
    pub fn hold(&self, tx: &mut Tx<'_>, session: SessionId) -> Result<String, Error> {
        let Self::Form { path, fields } = self else { return Ok(self.back().to_owned()) };
        let id = HeldFormId::issue(tx.entropy);
        let form = HeldForm { id, session_id: session, path: path.clone(), fields: fields.clone() };
        db::held_forms::insert(tx.connection, &form, tx.now)?;
        Ok(format!("{path}?held={id}"))
    }
}

/// Whether a form waits where somebody is going to.
pub fn is_held_at(then: &ReturnTo) -> bool {
    let query = then.as_str().split_once('?').map_or("", |(_, query)| query);
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "held")
}

/// Sends the person to step up and then to `path`, where nothing was filled in yet.
pub fn go(path: &str) -> Reply {
    Reply::see_other(format!("/step-up?then={}", query::encode(path)))
}

/// The held form that a page was opened with, if it is this session's and stands here.
pub async fn held(visit: &Visit<'_>, id: Option<&str>, path: &'static str) -> Result<Option<HeldForm>, Failure> {
    let Some(known) = visit.signed_in() else { return Ok(None) };
    let Some(id) = id.and_then(|id| id.parse::<HeldFormId>().ok()) else {
        // Or one whose session had ended; its owner has signed in again.
        let form = |fields| HeldForm {
            id: HeldFormId::from_i64(0),
            session_id: known.session.id,
            path: path.to_owned(),
            fields,
        };
        return Ok(visit.kept(path).map(form));
    };
    let (session, now) = (known.session.id, visit.now);
    visit.read(move |connection| db::held_forms::find(connection, id, session, path, now)).await
}
