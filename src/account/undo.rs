//! `/auth/undo`: the link in an email about a gain. Its page says what the button does. The button
//! works in any browser, signed in or not. The table in `domain::gain` says what is removed and
//! what comes back.

use super::undo_words::Words;
use crate::{
    db::{self, Error, Tx},
    domain::{AccountId, EmailAddress, Gain, Gained, TokenHash, admin_act::Stay, audit::Action, gain::UNDO_LIFETIME},
    locale::{Locale, Sentence},
    people::{self, Outcome, Presser, Preview, Undone},
    web::{
        Answer, Fields, Layout, Reply, Visit,
        acting::Stranger,
        cookies::Name,
        link_token::{self, LinkToken, is_about, move_token},
    },
};
use askama::Template;
use rocket::{Route, get, http::Status, post, routes};

const PATH: &str = "/auth/undo";

#[derive(Template)]
#[template(path = "account/undo.html")]
struct UndoPage<'a> {
    layout: Layout,
    words: Words,
    /// Event that the email told.
    happened: Sentence<'a>,
    /// The account's current address.
    email: String,
    /// The account's address afterwards.
    told: String,
    gain: String,
    /// Later gains that go too, as a list.
    later: String,
    /// True if the account moves back from another address, although the email was not about its
    /// address.
    moves_back: bool,
    /// True if another account has the former address, and goes.
    displaces: bool,
    /// Admin rights that were given later stay.
    keeps_later_rights: bool,
}

/// Outcome of undoing the gain.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Undone,
    TooLate,
    /// No email has this link: it is incomplete, or too old to be kept.
    Unknown,
    /// The former address belongs to another account.
    Taken,
    /// These admin rights stay.
    RightsStay(Stay),
}

#[derive(Template)]
#[template(path = "account/undone.html")]
struct EndPage<'a> {
    layout: Layout,
    end: End,
    is_address: bool,
    /// The text that says what was undone, if known.
    done: Option<&'static str>,
    /// Address of the account now.
    email: &'a str,
    support: Option<&'a str>,
}

fn end(visit: &Visit<'_>, end: End, gained: Option<&Gained>) -> Answer {
    let status = match end {
        End::Undone => Status::Ok,
        End::TooLate | End::Unknown => Status::Gone,
        End::Taken | End::RightsStay(_) => Status::Conflict,
    };
    let page = EndPage {
        layout: visit.layout(),
        end,
        is_address: gained.is_some_and(|gained| gained.kind == Gain::Address),
        done: gained.map(|gained| Words::of(gained.kind).done),
        email: gained.map(|gained| gained.told.as_str()).unwrap_or_default(),
        support: visit.settings.support_address.as_ref().map(|address| address.as_str()),
    };
    Reply::page_with(status, &page)
}

struct Found {
    gained: Gained,
    preview: Option<Preview>,
    admin: Option<String>,
}

/// Reads the gain again, beside its preview. On SQLite both are of one moment. The button looks
/// once more.
fn find(tx: &mut Tx<'_>, link: &TokenHash, signed_in: Option<AccountId>) -> Result<Option<Found>, Error> {
    let Some(gained) = db::gains::find_by_link(tx.connection, link)? else { return Ok(None) };
    let by = Presser { signed_in, link_made_at: db::address_changes::made_at(tx.connection, link)? };
    let preview = people::preview(tx, &gained, &by)?;
    let admin = match (gained.kind, gained.thing) {
        (Gain::AdminRights, Some(id)) => db::accounts::find(tx.connection, AccountId::from_i64(id))?,
        _ => None,
    };
    Ok(Some(Found { gained, preview, admin: admin.map(|admin| admin.email.as_str().to_owned()) }))
}

#[get("/auth/undo")]
async fn show(visit: Visit<'_>, link: LinkToken<'_>) -> Answer {
    if let Some(token) = link.0 {
        return Ok(move_token(&visit, token, Name::Undo, PATH));
    }
    let opened = link_token::opened(&visit, Name::Undo, db::gains::find_by_link).await?;
    let Some((token, _)) = opened else { return end(&visit, End::Unknown, None) };
    // The user is from memory: enough for the page that asks.
    let (hash, signed_in) = (token.hash(), visit.signed_in().map(|known| known.account.id));
    let found = visit.look(move |tx| find(tx, &hash, signed_in)).await?;
    let Some(found) = found else { return end(&visit, End::Unknown, None) };
    if found.gained.undone_at.is_some() {
        return end(&visit, End::Undone, Some(&found.gained));
    }
    let Some(preview) = &found.preview else { return end(&visit, End::TooLate, Some(&found.gained)) };
    if preview.newcomer.as_ref().is_some_and(|(_, gives_way)| !gives_way) {
        return end(&visit, End::Taken, Some(&found.gained));
    }
    if let Some(stay) = preview.rights_stay {
        return end(&visit, End::RightsStay(stay), Some(&found.gained));
    }
    Reply::page(&page(&visit, &found, preview))
}

