//! Request that waits at the app's door while a proxy asks about it.
//!
//! Each endpoint reads the headers of one family and no others. A header of the other family may
//! come from the visitor. Caddy and HAProxy pass on an `X-Original-URL` unchanged.

use super::host::AskedHost;
use std::fmt;

/// The longest path with its query.
pub const MAX_URI_LENGTH: usize = 8192;
/// The longest path that a redirect carries through a sign-in. Encoded, it fits with all other
/// headers into the 4 kB that nginx reads of an answer's head.
const MAX_CARRIED: usize = 1500;

/// The headers in which a proxy tells about the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `X-Forwarded-Method`, `-Proto`, `-Host`, `-Uri`: Caddy, Traefik, HAProxy, Apache.
    Forwarded,
    /// `X-Original-Method` and `X-Original-URL`: nginx.
    Original,
}

/// Why a request for a check cannot be understood, for the operator: which header is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    Missing(&'static str),
    Twice(&'static str),
    Unreadable(&'static str),
    /// The header names a host that no app can have, such as one that ends in a dot. The visitor
    /// wrote it, so that the proxy is not at fault.
    OddHost,
}

impl fmt::Display for Malformed {
    /// Says what is wrong, for the proxy's operator.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => {
                write!(f, "The proxy sent no {name}. A line of its configuration sends it; see docs/proxies.")
            }
            Self::Twice(name) => {
                write!(f, "The proxy sent {name} twice. Replace the visitor's header, and add none: see docs/proxies.")
            }
            Self::Unreadable(name) => write!(f, "The proxy's {name} makes no sense."),
            Self::OddHost => f.write_str("No app has this host."),
        }
    }
}

/// The request that waits at the app's door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    pub host: AskedHost,
    /// Path and query as the visitor sent them.
    pub uri: String,
}

/// Program that waits for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A browser that opens a page. It can be led through a sign-in.
    Navigation,
    /// A browser that opens a page inside another one. It can show a link, and not sign in.
    Frame,
    /// A browser that sends a form. A redirect would lose what was typed.
    Form,
    /// A script, an app on a phone, a command. It needs a status and no page.
    Script,
    /// A browser that asks whether a script of another origin may send its request. It never sends
    /// cookies (Fetch, "CORS-preflight fetch").
    Preflight,
}

impl Asked {
    /// Reads the headers of one family. `values` returns all values of a header.
    pub fn read<'a, V: IntoIterator<Item = &'a str>>(
        family: Family,
        values: impl Fn(&'static str) -> V,
    ) -> Result<Self, Malformed> {
        // Every request to every app comes here, so that no list of the values is made.
        let one = |name: &'static str| {
            let mut values = values(name).into_iter();
            match (values.next(), values.next()) {
                (None, _) => Err(Malformed::Missing(name)),
                (Some(value), None) => Ok(value),
                (Some(_), Some(_)) => Err(Malformed::Twice(name)),
            }
        };
        match family {
            Family::Forwarded => {
                let proto = one("X-Forwarded-Proto")?;
                if proto != "https" && proto != "http" {
                    return Err(Malformed::Unreadable("X-Forwarded-Proto"));
                }
                let [sent_host, sent_method, sent_uri] =
                    [one("X-Forwarded-Host")?, one("X-Forwarded-Method")?, one("X-Forwarded-Uri")?];
                Ok(Self {
                    method: method(sent_method).ok_or(Malformed::Unreadable("X-Forwarded-Method"))?,
                    uri: uri(sent_uri).ok_or(Malformed::Unreadable("X-Forwarded-Uri"))?,
                    host: host("X-Forwarded-Host", sent_host)?,
                })
            }
            Family::Original => {
                let method = method(one("X-Original-Method")?).ok_or(Malformed::Unreadable("X-Original-Method"))?;
                let sent = original(one("X-Original-URL")?);
                let (sent_host, uri) = sent.ok_or(Malformed::Unreadable("X-Original-URL"))?;
                Ok(Self { method, host: host("X-Original-URL", sent_host)?, uri })
            }
        }
    }

    /// The path that a redirect carries through a sign-in. A very long one becomes `/`, because the
    /// address of a page has to fit into a header everywhere.
    pub fn carried(&self) -> &str {
        if self.uri.len() <= MAX_CARRIED && !self.uri.starts_with("//") { &self.uri } else { "/" }
    }

