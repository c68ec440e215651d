//! Signing out other browsers. No step-up: a user who finds a stranger's session should not have to
//! wait for an email.

use crate::{
    db,
    domain::{SessionId, audit::Action},
    web::{Answer, Failure, Fields, Need, NoFields, Note, Question, Reply, Visit},
};
use rocket::{Route, get, post, routes};

#[post("/account/sessions/revoke", data = "<form>")]
async fn revoke(visit: Visit<'_>, form: Fields) -> Answer {
    let known = visit.require()?;
    form.only(&["session"])?;
    let session: SessionId = form.required("session")?.parse().map_err(|_| Failure::BadRequest)?;
    let revoke = visit.as_account(Need::signed_in(), move |tx, me| {
        let browser = db::sessions::browser_of(tx.connection, me.account.id, session)?;
        let gone = db::sessions::revoke(tx.connection, me.account.id, session)?;
        if gone {
            // A stranger who comes back is told of again. Signing out by oneself is no such thing.
            if let Some(browser) = browser.filter(|_| session != me.session.id) {
                db::known_browsers::sign_out(tx.connection, browser, tx.now)?;
            }
            tx.log(&tx.line(Action::SessionRevoked, me.account.email.as_str()))?;
        }
        Ok(gone)
    });
    if !revoke.await? {
        // The answer does not reveal whether the id is another account's or already gone.
        return Err(Failure::NotFound);
    }
    if session == known.session.id {
        visit.drop_session_cookie();
        return Ok(Reply::see_other("/login"));
    }
    visit.say("/account", Note::BrowserSignedOut)
}

#[get("/account/sessions/revoke-others")]
fn ask_revoke_others(visit: Visit<'_>) -> Answer {
    visit.require()?;
    let say = |key| visit.locale.say(key).to_string();
    visit.ask(&Question {
        title: &say("sign-out-others-question"),
        about: "",
        what_follows: &[&say("sign-out-others-question.what")],
        button: &say("sign-out-others"),
        back: "/account",
    })
}

#[post("/account/sessions/revoke-others", data = "<_form>")]
async fn revoke_others(visit: Visit<'_>, _form: NoFields) -> Answer {
    let revoke = visit.as_account(Need::signed_in(), |tx, me| {
        let count = db::sessions::delete_others(tx.connection, me.account.id, me.session.id)?;
        let browser = db::sessions::browser_of(tx.connection, me.account.id, me.session.id)?;
        db::known_browsers::sign_out_others(tx.connection, me.account.id, browser, tx.now)?;
        if count > 0 {
            let line = tx.line(Action::OtherSessionsRevoked, me.account.email.as_str());
            tx.log(&line.to(count.to_string()))?;
        }
        Ok(())
    });
    revoke.await?;
    visit.say("/account", Note::OthersSignedOut)
}

pub fn routes() -> Vec<Route> {
    routes![revoke, ask_revoke_others, revoke_others]
}
