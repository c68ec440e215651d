//! The form of an app: what was typed, and what it says.

use super::{client_form::NewClient, form_version};
use crate::{
    apps::{self, AppRefusal},
    db::{self, DbConnection, Error, Stop, Tx},
    domain::{
        AccountId, EmailAddress, Lifetime, Token,
        apps::{
            Access, AllowedPerson, App, AppId, AppName, AppSlug, Registered,
            host::AppHost,
            name::{LaunchUrl, description},
            path::{PublicPath, WEB_APP_FILES},
            registered::{AppOrigin, Look},
        },
        assurance::{Required, Strength},
        group::{GroupId, GroupName},
    },
    web::{AppNote, AppProblem, Failure, Fields, Note, Visit},
};
use std::collections::HashMap;

/// Spans within which a proof counts as fresh, as the form offers them.
pub(super) const SPANS: [Lifetime; 5] =
    [Lifetime::minutes(5), Lifetime::minutes(15), Lifetime::hours(1), Lifetime::hours(8), Lifetime::days(1)];
/// Proposals of a slug that are tried.
const MAX_PROPOSALS: u32 = 200;

/// The fields of the form, as text.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    pub name: String,
    pub hosts: String,
    /// `everyone`, `groups` or `no-one`.
    pub who: String,
    pub groups: String,
    pub users: String,
    pub requires: String,
    /// Seconds. Empty if age does not matter.
    pub fresh: String,
    pub paths: String,
    /// Says whether the files of an app for a phone's home screen are public.
    pub web_app: String,
    pub link: String,
    pub description: String,
    pub hidden: String,
    pub preflights: String,
    pub popup: String,
    pub disabled: String,
    /// The version of the stored app that the form was made from.
    pub version: String,
}

