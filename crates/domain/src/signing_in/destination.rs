//! Destination of a sign-in: a page of ours, or an app.
//!
//! Queries and forms ask for a page, and [`ReturnTo`] checks it, because an attacker may have
//! written it. They cannot name an app. Our own code makes an app's destination, and a row keeps
//! it.

use crate::{
    ReturnTo,
    apps::{
        AppId, Registered,
        host::{AppHost, AskedHost},
        verdict::CALLBACK,
    },
    oidc::RedirectUri,
};
use std::{fmt, net::IpAddr};
use url::{Host, Url};

/// Longest address of an app. An answer to an app carries a code and what the app sent along.
pub const MAX_URL_LENGTH: usize = 8192;
/// Prefix of a stored destination at an app. A path begins with a slash, so that older versions
/// read this as the account page.
const APP: &str = "app:";

/// Page or app to which a user goes at the end of a sign-in or a step-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    Local(ReturnTo),
    App { app: AppId, url: AppUrl },
}

impl Destination {
    pub fn home() -> Self {
        Self::Local(ReturnTo::home())
    }

    /// Returns the way into an app at a host that an admin named. `code` is sealed and in
    /// base64url.
    ///
    /// It is not stored: it counts for half a minute. The host may be one without HTTPS, because an
    /// admin said so.
    pub fn way_in(app: AppId, (host, asked): (&AppHost, &AskedHost), code: &str) -> Self {
        let authority = Authority { host: asked.name.as_str().to_owned(), port: host.port };
        let text = format!("{}{CALLBACK}?code={code}", host.origin_of(asked));
        Self::App { app, url: AppUrl { text, authority } }
    }

    /// Returns the front page of an app, at the address that an admin gave. `None` if it has none.
    pub fn front(app: &Registered) -> Option<Self> {
        let url = match &app.look.launch_url {
            Some(url) => AppUrl::parse(url.as_str())?,
            None => {
                let host = app.hosts.iter().find(|host| !host.is_wildcard)?;
                let authority = Authority { host: host.name.as_str().to_owned(), port: host.port };
                AppUrl { text: format!("{host}/"), authority }
            }
        };
        Some(Self::App { app: app.app.id, url })
    }

    /// Returns the site of an app that only speaks OpenID Connect: where its answers go. `None` if
    /// they go to a program on the user's device.
    pub fn site(app: AppId, uris: &[RedirectUri]) -> Option<Self> {
        let uri = uris.iter().find(|uri| uri.is_web())?;
        let url = AppUrl::parse(&format!("{}/", uri.origin()?))?;
        Some(Self::App { app, url })
    }

    /// Reads what [`Destination::stored`] wrote. Anything else becomes the account page. A
    /// destination that cannot be used must not keep a user from signing in.
    pub fn from_stored(stored: &str) -> Self {
        match stored.strip_prefix(APP) {
            Some(rest) => Self::read_app(rest).unwrap_or_else(Self::home),
            None => Self::Local(ReturnTo::parse(stored)),
        }
    }

    fn read_app(rest: &str) -> Option<Self> {
        let (app, url) = rest.split_once(':')?;
        Some(Self::App { app: app.parse().ok()?, url: AppUrl::parse(url)? })
    }

    /// Returns the text for a column: a path, or `app:<id>:<address>`.
    pub fn stored(&self) -> String {
        match self {
            Self::Local(path) => path.to_string(),
            Self::App { app, url } => format!("{APP}{app}:{url}"),
        }
    }

    /// Returns the page, unless the destination is an app.
    pub const fn local(&self) -> Option<&ReturnTo> {
        match self {
            Self::Local(path) => Some(path),
            Self::App { .. } => None,
        }
    }

    /// Returns what a query of ours may carry: the page, or the account page in place of an app.
    pub fn page(&self) -> ReturnTo {
        self.local().cloned().unwrap_or_else(ReturnTo::home)
    }

    /// Returns what a link on a page leads to.
    pub fn href(&self) -> &str {
        match self {
            Self::Local(path) => path.as_str(),
            Self::App { url, .. } => url.as_str(),
        }
    }
}

impl From<ReturnTo> for Destination {
    fn from(path: ReturnTo) -> Self {
        Self::Local(path)
    }
}

