//! Destination of a user once signed in: a path on this server, or `/account`.
//!
//! It comes from a query parameter, so an attacker may have written it. It is parsed when it is
//! stored and again when it is used. No email link carries it.

use percent_encoding::percent_decode_str;
use std::fmt;
use url::Url;

pub const MAX_LENGTH: usize = 2048;
/// Maximum length of a path to an app. What an app sends along may be longer. It comes back in one
/// value, in base64.
const MAX_LENGTH_FOR_APPS: usize = 9000;
/// Prefixes of the paths on which users come from an app.
const FOR_APPS: [&str; 2] = ["/oidc/authorize?resume=", "/apps/enter?"];
/// Most layers of percent-encoding in a path.
const MAX_DECODINGS: usize = 3;
const HOME: &str = "/account";

/// A path on this server, safe to put into a `Location` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// Returns what `asked` names, if it is a local path, otherwise the account page. Never fails,
    /// because a destination that cannot be used must not keep a user from signing in.
    pub fn parse(asked: &str) -> Self {
        if is_local_path(asked) { Self(asked.to_owned()) } else { Self::home() }
    }

    pub fn home() -> Self {
        Self(HOME.to_owned())
    }

    pub fn is_home(&self) -> bool {
        self.0 == HOME
    }

    /// Returns whether it leads on to an app. There, everything is judged anew, also who is signed
    /// in.
    pub fn is_for_an_app(&self) -> bool {
        FOR_APPS.iter().any(|path| self.0.starts_with(path))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_local_path(asked: &str) -> bool {
    // Browsers read `\` as `/` and drop tabs and newlines, so neither may occur. Of the rest, only
    // characters that a URL holds unencoded may occur.
    let plain = |b: u8| b.is_ascii_graphic() && !br#"\"<>`{}|^"#.contains(&b);
    let is_for_app = FOR_APPS.iter().any(|path| asked.starts_with(path));
    let most = if is_for_app { MAX_LENGTH_FOR_APPS } else { MAX_LENGTH };
    if asked.len() > most || !asked.bytes().all(plain) {
        return false;
    }
    // A proxy may decode the header on its way, and the next one again.
    let mut text = asked.to_owned();
    for _ in 0..=MAX_DECODINGS {
        if !stays_here(&text) {
            return false;
        }
        let decoded = percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if decoded == text {
            return true;
        }
        text = decoded;
    }
    // No page of ours has an address that is encoded so often.
    false
}

/// Returns whether a browser that follows it stays on this server, and comes to no door.
fn stays_here(text: &str) -> bool {
    if !text.starts_with('/') || text.starts_with("//") || text.chars().any(|c| c.is_control() || c == '\\') {
        return false;
    }
    // The parser that follows the browsers' own rules decides.
    let Ok(base) = Url::parse("https://gatepost.invalid") else { return false };
    let Ok(target) = base.join(text) else { return false };
    // A resolved path such as `/..//evil.example` would start with `//` for a client that resolves
    // it again.
    let local = target.origin() == base.origin() && target.username().is_empty() && !target.path().starts_with("//");
    // Back to the doors themselves would be a circle, or a sign-out. As the router reads it:
    // decoded, empty segments skipped.
    let path = percent_decode_str(target.path()).decode_utf8_lossy();
    let first = path.split('/').find(|segment| !segment.is_empty());
    let door = first.is_some_and(|first| ["login", "logout", "auth", "setup", "step-up"].contains(&first));
    local && !door
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn local_paths_are_kept() {
        for path in ["/", "/account", "/admin/settings?held=0123", "/a/b?x=1&y=%2F#z", "/%E2%82%AC", "/loginx", "/a//b"]
        {
            assert_eq!(ReturnTo::parse(path).as_str(), path);
            assert!(!ReturnTo::parse(path).is_for_an_app());
        }
    }

    #[test]
    fn what_an_app_sent_along_may_be_longer() {
        for path in FOR_APPS {
            let filled = |length: usize| format!("{path}{}", "a".repeat(length - path.len()));
            assert_eq!(ReturnTo::parse(&filled(MAX_LENGTH_FOR_APPS)).as_str(), filled(MAX_LENGTH_FOR_APPS));
            assert!(ReturnTo::parse(&filled(MAX_LENGTH_FOR_APPS)).is_for_an_app());
            assert!(ReturnTo::parse(&filled(MAX_LENGTH_FOR_APPS + 1)).is_home());
        }
        assert!(ReturnTo::parse(&format!("/apps/entered?{}", "a".repeat(MAX_LENGTH))).is_home());
    }

    #[test]
    fn everything_else_becomes_the_account_page() {
        for hostile in [
            "",
            "account",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "\t//evil.example",
            " //evil.example",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "//user@evil.example",
            "/..//evil.example",
            "/.//evil.example",
            "/%2e%2e//evil.example",
            "/x/..//evil.example",
            "/\u{2025}/evil.example",
            "／／evil.example",
            "/a\r\nSet-Cookie: x=y",
            "/a b",
            "/a\"b",
            "/login",
            "/login?return_to=/login",
            "/logout",
            "/auth/verify",
            "/x/../logout",
            "/%0a/../login/sent",
            "/%61uth/verify?token=x",
            "/%6cogout",
            "/.//x/..//login",
            "/%2Flogin",
            // What a proxy that decodes once or twice would make of it.
            "/%2f/evil.example",
            "/%2Fevil.example",
            "/%5cevil.example",
            "/%5Cevil.example",
            "/%09/evil.example",
            "/%0d%0aX:1",
            "/.%0d%0aX:1",
            "/account%0d%0aSet-Cookie:x=y",
            "/account?x=%0d%0aSet-Cookie:x=y",
            "/%00",
            "/%7f",
            "/%c2%85",
            "/.%2f/evil.example",
            "/%2e%2e%2f%2fevil.example",
            "/x/%2e%2e%2f%2fevil.example",
            "/%252f/evil.example",
            "/%252fevil.example",
            "/%255cevil.example",
            "/%2509/evil.example",
            "/%250d%250aX:1",
            "/%25252fevil.example",
            "/a%25252525252f",
            "/%256cogout",
        ] {
            assert_eq!(ReturnTo::parse(hostile).as_str(), "/account", "{hostile:?}");
        }
        assert!(ReturnTo::parse(&format!("/{}", "a".repeat(MAX_LENGTH))).is_home());
    }

    #[test]
    fn no_sign_in_leads_to_the_set_up_or_to_another_check() {
        for door in ["/setup", "/setup?token=x", "/%73etup", "/step-up", "/step-up?then=/step-up", "/%73tep-up"] {
            assert_eq!(ReturnTo::parse(door).as_str(), "/account", "{door}");
        }
    }

    /// Text with what makes a path leave, plain and encoded up to three times.
    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[/\\\\a-z.:@%0-9?#\t ]{1,3}",
            (
                0usize..4,
                prop_oneof![Just("2f"), Just("2F"), Just("5c"), Just("09"), Just("0a"), Just("0d"), Just("2e")]
            )
                .prop_map(|(times, octet)| format!("%{}{octet}", "25".repeat(times))),
        ];
        prop::collection::vec(piece, 0..8).prop_map(|pieces| format!("/{}", pieces.concat()))
    }

    proptest! {
        #[test]
        fn a_browser_that_follows_it_stays_here(asked in "[/\\\\a-z.:@%0-9?#\t ]{0,30}|\\PC{0,30}") {
            let here = Url::parse("https://login.example.com/login").unwrap();
            let target = here.join(ReturnTo::parse(&asked).as_str()).unwrap();
            prop_assert_eq!(target.origin(), here.origin());
        }

        #[test]
        fn it_stays_here_though_proxies_decode_it(asked in hostile()) {
            let here = Url::parse("https://login.example.com/login").unwrap();
            let mut text = ReturnTo::parse(&asked).as_str().to_owned();
            for _ in 0..3 {
                prop_assert!(!text.starts_with("//"), "{asked}: {text}");
                prop_assert!(!text.chars().any(|c| c.is_control() || c == '\\'), "{asked}: {text:?}");
                prop_assert_eq!(here.join(&text).unwrap().origin(), here.origin(), "{}", asked);
                text = percent_decode_str(&text).decode_utf8_lossy().into_owned();
            }
        }
    }
}
