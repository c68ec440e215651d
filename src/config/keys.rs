//! Keys of our own: as written here under `[default.gatepost]` in `Rocket.toml`, in capitals after
//! `GATEPOST_` in the environment.

/// Secrecy of a value. A secret one may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secrecy {
    Open,
    /// It is never shown. A file may hold it, which the variable with `_FILE` at its end names.
    Secret,
}

/// A key, and what to say of it.
#[derive(Clone, Copy)]
pub(super) struct Key<'a> {
    pub name: &'static str,
    pub default: &'a str,
    /// Advice to the operator about a value that cannot be used.
    pub remedy: &'a str,
    pub secrecy: Secrecy,
}

const fn key(name: &'static str, default: &'static str, remedy: &'static str) -> Key<'static> {
    Key { name, default, remedy, secrecy: Secrecy::Open }
}

const fn secret(name: &'static str, default: &'static str, remedy: &'static str) -> Key<'static> {
    Key { name, default, remedy, secrecy: Secrecy::Secret }
}

/// Without it, Rocket's own key of this name counts. So does [`PORT`].
pub(super) const ADDRESS: Key<'static> =
    key("address", "", "Set it to an IP address of this machine, such as 127.0.0.1, or to 0.0.0.0 for all.");
pub(super) const PORT: Key<'static> = key("port", "", "Set it to a number from 0 to 65535, such as 8000.");

/// The default follows the port.
pub(super) const BASE_URL: Key<'static> = key(
    "base_url",
    "http://localhost:8000",
    "Set it to the address that users open, such as https://login.example.com.",
);
pub(super) const BACK_CHANNEL_URL: Key<'static> = key(
    "back_channel_url",
    "",
    "Set it to a second address, at which only apps reach Gatepost, such as http://gatepost.internal:8000.",
);
pub(super) const OUTBOUND_PRIVATE: Key<'static> = key("outbound_private", "off", "Set it to on or off.");
pub(super) const OUTBOUND_CA_FILE: Key<'static> = key("outbound_ca_file", "", "");
pub(super) const DATABASE_URL: Key<'static> = secret(
    "database_url",
    "sqlite://gatepost.db",
    "Set it to sqlite://gatepost.db or postgres://name:password@host/database.",
);
pub(super) const DATABASE_CONNECTIONS: Key<'static> =
    key("database_connections", "8", "Set it to a number from 2 to 100.");
pub(super) const DATABASE_PATIENCE: Key<'static> =
    key("database_patience", "1s", "Set it to something like 2s, from 1s to 60s.");
pub(super) const SESSION_MEMORY: Key<'static> =
    key("session_memory", "40", "Set it to a number of megabytes, from 1 to 16384. 40 hold 200,000 sessions.");
pub(super) const KEY_FILE: Key<'static> =
    key("key_file", "gatepost.key", "Set it to a separate file, such as /var/lib/gatepost/gatepost.key.");
pub(super) const MAIL_URL: Key<'static> =
    secret("mail_url", "dev:", "Set it to smtp://name:password@host:587, or to dev: to try Gatepost out.");
pub(super) const MAIL_FROM: Key<'static> = key(
    "mail_from",
    "gatepost@localhost",
    "Set it to something like gatepost@example.com, or Gatepost <gatepost@example.com>.",
);
pub(super) const MAIL_CONNECTIONS: Key<'static> = key("mail_connections", "2", "Set it to a number from 1 to 4.");
/// The default follows the base URL.
pub(super) const MAIL_HELO: Key<'static> =
    key("mail_helo", "localhost", "Set it to this machine's full name, such as login.example.com.");
pub(super) const MAIL_TEMPLATES: Key<'static> = key("mail_templates", "", "");
pub(super) const MAIL_CA_FILE: Key<'static> = key("mail_ca_file", "", "");
pub(super) const DNS_SERVER: Key<'static> =
    key("dns_server", "system", "Set it to an address and port of a DNS server, such as 192.0.2.53:53, or to system.");