    /// Returns who waits. `value` returns the value of a header.
    ///
    /// `Sec-Fetch-…` says it best, and scripts cannot set it. Without it, a browser is known by
    /// asking for HTML.
    pub fn caller<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> Caller {
        let has = |name| value(name).is_some();
        if self.method == "OPTIONS" && has("Origin") && has("Access-Control-Request-Method") {
            return Caller::Preflight;
        }
        let is_page = self.method == "GET" || self.method == "HEAD";
        let is_script = has("X-Requested-With") || has("Sec-WebSocket-Key");
        let opens_page = value("Sec-Fetch-Mode") == Some("navigate") && value("Sec-Fetch-Dest") == Some("document");
        if self.method == "POST" && opens_page && !is_script {
            return Caller::Form;
        }
        if !is_page || is_script {
            return Caller::Script;
        }
        match (value("Sec-Fetch-Mode"), value("Sec-Fetch-Dest")) {
            (Some("navigate"), Some("iframe" | "frame" | "embed" | "object")) => Caller::Frame,
            (Some("navigate"), _) => Caller::Navigation,
            (Some(_), _) => Caller::Script,
            (None, _) if value("Accept").is_some_and(|accept| accept.contains("text/html")) => Caller::Navigation,
            (None, _) => Caller::Script,
        }
    }
}

/// Returns a method in the letters of the standard ones, at most 20 of them.
fn method(value: &str) -> Option<String> {
    let is_plain = (1..=20).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_uppercase());
    is_plain.then(|| value.to_owned())
}

fn uri(value: &str) -> Option<String> {
    let is_plain =
        value.starts_with('/') && value.len() <= MAX_URI_LENGTH && value.bytes().all(|b| b.is_ascii_graphic());
    is_plain.then(|| value.to_owned())
}

/// Reads the host in a header. Where it cannot be one name, the proxy joined two, or sent something
/// else.
fn host(header: &'static str, value: &str) -> Result<AskedHost, Malformed> {
    let is_one = !value.is_empty() && !value.contains([',', ' ', '/']);
    AskedHost::parse(value).ok_or(if is_one { Malformed::OddHost } else { Malformed::Unreadable(header) })
}

