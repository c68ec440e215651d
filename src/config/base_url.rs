//! The one origin that users see.

use std::{fmt, net::IpAddr};
use url::{Host, Url};

/// The origin used in links and checks: scheme, host and port. The request's own Host is never used
/// for either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    origin: String,
    authority: String,
    host: String,
    port: u16,
    https: bool,
    loopback: bool,
}

impl BaseUrl {
    /// Parses the text. `Err` says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text.trim()).map_err(|_| "it is not a URL")?;
        let https = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err("it must begin with https:// or http://"),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err("it must not hold a name or a password");
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err("it must end after the host and port: Gatepost needs a separate host name");
        }
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => return Err("it names no host"),
        };
        if !https && !loopback {
            return Err(
                "plain http is only for this machine (localhost): a sign-in must not cross a network unencrypted",
            );
        }
        let origin = url.origin().ascii_serialization();
        let authority = origin.split_once("://").map_or_else(String::new, |(_, authority)| authority.to_owned());
        let port = url.port_or_known_default().unwrap_or(if https { 443 } else { 80 });
        Ok(Self { origin, authority, host: url.host_str().unwrap_or_default().to_owned(), port, https, loopback })
    }

    /// Returns the origin without a slash at its end, like `https://login.example.com`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns the host alone.
    pub fn host(&self) -> &str {
        &self.host
    }

    pub const fn is_https(&self) -> bool {
        self.https
    }

    pub const fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Returns the absolute URL of a path that begins with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Returns whether an `Origin` header names this origin.
    pub fn is_origin(&self, origin: &str) -> bool {
        origin == self.origin
    }

    /// Returns whether a `Host` header names this origin.
    pub fn is_authority(&self, host: &str) -> bool {
        let default_port = if self.https { ":443" } else { ":80" };
        let host = host.strip_suffix(default_port).unwrap_or(host);
        host.eq_ignore_ascii_case(&self.authority)
    }

    /// Returns whether a `Host` header is another loopback name, such as `127.0.0.1` for
    /// `localhost`. Cookies and passkeys belong to one name, so that such a browser has to be led
    /// to ours.
    pub fn is_alias(&self, authority: &str) -> bool {
        if !self.loopback || self.is_authority(authority) {
            return false;
        }
        let Ok(url) = Url::parse(&format!("http://{authority}/")) else { return false };
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
            None => false,
        };
        loopback && url.port_or_known_default() == Some(self.port) && url.username().is_empty() && url.path() == "/"
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_origin_and_nothing_else_is_accepted() {
        for (text, origin) in [
            ("https://login.example.com", "https://login.example.com"),
            ("https://Login.Example.com:443/", "https://login.example.com"),
            ("https://login.example.com:8443", "https://login.example.com:8443"),
            ("http://localhost:8000", "http://localhost:8000"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("http://[::1]:8000", "http://[::1]:8000"),
            ("http://gatepost.localhost:8000", "http://gatepost.localhost:8000"),
        ] {
            assert_eq!(BaseUrl::parse(text).map(|url| url.origin), Ok(origin.to_owned()));
        }
        for text in [
            "",
            "login.example.com",
            "ftp://login.example.com",
            "http://login.example.com",
            "http://192.0.2.1",
            "https://user@login.example.com",
            "https://login.example.com/sign-in",
            "https://login.example.com/?x",
            "https://login.example.com/#x",
            "https://:p@login.example.com",
            "http://notlocalhost:8000",
        ] {
            assert!(BaseUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_its_own_names_are_recognised() {
        let public = BaseUrl::parse("https://login.example.com").unwrap();
        assert!(public.is_authority("login.example.com") && public.is_authority("LOGIN.example.com:443"));
        assert!(public.is_origin("https://login.example.com"));
        for other in [
            "evil.example",
            "login.example.com:8443",
            "login.example.com.evil.example",
            "x@login.example.com",
            "localhost",
            "",
        ] {
            assert!(!public.is_authority(other), "{other}");
            assert!(!public.is_origin(&format!("https://{other}")), "{other}");
        }
        assert!(!public.is_origin("http://login.example.com") && !public.is_origin("null"));
        let here = BaseUrl::parse("http://localhost:8000").unwrap();
        for alias in ["127.0.0.1:8000", "[::1]:8000", "127.1.2.3:8000"] {
            assert!(here.is_alias(alias) && !here.is_authority(alias) && !here.is_origin(&format!("http://{alias}")));
        }
        for other in [
            "localhost:8000",
            "127.0.0.1:9000",
            "evil.example:8000",
            "localhost.evil.example:8000",
            "192.0.2.1:8000",
            "x@127.0.0.1:8000",
            "127.0.0.1:8000/x",
            "127.0.0.1",
            "",
        ] {
            assert!(!here.is_alias(other), "{other}");
        }
        assert!(!public.is_alias("localhost") && !public.is_alias("127.0.0.1:443"));
        assert!(!here.is_origin("https://localhost:8000"));
    }

    #[test]
    fn the_port_that_goes_without_saying_is_that_of_the_scheme() {
        let plain = BaseUrl::parse("http://localhost").unwrap();
        assert!(plain.is_authority("localhost") && plain.is_authority("localhost:80"));
        assert!(!plain.is_authority("localhost:443") && plain.is_alias("127.0.0.1:80"));
        let secure = BaseUrl::parse("https://login.example.com").unwrap();
        assert!(secure.is_authority("login.example.com:443") && !secure.is_authority("login.example.com:80"));
    }
}
