//! The URL of a PostgreSQL database: what we add to it, and what a message may say of it.

use super::role::Role;

/// Defaults that the operator may override: how soon to give up on a server that does not answer.
const DEFAULTS: [(&str, &str); 6] = [
    ("connect_timeout", "3"),
    ("tcp_user_timeout", "5000"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "3"),
    ("keepalives_count", "3"),
    ("application_name", "gatepost"),
];

/// Adds the defaults to the URL. A server that cannot be written, such as a standby after a
/// failover, is not the database. Of several hosts, the writable one is taken.
pub(in crate::db) fn with_defaults(url: &str, role: Role) -> String {
    let servers = match role {
        Role::Writer => "read-write",
        Role::Reader => "primary",
    };
    let said: Vec<String> = url
        .split_once('?')
        .map(|(_, query)| {
            query.split('&').filter_map(|pair| pair.split_once('=')).map(|(key, _)| key.to_owned()).collect()
        })
        .unwrap_or_default();
    let mut url = url.to_owned();
    for (key, value) in DEFAULTS.into_iter().chain([("target_session_attrs", servers)]) {
        if !said.iter().any(|said| said == key) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&format!("{key}={value}"));
        }
    }
    url
}

/// Returns what libpq says about a failed connection, without quoted passwords. If libpq reads the
/// URL differently, parts of the password are where a host or a port should be. Then none of its
/// words are passed on.
pub(in crate::db) fn explain(url: &str, text: &str) -> String {
    let Some(password) = password(url) else {
        return "the URL of the database cannot be read. In a name or password write % as %25, @ as %40, : as %3A, / as %2F, ? as %3F, \
                # as %23 and a space as %20"
            .to_owned();
    };
    let plain = percent_encoding::percent_decode_str(password).decode_utf8_lossy().into_owned();
    let mut text = text.trim().replace('\n', " ");
    for secret in [password, plain.as_str()] {
        if !secret.is_empty() {
            text = text.replace(secret, "•••");
        }
    }
    text
}

/// Returns the password as it is written in the URL, or empty without one. `None` if the URL could
/// be read in more than one way.
fn password(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let is_plain = rest.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    let mut escapes = rest.split('%').skip(1);
    let is_escaped =
        escapes.all(|after| after.len() >= 2 && after.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()));
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let ats = rest.matches('@').count();
    if !is_plain || !is_escaped || ats > 1 || ats == 1 && !authority.contains('@') {
        return None;
    }
    let Some((user, _)) = authority.split_once('@') else { return Some("") };
    match user.split_once(':') {
        Some((_, password)) if password.contains(':') => None,
        Some((_, password)) => Some(password),
        None => Some(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_operator_said_stands() {
        let url = with_defaults("postgres://db/gatepost?connect_timeout=30", Role::Reader);
        assert!(url.starts_with("postgres://db/gatepost?connect_timeout=30&tcp_user_timeout="), "{url}");
        assert!(with_defaults("postgres://db/gatepost", Role::Writer).contains("?connect_timeout=3&"));
        let url = with_defaults("postgres://u:connect_timeout=9@db/gatepost?target_session_attrs=any", Role::Writer);
        assert!(url.contains("&connect_timeout=3&") && !url.contains("read-write"), "{url}");
    }

    #[test]
    fn no_part_of_a_password_is_passed_on() {
        for url in [
            "postgres://gatepost:S3cr%t!x@db/gatepost",
            "postgres://gatepost:S3cr@t!x@db/gatepost",
            "postgres://gatepost:S3cr/t!x@db/gatepost",
            "postgres://gatepost:S3cr:t!x@db/gatepost",
            "postgres://gatepost:S3cr?t!x@db/gatepost",
            "postgres://gatepost:S3cr#t!x@db/gatepost",
            "postgres://gatepost:S3cr t!x@db/gatepost",
        ] {
            let text = explain(url, "invalid something: \"S3cr\" t!x S3cr%t!x");
            assert!(text.contains("%25") && !text.contains("S3cr") && !text.contains("t!x"), "{url}: {text}");
        }
        let text =
            explain("postgres://gatepost:S3cr%25t@db/gatepost", "FATAL: S3cr%25t and S3cr%t for user \"gatepost\"\n");
        assert_eq!(text, "FATAL: ••• and ••• for user \"gatepost\"");
        assert_eq!(explain("postgres://db/gatepost", "refused"), "refused");
    }

    #[test]
    fn a_standby_is_not_the_database_and_a_silent_server_is_given_up_soon() {
        for (role, servers) in [(Role::Writer, "read-write"), (Role::Reader, "primary")] {
            let expected = format!(
                "postgres://db/gatepost?connect_timeout=3&tcp_user_timeout=5000&keepalives_idle=10&keepalives_interval=3\
                 &keepalives_count=3&application_name=gatepost&target_session_attrs={servers}"
            );
            assert_eq!(with_defaults("postgres://db/gatepost", role), expected);
        }
    }
}
