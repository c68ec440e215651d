//! `gatepost backup FILE`.

use super::{
    Ending,
    out::{Out, complain},
};
use crate::{
    clock::SystemClock,
    config::{Config, DatabaseUrl},
    db,
    domain::Clock,
};
use serde_json::json;
use std::path::Path;

pub(super) fn run(config: &Config, file: &Path, out: Out) -> Result<(), Ending> {
    if let DatabaseUrl::Postgres(_) = config.database_url {
        return Err(Ending::Usage("This copies SQLite files. For PostgreSQL use pg_dump.".to_owned()));
    }
    // Checked here, because the database is not to blame.
    if file.symlink_metadata().is_ok() {
        return Err(Ending::Failed(format!("No copy was made: {} exists already.", file.display())));
    }
    let bytes = db::backup(&config.database_url, file)
        .map_err(|error| Ending::Failed(format!("No copy was made at {}: {error}", file.display())))?;
    // For the admins' overview. The copy itself is whole without it.
    if let Err(error) = db::note_backup(&config.database_url, SystemClock.now()) {
        complain(format!("The admins' overview does not show this backup: {error}"));
    }
    out.say(format!("{bytes} bytes written to {}", file.display()))?;
    // Not on stderr: cron would email it every night.
    out.say(format!(
        "It does not hold the key file, {}. Keep a copy of that in another place.",
        config.key_file.display()
    ))?;
    let (file, key_file) = (file.display().to_string(), config.key_file.display().to_string());
    out.tell(&json!({ "file": file, "bytes": bytes, "key_file": key_file }))
}
