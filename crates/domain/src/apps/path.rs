//! Paths of apps that need no sign-in, and when a path can be trusted to be one of them.
//!
//! A proxy, an app and Gatepost may read one path in three ways. A path that could be read in two
//! ways is therefore never public: its reader signs in first. That can only ask for more.

use percent_encoding::percent_decode_str;

/// The longest prefix that an admin can name.
pub const MAX_LENGTH: usize = 200;

/// Files that browsers fetch without cookies. Without them a web app cannot be installed on a
/// phone.
pub const WEB_APP_FILES: [&str; 7] = [
    "/manifest.json",
    "/manifest.webmanifest",
    "/site.webmanifest",
    "/favicon.ico",
    "/apple-touch-icon.png",
    "/sw.js",
    "/service-worker.js",
];

/// The beginning of paths that are public, whole segments: `/api` makes `/api` and `/api/x` public,
/// and `/apis` not.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicPath(String);

/// Why a text cannot be a public path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAPublicPath;

impl PublicPath {
    pub fn parse(typed: &str) -> Result<Self, NotAPublicPath> {
        let path = crate::typed::trimmed(typed);
        let path = if path.len() > 1 { path.strip_suffix('/').unwrap_or(path) } else { path };
        match plain_path(path) {
            Some(decoded) if decoded.len() <= MAX_LENGTH => Ok(Self(decoded)),
            _ => Err(NotAPublicPath),
        }
    }

    /// Returns whether a path that [`plain_path`] made plain is public.
    pub fn covers(&self, plain: &str) -> bool {
        if self.0 == "/" {
            return true;
        }
        plain.strip_prefix(self.0.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns a path decoded, without the query, if it can be read in one way only. `None` if it holds
/// empty segments, dot segments, `;`, `\`, encoded separators, or anything outside ASCII.
///
/// Returns `None` for a `#`, too, even in the query. Proxies pass it on as a part of the path, or
/// cut there.
pub fn plain_path(asked: &str) -> Option<String> {
    let path = asked.split('?').next().filter(|_| !asked.contains('#'))?;
    if is_plain_already(path) {
        return Some(path.to_owned());
    }
    decoded(path)
}

fn decoded(path: &str) -> Option<String> {
    let well_encoded =
        path.split('%').skip(1).all(|rest| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2);
    if !path.starts_with('/') || !well_encoded {
        return None;
    }
    let decoded = percent_decode_str(path).decode_utf8().ok()?.into_owned();
    // An encoded slash, dot or percent sign would be read once more by the next one in line.
    let same_shape = decoded.matches('/').count() == path.matches('/').count();
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '\\' | ';' | '%' | '?' | '#');
    let mut segments = decoded.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        if segment == "." || segment == ".." || (segment.is_empty() && !is_last) {
            return None;
        }
    }
    (same_shape && decoded.chars().all(plain)).then_some(decoded)
}

/// Returns whether a path has nothing to decode and no segment that another reader could cut away.
fn is_plain_already(path: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_');
    path.starts_with('/') && path.bytes().all(is_plain) && !path.contains("//")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_path_with_nothing_to_decode_is_read_as_any_other(path in "/[a-zA-Z0-9/_.-]{0,20}") {
            if is_plain_already(&path) {
                prop_assert_eq!(decoded(&path), Some(path));
            }
        }
    }

    fn is_public(prefix: &str, asked: &str) -> bool {
        plain_path(asked).is_some_and(|plain| PublicPath::parse(prefix).unwrap().covers(&plain))
    }

    #[test]
    fn a_path_that_another_reader_would_cut_elsewhere_is_not_public() {
        for asked in ["/public#/../admin", "/public?x#/../admin", "/public%23/x", "/public%3F/x", "/public/#", "#"] {
            assert!(!is_public("/public", asked), "{asked}");
        }
    }

    #[test]
    fn a_prefix_covers_whole_segments() {
        for asked in ["/api", "/api/", "/api/v1?x=1", "/%61pi/v1"] {
            assert!(is_public("/api", asked), "{asked}");
        }
        for asked in ["/apis", "/", "/API", "/x/api", "api"] {
            assert!(!is_public("/api", asked), "{asked}");
        }
        assert!(is_public("/", "/anything"));
    }

    #[test]
    fn a_path_that_can_be_read_in_two_ways_is_never_public() {
        for asked in [
            "/api/../admin",
            "/api/%2e%2e/admin",
            "/api/.%2e/admin",
            "/api//admin",
            "//api",
            "/api/%2fadmin",
            "/api%5cadmin",
            "/api\\admin",
            "/api/;x=/admin",
            "/api/%00",
            "/api/%0a",
            "/api/%25%32%65",
            "/api/%",
            "/api/%zz",
            "/api/é",
            "/api/%c3%a9",
            "/api/./x",
            "/api/..",
            "/api x",
        ] {
            assert!(!is_public("/api", asked), "{asked}");
        }
    }

    #[test]
    fn what_an_admin_types_is_read_in_one_way_too() {
        for typed in ["", "api", "/a//b", "/a/../b", "/a;b", "/%2e%2e", &format!("/{}", "a".repeat(200))] {
            assert_eq!(PublicPath::parse(typed), Err(NotAPublicPath), "{typed:?}");
        }
        assert_eq!(PublicPath::parse(" /static/ ").unwrap().as_str(), "/static");
        assert!(PublicPath::parse(&format!("/{}", "a".repeat(199))).is_ok());
    }

    proptest! {
        #[test]
        fn no_dot_segment_leaves_a_public_path(rest in "[a-z./%2eEfF;\\\\]{0,16}") {
            let asked = format!("/api/{rest}");
            if is_public("/api", &asked) {
                // As the browsers' parser resolves it, and as one that decodes first does.
                let base = url::Url::parse("https://wiki.example.com").unwrap();
                prop_assert!(base.join(&asked).unwrap().path().starts_with("/api"));
                let decoded = percent_decode_str(&asked).decode_utf8_lossy().into_owned();
                prop_assert!(base.join(&decoded).unwrap().path().starts_with("/api"));
            }
        }
    }
}
