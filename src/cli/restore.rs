//! `gatepost restore FILE`.

use super::{Ending, clock, entropy, out::Out};
use crate::{
    config::{Config, DatabaseUrl},
    db::{self, NotRestored},
    domain::{
        AuditEntry,
        audit::{Action, Actor},
    },
};
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Options {
    /// The copy; it stays unchanged
    #[arg(required_unless_present = "finish", conflicts_with = "finish")]
    file: Option<PathBuf>,
    /// The database was restored already, as by pg_restore: end what must not come back
    #[arg(long)]
    finish: bool,
}

const ENDED: &str = "Everyone is signed out. Links that sign in, codes, invitations, recoveries, remembered browsers and what apps were given have \
                     ended. Links that undo a change work again. Settings and accounts are as of the copy. Recovery codes that were used \
                     since count again: ask users to make new ones.";

pub(super) fn run(config: &Config, options: &Options, out: Out) -> Result<(), Ending> {
    match &options.file {
        Some(file) => restore(config, file, out),
        None => finish(config, out),
    }
}

fn line(name: &str) -> AuditEntry {
    let line = AuditEntry::new(&*entropy(), clock().now(), Actor::CommandLine, Action::DatabaseRestored);
    line.about("database").to(name)
}

fn finish(config: &Config, out: Out) -> Result<(), Ending> {
    super::expect_database(config)?;
    let accounts = db::finish_restore(&config.database_url, &line("another tool's copy")).map_err(|refusal| {
        Ending::Failed(format!("Nothing was ended, and the database is unchanged: {}", words(refusal, Path::new("it"))))
    })?;
    out.tell(&json!({ "accounts": accounts }))?;
    out.say(format!("{:?} is ready, with {accounts} accounts.", config.database_url))?;
    out.say(ENDED)
}

fn restore(config: &Config, file: &Path, out: Out) -> Result<(), Ending> {
    let DatabaseUrl::Sqlite(database) = &config.database_url else {
        return Err(Ending::Usage(
            "This restores SQLite files. For PostgreSQL use pg_restore into an empty database, set GATEPOST_DATABASE_URL to it, and run \
             `gatepost restore --finish`."
                .to_owned(),
        ));
    };
    let line = line(&file.file_name().unwrap_or_default().to_string_lossy());
    let restored = db::restore(file, database, &line).map_err(|refusal| {
        Ending::Failed(format!("Nothing was restored, and the database is unchanged: {}", words(refusal, file)))
    })?;
    out.say(format!("Restored {} to {}, with {} accounts.", file.display(), database.display(), restored.accounts))?;
    if let Some(before) = &restored.before {
        out.say(format!("The database from before is kept as {}.", before.display()))?;
    }
    out.say(ENDED)?;
    out.say(format!(
        "If you have rotated the key since, restore the key file of that time, too: {}",
        config.key_file.display()
    ))?;
    out.tell(&json!({
        "file": file.display().to_string(),
        "database": database.display().to_string(),
        "accounts": restored.accounts,
        "kept": restored.before.map(|before| before.display().to_string()),
    }))
}

fn words(refusal: NotRestored, file: &Path) -> String {
    let file = file.display();
    match refusal {
        NotRestored::Served => "a server is using it. Stop that server first.".to_owned(),
        NotRestored::Unreadable(error) => format!("{file} cannot be read: {error}."),
        NotRestored::Itself => format!("{file} is the database itself."),
        NotRestored::HasLog => {
            format!("{file}-wal is beside it, so {file} is not a complete copy. Use one that `gatepost backup` made.")
        }
        NotRestored::NotOurs => format!("{file} is not a Gatepost database."),
        NotRestored::Damaged(problem) => format!("{file} is damaged ({problem}). Use an older copy."),
        NotRestored::Fault(error) => format!("{error}."),
    }
}
