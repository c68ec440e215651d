//! Stepping up by password.

use crate::{
    db,
    domain::{Method, Password, ReturnTo, audit::Action},
    signin::{complete, step_up},
    web::{Answer, Failure, Fields, Reply, Visit, hashing, words::if_short},
};
use rocket::{Route, http::Status, post, routes};
use std::sync::Arc;

#[post("/step-up/password", data = "<form>")]
async fn confirm(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["password", "then"])?;
    let known = visit.require_enrolling()?;
    let then = form.get("then").map_or_else(ReturnTo::home, ReturnTo::parse);
    if !visit.settings.password_enabled {
        return Err(Failure::Forbidden);
    }
    if visit.enrolled().has_second_factor() {
        // A password would freshen nothing.
        return step_up::page(&visit, &then, Status::Forbidden, None);
    }
    hashing::take_a_try(&visit, &known.account.email).await?;
    let account = known.account.id;
    let hash = visit.read(move |connection| db::passwords::find(connection, account)).await?.map(|(hash, _)| hash);
    let typed = form.required("password")?;
    // There is no second factor, so it has to be long enough by itself.
    let is_right = match Password::present(typed).filter(|password| password.suffices(visit.enrolled())) {
        Some(password) => hashing::is_of(&visit, password, hash.clone()).await?,
        None => false,
    };
    if !is_right {
        let problem = format!("This is not your password here.{}", if_short(typed));
        return step_up::page(&visit, &then, Status::UnprocessableEntity, Some(&problem));
    }
    let start = visit.services.settings.start();
    let (session, entropy, now) = (known.session.clone(), Arc::clone(&visit.services.entropy), visit.now);
    let entry = visit.audit(Action::SteppedUp, known.account.email.as_str()).to(Method::Password.as_str());
    let secret = visit
        .write(move |connection| {
            // Switched off or changed while it was being hashed: no longer a proof.
            if !db::settings::load(connection, &start)?.password_enabled
                || db::passwords::find(connection, account)?.map(|(hash, _)| hash) != hash
            {
                return Ok(None);
            }
            let secret = complete::freshen(connection, &*entropy, &session, Method::Password, now)?;
            if secret.is_some() {
                db::audit::insert(connection, &entry)?;
            }
            Ok(secret)
        })
        .await?;
    let Some(secret) = secret else { return Ok(Reply::see_other("/login")) };
    visit.go_on_with(&secret);
    Ok(Reply::see_other(then.as_str()))
}

pub fn routes() -> Vec<Route> {
    routes![confirm]
}
