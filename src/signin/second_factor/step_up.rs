//! Stepping up by the code of an authenticator app, or by a recovery code in its place.

use super::{Checked, NOT_WHOLE, Typed, check, prepare};
use crate::{
    db,
    domain::{AuditEntry, ReturnTo, Token, audit::Action},
    signin::{complete, step_up},
    web::{Answer, Fields, Reply, Visit},
};
use rocket::{Route, http::Status, post, routes};
use std::sync::Arc;

#[post("/step-up/second-factor", data = "<form>")]
async fn confirm(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["code", "then"])?;
    let known = visit.require_enrolling()?;
    let then = form.get("then").map_or_else(ReturnTo::home, ReturnTo::parse);
    let Some(typed) = Typed::read(form.required("code")?) else {
        return step_up::page(&visit, &then, Status::UnprocessableEntity, Some(NOT_WHOLE));
    };
    let was_totp = matches!(typed, Typed::Totp(_));
    let given = prepare(&visit, &known.account, typed).await?;
    let (services, session, now) = (Arc::clone(visit.services), known.session.clone(), visit.now);
    let (account, line) = (known.account.clone(), visit.audit(Action::SteppedUp, known.account.email.as_str()));
    let came: Option<Result<Token, Checked>> = visit
        .write_and_ring(move |connection| {
            db::serialise(connection, &account.email.mailbox())?;
            let settings = db::settings::load(connection, &services.settings.start())?;
            // As it is now: an account disabled or moved a moment ago, or a session ended, gets nothing fresh and uses nothing up.
            let still = db::accounts::find(connection, account.id)?;
            let is_same = still.is_some_and(|still| still.is_active() && still.email == account.email);
            if !is_same || !db::sessions::exists(connection, session.id)? {
                return Ok(None);
            }
            let method = match check(connection, &services, &settings, &account, &given, &line, now)? {
                Checked::Right(method) => method,
                refused => return Ok(Some(Err(refused))),
            };
            let secret = complete::freshen(connection, &*services.entropy, &session, method, now)?;
            let line = line.about(&*services.entropy, account.email.as_str()).to(method.as_str());
            db::audit::insert(connection, &AuditEntry { action: Action::SteppedUp, ..line })?;
            Ok(secret.map(Ok))
        })
        .await?;
    match came {
        Some(Ok(secret)) => {
            visit.go_on_with(&secret);
            Ok(Reply::see_other(then.as_str()))
        }
        Some(Err(checked)) => {
            visit.services.metrics.wrong_codes.inc();
            step_up::page(&visit, &then, checked.status(), Some(&checked.words(was_totp)))
        }
        None => Ok(Reply::see_other("/login")),
    }
}

pub fn routes() -> Vec<Route> {
    routes![confirm]
}
