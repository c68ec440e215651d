//! `gatepost migrate`.

use super::{Ending, out::Out};
use crate::{
    app,
    config::{Config, DatabaseUrl},
    db::{self, migrations},
};
use serde_json::json;

#[derive(clap::Args)]
pub struct Options {
    /// Only print what would be done
    #[arg(long)]
    dry_run: bool,
    /// Make an empty SQLite database although the key file of another one exists
    #[arg(long)]
    new: bool,
}

pub async fn run(config: Config, options: Options, out: Out) -> Result<(), Ending> {
    if !options.new {
        app::refuse_lost_database(&config).await?;
    }
    let url = config.database_url;
    tokio::task::spawn_blocking(move || migrate(&url, options.dry_run, out)).await.map_err(db::Error::fault)?
}

fn migrate(url: &DatabaseUrl, dry_run: bool, out: Out) -> Result<(), Ending> {
    let names = if !dry_run {
        migrations::run(url)?.applied
    } else if db::is_yet_to_be_made(url)? {
        out.say(format!("To be made: {url:?}"))?;
        migrations::all()?
    } else {
        migrations::pending(url)?
    };
    out.tell(&if dry_run { json!({ "pending": names }) } else { json!({ "applied": names }) })?;
    match (names.is_empty(), dry_run) {
        (true, _) => out.say("The schema is up to date."),
        (false, true) => out.say(format!("To be applied: {}", names.join(", "))),
        (false, false) => out.say(format!("Applied: {}", names.join(", "))),
    }
}