impl Typed {
    /// The fields of a new app: three questions.
    pub(super) const FEW: [&'static str; 4] = ["name", "hosts", "who", "groups"];
    pub(super) const ALL: [&'static str; 16] = [
        "name",
        "hosts",
        "who",
        "groups",
        "users",
        "requires",
        "fresh",
        "paths",
        "web_app",
        "link",
        "description",
        "hidden",
        "preflights",
        "popup",
        "disabled",
        form_version::FIELD,
    ];

    fn field(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "name" => &mut self.name,
            "hosts" => &mut self.hosts,
            "who" => &mut self.who,
            "groups" => &mut self.groups,
            "users" => &mut self.users,
            "requires" => &mut self.requires,
            "fresh" => &mut self.fresh,
            "paths" => &mut self.paths,
            "web_app" => &mut self.web_app,
            "link" => &mut self.link,
            "description" => &mut self.description,
            "hidden" => &mut self.hidden,
            "preflights" => &mut self.preflights,
            "popup" => &mut self.popup,
            "disabled" => &mut self.disabled,
            form_version::FIELD => &mut self.version,
            _ => return None,
        })
    }

    fn from<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Self {
        let mut typed = Self::default();
        for name in Self::ALL {
            if let (Some(field), Some(value)) = (typed.field(name), get(name)) {
                value.clone_into(field);
            }
        }
        typed
    }

    /// Reads a form that has these fields and no others. Boxes that are not ticked are absent.
    pub(super) fn read(form: &Fields, known: &[&str]) -> Result<Self, Failure> {
        form.only(known)?;
        form.required("name")?;
        Ok(Self::from(|name| form.get(name)))
    }

    /// Returns what the page shows: what was refused, or what waited for a step-up, or `stored`.
    pub(super) fn shown<'a>(visit: &Visit<'_>, held: Option<impl Fn(&str) -> Option<&'a str>>, stored: Self) -> Self {
        let is_refused =
            visit.said().is_some_and(|said| matches!(said.note, Note::OfApps(AppNote::Problem(_)) | Note::NotALogo(_)));
        let current = stored.version.clone();
        let shown = match held {
            _ if is_refused => Self::from(|name| visit.typed(name)),
            Some(held) => Self::from(held),
            None => stored,
        };
        // The user has been told, so that the next press is a decision.
        if form_version::is_told(visit) { Self { version: current, ..shown } } else { shown }
    }

    /// Returns a stored app in the form's words, with the names of all groups.
    pub(super) fn stored(
        connection: &mut DbConnection,
        app: &Registered,
    ) -> Result<(Self, HashMap<GroupId, String>), Error> {
        let mut users = HashMap::new();
        for person in &app.app.access.people {
            if let Some(account) = db::accounts::find(connection, person.account)? {
                users.insert(person.account, account.email.as_str().to_owned());
            }
        }
        let groups = db::groups::all(connection)?;
        let groups = groups.into_iter().map(|group| (group.id, group.name.to_string())).collect();
        let mut typed = Self::of(app, &groups, &users);
        typed.version = form_version::of(&typed.pairs());
        Ok((typed, groups))
    }

    /// Returns an app in the form's words.
    fn of(app: &Registered, groups: &HashMap<GroupId, String>, users: &HashMap<AccountId, String>) -> Self {
        let access = &app.app.access;
        let named = |ids: Vec<Option<&String>>, between: &str| {
            let mut names: Vec<_> = ids.into_iter().flatten().map(String::as_str).collect();
            names.sort_unstable();
            names.join(between)
        };
        let ticked = |is_on: bool| if is_on { "on" } else { "" }.to_owned();
        let who = match (access.everyone, access.groups.is_empty() && access.people.is_empty()) {
            (true, _) => "everyone",
            (false, false) => "groups",
            (false, true) => "no-one",
        };
        let has_web_app = WEB_APP_FILES.iter().all(|file| app.public_paths.iter().any(|path| path.as_str() == *file));
        let paths = app.public_paths.iter().map(PublicPath::as_str);
        let paths: Vec<_> = paths.filter(|path| !has_web_app || !WEB_APP_FILES.contains(path)).collect();
        Self {
            name: app.app.name.to_string(),
            hosts: app.hosts.iter().map(AppHost::to_string).collect::<Vec<_>>().join("\n"),
            who: who.to_owned(),
            groups: named(access.groups.iter().map(|id| groups.get(id)).collect(), ", "),
            users: named(access.people.iter().map(|person| users.get(&person.account)).collect(), "\n"),
            requires: app.app.requires.strength.into_str().to_owned(),
            fresh: app.app.requires.fresh_within.map(seconds).unwrap_or_default(),
            paths: paths.join("\n"),
            web_app: ticked(has_web_app),
            link: app.look.launch_url.as_ref().map(|url| url.as_str().to_owned()).unwrap_or_default(),
            description: app.look.description.clone(),
            hidden: ticked(app.look.is_hidden),
            preflights: ticked(app.preflights),
            popup: ticked(app.popup),
            disabled: ticked(app.app.is_disabled),
            version: String::new(),
        }
    }

    /// Returns the fields that a held form has.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut copy = self.clone();
        let value = |name: &'static str| Some((name, copy.field(name).map(std::mem::take)?));
        Self::ALL.into_iter().filter_map(value).filter(|(_, value)| !value.is_empty()).collect()
    }

    /// Judges everything that needs no database. `own` is Gatepost's address.
    pub(super) fn judge(&self, own: &str) -> Result<Judged, AppProblem> {
        let hosts = words(&self.hosts).map(|typed| host(typed, own)).collect::<Result<Vec<_>, _>>()?;
        let group = |typed: &str| GroupName::parse(typed).map_err(|_| AppProblem::Group(typed.to_owned()));
        let groups = words(&self.groups).map(group).collect::<Result<Vec<_>, _>>()?;
        let user = |typed: &str| EmailAddress::parse(typed).map_err(|_| AppProblem::User(typed.to_owned()));
        let users = words(&self.users).map(user).collect::<Result<Vec<_>, _>>()?;
        let path = |typed: &str| PublicPath::parse(typed).map_err(|_| AppProblem::Path(typed.to_owned()));
        let files = if self.web_app.is_empty() { &[][..] } else { &WEB_APP_FILES };
        let paths = words(&self.paths).chain(files.iter().copied()).map(path).collect::<Result<Vec<_>, _>>()?;
        if self.who == "groups" && groups.is_empty() && users.is_empty() {
            return Err(AppProblem::NoGroup);
        }
        let is_open_to_some = self.who == "groups";
        let link = match self.link.trim() {
            "" => None,
            link => Some(LaunchUrl::parse(link).map_err(|_| AppProblem::Link)?),
        };
        Ok(Judged {
            name: AppName::parse(&self.name).map_err(|_| AppProblem::Name)?,
            hosts: without_copies(hosts),
            everyone: self.who == "everyone",
            groups: if is_open_to_some { without_copies(groups) } else { Vec::new() },
            // Also beside "everyone", which no guest is part of.
            users: if self.who == "no-one" { Vec::new() } else { without_copies(users) },
            requires: Required {
                strength: self.requires.parse().unwrap_or(Strength::One),
                fresh_within: span(&self.fresh)?,
            },
            paths: without_copies(paths),
            look: Look {
                description: description(&self.description).map_err(|_| AppProblem::Description)?,
                launch_url: link,
                icon: None,
                is_hidden: !self.hidden.is_empty(),
                position: 0,
            },
            preflights: !self.preflights.is_empty(),
            popup: !self.popup.is_empty(),
            is_disabled: !self.disabled.is_empty(),
        })
    }
}

