//! `gatepost export`.

use super::{
    Ending, clock, entropy,
    out::{Out, print_bytes},
};
use crate::{app, config::Config, declared};
use serde_json::json;

pub(super) async fn run(config: Config, out: Out) -> Result<(), Ending> {
    super::expect_database(&config)?;
    let services = app::services(config, clock(), entropy()).await?;
    let start = services.settings.start();
    let file = services.db.read(move |connection| declared::export(connection, &start)).await?;
    if out.is_json() { out.tell(&json!({ "toml": file })) } else { print_bytes(file.as_bytes()) }
}
