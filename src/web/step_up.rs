//! Sensitive changes need a fresh proof. A form that comes without one is held, the person steps up, and finds the form again
//! as it was filled in.

use super::{Answer, Failure, Reply, Visit};
use crate::{
    db,
    domain::{HeldFormId, session::HeldForm},
};

/// Holds a form that stands on `path` and sends the person to step up first.
pub async fn hold(visit: &Visit<'_>, path: &'static str, fields: &[(&str, &str)]) -> Answer {
    let known = visit.require()?;
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

/// Sends the person to step up and then to `path`.
pub fn go(path: &str) -> Reply {
    let then: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
    Reply::see_other(format!("/step-up?then={then}"))
}

/// The held form that a page was opened with, if it is this session's and stands here.
pub async fn held(visit: &Visit<'_>, id: Option<&str>, path: &'static str) -> Result<Option<HeldForm>, Failure> {
    let (Some(id), Some(known)) = (id.and_then(|id| id.parse::<HeldFormId>().ok()), visit.signed_in()) else {
        return Ok(None);
    };
    let (session, now) = (known.session.id, visit.now);
    visit.read(move |connection| db::held_forms::find(connection, id, session, path, now)).await
}
