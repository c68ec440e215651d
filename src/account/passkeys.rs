//! `/account/passkeys`: the passkeys of an account. Adding one is a ceremony between the page's
//! script and two routes. Everything else here works without a script.

use super::{
    new_codes::{Counted, Ten, after_adding, count_as_proof},
    passkey_offer::{QUIET, due_here, signals_of},
};
use crate::{
    db::{self, Stop, Tx, passkeys::Kept},
    domain::{
        Method, PasskeyId, Timestamp, TokenHash,
        aaguid::Keeper,
        audit::Action,
        factor_name::FactorName,
        passkey::{MAX, Occasion},
        passkey_offer::Offer,
    },
    passkeys::{CeremonyKey, CeremonyRefusal, NewPasskey, Signals, is_synchronised},
    people::{self, Change},
    services::Services,
    signin::passkey::{Unproven, answering, begin_as, keyed_hash},
    web::{
        Answer, Doors, Failure, Fields, Json, Layout, Me, Need, NoFields, Note, Question, Reply, Visit,
        held_form::{self, Stale},
        json,
    },
};
use askama::Template;
use rocket::{get, http::Status, post, routes};
use serde_json::{Value, json};
use std::sync::Arc;

const PATH: &str = "/account/passkeys";

#[derive(Template)]
#[template(path = "account/passkeys.html")]
struct PasskeysPage {
    layout: Layout,
    passkeys: Vec<Shown>,
    /// A name that was typed before a step-up.
    name: String,
    problem: Option<String>,
    is_held: bool,
    is_proven: bool,
    max_name: usize,
    may_add: bool,
    signals: Option<Signals>,
}

struct Shown {
    id: String,
    name: String,
    /// A new name that was refused.
    typed: Option<String>,
    keeper: Keeper,
    /// `None` if the name already says it, or it is unknown.
    make: Option<&'static str>,
    since: Timestamp,
    last_used_at: Option<Timestamp>,
    is_synchronised: bool,
}

impl Shown {
    fn new(Kept { passkey, credential }: Kept, visit: &Visit<'_>) -> Self {
        let id = passkey.id.to_string();
        let is_renamed = visit.typed("passkey") == Some(id.as_str());
        let make = passkey.aaguid.make().map(|(make, _)| make).filter(|make| !passkey.name.as_str().starts_with(make));
        Self {
            id,
            typed: visit.typed("name").filter(|_| is_renamed).map(ToOwned::to_owned),
            name: passkey.name.as_str().to_owned(),
            keeper: passkey.aaguid.keeper(),
            make,
            since: passkey.added_at,
            last_used_at: passkey.last_used_at,
            is_synchronised: is_synchronised(&credential),
        }
    }
}

#[get("/account/passkeys?<held>")]
async fn list(visit: Visit<'_>, held: Option<&str>) -> Answer {
    let held = held_form::held(&visit, held, PATH).await?;
    let name = held.as_ref().and_then(|form| form.field("name")).unwrap_or_default().to_owned();
    let known = visit.require_enrolling()?;
    if !visit.settings.passkey_enabled {
        return Err(Failure::NotFound);
    }
    let account = known.account.id;
    let all = visit.read(move |connection| db::passkeys::kept_of_account(connection, account)).await?;
    let page = PasskeysPage {
        layout: visit.layout(),
        may_add: all.len() < MAX,
        signals: signals_of(&visit).await?,
        passkeys: all.into_iter().map(|kept| Shown::new(kept, &visit)).collect(),
        name,
        problem: visit.problem_of("name"),
        is_held: held.is_some(),
        is_proven: known.account.proven_at.is_some(),
        max_name: FactorName::MAX_LENGTH,
    };
    visit.page(&page)
}

#[post("/account/passkeys/options", data = "<body>")]
async fn options(visit: Visit<'_>, body: Result<Json, Reply>) -> Answer {
    json::answer(body, |body| ask(&visit, body)).await
}

