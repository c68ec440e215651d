//! `gatepost copy --to URL`: moves to the other kind of database.

use super::{Ending, clock, entropy, out::Out};
use crate::{
    app,
    config::{Config, DatabaseUrl},
    db::{self, Error, NotCopied, Stop, sealed_kinds::KINDS},
    domain::Lifetime,
    housekeeping::verify_audit_kept_for,
    sealing::{FileFault, KeyRing},
    services::Services,
};
use serde_json::{Map, json};
use std::{path::PathBuf, sync::Arc};

/// Secrets that are tried in one look.
const BATCH: i64 = 200;

#[derive(clap::Args)]
pub(super) struct Options {
    /// The other database: sqlite://FILE or postgres://NAME:PASSWORD@HOST/DATABASE
    #[arg(long, value_name = "URL", required_unless_present = "to_file", conflicts_with = "to_file")]
    to: Option<String>,
    /// A file that holds this URL, so that the list of processes does not show its password
    #[arg(long, value_name = "FILE")]
    to_file: Option<PathBuf>,
}

impl Options {
    fn target(&self) -> Result<DatabaseUrl, Ending> {
        let text = match (&self.to, &self.to_file) {
            (Some(url), _) => url.clone(),
            (None, Some(file)) => std::fs::read_to_string(file)
                .map_err(|error| Ending::Usage(format!("{} cannot be read: {error}.", file.display())))?,
            (None, None) => String::new(),
        };
        // The text is left out, because it may hold a password.
        DatabaseUrl::parse(text.trim()).map_err(|problem| Ending::Usage(format!("That URL cannot be used: {problem}.")))
    }
}

pub(super) async fn run(config: Config, options: Options, out: Out) -> Result<(), Ending> {
    let target = options.target()?;
    super::expect_database(&config)?;
    let (from, to) = (config.database_url.clone(), target.clone());
    let copied = tokio::task::spawn_blocking(move || db::copy(&from, &to)).await.map_err(Error::fault)?;
    let copied = copied.map_err(|refusal| Ending::Failed(words(&refusal, &target)))?;
    let rows: i64 = copied.iter().map(|(_, rows)| rows).sum();
    out.say(format!("Copied {rows} rows in {} tables to {target:?}, and compared them.", copied.len()))?;
    let services = app::services(Config { database_url: target, ..config }, clock(), entropy()).await?;
    // How long lines were kept is no question for a copy.
    let audit = verify_audit_kept_for(&services, None, Lifetime::ZERO).await?;
    let sealed = try_sealed(&services).await?;
    let tables: Map<_, _> = copied.into_iter().map(|(table, rows)| (table, rows.into())).collect();
    out.tell(&json!({
        "rows": rows,
        "tables": tables,
        "audit_holds": audit.broken.is_none(),
        "sealed": sealed.opened,
        "unopened": sealed.unopened,
    }))?;
    let mut problems = Vec::new();
    if audit.broken.is_some() {
        problems.push("Its audit log does not hold, as that of the source: see `gatepost audit verify`.".to_owned());
    }
    if sealed.unopened > 0 {
        problems
            .push(format!("{} sealed secrets do not open with the key file: see `gatepost check`.", sealed.unopened));
    }
    if !problems.is_empty() {
        return Err(Ending::Failed(problems.join(" ")));
    }
    out.say(format!("The audit log holds, and {} sealed secrets open.", sealed.opened))?;
    out.say("Set GATEPOST_DATABASE_URL to it now, keep the key file, and start. The database from before is unchanged.")
}

#[derive(Default)]
struct Tried {
    opened: i64,
    unopened: i64,
}

async fn try_sealed(services: &Services) -> Result<Tried, Ending> {
    let ring = Arc::clone(&services.keys);
    let look = move |connection: &mut db::DbConnection| Stop::commit(try_all(connection, &ring));
    services.db.read(look).await?.map_err(Ending::Failed)
}

fn try_all(connection: &mut db::DbConnection, ring: &KeyRing) -> Result<Tried, Stop<String>> {
    let mut tried = Tried::default();
    if matches!(ring.load(), Err(FileFault::Missing(_))) && db::sealed::newest_key(connection)?.is_none() {
        return Ok(tried);
    }
    for kind in KINDS {
        let mut last = None;
        loop {
            let rows = kind.page(connection, last, BATCH)?;
            let Some(row) = rows.last() else { break };
            last = Some(row.id);
            let opened = rows.iter().filter(|row| ring.open(&row.sealed, row.place).is_ok()).count();
            let (all, opened) = (i64::try_from(rows.len()).unwrap_or(0), i64::try_from(opened).unwrap_or(0));
            tried.opened += opened;
            tried.unopened += all - opened;
        }
    }
    Ok(tried)
}

fn words(refusal: &NotCopied, target: &DatabaseUrl) -> String {
    let why = match refusal {
        NotCopied::SameKind => {
            "it copies between SQLite and PostgreSQL. From SQLite to SQLite use `gatepost backup`, from PostgreSQL to PostgreSQL pg_dump."
                .to_owned()
        }
        NotCopied::Served => "a server is using one of the databases. Stop it first, so that nothing is lost.".to_owned(),
        NotCopied::NotEmpty(table) => format!("{target:?} is not empty: {table} has rows. Name a new database."),
        NotCopied::Differs(table) => format!("what arrived in {table} differs from what was sent. {target:?} was left empty."),
        NotCopied::Fault(error) => format!("{error}."),
    };
    format!("Nothing was copied: {why}")
}
