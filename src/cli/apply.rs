//! `gatepost apply FILE`: settings, groups and apps as a file wants them.

use super::{Ending, clock, entropy, out::Out};
use crate::{
    app,
    config::Config,
    db::{Stop, Tx},
    declared::{self, Applied, ApplyRefusal, Change, Wanted},
    domain::{LanguageTag, audit::Actor},
    services::Services,
    telling,
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Options {
    /// The file, in TOML; `gatepost export` makes one
    file: PathBuf,
    /// Only print what would change
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(config: Config, options: Options, out: Out) -> Result<(), Ending> {
    let text = std::fs::read_to_string(&options.file)
        .map_err(|error| Ending::Usage(format!("{} cannot be read: {error}.", options.file.display())))?;
    let folder = options.file.parent().unwrap_or(Path::new(""));
    let wanted = Wanted::read(&text, config.base_url.origin(), folder)
        .map_err(|problems| Ending::Usage(format!("{}: {}", options.file.display(), problems.join(" "))))?;
    super::expect_database(&config)?;
    let services = app::services(config, clock(), entropy()).await?;
    if let Some(tag) = wanted.setting("language") {
        judge_language(&services, tag)?;
    }
    let is_dry = options.dry_run;
    let apply = move |tx: &mut Tx<'_>| Stop::commit(declared::apply(tx, &wanted, is_dry));
    let applied = services.transact(Actor::CommandLine, apply).await?;
    let applied = applied.map_err(|refused| Ending::Failed(words(&services, &refused)))?;
    report(&applied, options.dry_run, out)
}

fn judge_language(services: &Services, tag: &str) -> Result<(), Ending> {
    let is_known = LanguageTag::parse(tag).is_some_and(|tag| services.catalogue.find(&tag).is_some());
    if is_known { Ok(()) } else { Err(Ending::Usage(format!("There is no language {tag:?} here."))) }
}

fn report(applied: &Applied, dry_run: bool, out: Out) -> Result<(), Ending> {
    let change = |Change { kind, name, from, to }: &Change| json!({ "kind": kind.into_str(), "name": name, "from": from, "to": to });
    out.tell(&json!({
        "dry_run": dry_run,
        "changes": applied.changes.iter().map(change).collect::<Value>(),
        "released": applied.released.iter().map(|(kind, name)| json!({ "kind": kind.into_str(), "name": name })).collect::<Value>(),
        "without_secret": applied.without_secret.iter().map(ToString::to_string).collect::<Vec<_>>(),
    }))?;
    for Change { kind, name, from, to } in &applied.changes {
        // A list has a line for each of its values.
        let (from, to) = (from.replace('\n', ", "), to.replace('\n', ", "));
        let (kind, to) = (kind.into_str(), if to.is_empty() { "nothing" } else { to.as_str() });
        match from.as_str() {
            "" => out.say(format!("{kind} {name}: {to}"))?,
            from => out.say(format!("{kind} {name}: {from} -> {to}"))?,
        }
    }
    for (kind, name) in &applied.released {
        out.say(format!(
            "{} {name}: no longer in the file; it stays, and admins can change it again",
            kind.into_str()
        ))?;
    }
    for slug in &applied.without_secret {
        out.say(format!("app {slug}: it has no secret yet. Name a secret_file, or run `gatepost app secret {slug}`"))?;
    }
    out.say(match (applied.changes.is_empty() && applied.released.is_empty(), dry_run) {
        (true, _) => "Nothing to change.",
        (false, true) => "Nothing was changed: this was a dry run.",
        (false, false) => "Applied.",
    })
}

fn words(services: &Services, refused: &ApplyRefusal) -> String {
    let why = match refused {
        ApplyRefusal::Setting(name, problem) => {
            let locale = services.catalogue.first_of([&LanguageTag::english()]);
            format!("the setting {name}: {}", telling::settings::problem(&locale, *problem))
        }
        ApplyRefusal::LastWayIn => "no admin could sign in any more.".to_owned(),
        ApplyRefusal::HostTaken { app, host, by } => format!("{host} of the app {app} belongs to the app {by}."),
        ApplyRefusal::ClientIdTaken(app) => format!("another app has the client id of the app {app}."),
    };
    format!("Nothing was changed: {why}")
}