async fn ask(visit: &Visit<'_>, body: Json) -> Answer {
    body.only(&["name", QUIET])?;
    let known = visit.require_enrolling()?;
    if body.ticked(QUIET) && due_here(visit).await? != Some(Offer::Silent) {
        return Err(Failure::Forbidden);
    }
    let typed = body.get("name").unwrap_or_default();
    // Before the browser asks for a fingerprint.
    if FactorName::parse(typed).is_err() {
        return Ok(json::problem(Status::UnprocessableEntity, "name"));
    }
    if known.account.proven_at.is_none() {
        return Err(Failure::Forbidden);
    }
    let need = Need::enrolling().fresh(Stale::form(PATH, &[("name", typed)]));
    begin_as(visit, need, PATH, |tx, me, passkeys, browser| {
        let key = CeremonyKey { browser, occasion: Occasion::Register(me.session.id) };
        Ok(passkeys.begin_registration(tx, key, &me.account)?)
    })
    .await
}

#[post("/account/passkeys", data = "<body>")]
async fn add(visit: Visit<'_>, body: Result<Json, Reply>) -> Answer {
    json::answer(body, |body| keep(&visit, body)).await
}

/// Stores a new passkey. Freshness was checked when the challenge was made, for this session and
/// these minutes. Checking again could leave a passkey on the user's device that the server
/// refused.
async fn keep(visit: &Visit<'_>, body: Json) -> Answer {
    body.only(&["credential", "name", QUIET])?;
    let credential = body.credential()?;
    visit.require_enrolling()?;
    let Ok(name) = FactorName::parse(body.get("name").unwrap_or_default()) else {
        return Ok(json::problem(Status::UnprocessableEntity, "name"));
    };
    let Some(browser) = answering(visit, &credential) else {
        return Ok(Unproven::from(CeremonyRefusal::NoCeremony).reply(visit, PATH));
    };
    // No page follows that would show codes.
    let is_quiet = body.ticked(QUIET);
    let ten = if is_quiet { None } else { Ten::beside_a_factor(visit).await? };
    let (services, codes) = (Arc::clone(visit.services), ten.clone());
    let answer = Answered { browser, credential, name };
    let add = visit.as_account(Need::enrolling(), move |tx, me| {
        Stop::commit(register(tx, &services, me, &answer).and_then(|()| {
            let counted = count_as_proof(tx, me, Method::Passkey, codes.as_deref())?;
            Ok(counted.ok_or(Unproven::Over)?)
        }))
    });
    Ok(match add.await? {
        Ok(Counted { secret, has_codes }) => {
            visit.go_on_with(&secret);
            if is_quiet {
                // The page stays, and tells the browser of its new passkey by these.
                let ids = signals_of(visit).await?.map(|signals| signals.credential_ids);
                return Ok(Reply::json(&json!({ "ids": ids.unwrap_or_default() })));
            }
            let on = after_adding(visit, ten.as_deref().filter(|_| has_codes), (PATH, Note::PasskeyAdded))?;
            with_signals(visit, &on).await?
        }
        Err(unproven) => unproven.reply(visit, PATH),
    })
}

/// Leads the script on. The script tells the browser of the new passkey first. The next page may be
/// an app's, or show codes.
async fn with_signals(visit: &Visit<'_>, on: &Reply) -> Answer {
    let signals = signals_of(visit).await?.map(|told| {
        json!({
            "rpId": told.rp_id,
            "userId": told.user_id,
            "ids": told.credential_ids,
            "name": told.name,
            "displayName": told.display_name,
        })
    });
    Ok(Reply::json(&json!({ "location": on.leads_to(), "signals": signals })))
}

/// Answer that a browser's script sent.
struct Answered {
    browser: TokenHash,
    credential: Value,
    name: Option<FactorName>,
}

fn register(tx: &mut Tx<'_>, services: &Services, me: &Me, sent: &Answered) -> Result<(), Stop<Unproven>> {
    let settings = tx.settings()?;
    let passkeys = services.passkeys(&settings).ok_or(Unproven::Off)?;
    let key = CeremonyKey { browser: &sent.browser, occasion: Occasion::Register(me.session.id) };
    let keyed_hash = keyed_hash(services);
    let (answer, name) = (sent.credential.clone(), sent.name.clone());
    let new = NewPasskey { account: &me.account, answer, name, keyed_hash: &keyed_hash };
    let passkey = passkeys.finish_registration(tx, key, new)?;
    people::passkey_was_added(tx, me.owner(), passkey.id)?;
    let line = tx.line(Action::PasskeyAdded, me.account.email.as_str());
    Ok(tx.log(&line.to(passkey.name.as_str()))?)
}

