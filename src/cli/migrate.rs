//! `gatepost migrate`.

use super::{Ending, out::Out};
use crate::{
    app,
    config::{Config, DatabaseUrl},
    db::{
        self,
        migrations::{self, Copy},
    },
};
use serde_json::json;

#[derive(clap::Args)]
pub(super) struct Options {
    /// Only print what would be done
    #[arg(long)]
    dry_run: bool,
    /// Make no copy of an SQLite database before its schema changes
    #[arg(long)]
    no_copy: bool,
    /// Make an empty SQLite database although the key file of another one exists
    #[arg(long)]
    new: bool,
}

pub(super) async fn run(config: Config, options: Options, out: Out) -> Result<(), Ending> {
    if !options.new {
        app::refuse_lost_database(&config).await?;
    }
    let url = config.database_url;
    tokio::task::spawn_blocking(move || migrate(&url, &options, out)).await.map_err(db::Error::fault)?
}

fn migrate(url: &DatabaseUrl, options: &Options, out: Out) -> Result<(), Ending> {
    let dry_run = options.dry_run;
    let names = if !dry_run {
        let copy = if options.no_copy { Copy::Skip } else { Copy::Make };
        let migrated = migrations::run_with(url, copy)?;
        let kept = migrated.copy.as_ref().map(|copy| copy.display().to_string());
        out.tell(&json!({ "applied": migrated.applied, "copy": kept }))?;
        migrated.copy.map_or(Ok(()), |copy| out.say(app::going_back(&copy)))?;
        migrated.applied
    } else if db::is_yet_to_be_made(url)? {
        out.say(format!("To be created: {url:?}"))?;
        migrations::all()?
    } else {
        migrations::pending(url)?
    };
    if dry_run {
        out.tell(&json!({ "pending": names }))?;
    }
    match (names.is_empty(), dry_run) {
        (true, _) => out.say("The schema is up to date."),
        (false, true) => out.say(format!("To be applied: {}", names.join(", "))),
        (false, false) => out.say(format!("Applied: {}", names.join(", "))),
    }
}
