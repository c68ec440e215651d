//! `gatepost check`: would it run?

use super::{Ending, clock, entropy, out::Out};
use crate::{
    app::{self, keys},
    breach_list::BreachList,
    config::{BaseUrl, Config, DatabaseUrl, Problem},
    db::{self, Db, Error, Patience, Stop, migrations},
    domain::{KeyId, LanguageTag},
    locale::{Catalogue, Locale},
    mail::{MailTemplates, MessageBuilder, signing},
    mail_doctor::{self as doctor, Finding, Outcome},
    places::Places,
    sealing::{FileFault, KeyRing},
};
use rocket::figment::providers::Serialized;
use serde_json::{Value, json};
use std::{fmt::Display, net::IpAddr, sync::Arc};

#[derive(clap::Args)]
pub(super) struct Options {
    /// Read the whole database and look for damage, which may take minutes
    #[arg(long)]
    deep: bool,
    /// Ask the DNS what receivers find about our emails: SPF, DKIM, DMARC; say when the email
    /// server's certificate ends
    #[arg(long)]
    mail: bool,
}

/// Prints how each part is. The exit code says whether all are well.
pub(super) async fn run(config: Config, options: Options, out: Out) -> Result<(), Ending> {
    let mut report = Report { out, parts: Vec::new(), is_fine: true };
    // Having read it is the first answer.
    let read = format!("{}{}", config.base_url, remark_on(&config.base_url));
    report.note("configuration", Ok::<_, Ending>(read))?;
    report.note("database", database(&config, options.deep).await)?;
    report.note("key file", key_file(&config).await)?;
    report.note("settings", settings(&config).await)?;
    report.note("templates", mail_templates(&config).await)?;
    let talk = doctor::talk(&config).await;
    report.note("email server", talk.verdict.as_ref())?;
    report.note("email signing", mail_signing(&config))?;
    report.note("breach list", breach_list(&config))?;
    report.note("places", places(&config))?;
    if options.mail {
        let catalogue = Catalogue::embedded().map_err(|error| Ending::Failed(error.to_string()))?;
        let english = catalogue.first_of([&LanguageTag::english()]);
        let (now, records) = (clock().now(), doctor::records(&config, &entropy()).await);
        let certificate = vec![doctor::certificate(&talk, now)];
        for finding in [certificate, records, vec![doctor::clock(&talk, now)]].concat() {
            report.find(&english, finding)?;
        }
    }
    report.end()
}

/// Findings so far.
struct Report {
    out: Out,
    parts: Vec<Value>,
    is_fine: bool,
}

impl Report {
    fn note(&mut self, part: &str, found: Result<impl Display, impl Display>) -> Result<(), Ending> {
        let is_ok = found.is_ok();
        let text = found.map_or_else(|problem| problem.to_string(), |text| text.to_string());
        self.out.say(format!("{part:<14} {}: {text}", if is_ok { "ok" } else { "NOT ok" }))?;
        self.parts.push(json!({ "part": part, "ok": is_ok, "text": text }));
        self.is_fine &= is_ok;
        Ok(())
    }

    /// Notes something that may be impossible to tell, which is no fault.
    fn find(&mut self, locale: &Locale, finding: Finding) -> Result<(), Ending> {
        let (ok, state) = match finding.outcome {
            Outcome::Good => (Some(true), "ok"),
            Outcome::Bad => (Some(false), "NOT ok"),
            Outcome::CannotTell => (None, "cannot tell"),
            Outcome::NotChecked => (None, "not checked"),
        };
        let (part, text) = (locale.say(finding.part.label()).to_string(), finding.words(locale));
        self.out.say(format!("{part:<14} {state}: {text}"))?;
        if let Some(record) = &finding.publish {
            self.out.say(format!("{:<14} to publish: {record}", ""))?;
        }
        self.parts.push(json!({ "part": part, "ok": ok, "text": text, "publish": finding.publish }));
        self.is_fine &= ok != Some(false);
        Ok(())
    }

    fn end(self) -> Result<(), Ending> {
        self.out.tell(&json!({ "ok": self.is_fine, "parts": self.parts }))?;
        if self.is_fine { Ok(()) } else { Err(Ending::Failed("Some parts cannot be used.".to_owned())) }
    }
}

async fn database(config: &Config, deep: bool) -> Result<String, Ending> {
    let url = config.database_url.clone();
    let Some(pending) = tokio::task::spawn_blocking(move || pending(&url)).await.map_err(Error::fault)?? else {
        app::refuse_lost_database(config).await?;
        return Ok(format!("{:?}, to be made at the next start", config.database_url));
    };
    let db = open(config)?;
    if pending.is_empty() {
        db.write(db::heartbeat::beat).await?;
        db.read(db::heartbeat::count).await?;
    } else {
        db.write(|_| Ok(())).await?;
    }
    if deep {
        let url = config.database_url.clone();
        let problems =
            tokio::task::spawn_blocking(move || db::integrity::problems(&url)).await.map_err(Error::fault)??;
        if !problems.is_empty() {
            return Err(Ending::Failed(format!("{:?} is damaged: {}", config.database_url, problems.join("; "))));
        }
    }
    let exposed = if config.database_url.is_exposed() { EXPOSED } else { "" };
    Ok(match pending.len() {
        0 => {
            let whole = if deep { ", no damage found" } else { "" };
            format!("{:?}, schema up to date{whole}{exposed}", config.database_url)
        }
        n => format!("{:?}, {n} migrations to be applied at the next start{exposed}", config.database_url),
    })
}

