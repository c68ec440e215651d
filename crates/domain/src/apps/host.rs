//! The hosts of apps, as an admin names them and as a proxy reports them.

use std::{fmt, net::Ipv6Addr};

/// The longest name of a host (RFC 1035, section 2.3.4, without the last dot).
const MAX_LENGTH: usize = 253;

/// Address of an app: scheme, host and port. Redirects are put together from this and never from
/// what a request says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AppHost {
    pub is_https: bool,
    pub name: HostName,
    /// `None` for the scheme's own port.
    pub port: Option<u16>,
    /// True if one more label in front belongs to the app, too: `*.example.com`.
    pub is_wildcard: bool,
}

/// A host in small letters: a name in ASCII, an IPv4 address, or an IPv6 address in brackets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostName(String);

/// Why a text is not the address of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAHost {
    /// Neither a name nor an address.
    Name,
    /// The port is no number from 1 to 65535.
    Port,
    /// Something else than `http://` or `https://` is in front.
    Scheme,
    /// A path, a query, or a user's name is in it.
    More,
}

impl AppHost {
    /// Reads what an admin typed: `wiki.example.com`, `*.example.com`, `http://10.0.0.7:8080`.
    /// Without a scheme it is HTTPS. Names in Unicode become ASCII.
    pub fn parse(typed: &str) -> Result<Self, NotAHost> {
        let typed = crate::typed::trimmed(typed);
        let (is_https, rest) = match typed.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (true, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (false, rest),
            Some(_) => return Err(NotAHost::Scheme),
            None => (true, typed),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#', '@', '\\']) {
            return Err(NotAHost::More);
        }
        let (is_wildcard, rest) = rest.strip_prefix("*.").map_or((false, rest), |rest| (true, rest));
        let (name, port) = split_port(rest)?;
        let name = if name.starts_with('[') {
            name.to_owned()
        } else {
            idna::domain_to_ascii_strict(name).map_err(|_| NotAHost::Name)?
        };
        let name = HostName::read(&name).ok_or(NotAHost::Name)?;
        if is_wildcard && !name.can_have_subdomains() {
            return Err(NotAHost::Name);
        }
        Ok(Self { is_https, name, port: port.filter(|port| *port != default_port(is_https)), is_wildcard })
    }

    pub const fn scheme(&self) -> &'static str {
        if self.is_https { "https" } else { "http" }
    }

    /// Returns the port, also where the scheme implies it.
    pub fn effective_port(&self) -> u16 {
        self.port.unwrap_or(default_port(self.is_https))
    }

    /// Returns whether a request for this host and port is for the app.
    pub fn admits(&self, asked: &AskedHost) -> bool {
        let has_port = match asked.port {
            Some(port) => port == self.effective_port(),
            None => self.port.is_none(),
        };
        let has_name = if self.is_wildcard { asked.name.is_child_of(&self.name) } else { asked.name == self.name };
        has_port && has_name
    }

    /// Returns whether both are the same place. Only the port counts, not the scheme.
    pub fn is_at(&self, other: &Self) -> bool {
        let place = |host: &Self| (host.name.clone(), host.effective_port(), host.is_wildcard);
        place(self) == place(other)
    }

    fn shown_port(&self) -> String {
        self.port.map(|port| format!(":{port}")).unwrap_or_default()
    }

    /// The origin of a request that [`AppHost::admits`], for redirects and cookies.
    pub fn origin_of(&self, asked: &AskedHost) -> String {
        format!("{}://{}{}", self.scheme(), asked.name, self.shown_port())
    }
}

/// Returns each host of one app with a host of another at which both get the same cookies. Browsers
/// do not tell ports apart (RFC 6265, section 8.5). A host that is named leaves nothing to a
/// wildcard on its port.
pub fn shared_cookies<'a>(one: &'a [AppHost], other: &'a [AppHost]) -> Vec<(&'a AppHost, &'a AppHost)> {
    let is_left = |name: &AppHost, to: &AppHost, owner: &[AppHost]| {
        let is_named =
            |own: &AppHost| !own.is_wildcard && own.name == name.name && own.effective_port() == to.effective_port();
        name.name.is_child_of(&to.name) && !owner.iter().any(is_named)
    };
    let do_share = |(a, b): &(&AppHost, &AppHost)| match (a.is_wildcard, b.is_wildcard) {
        (false, true) => is_left(a, b, one),
        (true, false) => is_left(b, a, other),
        _ => a.name == b.name,
    };
    one.iter().flat_map(|a| other.iter().map(move |b| (a, b))).filter(do_share).collect()
}

