//! The username by which apps know a user, as admins change it.

use super::user::find;
use crate::{
    apps::{self, By, Handled},
    db,
    domain::{
        AccountId,
        handle::{self, Handle},
        session::HeldForm,
    },
    web::{
        Answer, AppNote, Fields, HandleProblem, Need, Note, Reply, Visit,
        held_form::{self, Stale},
    },
};
use rocket::{Route, get, post, routes};

/// The username on a user's page, perhaps as it was typed.
pub(super) struct Shown {
    pub handle: String,
    pub problem: Option<String>,
    pub max_length: usize,
    /// True if the form waited for a step-up, and now is sent by itself.
    pub continues: bool,
}

impl Shown {
    pub(super) fn of(visit: &Visit<'_>, given: Option<&db::handles::Given>, held: Option<&HeldForm>) -> Self {
        let stored = given.map(|given| given.handle.to_string()).unwrap_or_default();
        let waited = held.and_then(|form| form.field("handle"));
        Self {
            handle: visit.typed("handle").or(waited).map_or(stored, str::to_owned),
            continues: waited.is_some() && held_form::continues(visit, held),
            problem: visit.problem_of("handle"),
            max_length: handle::MAX_LENGTH,
        }
    }
}

/// Leads to the page with the form, for a user who has just signed in again.
#[get("/admin/people/<id>/username/save")]
fn back(id: &str) -> Reply {
    match id.parse::<AccountId>() {
        Ok(id) => Reply::see_other(format!("/admin/people/{id}")),
        Err(_) => Reply::see_other("/admin/people"),
    }
}

#[post("/admin/people/<id>/username/save", data = "<form>")]
async fn set(visit: Visit<'_>, id: &str, form: Fields) -> Answer {
    visit.require_admin()?;
    form.only(&["handle"])?;
    let account = find(&visit, id).await?;
    let path = format!("/admin/people/{}", account.id);
    let typed = form.required("handle")?;
    let refused = async |why| visit.say_with(&path, Note::OfApps(AppNote::BadHandle(why)), &[("handle", typed)]).await;
    let Ok(handle) = Handle::parse(typed) else { return refused(HandleProblem::Shape).await };
    let need = Need::signed_in().fresh(Stale::form(&path, &[("handle", typed)])).about(&account);
    let set = visit.as_admin(need, move |tx, _| apps::change_handle(tx, &account, &handle, By::Admin));
    match set.await? {
        Handled::Done | Handled::Unchanged => visit.say(&path, Note::OfApps(AppNote::HandleSaved)),
        Handled::Taken => refused(HandleProblem::Taken).await,
        Handled::Reserved => refused(HandleProblem::Reserved).await,
        Handled::ChosenBefore => refused(HandleProblem::ChosenBefore).await,
    }
}

pub(super) fn routes() -> Vec<Route> {
    routes![back, set]
}
