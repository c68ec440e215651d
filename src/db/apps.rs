//! Apps: where they are, and who may open them.

use super::{
    DbConnection, Error,
    columns::Named,
    schema::{app_groups, app_hosts, app_people, app_public_paths, apps},
};
use crate::domain::{
    Lifetime, Timestamp,
    apps::{
        Access, App, AppId, AppName, AppSlug, Registered,
        host::{AppHost, shared_cookies},
        name::LaunchUrl,
        path::PublicPath,
        registered::{AppOrigin, Look},
    },
    assurance::{Required, Strength},
    logo::LogoVersion,
};
use diesel::prelude::*;
use std::collections::HashMap;

mod access;
mod exits;
mod icons;
mod refusals;
mod troubles;
mod uses;

pub use access::{allow, disallow, naming, people_of, purge_ended};
pub use exits::{come_back, exits_of, leave};
pub use icons::{icon, set_icon};
pub use refusals::{forget_refusals, note_refusals, purge_refusals, refusals};
pub use troubles::{note_trouble, purge_troubles, troubles};
pub use uses::{last_uses, note_use, uses_of};

/// Columns of an app that a form sets. `icon_version` is set beside the icon.
#[derive(Queryable, Selectable)]
#[diesel(table_name = apps)]
struct Row {
    id: AppId,
    slug: String,
    name: String,
    description: String,
    launch_url: Option<String>,
    icon_version: Option<String>,
    hidden: bool,
    position: i32,
    requires: String,
    fresh_within: Option<i64>,
    everyone: bool,
    preflights: bool,
    popup: bool,
    disabled_at: Option<Timestamp>,
}

/// Rows of other tables, by the app that they belong to.
#[derive(Default)]
struct Parts {
    hosts: Vec<AppHost>,
    paths: Vec<PublicPath>,
    access: Access,
    /// A host or a path that cannot be read.
    unreadable: Option<&'static str>,
}

/// An app whose stored facts this version cannot read, such as one that a newer version stored.
#[derive(Debug)]
pub struct Unread {
    pub id: AppId,
    /// As stored.
    pub slug: String,
    /// As stored.
    pub name: String,
    /// Those that can be read.
    pub hosts: Vec<AppHost>,
    pub why: Error,
}

/// An app as far as this version can read it.
pub type Stored = Result<Registered, Unread>;

impl Row {
    fn read_apart(self, parts: Parts) -> Stored {
        let (id, slug, name, hosts) = (self.id, self.slug.clone(), self.name.clone(), parts.hosts.clone());
        self.read(parts).map_err(|why| Unread { id, slug, name, hosts, why })
    }

    fn read(self, parts: Parts) -> Result<Registered, Error> {
        if let Some(what) = parts.unreadable {
            return Err(Error::unreadable(what));
        }
        let requires = Required {
            strength: self.requires.parse::<Strength>().map_err(|_| Error::unreadable("strength of an app"))?,
            fresh_within: self.fresh_within.map(Lifetime::millis),
        };
        let launch_url = self.launch_url.map(|url| LaunchUrl::parse(&url)).transpose();
        Ok(Registered {
            app: App {
                id: self.id,
                slug: AppSlug::parse(&self.slug).map_err(|_| Error::unreadable("slug"))?,
                name: AppName::parse(&self.name).map_err(|_| Error::unreadable("name of an app"))?,
                requires,
                access: Access { everyone: self.everyone, ..parts.access },
                is_disabled: self.disabled_at.is_some(),
            },
            hosts: parts.hosts,
            public_paths: parts.paths,
            look: Look {
                description: self.description,
                launch_url: launch_url.map_err(|_| Error::unreadable("address of an app"))?,
                icon: self.icon_version.as_deref().and_then(LogoVersion::parse),
                is_hidden: self.hidden,
                position: self.position,
            },
            preflights: self.preflights,
            popup: self.popup,
        })
    }
}

/// Stores an app, without its icon.
///
/// # Errors
///
/// [`Error::Conflict`] if another app has its slug or one of its hosts.
pub fn insert(connection: &mut DbConnection, app: &Registered, origin: AppOrigin, now: Timestamp) -> Result<(), Error> {
    diesel::insert_into(apps::table)
        .values((
            apps::id.eq(app.app.id),
            apps::slug.eq(app.app.slug.as_str()),
            apps::name.eq(app.app.name.as_str()),
            apps::description.eq(&app.look.description),
            apps::hidden.eq(app.look.is_hidden),
            apps::position.eq(app.look.position),
            apps::requires.eq(app.app.requires.strength.into_str()),
            apps::everyone.eq(app.app.access.everyone),
            apps::preflights.eq(app.preflights),
            apps::popup.eq(app.popup),
            apps::origin.eq(Named(origin)),
            apps::created_at.eq(now),
        ))
        .execute(connection)?;
    update(connection, app, now)
}

