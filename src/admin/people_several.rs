//! `/admin/people/several`: one act on users who are ticked in the list, after a question that
//! names them. The own account stays as it is, and so does the last admin who can sign in.

use super::{
    people::{UserAct, perform},
    user::PATH,
};
use crate::{
    db,
    domain::{Account, AccountId, account::parse_last_day, session::HeldForm},
    people::{Change, EndSet, Giver, set_end},
    web::{
        Answer, Failure, Fields, Layout, Need, Note, Several, Visit,
        held_form::{self, Stale},
    },
};
use askama::Template;
use rocket::{FromForm, Route, get, post, routes};

const SEVERAL: &str = "/admin/people/several";
/// Most users of one question: those of a page.
const MAX: usize = 50;

#[derive(Template)]
#[template(path = "admin/people_several.html")]
struct QuestionPage {
    layout: Layout,
    keys: Keys,
    deed: &'static str,
    /// The ids of the users, as the form sends them.
    users: String,
    emails: Vec<String>,
    /// The last day of the accounts, if it is asked for.
    ends_on: Option<String>,
    end_problem: Option<String>,
    is_held: bool,
}

impl QuestionPage {
    const fn path(&self) -> &'static str {
        SEVERAL
    }
}

/// The keys of a question.
struct Keys {
    question: &'static str,
    what: &'static str,
    button: &'static str,
}

#[derive(FromForm)]
struct Asked<'r> {
    deed: Option<&'r str>,
    user: Vec<&'r str>,
    held: Option<&'r str>,
}

/// Action on the ticked users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    OnUser(UserAct),
    /// Sets when the accounts end.
    End,
}

impl Act {
    fn parse(name: &str) -> Option<Self> {
        let act = if name == Self::End.name() { Self::End } else { Self::OnUser(UserAct::parse(name)?) };
        keys(act).is_some().then_some(act)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::OnUser(deed) => deed.name(),
            Self::End => "end",
        }
    }
}

/// Users, and what is to be done to them.
struct BulkAct {
    act: Act,
    users: Vec<AccountId>,
}

impl BulkAct {
    /// Returns `None` if no user is named.
    fn parse<'a>(deed: Option<&str>, users: impl Iterator<Item = &'a str>) -> Option<Self> {
        let act = deed.and_then(Act::parse)?;
        let mut users: Vec<AccountId> = users.take(MAX).filter_map(|id| id.parse().ok()).collect();
        users.sort_unstable_by_key(|id| id.as_i64());
        users.dedup();
        (!users.is_empty()).then_some(Self { act, users })
    }

    fn of_form(form: &HeldForm) -> Option<Self> {
        Self::parse(form.field("deed"), form.field("users").unwrap_or_default().split(' '))
    }

    /// Returns the ids as the form sends them.
    fn text(&self) -> String {
        self.users.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    /// Returns the query of the question's page.
    fn query(&self) -> String {
        let users = self.users.iter().map(|user| format!("&user={user}")).collect::<String>();
        format!("deed={}{users}", self.act.name())
    }

    /// Reads the users who still exist, without the acting one.
    async fn accounts(&self, visit: &Visit<'_>) -> Result<Vec<Account>, Failure> {
        let users = self.users.clone();
        let read = visit.read_as_admin(Need::signed_in(), move |tx, me| {
            let mut accounts = Vec::new();
            for id in users.iter().filter(|id| **id != me.account.id) {
                accounts.extend(db::accounts::find(tx.connection, *id)?);
            }
            accounts.sort_by(|a, b| a.email.as_str().cmp(b.email.as_str()));
            Ok(accounts)
        });
        read.await
    }
}