#[post("/account/passkeys/<id>/rename", data = "<form>")]
async fn rename(visit: Visit<'_>, id: &str, form: Fields) -> Answer {
    visit.require_enrolling()?;
    form.only(&["name"])?;
    if !visit.settings.passkey_enabled {
        return Err(Failure::Forbidden);
    }
    let id: PasskeyId = id.parse().map_err(|_| Failure::NotFound)?;
    let shown = id.to_string();
    let name = match FactorName::parse(form.required("name")?) {
        Ok(Some(name)) => name,
        problem => {
            let note = match problem {
                Err(why) => Note::BadName { why, most: FactorName::MAX_LENGTH },
                Ok(_) => Note::NoName,
            };
            let typed = form.required("name")?;
            let typed = [("passkey", shown.as_str()), ("name", typed)];
            return visit.say_with(PATH, note, &typed).await;
        }
    };
    let rename = visit.as_account(Need::enrolling(), move |tx, me| {
        let account = &me.account;
        let all = db::passkeys::of_account(tx.connection, account.id)?;
        let Some(before) = all.into_iter().find(|passkey| passkey.id == id) else { return Ok(false) };
        db::passkeys::rename(tx.connection, account.id, id, &name)?;
        let line = tx.line(Action::PasskeyRenamed, account.email.as_str());
        tx.log(&line.from_to(before.name.as_str(), name.as_str()))?;
        Ok(true)
    });
    if rename.await? { visit.say(PATH, Note::PasskeyRenamed) } else { Err(Failure::NotFound) }
}

#[get("/account/passkeys/<id>/remove")]
async fn ask_remove(visit: Visit<'_>, id: &str) -> Answer {
    let account = visit.require_enrolling()?.account.id;
    let id: PasskeyId = id.parse().map_err(|_| Failure::NotFound)?;
    let all = visit.read(move |connection| db::passkeys::of_account(connection, account)).await?;
    let is_last = all.len() == 1;
    let passkey = all.into_iter().find(|passkey| passkey.id == id).ok_or(Failure::NotFound)?;
    let say = |key| visit.locale.say(key).to_string();
    let what_follows = if is_last { "passkey-remove-question.last" } else { "passkey-remove-question.others" };
    visit.ask(&Question {
        title: &say("passkey-remove-question"),
        about: passkey.name.as_str(),
        what_follows: &[&say(what_follows), &say("others-will-be-signed-out")],
        button: &say("passkey-remove-question.button"),
        back: PATH,
    })
}

#[post("/account/passkeys/<id>/remove", data = "<_form>")]
async fn remove(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    visit.require_enrolling()?;
    let id: PasskeyId = id.parse().map_err(|_| Failure::NotFound)?;
    if !visit.settings.passkey_enabled {
        // While passkeys are turned off the user cannot show one, so that nothing proves the owner.
        return Err(Failure::Forbidden);
    }
    let remove =
        visit.as_account(Need::enrolling().fresh(Stale::button(&format!("{PATH}/{id}/remove"))), move |tx, me| {
            let account = &me.account;
            let all = db::passkeys::of_account(tx.connection, account.id)?;
            let Some(passkey) = all.into_iter().find(|passkey| passkey.id == id) else { return Ok(Change::Unchanged) };
            if !tx.settings()?.passkey_enabled {
                return Ok(Change::Unchanged);
            }
            let change = people::remove_passkey(tx, me.owner(), id)?;
            if change == Change::Done {
                let line = tx.line(Action::PasskeyRemoved, account.email.as_str());
                tx.log(&line.from_to(passkey.name.as_str(), ""))?;
            }
            Ok(change)
        });
    match remove.await? {
        Change::Done => visit.say(PATH, Note::PasskeyRemoved),
        Change::Unchanged => Err(Failure::NotFound),
        Change::LastAdmin | Change::LastWayIn => visit.say(PATH, Note::LastWayIn),
    }
}

pub(super) fn doors() -> Doors {
    Doors::pages(routes![list, rename, ask_remove, remove]).and(Doors::scripts(routes![options, add]))
}
