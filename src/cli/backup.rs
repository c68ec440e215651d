//! `gatepost backup FILE`.

use super::{Failure, say};
use crate::{
    config::{Config, DatabaseUrl},
    db,
};
use std::path::Path;

pub fn run(config: &Config, file: &Path) -> Result<(), Failure> {
    let DatabaseUrl::Sqlite(source) = &config.database_url else {
        return Err(Failure::Usage("This copies SQLite files. For PostgreSQL use pg_dump.".to_owned()));
    };
    let bytes = db::backup(source, file)
        .map_err(|error| Failure::Failed(format!("No copy was made at {}: {error}", file.display())))?;
    say(format!("{bytes} bytes written to {}", file.display()));
    Ok(())
}
