//! A second address for the endpoints that apps' servers ask, such as a name inside a network of
//! containers.

use url::Url;

/// Scheme, host and port. Users never see it, and no token names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackChannelUrl {
    origin: String,
    authority: String,
    https: bool,
}

impl BackChannelUrl {
    /// Reads the address. Empty means: no second address.
    pub fn parse(text: &str) -> Result<Option<Self>, &'static str> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let url = Url::parse(text).map_err(|_| "it is not a URL")?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err("it must begin with https:// or http://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("it must not hold a name or a password");
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || url.host().is_none() {
            return Err("it must end after the host and port");
        }
        let origin = url.origin().ascii_serialization();
        let authority = origin.split_once("://").map_or_else(String::new, |(_, authority)| authority.to_owned());
        Ok(Some(Self { origin, authority, https: url.scheme() == "https" }))
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns whether a `Host` header names this address.
    pub fn is_authority(&self, host: &str) -> bool {
        let default_port = if self.https { ":443" } else { ":80" };
        host.strip_suffix(default_port).unwrap_or(host).eq_ignore_ascii_case(&self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_origin_or_none_is_accepted() {
        assert_eq!(BackChannelUrl::parse(" "), Ok(None));
        let own = BackChannelUrl::parse("http://Gatepost.internal:8000/").unwrap().unwrap();
        assert_eq!(own.origin(), "http://gatepost.internal:8000");
        for (host, is_ours) in [
            ("gatepost.internal:8000", true),
            ("GATEPOST.internal:8000", true),
            ("gatepost.internal", false),
            ("gatepost.internal:80", false),
            ("other:8000", false),
            ("", false),
        ] {
            assert_eq!(own.is_authority(host), is_ours, "{host}");
        }
        let own = BackChannelUrl::parse("https://apps.example.com").unwrap().unwrap();
        assert!(own.is_authority("apps.example.com") && own.is_authority("apps.example.com:443"));
        for odd in ["x", "ftp://a", "http://a/b", "http://a/?x", "http://a/#x", "http://u@a/", "http://u:p@a"] {
            assert!(BackChannelUrl::parse(odd).is_err(), "{odd}");
        }
    }
}
