//! Why a request of an app was refused, and what mends it: for the admin who sets the app up.

use super::{
    RedirectUri,
    error::Refused,
    redirect_uri::{MAX_LENGTH, NotARedirectUri},
};
use url::Url;

/// Why a request of a known app was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The request names no redirect URI.
    NoAddress,
    /// The request names one that is not registered.
    Address(String),
    /// The request itself is wrong, in the words that the app reads.
    Request(Refused),
    /// The user may not open the app.
    NotForYou,
    /// The client's secret is wrong, missing, or not expected.
    Secret,
    /// The code is unknown, used or expired.
    Code,
    /// The token request names another redirect URI than the authorization request.
    OtherAddress,
    /// The PKCE verifier does not fit the challenge, or only one of the two was sent.
    Verifier,
    /// The refresh token is unknown, used or expired.
    Refresh,
}

impl Why {
    /// Notes an address as it was asked for, cut to the length that could be registered.
    pub fn address(asked: &str) -> Self {
        let plain = asked.chars().filter(|c| !c.is_control());
        Self::Address(plain.take(MAX_LENGTH).collect())
    }
}

/// How a redirect URI differs from the registered ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It is registered, so that the app has been changed since.
    None,
    /// By a slash at its end.
    Slash,
    /// By its port.
    Port,
    /// By its path or query, at a host of the app.
    Path,
    /// It leads to another host.
    Host,
    /// It is plain HTTP.
    Http,
    /// It cannot be registered.
    Unusable(NotARedirectUri),
}

impl Difference {
    /// Compares an address with those of the app. `hosts` has the names of the app's hosts.
    pub fn of(asked: &str, registered: &[RedirectUri], hosts: &[&str]) -> Self {
        let address = match RedirectUri::parse(asked) {
            Ok(address) => address,
            Err(NotARedirectUri::Unencrypted) => return Self::Http,
            Err(why) => return Self::Unusable(why),
        };
        if registered.iter().any(|own| own.admits(asked).is_some()) {
            return Self::None;
        }
        let slashless = asked.trim_end_matches('/');
        if registered.iter().any(|own| own.as_str().trim_end_matches('/') == slashless) {
            return Self::Slash;
        }
        let same_host = registered.iter().filter(|own| own.place() == address.place());
        if same_host.clone().next().is_none() && !hosts.contains(&address.place()) {
            return Self::Host;
        }
        let rest =
            |text: &str| Url::parse(text).ok().map(|url| (url.path().to_owned(), url.query().map(str::to_owned)));
        if same_host.clone().any(|own| rest(own.as_str()) == rest(asked)) { Self::Port } else { Self::Path }
    }

    /// Returns the address, if it is registered or may be offered.
    pub fn offered(asked: &str, registered: &[RedirectUri], hosts: &[&str]) -> Option<RedirectUri> {
        let difference = Self::of(asked, registered, hosts);
        let may_be_added = difference == Self::None || difference.may_be_offered();
        RedirectUri::parse(asked).ok().filter(|_| may_be_added)
    }

    /// Returns whether the address may be offered to an admin by a button. An address at another host
    /// may be an attacker's, so that an admin has to type it.
    pub const fn may_be_offered(self) -> bool {
        matches!(self, Self::Slash | Self::Port | Self::Path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_and_only_an_address_of_the_app_is_offered() {
        let own = |text| RedirectUri::parse(text).unwrap();
        let registered = [own("https://wiki.example.com/cb"), own("app.immich:///oauth"), own("http://127.0.0.1/cb")];
        for (asked, difference, is_offered) in [
            ("https://wiki.example.com/cb", Difference::None, false),
            ("http://127.0.0.1:5000/cb", Difference::None, false),
            ("https://wiki.example.com/cb/", Difference::Slash, true),
            ("https://wiki.example.com:8443/cb", Difference::Port, true),
            ("https://wiki.example.com/other", Difference::Path, true),
            ("https://wiki.example.com/cb?x=1", Difference::Path, true),
            ("https://notes.example.com/cb", Difference::Path, true),
            ("https://evil.example/cb", Difference::Host, false),
            ("https://wiki.example.com.evil.example/cb", Difference::Host, false),
            ("evil.app:/cb", Difference::Host, false),
            ("http://wiki.example.com/cb", Difference::Http, false),
            ("https://wiki.example.com@evil.example/cb", Difference::Unusable(NotARedirectUri::UserInfo), false),
            ("https://Wiki.example.com/cb", Difference::Unusable(NotARedirectUri::Spelling), false),
        ] {
            let found = Difference::of(asked, &registered, &["notes.example.com"]);
            assert_eq!((found, found.may_be_offered()), (difference, is_offered), "{asked}");
            let is_added = is_offered || difference == Difference::None;
            assert_eq!(Difference::offered(asked, &registered, &["notes.example.com"]).is_some(), is_added, "{asked}");
        }
    }

    #[test]
    fn an_address_is_noted_without_controls_and_bounded() {
        let long = format!("https://a.example/\u{1b}[31m\n{}", "a".repeat(9000));
        let Why::Address(noted) = Why::address(&long) else { panic!("not an address") };
        assert_eq!(noted.chars().count(), MAX_LENGTH);
        assert!(noted.starts_with("https://a.example/[31ma"));
    }
}
