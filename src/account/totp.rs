//! `/account/totp`: authenticator apps. An app counts from its first correct code. Until then its
//! secret can be shown again, later never.

use super::new_codes::{Counted, Ten, after_adding, count_as_proof};
use crate::{
    db::{self, DbConnection, Error, Stop, Tx},
    domain::{
        Account, AuthenticatorId, Method, Timestamp,
        audit::Action,
        factor_name::FactorName,
        totp::{Authenticator, MAX, Secret, TotpCode},
    },
    people,
    sealing::place_of,
    web::{
        Answer, Failure, Fields, Layout, Me, Need, NoFields, Note, Question, Reply, Visit,
        held_form::{self, Stale},
        qr::Qr,
    },
};
use askama::Template;
use rocket::{Route, get, post, routes};

const PATH: &str = "/account/totp";

#[derive(Template)]
#[template(path = "account/totp.html")]
struct TotpPage {
    layout: Layout,
    apps: Vec<App>,
    is_held: bool,
    continues: bool,
    is_proven: bool,
    may_add: bool,
}

struct App {
    id: String,
    name: String,
    since: Timestamp,
    last_used_at: Option<Timestamp>,
}

#[derive(Template)]
#[template(path = "account/totp_enrol.html")]
struct EnrolPage {
    layout: Layout,
    id: String,
    qr: Option<Qr>,
    url: String,
    secret: String,
    code_problem: Option<String>,
    /// The name as it was typed, if the page refused it or the code.
    name: String,
    name_problem: Option<String>,
    max_name: usize,
}

#[get("/account/totp?<held>")]
async fn list(visit: Visit<'_>, held: Option<&str>) -> Answer {
    let held = held_form::held(&visit, held, PATH).await?;
    let known = visit.require_enrolling()?;
    if !visit.settings.totp_enabled {
        return Err(Failure::NotFound);
    }
    let account = known.account.id;
    let all = visit.read(move |connection| db::totp::of_account(connection, account)).await?;
    let apps: Vec<App> = all
        .into_iter()
        .filter_map(|(app, _)| {
            let (id, since) = (app.id.to_string(), app.confirmed_at?);
            Some(App { id, name: app.name.as_str().to_owned(), since, last_used_at: app.last_used_at })
        })
        .collect();
    let page = TotpPage {
        layout: visit.layout(),
        may_add: apps.len() < MAX,
        apps,
        is_held: held.is_some(),
        continues: held_form::continues(&visit, held.as_ref()),
        is_proven: known.account.proven_at.is_some(),
    };
    visit.page(&page)
}

/// Makes the secret, and leads to the page that shows it. The security page asks for it by a
/// button, because following a link stores nothing.
#[post("/account/totp", data = "<_form>")]
async fn begin(visit: Visit<'_>, _form: NoFields) -> Answer {
    let known = visit.require_enrolling()?;
    if !visit.settings.totp_enabled || known.account.proven_at.is_none() {
        return Err(Failure::Forbidden);
    }
    let need = Need::enrolling().fresh(Stale::form(PATH, &[]));
    let sealer = visit.services.keys.sealer();
    let usual_name = visit.locale.say("app-usual-name").to_string();
    let begin = visit.as_account(need, move |tx, me| {
        let account = me.account.id;
        let has = db::totp::of_account(tx.connection, account)?;
        // Remove the ones that were begun and never finished.
        for (app, _) in has.iter().filter(|(app, _)| app.confirmed_at.is_none()) {
            db::totp::remove(tx.connection, account, app.id)?;
        }
        let others: Vec<_> =
            has.into_iter().filter(|(app, _)| app.confirmed_at.is_some()).map(|(app, _)| app.name).collect();
        if others.len() >= MAX || !tx.settings()?.totp_enabled {
            return Ok(None);
        }
        let app = Authenticator {
            id: AuthenticatorId::issue(tx.entropy),
            account_id: account,
            name: FactorName::of(&usual_name, &others),
            added_at: tx.now,
            confirmed_at: None,
            last_used_at: None,
        };
        let secret = Secret::issue(tx.entropy);
        let sealer = sealer.as_ref().map_err(|fault| Error::fault(fault.to_string()))?;
        let sealed = sealer.seal(tx.entropy, secret.reveal(), place_of(account, app.id)).map_err(Error::fault)?;
        db::totp::insert(tx.connection, &app, &sealed)?;
        Ok(Some(app.id))
    });
    Ok(Reply::see_other(begin.await?.map_or_else(|| PATH.to_owned(), |id| format!("{PATH}/{id}"))))
}

