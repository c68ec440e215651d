//! Stepping up by a code of an authenticator app, or by a recovery code instead.

use super::{BadCode, Given, Typed, check, prepare_as_account};
use crate::{
    db::{Stop, Tx},
    domain::{ReturnTo, Token, audit::Action},
    signin::{complete, step_up},
    web::{Answer, Fields, Me, Need, Note, Reply, Visit},
};
use rocket::{Route, post, routes};

#[post("/step-up/second-factor", data = "<form>")]
async fn confirm(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["code", "then"])?;
    visit.require_enrolling()?;
    let then = form.get("then").map_or_else(ReturnTo::home, ReturnTo::parse);
    let Some(typed) = Typed::read(form.required("code")?) else {
        return visit.refuse(Note::FactorNotWhole).await;
    };
    let was_totp = matches!(typed, Typed::Totp(_));
    let given = prepare_as_account(&visit, typed).await?;
    let step_up = visit.as_account(Need::enrolling(), move |tx, me| Stop::commit(freshen(tx, me, &given)));
    match step_up.await? {
        Ok(secret) => {
            visit.go_on_with(&secret);
            step_up::done_here(&visit, &then)
        }
        Err(FreshenRefusal::Code(bad)) => {
            visit.services.metrics.wrong_codes.inc();
            visit.trouble.wrong(if was_totp { "wrong app code" } else { "wrong recovery code" }, None);
            visit.refuse(bad.note(was_totp, visit.now)).await
        }
        Err(FreshenRefusal::Over) => Ok(Reply::see_other("/login")),
    }
}

enum FreshenRefusal {
    Code(BadCode),
    /// The session has ended.
    Over,
}

fn freshen(tx: &mut Tx<'_>, me: &Me, given: &Given) -> Result<Token, Stop<FreshenRefusal>> {
    let account = &me.account;
    let shown = check(tx, account, given).map_err(|stop| stop.map(FreshenRefusal::Code))?;
    let secret = complete::freshen(tx, &me.session, shown)?;
    let line = tx.line(Action::SteppedUp, account.email.as_str());
    tx.log(&line.to(shown.method.into_str()))?;
    secret.ok_or(Stop::Refused(FreshenRefusal::Over))
}

pub(super) fn routes() -> Vec<Route> {
    routes![confirm]
}
