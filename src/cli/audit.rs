//! `gatepost audit …`.

use super::{Ending, clock, entropy, out::Out};
use crate::{
    app,
    config::Config,
    db::audit_seals::Finding,
    domain::{Lifetime, audit_seal::SealHash},
    housekeeping::{Checked, verify_audit_kept_for},
};
use clap::Subcommand;
use serde_json::json;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Check that no sealed line of the audit log was changed, removed or added
    #[command(
        after_help = "Lines older than an hour are sealed into a chain of hashes. Expired lines are deleted, and their seals stay. The chain\nhas no key: someone who can write to the database can replace it. So note the hash that this prints, or take it from\nthe process's log. Ask for it later with --has. Lines count as expired only at the age of audit_lifetime. If that was\nshorter once, say so with --kept-for. Exit code 0 only if everything holds."
    )]
    Verify {
        /// A hash that an earlier check printed
        #[arg(long, value_name = "HASH")]
        has: Option<String>,
        /// The shortest audit_lifetime so far, such as 30d
        #[arg(long, value_name = "SPAN")]
        kept_for: Option<String>,
    },
}

pub(super) async fn run(config: Config, command: Command, out: Out) -> Result<(), Ending> {
    let Command::Verify { has, kept_for } = command;
    let noted = match has.as_deref().map(|text| (text, SealHash::parse(text))) {
        Some((text, None)) => return Err(Ending::Usage(format!("{text:?} is not a hash that `audit verify` prints."))),
        Some((_, hash)) => hash,
        None => None,
    };
    let kept_for = match kept_for.as_deref().map(|text| (text, text.parse::<Lifetime>())) {
        Some((text, Err(_))) => return Err(Ending::Usage(format!("{text:?} is not a span such as 30d."))),
        Some((_, Ok(span))) => span,
        None => config.audit_lifetime,
    };
    super::expect_database(&config)?;
    let services = app::services(config, clock(), entropy()).await?;
    let checked = verify_audit_kept_for(&services, noted, kept_for).await?;
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
    let Checked { seals, lines, deleted, unsealed, is_asked_expired, .. } = checked;
    let newest = checked.newest.as_ref().map(|seal| seal.hash.to_string());
    out.tell(&json!({
        "holds": true,
        "seals": seals,
        "lines": lines,
        "unsealed_lines": unsealed,
        "deleted_lines": deleted,
        "newest_seal": newest,
        "noted_lines_expired": is_asked_expired,
    }))?;
    out.say(format!(
        "The audit log holds. Sealed lines: {lines}, in {seals} seals. Lines not sealed yet: {unsealed}."
    ))?;
    if *deleted > 0 {
        out.say(format!("Sealed lines that have expired and are deleted: {deleted}."))?;
    }
    if *is_asked_expired {
        let longer = "The lines up to the hash that you noted count as expired. If you noted it more recently, they were removed.";
        out.say(longer)?;
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
        Finding::Gap => "it says that its lines have expired, and older lines are still there".to_owned(),
        Finding::Early { age } => format!(
            "it says that its lines have expired, at an age of {} days. If audit_lifetime was so short once, say so with --kept-for",
            age.as_millis() / Lifetime::days(1).as_millis()
        ),
    }
}
