//! `/admin/groups`: groups and their members.

use super::declared::{instead_of_form, refuse, unless_declared};
use crate::{
    apps,
    db::{self, Tx, declared::Kind},
    domain::{
        Account, AccountId, EmailAddress,
        account::AccountName,
        email_address,
        group::{self, Group, GroupId, GroupName},
    },
    web::{
        Answer, AppNote, Failure, Fields, Layout, Need, NoFields, Note, Question, Visit,
        held_form::{self, Stale},
    },
};
use askama::Template;
use rocket::{Route, get, post, routes};

const PATH: &str = "/admin/groups";

#[derive(Template)]
#[template(path = "admin/groups.html")]
struct GroupsPage<'a> {
    layout: Layout,
    groups: Vec<Row>,
    name: &'a str,
    problem: Option<String>,
    max_length: usize,
    is_held: bool,
    continues: bool,
}

struct Row {
    id: String,
    name: String,
    note: String,
    members: i64,
}

#[derive(Template)]
#[template(path = "admin/group.html")]
struct GroupPage<'a> {
    layout: Layout,
    id: String,
    name: &'a str,
    note: &'a str,
    note_problem: Option<String>,
    /// A file of the operator owns it.
    is_declared: bool,
    members: Vec<Member>,
    /// Apps that its members can open: address and name.
    apps: Vec<(String, String)>,
    email: &'a str,
    problem: Option<String>,
    max_length: usize,
    max_note: usize,
    /// Form of the two that waited for a proof.
    held: HeldForms,
    continues: bool,
}

/// The forms of a group's page. At most one waits.
struct HeldForms {
    member: bool,
    note: bool,
}

struct Member {
    id: String,
    email: String,
    name: String,
}

#[get("/admin/groups?<held>")]
async fn list(visit: Visit<'_>, held: Option<&str>) -> Answer {
    visit.require_admin()?;
    let held = held_form::held(&visit, held, PATH).await?;
    let read = visit.read_as_admin(Need::signed_in(), |tx, _| {
        Ok((db::groups::all(tx.connection)?, db::groups::sizes(tx.connection)?))
    });
    let (groups, sizes) = read.await?;
    let row = |group: &Group| Row {
        id: group.id.to_string(),
        name: group.name.to_string(),
        note: group.note.clone(),
        members: sizes.get(&group.id).copied().unwrap_or_default(),
    };
    let page = GroupsPage {
        layout: visit.layout(),
        groups: groups.iter().map(row).collect(),
        name: visit.typed("name").or(held.as_ref().and_then(|form| form.field("name"))).unwrap_or_default(),
        problem: visit.problem_of("name"),
        max_length: group::MAX_LENGTH,
        is_held: held.is_some(),
        continues: held_form::continues(&visit, held.as_ref()),
    };
    visit.page(&page)
}

#[post("/admin/groups", data = "<form>")]
async fn add(visit: Visit<'_>, form: Fields) -> Answer {
    visit.require_admin()?;
    form.only(&["name"])?;
    let typed = form.required("name")?;
    let Ok(name) = GroupName::parse(typed) else { return visit.refuse(Note::OfApps(AppNote::BadGroupName)).await };
    let need = Need::signed_in().fresh(Stale::form(PATH, &[("name", typed)]));
    match visit.as_admin(need, move |tx, _| apps::add_group(tx, &name, "")).await? {
        Some(group) => visit.say(&format!("{PATH}/{}", group.id), Note::OfApps(AppNote::GroupAdded)),
        None => visit.refuse(Note::OfApps(AppNote::GroupTaken)).await,
    }
}

#[get("/admin/groups/<id>?<held>")]
async fn page(visit: Visit<'_>, id: &str, held: Option<&str>) -> Answer {
    let group = find(&visit, id).await?;
    let id = group.id;
    let path = format!("{PATH}/{id}");
    let held = held_form::held(&visit, held, &path).await?;
    let group_name = group.name.clone();
    let read = visit.read_as_admin(Need::signed_in(), move |tx, _| {
        let is_declared = db::declared::has(tx.connection, Kind::Group, group_name.as_str())?;
        Ok((db::groups::members(tx.connection, id)?, db::apps::all(tx.connection)?, is_declared))
    });
    let (members, all, is_declared) = read.await?;
    let field = |name: &str| visit.typed(name).or(held.as_ref().and_then(|form| form.field(name)));
    let waits = |name: &str| held.as_ref().is_some_and(|form| form.field(name).is_some());
    let opened = all.iter().filter(|app| app.app.access.groups.contains(&id));
    let page = GroupPage {
        layout: visit.layout(),
        id: id.to_string(),
        name: group.name.as_str(),
        note: field("note").unwrap_or(&group.note),
        note_problem: visit.problem_of("note"),
        is_declared,
        members: members.iter().map(member).collect(),
        apps: opened.map(|app| (app.app.slug.to_string(), app.app.name.to_string())).collect(),
        email: field("email").unwrap_or_default(),
        problem: visit.problem_of("email"),
        max_length: email_address::MAX_LENGTH,
        max_note: AccountName::MAX_LENGTH,
        held: HeldForms { member: waits("email"), note: waits("note") },
        continues: held_form::continues(&visit, held.as_ref()),
    };
    visit.page(&page)
}

