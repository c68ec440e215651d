//! `/admin/apps/…/people`: users whom an app names, until when, who asks for access, and guests.

use super::apps::find;
use crate::{
    apps, db,
    domain::{
        AccountId, EmailAddress, Timestamp,
        apps::{
            AllowedPerson, Registered,
            asking::{self, Ask},
        },
        email_address,
    },
    people::{self, Guest},
    web::{
        Answer, AppNote, AppProblem, Failure, Fields, Layout, Need, NoFields, Note, Question, Visit,
        held_form::{self, Stale},
    },
};
use askama::Template;
use rocket::{Route, get, post, routes};

/// Most asks on the page.
const MAX: i64 = 200;

#[derive(Template)]
#[template(path = "admin/app_people.html")]
struct PeoplePage {
    layout: Layout,
    slug: String,
    app: String,
    asks: Vec<AskRow>,
    people: Vec<PersonRow>,
    email: String,
    email_problem: Option<String>,
    days: Days,
    max_length: usize,
    /// True if users have access without being named.
    has_others: bool,
    is_held: bool,
    continues: bool,
}

struct AskRow {
    id: String,
    email: String,
    at: Timestamp,
}

struct PersonRow {
    id: String,
    email: String,
    until: Option<Timestamp>,
}

/// The field with a day: what it holds, and what it takes.
pub(super) struct Days {
    pub typed: String,
    pub problem: Option<String>,
    pub first: String,
    pub last: String,
}

impl Days {
    pub(super) fn of(visit: &Visit<'_>, held: Option<&str>) -> Self {
        Self {
            typed: visit.typed("until").or(held).unwrap_or_default().to_owned(),
            problem: visit.problem_of("until"),
            first: asking::day(visit.now),
            last: asking::day(visit.now.plus(asking::LONGEST)),
        }
    }
}

fn path(app: &Registered) -> String {
    format!("/admin/apps/{}/people", app.app.slug)
}

#[get("/admin/apps/<id>/people?<held>")]
async fn list(visit: Visit<'_>, id: &str, held: Option<&str>) -> Answer {
    let app = find(&visit, id).await?;
    let held = held_form::held(&visit, held, &path(&app)).await?;
    let (app_id, now) = (app.app.id, visit.now);
    let read = visit.read_as_admin(Need::signed_in(), move |tx, _| {
        let asks = db::app_asks::waiting(tx.connection, app_id, MAX)?;
        Ok((asks, db::apps::people_of(tx.connection, app_id)?))
    });
    let (asks, people) = read.await?;
    let field = |name: &str| held.as_ref().and_then(|form| form.field(name));
    let ask = |(ask, email): &(Ask, EmailAddress)| AskRow {
        id: ask.id.to_string(),
        email: email.as_str().to_owned(),
        at: ask.asked_at,
    };
    let person = |(person, email): &(AllowedPerson, EmailAddress)| PersonRow {
        id: person.account.to_string(),
        email: email.as_str().to_owned(),
        until: person.ends_at,
    };
    visit.page(&PeoplePage {
        layout: visit.layout(),
        slug: app.app.slug.to_string(),
        app: app.app.name.to_string(),
        asks: asks.iter().map(ask).collect(),
        people: people.iter().filter(|(person, _)| person.ends_at.is_none_or(|end| now < end)).map(person).collect(),
        email: visit.typed("email").or(field("email")).unwrap_or_default().to_owned(),
        email_problem: visit.problem_of("email"),
        days: Days::of(&visit, field("until")),
        max_length: email_address::MAX_LENGTH,
        has_others: app.app.access.everyone || !app.app.access.groups.is_empty(),
        is_held: held.is_some(),
        continues: held_form::continues(&visit, held.as_ref()),
    })
}

fn problem(why: AppProblem) -> Note {
    Note::OfApps(AppNote::Problem(why))
}

/// Lets a user open the app, for good or until a day. An address without an account becomes a
/// guest, which needs a day.
#[post("/admin/apps/<id>/people", data = "<form>")]
async fn add(visit: Visit<'_>, id: &str, form: Fields) -> Answer {
    let app = find(&visit, id).await?;
    form.only(&["email", "until"])?;
    let (email, day) = (form.required("email")?, form.get("until").unwrap_or_default());
    let until = asking::until(day, visit.now);
    if !day.is_empty() && until.is_none() {
        return visit.refuse(problem(AppProblem::Date)).await;
    }
    let stale = Stale::form(&path(&app), &[("email", email), ("until", day)]);
    let Ok(email) = EmailAddress::parse(email) else { return visit.refuse(problem(AppProblem::Address)).await };
    let page = path(&app);
    let need = Need::signed_in().fresh(stale).locking(&email);
    let add = visit.as_admin(need, move |tx, me| {
        let known = db::accounts::find_by_email(tx.connection, &email)?;
        let note = match (known, until) {
            (Some(account), until) if !account.is_guest() => {
                apps::give(tx, &app, &account, until)?;
                AppNote::AccessGiven
            }
            (_, None) => AppNote::Problem(AppProblem::Date),
            (_, Some(until)) => match people::invite_guest(tx, &email, &me.account, until)? {
                Guest::Invited(account) => {
                    apps::give(tx, &app, &account, Some(until))?;
                    AppNote::GuestInvited
                }
                Guest::Known(account) => {
                    apps::give(tx, &app, &account, Some(until))?;
                    AppNote::AccessGiven
                }
            },
        };
        Ok(note)
    });
    match add.await? {
        refused @ AppNote::Problem(_) => visit.refuse(Note::OfApps(refused)).await,
        done => visit.say(&page, Note::OfApps(done)),
    }
}

/// Returns the user whom the app names.
async fn named(
    visit: &Visit<'_>,
    (id, account): (&str, &str),
) -> Result<(Registered, AccountId, EmailAddress), Failure> {
    let app = find(visit, id).await?;
    let account: AccountId = account.parse().map_err(|_| Failure::NotFound)?;
    let app_id = app.app.id;
    let read = visit.read_as_admin(Need::signed_in(), move |tx, _| db::apps::people_of(tx.connection, app_id));
    let found = read.await?.into_iter().find(|(person, _)| person.account == account);
    found.map(|(_, email)| (app, account, email)).ok_or(Failure::NotFound)
}

#[get("/admin/apps/<id>/people/<account>/remove")]
async fn ask_remove(visit: Visit<'_>, id: &str, account: &str) -> Answer {
    let (app, _, email) = named(&visit, (id, account)).await?;
    let title = visit.locale.say("access-take-question").with("app", app.app.name.as_str()).to_string();
    let say = |key| visit.locale.say(key).to_string();
    visit.ask(&Question {
        title: &title,
        about: email.as_str(),
        what_follows: &[&say("access-take-question.what")],
        button: &say("access-take-question.button"),
        back: &path(&app),
    })
}

#[post("/admin/apps/<id>/people/<account>/remove", data = "<_form>")]
async fn remove(visit: Visit<'_>, id: &str, account: &str, _form: NoFields) -> Answer {
    let (app, account, _) = named(&visit, (id, account)).await?;
    let page = path(&app);
    let need = Need::signed_in().fresh(Stale::button(&format!("{page}/{account}/remove")));
    visit.as_admin(need, move |tx, _| apps::take(tx, &app, account)).await?;
    visit.say(&page, Note::OfApps(AppNote::AccessTaken))
}

pub(super) fn routes() -> Vec<Route> {
    routes![list, add, ask_remove, remove]
}
