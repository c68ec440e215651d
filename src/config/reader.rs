//! Reads each key and collects what is wrong with any of them.

use super::{
    BackChannelUrl, BaseUrl, Config, DatabaseUrl, Dkim, LogLevel, MailUrl, Problem, Sender,
    keys::{self, Key, Secrecy},
    mail,
    source::{Found, Gathered},
    values,
};
use crate::domain::{Limit, settings::StartLimits};
use std::{path::PathBuf, str::FromStr};

/// Takes values one by one and collects what is wrong.
pub(super) struct Reader(Gathered);

impl Reader {
    pub(super) const fn of(gathered: Gathered) -> Self {
        Self(gathered)
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.0.problems
    }

    /// Reads every key. Returns `None` if some value cannot be used.
    pub(super) fn config(&mut self) -> Option<Config> {
        let rocket = self.rocket();
        // Links work when only the port changes.
        let port = rocket.as_ref().map_or(8000, |config| config.port);
        let default = format!("http://localhost:{port}");
        let base_url = self.value(Key { default: &default, ..keys::BASE_URL }, BaseUrl::parse);
        let (mail_url, mail_from) = self.mail_server(base_url.as_ref());
        let helo = base_url.as_ref().map_or_else(|| "localhost".to_owned(), mail::helo_name);
        let own_path = |text: &str| Ok::<_, &str>((!text.is_empty()).then(|| PathBuf::from(text)));
        let config = Config {
            back_channel_url: self.value(keys::BACK_CHANNEL_URL, BackChannelUrl::parse)?,
            outbound_private: self.value(keys::OUTBOUND_PRIVATE, values::parse_switch)?,
            outbound_ca_file: self.value(keys::OUTBOUND_CA_FILE, own_path)?,
            database_url: self.value(keys::DATABASE_URL, DatabaseUrl::parse)?,
            database_connections: self.value(keys::DATABASE_CONNECTIONS, |text| values::parse_count(text, 2, 100))?,
            database_patience: self.value(keys::DATABASE_PATIENCE, values::parse_patience)?,
            session_memory: self.value(keys::SESSION_MEMORY, |text| values::parse_count(text, 1, 16_384))?,
            key_file: self.value(keys::KEY_FILE, values::parse_file)?,
            mail_from: mail_from?,
            mail_connections: self.value(keys::MAIL_CONNECTIONS, |text| values::parse_count(text, 1, 4))?,
            mail_helo: self.value(Key { default: &helo, ..keys::MAIL_HELO }, mail::parse_helo)?,
            mail_templates: self.value(keys::MAIL_TEMPLATES, own_path)?,
            mail_ca_file: self.value(keys::MAIL_CA_FILE, own_path)?,
            dns_server: self.value(keys::DNS_SERVER, values::parse_dns_server)?,
            mail_dkim: self.dkim()?,
            breached_passwords: self.value(keys::BREACHED_PASSWORDS, own_path)?,
            places_file: self.value(keys::PLACES_FILE, own_path)?,
            trusted_proxies: self.value(keys::TRUSTED_PROXIES, values::parse_networks)?,
            limits: self.limits()?,
            metrics_address: self.value(keys::METRICS_ADDRESS, values::parse_metrics_address)?,
            metrics_hosts: self.value(keys::METRICS_HOSTS, values::parse_hosts)?,
            hsts: self.value(keys::HSTS, values::parse_hsts)?,
            drain: self.value(keys::DRAIN, values::parse_drain)?,
            log_requests: self.value(keys::LOG_REQUESTS, values::parse_switch)?,
            log_format: self.value(keys::LOG_FORMAT, values::parse_log_format)?,
            audit_lifetime: self.value(keys::AUDIT_LIFETIME, values::parse_audit_lifetime)?,
            log_level: level(rocket.as_ref()?.log_level),
            rocket: self.0.rocket.clone(),
            base_url: base_url?,
            mail_url: mail_url?,
        };
        Some(config)
    }

    /// Reads where emails go and whom they come from. Both must fit the address of the server.
    fn mail_server(&mut self, base_url: Option<&BaseUrl>) -> (Option<MailUrl>, Option<Sender>) {
        let mail_url = self.value(keys::MAIL_URL, MailUrl::parse);
        if let (Some(MailUrl::Dev), Some(base_url)) = (&mail_url, base_url)
            && !base_url.is_loopback()
        {
            self.refuse(
                "mail_url",
                "dev: shows all emails at /dev/mailbox, so it is only for a base URL on localhost",
                "Set GATEPOST_MAIL_URL to your email server.",
            );
        }
        let mail_from = self.value(keys::MAIL_FROM, Sender::parse);
        if let (Some(MailUrl::Smtp(server)), Some(sender)) = (&mail_url, &mail_from)
            && !server.is_loopback()
            && sender.is_local()
        {
            self.refuse(
                "mail_from",
                "an address at localhost is valid on this machine only, so the email server of another machine refuses it",
                "Set GATEPOST_MAIL_FROM to an address of your own domain, such as: Gatepost <gatepost@example.com>.",
            );
        }
        (mail_url, mail_from)
    }

    fn limits(&mut self) -> Option<StartLimits> {
        Some(StartLimits {
            per_mailbox: self.limit(keys::LIMITS_PER_MAILBOX)?,
            per_client: self.limit(keys::LIMITS_PER_CLIENT)?,
            per_domain: self.limit(keys::LIMITS_PER_DOMAIN)?,
            global: self.limit(keys::LIMITS_GLOBAL)?,
        })
    }

