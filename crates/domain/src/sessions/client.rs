//! Facts about a browser without a signed-in user: its network address and its User-Agent.

use crate::LanguageTag;
use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

/// The network address a request came from, as the last trusted proxy saw it. IPv4 in IPv6 is IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    pub fn new(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }

    pub const fn ip(self) -> IpAddr {
        self.0
    }

    /// Returns the address that represents a whole household: itself, or for IPv6 the first of its
    /// /64.
    pub fn household(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(v6) => IpAddr::V6(network(v6, 64)),
        }
    }

    /// Returns the keys that count as one client for limits, and how many shares each may use.
    ///
    /// An IPv4 address is one. In IPv6, a household or a rented machine has a /64. A customer of a
    /// provider often has a /56, and a site a /48. Each is counted, the wider ones with a larger
    /// share.
    pub fn limit_keys(self) -> Vec<(String, u16)> {
        match self.0 {
            IpAddr::V4(v4) => vec![(v4.to_string(), 1)],
            IpAddr::V6(v6) => [(64, 1), (56, 4), (48, 16)]
                .map(|(length, share)| (format!("{}/{length}", network(v6, length)), share))
                .into(),
        }
    }

    /// The widest network that one customer has: what one client could fill with rows.
    pub fn widest_network(self) -> String {
        match self.0 {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => format!("{}/48", network(v6, 48)),
        }
    }
}

/// The first address of the network of this length that an address is in.
fn network(address: Ipv6Addr, length: u32) -> Ipv6Addr {
    Ipv6Addr::from_bits(address.to_bits() & u128::MAX.checked_shl(128 - length).unwrap_or(0))
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A network, as `192.0.2.0/24`; a bare address is a network of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    prefix: u32,
}

/// Why a text is not a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotANetwork;

impl Network {
    pub fn contains(self, address: IpAddr) -> bool {
        let same = |a: u128, b: u128, width: u32| {
            a.checked_shr(width - self.prefix).unwrap_or(0) == b.checked_shr(width - self.prefix).unwrap_or(0)
        };
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => same(a.to_bits().into(), b.to_bits().into(), 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => same(a.to_bits(), b.to_bits(), 128),
            _ => false,
        }
    }
}

impl std::str::FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let first: IpAddr = address.parse().map_err(|_| NotANetwork)?;
        let width = if first.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(width), str::parse).map_err(|_| NotANetwork)?;
        if prefix > width { Err(NotANetwork) } else { Ok(Self { first, prefix }) }
    }
}

/// A trusted proxy sent an `X-Forwarded-For` that names something other than addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedForwarding;

/// Returns the client behind the proxies: the right-most hop that is not one of ours. Hops left of
/// it are worth nothing, because the client wrote them. A header from an untrusted peer is not even
/// read.
pub fn client_behind(
    peer: IpAddr,
    forwarded_for: &[&str],
    trusted: &[Network],
) -> Result<ClientAddress, MalformedForwarding> {
    let is_ours = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer;
    // A comma too many, or an empty header, names no hop. RFC 9110 (5.6.1) has us pass over it.
    let hops = forwarded_for.iter().flat_map(|header| header.split(',')).map(str::trim);
    let mut hops = hops.filter(|hop| !hop.is_empty()).rev();
    while is_ours(client) {
        let Some(hop) = hops.next() else { break };
        client = parse_hop(hop).ok_or(MalformedForwarding)?;
    }
    Ok(ClientAddress::new(client))
}

/// An address, with the port that some proxies add.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let with_port = || hop.parse::<std::net::SocketAddr>().map(|hop| hop.ip());
    let bracketed = || hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).and_then(|hop| hop.parse().ok());
    hop.parse().or_else(|_| with_port()).ok().or_else(bracketed)
}

/// "Firefox on Windows": a browser in our own words.
///
/// Emails show this, so that no text of the requester's may be in it. That would be an
/// advertisement or a phishing text sent by us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserLabel(String);