fn page<'a>(visit: &'a Visit<'_>, found: &Found, preview: &Preview) -> UndoPage<'a> {
    let gained = &found.gained;
    let moves_back = gained.kind != Gain::Address && preview.gone.iter().any(|gone| gone.kind == Gain::Address);
    let mut later: Vec<_> =
        preview.gone.iter().filter(|gone| gone.id != gained.id).map(|gone| Words::of(gone.kind).thing).collect();
    later.dedup();
    let later: Vec<_> = later.into_iter().map(|thing| visit.locale.say(thing).to_string()).collect();
    UndoPage {
        layout: visit.layout(),
        words: Words::of(gained.kind),
        happened: happened(&visit.locale, found, &preview.account.email),
        email: preview.account.email.as_str().to_owned(),
        told: gained.told.as_str().to_owned(),
        gain: gained.id.to_string(),
        later: visit.locale.list(&later),
        moves_back,
        displaces: preview.newcomer.is_some(),
        keeps_later_rights: preview.keeps_later_rights,
    }
}

/// Returns what the email was about, and when it happened.
fn happened<'a>(locale: &'a Locale, found: &Found, email: &EmailAddress) -> Sentence<'a> {
    let gained = &found.gained;
    let key = match (gained.kind, &found.admin) {
        (Gain::AdminRights, None) => "undo-rights.gone",
        (kind, _) => Words::of(kind).happened,
    };
    let sentence = locale.say(key).with("at", gained.gained_at).with("email", &gained.told).with("new", email);
    match &found.admin {
        Some(admin) => sentence.with("admin", admin),
        None => sentence,
    }
}

#[post("/auth/undo", data = "<form>")]
async fn confirm(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["gain"])?;
    let found = link_token::opened(&visit, Name::Undo, db::gains::find_by_link).await?;
    let Some((token, gained)) = found else { return Ok(Reply::see_other(PATH)) };
    if !is_about(&form, "gain", gained.id) {
        return Ok(Reply::see_other(PATH));
    }
    let (hash, bearer) = (token.hash(), visit.bearer());
    let undone = visit
        .as_stranger(Stranger::HoldsALink, move |tx| {
            let Some(undoing) = people::lock_for_undo(tx, &gained)? else { return Ok(Undone::TooLate) };
            // A user who gives up their own account for it must still be signed in to it.
            let signed_in = bearer.as_ref().map(|bearer| bearer.is_still(tx)).transpose()?.flatten();
            let link_made_at = db::address_changes::made_at(tx.connection, &hash)?;
            let by = Presser { signed_in, link_made_at };
            let undone = people::undo(tx, &undoing, &by)?;
            if let Undone::Done(outcome) = &undone {
                if signed_in.is_none() {
                    tx.act_as_visitor();
                }
                log(tx, outcome)?;
                tx.changes(outcome.account.id);
                for admin in &outcome.demoted {
                    if let Some(account) = db::accounts::find_by_email(tx.connection, admin)? {
                        tx.changes(account.id);
                    }
                }
            }
            Ok(undone)
        })
        .await?;
    if let Undone::Done(outcome) = &undone {
        tracing::warn!(request = %visit.request_id, account = %outcome.account.id, "the link in an email undid a gain");
        // Another user may be signed in here. That session continues.
        if visit.signed_in().is_some_and(|known| outcome.ended(known.account.id)) {
            visit.drop_session_cookie();
            visit.cookies.forget_what_was_under_way_but(Some(Name::Undo));
        }
    }
    // That page says what has become of it, however often it is reloaded.
    Ok(Reply::see_other(PATH))
}

fn log(tx: &mut Tx<'_>, outcome: &Outcome) -> Result<(), Error> {
    let email = outcome.account.email.as_str();
    let gone: Vec<_> = outcome.gone.iter().map(|gone| gone.kind.into_str()).collect();
    tx.log(&tx.line(Action::GainUndone, email).from_to(gone.join(", "), ""))?;
    if let Some(from) = &outcome.moved_from {
        tx.log(&tx.line(Action::AddressChangeUndone, email).from_to(from.as_str(), email))?;
    }
    if outcome.displaced.is_some() {
        tx.log(&tx.line(Action::AccountClosed, email))?;
    }
    for admin in &outcome.demoted {
        tx.log(&tx.line(Action::AdminRevoked, admin.as_str()).from_to("admin", "account"))?;
    }
    // These two have a budget. A thief with a copied session could have used up that of the user
    // who is signed in here. Then the link would undo nothing.
    tx.act_as_visitor();
    for (is_back, action, before, after) in [
        (outcome.returned.is_enabled, Action::AccountEnabled, "disabled", "active"),
        (outcome.returned.is_admin, Action::AdminGranted, "account", "admin"),
    ] {
        if is_back {
            tx.log(&tx.line(action, email).from_to(before, after))?;
        }
    }
    Ok(())
}

pub(super) fn routes() -> Vec<Route> {
    routes![show, confirm]
}
