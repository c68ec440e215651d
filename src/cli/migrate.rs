//! `gatepost migrate`.

use super::{Ending, say};
use crate::{config::Config, db::migrations};

pub fn run(config: &Config, dry_run: bool) -> Result<(), Ending> {
    let names = if dry_run {
        migrations::pending(&config.database_url)?
    } else {
        migrations::run(&config.database_url)?.applied
    };
    match (names.is_empty(), dry_run) {
        (true, _) => say("The schema is up to date."),
        (false, true) => say(format!("To be applied: {}", names.join(", "))),
        (false, false) => say(format!("Applied: {}", names.join(", "))),
    }
    Ok(())
}
