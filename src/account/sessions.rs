//! `/account/sessions`: where the user is signed in, and signing out other browsers. No step-up: a
//! user who finds a stranger's session should not have to wait for an email.

use super::relative::{ago, is_active};
use crate::{
    db,
    domain::{Session, SessionId, audit::Action},
    locale::Ago,
    web::{Answer, Failure, Fields, Layout, Need, NoFields, Note, Question, Visit, cookies::Name},
};
use askama::Template;
use rocket::{Route, get, post, routes};

const PATH: &str = "/account/sessions";

#[derive(Template)]
#[template(path = "account/sessions.html")]
struct SessionsPage {
    layout: Layout,
    sessions: Vec<SessionRow>,
    has_places: bool,
}

/// A signed-in browser, as its owner sees it.
struct SessionRow {
    id: String,
    browser: String,
    client: Option<String>,
    /// City and country of the address, if the operator has a file of them.
    place: String,
    methods: String,
    since: Ago,
    seen: Ago,
    is_active: bool,
    is_handheld: bool,
    remembered: bool,
    is_this: bool,
}

impl SessionRow {
    fn new(session: &Session, this: SessionId, visit: &Visit<'_>) -> Self {
        let (locale, now) = (&visit.locale, visit.now);
        let of = |client| visit.services.places.get().map(|places| places.of(client, locale.tag()));
        let methods: Vec<_> = session.proofs.iter().map(|proof| locale.say(proof.method.key()).to_string()).collect();
        Self {
            id: session.id.to_string(),
            browser: locale.browser(&session.browser),
            client: session.client.map(|client| client.to_string()),
            place: locale.values(&session.client.and_then(of).unwrap_or_default()),
            methods: locale.list(&methods),
            since: ago(locale, session.created_at, now),
            seen: ago(locale, session.last_seen_at, now),
            is_active: is_active(session.last_seen_at, now),
            is_handheld: session.browser.is_handheld(),
            remembered: session.remember,
            is_this: session.id == this,
        }
    }
}

#[get("/account/sessions")]
async fn list(visit: Visit<'_>) -> Answer {
    let known = visit.require()?;
    let (account, now) = (known.account.id, visit.now);
    let sessions = visit.read(move |connection| db::sessions::of_account(connection, account)).await?;
    let alive = |session: &&Session| {
        session.is_alive(session.last_seen_at, visit.settings.session_lifetime(session.remember), now)
    };
    let row = |session| SessionRow::new(session, known.session.id, &visit);
    let mut sessions: Vec<_> = sessions.iter().filter(alive).map(row).collect();
    // This browser first: it is the one that the reader can tell apart.
    sessions.sort_by_key(|session| !session.is_this);
    let has_places = sessions.iter().any(|session| !session.place.is_empty());
    visit.page(&SessionsPage { layout: visit.layout(), sessions, has_places })
}

#[post("/account/sessions/revoke", data = "<form>")]
async fn revoke(visit: Visit<'_>, form: Fields) -> Answer {
    let known = visit.require()?;
    form.only(&["session"])?;
    let session: SessionId = form.required("session")?.parse().map_err(|_| Failure::BadRequest)?;
    let revoke = visit.as_account(Need::signed_in(), move |tx, me| {
        let browser = db::sessions::browser_of(tx.connection, me.account.id, session)?;
        let gone = db::sessions::revoke(tx.connection, me.account.id, session)?;
        if gone {
            // If a stranger comes back, the owner is told again. A user's own sign-out has no such
            // effect.
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
        visit.cookies.forget_what_was_under_way();
        return visit.say("/login", Note::SignedOut);
    }
    visit.say(PATH, Note::BrowserSignedOut)
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
        back: PATH,
    })
}

#[post("/account/sessions/revoke-others", data = "<_form>")]
async fn revoke_others(visit: Visit<'_>, _form: NoFields) -> Answer {
    let trusted = visit.cookies.token(Name::Trusted).map(|secret| secret.hash());
    let revoke = visit.as_account(Need::signed_in(), move |tx, me| {
        db::trusted_devices::delete_others(tx.connection, me.account.id, trusted.as_ref())?;
        let count = db::sessions::delete_others(tx.connection, me.account.id, me.session.id)?;
        let browser = db::sessions::browser_of(tx.connection, me.account.id, me.session.id)?;
        db::known_browsers::sign_out_others(tx.connection, me.account.id, browser, tx.now)?;
        if count > 0 {
            let line = tx.line(Action::OtherSessionsRevoked, me.account.email.as_str());
            tx.log(&line.to(count.to_string()))?;
        }
        // What became of them there is told app by app.
        Ok(!db::apps::uses_of(tx.connection, me.account.id)?.is_empty())
    });
    let to = if revoke.await? { "/account/apps/after" } else { PATH };
    visit.say(to, Note::OthersSignedOut)
}

pub(super) fn routes() -> Vec<Route> {
    routes![list, revoke, ask_revoke_others, revoke_others]
}