const EXPOSED: &str = "; it is on another machine, and without sslmode=verify-full in the URL an attacker on the network can read the traffic";

/// Returns the migrations to apply. `None` before the first start, when there is no database yet.
fn pending(url: &DatabaseUrl) -> Result<Option<Vec<String>>, Error> {
    if db::is_yet_to_be_made(url)? { Ok(None) } else { migrations::pending(url).map(Some) }
}

async fn key_file(config: &Config) -> Result<String, String> {
    let ring = Arc::new(KeyRing::at(&config.key_file));
    let file = ring.path().display().to_string();
    let noted = noted_key(config).await.map_err(|error| error.to_string())?;
    if let (None, Err(FileFault::Missing(_))) = (noted, ring.load()) {
        return ring
            .could_be_made()
            .map(|()| format!("{file}, to be made at the next start"))
            .map_err(|f| f.to_string());
    }
    let mut remarks = Vec::new();
    let count = if noted.is_some() {
        let db = open(config).map_err(|error| error.to_string())?;
        let (shared, loaded) = (Arc::clone(&ring), ring.load());
        let fitting = db.read(move |connection| Stop::commit(keys::fit(connection, &shared, &loaded)));
        let fitting = fitting.await.map_err(|error| error.to_string())??;
        if !fitting.lacking.is_empty() {
            remarks.push(format!("; it lacks {:?}, which seal some secrets", fitting.lacking));
        }
        fitting.keys.len()
    } else {
        ring.load().map_err(|fault| fault.to_string())?.len()
    };
    if ring.is_open_to_others() {
        remarks.push("; other users of this machine can open it, so set its mode to 600".to_owned());
    }
    Ok(format!("{file}, {count} {}{}", if count == 1 { "key" } else { "keys" }, remarks.concat()))
}

fn open(config: &Config) -> Result<Db, Error> {
    Db::open_with(&config.database_url, 2, Patience::of(config.database_patience))
}

/// Returns the key that the database last used. `None` before the first start, and before the first
/// version with keys.
async fn noted_key(config: &Config) -> Result<Option<KeyId>, Error> {
    let url = config.database_url.clone();
    match tokio::task::spawn_blocking(move || pending(&url)).await.map_err(Error::fault)?? {
        None => Ok(None),
        Some(pending) => {
            let noted = open(config)?.read(db::sealed::newest_key).await;
            if pending.is_empty() { noted } else { Ok(noted.ok().flatten()) }
        }
    }
}

async fn settings(config: &Config) -> Result<&'static str, String> {
    let url = config.database_url.clone();
    let pending = tokio::task::spawn_blocking(move || pending(&url)).await.map_err(|error| error.to_string())?;
    // Settings of an older schema can be read once it is up to date.
    if pending.map_err(|error| error.to_string())?.is_none_or(|pending| !pending.is_empty()) {
        return Ok("to be read at the next start");
    }
    let (db, config) = (open(config).map_err(|error| error.to_string())?, config.clone());
    let judged = db.read(move |connection| app::settings::judge(connection, &config)).await;
    judged.map_err(|error| error.to_string())?.map(|()| "they can work together")
}

/// Loads the templates as the server does, with a Rocket that is never launched.
async fn mail_templates(config: &Config) -> Result<String, String> {
    let catalogue = Catalogue::embedded().map_err(|error| error.to_string())?;
    let Some(folder) = &config.mail_templates else {
        return MailTemplates::embedded(catalogue)
            .and_then(|templates| templates.try_all(|samples| samples.all()))
            .map(|()| "the embedded ones".to_owned())
            .map_err(|error| error.to_string());
    };
    app::check_folder(folder).map_err(|error| error.to_string())?;
    let figment = config
        .rocket
        .clone()
        .merge(Serialized::global("template_dir", folder))
        .merge(Serialized::global("log_level", "off"));
    let templates = MailTemplates::new(catalogue);
    let ignited = rocket::custom(figment).attach(templates.fairing(|samples| samples.all())).ignite().await;
    match ignited {
        Ok(_) => Ok(format!("{}, tried with made-up facts", folder.display())),
        Err(error) => {
            let problem = error.kind().to_string();
            Err(templates.problem().map_or(problem, ToString::to_string))
        }
    }
}

fn breach_list(config: &Config) -> Result<String, Problem> {
    let Some(path) = config.breached_passwords.clone() else { return Ok("not configured".to_owned()) };
    BreachList::at(path).check()
}

fn places(config: &Config) -> Result<String, Problem> {
    let Some(path) = &config.places_file else { return Ok("not configured".to_owned()) };
    Places::read(path).map(|places| format!("{}, {}", path.display(), places.describe()))
}

fn mail_signing(config: &Config) -> Result<String, String> {
    MessageBuilder::new(&config.mail_from, &config.mail_dkim, Arc::new(crate::entropy::SystemEntropy))
        .map_err(|error| error.to_string())?;
    Ok(signing::describe(&config.mail_dkim))
}

/// Names that the public DNS does not know. Spam filters distrust links to them.
const PRIVATE: [&str; 5] = ["lan", "internal", "local", "test", "localhost"];

/// Warns about a base URL whose links look like spam to other email servers.
fn remark_on(base_url: &BaseUrl) -> &'static str {
    let host = base_url.host();
    let is_address = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    if is_address || host.rsplit('.').next().is_some_and(|top| PRIVATE.contains(&top)) {
        "; email servers of other domains treat links to it as spam: use a public name to send email there"
    } else {
        ""
    }
}