/// Writes the form that [`AppHost::parse`] reads: `https://*.example.com`.
impl fmt::Display for AppHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.is_wildcard { "*." } else { "" };
        write!(f, "{}://{star}{}{}", self.scheme(), self.name, self.shown_port())
    }
}

/// Host and port of a request, as a proxy reports them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AskedHost {
    pub name: HostName,
    pub port: Option<u16>,
}

impl AskedHost {
    /// Reads the value of a `Host` header. `None` for what no browser sends. That is a user's name,
    /// a trailing dot, a name in Unicode, or a port without a number.
    pub fn parse(value: &str) -> Option<Self> {
        let (name, port) = split_port(value).ok()?;
        Some(Self { name: HostName::read(&name.to_ascii_lowercase())?, port })
    }
}

impl HostName {
    fn read(name: &str) -> Option<Self> {
        let is_host = match name.strip_prefix('[') {
            Some(address) => address.strip_suffix(']')?.parse::<Ipv6Addr>().is_ok(),
            None => name.len() <= MAX_LENGTH && name.split('.').all(is_label),
        };
        is_host.then(|| Self(name.to_owned()))
    }

    /// An address, or the top of the domain name system, has none that belong to one owner.
    fn can_have_subdomains(&self) -> bool {
        let ends_in_letters =
            self.0.rsplit('.').next().is_some_and(|last| last.chars().any(|c| c.is_ascii_alphabetic()));
        self.0.contains('.') && ends_in_letters && !self.0.starts_with('[')
    }