/// Returns an app that is being set up, with its secret, or where to go instead.
async fn being_enrolled(visit: &Visit<'_>, id: &str) -> Result<(Authenticator, Secret), Stop<Reply, Failure>> {
    let known = visit.require_enrolling()?;
    let id: AuthenticatorId = id.parse().map_err(|_| Failure::NotFound)?;
    let (account, now) = (known.account.id, visit.now);
    let all = visit.read(move |connection| db::totp::of_account(connection, account)).await?;
    let found = all.into_iter().find(|(app, _)| app.id == id);
    if found.as_ref().is_some_and(|(app, _)| app.confirmed_at.is_some()) {
        // The user went back to the page after setting the app up.
        return Err(Stop::Refused(Reply::see_other(PATH)));
    }
    let Some((app, sealed)) = found.filter(|(app, _)| app.is_being_enrolled(now)) else {
        return Err(Stop::Refused(late(visit)?));
    };
    let unsealed = visit.services.keys.open(&sealed, place_of(account, app.id)).map_err(Failure::fault)?;
    let secret = Secret::from_slice(unsealed.as_bytes());
    let secret = secret.ok_or_else(|| Failure::fault("an authenticator's secret has the wrong length"))?;
    Ok((app, secret))
}

fn late(visit: &Visit<'_>) -> Answer {
    visit.say(PATH, Note::AppLate)
}