/// Stores everything of an app that exists, except its icon.
///
/// # Errors
///
/// [`Error::Conflict`] if another app has its slug or one of its hosts.
pub fn update(connection: &mut DbConnection, app: &Registered, now: Timestamp) -> Result<(), Error> {
    let id = app.app.id;
    diesel::update(apps::table.find(id))
        .set((
            apps::slug.eq(app.app.slug.as_str()),
            apps::name.eq(app.app.name.as_str()),
            apps::description.eq(&app.look.description),
            apps::launch_url.eq(app.look.launch_url.as_ref().map(LaunchUrl::as_str)),
            apps::hidden.eq(app.look.is_hidden),
            apps::position.eq(app.look.position),
            apps::requires.eq(app.app.requires.strength.into_str()),
            apps::fresh_within.eq(app.app.requires.fresh_within.map(Lifetime::as_millis)),
            apps::everyone.eq(app.app.access.everyone),
            apps::preflights.eq(app.preflights),
            apps::popup.eq(app.popup),
        ))
        .execute(connection)?;
    set_disabled(connection, app, now)?;
    replace_hosts(connection, app)?;
    replace_paths(connection, app)?;
    access::replace(connection, app.app.id, &app.app.access)
}

/// Keeps the moment at which an app was first disabled.
fn set_disabled(connection: &mut DbConnection, app: &Registered, now: Timestamp) -> Result<(), Error> {
    let row = apps::table.find(app.app.id);
    if app.app.is_disabled {
        diesel::update(row.filter(apps::disabled_at.is_null())).set(apps::disabled_at.eq(now)).execute(connection)?;
    } else {
        diesel::update(row).set(apps::disabled_at.eq(None::<Timestamp>)).execute(connection)?;
    }
    Ok(())
}

fn replace_hosts(connection: &mut DbConnection, app: &Registered) -> Result<(), Error> {
    let id = app.app.id;
    diesel::delete(app_hosts::table.filter(app_hosts::app_id.eq(id))).execute(connection)?;
    for host in &app.hosts {
        diesel::insert_into(app_hosts::table)
            .values((
                app_hosts::host.eq(host.name.as_str()),
                app_hosts::port.eq(i32::from(host.effective_port())),
                app_hosts::wildcard.eq(host.is_wildcard),
                app_hosts::scheme.eq(host.scheme()),
                app_hosts::app_id.eq(id),
            ))
            .execute(connection)?;
    }
    Ok(())
}

fn replace_paths(connection: &mut DbConnection, app: &Registered) -> Result<(), Error> {
    let id = app.app.id;
    diesel::delete(app_public_paths::table.filter(app_public_paths::app_id.eq(id))).execute(connection)?;
    for path in &app.public_paths {
        diesel::insert_into(app_public_paths::table)
            .values((app_public_paths::app_id.eq(id), app_public_paths::prefix.eq(path.as_str())))
            .execute(connection)?;
    }
    Ok(())
}

/// Removes an app and, by the foreign keys, everything that belongs to it.
pub fn delete(connection: &mut DbConnection, id: AppId) -> Result<(), Error> {
    diesel::delete(apps::table.find(id)).execute(connection)?;
    Ok(())
}

pub fn find(connection: &mut DbConnection, id: AppId) -> Result<Option<Registered>, Error> {
    let row = apps::table.find(id).select(Row::as_select()).first(connection).optional()?;
    with_parts(connection, row.into_iter().collect())?.pop().transpose().map_err(|unread| unread.why)
}

pub fn find_by_slug(connection: &mut DbConnection, slug: &AppSlug) -> Result<Option<Registered>, Error> {
    find_stored(connection, slug.as_str())?.transpose().map_err(|unread| unread.why)
}

/// Returns the app with this slug, even if it cannot be read.
pub fn find_stored(connection: &mut DbConnection, slug: &str) -> Result<Option<Stored>, Error> {
    let row = apps::table.filter(apps::slug.eq(slug)).select(Row::as_select()).first(connection).optional()?;
    Ok(with_parts(connection, row.into_iter().collect())?.pop())
}

/// Returns the app with this id, if it cannot be read.
pub fn find_unread(connection: &mut DbConnection, id: AppId) -> Result<Option<Stored>, Error> {
    let row = apps::table.find(id).select(Row::as_select()).first(connection).optional()?;
    Ok(with_parts(connection, row.into_iter().collect())?.pop().filter(Result::is_err))
}

