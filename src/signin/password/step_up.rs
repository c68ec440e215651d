//! Stepping up by password.

use crate::{
    db::{self, Stop, Tx},
    domain::{Method, Password, PasswordHash, ReturnTo, Shown, Token, audit::Action, password},
    signin::{complete, step_up},
    web::{Answer, Failure, Fields, Me, Need, Note, Reply, Visit, hashing},
};
use rocket::{Route, post, routes};

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
        return Ok(step_up::way(&then));
    }
    hashing::take_a_try_as_account(&visit).await?;
    let account = known.account.id;
    let hash = visit.read(move |connection| db::passwords::find(connection, account)).await?.map(|(hash, _)| hash);
    let typed = form.required("password")?;
    // There is no second factor, so that it has to be long enough by itself.
    let is_right = match Password::present(typed).filter(|password| password.suffices(visit.enrolled())) {
        Some(password) => hashing::is_of(&visit, password, hash.clone()).await?,
        None => false,
    };
    if !is_right {
        visit.services.metrics.wrong_passwords.inc();
        visit.trouble.wrong("wrong password", None);
        return visit.refuse(Note::NotYourPassword { short: password::is_short(typed) }).await;
    }
    let step_up = visit.as_account(Need::enrolling(), move |tx, me| Stop::commit(freshen(tx, me, hash.as_ref())));
    let Ok(secret) = step_up.await? else { return Ok(Reply::see_other("/login")) };
    visit.go_on_with(&secret);
    step_up::done_here(&visit, &then)
}

/// The password is no longer a proof, or the session has ended.
struct Over;

fn freshen(tx: &mut Tx<'_>, me: &Me, hash: Option<&PasswordHash>) -> Result<Token, Stop<Over>> {
    // Passwords were turned off, this one changed, or a second factor was added during hashing.
    if !tx.settings()?.password_enabled
        || me.enrolled.has_second_factor()
        || db::passwords::find(tx.connection, me.account.id)?.map(|(hash, _)| hash).as_ref() != hash
    {
        return Err(Stop::Refused(Over));
    }
    let secret = complete::freshen(tx, &me.session, Shown::first(Method::Password))?.ok_or(Stop::Refused(Over))?;
    let line = tx.line(Action::SteppedUp, me.account.email.as_str());
    tx.log(&line.to(Method::Password.into_str()))?;
    Ok(secret)
}

pub(super) fn routes() -> Vec<Route> {
    routes![confirm]
}