#[get("/account/totp/<id>")]
async fn enrol(visit: Visit<'_>, id: &str) -> Answer {
    let known = visit.require_enrolling()?;
    let (app, secret) = match Stop::split(being_enrolled(&visit, id).await)? {
        Ok(found) => found,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if !visit.is_fresh() {
        return Ok(Reply::to_step_up(&format!("{PATH}/{id}"), None));
    }
    let url = secret.url(&visit.settings.product_name, &known.account.email);
    let url = url.ok_or_else(|| Failure::fault("cannot make the address for an authenticator app"))?;
    let page = EnrolPage {
        layout: visit.layout(),
        id: app.id.to_string(),
        qr: Qr::of(&url),
        url,
        secret: secret.for_people(),
        code_problem: visit.problem_of("code"),
        name: visit.typed("name").unwrap_or_default().to_owned(),
        name_problem: visit.problem_of("name"),
        max_name: FactorName::MAX_LENGTH,
    };
    visit.page(&page)
}

/// Code that confirms an app, and the owner's name for it.
struct FirstCode {
    id: AuthenticatorId,
    secret: Secret,
    code: TotpCode,
    name: Option<FactorName>,
}

/// Why the first code does not confirm an app.
enum Unconfirmed {
    Wrong,
    /// The set-up has ended, or apps were turned off.
    Over,
}

impl From<Unconfirmed> for Stop<Unconfirmed> {
    fn from(why: Unconfirmed) -> Self {
        Self::Refused(why)
    }
}

#[post("/account/totp/<id>", data = "<form>")]
async fn confirm(visit: Visit<'_>, id: &str, form: Fields) -> Answer {
    visit.require_enrolling()?;
    form.only(&["code", "name"])?;
    let typed = form.required("code")?;
    let (app, secret) = match Stop::split(being_enrolled(&visit, id).await)? {
        Ok(found) => found,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let stale = Stale::page(&format!("{PATH}/{id}"));
    visit.require_fresh(&stale)?;
    // A page of the version before asked for the name earlier.
    let name = match FactorName::parse(form.get("name").unwrap_or_default()) {
        Ok(name) => name,
        Err(why) => return visit.refuse(Note::BadName { why, most: FactorName::MAX_LENGTH }).await,
    };
    let Some(code) = TotpCode::read(typed) else {
        return visit.refuse(Note::AppNotWhole).await;
    };
    // Before ten recovery codes are hashed; the transaction looks again.
    if secret.step_of(&code, visit.now).is_none() {
        return visit.refuse(Note::AppWrong).await;
    }
    let ten = Ten::beside_a_factor(&visit).await?;
    let codes = ten.clone();
    let shown = FirstCode { id: app.id, secret, code, name };
    let confirm = visit.as_account(Need::enrolling().fresh(stale), move |tx, me| {
        let confirmed = confirm_app(tx, me, &shown);
        Stop::commit(confirmed.and_then(|()| {
            let counted = count_as_proof(tx, me, Method::Totp, codes.as_deref())?;
            Ok(counted.ok_or(Unconfirmed::Over)?)
        }))
    });
    match confirm.await? {
        Ok(Counted { secret, has_codes }) => {
            visit.go_on_with(&secret);
            after_adding(&visit, ten.as_deref().filter(|_| has_codes), (PATH, Note::AppAdded))
        }
        Err(Unconfirmed::Wrong) => visit.refuse(Note::AppWrong).await,
        Err(Unconfirmed::Over) => late(&visit),
    }
}

fn confirm_app(tx: &mut Tx<'_>, me: &Me, shown: &FirstCode) -> Result<(), Stop<Unconfirmed>> {
    if !tx.settings()?.totp_enabled {
        return Err(Unconfirmed::Over.into());
    }
    let all = db::totp::of_account(tx.connection, me.account.id)?;
    let kept =
        all.iter().find(|(app, _)| app.id == shown.id && app.is_being_enrolled(tx.now)).ok_or(Unconfirmed::Over)?;
    let step = shown.secret.step_of(&shown.code, tx.now).ok_or(Unconfirmed::Wrong)?;
    if !people::add_authenticator(tx, me.owner(), &kept.0, step)? {
        return Err(Unconfirmed::Over.into());
    }
    if let Some(name) = &shown.name {
        db::totp::rename(tx.connection, shown.id, name)?;
    }
    let line = tx.line(Action::TotpAdded, me.account.email.as_str());
    Ok(tx.log(&line.to(shown.name.as_ref().unwrap_or(&kept.0.name).as_str()))?)
}

#[get("/account/totp/<id>/remove")]
async fn ask_remove(visit: Visit<'_>, id: &str) -> Answer {
    let account = visit.require_enrolling()?.account.clone();
    let id: AuthenticatorId = id.parse().map_err(|_| Failure::NotFound)?;
    let name = visit.read(move |connection| name_of(connection, &account, id)).await?.ok_or(Failure::NotFound)?;
    let say = |key| visit.locale.say(key).to_string();
    visit.ask(&Question {
        title: &say("app-remove-question"),
        about: name.as_str(),
        what_follows: &[&say("app-remove-question.what"), &say("others-will-be-signed-out")],
        button: &say("app-remove-question.button"),
        back: PATH,
    })
}

#[post("/account/totp/<id>/remove", data = "<_form>")]
async fn remove(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    visit.require_enrolling()?;
    let id: AuthenticatorId = id.parse().map_err(|_| Failure::NotFound)?;
    if !visit.settings.totp_enabled {
        // While apps are turned off the user cannot show one, so that nothing proves the owner.
        return Err(Failure::Forbidden);
    }
    let remove =
        visit.as_account(Need::enrolling().fresh(Stale::button(&format!("{PATH}/{id}/remove"))), move |tx, me| {
            let account = &me.account;
            if !tx.settings()?.totp_enabled {
                return Ok(false);
            }
            let Some(name) = name_of(tx.connection, account, id)? else { return Ok(false) };
            if !people::remove_authenticator(tx, me.owner(), id)? {
                return Ok(false);
            }
            let line = tx.line(Action::TotpRemoved, account.email.as_str());
            tx.log(&line.from_to(name.as_str(), ""))?;
            Ok(true)
        });
    if remove.await? { visit.say(PATH, Note::AppRemoved) } else { Err(Failure::NotFound) }
}

fn name_of(connection: &mut DbConnection, account: &Account, id: AuthenticatorId) -> Result<Option<FactorName>, Error> {
    let all = db::totp::of_account(connection, account.id)?;
    Ok(all.into_iter().find(|(app, _)| app.id == id).map(|(app, _)| app.name))
}

pub(super) fn routes() -> Vec<Route> {
    routes![list, begin, enrol, confirm, ask_remove, remove]
}
