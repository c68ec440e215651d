//! `/account`: the profile, with the name.

use super::{
    apps::{self, Tile, Username},
    own_choices::{languages, written},
    passkey_offer::{self, signals_of},
};
use crate::{
    db,
    domain::{
        Timestamp,
        account::AccountName,
        audit::Action,
        passkey_offer::{Offer, is_to_be_told},
        time_zone::{Area, areas},
    },
    passkeys::Signals,
    web::{Answer, Fields, Layout, Need, Note, Visit},
};
use askama::Template;
use rocket::{Route, get, post, routes};

#[derive(Template)]
#[template(path = "account/overview.html")]
struct OverviewPage<'a> {
    layout: Layout,
    apps: Vec<Tile>,
    username: Username,
    email: &'a str,
    name: &'a str,
    name_problem: Option<String>,
    max_name: usize,
    /// The tag of the chosen language; empty for the browser's.
    language: String,
    languages: Vec<(String, String)>,
    /// The name of the chosen time zone; empty for the browser's.
    time_zone: String,
    areas: Vec<Area>,
    /// The time zone of emails if the user chooses none.
    default_zone: &'a str,
    member_since: Timestamp,
    ends_at: Option<Timestamp>,
    proven: bool,
    /// Kind of offer for a passkey.
    offer: Option<Offer>,
    signals: Option<Signals>,
    /// True if the page names the manifest. The browser then requests it and its icon. So a browser
    /// that has nothing yet learns of it from the next page.
    names_manifest: bool,
}

#[get("/account?<held>")]
async fn overview(visit: Visit<'_>, held: Option<&str>) -> Answer {
    let known = visit.require()?;
    let offer = passkey_offer::due_here(&visit).await?;
    // After these the browser knows the account by a name that is no longer right. After a silent
    // offer it may have made a passkey in vain. After a sign-in it may not know of an undo.
    let has_other_name = matches!(visit.said().map(|said| &said.note), Some(Note::AddressChanged | Note::NameSaved));
    let needs_signals =
        has_other_name || offer == Some(Offer::Silent) || is_to_be_told(known.session.created_at, visit.now);
    let signals = if needs_signals { signals_of(&visit).await? } else { None };
    // Typed when the session had ended.
    let kept = |form, field| {
        let fields = visit.kept(form).unwrap_or_default();
        fields.into_iter().find(|(name, _)| name == field).map(|(_, value)| value)
    };
    let (kept_name, kept_language) = (kept("/account/name", "name"), kept("/account/language", "language"));
    let kept_time_zone = kept("/account/time-zone", "time_zone");
    let (apps, username) = apps::of(&visit, held).await?;
    let id = known.account.id;
    let account = visit.read(move |connection| db::accounts::find(connection, id)).await?;
    let ends_at = account.and_then(|account| account.end());
    let page = OverviewPage {
        layout: visit.layout(),
        apps,
        username,
        email: known.account.email.as_str(),
        name: visit.typed("name").or(kept_name.as_deref()).unwrap_or(known.account.name.as_str()),
        name_problem: visit.problem_of("name"),
        max_name: AccountName::MAX_LENGTH,
        language: kept_language.unwrap_or_else(|| written(known.account.language.as_ref())),
        languages: languages(&visit),
        time_zone: kept_time_zone.unwrap_or_else(|| written(known.account.time_zone.as_ref())),
        areas: areas(),
        default_zone: visit.settings.time_zone.name(),
        member_since: known.account.created_at,
        ends_at,
        proven: known.account.proven_at.is_some(),
        offer,
        signals,
        names_manifest: visit.comes_from_here(),
    };
    visit.page(&page)
}

#[post("/account/name", data = "<form>")]
async fn set_name(visit: Visit<'_>, form: Fields) -> Answer {
    visit.require()?;
    form.only(&["name"])?;
    let typed = form.required("name")?;
    let name = match AccountName::parse(typed) {
        Ok(name) => name,
        Err(why) => return visit.refuse(Note::BadName { why, most: AccountName::MAX_LENGTH }).await,
    };
    let set = visit.as_account(Need::signed_in(), move |tx, me| {
        db::accounts::set_name(tx.connection, me.account.id, &name)?;
        let line = tx.line(Action::NameChanged, me.account.email.as_str());
        tx.log(&line.from_to(me.account.name.as_str(), name.as_str()))
    });
    set.await?;
    visit.say("/account", Note::NameSaved)
}

pub(super) fn routes() -> Vec<Route> {
    routes![overview, set_name]
}
