//! Checks that Gatepost refuses because something is set up wrong: what it is, and what mends it.
//! None of it is a word of a visitor's.

use super::forwarded::Malformed;
use strum::{EnumString, IntoStaticStr, VariantArray};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Trouble {
    NoMethod,
    NoProto,
    NoHost,
    NoUri,
    NoOriginalMethod,
    NoOriginalUrl,
    /// The proxy adds to a visitor's header.
    Twice,
    Unreadable,
    /// The machine that asks is no trusted proxy.
    NotAProxy,
    UnknownHost,
    /// A browser keeps no cookie on the app's host.
    NoCookie,
    /// The names of a user's groups do not fit into a header.
    GroupsTooLong,
}

impl From<Malformed> for Trouble {
    fn from(malformed: Malformed) -> Self {
        match malformed {
            Malformed::Missing(name) => Self::VARIANTS
                .iter()
                .copied()
                .find(|trouble| trouble.header() == Some(name))
                .unwrap_or(Self::Unreadable),
            Malformed::Twice(_) => Self::Twice,
            Malformed::Unreadable(_) => Self::Unreadable,
            Malformed::OddHost => Self::UnknownHost,
        }
    }
}

impl Trouble {
    /// Returns the header that is missing.
    pub const fn header(self) -> Option<&'static str> {
        Some(match self {
            Self::NoMethod => "X-Forwarded-Method",
            Self::NoProto => "X-Forwarded-Proto",
            Self::NoHost => "X-Forwarded-Host",
            Self::NoUri => "X-Forwarded-Uri",
            Self::NoOriginalMethod => "X-Original-Method",
            Self::NoOriginalUrl => "X-Original-URL",
            Self::Twice
            | Self::Unreadable
            | Self::NotAProxy
            | Self::UnknownHost
            | Self::NoCookie
            | Self::GroupsTooLong => return None,
        })
    }

    /// Returns the line of the proxy's configuration that sends the header, below the name of its
    /// file. For nginx's headers it is nginx's. For the others there are two, HAProxy's and that of
    /// Apache's script: Caddy and Traefik send them by themselves. `host` is the app's, as nginx
    /// names it.
    pub fn line(self, host: &str) -> Option<String> {
        let (haproxy, apache) = match self {
            Self::NoMethod => ("%[method]", "r.method"),
            Self::NoProto => ("%[ssl_fc,iif(https,http)]", "r.is_https and \"https\" or \"http\""),
            Self::NoHost => ("%[req.fhdr(host)]", "r.hostname or \"\""),
            Self::NoUri => ("%[pathq]", "r.unparsed_uri"),
            Self::NoOriginalMethod => {
                return Some("# nginx.conf\nproxy_set_header X-Original-Method $request_method;".to_owned());
            }
            Self::NoOriginalUrl => {
                let host = if host.is_empty() { "app.example.com" } else { host };
                return Some(format!("# nginx.conf\nproxy_set_header X-Original-URL $scheme://{host}$request_uri;"));
            }
            Self::Twice
            | Self::Unreadable
            | Self::NotAProxy
            | Self::UnknownHost
            | Self::NoCookie
            | Self::GroupsTooLong => return None,
        };
        let name = self.header()?;
        Some(format!(
            "# haproxy.cfg\nhttp-request set-header {name} {haproxy}\n-- apache-gatepost.lua\n[\"{name}\"] = {apache},"
        ))
    }

    /// Returns what the log says.
    pub const fn in_log(self) -> &'static str {
        match self {
            Self::NoMethod => "malformed check: no X-Forwarded-Method",
            Self::NoProto => "malformed check: no X-Forwarded-Proto",
            Self::NoHost => "malformed check: no X-Forwarded-Host",
            Self::NoUri => "malformed check: no X-Forwarded-Uri",
            Self::NoOriginalMethod => "malformed check: no X-Original-Method",
            Self::NoOriginalUrl => "malformed check: no X-Original-URL",
            Self::Twice => "malformed check: a header twice",
            Self::Unreadable => "malformed check: a header makes no sense",
            Self::NotAProxy => "check by no trusted proxy",
            Self::UnknownHost => "check for a host of no app",
            Self::NoCookie => "a browser keeps no cookie of an app",
            Self::GroupsTooLong => "groups do not fit into a header",
        }
    }

    /// Returns the key of what is wrong and, as its attribute `mend`, of what to do.
    pub const fn key(self) -> &'static str {
        match self {
            Self::NoMethod | Self::NoProto | Self::NoHost | Self::NoUri => "trouble-missing",
            Self::NoOriginalMethod | Self::NoOriginalUrl => "trouble-missing-nginx",
            Self::Twice => "trouble-twice",
            Self::Unreadable => "trouble-unreadable",
            Self::NotAProxy => "trouble-not-a-proxy",
            Self::UnknownHost => "trouble-unknown-host",
            Self::NoCookie => "trouble-no-cookie",
            Self::GroupsTooLong => "trouble-groups-too-long",
        }
    }

    /// Returns the key of what to do.
    pub const fn mend(self) -> &'static str {
        match self {
            Self::NoMethod | Self::NoProto | Self::NoHost | Self::NoUri => "trouble-missing.mend",
            Self::NoOriginalMethod | Self::NoOriginalUrl => "trouble-missing-nginx.mend",
            Self::Twice => "trouble-twice.mend",
            Self::Unreadable => "trouble-unreadable.mend",
            Self::NotAProxy => "trouble-not-a-proxy.mend",
            Self::UnknownHost => "trouble-unknown-host.mend",
            Self::NoCookie => "trouble-no-cookie.mend",
            Self::GroupsTooLong => "trouble-groups-too-long.mend",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn troubles_read_back_as_they_were_stored_and_each_missing_header_has_its_line() {
        for trouble in Trouble::VARIANTS {
            assert_eq!(trouble.into_str().parse(), Ok(*trouble));
            assert_eq!(trouble.mend(), format!("{}.mend", trouble.key()));
            match (trouble.header(), trouble.line("")) {
                (Some(header), Some(line)) => {
                    assert!(line.contains(header));
                    assert_eq!(Trouble::from(Malformed::Missing(header)), *trouble);
                }
                (None, None) => {}
                other => panic!("{trouble:?}: {other:?}"),
            }
        }
        let line = Trouble::NoOriginalUrl.line("wiki.elm.test:8080").unwrap();
        assert!(line.contains("$scheme://wiki.elm.test:8080$request_uri"), "{line}");
    }
}
