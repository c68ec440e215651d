//! `/admin/people`: find, invite, disable, enable, make admin, sign out everywhere. The last admin
//! stays an admin, and so does the last admin who can sign in.

use crate::{
    admin::{
        invitations,
        people_list::{self, Asked, Invite},
        person,
        user::{PATH, find},
    },
    db::{self, Tx},
    domain::{Account, audit::Action},
    people::{self, Change, Giver},
    web::{
        Answer, Failure, Fields, Me, Need, NoFields, Note, Question, Reply, Visit,
        held_form::{self, Stale},
    },
};
use rocket::{Route, get, post, routes};
use std::iter::once;
use strum::VariantArray;

#[get("/admin/people?<asked..>")]
async fn list(visit: Visit<'_>, asked: Asked<'_>) -> Answer {
    visit.require_admin()?;
    let held = held_form::held(&visit, asked.held, PATH).await?;
    let field = |name: &str| visit.typed(name).or(held.as_ref().and_then(|form| form.field(name)));
    let invite = Invite {
        email: field("email").unwrap_or_default(),
        is_admin: field("is_admin").is_some(),
        problem: visit.problem_of("email"),
        ends_on: field("ends_on").unwrap_or_default(),
        end_problem: visit.problem_of("ends_on"),
        is_held: held.is_some(),
        continues: held_form::continues(&visit, held.as_ref()),
    };
    people_list::show(&visit, &asked, invite).await
}

#[get("/admin/people.csv?<asked..>")]
async fn file(visit: Visit<'_>, asked: Asked<'_>) -> Answer {
    people_list::file(&visit, &asked).await
}

#[post("/admin/people", data = "<form>")]
async fn invite(visit: Visit<'_>, form: Fields) -> Answer {
    visit.require_admin()?;
    form.only(&["email", "is_admin", "ends_on"])?;
    invitations::invite_one(&visit, &form).await
}

#[get("/admin/people/<id>?<held>")]
async fn show(visit: Visit<'_>, id: &str, held: Option<&str>) -> Answer {
    let account = find(&visit, id).await?;
    let held = held_form::held(&visit, held, &format!("{PATH}/{}", account.id)).await?;
    person::show(&visit, account, held.as_ref()).await
}

/// One of the buttons on a user's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub(super) enum UserAct {
    Disable,
    Enable,
    MakeAdmin,
    RemoveAdmin,
    SignOut,
}

impl UserAct {
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|deed| deed.name() == name)
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::MakeAdmin => "make-admin",
            Self::RemoveAdmin => "remove-admin",
            Self::SignOut => "sign-out",
        }
    }

    const fn note(self) -> Note {
        match self {
            Self::Disable => Note::AccountDisabled,
            Self::Enable => Note::AccountEnabled,
            Self::MakeAdmin => Note::MadeAdmin,
            Self::RemoveAdmin => Note::RemovedAdmin,
            Self::SignOut => Note::SignedOutEverywhere,
        }
    }

    /// Returns the keys of the question, what follows, and the button. Enabling an account needs no
    /// question, because it can be undone at once.
    const fn question(self) -> Option<(&'static str, &'static str, &'static str)> {
        Some(match self {
            Self::Disable => ("disable-question", "disable-question.what", "disable-question.button"),
            Self::MakeAdmin => ("make-admin-question", "make-admin-question.what", "make-admin-question.button"),
            Self::RemoveAdmin => {
                ("remove-admin-question", "remove-admin-question.what", "remove-admin-question.button")
            }
            Self::SignOut => ("sign-out-user-question", "sign-out-user-question.what", "sign-out-user-question.button"),
            Self::Enable => return None,
        })
    }

    /// Returns what it changes, for the audit log.
    const fn change(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Disable => Some(("active", "disabled")),
            Self::Enable => Some(("disabled", "active")),
            Self::MakeAdmin => Some(("account", "admin")),
            Self::RemoveAdmin => Some(("admin", "account")),
            Self::SignOut => None,
        }
    }

    const fn action(self) -> Action {
        match self {
            Self::Disable => Action::AccountDisabled,
            Self::Enable => Action::AccountEnabled,
            Self::MakeAdmin => Action::AdminGranted,
            Self::RemoveAdmin => Action::AdminRevoked,
            Self::SignOut => Action::SignedOutEverywhere,
        }
    }
}

#[get("/admin/people/<id>/<deed>")]
async fn ask_act(visit: Visit<'_>, id: &str, deed: &str) -> Answer {
    let deed = UserAct::parse(deed).ok_or(Failure::NotFound)?;
    let account = find(&visit, id).await?;
    let back = format!("{PATH}/{}", account.id);
    let Some((title, what, button)) = deed.question() else { return Ok(Reply::see_other(back)) };
    let say = |key| visit.locale.say(key).to_string();
    let is_kept = deed == UserAct::MakeAdmin && account.guest_until.is_some();
    let what: Vec<String> = once(say(what)).chain(is_kept.then(|| say("make-admin-question.guest"))).collect();
    visit.ask(&Question {
        title: &say(title),
        about: account.email.as_str(),
        what_follows: &what.iter().map(String::as_str).collect::<Vec<_>>(),
        button: &say(button),
        back: &back,
    })
}

#[post("/admin/people/<id>/<deed>", data = "<_form>")]
async fn act(visit: Visit<'_>, id: &str, deed: &str, _form: NoFields) -> Answer {
    visit.require_admin()?;
    let name = deed;
    let deed = UserAct::parse(deed).ok_or(Failure::NotFound)?;
    let account = find(&visit, id).await?;
    let path = format!("{PATH}/{}", account.id);
    // If the button asks a question, the way back leads to that page.
    let button = if deed.question().is_some() { format!("{path}/{name}") } else { path.clone() };
    let (need, subject) = (Need::signed_in().fresh(Stale::button(&button)).about(&account), account.clone());
    let act = visit.as_admin(need, move |tx, me| perform(tx, me, deed, &subject));
    let note = match act.await? {
        Change::Done | Change::Unchanged => deed.note(),
        Change::LastAdmin => Note::LastAdminElsewhere,
        Change::LastWayIn => Note::LastAdminWayIn,
    };
    visit.say(&path, note)
}

pub(super) fn perform(tx: &mut Tx<'_>, me: &Me, deed: UserAct, account: &Account) -> Result<Change, db::Error> {
    let by = Giver::Admin(&me.account);
    let kept = match deed {
        UserAct::Disable => people::disable(tx, account, by)?,
        UserAct::Enable => people::enable(tx, account)?,
        UserAct::MakeAdmin => people::make_admin(tx, account, by)?,
        UserAct::RemoveAdmin => people::remove_admin(tx, account, by)?,
        UserAct::SignOut => {
            people::sign_out_everywhere(tx, account)?;
            Change::Done
        }
    };
    if kept == Change::Done {
        if matches!(deed, UserAct::Disable) {
            people::tell_again(tx, &me.account, account)?;
        }
        let line = tx.line(deed.action(), account.email.as_str());
        tx.log(&match deed.change() {
            Some((before, after)) => line.from_to(before, after),
            None => line,
        })?;
    }
    Ok(kept)
}

pub(super) fn routes() -> Vec<Route> {
    routes![list, file, invite, show, ask_act, act]
}
