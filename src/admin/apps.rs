//! `/admin/apps`: apps that users open through Gatepost.

use super::{
    app_form::{SPANS, Typed, seconds},
    app_proxies::{self, Proxy},
    declared::{instead_of_form, refuse, unless_declared},
};
use crate::{
    db::{self, DbConnection, Stop, apps::Unread, declared::Kind},
    domain::{
        Account, Lifetime, Proof, Timestamp,
        apps::{
            AppId, AppSlug, Registered,
            host::AppHost,
            identity::{self, Identity},
            part::Part,
            trouble::Trouble,
        },
        group::{GroupId, GroupName},
        handle::Handle,
    },
    locale::Locale,
    web::{
        Answer, AppNote, AppProblem, Failure, Fields, Layout, Need, Note, Visit,
        held_form::{self, Stale},
    },
};
use askama::Template;
use rocket::{Route, get, post, routes};
use std::collections::HashMap;

pub(super) const PATH: &str = "/admin/apps";

#[derive(Template)]
#[template(path = "admin/apps.html")]
struct AppsPage {
    layout: Layout,
    /// The settings turn all of them off.
    are_off: bool,
    apps: Vec<Row>,
    /// Apps that this version cannot read.
    unread: Vec<UnreadRow>,
    /// Latest refusals of proxies, where no app is known.
    troubles: Troubles,
}

struct UnreadRow {
    slug: String,
    name: String,
    /// Address of the question whether to remove it.
    remove: String,
}

impl UnreadRow {
    fn new(app: &Unread) -> Self {
        // The id, because the stored slug may be one that no address can have.
        Self { slug: app.slug.clone(), name: app.name.clone(), remove: format!("{PATH}/{}/remove", app.id) }
    }
}

struct Row {
    slug: String,
    name: String,
    initial: String,
    /// Address of the icon.
    icon: Option<String>,
    hosts: String,
    who: String,
    is_disabled: bool,
    last_used: Option<Timestamp>,
    /// Number of users who wait for an answer.
    asking: i64,
}

impl Row {
    /// Returns the addresses as admins type them: without the usual scheme.
    fn typed_hosts(&self) -> String {
        self.hosts.replace("https://", "")
    }
}

#[derive(Template)]
#[template(path = "admin/app_change.html")]
struct ChangePage {
    layout: Layout,
    slug: String,
    title: String,
    typed: Typed,
    problems: Problems,
    known_groups: String,
    /// Seconds and words of each span.
    spans: Vec<(String, String)>,
    is_held: bool,
    continues: bool,
}

