//! `gatepost audit …`.

use super::{Ending, clock, entropy, out::Out};
use crate::{
    app,
    config::Config,
    db::audit_seals::Finding,
    domain::audit_seal::SealHash,
    housekeeping::{Checked, verify_audit},
};
use clap::Subcommand;
use serde_json::json;

#[derive(Subcommand)]
pub enum Command {
    /// Check that no sealed line of the audit log was changed, removed or added
    #[command(
        after_help = "Lines older than an hour are sealed into a chain of hashes. Expired lines are deleted, and their seals stay. The chain\nhas no key: someone who can write to the database can replace it. So note the hash that this prints, or take it from\nthe process's log, and ask for it later with --has. Exit code 0 only if everything holds."
    )]
    Verify {
        /// A hash that an earlier check printed
        #[arg(long, value_name = "HASH")]
        has: Option<String>,
    },
}

pub async fn run(config: Config, command: Command, out: Out) -> Result<(), Ending> {
    let Command::Verify { has } = command;
    let noted = match has.as_deref().map(|text| (text, SealHash::parse(text))) {
        Some((text, None)) => return Err(Ending::Usage(format!("{text:?} is not a hash that `audit verify` prints."))),
        Some((_, hash)) => hash,
        None => None,
    };
    super::expect_database(&config)?;
    let services = app::services(config, clock(), entropy()).await?;
    let checked = verify_audit(&services, noted).await?;
    if let Some((number, finding)) = checked.broken {
        return Err(Ending::Failed(format!("The audit log does not hold: seal {number}: {}.", words(finding))));
    }
    if !checked.has_asked {
        return Err(Ending::Failed(
            "The audit log holds, but no seal has that hash: the chain is not the one that you noted.".to_owned(),
        ));
    }
    report(&checked, out)
}

fn report(checked: &Checked, out: Out) -> Result<(), Ending> {
    let Checked { seals, lines, deleted, unsealed, .. } = checked;
    let newest = checked.newest.as_ref().map(|seal| seal.hash.to_string());
    out.tell(&json!({
        "holds": true,
        "seals": seals,
        "lines": lines,
        "unsealed_lines": unsealed,
        "deleted_lines": deleted,
        "newest_seal": newest,
    }))?;
    out.say(format!(
        "The audit log holds. Sealed lines: {lines}, in {seals} seals. Lines not sealed yet: {unsealed}."
    ))?;
    if *deleted > 0 {
        out.say(format!("Sealed lines that have expired and are deleted: {deleted}."))?;
    }
    newest.map_or(Ok(()), |hash| out.say(format!("Newest seal: {hash}")))
}

fn words(finding: Finding) -> String {
    match finding {
        Finding::Order => "a seal is missing or out of order".to_owned(),
        Finding::Lines { sealed, found } if found > sealed => format!(
            "it covers {sealed} lines, and there are more. Lines were added later, perhaps while the clock was more than an hour behind"
        ),
        Finding::Lines { sealed, found } => format!("it covers {sealed} lines, and {found} are left"),
        Finding::Hash => "a line or a seal was changed".to_owned(),
    }
}
