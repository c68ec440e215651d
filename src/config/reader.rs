//! Reads each key and collects what is wrong with any of them.

use super::{
    BaseUrl, Config, DatabaseUrl, Dkim, LogLevel, MailUrl, Problem, Sender, mail,
    source::{self, Found, Gathered},
    values,
};
use crate::domain::{Limit, settings::StartLimits};
use std::{path::PathBuf, str::FromStr};

/// Takes values one by one and collects what is wrong.
pub struct Reader(Gathered);

impl Reader {
    pub const fn of(gathered: Gathered) -> Self {
        Self(gathered)
    }

    pub fn into_problems(self) -> Vec<Problem> {
        self.0.problems
    }

    /// Reads every key. Returns `None` if some value cannot be used.
    pub fn config(&mut self) -> Option<Config> {
        let rocket = self.rocket();
        // The default follows the port, so that links work when only the port changes.
        let port = rocket.as_ref().map_or(8000, |config| config.port);
        let base_url = self.value(
            "base_url",
            &format!("http://localhost:{port}"),
            BaseUrl::parse,
            "Set it to the address that users open, such as https://login.example.com.",
        );
        let mail_url = self.value(
            "mail_url",
            "dev:",
            MailUrl::parse,
            "Set it to smtp://name:password@host:587, or to dev: to try Gatepost out.",
        );
        if let (Some(MailUrl::Dev), Some(base_url)) = (&mail_url, &base_url)
            && !base_url.is_loopback()
        {
            self.refuse(
                "mail_url",
                "dev: shows all emails at /dev/mailbox, so it is only for a base URL on localhost",
                "Set GATEPOST_MAIL_URL to your mail server.",
            );
        }
        let mail_from = self.value(
            "mail_from",
            "gatepost@localhost",
            Sender::parse,
            "Set it to something like gatepost@example.com, or Gatepost <gatepost@example.com>.",
        );
        if let (Some(MailUrl::Smtp(server)), Some(sender)) = (&mail_url, &mail_from)
            && !server.is_loopback()
            && sender.is_local()
        {
            self.refuse(
                "mail_from",
                "an address at localhost is valid on this machine only, so the mail server of another machine refuses it",
                "Set GATEPOST_MAIL_FROM to an address of your own domain, such as: Gatepost <gatepost@example.com>.",
            );
        }
        let own_path = |text: &str| Ok::<_, &str>((!text.is_empty()).then(|| PathBuf::from(text)));
        let config = Config {
            database_url: self.value(
                "database_url",
                "sqlite://gatepost.db",
                DatabaseUrl::parse,
                "Set it to sqlite://gatepost.db or postgres://name:password@host/database.",
            )?,
            database_connections: self.value(
                "database_connections",
                "8",
                |text| values::parse_count(text, 2, 100),
                "Set it to a number from 2 to 100.",
            )?,
            database_patience: self.value(
                "database_patience",
                "1s",
                values::parse_patience,
                "Set it to something like 2s, from 1s to 60s.",
            )?,
            key_file: self.value(
                "key_file",
                "gatepost.key",
                values::parse_file,
                "Set it to a separate file, such as /var/lib/gatepost/gatepost.key.",
            )?,
            mail_from: mail_from?,
            mail_connections: self.value(
                "mail_connections",
                "2",
                |text| values::parse_count(text, 1, 4),
                "Set it to a number from 1 to 4.",
            )?,
            mail_helo: self.value(
                "mail_helo",
                &base_url.as_ref().map_or_else(|| "localhost".to_owned(), mail::helo_name),
                mail::parse_helo,
                "Set it to this machine's full name, such as login.example.com.",
            )?,
            mail_templates: self.value("mail_templates", "", own_path, "")?,
            mail_ca_file: self.value("mail_ca_file", "", own_path, "")?,
            mail_dkim: self.dkim()?,
            breached_passwords: self.value("breached_passwords", "", own_path, "")?,
            trusted_proxies: self.value(
                "trusted_proxies",
                "",
                values::parse_networks,
                "List the networks of your proxies, such as 10.0.0.0/8, 192.0.2.7.",
            )?,
            limits: StartLimits {
                per_mailbox: self.limit("limits_per_mailbox", "3/15m")?,
                per_client: self.limit("limits_per_client", "30/15m")?,
                per_domain: self.limit("limits_per_domain", "300/15m")?,
                global: self.limit("limits_global", "20/1s")?,
            },
            metrics_address: self.value(
                "metrics_address",
                "",
                values::parse_metrics_address,
                "Set it to an address and port that only you can reach, such as 127.0.0.1:9100.",
            )?,
            metrics_hosts: self.value(
                "metrics_hosts",
                "",
                values::parse_hosts,
                "List the names by which you reach /metrics, such as gatepost.internal.",
            )?,
            hsts: self.value("hsts", "subdomains", values::parse_hsts, "Set it to subdomains, host or off.")?,
            drain: self.value("drain", "2s", values::parse_drain, "Set it to something like 2s; at most 60s.")?,
            log_requests: self.value("log_requests", "off", values::parse_switch, "Set it to on or off.")?,
            log_format: self.value("log_format", "text", values::parse_log_format, "Set it to text or json.")?,
            audit_lifetime: self.value(
                "audit_lifetime",
                "365d",
                values::parse_audit_lifetime,
                "Set it to something like 365d.",
            )?,
            log_level: match rocket.as_ref()?.log_level {
                rocket::config::LogLevel::Off => LogLevel::Off,
                rocket::config::LogLevel::Critical => LogLevel::Critical,
                rocket::config::LogLevel::Normal => LogLevel::Normal,
                rocket::config::LogLevel::Debug => LogLevel::Debug,
            },
            rocket: self.0.rocket.clone(),
            base_url: base_url?,
            mail_url: mail_url?,
        };
        Some(config)
    }

