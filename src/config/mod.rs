//! Configuration: what the operator sets, read once at the start, parsed and judged.
//!
//! A value that cannot work stops the start with a sentence; see [`Problem`].

mod back_channel_url;
mod base_url;
mod database_url;
mod error;
mod keys;
mod mail;
mod reader;
mod source;
#[cfg(test)]
mod tests;
mod userinfo;
mod values;

pub use back_channel_url::BackChannelUrl;
pub use base_url::BaseUrl;
pub use database_url::{DatabaseUrl, without_passwords};
pub use error::{Problem, Problems};
pub use mail::{Dkim, Encryption, MailUrl, Password, Sender, SmtpServer};

use crate::domain::{Lifetime, client::Network, settings::StartLimits};
use reader::Reader;
use rocket::figment::Figment;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// Everything the operator decided.
#[derive(Clone, Debug)]
pub struct Config {
    pub base_url: BaseUrl,
    /// A second address for the endpoints that apps' servers ask.
    pub back_channel_url: Option<BackChannelUrl>,
    /// Apps may be told of sign-outs in private networks, also under hosts that are not theirs.
    pub outbound_private: bool,
    /// Further authorities for TLS to apps.
    pub outbound_ca_file: Option<PathBuf>,
    pub database_url: DatabaseUrl,
    pub database_connections: usize,
    /// Longest time until a visitor gets an answer, even if the database is slow.
    pub database_patience: Lifetime,
    /// Megabytes of memory for sessions.
    pub session_memory: usize,
    /// File with the keys that seal secrets in the database.
    pub key_file: PathBuf,
    pub mail_url: MailUrl,
    pub mail_from: Sender,
    /// Connections to the email server, which is also the number of emails sent at once.
    pub mail_connections: usize,
    /// The name in the greeting to the email server.
    pub mail_helo: String,
    /// Folder with the operator's own email templates.
    pub mail_templates: Option<PathBuf>,
    /// CA certificates in PEM that may sign the email server's, beside the public ones.
    pub mail_ca_file: Option<PathBuf>,
    /// The DNS server that the check of emails asks. `None`: those of the system.
    pub dns_server: Option<SocketAddr>,
    /// Keys that sign emails. Empty if the provider signs.
    pub mail_dkim: Vec<Dkim>,
    /// A list of passwords known from breaches. Users cannot choose them.
    pub breached_passwords: Option<PathBuf>,
    /// A file that turns IP addresses into places.
    pub places_file: Option<PathBuf>,
    pub trusted_proxies: Vec<Network>,
    pub limits: StartLimits,
    pub metrics_address: Option<SocketAddr>,
    /// Host names that serve `/metrics`, beside addresses.
    pub metrics_hosts: Vec<String>,
    pub hsts: Hsts,
    /// Time for which a stopping server says "not ready" and still serves.
    pub drain: Lifetime,
    /// True if each request leaves a line in the log.
    pub log_requests: bool,
    pub log_format: LogFormat,
    pub log_level: LogLevel,
    /// Time for which the audit log is kept.
    pub audit_lifetime: Lifetime,
    /// Rocket's own part.
    pub rocket: Figment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// Scope of `Strict-Transport-Security`, if the base URL is https.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hsts {
    /// This host and those below it.
    Subdomains,
    Host,
    Off,
}

/// `ROCKET_LOG_LEVEL`: how much of our own is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    Off,
    Critical,
    Normal,
    Debug,
}

impl Config {
    /// Reads `Rocket.toml` and the environment of this process.
    pub fn load() -> Result<Self, Problems> {
        let (env, unreadable) = source::environment(std::env::vars_os());
        let config = Self::read(source::find_file(&env).as_deref(), &env);
        if unreadable.is_empty() {
            return config;
        }
        let others = config.err().map(|problems| problems.0).unwrap_or_default();
        Err(Problems([unreadable, others].concat()))
    }

    /// Reads a file and an environment.
    pub fn read(file: Option<&Path>, env: &[(String, String)]) -> Result<Self, Problems> {
        let mut reader = Reader::of(source::gather(file, env));
        let config = reader.config();
        let problems = reader.into_problems();
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(Problems(problems)),
        }
    }
}
