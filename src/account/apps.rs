//! The apps that a user can open, their icons, and the username by which they know the user.

use crate::{
    apps::{self, By, Handled},
    db,
    domain::{
        apps::{AppId, Registered, exit, part::Part},
        group::GroupId,
        handle::{self, Handle},
        logo::LogoVersion,
    },
    services::Services,
    web::{
        Answer, AppNote, Failure, Fields, HandleProblem, Need, Note, Question, Reply, Visit,
        assets::{FOR_EVER, Lasting},
        held_form::{self, Stale},
    },
};
use rocket::{Route, State, get, post, routes};
use std::sync::Arc;

const USERNAME: &str = "/account/username";
/// Field that the question's button sends besides: the username that the question named.
const CONFIRMED: &str = "confirmed";

/// An app in the list, as its tile shows it.
pub(super) struct Tile {
    pub name: String,
    pub initial: String,
    /// Address of the icon.
    pub icon: Option<String>,
    pub description: String,
    pub href: String,
    pub id: String,
    /// True if the user has used it since this session began, and since they signed out of it here.
    /// Uses are noted for an account, so that it can have been in another browser.
    pub is_used: bool,
}

/// The username on the account page.
pub(super) struct Username {
    /// `None` until the account has one.
    pub handle: Option<String>,
    pub problem: Option<String>,
    pub may_change: bool,
    pub max_length: usize,
    pub is_held: bool,
    /// Username to which the owner said yes before the form waited. Empty without one.
    pub confirmed: String,
    /// True if the script sends the form again, because its user has just given the proof.
    pub continues: bool,
}

/// Returns the apps that this user can open and that are not hidden, and the username. `held` names
/// a form that waited for a step-up.
pub(super) async fn of(visit: &Visit<'_>, held: Option<&str>) -> Result<(Vec<Tile>, Username), Failure> {
    let held = held_form::held(visit, held, "/account").await?;
    let waited = held.as_ref().and_then(|form| form.field("handle")).map(str::to_owned);
    let known = visit.require()?;
    let (owner, now, since) = (known.account.clone(), visit.now, known.session.created_at);
    let has_apps = visit.settings.has(Part::Apps);
    let exits = known.session.exits.clone();
    let read = visit.read(move |connection| {
        let account = owner.id;
        let groups = db::groups::of_account(connection, account)?;
        let groups: Vec<GroupId> = groups.iter().map(|group| group.id).collect();
        let mut all = if has_apps { db::apps::all(connection)? } else { Vec::new() };
        all.retain(|app| !app.look.is_hidden && app.app.may_be_opened_by(&owner, &groups, now));
        let without: Vec<_> = all.iter().filter(|app| app.launch_href().is_none()).map(|app| app.app.id).collect();
        let sites = db::oidc_clients::sites(connection, &without)?;
        let site = |app: &Registered| Some(sites.get(&app.app.id)?.href().to_owned());
        let href = |app: &Registered| app.launch_href().or_else(|| site(app));
        let shown: Vec<_> = all.into_iter().filter_map(|app| Some((href(&app)?, app))).collect();
        let uses = if shown.is_empty() { Default::default() } else { db::apps::uses_of(connection, account)? };
        Ok((shown, uses, db::handles::of_account(connection, account)?))
    });
    let (shown, uses, given) = read.await?;
    // The newest uses are stored within half a minute.
    let used_at = |app: &Registered| {
        let newest = visit.services.uses.last(known.account.id, app.app.id);
        newest.max(uses.get(&app.app.id).copied())
    };
    let tile = |(href, app): &(String, Registered)| Tile {
        name: app.app.name.to_string(),
        initial: app.app.name.initial(),
        icon: icon_href(app),
        description: app.look.description.clone(),
        href: href.clone(),
        id: app.app.id.to_string(),
        is_used: used_at(app).is_some_and(|at| at >= since && exit::leads_in(&exits, app.app.id, at)),
    };
    let may_change = given.as_ref().is_some_and(|given| given.chosen_at.is_none());
    let username = Username {
        may_change,
        handle: visit
            .typed("handle")
            .map(str::to_owned)
            .or(waited)
            .filter(|_| may_change)
            .or(given.map(|given| given.handle.to_string())),
        problem: visit.problem_of("handle"),
        max_length: handle::MAX_LENGTH,
        is_held: held.is_some(),
        confirmed: held.as_ref().and_then(|form| form.field(CONFIRMED)).unwrap_or_default().to_owned(),
        continues: held_form::continues(visit, held.as_ref()),
    };
    Ok((shown.iter().map(tile).collect(), username))
}

