//! The composition root: puts the parts together. It may import every part. Only the command line
//! and the tests import it.

mod bodies;
mod finishing;
mod front;
mod keep_going;
pub mod keys;
mod serve;
pub mod settings;
mod signals;
mod supervisor;

pub use serve::serve;

use crate::{
    account, admin,
    breach_list::BreachList,
    config::Config,
    db::{self, Db, Error, Patience, migrations},
    dev_mailbox,
    domain::{Clock, Entropy, HashMemory, RequestNames},
    forward_auth, health,
    live::{
        Changes, CircuitBreaker, Exports, LiveApps, LiveClientKeys, LiveClientUses, LiveLogo, LiveOpenings,
        LiveRefused, LiveSessions, LiveSettings, LiveSigners, LiveTroubles, LiveUses,
    },
    locale::Catalogue,
    mail::{DevMailbox, MailTemplates, MessageBuilder, templates},
    metrics::Metrics,
    oidc,
    outbound::Outbound,
    passkeys::Passkeys,
    places::Places,
    sealing::KeyRing,
    services::{Services, SlowWork},
    signin,
    web::{self, Doors},
};
use rocket::{Build, Rocket, fairing::AdHoc, figment::providers::Serialized};
use std::{
    fmt,
    path::Path,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64},
    },
};
use tokio::sync::Notify;

const MEGABYTE: usize = 1_000_000;

/// Why it cannot start, in a sentence.
#[derive(Debug)]
pub struct StartError(String);

