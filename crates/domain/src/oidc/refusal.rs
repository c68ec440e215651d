//! Why a request of an app was refused, and what mends it: for the admin who sets the app up.

use super::{
    RedirectUri,
    redirect_uri::{MAX_LENGTH, NotARedirectUri},
};
use crate::Timestamp;
use url::Url;

/// Why a request of a known app was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The request names no redirect URI.
    NoAddress,
    /// The request names one that is not registered.
    Address(String),
    /// The request itself is wrong, in the words that the app reads.
    Request(String),
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
    /// The assertion by which the client signs is wrong, or not expected.
    Assertion,
    /// The app may not sign in devices.
    Devices,
    /// After a sign-out, the browser is to go to an address that is not registered.
    SignOutAddress(String),
}

impl Why {
    /// Notes an address as it was asked for, cut to the length that could be registered.
    pub fn address(asked: &str) -> Self {
        Self::Address(plain(asked))
    }

    /// The same for an address after a sign-out.
    pub fn sign_out_address(asked: &str) -> Self {
        Self::SignOutAddress(plain(asked))
    }

    /// Returns the stored form: a word that never changes once released, and what the request said.
    pub fn stored(&self) -> (&'static str, &str) {
        match self {
            Self::NoAddress => ("no_address", ""),
            Self::Address(asked) => ("address", asked),
            Self::Request(why) => ("request", why),
            Self::NotForYou => ("not_for_you", ""),
            Self::Secret => ("secret", ""),
            Self::Code => ("code", ""),
            Self::OtherAddress => ("other_address", ""),
            Self::Verifier => ("verifier", ""),
            Self::Refresh => ("refresh", ""),
            Self::Assertion => ("assertion", ""),
            Self::Devices => ("devices", ""),
            Self::SignOutAddress(asked) => ("sign_out_address", asked),
        }
    }

    /// Reads what [`Why::stored`] wrote. `None` for a word of a newer version.
    pub fn read(cause: &str, detail: &str) -> Option<Self> {
        Some(match cause {
            "no_address" => Self::NoAddress,
            "address" => Self::Address(detail.to_owned()),
            "request" => Self::Request(detail.to_owned()),
            "not_for_you" => Self::NotForYou,
            "secret" => Self::Secret,
            "code" => Self::Code,
            "other_address" => Self::OtherAddress,
            "verifier" => Self::Verifier,
            "refresh" => Self::Refresh,
            "assertion" => Self::Assertion,
            "devices" => Self::Devices,
            "sign_out_address" => Self::SignOutAddress(detail.to_owned()),
            _ => return None,
        })
    }
}

fn plain(asked: &str) -> String {
    asked.chars().filter(|c| !c.is_control()).take(MAX_LENGTH).collect()
}

/// Most refusals that are kept of one app.
pub const MAX_OF_APP: usize = 12;

/// A refusal, and how often it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRequest {
    pub why: Why,
    pub last: Timestamp,
    pub count: i64,
}

/// Returns the newest refusals of an app: what is stored, and what a node has not stored yet.
pub fn together(stored: Vec<RefusedRequest>, waiting: Vec<RefusedRequest>) -> Vec<RefusedRequest> {
    let mut all = waiting;
    for old in stored {
        match all.iter_mut().find(|new| new.why == old.why) {
            Some(new) => {
                new.last = new.last.max(old.last);
                new.count = new.count.saturating_add(old.count);
            }
            None => all.push(old),
        }
    }
    all.sort_by_key(|refusal| std::cmp::Reverse(refusal.last));
    all.truncate(MAX_OF_APP);
    all
}

/// Difference between a redirect URI and the registered ones.
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

    /// Returns whether the address may be offered to an admin by a button. An address at another
    /// host may be an attacker's, so that an admin has to type it.
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
    fn every_cause_reads_back_as_it_was_stored() {
        let asked = || "https://wiki.example.com/cb".to_owned();
        for why in [
            Why::NoAddress,
            Why::Address(asked()),
            Why::Request(asked()),
            Why::NotForYou,
            Why::Secret,
            Why::Code,
            Why::OtherAddress,
            Why::Verifier,
            Why::Refresh,
            Why::Assertion,
            Why::Devices,
            Why::SignOutAddress(asked()),
        ] {
            let (cause, detail) = why.stored();
            assert_eq!(Why::read(cause, detail), Some(why.clone()));
        }
        assert_eq!(Why::read("tomorrow", ""), None);
    }

    #[test]
    fn what_is_stored_and_what_waits_are_one_list_with_the_newest_first() {
        let refusal = |why, last, count| RefusedRequest { why, last: Timestamp::from_millis(last), count };
        let stored = vec![refusal(Why::Secret, 5, 3), refusal(Why::Code, 9, 1)];
        let waiting = vec![refusal(Why::Secret, 7, 2), refusal(Why::Refresh, 8, 1)];
        let expected = [refusal(Why::Code, 9, 1), refusal(Why::Refresh, 8, 1), refusal(Why::Secret, 7, 5)];
        assert_eq!(together(stored, waiting), expected);
        let many = (0..30).map(|n| refusal(Why::address(&n.to_string()), n, 1)).collect();
        assert_eq!(together(many, Vec::new()).len(), MAX_OF_APP);
    }

    #[test]
    fn an_address_is_noted_without_controls_and_bounded() {
        let long = format!("https://a.example/\u{1b}[31m\n{}", "a".repeat(9000));
        let Why::Address(noted) = Why::address(&long) else { panic!("not an address") };
        assert_eq!(noted.chars().count(), MAX_LENGTH);
        assert!(noted.starts_with("https://a.example/[31ma"));
    }
}