/// Slug of a new app, and its secret as a client.
pub(super) type Added = (AppSlug, Option<Token>);

/// Values of the form, as far as they can be judged without the database.
#[derive(Clone)]
pub(super) struct Judged {
    name: AppName,
    pub hosts: Vec<AppHost>,
    everyone: bool,
    groups: Vec<GroupName>,
    users: Vec<EmailAddress>,
    requires: Required,
    paths: Vec<PublicPath>,
    look: Look,
    preflights: bool,
    popup: bool,
    is_disabled: bool,
}

impl Judged {
    /// Adds a new app, and makes it a client if it is one. Returns its slug, and the secret if it
    /// has one.
    pub(super) fn add(&self, tx: &mut Tx<'_>, client: Option<&NewClient>) -> Result<Added, Stop<AppProblem>> {
        for n in 0..MAX_PROPOSALS {
            let mut app = self.app(AppId::issue(tx.entropy), AppSlug::propose(&self.name, n));
            app.popup |= client.is_some_and(|client| client.popup);
            match apps::refusal(tx, &app)? {
                Some(AppRefusal::SlugTaken) => continue,
                Some(AppRefusal::HostTaken { host, by }) => return Err(Stop::Refused(taken(&host, &by))),
                None => {}
            }
            // A new client's id is its short name. An app may have that name built in.
            if client.is_some() && apps::is_client_id_taken(tx, &app.app.slug)? {
                continue;
            }
            let Some(app) = self.with_access(tx, app, &[])? else { return Err(self.missing_user(tx)?) };
            apps::add(tx, &app, AppOrigin::Admin).map_err(|stop| stop.map(|_| AppProblem::Name))?;
            let Some(client) = client.and_then(|client| client.of_app(app.app.id, &app.app.slug)) else {
                return Ok((app.app.slug, None));
            };
            let secret = apps::make_client(tx, &client, &app.app.slug)?.flatten();
            return Ok((app.app.slug, secret));
        }
        Err(Stop::Refused(AppProblem::Name))
    }

