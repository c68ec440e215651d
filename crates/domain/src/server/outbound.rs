//! Addresses that this server itself asks, and where it may connect for that.
//!
//! An admin names them: where an app hears of a sign-out, where its keys are. A server that
//! connects where others say can be used against its own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// The longest address.
const MAX_LENGTH: usize = 2000;

/// An address that this server asks: `https`, or `http` inside a private network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboundUri(Url);

/// Why a text is not such an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAnOutboundUri {
    Unreadable,
    Scheme,
    UserInfo,
    Fragment,
}

impl OutboundUri {
    pub fn parse(text: &str) -> Result<Self, NotAnOutboundUri> {
        if text.len() > MAX_LENGTH || text.bytes().any(|b| b.is_ascii_control() || b == b' ' || b == b'\\') {
            return Err(NotAnOutboundUri::Unreadable);
        }
        let url = Url::parse(text).map_err(|_| NotAnOutboundUri::Unreadable)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(NotAnOutboundUri::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(NotAnOutboundUri::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(NotAnOutboundUri::Fragment);
        }
        if url.host().is_none() || url.port() == Some(0) {
            return Err(NotAnOutboundUri::Unreadable);
        }
        Ok(Self(url))
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Returns the host as an app's host is written: IPv6 in brackets.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Returns the address that the host itself is, if it is no name.
    pub fn ip(&self) -> Option<IpAddr> {
        match self.0.host()? {
            Host::Domain(_) => None,
            Host::Ipv4(ip) => Some(ip.into()),
            Host::Ipv6(ip) => Some(ip.into()),
        }
    }

    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// Returns the value of the header `Host`.
    pub fn authority(&self) -> String {
        self.0.port().map_or_else(|| self.host().to_owned(), |port| format!("{}:{port}", self.host()))
    }

    /// Returns path and query.
    pub fn target(&self) -> String {
        let query = self.0.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}{query}", self.0.path())
    }
}

/// Network location of an IP address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Public,
    /// This machine, or a network behind a router.
    Private,
    /// Never an app: the metadata of a cloud, several machines at once, or an address that only
    /// examples use.
    Forbidden,
}

impl Place {
    pub fn of(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => of_v4(ip),
            IpAddr::V6(ip) => of_v6(ip),
        }
    }

    /// Returns whether the server may connect. Without encryption it connects only in private
    /// networks.
    pub const fn admits(self, may_be_private: bool, is_https: bool) -> bool {
        match self {
            Self::Public => is_https,
            Self::Private => may_be_private,
            Self::Forbidden => false,
        }
    }
}

fn of_v4(ip: Ipv4Addr) -> Place {
    match ip.octets() {
        // The metadata of Alibaba's cloud, in the middle of a private network.
        [100, 100, 100, 200] => Place::Forbidden,
        [10 | 127, ..] | [192, 168, ..] => Place::Private,
        [172, second, ..] if (16..32).contains(&second) => Place::Private,
        [100, second, ..] if (64..128).contains(&second) => Place::Private,
        [198, 18 | 19, ..] => Place::Private,
        // "This" network, link-local with the metadata of most clouds, several machines at once.
        [0, ..] | [169, 254, ..] | [224..=255, ..] => Place::Forbidden,
        [192, 0, 0 | 2, _] | [198, 51, 100, _] | [203, 0, 113, _] | [192, 88, 99, _] => Place::Forbidden,
        _ => Place::Public,
    }
}

