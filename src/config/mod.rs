//! Configuration: what the operator sets, read once at the start, typed and judged. Everything else takes it from here.
//!
//! A value that cannot work stops the start with a sentence; see [`Problem`].

mod base_url;
mod database_url;
mod error;
mod mail;
mod source;
mod userinfo;
mod values;

pub use base_url::BaseUrl;
pub use database_url::{DatabaseUrl, without_passwords};
pub use error::{Problem, Problems};
pub use mail::{Dkim, Encryption, MailUrl, Password, Sender, SmtpServer};

use crate::domain::{Lifetime, Limit, client::Network, settings::StartLimits};
use rocket::figment::Figment;
use source::{Found, Gathered};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr,
};
use values::{
    parse_audit_lifetime, parse_count, parse_drain, parse_file, parse_hosts, parse_hsts, parse_log_format,
    parse_metrics_address, parse_networks, parse_patience, parse_switch,
};

/// Everything the operator decided.
#[derive(Clone, Debug)]
pub struct Config {
    pub base_url: BaseUrl,
    pub database_url: DatabaseUrl,
    pub database_connections: usize,
    /// The time within which a visitor gets an answer, however slow the database is.
    pub database_patience: Lifetime,
    /// Where the keys are that seal what the database must not show.
    pub key_file: PathBuf,
    pub mail_url: MailUrl,
    pub mail_from: Sender,
    /// Connections to the mail server, and so mails under way at once.
    pub mail_connections: usize,
    /// The name by which the mail server is greeted.
    pub mail_helo: String,
    /// Where the operator's own mail templates lie.
    pub mail_templates: Option<PathBuf>,
    /// Certificates, in PEM, that the mail server's may be signed by, beside the public ones.
    pub mail_ca_file: Option<PathBuf>,
    /// Keys that sign emails; none where the provider signs.
    pub mail_dkim: Vec<Dkim>,
    /// A list of passwords known from breaches, which nobody can choose.
    pub breached_passwords: Option<PathBuf>,
    pub trusted_proxies: Vec<Network>,
    pub limits: StartLimits,
    pub metrics_address: Option<SocketAddr>,
    /// Host names under which `/metrics` is asked for, besides addresses.
    pub metrics_hosts: Vec<String>,
    pub hsts: Hsts,
    /// How long it says "not ready" and still serves, once it is told to stop.
    pub drain: Lifetime,
    /// Whether each request leaves a line in the log.
    pub log_requests: bool,
    pub log_format: LogFormat,
    pub log_level: LogLevel,
    /// How long the audit log is kept.
    pub audit_lifetime: Lifetime,
    /// Rocket's own part.
    pub rocket: Figment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// What `Strict-Transport-Security` says, where the base URL is https.
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
    /// From `Rocket.toml` and the environment of this process.
    pub fn load() -> Result<Self, Problems> {
        let (env, unreadable) = source::environment(std::env::vars_os());
        let config = Self::read(source::find_file(&env).as_deref(), &env);
        if unreadable.is_empty() {
            return config;
        }
        let others = config.err().map(|problems| problems.0).unwrap_or_default();
        Err(Problems([unreadable, others].concat()))
    }

    /// From a file and an environment.
    pub fn read(file: Option<&Path>, env: &[(String, String)]) -> Result<Self, Problems> {
        let mut reader = Reader(source::gather(file, env));
        let config = reader.config();
        let Gathered { problems, .. } = reader.0;
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(Problems(problems)),
        }
    }
}

/// Takes values one by one, collecting what is wrong.
struct Reader(Gathered);