fn member(account: &Account) -> Member {
    let (email, name) = (account.email.as_str().to_owned(), account.name.as_str().to_owned());
    Member { id: account.id.to_string(), email, name }
}

async fn find(visit: &Visit<'_>, id: &str) -> Result<Group, Failure> {
    visit.require_admin()?;
    let id: GroupId = id.parse().map_err(|_| Failure::NotFound)?;
    let find = visit.read_as_admin(Need::signed_in(), move |tx, _| db::groups::find(tx.connection, id));
    find.await?.ok_or(Failure::NotFound)
}

/// Adds a member, or saves the note: the page has a form for each.
#[post("/admin/groups/<id>", data = "<form>")]
async fn change(visit: Visit<'_>, id: &str, form: Fields) -> Answer {
    let group = find(&visit, id).await?;
    form.only(&["email", "note"])?;
    match (form.get("email"), form.get("note")) {
        (Some(email), None) => join(&visit, group, email).await,
        (None, Some(note)) => save_note(&visit, &group, note).await,
        _ => Err(Failure::UnreadableForm),
    }
}

async fn save_note(visit: &Visit<'_>, group: &Group, typed: &str) -> Answer {
    let path = format!("{PATH}/{}", group.id);
    // A note is one honest line, as a name is.
    let Ok(note) = AccountName::parse(typed) else { return visit.refuse(Note::OfApps(AppNote::BadGroupNote)).await };
    let need = Need::signed_in().fresh(Stale::form(&path, &[("note", typed)]));
    let (id, name) = (group.id, group.name.clone());
    let changed = visit.as_admin(need, move |tx, _| {
        unless_declared(tx, (Kind::Group, name.as_str()), |tx| apps::change_group(tx, id, note.as_str()))
    });
    match changed.await? {
        None => refuse(visit, &path),
        Some(false) => Err(Failure::NotFound),
        Some(true) => visit.say(&path, Note::OfApps(AppNote::GroupSaved)),
    }
}

async fn join(visit: &Visit<'_>, group: Group, typed: &str) -> Answer {
    let path = format!("{PATH}/{}", group.id);
    let email = match EmailAddress::parse(typed) {
        Ok(email) => email,
        Err(why) => return visit.refuse(Note::NotAnAddress(why)).await,
    };
    let need = Need::signed_in().fresh(Stale::form(&path, &[("email", typed)])).locking(&email);
    let join = visit.as_admin(need, move |tx, _| {
        let Some(account) = db::accounts::find_by_email(tx.connection, &email)? else { return Ok(None) };
        still(tx, &group)?.map_or(Ok(None), |group| apps::join(tx, &group, &account).map(Some))
    });
    match join.await? {
        Some(true) => visit.say(&path, Note::OfApps(AppNote::Joined)),
        Some(false) => visit.refuse(Note::OfApps(AppNote::InGroup)).await,
        None => visit.refuse(Note::OfApps(AppNote::NoSuchUser)).await,
    }
}

/// Returns the group unless another admin has just removed it.
fn still(tx: &mut Tx<'_>, group: &Group) -> Result<Option<Group>, db::Error> {
    db::groups::find(tx.connection, group.id)
}

#[post("/admin/groups/<id>/leave", data = "<form>")]
async fn leave(visit: Visit<'_>, id: &str, form: Fields) -> Answer {
    let group = find(&visit, id).await?;
    form.only(&["account"])?;
    let path = format!("{PATH}/{}", group.id);
    let account: AccountId = form.required("account")?.parse().map_err(|_| Failure::BadRequest)?;
    let need = Need::signed_in().fresh(Stale::button(&path));
    let leave = visit.as_admin(need, move |tx, _| {
        let Some(account) = db::accounts::find(tx.connection, account)? else { return Ok(false) };
        apps::leave(tx, &group, &account)
    });
    if !leave.await? {
        return Err(Failure::NotFound);
    }
    visit.say(&path, Note::OfApps(AppNote::Left))
}

#[get("/admin/groups/<id>/remove")]
async fn ask_remove(visit: Visit<'_>, id: &str) -> Answer {
    let group = find(&visit, id).await?;
    let back = format!("{PATH}/{}", group.id);
    if let Some(page) = instead_of_form(&visit, (Kind::Group, group.name.as_str()), &back).await? {
        return Ok(page);
    }
    let say = |key| visit.locale.say(key).to_string();
    visit.ask(&Question {
        title: &say("remove-group-question"),
        about: group.name.as_str(),
        what_follows: &[&say("remove-group-question.what")],
        button: &say("remove-group-question.button"),
        back: &back,
    })
}

#[post("/admin/groups/<id>/remove", data = "<_form>")]
async fn remove(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    let group = find(&visit, id).await?;
    let need = Need::signed_in().fresh(Stale::button(&format!("{PATH}/{}/remove", group.id)));
    let path = format!("{PATH}/{}", group.id);
    let removed = visit.as_admin(need, move |tx, _| {
        unless_declared(tx, (Kind::Group, group.name.as_str()), |tx| apps::remove_group(tx, &group.name))
    });
    if removed.await?.is_none() {
        return refuse(&visit, &path);
    }
    visit.say(PATH, Note::OfApps(AppNote::GroupRemoved))
}

pub(super) fn routes() -> Vec<Route> {
    routes![list, add, page, change, leave, ask_remove, remove]
}