impl StartError {
    fn new(error: impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

/// A Gatepost that is put together but does not run yet.
pub struct App {
    pub rocket: Rocket<Build>,
    pub services: Arc<Services>,
}

/// Puts a Gatepost together: brings the schema up to date, opens the database and the key file,
/// mounts the pages.
pub async fn build(config: Config, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<App, StartError> {
    let services = Arc::new(services(config, clock, entropy).await?);
    keys::open(&services).await?;
    let shared = Arc::clone(&services);
    let judged = services.db.read(move |connection| settings::judge(connection, &shared.config)).await;
    judged.map_err(StartError::new)?.map_err(StartError)?;
    if let Some(list) = &services.breach_list {
        // Checked here and not with the other services, so that `gatepost link` works with a broken
        // list.
        list.check().map_err(StartError::new)?;
    }
    if let Some(path) = &services.config.places_file {
        let _ = services.places.set(Places::read(path).map_err(StartError::new)?);
    }
    // The engine requires a folder. Without the operator's own it gets an empty one, which goes
    // with the process.
    let nothing = tempfile::tempdir().map_err(|error| {
        StartError(format!("Cannot make a temporary folder ({error}). Set TMPDIR to a writable folder."))
    })?;
    let folder = services.config.mail_templates.clone().unwrap_or_else(|| nothing.path().to_owned());
    let figment = services
        .config
        .rocket
        .clone()
        .merge(Serialized::global("template_dir", folder))
        // Rocket's lines hold request lines with queries; see `logging`.
        .merge(Serialized::global("log_level", "off"))
        // Our signals stop it; see `signals`.
        .merge(Serialized::global("shutdown.ctrlc", false))
        .merge(Serialized::global("shutdown.signals", Vec::<String>::new()))
        // For forms with a file.
        .merge(Serialized::global("limits.data-form", web::upload::MAX_READ))
        .merge(Serialized::global("limits.bytes", web::upload::MAX_READ));
    let (base_url, back_channel) = (services.config.base_url.clone(), services.config.back_channel_url.clone());
    let rocket = rocket::custom(figment)
        .manage(Arc::clone(&services))
        .manage(web::Assets::default())
        .manage(health::LastTry::default())
        .manage(forward_auth::Loops::default())
        .manage(nothing)
        .attach(rocket::shield::Shield::new())
        .attach(services.templates.fairing(|samples| samples.all()))
        .attach(web::headers::Headers::new(&services.config))
        .attach(web::gate::Gate::new(base_url, back_channel))
        .attach(AdHoc::on_ignite("Routes", |rocket| async {
            let doors = doors(rocket.state::<Arc<Services>>().is_some_and(|services| services.has_dev_mailbox()));
            let (routes, admissions) = doors.open();
            rocket.manage(admissions).mount("/", routes).register("/", web::catchers::catchers())
        }));
    Ok(App { rocket, services })
}

fn doors(with_dev_mailbox: bool) -> Doors {
    let dev = if with_dev_mailbox { dev_mailbox::routes() } else { Vec::new() };
    let pages = [
        admin::routes(),
        web::gate::routes(),
        web::install::routes(),
        web::passkey_endpoints::routes(),
        web::security_txt::routes(),
        dev,
    ];
    Doors::pages(pages.concat())
        .and(web::assets::doors())
        .and(signin::doors())
        .and(account::doors())
        .and(forward_auth::doors())
        .and(health::doors())
        .and(oidc::doors())
}

/// Makes everything except the web server. Rocket loads the email templates when it launches, and
/// this leaves the key file alone.
pub async fn services(
    config: Config,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<Services, StartError> {
    if let Some(folder) = &config.mail_templates {
        check_folder(folder)?;
    }
    let message_builder =
        MessageBuilder::new(&config.mail_from, &config.mail_dkim, Arc::clone(&entropy)).map_err(StartError::new)?;
    let outbound = Outbound::new(&config).map_err(StartError::new)?;
    let db = open(&config).await?;
    let passkeys = Passkeys::new(&config.base_url);
    let catalogue = Catalogue::embedded().map_err(StartError::new)?;
    let changes = Arc::new(Changes::default());
    Ok(Services {
        passkeys,
        db,
        breaker: CircuitBreaker::new(Arc::clone(&clock)),
        clock,
        request_names: RequestNames::new(&*entropy),
        entropy,
        keys: Arc::new(KeyRing::at(&config.key_file)),
        settings: LiveSettings::new(settings::at_first(&config), Arc::clone(&changes)),
        sessions: LiveSessions::new(config.session_memory * MEGABYTE, Arc::clone(&changes)),
        apps: LiveApps::new(changes),
        uses: LiveUses::default(),
        refused: LiveRefused::default(),
        troubles: LiveTroubles::default(),
        client_uses: LiveClientUses::default(),
        openings: LiveOpenings::default(),
        logo: LiveLogo::default(),
        signers: LiveSigners::default(),
        client_keys: LiveClientKeys::default(),
        exports: Exports::default(),
        templates: MailTemplates::new(catalogue.clone()),
        catalogue,
        message_builder,
        outbound,
        dev_mailbox: DevMailbox::default(),
        bell: Notify::new(),
        draining: AtomicBool::new(false),
        log_lines_dropped: OnceLock::new(),
        slow_work: SlowWork::default(),
        hash_memory: Arc::new(HashMemory::default()),
        breach_list: config.breached_passwords.clone().map(BreachList::at),
        places: OnceLock::new(),
        slow_looks: SlowWork::default(),
        metrics: Metrics::default(),
        failed_stored: AtomicU64::new(0),
        config,
    })
}

/// Refuses a missing database beside a key file, because the database existed once. A new, empty
/// one would tell every user "no such account".
pub async fn refuse_lost_database(config: &Config) -> Result<(), StartError> {
    let (url, key_file) = (config.database_url.clone(), config.key_file.clone());
    let is_lost =
        tokio::task::spawn_blocking(move || Ok::<_, Error>(key_file.exists() && db::is_yet_to_be_made(&url)?));
    if !is_lost.await.map_err(StartError::new)?.map_err(StartError::new)? {
        return Ok(());
    }
    Err(StartError(format!(
        "There is no database at {:?} although its key file {} exists: the database was lost or is somewhere else. Check \
         GATEPOST_DATABASE_URL, or go back to a backup with `gatepost restore FILE`. To begin with an empty one: gatepost migrate --new.",
        config.database_url,
        config.key_file.display()
    )))
}

async fn open(config: &Config) -> Result<Db, StartError> {
    refuse_lost_database(config).await?;
    let url = config.database_url.clone();
    let migrated = tokio::task::spawn_blocking(move || migrations::run(&url)).await.map_err(StartError::new)?;
    let migrated = migrated.map_err(|error| {
        StartError(format!(
            "The database {:?} cannot be used: {error}. Check GATEPOST_DATABASE_URL, the connection and the permissions.",
            config.database_url
        ))
    })?;
    if migrated.is_new {
        // Its operator looks for the link to set it up, which follows, and not for its history.
        tracing::info!(migrations = migrated.applied.len(), "database made");
    } else {
        migrated.applied.iter().for_each(|name| tracing::info!(migration = name, "migration applied"));
    }
    if let Some(copy) = &migrated.copy {
        // A warning, so that every level of the log has it.
        tracing::warn!("{}", going_back(copy));
    }
    if !migrated.unknown.is_empty() {
        tracing::warn!(migrations = ?migrated.unknown, "a newer Gatepost has migrated the database");
    }
    let patience = Patience::of(config.database_patience);
    Db::open_with(&config.database_url, config.database_connections, patience).map_err(StartError::new)
}

/// Says how to go back to the version from before an upgrade.
pub fn going_back(copy: &Path) -> String {
    format!(
        "The database from before the upgrade is kept as {0}. To go back: stop the server, install the previous version, and run \
         `gatepost restore {0}` with it. Changes since then are lost.",
        copy.display()
    )
}

/// Checks that the operator's folder of email templates holds only templates.
pub fn check_folder(folder: &Path) -> Result<(), StartError> {
    let unused_files = templates::unused_files(folder).map_err(|error| {
        StartError(format!(
            "GATEPOST_MAIL_TEMPLATES is {folder:?}: it cannot be read ({error}). Name a folder, or unset it."
        ))
    })?;
    if unused_files.is_empty() {
        return Ok(());
    }
    let known: Vec<String> = templates::file_names().collect();
    Err(StartError(format!(
        "GATEPOST_MAIL_TEMPLATES holds files that are not templates: {}. Valid names: {}.",
        unused_files.join(", "),
        known.join(", ")
    )))
}
