//! `gatepost app change`.

use super::{
    Ending, Out, add,
    client_change::{ClientChange, ClientChangeOptions, Stored},
    find,
    more::{More, MoreOptions},
    show,
};
use crate::{
    apps::{self, AppRefusal},
    cli::group,
    config::BaseUrl,
    db::{self, Error, Stop, Tx},
    domain::{
        apps::{Access, AppName, AppSlug, Registered, host::AppHost, path::PublicPath},
        assurance::Strength,
        audit::Actor,
        group::GroupName,
        logo::Logo,
    },
    services::Services,
};
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct Options {
    slug: String,
    /// Its name, as users read it
    #[arg(long)]
    name: Option<String>,
    /// Host of the app, in place of all its hosts
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// Every account can open it
    #[arg(long, conflicts_with_all = ["groups", "no_one"])]
    everyone: bool,
    /// Only members of these groups can open it
    #[arg(long = "group", value_name = "NAME", num_args = 1.., conflicts_with = "no_one")]
    groups: Vec<String>,
    /// No one can open it, and no single user either
    #[arg(long)]
    no_one: bool,
    /// Paths that need no sign-in, in place of all that it has
    #[arg(long = "public-path", value_name = "PREFIX", conflicts_with = "no_public_path")]
    public_paths: Vec<String>,
    /// Every path needs a sign-in
    #[arg(long)]
    no_public_path: bool,
    /// Proof that users need before they open it
    #[arg(long, value_name = "STRENGTH", value_parser = ["one", "two", "passkey"])]
    requires: Option<String>,
    /// A PNG or WebP file of at most 64 KiB
    #[arg(long, value_name = "FILE")]
    icon: Option<PathBuf>,
    #[command(flatten)]
    client: ClientChangeOptions,
    /// It signs in in a popup, which must keep its opener
    #[arg(long, conflicts_with = "no_popup")]
    popup: bool,
    /// It signs in in no popup
    #[arg(long)]
    no_popup: bool,
    #[command(flatten)]
    more: MoreOptions,
    /// Turn it off: no one can open it
    #[arg(long, conflicts_with = "on")]
    off: bool,
    /// Turn it on again
    #[arg(long)]
    on: bool,
}

/// Changes, after they were judged.
#[derive(Clone)]
pub(crate) struct Change {
    slug: AppSlug,
    name: Option<AppName>,
    hosts: Vec<AppHost>,
    everyone: bool,
    groups: Vec<GroupName>,
    no_one: bool,
    paths: Option<Vec<PublicPath>>,
    strength: Option<Strength>,
    icon: Option<Logo>,
    disabled: Option<bool>,
    popup: Option<bool>,
    more: More,
    client: ClientChange,
}

impl Options {
    pub(crate) fn judge(self, own: &BaseUrl) -> Result<Change, Ending> {
        let paths: Vec<PublicPath> =
            self.public_paths.iter().map(|typed| add::path(typed)).collect::<Result<_, _>>()?;
        Ok(Change {
            more: self.more.judge()?,
            client: self.client.judge()?,
            popup: (self.popup || self.no_popup).then_some(self.popup),
            slug: super::parse(&self.slug)?,
            name: self.name.as_deref().map(add::name).transpose()?,
            hosts: self.hosts.iter().map(|typed| add::host(typed, own)).collect::<Result<_, _>>()?,
            everyone: self.everyone,
            groups: self.groups.iter().map(|name| group::parse(name)).collect::<Result<_, _>>()?,
            no_one: self.no_one,
            paths: (self.no_public_path || !paths.is_empty()).then_some(paths),
            strength: self.requires.as_deref().and_then(|name| name.parse().ok()),
            icon: self.icon.as_deref().map(add::icon).transpose()?,
            disabled: (self.off || self.on).then_some(self.off),
        })
    }
}

impl Change {
    fn apply(&self, tx: &mut Tx<'_>, app: &mut Registered) -> Result<(), Error> {
        if let Some(name) = &self.name {
            app.app.name = name.clone();
        }
        if !self.hosts.is_empty() {
            app.hosts.clone_from(&self.hosts);
        }
        if let Some(paths) = &self.paths {
            app.public_paths.clone_from(paths);
        }
        if let Some(strength) = self.strength {
            app.app.requires.strength = strength;
        }
        if let Some(disabled) = self.disabled {
            app.app.is_disabled = disabled;
        }
        if let Some(popup) = self.popup {
            app.popup = popup;
        }
        self.more.apply(app);
        if self.no_one {
            app.app.access = Access::default();
        }
        if self.everyone || !self.groups.is_empty() {
            app.app.access.everyone = self.everyone;
            app.app.access.groups.clear();
        }
        for name in &self.groups {
            let group = apps::group_for(tx, name)?;
            if !app.app.access.groups.contains(&group) {
                app.app.access.groups.push(group);
            }
        }
        Ok(())
    }

    /// Returns `false` if the app is gone. A refusal has to be undone.
    fn store(&self, tx: &mut Tx<'_>) -> Result<bool, Stop<NotChanged>> {
        // Before the app is read, so that no change in between is lost.
        apps::lock(tx)?;
        let Some(mut app) = db::apps::find_by_slug(tx.connection, &self.slug)? else { return Ok(false) };
        if let Some((host, by)) = db::apps::find_rival(tx.connection, &self.hosts, app.app.id)? {
            return Err(Stop::Refused(NotChanged::Refused(AppRefusal::HostTaken { host, by })));
        }
        if !self.client.is_none() {
            match self.client.store(tx, &app)? {
                Stored::Done => {}
                refused => return Err(Stop::Refused(NotChanged::Client(refused))),
            }
        }
        self.apply(tx, &mut app)?;
        let is_there = apps::change(tx, &app).map_err(|stop| stop.map(NotChanged::Refused))?;
        if let (true, Some(icon)) = (is_there, &self.icon) {
            apps::set_icon(tx, &self.slug, Some(icon))?;
        }
        Ok(is_there)
    }
}

/// Why an app stays as it is.
enum NotChanged {
    Refused(AppRefusal),
    /// For what it is, or would be, as a client of OpenID Connect.
    Client(Stored),
}

pub(super) async fn change(services: &Services, change: Change, out: Out) -> Result<(), Ending> {
    let slug = change.slug.clone();
    find(services, &slug).await?;
    match services
        .transact(Actor::CommandLine, move |tx| Stop::commit(tx.all_or_nothing(false, |tx| change.store(tx))))
        .await?
    {
        Ok(true) => {
            out.say(format!("The app {slug} is changed."))?;
            show::one(services, &slug, out).await
        }
        Err(NotChanged::Refused(refused)) => Err(add::refusal(refused)),
        Err(NotChanged::Client(Stored::ClaimTaken)) => {
            Err(Ending::Failed("Its groups have a claim of this name; nothing was changed.".to_owned()))
        }
        Err(NotChanged::Client(_)) => {
            Err(Ending::Failed(format!("The app {slug} speaks no OpenID Connect; nothing was changed.")))
        }
        Ok(false) => Err(Ending::NoSuchApp(slug.to_string())),
    }
}
