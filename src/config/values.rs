//! Values that have a form of their own, read from text.

use super::{Hsts, LogFormat};
use crate::domain::{Lifetime, client::Network};
use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

pub(super) fn parse_address(text: &str) -> Result<Option<IpAddr>, &'static str> {
    let text = text.trim_matches(['[', ']']);
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| "it is not an IP address") }
}

pub(super) fn parse_port(text: &str) -> Result<Option<u16>, &'static str> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| "it is not the number of a port") }
}

pub(super) fn parse_count(text: &str, least: usize, most: usize) -> Result<usize, &'static str> {
    text.parse().ok().filter(|count| (least..=most).contains(count)).ok_or("it is not a number in its range")
}

pub(super) fn parse_file(text: &str) -> Result<PathBuf, &'static str> {
    if text.is_empty() || text.ends_with('/') { Err("it must name a file") } else { Ok(PathBuf::from(text)) }
}

pub(super) fn parse_networks(text: &str) -> Result<Vec<Network>, &'static str> {
    text.split(|c: char| c == ',' || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .map(|word| word.parse().map_err(|_| "it must be a list of networks"))
        .collect()
}

pub(super) fn parse_metrics_address(text: &str) -> Result<Option<SocketAddr>, &'static str> {
    if matches!(text, "" | "off") {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| "it must be an address and a port")
}

pub(super) fn parse_dns_server(text: &str) -> Result<Option<SocketAddr>, &'static str> {
    if matches!(text, "" | "system") {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| "it must be an IP address and a port")
}

pub(super) fn parse_hosts(text: &str) -> Result<Vec<String>, &'static str> {
    let names = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|name| !name.is_empty());
    names
        .map(|name| {
            let fine = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
            if fine { Ok(name.to_ascii_lowercase()) } else { Err("it must be a list of host names without ports") }
        })
        .collect()
}

pub(super) fn parse_hsts(text: &str) -> Result<Hsts, &'static str> {
    match text {
        "subdomains" => Ok(Hsts::Subdomains),
        "host" => Ok(Hsts::Host),
        "off" => Ok(Hsts::Off),
        _ => Err("there is no such choice"),
    }
}

/// Parses the time to drain. Its limit is less than the time after which supervisors kill a
/// process.
pub(super) fn parse_drain(text: &str) -> Result<Lifetime, &'static str> {
    let parsed = if text == "0" || text == "0s" { Some(Lifetime::seconds(0)) } else { text.parse().ok() };
    parsed.filter(|span| *span <= Lifetime::seconds(60)).ok_or("it must be a time of at most 60s")
}

/// Parses how long to wait for the database. With less, a commit on a busy disk counts as an
/// outage. With more, visitors leave before they get an answer.
pub(super) fn parse_patience(text: &str) -> Result<Lifetime, &'static str> {
    let span = text.parse().ok().filter(|span| (Lifetime::seconds(1)..=Lifetime::seconds(60)).contains(span));
    span.ok_or("it must be a time from 1s to 60s")
}

pub(super) fn parse_switch(text: &str) -> Result<bool, &'static str> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("it is neither on nor off"),
    }
}

pub(super) fn parse_log_format(text: &str) -> Result<LogFormat, &'static str> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("there is no such format"),
    }
}

pub(super) fn parse_audit_lifetime(text: &str) -> Result<Lifetime, &'static str> {
    text.parse().ok().filter(|span| *span >= Lifetime::days(7)).ok_or("it must be a time of at least 7d")
}
