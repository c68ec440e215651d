//! Forms that wait. Sensitive changes need a fresh proof: a form that comes without one is held
//! while the user verifies. Then the page shows it as it was filled in.
//!
//! A button that does no harm is held, too. Then the page presses it.

use super::{Failure, Note, Visit};
use crate::{
    db::{self, Error, Tx},
    domain::{Destination, HeldFormId, ReturnTo, SessionId, session::HeldForm},
};

/// Name of the id of a held form in an address.
const HELD: &str = "held";
/// Name of the id of a held button in an address, and of the field that says what it sends.
pub const PRESSED: &str = "pressed";

/// Way by which a user comes back after a step-up.
#[derive(Clone)]
pub enum Stale {
    /// A form on the page `path`: it is held, and shown again as it was filled in.
    Form(Held),
    /// A button without a form: its page says that nothing has been done yet.
    Button(String),
    /// The same for a button that removes and grants nothing, and whose act can be undone or
    /// repeated. Its page presses it.
    Press(Held),
    /// A page where the user has filled in nothing, or nothing that may be held.
    Page(String),
}

/// A form on a page of ours, to be stored.
#[derive(Clone)]
pub struct Held {
    pub path: String,
    pub fields: Vec<(String, String)>,
}

impl Held {
    pub fn store(&self, tx: &mut Tx<'_>, session: SessionId) -> Result<HeldFormId, Error> {
        let id = HeldFormId::issue(tx.entropy);
        let form = HeldForm { id, session_id: session, destination: page(&self.path), fields: self.fields.clone() };
        db::held_forms::insert(tx.connection, &form, tx.now)?;
        Ok(id)
    }
}

impl Stale {
    pub fn form(path: &str, fields: &[(&str, &str)]) -> Self {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::Form(Held { path: path.to_owned(), fields })
    }

    pub fn button(path: &str) -> Self {
        Self::Button(path.to_owned())
    }

    /// Returns the way back to the page with a button. Its form has this action and these fields.
    pub fn press(page: &str, action: &str, fields: &[(&str, &str)]) -> Self {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(fields);
        let what = format!("{action}?{}", query.finish());
        Self::Press(Held { path: page.to_owned(), fields: vec![(PRESSED.to_owned(), what)] })
    }

    pub fn page(path: &str) -> Self {
        Self::Page(path.to_owned())
    }

    /// Returns where the user comes back to, if nothing is held.
    pub fn back(&self) -> &str {
        match self {
            Self::Form(held) | Self::Press(held) => &held.path,
            Self::Button(to) | Self::Page(to) => to,
        }
    }

    /// Holds the form or the button, if any, in the transaction that found the proof too old.
    /// Returns where the user comes back to.
    pub fn hold(&self, tx: &mut Tx<'_>, session: SessionId) -> Result<String, Error> {
        let (held, name) = match self {
            Self::Form(held) => (held, HELD),
            Self::Press(held) => (held, PRESSED),
            Self::Button(to) | Self::Page(to) => return Ok(to.clone()),
        };
        let id = held.store(tx, session)?;
        Ok(format!("{}?{name}={id}", held.path))
    }
}

/// Returns the destination of a form on a page of ours.
fn page(path: &str) -> Destination {
    ReturnTo::parse(path).into()
}

/// Returns whether a form waits at the end of this way back.
pub fn is_held_at(then: &ReturnTo) -> bool {
    value_at(then, HELD).is_some()
}

/// Returns the button that waits at the end of this way back.
pub fn pressed_at(then: &ReturnTo) -> Option<HeldFormId> {
    value_at(then, PRESSED)?.parse().ok()
}

fn value_at(then: &ReturnTo, wanted: &str) -> Option<String> {
    let query = then.as_str().split_once('?').map_or("", |(_, query)| query);
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
}

/// Returns whether the page sends a held form by itself. It does if its user has just given the
/// proof in this tab. The browser sends it as any other form. Gatepost therefore checks all that it
/// checks after a press of the button.
pub fn continues(visit: &Visit<'_>, held: Option<&HeldForm>) -> bool {
    held.and_then(query_of).is_some() && visit.said().is_some_and(|said| said.note == Note::Continues)
}

/// Returns the query by which a page finds this form. `None` for the form of an ended session: it
/// has waited for no proof, and a cookie has it.
pub fn query_of(held: &HeldForm) -> Option<String> {
    (held.id != HeldForm::IN_A_COOKIE).then(|| format!("held={}", held.id))
}

/// Returns the held form that a page was opened with, if it belongs to this session and page.
pub async fn held(visit: &Visit<'_>, id: Option<&str>, path: &str) -> Result<Option<HeldForm>, Failure> {
    let Some(known) = visit.signed_in() else { return Ok(None) };
    let Some(id) = id.and_then(|id| id.parse::<HeldFormId>().ok()) else {
        // Also takes a form of an ended session, once its owner has signed in again.
        let form = |fields| HeldForm {
            id: HeldForm::IN_A_COOKIE,
            session_id: known.session.id,
            destination: page(path),
            fields,
        };
        return Ok(visit.kept(path).map(form));
    };
    let (session, now) = (known.session.id, visit.now);
    let held = visit.read(move |connection| db::held_forms::find(connection, id, session, now)).await?;
    Ok(held.filter(|form| form.destination == page(path)))
}