#[derive(Template)]
#[template(path = "admin/app.html")]
struct AppPage {
    layout: Layout,
    slug: String,
    app: Row,
    description: String,
    requires: &'static str,
    /// A user can set up what it requires.
    is_offered: bool,
    fresh: Option<Lifetime>,
    public_paths: String,
    link: Option<String>,
    /// Headers that would tell this app about the admin: names and values.
    headers: [(&'static str, String); 6],
    may_open: bool,
    /// Latest refusals of its proxy, and those that concern no app.
    troubles: Troubles,
    /// Configurations of proxies with this app's host.
    proxies: Vec<Proxy>,
    /// `GATEPOST_TRUSTED_PROXIES` names some. Without it, each check is refused.
    has_trusted_proxies: bool,
    /// The address that they are for, where the app has several.
    filled_for: Option<String>,
    /// The proxies that cannot serve this address.
    left_out: Option<String>,
    /// The host for a line to copy.
    host: String,
    has_host: bool,
    /// True if it is a client of OpenID Connect.
    is_client: bool,
    /// A file of the operator owns it.
    is_declared: bool,
}

/// Problem with each field.
#[derive(Default)]
pub(super) struct Problems {
    pub name: Option<String>,
    pub hosts: Option<String>,
    pub groups: Option<String>,
    pub users: Option<String>,
    pub paths: Option<String>,
    pub link: Option<String>,
    pub description: Option<String>,
    pub fresh: Option<String>,
    pub preset: Option<String>,
    pub redirect_uris: Option<String>,
}

impl Problems {
    pub(super) fn of(visit: &Visit<'_>) -> Self {
        let of = |field| visit.problem_of(field);
        Self {
            name: of("name"),
            hosts: of("hosts"),
            groups: of("groups"),
            users: of("users"),
            paths: of("paths"),
            link: of("link"),
            description: of("description"),
            fresh: of("fresh"),
            preset: of("preset"),
            redirect_uris: of("redirect_uris"),
        }
    }
}

type Groups = HashMap<GroupId, String>;
type Troubles = Vec<(Trouble, Timestamp)>;

/// Returns what proxies were last refused for at an app, or where no app is known. `waiting` is
/// what this node has still to store.
fn troubles(
    stored: Vec<(Option<AppId>, Trouble, Timestamp)>,
    visit: &Visit<'_>,
    (app, with_others): (Option<AppId>, bool),
) -> Troubles {
    let mut newest: HashMap<Trouble, Timestamp> = HashMap::new();
    for (of, trouble, at) in stored.into_iter().chain(visit.services.troubles.waiting()) {
        if of == app || with_others && of.is_none() {
            let last = newest.entry(trouble).or_insert(at);
            *last = at.max(*last);
        }
    }
    let mut troubles: Troubles = newest.into_iter().collect();
    troubles.sort_by_key(|(trouble, at)| (std::cmp::Reverse(*at), *trouble));
    troubles
}

pub(super) fn groups(connection: &mut DbConnection) -> Result<Groups, db::Error> {
    let groups = db::groups::all(connection)?;
    Ok(groups.into_iter().map(|group| (group.id, group.name.to_string())).collect())
}

fn row(app: &Registered, groups: &Groups, locale: &Locale) -> Row {
    let access = &app.app.access;
    let mut parts: Vec<String> = access.groups.iter().filter_map(|id| groups.get(id).cloned()).collect();
    parts.sort();
    if !access.people.is_empty() {
        parts.push(locale.say("app-open-to-users").with("count", access.people.len()).to_string());
    }
    let who = match (access.everyone, parts.is_empty()) {
        (true, _) => locale.say("app-open-to-everyone").to_string(),
        (false, true) => locale.say("app-open-to-no-one").to_string(),
        (false, false) => locale.list(&parts),
    };
    Row {
        slug: app.app.slug.to_string(),
        name: app.app.name.to_string(),
        initial: app.app.name.initial(),
        icon: app.look.icon.as_ref().map(|icon| format!("/apps/icons/{}?v={}", app.app.id, icon.as_str())),
        hosts: locale.values(&app.hosts.iter().map(AppHost::to_string).collect::<Vec<_>>()),
        who,
        is_disabled: app.app.is_disabled,
        last_used: None,
        asking: 0,
    }
}

#[get("/admin/apps")]
async fn list(visit: Visit<'_>) -> Answer {
    visit.require_admin()?;
    let read = visit.read_as_admin(Need::signed_in(), |tx, _| {
        let (all, uses) = (db::apps::all_stored(tx.connection)?, db::apps::last_uses(tx.connection)?);
        let asks = db::app_asks::count_waiting(tx.connection)?;
        Ok((all, (uses, asks), db::apps::troubles(tx.connection)?, groups(tx.connection)?))
    });
    let (all, (uses, asks), stored, groups) = read.await?;
    let row = |app: &Registered| Row {
        last_used: uses.get(&app.app.id).copied(),
        asking: asks.get(&app.app.id).copied().unwrap_or_default(),
        ..row(app, &groups, &visit.locale)
    };
    visit.page(&AppsPage {
        layout: visit.layout(),
        are_off: !visit.settings.has(Part::Apps),
        apps: all.iter().filter_map(|app| app.as_ref().ok()).map(row).collect(),
        unread: all.iter().filter_map(|app| app.as_ref().err()).map(UnreadRow::new).collect(),
        troubles: troubles(stored, &visit, (None, true)),
    })
}

pub(super) fn listed(groups: &Groups, locale: &Locale) -> String {
    let mut names: Vec<String> = groups.values().cloned().collect();
    names.sort_unstable();
    locale.list(&names)
}

pub(super) fn problem(why: AppProblem) -> Note {
    Note::OfApps(AppNote::Problem(why))
}

/// Returns the fields for a held form.
pub(super) fn stale(path: &str, pairs: &[(&'static str, String)]) -> Stale {
    Stale::form(path, &pairs.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>())
}

pub(super) async fn find(visit: &Visit<'_>, slug: &str) -> Result<Registered, Failure> {
    visit.require_admin()?;
    let slug = AppSlug::parse(slug).map_err(|_| Failure::NotFound)?;
    let find = visit.read_as_admin(Need::signed_in(), move |tx, _| db::apps::find_by_slug(tx.connection, &slug));
    find.await?.ok_or(Failure::NotFound)
}

#[get("/admin/apps/<id>")]
async fn page(visit: Visit<'_>, id: &str) -> Answer {
    let app = find(&visit, id).await?;
    let (app_id, slug) = (app.app.id, app.app.slug.clone());
    let read = visit.read_as_admin(Need::signed_in(), move |tx, me| {
        let is_client = db::oidc_clients::is_client(tx.connection, app_id)?;
        let is_declared = db::declared::has(tx.connection, Kind::App, slug.as_str())?;
        let handle = db::handles::of_account(tx.connection, me.account.id)?;
        let asking = db::app_asks::count_waiting(tx.connection)?.get(&app_id).copied().unwrap_or_default();
        let mine = db::groups::of_account(tx.connection, me.account.id)?;
        let handle = handle.map(|given| given.handle);
        let stored = db::apps::troubles(tx.connection)?;
        let me = (me.account.clone(), me.session.proofs.clone());
        Ok(((handle, asking, stored), mine, groups(tx.connection)?, me, (is_client, is_declared)))
    });
    let ((handle, asking, stored), mine, groups, (me, proofs), (is_client, is_declared)) = read.await?;
    let ids: Vec<GroupId> = mine.iter().map(|group| group.id).collect();
    let page = AppPage {
        layout: visit.layout(),
        slug: app.app.slug.to_string(),
        description: app.look.description.clone(),
        requires: app.app.requires.strength.into_str(),
        is_offered: app.app.requires.strength.is_offered(&visit.settings),
        fresh: app.app.requires.fresh_within,
        public_paths: visit
            .locale
            .values(&app.public_paths.iter().map(|path| path.as_str().to_owned()).collect::<Vec<_>>()),
        link: app.launch_href(),
        headers: headers(
            handle.as_ref(),
            &me,
            (mine.iter().map(|group| group.name.clone()).collect(), &proofs, visit.now),
        ),
        // What concerns no app is shown where a proxy is expected to ask.
        troubles: troubles(stored, &visit, (Some(app_id), !is_client)),
        proxies: proxies(&app, &visit),
        has_trusted_proxies: !visit.services.config.trusted_proxies.is_empty(),
        filled_for: app.hosts.first().filter(|_| app.hosts.len() > 1).map(AppHost::to_string),
        left_out: app
            .hosts
            .first()
            .map(app_proxies::left_out)
            .filter(|names| !names.is_empty())
            .map(|names| visit.locale.list(&names)),
        host: app.hosts.first().map(app_proxies::authority).unwrap_or_default(),
        may_open: app.app.may_be_opened_by(&me, &ids, visit.now),
        has_host: !app.hosts.is_empty(),
        is_client,
        is_declared,
        app: Row { asking, ..row(&app, &groups, &visit.locale) },
    };
    visit.page(&page)
}

/// Returns what an app would learn of this user.
fn headers(
    handle: Option<&Handle>,
    account: &Account,
    (groups, proofs, now): (Vec<GroupName>, &[Proof], Timestamp),
) -> [(&'static str, String); 6] {
    let Some(handle) = handle else { return identity::unknown() };
    Identity { handle, email: &account.email, name: &account.name, groups, proofs, now }.headers()
}

fn proxies(app: &Registered, visit: &Visit<'_>) -> Vec<Proxy> {
    let Some(host) = app.hosts.first() else { return Vec::new() };
    app_proxies::filled(host, visit.services.config.base_url.host())
}

#[get("/admin/apps/<id>/change?<held>")]
async fn ask_change(visit: Visit<'_>, id: &str, held: Option<&str>) -> Answer {
    let app = find(&visit, id).await?;
    let slug = app.app.slug.as_str();
    if let Some(page) = instead_of_form(&visit, (Kind::App, slug), &format!("{PATH}/{slug}")).await? {
        return Ok(page);
    }
    let held = held_form::held(&visit, held, &format!("{PATH}/{slug}/change")).await?;
    let read = app.clone();
    let read = visit.read_as_admin(Need::signed_in(), move |tx, _| Typed::stored(tx.connection, &read));
    let (stored, groups) = read.await?;
    let page = ChangePage {
        layout: visit.layout(),
        slug: app.app.slug.to_string(),
        title: app.app.name.to_string(),
        typed: Typed::shown(&visit, held.as_ref().map(|form| |name: &str| form.field(name)), stored),
        problems: Problems::of(&visit),
        known_groups: listed(&groups, &visit.locale),
        spans: SPANS.into_iter().map(|span| (seconds(span), visit.locale.span(span))).collect(),
        is_held: held.is_some(),
        continues: held_form::continues(&visit, held.as_ref()),
    };
    visit.page(&page)
}

#[post("/admin/apps/<id>/change", data = "<form>")]
async fn change(visit: Visit<'_>, id: &str, form: Fields) -> Answer {
    let app = find(&visit, id).await?;
    let typed = Typed::read(&form, &Typed::ALL)?;
    let judged = match typed.judge(visit.services.config.base_url.origin()) {
        Ok(judged) => judged,
        Err(why) => return visit.refuse(problem(why)).await,
    };
    let path = format!("{PATH}/{}", app.app.slug);
    let need = Need::signed_in().fresh(stale(&format!("{path}/change"), &typed.pairs()));
    let (id, version) = (app.app.id, typed.version);
    let changed = visit.as_admin(need, move |tx, _| {
        Stop::commit(unless_declared(tx, (Kind::App, app.app.slug.as_str()), |tx| judged.change(tx, id, &version)))
    });
    match changed.await? {
        Ok(Some(true)) => visit.say(&path, Note::OfApps(AppNote::AppSaved)),
        Ok(Some(false)) => Err(Failure::NotFound),
        Ok(None) => refuse(&visit, &path),
        Err(why) => visit.refuse(problem(why)).await,
    }
}

pub(super) fn routes() -> Vec<Route> {
    routes![list, page, ask_change, change]
}