pub(super) const MAIL_DKIM_SELECTOR: Key<'static> = key("mail_dkim_selector", "", "");
pub(super) const MAIL_DKIM_KEY_FILE: Key<'static> = key("mail_dkim_key_file", "", "");
pub(super) const BREACHED_PASSWORDS: Key<'static> = key("breached_passwords", "", "");
pub(super) const PLACES_FILE: Key<'static> = key("places_file", "", "");
pub(super) const TRUSTED_PROXIES: Key<'static> =
    key("trusted_proxies", "", "List the networks of your proxies, such as 10.0.0.0/8, 192.0.2.7.");
pub(super) const LIMITS_PER_MAILBOX: Key<'static> =
    key("limits_per_mailbox", "3/15m", "Set it to something like 3/15m.");
pub(super) const LIMITS_PER_CLIENT: Key<'static> =
    key("limits_per_client", "30/15m", "Set it to something like 30/15m.");
pub(super) const LIMITS_PER_DOMAIN: Key<'static> =
    key("limits_per_domain", "300/15m", "Set it to something like 300/15m.");
pub(super) const LIMITS_GLOBAL: Key<'static> = key("limits_global", "20/1s", "Set it to something like 20/1s.");
pub(super) const METRICS_ADDRESS: Key<'static> =
    key("metrics_address", "", "Set it to an address and port that only you can reach, such as 127.0.0.1:9100.");
pub(super) const METRICS_HOSTS: Key<'static> =
    key("metrics_hosts", "", "List the names by which you reach /metrics, such as gatepost.internal.");
pub(super) const HSTS: Key<'static> = key("hsts", "subdomains", "Set it to subdomains, host or off.");
pub(super) const DRAIN: Key<'static> = key("drain", "2s", "Set it to something like 2s; at most 60s.");
pub(super) const LOG_REQUESTS: Key<'static> = key("log_requests", "off", "Set it to on or off.");
pub(super) const LOG_FORMAT: Key<'static> = key("log_format", "text", "Set it to text or json.");
pub(super) const AUDIT_LIFETIME: Key<'static> = key("audit_lifetime", "365d", "Set it to something like 365d.");

/// All of them.
pub(super) const KEYS: [Key<'static>; 34] = [
    ADDRESS,
    PORT,
    BASE_URL,
    BACK_CHANNEL_URL,
    OUTBOUND_PRIVATE,
    OUTBOUND_CA_FILE,
    DATABASE_URL,
    DATABASE_CONNECTIONS,
    DATABASE_PATIENCE,
    SESSION_MEMORY,
    KEY_FILE,
    MAIL_URL,
    MAIL_FROM,
    MAIL_CONNECTIONS,
    MAIL_HELO,
    MAIL_TEMPLATES,
    MAIL_CA_FILE,
    DNS_SERVER,
    MAIL_DKIM_SELECTOR,
    MAIL_DKIM_KEY_FILE,
    BREACHED_PASSWORDS,
    PLACES_FILE,
    TRUSTED_PROXIES,
    LIMITS_PER_MAILBOX,
    LIMITS_PER_CLIENT,
    LIMITS_PER_DOMAIN,
    LIMITS_GLOBAL,
    METRICS_ADDRESS,
    METRICS_HOSTS,
    HSTS,
    DRAIN,
    LOG_REQUESTS,
    LOG_FORMAT,
    AUDIT_LIFETIME,
];

/// Returns the key of a name.
pub(super) fn find(name: &str) -> Option<Key<'static>> {
    KEYS.into_iter().find(|key| key.name == name)
}

/// Returns the secret key whose value a file holds that this key names: `mail_url_file` names that
/// of `mail_url`.
pub(super) fn of_file(name: &str) -> Option<Key<'static>> {
    name.strip_suffix("_file").and_then(find).filter(|key| key.secrecy == Secrecy::Secret)
}