    /// Returns Rocket's part, with the values that the operator cannot choose.
    fn rocket(&mut self) -> Option<rocket::Config> {
        let fixed = [
            // Rocket would otherwise trust the header from every client; see `web::client`.
            ("ip_header", rocket::figment::value::Value::from(false)),
            // The server does not name its software.
            ("ident", false.into()),
        ];
        for (key, value) in fixed {
            self.0.rocket = self.0.rocket.clone().merge(rocket::figment::providers::Serialized::global(key, value));
        }
        match self.0.rocket.extract::<rocket::Config>() {
            Ok(config) => Some(config),
            Err(error) => {
                for error in error {
                    let key = error.path.join(".");
                    self.0.problems.push(Problem {
                        key: format!("{key} (ROCKET_{})", key.to_uppercase()),
                        value: None,
                        problem: what_is_wrong(&error.kind),
                        remedy: "See https://rocket.rs/guide/v0.5/configuration for its values.".to_owned(),
                    });
                }
                None
            }
        }
    }

    fn value<T>(
        &mut self,
        key: &'static str,
        default: &str,
        parse: impl Fn(&str) -> Result<T, &'static str>,
        remedy: &str,
    ) -> Option<T> {
        let text = self.0.values.get(key).map_or(default, |found| found.value.as_str());
        match parse(text) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.refuse(key, problem, remedy);
                None
            }
        }
    }

    fn limit(&mut self, key: &'static str, default: &str) -> Option<Limit> {
        let parse = |text: &str| {
            Limit::from_str(text)
                .map_err(|_| "it must be a count and a time, such as 3/15m; at most 1000, from 1s to 7d")
        };
        self.value(key, default, parse, &format!("Set it to something like {default}."))
    }

    fn dkim(&mut self) -> Option<Vec<Dkim>> {
        let selectors = self.list("mail_dkim_selector");
        let key_files = self.list("mail_dkim_key_file");
        if selectors.len() != key_files.len() {
            self.refuse(
                "mail_dkim_selector",
                "signing needs a selector for each key",
                "Set both GATEPOST_MAIL_DKIM_SELECTOR and GATEPOST_MAIL_DKIM_KEY_FILE, with the same number of values, or neither.",
            );
            return None;
        }
        let is_name = |name: &String| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
        if !selectors.iter().all(is_name) {
            self.refuse(
                "mail_dkim_selector",
                "it must be a DNS name",
                "Set it to the name that you published, such as 2026a, or to several with commas between them.",
            );
            return None;
        }
        let pairs = selectors.into_iter().zip(key_files);
        Some(pairs.map(|(selector, file)| Dkim { selector, key_file: PathBuf::from(file) }).collect())
    }

    /// Returns the values between the commas.
    fn list(&self, key: &'static str) -> Vec<String> {
        let text = self.0.values.get(key).map_or("", |found| found.value.as_str());
        text.split(',').map(str::trim).filter(|value| !value.is_empty()).map(ToOwned::to_owned).collect()
    }

    fn refuse(&mut self, key: &'static str, problem: &str, remedy: &str) {
        let found = self.0.values.get(key);
        let secret = |found: &Found| source::SECRET_KEYS.contains(&key) || may_hold_a_secret(&found.value);
        self.0.problems.push(Problem {
            key: found.map_or_else(|| format!("GATEPOST_{}", key.to_uppercase()), |found| found.key.clone()),
            value: found.filter(|found| !secret(found)).map(|found| found.value.clone()),
            problem: problem.to_owned(),
            remedy: remedy.to_owned(),
        });
    }
}

/// Returns whether a value is in the wrong place and may hold a password: a URL with one, or a key.
fn may_hold_a_secret(value: &str) -> bool {
    let is_url_with_one =
        |(_, rest): (&str, &str)| rest.contains('@') || rest.to_ascii_lowercase().contains("password");
    value.split_once("://").is_some_and(is_url_with_one) || value.contains("PRIVATE KEY")
}

/// Returns what is wrong with one of Rocket's values, without the value.
fn what_is_wrong(kind: &rocket::figment::error::Kind) -> String {
    use rocket::figment::error::Kind;
    match kind {
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) => format!("it is not {expected}"),
        Kind::UnknownField(..) => "it has an unknown field".to_owned(),
        _ => "it cannot be read".to_owned(),
    }
}
