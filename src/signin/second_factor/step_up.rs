//! Stepping up by a code of an authenticator app, or by a recovery code instead.

use super::{Checked, Typed, check, prepare_as_account};
use crate::{
    domain::{ReturnTo, Token, audit::Action},
    signin::{complete, step_up},
    web::{Answer, Fields, Need, Note, Reply, Visit},
};
use rocket::{Route, post, routes};
use std::sync::Arc;

#[post("/step-up/second-factor", data = "<form>")]
async fn confirm(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["code", "then"])?;
    visit.require_enrolling()?;
    let then = form.get("then").map_or_else(ReturnTo::home, ReturnTo::parse);
    let Some(typed) = Typed::read(form.required("code")?) else {
        return visit.refuse(Note::FactorNotWhole);
    };
    let was_totp = matches!(typed, Typed::Totp(_));
    let given = prepare_as_account(&visit, typed).await?;
    let services = Arc::clone(visit.services);
    let step_up = visit.as_account(Need::enrolling(), move |tx, me| {
        let (settings, account) = (tx.settings()?, &me.account);
        let line = tx.line(Action::SteppedUp, account.email.as_str());
        let checked = check(tx.connection, &services, &settings, account, &given, &line, tx.now)?;
        let Checked::Right(shown) = checked else { return Ok(Came::Refused(checked)) };
        let secret = complete::freshen(tx.connection, tx.entropy, &me.session, shown, tx.now)?;
        let line = tx.line(Action::SteppedUp, account.email.as_str());
        tx.log(&line.to(shown.method.as_str()))?;
        Ok(secret.map_or(Came::Over, Came::Freshened))
    });
    match step_up.await? {
        Came::Freshened(secret) => {
            visit.go_on_with(&secret);
            step_up::done_here(&visit, &then)
        }
        Came::Refused(checked) => {
            visit.services.metrics.wrong_codes.inc();
            visit.trouble.wrong(if was_totp { "wrong app code" } else { "wrong recovery code" }, None);
            visit.refuse(checked.note(was_totp, visit.now))
        }
        Came::Over => Ok(Reply::see_other("/login")),
    }
}

/// Outcome of a code.
enum Came {
    Freshened(Token),
    Refused(Checked),
    Over,
}

pub fn routes() -> Vec<Route> {
    routes![confirm]
}
