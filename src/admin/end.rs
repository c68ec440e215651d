//! The end date of a user's account, on the user's page.

use super::user;
use crate::{
    domain::{
        Account, AccountId,
        account::{NotAnEnd, last_day, parse_last_day},
        session::HeldForm,
    },
    people::{EndSet, Giver, set_end},
    web::{
        Answer, Fields, Need, Note, Reply, Visit,
        held_form::{self, Stale},
    },
};
use rocket::{Route, get, post, routes};

/// The end date on a user's page, perhaps as it was typed.
pub(super) struct Shown {
    /// As a date field shows it.
    pub last_day: String,
    pub problem: Option<String>,
    pub has_ended: bool,
    /// True if the form waited for a step-up, and now is sent by itself.
    pub continues: bool,
}

impl Shown {
    pub(super) fn of(visit: &Visit<'_>, account: &Account, held: Option<&HeldForm>) -> Self {
        let stored = account.end().map(last_day).unwrap_or_default();
        let waited = held.and_then(|form| form.field("ends_on"));
        Self {
            last_day: visit.typed("ends_on").or(waited).map_or(stored, str::to_owned),
            continues: waited.is_some() && held_form::continues(visit, held),
            problem: visit.problem_of("ends_on"),
            has_ended: account.has_ended(visit.now),
        }
    }
}

/// Leads to the page with the form, for a user who has just signed in again.
#[get("/admin/people/<id>/end/save")]
fn back(id: &str) -> Reply {
    match id.parse::<AccountId>() {
        Ok(id) => Reply::see_other(format!("/admin/people/{id}")),
        Err(_) => Reply::see_other("/admin/people"),
    }
}

#[post("/admin/people/<id>/end/save", data = "<form>")]
async fn set(visit: Visit<'_>, id: &str, form: Fields) -> Answer {
    visit.require_admin()?;
    form.only(&["ends_on"])?;
    let account = user::find(&visit, id).await?;
    let path = format!("/admin/people/{}", account.id);
    let typed = form.required("ends_on")?;
    let kept = [("ends_on", typed)];
    let refuse = |why| visit.say_with(&path, Note::NotAnEnd(why), &kept);
    let end = match parse_last_day(typed, visit.now) {
        Ok(end) => end,
        Err(why) => return refuse(why).await,
    };
    let need = Need::signed_in().fresh(Stale::form(&path, &kept)).about(&account);
    let set = visit.as_admin(need, move |tx, me| set_end(tx, &account, end, Giver::Admin(&me.account)));
    let note = match set.await? {
        EndSet::Done | EndSet::Unchanged if end.is_some() => Note::EndSaved,
        EndSet::Done | EndSet::Unchanged => Note::EndRemoved,
        EndSet::IsAdmin => Note::AdminHasNoEnd,
        EndSet::AfterGuest => return refuse(NotAnEnd::AfterGuest).await,
        EndSet::Gone => return visit.say(user::PATH, Note::NoUserChosen),
    };
    visit.say(&path, note)
}

pub(super) fn routes() -> Vec<Route> {
    routes![back, set]
}
