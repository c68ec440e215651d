//! Signing out other browsers. No step-up: whoever finds a stranger among their sessions should not have to wait for a mail.

use crate::{
    db,
    domain::{SessionId, audit::Action},
    web::{Answer, Failure, Fields, NoFields, Reply, Visit},
};
use rocket::{Route, post, routes};

#[post("/account/sessions/revoke", data = "<form>")]
async fn revoke(visit: Visit<'_>, form: Fields) -> Answer {
    let known = visit.require()?;
    form.only(&["session"])?;
    let session: SessionId = form.required("session")?.parse().map_err(|_| Failure::BadRequest)?;
    let account = known.account.id;
    let entry = visit.audit(Action::SessionRevoked, known.account.email.as_str());
    let gone = visit
        .write(move |connection| {
            let gone = db::sessions::delete(connection, account, session)?;
            if gone {
                db::audit::insert(connection, &entry)?;
            }
            Ok(gone)
        })
        .await?;
    if !gone {
        // Somebody else's, or gone already: there is no telling which.
        return Err(Failure::NotFound);
    }
    if session == known.session.id {
        visit.drop_session_cookie();
        return Ok(Reply::see_other("/login"));
    }
    Ok(Reply::see_other("/account?done=session"))
}

#[post("/account/sessions/revoke-others", data = "<_form>")]
async fn revoke_others(visit: Visit<'_>, _form: NoFields) -> Answer {
    let known = visit.require()?;
    let (account, keep) = (known.account.id, known.session.id);
    let entry = visit.audit(Action::OtherSessionsRevoked, known.account.email.as_str());
    visit
        .write(move |connection| {
            let count = db::sessions::delete_others(connection, account, keep)?;
            db::audit::insert(connection, &entry.clone().to(count.to_string()))
        })
        .await?;
    Ok(Reply::see_other("/account?done=sessions"))
}

pub fn routes() -> Vec<Route> {
    routes![revoke, revoke_others]
}
