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
use std::path::Path;

pub fn run(config: &Config, file: &Path, out: Out) -> Result<(), Ending> {
    let DatabaseUrl::Sqlite(database) = &config.database_url else {
        return Err(Ending::Usage(
            "This restores SQLite files. For PostgreSQL use pg_restore into an empty database, and then set GATEPOST_DATABASE_URL to it."
                .to_owned(),
        ));
    };
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let now = clock().now();
    let line =
        AuditEntry::new(&*entropy(), now, Actor::CommandLine, Action::DatabaseRestored).about("database").to(name);
    let restored = db::restore(file, database, &line).map_err(|refusal| {
        Ending::Failed(format!("Nothing was restored, and the database is unchanged: {}", words(refusal, file)))
    })?;
    out.say(format!("Restored {} to {}, with {} accounts.", file.display(), database.display(), restored.accounts))?;
    if let Some(before) = &restored.before {
        out.say(format!("The database from before is kept as {}.", before.display()))?;
    }
    out.say(
        "Everyone is signed out, and open links, codes and remembered browsers have ended. Settings and accounts are as of the copy.",
    )?;
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
