//! Numbers for monitoring, in the OpenMetrics text format. A separate address serves them.
//!
//! No label holds an address, a name, a typed path or anything else that a visitor chose.

use crate::version;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::Registry,
};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct RequestLabels {
    pub method: &'static str,
    /// `2xx`, `3xx`, …
    pub status: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct KindLabel {
    pub kind: &'static str,
}

/// A request for tokens.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct TokenLabels {
    /// code, refresh, device, other.
    pub grant: &'static str,
    /// `given`, or the error of OAuth.
    pub outcome: &'static str,
}

pub struct Metrics {
    registry: Registry,
    pub requests: Family<RequestLabels, Counter>,
    pub request_seconds: Histogram,
    /// By method of signing in.
    pub sign_ins: Family<KindLabel, Counter>,
    /// Attempts started, by immediate outcome: asked, limited.
    pub attempts: Family<KindLabel, Counter>,
    pub wrong_codes: Counter,
    pub wrong_passwords: Counter,
    /// Refused answers of passkeys, by reason.
    pub wrong_passkeys: Family<KindLabel, Counter>,
    /// By outcome: sent, dropped, dead, put_back.
    pub mails: Family<KindLabel, Counter>,
    /// From the request for an email until the email server accepts it.
    pub mail_delivery_seconds: Histogram,
    pub mails_waiting: Gauge,
    pub mails_dead: Gauge,
    /// Requests refused before any route: cross_site, forwarding, host, method_override.
    pub refused: Family<KindLabel, Counter>,
    /// Checks for proxies, by outcome.
    pub checks: Family<KindLabel, Counter>,
    /// Requests for tokens of apps, by grant and outcome.
    pub tokens: Family<TokenLabels, Counter>,
    /// Notices to apps that a session has ended, by outcome: ended, failed, given_up.
    pub logout_notices: Family<KindLabel, Counter>,
    pub database_unavailable: Counter,
    pub log_lines_left_out: Counter,
    /// The log's own count, read when the metrics are.
    pub log_lines_dropped: Counter,
    pub sessions_in_memory: Gauge,
    /// The lane's own count, read when the metrics are.
    pub database_reads: Counter,
    pub file_limit: Gauge,
    pub files_open: Gauge,
}

impl Metrics {
    /// Returns how many passwords and codes were wrong since the process began.
    pub fn failed_sign_ins(&self) -> u64 {
        self.wrong_codes.get().saturating_add(self.wrong_passwords.get())
    }
}

/// Seconds that an email may take: a moment, or until its server is back.
const WAITS: [f64; 11] = [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0];

impl Default for Metrics {
    fn default() -> Self {
        let buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];
        let mut metrics = Self {
            registry: Registry::with_prefix("gatepost"),
            requests: Family::default(),
            request_seconds: Histogram::new(buckets),
            sign_ins: Family::default(),
            attempts: Family::default(),
            wrong_codes: Counter::default(),
            wrong_passwords: Counter::default(),
            wrong_passkeys: Family::default(),
            mails: Family::default(),
            mail_delivery_seconds: Histogram::new(WAITS),
            mails_waiting: Gauge::default(),
            mails_dead: Gauge::default(),
            refused: Family::default(),
            checks: Family::default(),
            tokens: Family::default(),
            logout_notices: Family::default(),
            database_unavailable: Counter::default(),
            log_lines_left_out: Counter::default(),
            log_lines_dropped: Counter::default(),
            sessions_in_memory: Gauge::default(),
            database_reads: Counter::default(),
            file_limit: Gauge::default(),
            files_open: Gauge::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        let build =
            [("version", version::VERSION), ("commit", version::COMMIT), ("features", version::FEATURES)].to_vec();
        registry.register("build", "What was built", Info::new(build));
        registry.register("requests", "Requests answered", self.requests.clone());
        registry.register("request_seconds", "Time to answer a request", self.request_seconds.clone());
        registry.register("sign_ins", "Sessions made, by method", self.sign_ins.clone());
        registry.register("attempts", "Attempts started", self.attempts.clone());
        registry.register("wrong_codes", "Wrong codes typed", self.wrong_codes.clone());
        registry.register("wrong_passwords", "Wrong passwords typed", self.wrong_passwords.clone());
        registry.register("wrong_passkeys", "Passkeys refused, by reason", self.wrong_passkeys.clone());
        registry.register("mails", "Emails, by outcome", self.mails.clone());
        registry.register(
            "mail_delivery_seconds",
            "Time from the request for an email until the email server accepted it",
            self.mail_delivery_seconds.clone(),
        );
        registry.register("mails_waiting", "Emails waiting in the outbox", self.mails_waiting.clone());
        registry.register("mails_dead", "Emails that were refused or given up", self.mails_dead.clone());
        registry.register("refused", "Requests refused before any route", self.refused.clone());
        registry.register("checks", "Checks for proxies, by outcome", self.checks.clone());
        registry.register("tokens", "Requests for tokens, by grant and outcome", self.tokens.clone());
        registry.register("logout_notices", "Notices of ended sessions, by outcome", self.logout_notices.clone());
        registry.register(
            "database_unavailable",
            "Requests and readiness checks that failed because the database was unavailable",
            self.database_unavailable.clone(),
        );
        registry.register("log_lines_left_out", "Refusals that the log only counts", self.log_lines_left_out.clone());
        registry.register(
            "log_lines_dropped",
            "Log lines lost because their reader was too slow",
            self.log_lines_dropped.clone(),
        );
        registry.register("sessions_in_memory", "Sessions kept in memory", self.sessions_in_memory.clone());
        registry.register("database_reads", "Looks at the database", self.database_reads.clone());
        registry.register("file_limit", "Open files this process may have", self.file_limit.clone());
        registry.register("files_open", "Open files this process has", self.files_open.clone());
    }
}

/// Returns `kind` as a label.
pub const fn kind(kind: &'static str) -> KindLabel {
    KindLabel { kind }
}