impl BrowserLabel {
    /// Order matters: Edge and Opera also claim to be Chrome, and Chrome to be Safari.
    pub fn from_user_agent(user_agent: &str) -> Self {
        // Longer ones are not written by browsers; the head is enough.
        let agent = user_agent.get(..512).unwrap_or(user_agent);
        let first =
            |known: &[(&str, &'static str)]| known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
        let browser = first(&[
            ("EdgA/", "Edge"),
            ("EdgiOS/", "Edge"),
            ("Edg/", "Edge"),
            ("OPR/", "Opera"),
            ("SamsungBrowser/", "Samsung Internet"),
            ("Vivaldi/", "Vivaldi"),
            ("FxiOS/", "Firefox"),
            ("Firefox/", "Firefox"),
            ("CriOS/", "Chrome"),
            ("Chrome/", "Chrome"),
            ("Chromium/", "Chromium"),
            ("Safari/", "Safari"),
        ]);
        let system = first(&[
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Android", "Android"),
            ("Windows", "Windows"),
            ("CrOS", "ChromeOS"),
            ("Macintosh", "Mac"),
            ("Linux", "Linux"),
        ]);
        Self(match (browser, system) {
            (Some(browser), Some(system)) => format!("{browser} on {system}"),
            (Some(browser), None) => browser.to_owned(),
            (None, Some(system)) => format!("a browser on {system}"),
            (None, None) => "an unknown browser".to_owned(),
        })
    }

    /// For what did not start in a browser.
    pub fn command_line() -> Self {
        Self("the command line".to_owned())
    }

    /// From the stored form.
    pub fn from_stored(label: String) -> Self {
        Self(label)
    }

    /// Returns whether it is on something held in the hand.
    pub fn is_handheld(&self) -> bool {
        ["iPhone", "iPad", "Android"].iter().any(|system| self.as_str().ends_with(system))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what the stored form names, so that each language can say it.
    pub fn parts(&self) -> BrowserParts<'_> {
        match self.0.as_str() {
            "the command line" => BrowserParts::CommandLine,
            "an unknown browser" => BrowserParts::Unknown,
            label => match label.split_once(" on ") {
                Some(("a browser", system)) => BrowserParts::System(system),
                Some((browser, system)) => BrowserParts::Both { browser, system },
                None => BrowserParts::Browser(label),
            },
        }
    }
}

/// Known parts of a browser's label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserParts<'a> {
    Both { browser: &'a str, system: &'a str },
    Browser(&'a str),
    System(&'a str),
    Unknown,
    CommandLine,
}

impl fmt::Display for BrowserLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The browser that asked for something, and its network address where it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedFrom {
    pub browser: BrowserLabel,
    pub client: Option<ClientAddress>,
    /// The language that the browser was answered in.
    pub language: Option<LanguageTag>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_label_is_taken_apart_as_it_was_put_together() {
        let parts = |agent: &str| format!("{:?}", BrowserLabel::from_user_agent(agent).parts());
        assert_eq!(parts("Firefox/130 Windows"), "Both { browser: \"Firefox\", system: \"Windows\" }");
        assert_eq!(parts("Safari/1"), "Browser(\"Safari\")");
        assert_eq!(parts("curl on Linux"), "System(\"Linux\")");
        assert_eq!(parts("curl"), "Unknown");
        assert_eq!(BrowserLabel::command_line().parts(), BrowserParts::CommandLine);
    }

    #[test]
    fn an_ipv6_network_is_counted_at_three_lengths() {
        let keys = ClientAddress::new("2001:db8:1:203::9".parse().unwrap()).limit_keys();
        let keys: Vec<_> = keys.iter().map(|(key, share)| (key.as_str(), *share)).collect();
        assert_eq!(keys, [("2001:db8:1:203::/64", 1), ("2001:db8:1:200::/56", 4), ("2001:db8:1::/48", 16)]);
    }

    #[test]
    fn an_ipv6_household_is_one_client() {
        let key = |ip: &str| ip.parse().map(|ip| ClientAddress::new(ip).limit_keys().remove(0));
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }

    fn networks(list: &[&str]) -> Vec<Network> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        for (network, inside, outside) in [
            ("192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("0.0.0.0/0", "203.0.113.9", "2001:db8::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
            ("::/0", "2001:db8::1", "192.0.2.1"),
            ("10.0.0.0/8", "::ffff:10.1.2.3", "::ffff:11.1.2.3"),
        ] {
            let network: Network = network.parse().unwrap();
            assert!(network.contains(inside.parse().unwrap()), "{inside}");
            assert!(!network.contains(outside.parse().unwrap()), "{outside}");
        }
        for text in ["", "192.0.2.0/33", "192.0.2.0/-1", "example.com", "192.0.2/24", "::/129"] {
            assert_eq!(text.parse::<Network>(), Err(NotANetwork), "{text}");
        }
    }

    #[test]
    fn only_trusted_proxies_are_believed_and_only_their_last_hop() {
        let trusted = networks(&["10.0.0.0/8", "2001:db8::/32"]);
        let behind = |peer: &str, headers: &[&str]| {
            client_behind(peer.parse().unwrap(), headers, &trusted).map(|client| client.to_string())
        };
        assert_eq!(behind("203.0.113.9", &["1.2.3.4"]).as_deref(), Ok("203.0.113.9"), "an untrusted peer is not read");
        assert_eq!(behind("203.0.113.9", &["garbage"]).as_deref(), Ok("203.0.113.9"));
        assert_eq!(behind("10.0.0.1", &[]).as_deref(), Ok("10.0.0.1"));
        assert_eq!(behind("10.0.0.1", &["198.51.100.7"]).as_deref(), Ok("198.51.100.7"));
        assert_eq!(
            behind("10.0.0.1", &["1.2.3.4, 198.51.100.7"]).as_deref(),
            Ok("198.51.100.7"),
            "left of it is forged"
        );
        assert_eq!(behind("10.0.0.1", &["1.2.3.4, 198.51.100.7, 10.9.9.9"]).as_deref(), Ok("198.51.100.7"));
        assert_eq!(
            behind("10.0.0.1", &["1.2.3.4", "198.51.100.7"]).as_deref(),
            Ok("198.51.100.7"),
            "two headers are one list"
        );
        assert_eq!(behind("10.0.0.1", &["[2001:db9::7]:443"]).as_deref(), Ok("2001:db9::7"));
        assert_eq!(behind("10.0.0.1", &["198.51.100.7:50123"]).as_deref(), Ok("198.51.100.7"));
        for empty in ["", " ", ",", ", ,"] {
            assert_eq!(behind("10.0.0.1", &[empty]).as_deref(), Ok("10.0.0.1"), "{empty:?}");
        }
        for trailing in ["198.51.100.7,", "198.51.100.7, ", "198.51.100.7,,10.9.9.9,"] {
            assert_eq!(behind("10.0.0.1", &[trailing]).as_deref(), Ok("198.51.100.7"), "{trailing:?}");
        }
        assert_eq!(behind("10.0.0.1", &["garbage"]), Err(MalformedForwarding));
        assert_eq!(behind("10.0.0.1", &["garbage, 198.51.100.7"]).as_deref(), Ok("198.51.100.7"));
    }

    #[test]
    fn browsers_are_named_in_our_words() {
        for (agent, label) in [
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
                "Safari on Mac",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 CriOS/140 Mobile Safari/604.1",
                "Chrome on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.5.0", "an unknown browser"),
            ("", "an unknown browser"),
        ] {
            assert_eq!(BrowserLabel::from_user_agent(agent).as_str(), label);
        }
    }

    #[test]
    fn a_household_is_one_party_and_a_site_fills_one_share_of_rows() {
        let at = |ip: &str| ClientAddress::new(ip.parse().unwrap());
        for (ip, household, widest) in [
            ("2001:db8:1:203::9", "2001:db8:1:203::", "2001:db8:1::/48"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ] {
            assert_eq!((at(ip).household().to_string(), at(ip).widest_network()), (household.into(), widest.into()));
        }
    }

    #[test]
    fn a_phone_is_held_in_the_hand_and_a_mac_is_not() {
        for (agent, is_handheld) in [
            ("(iPhone) Safari/604.1", true),
            ("(iPad) Safari/604.1", true),
            ("(Linux; Android 14) Chrome/140.0", true),
            ("(Macintosh) Safari/605.1.15", false),
            ("(Windows NT 10.0) Firefox/140.0", false),
            ("(X11; Linux x86_64) Firefox/140.0", false),
            ("curl/8.5.0", false),
        ] {
            assert_eq!(BrowserLabel::from_user_agent(agent).is_handheld(), is_handheld, "{agent}");
        }
    }

    proptest! {
        #[test]
        fn nothing_a_requester_sends_is_repeated(agent in "\\PC{0,600}") {
            let label = BrowserLabel::from_user_agent(&format!("{agent} Click http://evil.example Firefox/1"));
            prop_assert!(!label.as_str().contains("evil"));
            prop_assert!(label.as_str().len() < 40);
        }
    }
}
