//! `gatepost migrate`.

use super::{Ending, say};
use crate::{
    config::Config,
    db::{self, migrations},
};

pub fn run(config: &Config, dry_run: bool) -> Result<(), Ending> {
    let url = &config.database_url;
    let names = if !dry_run {
        migrations::run(url)?.applied
    } else if db::is_yet_to_be_made(url)? {
        say(format!("To be made: {url:?}"))?;
        migrations::all()?
    } else {
        migrations::pending(url)?
    };
    match (names.is_empty(), dry_run) {
        (true, _) => say("The schema is up to date."),
        (false, true) => say(format!("To be applied: {}", names.join(", "))),
        (false, false) => say(format!("Applied: {}", names.join(", "))),
    }
}