    /// Returns Rocket's part, with the values that the operator cannot choose.
    fn rocket(&mut self) -> Option<rocket::Config> {
        let fixed = [
            // Rocket would otherwise trust the header from every client; see `web::client`.
            ("ip_header", rocket::figment::value::Value::from(false)),
            // The server does not name its software.
            ("ident", false.into()),
        ];
        let (address, port) =
            (self.value(keys::ADDRESS, values::parse_address), self.value(keys::PORT, values::parse_port));
        let chosen =
            [address?.map(|address| ("address", address.to_string().into())), port?.map(|port| ("port", port.into()))];
        for (key, value) in chosen.into_iter().flatten().chain(fixed) {
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

    fn value<T>(&mut self, key: Key<'_>, parse: impl Fn(&str) -> Result<T, &'static str>) -> Option<T> {
        let text = self.0.values.get(key.name).map_or(key.default, |found| found.value.as_str());
        match parse(text) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.refuse(key.name, problem, key.remedy);
                None
            }
        }
    }

    fn limit(&mut self, key: Key<'_>) -> Option<Limit> {
        let parse = |text: &str| {
            Limit::from_str(text)
                .map_err(|_| "it must be a count and a time, such as 3/15m; at most 1000, from 1s to 7d")
        };
        self.value(key, parse)
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
        let is_secret = keys::find(key).is_some_and(|key| key.secrecy == Secrecy::Secret);
        let secret = |found: &Found| is_secret || may_hold_a_secret(&found.value);
        self.0.problems.push(Problem {
            key: found.map_or_else(|| format!("GATEPOST_{}", key.to_uppercase()), |found| found.key.clone()),
            value: found.filter(|found| !secret(found)).map(|found| found.value.clone()),
            problem: problem.to_owned(),
            remedy: remedy.to_owned(),
        });
    }
}

const fn level(level: rocket::config::LogLevel) -> LogLevel {
    match level {
        rocket::config::LogLevel::Off => LogLevel::Off,
        rocket::config::LogLevel::Critical => LogLevel::Critical,
        rocket::config::LogLevel::Normal => LogLevel::Normal,
        rocket::config::LogLevel::Debug => LogLevel::Debug,
    }
}

/// Returns whether a misplaced value may hold a secret: a URL with a password, or a key.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Lifetime;

    /// Reads one key. `Err` is what the operator reads.
    fn read(key: &str, value: &str) -> Result<Config, String> {
        let env = [(format!("GATEPOST_{key}"), value.to_owned())];
        Config::read(None, &env).map_err(|problems| problems.to_string())
    }

    #[test]
    fn each_number_and_time_is_taken_up_to_its_bounds_and_not_beyond() {
        let helo = |length: usize| "a".repeat(length);
        let from = |length: usize| format!("{} <a@b.example>", "n".repeat(length));
        let (long_helo, longer_helo, long_from, longer_from) = (helo(255), helo(256), from(60), from(61));
        for (key, good, bad) in [
            ("DATABASE_CONNECTIONS", &["2", "100"][..], &["1", "101", "-2", "2.0"][..]),
            ("MAIL_CONNECTIONS", &["1", "4"], &["0", "5"]),
            ("SESSION_MEMORY", &["1", "16384"], &["0", "16385"]),
            ("DRAIN", &["0", "0s", "1s", "60s"], &["61s", "2m"]),
            ("DATABASE_PATIENCE", &["1s", "60s", "1m"], &["0", "0s", "61s", "900ms"]),
            ("AUDIT_LIFETIME", &["7d", "168h"], &["6d", "167h"]),
            ("MAIL_HELO", &[long_helo.as_str()], &[longer_helo.as_str(), "-a", "a b", "[x]"]),
            ("MAIL_FROM", &[long_from.as_str()], &[longer_from.as_str()]),
            ("METRICS_ADDRESS", &["", "off", "127.0.0.1:9100", "[::1]:9100"], &["on", "9100"]),
            ("HSTS", &["subdomains", "host", "off"], &["", "on"]),
        ] {
            for value in good {
                let done = read(key, value);
                assert!(done.is_ok(), "{key} {value}: {:?}", done.err());
            }
            for value in bad {
                assert!(read(key, value).is_err_and(|problems| problems.contains(key)), "{key} {value}");
            }
        }
    }

    #[test]
    fn a_time_that_is_set_is_the_time_that_counts() {
        assert_eq!(read("DATABASE_PATIENCE", "7s").unwrap().database_patience, Lifetime::seconds(7));
        assert_eq!(read("DRAIN", "7s").unwrap().drain, Lifetime::seconds(7));
        assert_eq!(read("DRAIN", "0").unwrap().drain, Lifetime::ZERO);
        assert_eq!(read("AUDIT_LIFETIME", "8d").unwrap().audit_lifetime, Lifetime::days(8));
    }

    #[test]
    fn a_private_key_in_a_wrong_place_is_not_repeated() {
        let value = "-----BEGIN PRIVATE KEY----- hunter2 -----END PRIVATE KEY-----";
        for key in ["BASE_URL", "HSTS", "MAIL_DKIM_SELECTOR", "TRUSTED_PROXIES", "PRIVATE_KEY"] {
            let problems = read(key, value).unwrap_err();
            assert!(problems.contains(key) && !problems.contains("hunter2"), "{key}: {problems}");
        }
    }
}