impl Reader {
    fn config(&mut self) -> Option<Config> {
        let rocket = self.rocket();
        // Where nobody said, the address follows the port, so that another port alone makes no dead links.
        let port = rocket.as_ref().map_or(8000, |config| config.port);
        let base_url = self.value(
            "base_url",
            &format!("http://localhost:{port}"),
            BaseUrl::parse,
            "Set it to the address that people open, such as https://login.example.com.",
        );
        let mail_url = self.value(
            "mail_url",
            "dev:",
            MailUrl::parse,
            "Set it to smtp://name:password@host:587, or to dev: to try things out.",
        );
        if let (Some(MailUrl::Dev), Some(base_url)) = (&mail_url, &base_url)
            && !base_url.is_loopback()
        {
            self.refuse(
                "mail_url",
                "dev: shows everybody's mail at /dev/mailbox, so it is only for a base URL on localhost",
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
                "an address at localhost is this machine's alone, so another machine's mail server refuses what comes from it",
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
                |text| parse_count(text, 2, 100),
                "Set it to a number from 2 to 100.",
            )?,
            database_patience: self.value(
                "database_patience",
                "1s",
                parse_patience,
                "Set it to something like 2s, from 1s to 60s.",
            )?,
            key_file: self.value(
                "key_file",
                "gatepost.key",
                parse_file,
                "Set it to a file of its own, such as /var/lib/gatepost/gatepost.key.",
            )?,
            mail_from: mail_from?,
            mail_connections: self.value(
                "mail_connections",
                "2",
                |text| parse_count(text, 1, 4),
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
                parse_networks,
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
                parse_metrics_address,
                "Set it to an address and port that only you can reach, such as 127.0.0.1:9100.",
            )?,
            metrics_hosts: self.value(
                "metrics_hosts",
                "",
                parse_hosts,
                "List the names by which you reach /metrics, such as gatepost.internal.",
            )?,
            hsts: self.value("hsts", "subdomains", parse_hsts, "Set it to subdomains, host or off.")?,
            drain: self.value("drain", "2s", parse_drain, "Set it to something like 2s; at most 60s.")?,
            log_requests: self.value("log_requests", "off", parse_switch, "Set it to on or off.")?,
            log_format: self.value("log_format", "text", parse_log_format, "Set it to text or json.")?,
            audit_lifetime: self.value(
                "audit_lifetime",
                "365d",
                parse_audit_lifetime,
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

    /// Rocket's part, with what is not the operator's to choose.
    fn rocket(&mut self) -> Option<rocket::Config> {
        let fixed = [
            // Believed from anybody otherwise; see web::client.
            ("ip_header", rocket::figment::value::Value::from(false)),
            // Nobody needs to know what answers.
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
                "Set both GATEPOST_MAIL_DKIM_SELECTOR and GATEPOST_MAIL_DKIM_KEY_FILE, with as many of one as of the other, or neither.",
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

    /// The values between the commas.
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

/// Whether a value has got into the wrong place and may hold a password: a URL with one, or a key.
fn may_hold_a_secret(value: &str) -> bool {
    let is_url_with_one =
        |(_, rest): (&str, &str)| rest.contains('@') || rest.to_ascii_lowercase().contains("password");
    value.split_once("://").is_some_and(is_url_with_one) || value.contains("PRIVATE KEY")
}

/// What is wrong with one of Rocket's values, without the value.
fn what_is_wrong(kind: &rocket::figment::error::Kind) -> String {
    use rocket::figment::error::Kind;
    match kind {
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) => format!("it is not {expected}"),
        Kind::UnknownField(..) => "it has a field that is not known".to_owned(),
        _ => "it cannot be read".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(env: &[(&str, &str)]) -> Result<Config, String> {
        let env: Vec<_> = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Config::read(None, &env).map_err(|problems| problems.to_string())
    }

    fn read_file(text: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("Rocket.toml");
        std::fs::write(&file, text).unwrap();
        Config::read(Some(&file), &[]).map_err(|problems| problems.to_string())
    }

    #[test]
    fn nothing_needs_to_be_set() {
        let config = read(&[("PATH", "/bin"), ("GATEPOSTX", "1")]).unwrap();
        assert_eq!(config.base_url.origin(), "http://localhost:8000");
        assert_eq!(config.database_url, DatabaseUrl::Sqlite("gatepost.db".into()));
        assert_eq!(config.mail_url, MailUrl::Dev);
        assert_eq!(config.limits.per_mailbox.to_string(), "3/15m");
    }

    #[test]
    fn every_key_stands_in_the_file_that_comes_along_and_the_file_can_be_read() {
        let text = include_str!("../../Rocket.toml");
        for key in source::KEYS {
            assert!(text.lines().any(|line| line.starts_with(&format!("# {key} = "))), "{key} is not in Rocket.toml");
        }
        assert!(read_file(text).is_ok());
        // And with every default taken from its comment, nothing changes.
        let uncommented: Vec<_> =
            text.lines().map(|line| if line.contains(" = ") { line.trim_start_matches("# ") } else { line }).collect();
        let (with, without) = (read_file(&uncommented.join("\n")).unwrap(), read(&[]).unwrap());
        assert_eq!(
            format!("{:?}", (with.limits, with.mail_from, with.mail_url, with.key_file)),
            format!("{:?}", (without.limits, without.mail_from, without.mail_url, without.key_file))
        );
    }

    #[test]
    fn another_port_alone_makes_no_dead_links() {
        assert_eq!(read(&[("ROCKET_PORT", "9001")]).unwrap().base_url.origin(), "http://localhost:9001");
    }

    #[test]
    fn every_wrong_value_is_named_with_its_key_and_a_remedy() {
        for (key, value) in [
            ("GATEPOST_BASE_URL", "http://login.example.com"),
            ("GATEPOST_DATABASE_CONNECTIONS", "0"),
            ("GATEPOST_KEY_FILE", ""),
            ("GATEPOST_KEY_FILE", "/var/lib/gatepost/"),
            ("GATEPOST_MAIL_FROM", "nobody"),
            ("GATEPOST_MAIL_CONNECTIONS", "9"),
            ("GATEPOST_TRUSTED_PROXIES", "10.0.0.0/8, example.com"),
            ("GATEPOST_LIMITS_PER_MAILBOX", "3"),
            ("GATEPOST_LIMITS_PER_CLIENT", "x/1m"),
            ("GATEPOST_LIMITS_GLOBAL", "20/0s"),
            ("GATEPOST_METRICS_ADDRESS", "9100"),
            ("GATEPOST_METRICS_HOSTS", "a.example:9100"),
            ("GATEPOST_HSTS", "yes"),
            ("GATEPOST_DRAIN", "1h"),
            ("GATEPOST_LOG_REQUESTS", "true"),
            ("GATEPOST_LOG_FORMAT", "xml"),
            ("GATEPOST_AUDIT_LIFETIME", "1d"),
        ] {
            let problems = read(&[(key, value)]).unwrap_err();
            assert!(problems.contains(key) && problems.contains(&format!("{value:?}")), "{problems}");
            assert!(problems.contains("Set it to") || problems.contains("List"), "{problems}");
        }
    }

    #[test]
    fn a_value_that_may_hold_a_password_is_not_repeated() {
        for (key, value) in
            [("GATEPOST_MAIL_URL", "smtp://u:hunter2@h?x=y"), ("GATEPOST_DATABASE_URL", "mysql://u:hunter2@h/d")]
        {
            let problems = read(&[(key, value)]).unwrap_err();
            assert!(problems.contains(key) && !problems.contains("hunter2"), "{problems}");
        }
        let config = read(&[
            ("GATEPOST_MAIL_URL", "smtp://u:hunter2@h.example"),
            ("GATEPOST_MAIL_FROM", "login@h.example"),
            ("GATEPOST_DATABASE_URL", "postgres://u:hunter2@h/d"),
        ]);
        assert!(config.is_ok() && !format!("{config:?}").contains("hunter2"));
    }

    /// Wherever a secret may get by mistake, no part of it is repeated.
    #[test]
    fn no_odd_password_is_repeated_by_any_problem() {
        let words = ["hunter2", "Zebra9", "qwertz"];
        for odd in
            ["%", "%t", "%00", " ", "@", "/", "?", "#", ":", "&", "=", "\\", "\"", "'", "\n", "é", "[", "]", "%C3"]
        {
            let password = words.join(odd);
            for url in [
                format!("postgres://u:{password}@h:5432/d"),
                format!("postgres://h/d?password={password}"),
                format!("postgresql://{password}@h/d?x"),
                format!("smtp://u:{password}@h:587"),
                format!("smtps://{password}@h?tls=none"),
                format!("https://u:{password}@h"),
            ] {
                for key in [
                    "DATABASE_URL",
                    "MAIL_URL",
                    "BASE_URL",
                    "DATABASE_URL_FILE",
                    "MAIL_URL_FILE",
                    "MAIL_FORM",
                    "KEY_FILE",
                ] {
                    let Err(problems) = read(&[(&format!("GATEPOST_{key}"), &url)]) else { continue };
                    for word in words {
                        assert!(!problems.contains(word), "{key} {url:?}: {problems}");
                    }
                }
                for file in [
                    format!("[default.gatepost]\ndatabase_url = \"{url}\n"),
                    format!("[default.gatepost]\ndatabase_url = {url}\n"),
                    format!("[default.gatepost]\ndatabase_url = {{ a = '''{url}''' }}\n"),
                    format!("[default]\nport = '''{url}'''\n"),
                ] {
                    let Err(problems) = read_file(&file) else { continue };
                    for word in words {
                        assert!(!problems.contains(word), "{file}: {problems}");
                    }
                }
            }
        }
    }

    #[test]
    fn unknown_keys_are_errors_and_the_nearest_is_named() {
        let problems =
            read(&[("GATEPOST_BASEURL", "x"), ("GATEPOST_LIMITS_MAILBOX", "x"), ("ROCKET_PROT", "1")]).unwrap_err();
        assert!(problems.contains("GATEPOST_BASEURL") && problems.contains("ROCKET_PROT"), "{problems}");
        assert!(problems.contains("Did you mean limits_per_mailbox?"), "{problems}");
        assert!(read_file("[default]\nprot = 1").unwrap_err().contains("prot"));
        assert!(read_file("[default.gatepost]\nbase = 1").unwrap_err().contains("base"));
    }

    #[test]
    fn what_stands_where_nobody_reads_it_is_refused_with_a_hint() {
        for (text, hint) in [
            ("[gatepost]\nbase_url = \"https://a.example\"", "Did you mean [default.gatepost]?"),
            ("base_url = \"https://a.example\"", "Write it below [default.gatepost]."),
            ("port = 8123\n[default]", "Write it below [default]."),
            ("[staging]\nport = 8123", "ROCKET_PROFILE=staging"),
            ("[defualt.gatepost]\nlog_format = \"json\"", "Did you mean [default]"),
            ("default = 1", "default: it stands at the top"),
        ] {
            let problems = read_file(text).unwrap_err();
            assert!(problems.contains(hint), "{text}: {problems}");
        }
        assert!(read_file("[default]\n[debug]\n[release.gatepost]\n[global]\nport = 8123").is_ok());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("Rocket.toml");
        std::fs::write(&file, "[staging]\nport = 8123").unwrap();
        let env = [("ROCKET_PROFILE".to_owned(), "staging".to_owned())];
        assert_eq!(Config::read(Some(&file), &env).unwrap().base_url.origin(), "http://localhost:8123");
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_of_ours_that_is_no_text_is_named_and_not_passed_over() {
        use std::{ffi::OsString, os::unix::ffi::OsStringExt};
        let pair = |key: &[u8], value: &[u8]| (OsString::from_vec(key.into()), OsString::from_vec(value.into()));
        let (env, problems) = source::environment(
            [
                pair(b"GATEPOST_MAIL_FROM", b"Jos\xe9 <jose@example.com>"),
                pair(b"GATEPOST_BASE_URL\xff", b"http://localhost"),
                pair(b"ROCKET_PORT", b"\xff"),
                pair(b"LESSOPEN", b"\xff"),
                pair(b"GATEPOST_LOG_FORMAT", b"json"),
            ]
            .into_iter(),
        );
        assert_eq!(env, [("GATEPOST_LOG_FORMAT".to_owned(), "json".to_owned())]);
        let sentences = Problems(problems).to_string();
        for key in ["GATEPOST_MAIL_FROM: it is not UTF-8", "GATEPOST_BASE_URL", "ROCKET_PORT: it is not UTF-8"] {
            assert!(sentences.contains(key), "{sentences}");
        }
        assert!(!sentences.contains("LESSOPEN"), "{sentences}");
    }

    #[test]
    fn a_sender_at_localhost_goes_only_with_a_mail_server_on_this_machine() {
        let with = |url: &str, from: Option<&str>| {
            let mut env = vec![("GATEPOST_MAIL_URL", url)];
            env.extend(from.map(|from| ("GATEPOST_MAIL_FROM", from)));
            read(&env)
        };
        for from in [None, Some("gatepost@localhost"), Some("x@mail.localhost"), Some("x@localhost.localdomain")] {
            let problems = with("smtp://mail.example.com", from).unwrap_err();
            assert!(
                problems.contains("GATEPOST_MAIL_FROM") && problems.contains("Set GATEPOST_MAIL_FROM"),
                "{problems}"
            );
            for url in ["smtp://localhost:2525", "smtp://127.0.0.1?tls=none", "smtps://[::1]", "dev:", "file:///tmp"] {
                assert!(with(url, from).is_ok(), "{url}");
            }
        }
        assert!(with("smtp://mail.example.com", Some("Gatepost <gatepost@example.com>")).is_ok());
    }

    #[test]
    fn what_kubernetes_says_of_a_service_of_our_name_is_not_configuration() {
        let env = [
            ("GATEPOST_POSTGRESQL_SERVICE_HOST", "10.0.0.2"),
            ("GATEPOST_POSTGRESQL_SERVICE_PORT", "5432"),
            ("GATEPOST_POSTGRESQL_SERVICE_PORT_TCP_POSTGRESQL", "5432"),
            ("GATEPOST_POSTGRESQL_PORT", "tcp://10.0.0.2:5432"),
            ("GATEPOST_POSTGRESQL_PORT_5432_TCP", "tcp://10.0.0.2:5432"),
            ("GATEPOST_POSTGRESQL_PORT_5432_TCP_PROTO", "tcp"),
            ("GATEPOST_METRICS_PORT_9100_TCP_ADDR", "10.0.0.3"),
            ("GATEPOST_SERVICE_PORT_HTTP", "80"),
            ("GATEPOST_PORT", "tcp://10.0.0.1:80"),
            ("GATEPOST_PORT_80_TCP_ADDR", "10.0.0.1"),
            ("GATEPOST_SERVICE_HOST", "10.0.0.1"),
        ];
        assert!(read(&env).is_ok());
        for (key, value) in [("GATEPOST_PORT", "8000"), ("GATEPOST_SMTP_PORT", "587"), ("GATEPOST_SERVICE", "x")] {
            assert!(read(&[(key, value)]).unwrap_err().contains("there is no such key"), "{key}");
        }
    }

    #[test]
    fn a_header_that_anybody_can_send_cannot_be_made_trusted() {
        assert!(read(&[("ROCKET_IP_HEADER", "X-Real-IP")]).unwrap_err().contains("GATEPOST_TRUSTED_PROXIES"));
        let config = read(&[]).unwrap().rocket.extract::<rocket::Config>().unwrap();
        assert!(config.ip_header.is_none());
    }

    #[test]
    fn the_file_is_read_and_the_environment_goes_before_it() {
        let text = "[default]\nport = 8123\n[default.gatepost]\nbase_url = \"https://a.example\"\nmail_url = \"smtp://m.example\"\nmail_from = \"login@a.example\"\ntrusted_proxies = [\"10.0.0.0/8\", \"192.0.2.1\"]\ndatabase_connections = 4\n";
        let config = read_file(text).unwrap();
        assert_eq!(
            (config.base_url.origin(), config.trusted_proxies.len(), config.database_connections),
            ("https://a.example", 2, 4)
        );
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("Rocket.toml");
        std::fs::write(&file, text).unwrap();
        let env = [("GATEPOST_BASE_URL".to_owned(), "https://b.example".to_owned())];
        assert_eq!(Config::read(Some(&file), &env).unwrap().base_url.origin(), "https://b.example");
    }

    #[test]
    fn a_secret_can_come_from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        std::fs::write(&file, "postgres://u:p@h/d\n").unwrap();
        let config = read(&[("GATEPOST_DATABASE_URL_FILE", file.to_str().unwrap())]).unwrap();
        assert_eq!(config.database_url, DatabaseUrl::Postgres("postgres://u:p@h/d".into()));
        assert!(read(&[("GATEPOST_MAIL_URL_FILE", "/nowhere")]).unwrap_err().contains("GATEPOST_MAIL_URL_FILE"));
    }

    #[test]
    fn the_key_file_is_a_name_and_not_a_value_from_a_file() {
        assert_eq!(read(&[]).unwrap().key_file, PathBuf::from("gatepost.key"));
        let config = read(&[("GATEPOST_KEY_FILE", "/nowhere/yet")]).unwrap();
        assert_eq!(config.key_file, PathBuf::from("/nowhere/yet"));
        for wrong in ["GATEPOST_KEY", "GATEPOST_KEYFILE", "GATEPOST_KEY_FILE_FILE"] {
            assert!(read(&[(wrong, "x")]).unwrap_err().contains("there is no such key"), "{wrong}");
        }
        assert!(read(&[("GATEPOST_KEY", "x")]).unwrap_err().contains("Did you mean key_file?"));
    }

    #[test]
    fn the_mailbox_for_everybody_is_only_for_this_machine() {
        let problems = read(&[("GATEPOST_BASE_URL", "https://login.example.com")]).unwrap_err();
        assert!(problems.contains("GATEPOST_MAIL_URL"), "{problems}");
    }

    #[cfg(not(feature = "pg-tls"))]
    #[test]
    fn a_wish_for_tls_to_the_database_is_never_passed_over() {
        for mode in ["require", "verify-full", "verify-ca", "prefer", "allow"] {
            let problems = read(&[("GATEPOST_DATABASE_URL", &format!("postgres://h/d?sslmode={mode}"))]).unwrap_err();
            assert!(problems.contains("pg-tls"), "{problems}");
        }
        assert!(read(&[("GATEPOST_DATABASE_URL", "postgres://h/d?sslrootcert=x")]).is_err());
        assert!(read(&[("GATEPOST_DATABASE_URL", "postgres://h/d?sslmode=disable")]).is_ok());
    }
}