fn of_v6(ip: Ipv6Addr) -> Place {
    let [one, two, three, four, five, six, seven, eight] = ip.segments();
    let inner = |high: u16, low: u16| of_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match [one, two, three, four, five, six] {
        // Each of these leads to an IPv4 address.
        [0, 0, 0, 0, 0, 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] => inner(seven, eight),
        [0x2002, high, low, ..] => inner(high, low),
        _ if ip.is_loopback() => Place::Private,
        // The metadata of the clouds of Amazon, Google and Scaleway.
        [0xfd00, 0xec2, 0, 0, 0, 0] | [0xfd20, 0xce, 0, 0, 0, 0] if (seven, eight) == (0, 0x254) => Place::Forbidden,
        [0xfd00, 0x42, 0, 0, 0, 0] if (seven, eight) == (0, 0x42) => Place::Forbidden,
        [first, ..] if first & 0xfe00 == 0xfc00 => Place::Private,
        [0x2001, 0xdb8, ..] | [0x2001, 0, ..] => Place::Forbidden,
        [first, ..] if first & 0xe000 == 0x2000 => Place::Public,
        _ => Place::Forbidden,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_a_server_can_ask_are_read() {
        for (text, host, port, target) in [
            ("https://wiki.example.com/logout?x=1", "wiki.example.com", 443, "/logout?x=1"),
            ("http://10.0.0.7:8080", "10.0.0.7", 8080, "/"),
            ("https://[fd00::1]:8443/a", "[fd00::1]", 8443, "/a"),
        ] {
            let uri = OutboundUri::parse(text).unwrap();
            assert_eq!((uri.host(), uri.port(), &*uri.target()), (host, port, target));
            assert_eq!(OutboundUri::parse(uri.as_str()), Ok(uri));
        }
        use NotAnOutboundUri::{Fragment, Scheme, Unreadable, UserInfo};
        for (text, why) in [
            ("", Unreadable),
            ("wiki.example.com", Unreadable),
            ("https://", Unreadable),
            ("https://a b/", Unreadable),
            ("https://a\\b/", Unreadable),
            ("https://a/\r\nx", Unreadable),
            ("https://a:0/", Unreadable),
            ("file:///etc/passwd", Scheme),
            ("gopher://a/", Scheme),
            ("ftp://a/", Scheme),
            ("https://u@a/", UserInfo),
            ("https://u:p@a/", UserInfo),
            ("https://a/#x", Fragment),
            (&format!("https://a/{}", "x".repeat(MAX_LENGTH)), Unreadable),
        ] {
            assert_eq!(OutboundUri::parse(text), Err(why), "{text}");
        }
    }

    /// Another spelling of an address is still that address.
    #[test]
    fn spellings_of_an_address_are_read_as_the_address() {
        for text in ["http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://0177.0.0.1/"] {
            let ip = OutboundUri::parse(text).unwrap().ip().unwrap();
            assert_eq!(Place::of(ip), Place::Private, "{text}");
        }
        let metadata = OutboundUri::parse("http://0xa9fea9fe/latest").unwrap().ip().unwrap();
        assert_eq!(Place::of(metadata), Place::Forbidden);
    }

    #[test]
    fn every_address_has_a_place() {
        for (place, addresses) in [
            (Place::Public, &["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1", "::ffff:8.8.8.8"][..]),
            (
                Place::Private,
                &[
                    "127.0.0.1",
                    "127.9.9.9",
                    "10.1.2.3",
                    "172.16.0.1",
                    "172.31.255.255",
                    "192.168.1.1",
                    "100.64.0.1",
                    "198.18.0.1",
                    "::1",
                    "fc00::1",
                    "fdff::1",
                    "::ffff:10.0.0.1",
                    "::ffff:127.0.0.1",
                    "64:ff9b::10.0.0.1",
                    "2002:c0a8:101::1",
                ],
            ),
            (
                Place::Forbidden,
                &[
                    "169.254.169.254",
                    "169.254.0.1",
                    "0.0.0.0",
                    "0.1.2.3",
                    "224.0.0.1",
                    "240.0.0.1",
                    "255.255.255.255",
                    "100.100.100.200",
                    "192.0.0.192",
                    "192.0.2.1",
                    "198.51.100.1",
                    "203.0.113.9",
                    "::",
                    "fe80::1",
                    "febf::1",
                    "ff02::1",
                    "fd00:ec2::254",
                    "fd20:ce::254",
                    "fd00:42::42",
                    "::ffff:169.254.169.254",
                    "64:ff9b::169.254.169.254",
                    "2002:a9fe:a9fe::1",
                    "2001:db8::1",
                    "2001::1",
                    "::7f00:1",
                    "64:ff9b:1::1",
                    "fec0::1",
                ],
            ),
        ] {
            for address in addresses {
                assert_eq!(Place::of(address.parse().unwrap()), place, "{address}");
            }
        }
    }

    #[test]
    fn only_an_encrypted_connection_leaves_the_private_network() {
        use Place::{Forbidden, Private, Public};
        for (place, may_be_private, is_https, admits) in [
            (Public, false, true, true),
            (Public, true, false, false),
            (Private, true, false, true),
            (Private, true, true, true),
            (Private, false, true, false),
            (Forbidden, true, true, false),
        ] {
            assert_eq!(place.admits(may_be_private, is_https), admits, "{place:?}");
        }
    }

    #[test]
    fn networks_end_where_their_registry_says() {
        for (place, addresses) in [
            (Place::Private, &["198.18.0.0", "198.19.255.255", "100.127.255.255"][..]),
            (
                Place::Public,
                &["198.17.0.1", "198.20.0.1", "100.63.255.255", "172.15.0.1", "192.0.1.1", "2003::1", "3fff:ffff::1"],
            ),
            (Place::Forbidden, &["192.88.99.1", "192.0.0.1", "239.0.0.1", "6000::1", "64:ff9b::203.0.113.1"]),
        ] {
            for address in addresses {
                assert_eq!(Place::of(address.parse().unwrap()), place, "{address}");
            }
        }
    }
}
