//! `gatepost app …`.

mod add;
mod change;
mod client;
mod client_change;
mod lifetimes;
mod more;
mod people;
mod secret;
mod show;

use super::{Ending, clock, entropy, out::Out};
use crate::{
    app, apps,
    config::Config,
    db,
    domain::{apps::AppSlug, audit::Actor},
    services::Services,
};
use clap::Subcommand;
use serde_json::json;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Add an app
    #[command(
        after_help = "The proxy in front of the app asks Gatepost about every request: see docs/proxies. An app that speaks OpenID Connect\nneeds --redirect-uri or --preset: see docs/apps.md. A group that does not exist is\nadded. Without --everyone and --group, no one can open the app."
    )]
    Add(add::Options),
    /// Change an app; what is not named stays
    #[command(after_help = "A group that does not exist is added. Running servers follow within a second.")]
    Change(change::Options),
    /// List all apps: slug, name, hosts, who can open them, what they require, separated by tabs
    List,
    /// Show everything about an app
    Show { slug: String },
    /// Make another secret for an app that speaks OpenID Connect
    #[command(
        after_help = "The secret is printed once. The previous one works for another 24 hours, so that you can change it in the app."
    )]
    Secret(secret::Options),
    /// Remove an app: no one can open it any more
    Remove { slug: String },
}

fn parse(slug: &str) -> Result<AppSlug, Ending> {
    AppSlug::parse(slug).map_err(|_| {
        Ending::Usage(format!(
            "{slug:?} is not the short name of an app: lowercase letters, digits and hyphens, at most 40."
        ))
    })
}

pub(super) async fn run(config: Config, command: Command, out: Out) -> Result<(), Ending> {
    match command {
        Command::Add(options) => {
            let asked = options.judge(&config.base_url)?;
            add::add(&open(config).await?, asked, out).await
        }
        Command::Change(options) => {
            let change = options.judge(&config.base_url)?;
            change::change(&open(config).await?, change, out).await
        }
        Command::List => show::list(&open(config).await?, out).await,
        Command::Show { slug } => {
            let slug = parse(&slug)?;
            show::one(&open(config).await?, &slug, out).await
        }
        Command::Secret(options) => {
            let slug = parse(options.slug())?;
            secret::make(&open(config).await?, (slug, &options), out).await
        }
        Command::Remove { slug } => {
            let slug = parse(&slug)?;
            remove(&open(config).await?, slug, out).await
        }
    }
}

async fn open(config: Config) -> Result<Services, Ending> {
    super::expect_database(&config)?;
    Ok(app::services(config, clock(), entropy()).await?)
}

async fn remove(services: &Services, slug: AppSlug, out: Out) -> Result<(), Ending> {
    let removed = slug.clone();
    if services.transact(Actor::CommandLine, move |tx| apps::remove(tx, removed.as_str())).await? {
        out.tell(&json!({ "slug": slug.as_str(), "changed": true }))?;
        out.say(format!("The app {slug} is removed."))
    } else {
        Err(Ending::NoSuchApp(slug.to_string()))
    }
}

/// Returns an app by its slug.
async fn find(services: &Services, slug: &AppSlug) -> Result<crate::domain::apps::Registered, Ending> {
    let wanted = slug.clone();
    let found = services.db.read(move |connection| db::apps::find_by_slug(connection, &wanted)).await?;
    found.ok_or_else(|| Ending::NoSuchApp(slug.to_string()))
}