/// Returns the keys of the question. `None` for what is done to one user at a time.
const fn keys(act: Act) -> Option<Keys> {
    let deed = match act {
        Act::OnUser(deed) => deed,
        Act::End => {
            return Some(Keys { question: "end-several", what: "end-several.what", button: "end-several.button" });
        }
    };
    Some(match deed {
        UserAct::Disable => {
            Keys { question: "disable-several", what: "disable-several.what", button: "disable-several.button" }
        }
        UserAct::Enable => {
            Keys { question: "enable-several", what: "enable-several.what", button: "enable-several.button" }
        }
        UserAct::SignOut => {
            Keys { question: "sign-out-several", what: "sign-out-several.what", button: "sign-out-several.button" }
        }
        UserAct::MakeAdmin | UserAct::RemoveAdmin => return None,
    })
}

const fn told(act: Act) -> Several {
    match act {
        Act::End => Several::EndSet,
        Act::OnUser(UserAct::Enable) => Several::Enabled,
        Act::OnUser(UserAct::SignOut) => Several::SignedOut,
        Act::OnUser(UserAct::Disable | UserAct::MakeAdmin | UserAct::RemoveAdmin) => Several::Disabled,
    }
}

#[get("/admin/people/several?<asked..>")]
async fn ask(visit: Visit<'_>, asked: Asked<'_>) -> Answer {
    visit.require_admin()?;
    let held = held_form::held(&visit, asked.held, SEVERAL).await?;
    let bulk =
        held.as_ref().and_then(BulkAct::of_form).or_else(|| BulkAct::parse(asked.deed, asked.user.iter().copied()));
    let Some(bulk) = bulk else { return visit.say(PATH, Note::NoUserChosen) };
    let accounts = bulk.accounts(&visit).await?;
    let Some(keys) = keys(bulk.act).filter(|_| !accounts.is_empty()) else {
        return visit.say(PATH, Note::NoUserChosen);
    };
    visit.page(&QuestionPage {
        layout: visit.layout(),
        keys,
        deed: bulk.act.name(),
        users: bulk.text(),
        ends_on: (bulk.act == Act::End).then(|| {
            let waited = held.as_ref().and_then(|form| form.field("ends_on"));
            visit.typed("ends_on").or(waited).unwrap_or_default().to_owned()
        }),
        end_problem: visit.problem_of("ends_on"),
        is_held: held.is_some(),
        emails: accounts.iter().map(|account| account.email.as_str().to_owned()).collect(),
    })
}

#[post("/admin/people/several", data = "<form>")]
async fn act(visit: Visit<'_>, form: Fields) -> Answer {
    visit.require_admin()?;
    form.only(&["deed", "users", "ends_on"])?;
    let (deed, users) = (form.required("deed")?, form.required("users")?);
    let ends_on = form.get("ends_on").unwrap_or_default();
    let Some(bulk) = BulkAct::parse(Some(deed), users.split(' ')) else { return visit.say(PATH, Note::NoUserChosen) };
    let accounts = bulk.accounts(&visit).await?;
    let end = match parse_last_day(ends_on, visit.now) {
        Ok(end) => end,
        Err(why) => {
            let question = format!("{SEVERAL}?{}", bulk.query());
            return visit.say_with(&question, Note::NotAnEnd(why), &[("ends_on", ends_on)]).await;
        }
    };
    let stale = Stale::form(SEVERAL, &[("deed", deed), ("users", users), ("ends_on", ends_on)]);
    let need = accounts.iter().fold(Need::signed_in().fresh(stale), Need::about);
    let (act, chosen) = (bulk.act, bulk.users.len());
    let acted = visit.as_admin(need, move |tx, me| {
        let mut done = 0;
        for account in &accounts {
            let is_done = match act {
                Act::OnUser(deed) => matches!(perform(tx, me, deed, account)?, Change::Done | Change::Unchanged),
                Act::End => {
                    matches!(set_end(tx, account, end, Giver::Admin(&me.account))?, EndSet::Done | EndSet::Unchanged)
                }
            };
            done += usize::from(is_done);
        }
        Ok(done)
    });
    let done = acted.await?;
    visit.say(PATH, Note::Several { deed: told(act), done, kept: chosen.saturating_sub(done) })
}

pub(super) fn routes() -> Vec<Route> {
    routes![ask, act]
}