/// Splits `https://wiki.example.com/page?x=1`. nginx puts it together from the visitor's words. So
/// Gatepost believes only what [`AskedHost`] and [`uri`] accept.
fn original(value: &str) -> Option<(&str, String)> {
    let rest = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"))?;
    let (host, path) = rest.split_at(rest.find('/')?);
    Some((host, uri(path)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    type Headers = BTreeMap<&'static str, Vec<&'static str>>;

    fn forwarded() -> Headers {
        BTreeMap::from([
            ("X-Forwarded-Method", vec!["GET"]),
            ("X-Forwarded-Proto", vec!["https"]),
            ("X-Forwarded-Host", vec!["wiki.example.com"]),
            ("X-Forwarded-Uri", vec!["/page?x=1"]),
        ])
    }

    fn read(family: Family, headers: &Headers) -> Result<Asked, Malformed> {
        Asked::read(family, |name| headers.get(name).cloned().unwrap_or_default())
    }

    #[test]
    fn a_method_and_a_path_have_a_greatest_length() {
        assert!(method(&"A".repeat(20)).is_some() && method(&"A".repeat(21)).is_none() && method("").is_none());
        let path = |length: usize| format!("/{}", "a".repeat(length - 1));
        assert!(uri(&path(MAX_URI_LENGTH)).is_some() && uri(&path(MAX_URI_LENGTH + 1)).is_none());
    }

    #[test]
    fn a_family_is_read_whole_and_alone() {
        let asked = read(Family::Forwarded, &forwarded()).unwrap();
        assert_eq!(
            (asked.method.as_str(), asked.host.name.as_str(), asked.uri.as_str()),
            ("GET", "wiki.example.com", "/page?x=1")
        );
        assert_eq!(read(Family::Original, &forwarded()), Err(Malformed::Missing("X-Original-Method")));
        let original = BTreeMap::from([
            ("X-Original-Method", vec!["POST"]),
            ("X-Original-URL", vec!["http://wiki.example.com:8080/a//b"]),
        ]);
        let asked = read(Family::Original, &original).unwrap();
        assert_eq!((asked.method.as_str(), asked.host.port, asked.uri.as_str()), ("POST", Some(8080), "/a//b"));
    }

    #[test]
    fn a_header_that_is_missing_doubled_or_odd_is_named() {
        for name in ["X-Forwarded-Method", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Uri"] {
            let mut missing = forwarded();
            missing.remove(name);
            assert_eq!(read(Family::Forwarded, &missing), Err(Malformed::Missing(name)));
            let mut twice = forwarded();
            twice.insert(name, vec!["GET", "GET"]);
            assert_eq!(read(Family::Forwarded, &twice), Err(Malformed::Twice(name)));
            for odd in ["", " ", "é", "GET, POST", "https://evil.example", "wiki.example.com, evil.example"] {
                let mut odd_one = forwarded();
                odd_one.insert(name, vec![odd]);
                let is_name = name == "X-Forwarded-Host" && odd == "é";
                let expected = if is_name { Malformed::OddHost } else { Malformed::Unreadable(name) };
                assert_eq!(read(Family::Forwarded, &odd_one), Err(expected), "{odd:?}");
            }
        }
        for odd in ["https://wiki.example.com", "//wiki.example.com/", "https:///", "https://a,b/", "/page"] {
            let original = BTreeMap::from([("X-Original-Method", vec!["GET"]), ("X-Original-URL", vec![odd])]);
            assert_eq!(read(Family::Original, &original), Err(Malformed::Unreadable("X-Original-URL")), "{odd:?}");
        }
    }

    #[test]
    fn a_host_that_no_app_can_have_is_no_fault_of_the_proxy() {
        for odd in ["wiki.example.com.", "ana@wiki.example.com", "wíki.example.com", "[::1", "_", "wiki.example.com:x"]
        {
            let mut forwarded = forwarded();
            forwarded.insert("X-Forwarded-Host", vec![odd]);
            assert_eq!(read(Family::Forwarded, &forwarded), Err(Malformed::OddHost), "{odd:?}");
        }
        let original = |url| BTreeMap::from([("X-Original-Method", vec!["GET"]), ("X-Original-URL", vec![url])]);
        let odd = original("https://ana@wiki.example.com/");
        assert_eq!(read(Family::Original, &odd), Err(Malformed::OddHost));
    }

    fn caller(method: &str, headers: &[(&str, &'static str)]) -> Caller {
        let asked = Asked { method: method.to_owned(), ..read(Family::Forwarded, &forwarded()).unwrap() };
        asked.caller(|name| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| *value))
    }

    #[test]
    fn every_kind_of_caller_is_told_apart() {
        use Caller::{Form, Frame, Navigation, Preflight, Script};
        let html = ("Accept", "text/html,*/*");
        for (method, headers, expected) in [
            ("GET", vec![("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")], Navigation),
            ("HEAD", vec![html], Navigation),
            ("GET", vec![("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")], Frame),
            ("GET", vec![("Sec-Fetch-Mode", "cors"), html], Script),
            ("GET", vec![("Sec-Fetch-Mode", "websocket")], Script),
            ("GET", vec![html, ("X-Requested-With", "XMLHttpRequest")], Script),
            ("GET", vec![html, ("Sec-WebSocket-Key", "x")], Script),
            ("GET", vec![("Accept", "*/*")], Script),
            ("GET", vec![], Script),
            ("POST", vec![("Sec-Fetch-Mode", "navigate"), html], Script),
            ("POST", vec![("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")], Form),
            ("POST", vec![("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")], Script),
            ("OPTIONS", vec![("Origin", "https://a.example"), ("Access-Control-Request-Method", "PUT")], Preflight),
            ("OPTIONS", vec![("Origin", "https://a.example")], Script),
        ] {
            assert_eq!(caller(method, &headers), expected, "{method} {headers:?}");
        }
        for place in ["iframe", "frame", "embed", "object"] {
            assert_eq!(caller("GET", &[("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", place)]), Frame, "{place}");
        }
    }

    #[test]
    fn a_path_is_carried_unless_it_is_long_or_would_lead_to_another_host() {
        let carried = |uri: &str| {
            Asked { uri: uri.to_owned(), ..read(Family::Forwarded, &forwarded()).unwrap() }.carried().to_owned()
        };
        assert_eq!(carried("/page?x=1"), "/page?x=1");
        assert_eq!(carried("//evil.example/"), "/");
        assert_eq!(carried(&format!("/{}", "a".repeat(2048))), "/");
    }

    proptest! {
        #[test]
        fn nothing_that_is_read_could_break_a_header(value in "\\PC{0,40}", method_value in "[ -~]{0,24}") {
            if let Some(uri) = uri(&value) {
                prop_assert!(uri.bytes().all(|b| b.is_ascii_graphic()));
            }
            if let Some((_, uri)) = original(&format!("https://wiki.example.com{value}")) {
                prop_assert!(uri.starts_with('/'));
            }
            if let Some(method) = method(&method_value) {
                prop_assert!(method.bytes().all(|b| b.is_ascii_uppercase()));
            }
        }
    }
}
