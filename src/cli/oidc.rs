//! `gatepost oidc …`.

use super::{Ending, clock, entropy, out::Out};
use crate::{
    app,
    config::Config,
    rotation::{self, Begin},
};
use clap::Subcommand;
use serde_json::json;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make new keys that sign tokens for apps; the server does that by itself every 90 days
    #[command(
        after_help = "Apps see the new keys at once. The keys sign from three days later, when every app has read them."
    )]
    RotateKeys {
        /// A key may have been stolen: sign by new keys at once, and withdraw all others. Apps that
        /// kept the old ones refuse sign-ins until they read the new ones
        #[arg(long)]
        now: bool,
    },
}

pub(super) async fn run(config: Config, command: Command, out: Out) -> Result<(), Ending> {
    super::expect_database(&config)?;
    let services = app::services(config, clock(), entropy()).await?;
    match command {
        Command::RotateKeys { now } => {
            let begin = if now { Begin::Now } else { Begin::Usual };
            let from = rotation::rotate(&services, begin).await?;
            out.tell(&json!({ "signs_from": from.rfc3339() }))?;
            out.say(format!("The new keys sign from {}.", from.rfc3339()))
        }
    }
}