fn icon_href(app: &Registered) -> Option<String> {
    app.look.icon.as_ref().map(|version| format!("/apps/icons/{}?v={}", app.app.id, version.as_str()))
}

/// Asks whether to use up the one change that the owner has. Without a typed username there is
/// nothing to ask.
#[get("/account/username")]
fn ask_username(visit: Visit<'_>) -> Answer {
    visit.require()?;
    let is_asked = visit.said().is_some_and(|said| said.note == Note::OfApps(AppNote::HandleAsked));
    let typed = visit.typed("handle").filter(|_| is_asked).and_then(|typed| Handle::parse(typed).ok());
    let Some(handle) = typed else { return Ok(Reply::see_other("/account")) };
    let say = |key| visit.locale.say(key).to_string();
    let question = Question {
        title: &say("username-question"),
        about: handle.as_str(),
        what_follows: &[&say("username-question.what")],
        button: &say("save-username"),
        back: "/account",
    };
    visit.ask_about(&question, &[("handle", handle.as_str()), (CONFIRMED, handle.as_str())])
}

#[post("/account/username", data = "<form>")]
async fn set_username(visit: Visit<'_>, form: Fields) -> Answer {
    visit.require()?;
    form.only(&["handle", CONFIRMED])?;
    let typed = form.required("handle")?;
    let refused =
        async |why| visit.say_with("/account", Note::OfApps(AppNote::BadHandle(why)), &[("handle", typed)]).await;
    let Ok(handle) = Handle::parse(typed) else { return refused(HandleProblem::Shape).await };
    let confirmed = form.get(CONFIRMED).unwrap_or_default();
    // Before a step-up, as every question asks. A yes counts only for the username that was asked
    // about.
    let outcome = if Handle::parse(confirmed).ok().as_ref() == Some(&handle) {
        // Apps know the user by it, so that it is as good as an address.
        let need = Need::signed_in().fresh(Stale::form("/account", &[("handle", typed), (CONFIRMED, confirmed)]));
        let set = visit.as_account(need, move |tx, me| apps::change_handle(tx, &me.account, &handle, By::Owner));
        set.await?
    } else {
        let would = visit.read_as_account(Need::signed_in(), {
            move |tx, me| apps::would_change_handle(tx, &me.account, &handle, By::Owner)
        });
        match would.await? {
            Handled::Done => {
                return visit.say_with(USERNAME, Note::OfApps(AppNote::HandleAsked), &[("handle", typed)]).await;
            }
            other => other,
        }
    };
    match outcome {
        Handled::Done | Handled::Unchanged => visit.say("/account", Note::OfApps(AppNote::HandleSaved)),
        Handled::Taken => refused(HandleProblem::Taken).await,
        Handled::Reserved => refused(HandleProblem::Reserved).await,
        Handled::ChosenBefore => refused(HandleProblem::ChosenBefore).await,
    }
}

/// Signs this browser out of one app, within a second on every node. The session goes on, and the
/// next way in asks.
#[post("/account/apps/sign-out", data = "<form>")]
async fn sign_out(visit: Visit<'_>, form: Fields) -> Answer {
    visit.require()?;
    form.only(&["app"])?;
    let app: AppId = form.required("app")?.parse().map_err(|_| Failure::NotFound)?;
    let sign_out = visit.as_account(Need::signed_in(), move |tx, me| {
        let Some(app) = db::apps::find(tx.connection, app)? else { return Ok(false) };
        apps::sign_out(tx, &app, me.session.id)?;
        Ok(true)
    });
    if !sign_out.await? {
        return Err(Failure::NotFound);
    }
    visit.say("/account", Note::OfApps(AppNote::SignedOutOfApp))
}

/// Serves the icon of an app. An address of an earlier icon is not found.
#[get("/apps/icons/<id>?<v>")]
async fn icon(id: &str, v: Option<&str>, services: &State<Arc<Services>>) -> Result<Lasting, Failure> {
    let id: AppId = id.parse().map_err(|_| Failure::NotFound)?;
    let version = v.and_then(LogoVersion::parse).ok_or(Failure::NotFound)?;
    let icon = services.db.read(move |connection| db::apps::icon(connection, id)).await?;
    let icon = icon.filter(|icon| icon.version() == version).ok_or(Failure::NotFound)?;
    Ok(Lasting::png(icon.bytes().to_vec(), FOR_EVER))
}

pub(super) fn routes() -> Vec<Route> {
    routes![ask_username, set_username, sign_out, icon]
}
