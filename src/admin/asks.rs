//! `/admin/asks`: the pages to which the email about an ask for access leads. Each has one button,
//! and only an admin who is signed in sees it: the link itself proves nothing.

use super::app_people::Days;
use crate::{
    apps::{self, Answered},
    db,
    domain::{
        EmailAddress,
        apps::{
            Registered,
            asking::{self, Answer as Answers, Ask, AskId},
        },
    },
    web::{
        Answer, AppNote, AppProblem, Failure, Fields, Layout, Need, NoFields, Note, Visit,
        held_form::{self, Stale},
    },
};
use askama::Template;
use rocket::{Route, get, post, routes};

/// Answer that a page gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Yes,
    Until,
    No,
}

#[derive(Template)]
#[template(path = "admin/ask.html")]
struct AskPage {
    layout: Layout,
    path: String,
    back: String,
    app: String,
    email: String,
    ask: Ask,
    way: Way,
    days: Days,
    is_held: bool,
    continues: bool,
}

struct Found {
    ask: Ask,
    app: Registered,
    email: EmailAddress,
}

impl Found {
    fn path(&self, way: Way) -> String {
        let way = match way {
            Way::Yes => "yes",
            Way::Until => "until",
            Way::No => "no",
        };
        format!("/admin/asks/{}/{way}", self.ask.id)
    }

    fn back(&self) -> String {
        format!("/admin/apps/{}/people", self.app.app.slug)
    }
}

async fn find(visit: &Visit<'_>, id: &str) -> Result<Found, Failure> {
    visit.require_admin()?;
    let id: AskId = id.parse().map_err(|_| Failure::NotFound)?;
    let read = visit.read_as_admin(Need::signed_in(), move |tx, _| {
        let Some(ask) = db::app_asks::find(tx.connection, id)? else { return Ok(None) };
        let app = db::apps::find(tx.connection, ask.app)?;
        let account = db::accounts::find(tx.connection, ask.account)?;
        Ok(app.zip(account).map(|(app, account)| Found { ask, app, email: account.email }))
    });
    read.await?.ok_or(Failure::NotFound)
}

async fn page(visit: Visit<'_>, id: &str, (way, held): (Way, Option<&str>)) -> Answer {
    let found = find(&visit, id).await?;
    let path = found.path(way);
    let held = held_form::held(&visit, held, &path).await?;
    visit.page(&AskPage {
        layout: visit.layout(),
        path,
        back: found.back(),
        app: found.app.app.name.to_string(),
        email: found.email.as_str().to_owned(),
        ask: found.ask,
        way,
        days: Days::of(&visit, held.as_ref().and_then(|form| form.field("until"))),
        is_held: held.is_some(),
        continues: held_form::continues(&visit, held.as_ref()),
    })
}

async fn decide(visit: Visit<'_>, found: Found, (way, day): (Way, &str)) -> Answer {
    let (id, path, back) = (found.ask.id, found.path(way), found.back());
    let until = asking::until(day, visit.now);
    if way == Way::Until && until.is_none() {
        return visit.refuse(Note::OfApps(AppNote::Problem(AppProblem::Date))).await;
    }
    let stale = if way == Way::Until { Stale::form(&path, &[("until", day)]) } else { Stale::button(&path) };
    let answer = if way == Way::No { Answers::No } else { Answers::Yes };
    let need = Need::signed_in().fresh(stale);
    let done = match visit.as_admin(need, move |tx, _| apps::answer(tx, id, answer, until)).await? {
        Answered::Late => AppNote::AnsweredBefore,
        Answered::Done if answer == Answers::Yes => AppNote::AccessGiven,
        Answered::Done => AppNote::AccessRefused,
    };
    visit.say(&back, Note::OfApps(done))
}

#[get("/admin/asks/<id>/yes")]
async fn ask_yes(visit: Visit<'_>, id: &str) -> Answer {
    page(visit, id, (Way::Yes, None)).await
}

#[post("/admin/asks/<id>/yes", data = "<_form>")]
async fn yes(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    let found = find(&visit, id).await?;
    decide(visit, found, (Way::Yes, "")).await
}

#[get("/admin/asks/<id>/no")]
async fn ask_no(visit: Visit<'_>, id: &str) -> Answer {
    page(visit, id, (Way::No, None)).await
}

#[post("/admin/asks/<id>/no", data = "<_form>")]
async fn no(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    let found = find(&visit, id).await?;
    decide(visit, found, (Way::No, "")).await
}

#[get("/admin/asks/<id>/until?<held>")]
async fn ask_until(visit: Visit<'_>, id: &str, held: Option<&str>) -> Answer {
    page(visit, id, (Way::Until, held)).await
}

#[post("/admin/asks/<id>/until", data = "<form>")]
async fn until(visit: Visit<'_>, id: &str, form: Fields) -> Answer {
    form.only(&["until"])?;
    let found = find(&visit, id).await?;
    decide(visit, found, (Way::Until, form.required("until")?)).await
}

pub(super) fn routes() -> Vec<Route> {
    routes![ask_yes, yes, ask_no, no, ask_until, until]
}