/// Returns an app other than `except` that would share cookies with one of these hosts, and its
/// host there. Each app would get the other's pass. What `except` shares from before stays, so that
/// its other facts can be changed.
pub fn find_rival(
    connection: &mut DbConnection,
    hosts: &[AppHost],
    except: AppId,
) -> Result<Option<(AppHost, AppSlug)>, Error> {
    let stored: Vec<(StoredHost, AppId, String)> = app_hosts::table
        .inner_join(apps::table)
        .select((
            (app_hosts::scheme, app_hosts::wildcard, app_hosts::host, app_hosts::port),
            app_hosts::app_id,
            apps::slug,
        ))
        .load(connection)?;
    let mut by_app: HashMap<AppId, (String, Vec<AppHost>)> = HashMap::new();
    for (host, app, slug) in stored {
        // No request is for one that cannot be read.
        by_app.entry(app).or_insert_with(|| (slug, Vec::new())).1.extend(read_host(&host));
    }
    let own = by_app.remove(&except).map(|(_, hosts)| hosts).unwrap_or_default();
    for (slug, others) in by_app.values() {
        let before = shared_cookies(&own, others);
        let is_new = |(own, other): &(&AppHost, &AppHost)| {
            !before.iter().any(|(was, beside)| was.is_at(own) && beside.is_at(other))
        };
        if let Some((_, other)) = shared_cookies(hosts, others).into_iter().find(is_new) {
            return Ok(Some((other.clone(), AppSlug::parse(slug).map_err(|_| Error::unreadable("slug"))?)));
        }
    }
    Ok(None)
}

/// Scheme, whether it is a wildcard, name and port.
type StoredHost = (String, bool, String, i32);

fn read_host((scheme, is_wildcard, name, port): &StoredHost) -> Option<AppHost> {
    let star = if *is_wildcard { "*." } else { "" };
    AppHost::parse(&format!("{scheme}://{star}{name}:{port}")).ok()
}

/// Returns all apps, as the launcher orders them. One that cannot be read is left out, and so is
/// closed: otherwise it would close all others, too. The log names it.
pub fn all(connection: &mut DbConnection) -> Result<Vec<Registered>, Error> {
    Ok(open_and_closed(connection)?.0)
}

/// Returns the same, and the hosts of those that are closed.
pub fn open_and_closed(connection: &mut DbConnection) -> Result<(Vec<Registered>, Vec<AppHost>), Error> {
    let (mut open, mut closed) = (Vec::new(), Vec::new());
    for app in all_stored(connection)? {
        match app {
            Ok(app) => open.push(app),
            Err(Unread { id, why, hosts, .. }) => {
                tracing::error!(app = %id, error = %why, "an app is closed: its stored facts cannot be read");
                closed.extend(hosts);
            }
        }
    }
    Ok((open, closed))
}

/// Returns all apps in the same order, and those among them that cannot be read.
pub fn all_stored(connection: &mut DbConnection) -> Result<Vec<Stored>, Error> {
    let rows = apps::table.order((apps::position, apps::name, apps::id)).select(Row::as_select()).load(connection)?;
    with_parts(connection, rows)
}

/// Adds what other tables hold of these apps, in one statement for each table.
fn with_parts(connection: &mut DbConnection, rows: Vec<Row>) -> Result<Vec<Stored>, Error> {
    let ids: Vec<AppId> = rows.iter().map(|row| row.id).collect();
    let mut parts: HashMap<AppId, Parts> = HashMap::new();
    let hosts: Vec<(AppId, StoredHost)> = app_hosts::table
        .filter(app_hosts::app_id.eq_any(&ids))
        .order((app_hosts::wildcard, app_hosts::host, app_hosts::port))
        .select((app_hosts::app_id, (app_hosts::scheme, app_hosts::wildcard, app_hosts::host, app_hosts::port)))
        .load(connection)?;
    for (app, host) in hosts {
        let of_app = parts.entry(app).or_default();
        match read_host(&host) {
            Some(host) => of_app.hosts.push(host),
            None => of_app.unreadable = Some("host"),
        }
    }
    let paths: Vec<(AppId, String)> = app_public_paths::table
        .filter(app_public_paths::app_id.eq_any(&ids))
        .order(app_public_paths::prefix)
        .select((app_public_paths::app_id, app_public_paths::prefix))
        .load(connection)?;
    for (app, prefix) in paths {
        let of_app = parts.entry(app).or_default();
        match PublicPath::parse(&prefix) {
            Ok(path) => of_app.paths.push(path),
            Err(_) => of_app.unreadable = Some("public path"),
        }
    }
    for (app, access) in access::of(connection, &ids)? {
        parts.entry(app).or_default().access = access;
    }
    let read = |row: Row| {
        let parts = parts.remove(&row.id).unwrap_or_default();
        row.read_apart(parts)
    };
    Ok(rows.into_iter().map(read).collect())
}