/// Address of an app, in the one spelling that browsers give it.
///
/// It is HTTPS, or HTTP on this machine. It has no user name, no password and no fragment. What is
/// checked and what a browser opens are therefore the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppUrl {
    text: String,
    authority: Authority,
}

/// Host of an app, with the port where it is not the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Authority {
    host: String,
    port: Option<u16>,
}

impl AppUrl {
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_graphic() && !br#"\"<>`{}|^"#.contains(&b);
        if text.len() > MAX_URL_LENGTH || !text.bytes().all(plain) {
            return None;
        }
        let url = Url::parse(text).ok().filter(|url| url.as_str() == text)?;
        let is_safe = match url.scheme() {
            "https" => true,
            "http" => url.host().is_some_and(|host| is_loopback(&host)),
            _ => false,
        };
        let has_extra = !url.username().is_empty() || url.password().is_some() || url.fragment().is_some();
        let host = url.host_str().filter(|host| is_safe && !has_extra && !host.ends_with('.'))?.to_owned();
        Some(Self { authority: Authority { host, port: url.port() }, text: text.to_owned() })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the host in ASCII.
    pub fn host(&self) -> &str {
        &self.authority.host
    }

    /// Returns the port, unless it is the scheme's own.
    pub const fn port(&self) -> Option<u16> {
        self.authority.port
    }
}

