//! Sensitive changes need a fresh proof. A form that comes without one is held, the person steps up, and finds the form again
//! as it was filled in.

use super::{Answer, Failure, Reply, Visit, query};
use crate::{
    db,
    domain::{HeldFormId, ReturnTo, session::HeldForm},
};

/// Holds a form that stands on `path` and sends the person to step up first.
pub async fn hold(visit: &Visit<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    // Also of somebody who has yet to enrol the second factor that is required: enrolling it is such a form.
    let known = visit.require_enrolling()?;
    let form = HeldForm {
        id: HeldFormId::issue(&*visit.services.entropy),
        session_id: known.session.id,
        path: path.to_owned(),
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    };
    let (id, now) = (form.id, visit.now);
    visit.write(move |connection| db::held_forms::insert(connection, &form, now)).await?;
    Ok(go(&format!("{path}?held={id}")))
}

/// Whether a form waits where somebody is going to.
pub fn is_held_at(then: &ReturnTo) -> bool {
    let query = then.as_str().split_once('?').map_or("", |(_, query)| query);
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "held")
}

/// Holds a button that has no form: the person steps up, comes back to `path`, and is told that nothing has been done yet.
pub fn hold_button(path: &str) -> Reply {
    go(&format!("{path}?done={CONFIRMED}"))
}

/// What `done` says where somebody comes back from stepping up.
pub const CONFIRMED: &str = "confirmed";
pub const PRESS_AGAIN: &str = "Thank you. Nothing has been done yet: press the button once more.";

/// Sends the person to step up and then to `path`, where nothing was filled in yet.
pub fn go(path: &str) -> Reply {
    Reply::see_other(format!("/step-up?then={}", query::encode(path)))
}

/// The held form that a page was opened with, if it is this session's and stands here.
pub async fn held(visit: &Visit<'_>, id: Option<&str>, path: &'static str) -> Result<Option<HeldForm>, Failure> {
    let (Some(id), Some(known)) = (id.and_then(|id| id.parse::<HeldFormId>().ok()), visit.signed_in()) else {
        return Ok(None);
    };
    let (session, now) = (known.session.id, visit.now);
    visit.read(move |connection| db::held_forms::find(connection, id, session, path, now)).await
}