    fn is_child_of(&self, parent: &Self) -> bool {
        let Some(rest) = self.0.strip_suffix(&parent.0) else { return false };
        rest.strip_suffix('.').is_some_and(is_label)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const fn default_port(is_https: bool) -> u16 {
    if is_https { 443 } else { 80 }
}

/// Splits off the port. The colons of an IPv6 address are inside brackets.
fn split_port(text: &str) -> Result<(&str, Option<u16>), NotAHost> {
    let end = text.rfind(']').map_or(0, |end| end.saturating_add(1));
    let Some((_, port)) = text.get(end..).and_then(|rest| rest.split_once(':')) else { return Ok((text, None)) };
    let name = text.get(..text.len().saturating_sub(port.len().saturating_add(1))).unwrap_or_default();
    let is_number = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    match port.parse() {
        Ok(number) if is_number && number > 0 => Ok((name, Some(number))),
        _ => Err(NotAHost::Port),
    }
}

fn is_label(label: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=63).contains(&label.len()) && label.bytes().all(plain) && !label.starts_with('-') && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn admits(host: &str, asked: &str) -> bool {
        AskedHost::parse(asked).is_some_and(|asked| AppHost::parse(host).unwrap().admits(&asked))
    }

    #[test]
    fn a_host_admits_itself_under_its_scheme_s_port_and_nothing_else() {
        for asked in ["wiki.example.com", "WIKI.example.COM", "wiki.example.com:443"] {
            assert!(admits("wiki.example.com", asked), "{asked}");
        }
        for asked in [
            "example.com",
            "a.wiki.example.com",
            "wiki.example.com.",
            "wiki.example.com:80",
            "wiki.example.com.evil.org",
        ] {
            assert!(!admits("wiki.example.com", asked), "{asked}");
        }
        assert!(admits("http://wiki.lan:8080", "wiki.lan:8080"));
        assert!(!admits("http://wiki.lan:8080", "wiki.lan"));
        assert!(admits("http://wiki.lan", "wiki.lan:80"));
        assert!(admits("http://[::1]:8080", "[::1]:8080"));
    }

    #[test]
    fn a_wildcard_admits_one_label_more() {
        assert!(admits("*.example.com", "a.example.com"));
        for asked in ["example.com", "a.b.example.com", "aexample.com", ".example.com", "-.example.com"] {
            assert!(!admits("*.example.com", asked), "{asked}");
        }
    }

    #[test]
    fn hosts_of_one_name_share_cookies_on_any_port_and_a_wildcard_those_of_other_ports() {
        for (one, other, shares) in [
            ("a.example.com", "a.example.com:8443", true),
            ("a.example.com", "http://a.example.com", true),
            ("*.example.com", "*.example.com:8443", true),
            ("a.example.com", "b.example.com", false),
            ("a.example.com", "*.example.com", false),
            ("a.example.com", "*.example.com:8443", true),
            ("http://a.example.com", "*.example.com", true),
            ("http://a.example.com a.example.com", "*.example.com http://*.example.com", false),
            ("a.example.com", "*.example.com http://*.example.com", true),
            ("a.b.example.com", "*.example.com:8443", false),
            ("example.com", "*.example.com:8443", false),
            ("*.example.com", "*.b.example.com:8443", false),
        ] {
            let read = |hosts: &str| hosts.split(' ').map(|host| AppHost::parse(host).unwrap()).collect::<Vec<_>>();
            let (one, other) = (read(one), read(other));
            assert_eq!(!shared_cookies(&one, &other).is_empty(), shares, "{one:?} {other:?}");
            assert_eq!(!shared_cookies(&other, &one).is_empty(), shares, "{other:?} {one:?}");
        }
    }

    #[test]
    fn what_no_browser_sends_as_a_host_is_none() {
        for value in [
            "",
            "a b",
            "user@wiki.example.com",
            "wiki.example.com:",
            "wiki.example.com:0",
            "wiki.example.com:+443",
            "wiki.example.com:99999",
            "::1",
            "[::1",
            "[x]",
            "bücher.example",
            "a_b.example.com",
            "a..b",
            "a/b",
            "a\\b",
            "*",
        ] {
            assert_eq!(AskedHost::parse(value), None, "{value:?}");
        }
    }

    #[test]
    fn an_admin_is_told_what_is_wrong_with_an_address() {
        assert_eq!(AppHost::parse("ftp://wiki.example.com"), Err(NotAHost::Scheme));
        assert_eq!(AppHost::parse("https://wiki.example.com/login"), Err(NotAHost::More));
        assert_eq!(AppHost::parse("user@wiki.example.com"), Err(NotAHost::More));
        assert_eq!(AppHost::parse("wiki.example.com:port"), Err(NotAHost::Port));
        for typed in ["", "a b", "*.com", "*.10.0.0.7", "*.[::1]", "*.*.example.com", "wiki.*.com"] {
            assert_eq!(AppHost::parse(typed), Err(NotAHost::Name), "{typed:?}");
        }
        assert_eq!(AppHost::parse("https://Bücher.example/").unwrap().name.as_str(), "xn--bcher-kva.example");
    }

    #[test]
    fn a_host_is_written_as_it_is_read() {
        for typed in ["https://wiki.example.com", "https://*.example.com", "http://[::1]:8080", "http://wiki.lan"] {
            assert_eq!(AppHost::parse(typed).unwrap().to_string(), typed);
        }
        assert_eq!(AppHost::parse("wiki.lan:443").unwrap().effective_port(), 443);
    }

    proptest! {
        #[test]
        fn a_redirect_leads_to_a_host_that_the_admin_named(asked in "[a-z0-9.:@/\\\\\\[\\]-]{0,30}") {
            let host = AppHost::parse("*.example.com").unwrap();
            if let Some(asked) = AskedHost::parse(&asked).filter(|asked| host.admits(asked)) {
                let url = url::Url::parse(&host.origin_of(&asked)).unwrap();
                prop_assert!(url.host_str().unwrap().ends_with(".example.com"));
                prop_assert!(url.username().is_empty() && url.path() == "/");
            }
        }
    }
}