impl fmt::Display for AppUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => IpAddr::from(*address).is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_destination_reads_back_as_it_was_stored() {
        for stored in [
            "/account",
            "/admin/settings?held=0123",
            "app:0123456789abcdef:https://wiki.example.com/callback?code=x&state=y",
            "app:0000000000000001:https://xn--bcher-kva.example:8443/",
            "app:0000000000000001:http://127.0.0.1:4000/x",
            "app:0000000000000001:http://localhost/x",
            "app:0000000000000001:http://wiki.localhost/x",
            "app:0000000000000001:http://[::1]:9/x",
        ] {
            let read = Destination::from_stored(stored);
            assert_eq!(read.stored(), stored);
            assert_eq!(read.local().is_some(), stored.starts_with('/'), "{stored}");
        }
    }

    #[test]
    fn the_site_of_an_app_is_where_its_answers_go_in_the_web() {
        let site = |uris: &[&str]| {
            let uris: Vec<_> = uris.iter().map(|uri| RedirectUri::parse(uri).unwrap()).collect();
            Destination::site(AppId::from_i64(1), &uris).map(|site| site.href().to_owned())
        };
        let web = "https://notes.example.com:8443/oauth/callback?x=1";
        assert_eq!(
            site(&["com.example.notes:/back", "http://127.0.0.1/back", web]).unwrap(),
            "https://notes.example.com:8443/"
        );
        assert_eq!(site(&["com.example.notes:/back", "http://127.0.0.1/back"]), None);
        assert_eq!(site(&[]), None);
    }

    #[test]
    fn anything_else_in_a_row_leads_to_the_account_page() {
        for hostile in [
            "",
            "app:",
            "app:0123456789abcdef",
            "app:0123456789abcdef:",
            "app::https://evil.example/",
            "app:1:https://evil.example/",
            "app:-123456789abcdef:https://evil.example/",
            "APP:0123456789abcdef:https://evil.example/",
            " app:0123456789abcdef:https://evil.example/",
            "/app:0123456789abcdef:https://evil.example/\\",
            "app:0123456789abcdef:/account",
            "app:0123456789abcdef://evil.example/",
            "app:0123456789abcdef:http://evil.example/",
            "app:0123456789abcdef:http://127.0.0.1.evil.example/",
            "app:0123456789abcdef:http://localhost.evil.example/",
            "app:0123456789abcdef:http://evillocalhost/",
            "app:0123456789abcdef:javascript:alert(1)",
            "app:0123456789abcdef:data:text/html,x",
            "app:0123456789abcdef:file:///etc/passwd",
            "app:0123456789abcdef:ftp://evil.example/",
            "app:0123456789abcdef:https:evil.example/",
            "app:0123456789abcdef:https:///evil.example/",
            "app:0123456789abcdef:https://evil.example",
            "app:0123456789abcdef:https://EVIL.example/",
            "app:0123456789abcdef:https://evil.example./",
            "app:0123456789abcdef:https://evil.example:443/",
            "app:0123456789abcdef:https://evil.example/x/../y",
            "app:0123456789abcdef:https://ana@evil.example/",
            "app:0123456789abcdef:https://wiki.example.com:x@evil.example/",
            "app:0123456789abcdef:https://evil.example/#x",
            "app:0123456789abcdef:https://evil.example\\@wiki.example.com/",
            "app:0123456789abcdef:https://evil.example/a b",
            "app:0123456789abcdef:https://evil.example/\r\nSet-Cookie: x=y",
            "app:0123456789abcdef:https://evil.example/\"><script>",
            "app:0123456789abcdef:https://bücher.example/",
            "app:0123456789abcdef:https://xn--/",
            "https://evil.example/",
            "//evil.example",
            "/login",
        ] {
            assert_eq!(Destination::from_stored(hostile), Destination::home(), "{hostile:?}");
        }
        let long = format!("app:0123456789abcdef:https://evil.example/{}", "a".repeat(MAX_URL_LENGTH));
        assert_eq!(Destination::from_stored(&long), Destination::home());
    }

    #[test]
    fn no_text_of_a_query_or_a_form_names_an_app() {
        for asked in ["app:0123456789abcdef:https://wiki.example.com/", "https://wiki.example.com/"] {
            assert_eq!(Destination::from(ReturnTo::parse(asked)), Destination::home());
        }
    }

    #[test]
    fn in_place_of_an_app_a_query_carries_the_account_page() {
        let app = Destination::from_stored("app:0123456789abcdef:https://wiki.example.com/");
        assert!(app.local().is_none() && app.page().is_home());
        assert_eq!(app.href(), "https://wiki.example.com/");
        let page = Destination::from_stored("/account/close");
        assert_eq!((page.page().as_str(), page.href()), ("/account/close", "/account/close"));
    }

    #[test]
    fn an_address_knows_its_host_and_a_port_of_its_own() {
        let parse = |text: &str| AppUrl::parse(text).unwrap();
        let parts = |url: &AppUrl| (url.host().to_owned(), url.port());
        assert_eq!(parts(&parse("https://wiki.example.com/x")), ("wiki.example.com".into(), None));
        assert_eq!(parts(&parse("https://wiki.example.com:8443/x")), ("wiki.example.com".into(), Some(8443)));
    }

    #[test]
    fn a_way_into_an_app_is_at_the_host_that_the_admin_named() {
        let way_in = |host: &str, asked: &str| {
            let (host, asked) = (AppHost::parse(host).unwrap(), AskedHost::parse(asked).unwrap());
            Destination::way_in(AppId::from_i64(1), (&host, &asked), "x-_").href().to_owned()
        };
        let expected = "https://wiki.example.com/.gatepost/callback?code=x-_";
        assert_eq!(way_in("wiki.example.com", "WIKI.example.com:443"), expected);
        assert_eq!(way_in("*.example.com", "wiki.example.com"), expected);
        assert_eq!(way_in("http://10.0.0.7:8080", "10.0.0.7:8080"), "http://10.0.0.7:8080/.gatepost/callback?code=x-_");
    }

    proptest! {
        #[test]
        fn what_is_read_is_a_page_of_ours_or_the_address_that_a_browser_opens(
            text in "(/|app:[0-9a-f]{16}:|app:)(https?:)?[/\\\\a-z.:@%0-9?#\t ]{0,30}|\\PC{0,40}",
        ) {
            let here = Url::parse("https://login.example.com/login").unwrap();
            let read = Destination::from_stored(&text);
            let opened = here.join(read.href()).unwrap();
            match &read {
                Destination::Local(_) => prop_assert_eq!(opened.origin(), here.origin()),
                Destination::App { url, .. } => {
                    prop_assert_eq!(opened.as_str(), url.as_str());
                    prop_assert_eq!(opened.host_str(), Some(url.host()));
                    prop_assert!(opened.username().is_empty() && matches!(opened.scheme(), "https" | "http"));
                }
            }
            prop_assert_eq!(Destination::from_stored(&read.stored()), read);
        }
    }
}