    /// Stores it in place of an app, unless that has changed since the form of this version was
    /// made. Returns `false` if the app is gone.
    pub(super) fn change(&self, tx: &mut Tx<'_>, id: AppId, version: &str) -> Result<bool, Stop<AppProblem>> {
        // Before the app is read, so that no change in between is lost.
        apps::lock(tx)?;
        let Some(before) = db::apps::find(tx.connection, id)? else { return Ok(false) };
        if form_version::is_overtaken(version, &Typed::stored(tx.connection, &before)?.0.version) {
            return Err(Stop::Refused(AppProblem::Overtaken));
        }
        let mut app = self.app(before.app.id, before.app.slug.clone());
        app.look.position = before.look.position;
        if let Some((host, by)) = db::apps::find_rival(tx.connection, &app.hosts, app.app.id)? {
            return Err(Stop::Refused(taken(&host, &by)));
        }
        let Some(app) = self.with_access(tx, app, &before.app.access.people)? else {
            return Err(self.missing_user(tx)?);
        };
        apps::change(tx, &app).map_err(|stop| stop.map(|_| AppProblem::Name))
    }

    fn app(&self, id: AppId, slug: AppSlug) -> Registered {
        Registered {
            app: App {
                id,
                slug,
                name: self.name.clone(),
                requires: self.requires,
                access: Access { everyone: self.everyone, ..Access::default() },
                is_disabled: self.is_disabled,
            },
            hosts: self.hosts.clone(),
            public_paths: self.paths.clone(),
            look: self.look.clone(),
            preflights: self.preflights,
            popup: self.popup,
        }
    }

    /// Adds groups and users, and makes groups that do not exist. `None` if a user does not exist.
    /// A user who was let in until a moment keeps that moment.
    fn with_access(
        &self,
        tx: &mut Tx<'_>,
        mut app: Registered,
        before: &[AllowedPerson],
    ) -> Result<Option<Registered>, Error> {
        for email in &self.users {
            let Some(account) = db::accounts::find_by_email(tx.connection, email)? else { return Ok(None) };
            let known = before.iter().find(|person| person.account == account.id).copied();
            app.app.access.people.push(known.unwrap_or(AllowedPerson { account: account.id, ends_at: None }));
        }
        for name in &self.groups {
            app.app.access.groups.push(apps::group_for(tx, name)?);
        }
        Ok(Some(app))
    }

    fn missing_user(&self, tx: &mut Tx<'_>) -> Result<Stop<AppProblem>, Error> {
        for email in &self.users {
            if db::accounts::find_by_email(tx.connection, email)?.is_none() {
                return Ok(Stop::Refused(AppProblem::User(email.as_str().to_owned())));
            }
        }
        Ok(Stop::Refused(AppProblem::User(String::new())))
    }
}

fn taken(host: &AppHost, by: &AppSlug) -> AppProblem {
    AppProblem::HostTaken { host: host.to_string(), by: by.to_string() }
}

fn host(typed: &str, own: &str) -> Result<AppHost, AppProblem> {
    let host = AppHost::parse(typed).map_err(|_| AppProblem::Host(typed.to_owned()))?;
    if apps::is_own(&host, own) { Err(AppProblem::OwnHost) } else { Ok(host) }
}

/// Splits at spaces, commas and ends of lines: all that users put between names.
fn words(typed: &str) -> impl Iterator<Item = &str> {
    typed.split([',', ';']).flat_map(str::split_whitespace)
}

fn without_copies<T: PartialEq>(all: Vec<T>) -> Vec<T> {
    let mut once: Vec<T> = Vec::with_capacity(all.len());
    for one in all {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
}

pub(super) fn seconds(span: Lifetime) -> String {
    span.as_seconds_up().to_string()
}

fn span(typed: &str) -> Result<Option<Lifetime>, AppProblem> {
    match typed {
        "" => Ok(None),
        typed => SPANS.into_iter().find(|span| seconds(*span) == typed).map(Some).ok_or(AppProblem::Fresh),
    }
}
