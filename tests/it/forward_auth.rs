//! Forward-auth as a proxy and a browser see it: the check, the way in and out, and every answer.

use crate::{
    apps_stored::app,
    browser::{Browser, Page},
    harness::{Setup, TestApp, local},
};
use gatepost::{
    db,
    domain::{
        Lifetime,
        apps::{Access, AppId, Registered, identity::HEADERS, path::PublicPath, registered::AppOrigin},
        audit::Actor,
    },
};
use rocket::http::{Header, Method};
use std::{collections::BTreeMap, net::SocketAddr};

pub const ANA: &str = "ana@example.com";
const PROXY: &str = "10.0.0.1:40000";
pub const WIKI: &str = "wiki.example.com";
pub const BLOG: &str = "blog.other.example";
const NAVIGATION: [(&str, &str); 2] = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")];

/// The headers in which a proxy tells about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Forwarded,
    Nginx,
}
pub const FAMILIES: [Family; 2] = [Family::Forwarded, Family::Nginx];

/// A browser in front of a proxy: its cookies on each host of an app, and at Gatepost.
pub struct Surfer<'a> {
    pub gatepost: Browser<'a>,
    pub cookies: BTreeMap<String, BTreeMap<String, String>>,
    pub family: Family,
    pub headers: Vec<(&'static str, &'static str)>,
    pub method: &'static str,
}

pub fn setup() -> Setup {
    Setup::new().with("GATEPOST_TRUSTED_PROXIES", "10.0.0.0/8")
}

pub async fn start() -> TestApp {
    let gatepost = setup().start().await;
    prepare(&gatepost).await;
    gatepost
}

/// Adds Ana, and two apps that everyone may open.
pub async fn prepare(gatepost: &TestApp) {
    gatepost.add_account(ANA).await;
    prepare_apps(gatepost).await;
}

pub async fn prepare_apps(gatepost: &TestApp) {
    add(gatepost, open_to_all(app(1, "wiki", &[WIKI, "*.wiki.example.com"]))).await;
    add(gatepost, open_to_all(app(2, "blog", &[BLOG]))).await;
}

pub fn open_to_all(mut app: Registered) -> Registered {
    app.app.access = Access { everyone: true, ..Access::default() };
    app
}

pub async fn add(gatepost: &TestApp, new: Registered) {
    let now = gatepost.services.now();
    gatepost.write(move |connection| db::apps::insert(connection, &new, AppOrigin::Admin, now)).await;
    gatepost.a_second_later();
}

pub async fn change(gatepost: &TestApp, id: i64, how: impl Fn(&mut Registered) + Send + 'static) {
    let now = gatepost.services.now();
    gatepost
        .write(move |connection| {
            let mut app = db::apps::find(connection, AppId::from_i64(id))?.unwrap();
            how(&mut app);
            db::apps::update(connection, &app, now)
        })
        .await;
    gatepost.a_second_later();
}

/// Asks as a proxy does. `remote` is the machine that asks.
pub async fn ask(
    gatepost: &TestApp,
    path: &str,
    (headers, cookies): (&[(&str, &str)], &BTreeMap<String, String>),
) -> Page {
    ask_from(gatepost, (path, PROXY), (headers, cookies)).await
}

async fn ask_from(
    gatepost: &TestApp,
    (path, remote): (&str, &str),
    (headers, cookies): (&[(&str, &str)], &BTreeMap<String, String>),
) -> Page {
    let remote: SocketAddr = remote.parse().unwrap();
    let mut request = gatepost.client.get(path.to_owned()).remote(remote);
    for (name, value) in headers {
        request.add_header(Header::new((*name).to_owned(), (*value).to_owned()));
    }
    for (name, value) in cookies {
        request = request.cookie((name.clone(), value.clone()));
    }
    let response = request.dispatch().await;
    let headers = response.headers().iter().map(|header| (header.name.to_string(), header.value.to_string())).collect();
    let status = response.status();
    Page { status, headers, body: response.into_string().await.unwrap_or_default() }
}

impl<'a> Surfer<'a> {
    pub fn new(gatepost: &'a TestApp) -> Self {
        Self {
            gatepost: gatepost.browser(),
            cookies: BTreeMap::new(),
            family: Family::Forwarded,
            headers: NAVIGATION.to_vec(),
            method: "GET",
        }
    }

    /// The same browser as a script in a page.
    pub fn as_script(&mut self) -> &mut Self {
        self.headers = vec![("Sec-Fetch-Mode", "cors")];
        self
    }

    pub fn as_navigation(&mut self) -> &mut Self {
        self.headers = NAVIGATION.to_vec();
        self
    }

    /// Sends one request for a page of an app, and returns what the check answers.
    pub async fn check(&mut self, host: &str, uri: &str) -> Page {
        let url = format!("https://{host}{uri}");
        let (path, mut headers) = match self.family {
            Family::Forwarded => (
                "/forward-auth",
                vec![
                    ("X-Forwarded-Method", self.method),
                    ("X-Forwarded-Proto", "https"),
                    ("X-Forwarded-Host", host),
                    ("X-Forwarded-Uri", uri),
                ],
            ),
            Family::Nginx => {
                ("/forward-auth/nginx", vec![("X-Original-Method", self.method), ("X-Original-URL", url.as_str())])
            }
        };
        headers.extend(self.headers.iter().copied());
        headers.push(("Host", host));
        let cookies = self.cookies.entry(host.to_owned()).or_default();
        let page = ask(self.gatepost.app, path, (&headers, cookies)).await;
        assert!(page.set_cookies().len() <= 1, "proxies hand on one cookie: {:?}", page.set_cookies());
        assert_eq!(page.header("Cache-Control"), Some("no-store"));
        for line in page.set_cookies() {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            assert!(
                name.starts_with("__Host-gatepost_") && line.contains("Secure") && line.contains("Path=/"),
                "{line}"
            );
            assert!(line.contains("HttpOnly") && line.contains("SameSite=Lax") && !line.contains("Domain"), "{line}");
            cookies.insert(name.to_owned(), value.to_owned());
        }
        page
    }

    /// Opens a page of an app, and follows redirects between the app's host and Gatepost until a
    /// page comes. Returns that page and its address.
    pub async fn open(&mut self, host: &str, uri: &str) -> (String, Page) {
        self.follow(format!("https://{host}{uri}")).await
    }

    pub async fn follow(&mut self, mut url: String) -> (String, Page) {
        let ours = self.gatepost.app.base_url.clone();
        for _ in 0..12 {
            let page = if url.starts_with('/') || url.starts_with(&ours) {
                self.gatepost.get(&local(&url)).await
            } else {
                let (host, _) = url.strip_prefix("https://").unwrap().split_once('/').unwrap();
                self.check(host, &local(&url)).await
            };
            match leads_to(&page) {
                Some(to) => url = to,
                None => return (url, page),
            }
        }
        panic!("redirected in a circle, last to {url}");
    }

    /// Opens a page of the wiki by these nodes in turn, as a browser that drops the app's cookies.
    /// Returns how many redirects it followed, and where they end.
    async fn open_without_cookies(&mut self, uri: &str, nodes: &[&'a TestApp]) -> (usize, Page) {
        let mut url = format!("https://{WIKI}{uri}");
        for redirects in 0..40 {
            self.gatepost.app = nodes[redirects % nodes.len()];
            self.cookies.remove(WIKI);
            let page = if url.starts_with("https://") {
                self.check(WIKI, &local(&url)).await
            } else {
                self.gatepost.get(&local(&url)).await
            };
            match leads_to(&page) {
                Some(to) => url = to,
                None => return (redirects, page),
            }
        }
        panic!("redirected in a circle, last to {url}");
    }

    /// Returns whether the app gets a request of this browser, and for whom.
    pub async fn user_at(&mut self, host: &str) -> Option<String> {
        let page = self.check(host, "/").await;
        (page.status.code == 200).then(|| page.header("Remote-User").unwrap().to_owned())
    }

    /// Signs in by the email link, coming from an app.
    pub async fn sign_in_from(&mut self, host: &str, uri: &str) -> (String, Page) {
        let (url, page) = self.open(host, uri).await;
        page.assert_shows("Sign in");
        let query = url.split_once('?').unwrap().1;
        let (_, return_to) =
            url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "return_to").unwrap();
        let answer = self.gatepost.sign_in_to(ANA, &[("return_to", &return_to)]).await;
        self.follow(answer.location().unwrap().to_owned()).await
    }
}

/// Returns where an answer leads: by a redirect, nginx's 401, or the page that leads on by itself.
pub fn leads_to(page: &Page) -> Option<String> {
    let by_page = || {
        let rest = page.body.split("http-equiv=\"refresh\" content=\"0; url=").nth(1)?;
        Some(rest.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&"))
    };
    page.location().map(str::to_owned).or_else(by_page)
}

#[rocket::async_test]
async fn a_navigation_comes_back_from_the_email_to_the_very_page() {
    let gatepost = start().await;
    for family in FAMILIES {
        gatepost.clock.advance(Lifetime::minutes(10));
        let mut ana = Surfer { family, ..Surfer::new(&gatepost) };
        let (url, page) = ana.sign_in_from(WIKI, "/page?x=1&y=%2F%c3%A9#").await;
        assert_eq!(url, format!("https://{WIKI}/page?x=1&y=%2F%c3%A9#"), "{family:?}");
        page.assert_status(200);
        let values: Vec<_> = HEADERS.iter().map(|name| page.header(name).unwrap().to_owned()).collect();
        assert_eq!(values[0..4], ["ana", ANA, "", ""]);
        assert_eq!(values[5], "email");
        let now = gatepost.services.now().as_millis() / 1000;
        assert!((now - values[4].parse::<i64>().unwrap()).abs() < 60, "{}", values[4]);
        // The second app, on another domain, needs no sign-in.
        let (url, page) = ana.open(BLOG, "/").await;
        assert_eq!((url.as_str(), page.status.code), ("https://blog.other.example/", 200), "{family:?}");
        let mut cookie_sizes = ana.cookies.values().flat_map(|cookies| cookies.values().map(String::len));
        assert!(cookie_sizes.all(|size| size <= 120));
    }
}

#[rocket::async_test]
async fn a_link_that_is_opened_on_another_device_leads_in_there_too() {
    let gatepost = start().await;
    let mut laptop = Surfer::new(&gatepost);
    let (_, page) = laptop.open(WIKI, "/page").await;
    let return_to = page.hidden("return_to").replace("&amp;", "&").replace("&#38;", "&");
    laptop.gatepost.post("/login", &[("email", ANA), ("return_to", &return_to)]).await.assert_leads_to("/login/sent");
    let link = gatepost.mail_to(ANA).await.link();
    let mut phone = Surfer::new(&gatepost);
    phone.gatepost.open(&link).await.assert_status(200);
    let answer = phone.gatepost.post("/auth/verify", &[("this_device", "yes")]).await;
    let to = answer.location().unwrap_or_else(|| panic!("{}", answer.text())).to_owned();
    let (url, page) = phone.follow(to).await;
    assert_eq!((url.as_str(), page.status.code), ("https://wiki.example.com/page", 200), "{}", page.text());
}

#[rocket::async_test]
async fn every_caller_without_a_session_gets_its_own_answer() {
    let gatepost = start().await;
    let html = ("Accept", "text/html,application/xhtml+xml");
    for family in FAMILIES {
        let redirect = if family == Family::Nginx { 401 } else { 302 };
        for (method, headers, status, leads) in [
            ("GET", NAVIGATION.to_vec(), redirect, true),
            ("HEAD", NAVIGATION.to_vec(), redirect, true),
            ("GET", vec![html], redirect, true),
            ("GET", vec![], 401, false),
            ("GET", vec![("Accept", "application/json")], 401, false),
            ("GET", vec![html, ("X-Requested-With", "XMLHttpRequest")], 401, false),
            ("GET", vec![("Sec-WebSocket-Key", "x"), ("Upgrade", "websocket")], 401, false),
            ("POST", vec![], 401, false),
            ("POST", NAVIGATION.to_vec(), 401, false),
            ("DELETE", NAVIGATION.to_vec(), 401, false),
            ("OPTIONS", vec![("Origin", "https://a.example"), ("Access-Control-Request-Method", "PUT")], 401, false),
            ("PROPFIND", vec![], 401, false),
        ] {
            let mut stranger = Surfer { family, method, headers: headers.clone(), ..Surfer::new(&gatepost) };
            let page = stranger.check(WIKI, "/page").await;
            assert_eq!(page.status.code, status, "{family:?} {method} {headers:?}");
            assert_eq!(page.location().is_some(), leads, "{family:?} {method} {headers:?}");
            assert!(page.header("Strict-Transport-Security").is_none(), "that is the app's own matter");
            if !leads {
                assert_eq!(page.header("WWW-Authenticate"), Some("Gatepost"));
            }
            let is_page = method == "POST" && !headers.is_empty();
            assert_eq!(!page.body.is_empty(), is_page, "{method} {headers:?}: {}", page.body);
        }
    }
}

#[rocket::async_test]
async fn a_page_inside_another_one_shows_a_link_and_a_lost_form_says_so() {
    let gatepost = start().await;
    let mut stranger = Surfer::new(&gatepost);
    stranger.headers = vec![("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")];
    let page = stranger.check(WIKI, "/page?x=1").await;
    page.assert_status(401).assert_shows("Open as a full page");
    assert!(page.body.contains("href=\"https://wiki.example.com/page?x=1\" target=\"_top\""), "{}", page.body);
    assert!(page.header("X-Frame-Options").is_none(), "a page of the operator's may frame it");
    assert!(!page.header("Content-Security-Policy").unwrap().contains("frame-ancestors"));
    stranger.as_navigation().method = "POST";
    stranger.check(WIKI, "/save").await.assert_status(401).assert_shows("your form wasn’t sent");
    stranger.headers.push(("Accept-Language", "de"));
    stranger.check(WIKI, "/save").await.assert_shows("Noch nicht gesendet");
}

#[rocket::async_test]
async fn an_admitted_request_always_has_all_six_headers_once() {
    let gatepost = start().await;
    change(&gatepost, 1, |app| app.public_paths = vec![PublicPath::parse("/public").unwrap()]).await;
    let mut ana = Surfer::new(&gatepost);
    ana.headers.extend([("Remote-User", "root"), ("Remote_User", "root"), ("Remote-Groups", "admins")]);
    let public = ana.check(WIKI, "/public/x").await;
    ana.sign_in_from(WIKI, "/").await;
    let signed_in = ana.check(WIKI, "/").await;
    let on_public = ana.check(WIKI, "/public/x").await;
    for (page, user) in [(public, ""), (signed_in, "ana"), (on_public, "ana")] {
        page.assert_status(200);
        for name in HEADERS {
            let values: Vec<_> = page.headers.iter().filter(|(header, _)| header.eq_ignore_ascii_case(name)).collect();
            assert_eq!(values.len(), 1, "{name}: {values:?}");
            assert!(!values[0].1.contains("root") && !values[0].1.contains("admins"));
        }
        assert_eq!(page.header("Remote-User"), Some(user));
    }
}

#[rocket::async_test]
async fn a_header_that_is_missing_doubled_or_of_the_other_family_is_a_bad_request() {
    let gatepost = start().await;
    let cookies = BTreeMap::new();
    let whole = [
        ("X-Forwarded-Method", "GET"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", WIKI),
        ("X-Forwarded-Uri", "/"),
    ];
    let original = [("X-Original-Method", "GET"), ("X-Original-URL", "https://wiki.example.com/")];
    for (path, headers) in [("/forward-auth", &whole[..]), ("/forward-auth/nginx", &original[..])] {
        assert_ne!(ask(&gatepost, path, (headers, &cookies)).await.status.code, 400, "{path}");
        for (n, (name, value)) in headers.iter().enumerate() {
            let missing = [&headers[..n], &headers[n + 1..]].concat();
            let page = ask(&gatepost, path, (&missing, &cookies)).await;
            page.assert_status(400).assert_shows(&format!("The proxy sent no {name}."));
            // The line to add, too.
            let line = page.body.lines().find(|line| line.contains("set") && line.contains("header"));
            assert!(line.is_some_and(|line| line.contains(name)), "{}", page.body);
            let twice = [headers, &[(*name, *value)]].concat();
            let page = ask(&gatepost, path, (&twice, &cookies)).await;
            page.assert_status(400).assert_shows(&format!("The proxy sent {name} twice."));
        }
    }
    ask(&gatepost, "/forward-auth", (&original, &cookies)).await.assert_status(400);
    ask(&gatepost, "/forward-auth/nginx", (&whole, &cookies)).await.assert_status(400);
    // Nothing in the query counts: Caddy appends the visitor's.
    let page = ask(&gatepost, "/forward-auth?X-Forwarded-Host=evil.example&rd=x", (&whole, &cookies)).await;
    page.assert_status(401);
}

#[rocket::async_test]
async fn only_a_trusted_proxy_may_ask() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(WIKI, "/").await;
    let whole = [
        ("X-Forwarded-Method", "GET"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", WIKI),
        ("X-Forwarded-Uri", "/"),
        ("X-Forwarded-For", "10.0.0.1"),
    ];
    let answer = async |remote| ask_from(&gatepost, ("/forward-auth", remote), (&whole, &ana.cookies[WIKI])).await;
    answer(PROXY).await.assert_status(200);
    for remote in ["203.0.113.7:1", "[2001:db8::1]:1", "11.0.0.1:1", "127.0.0.1:1"] {
        let page = answer(remote).await;
        page.assert_status(403).assert_shows("GATEPOST_TRUSTED_PROXIES");
        assert!(page.header("Remote-User").is_none());
    }
    // No machine is trusted until the operator says so.
    let other = TestApp::new().await;
    prepare(&other).await;
    ask(&other, "/forward-auth", (&whole, &BTreeMap::new())).await.assert_status(403);
}

#[rocket::async_test]
async fn a_host_of_no_app_is_refused_in_every_spelling() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(WIKI, "/").await;
    let cookies = ana.cookies[WIKI].clone();
    let with = async |host: &str| {
        let headers = [
            ("X-Forwarded-Method", "GET"),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Host", host),
            ("X-Forwarded-Uri", "/"),
        ];
        ask(&gatepost, "/forward-auth", (&headers, &cookies)).await.status.code
    };
    for host in [WIKI, "WIKI.example.com", "wiki.example.com:443"] {
        assert_eq!(with(host).await, 200, "{host}");
    }
    for (host, status) in [
        ("evil.example", 403),
        ("wiki.example.com:8443", 403),
        ("wiki.example.com.", 403),
        ("ana@wiki.example.com", 403),
        ("wiki.example.com, evil.example", 400),
        ("wíki.example.com", 403),
        ("", 400),
        ("example.com", 403),
        ("a.b.wiki.example.com", 403),
        ("localhost", 403),
        ("localhost:8000", 403),
    ] {
        assert_eq!(with(host).await, status, "{host}");
    }
    // Cookies know no ports: an app under Gatepost's own name would get every session.
    add(&gatepost, open_to_all(app(9, "here", &["http://localhost:9000"]))).await;
    assert_eq!(with("localhost:9000").await, 403);
}

#[rocket::async_test]
async fn a_public_path_needs_no_sign_in_unless_it_can_be_read_in_two_ways() {
    let gatepost = start().await;
    change(&gatepost, 1, |app| app.public_paths = vec![PublicPath::parse("/api").unwrap()]).await;
    let mut stranger = Surfer::new(&gatepost);
    stranger.as_script();
    for uri in ["/api", "/api/", "/api/x?y=../../admin", "/%61pi/x"] {
        let page = stranger.check(WIKI, uri).await;
        assert_eq!((page.status.code, page.header("Remote-User")), (200, Some("")), "{uri}");
    }
    for uri in [
        "/",
        "/apis",
        "/api/../admin",
        "/api/%2e%2e/admin",
        "/api/..%2fadmin",
        "/api%2f..%2fadmin",
        "//api",
        "/api//x",
        "/api/./x",
        "/api;x/y",
        "/api\\..\\admin",
        "/api/%00",
        "/api/%252e%252e/admin",
        "/api/%",
        "/API",
        "/api/%c0%ae",
        "/x/api",
    ] {
        assert_eq!(stranger.check(WIKI, uri).await.status.code, 401, "{uri}");
    }
    assert_eq!(stranger.check(BLOG, "/api").await.status.code, 401, "another app");
    change(&gatepost, 1, |app| app.app.is_disabled = true).await;
    assert_eq!(stranger.check(WIKI, "/api").await.status.code, 401, "an app that is turned off");
}

#[rocket::async_test]
async fn a_preflight_reaches_an_app_that_wants_it() {
    let gatepost = start().await;
    let mut browser = Surfer::new(&gatepost);
    browser.method = "OPTIONS";
    browser.headers = vec![("Origin", "https://a.example"), ("Access-Control-Request-Method", "PUT")];
    browser.check(WIKI, "/api").await.assert_status(401);
    change(&gatepost, 1, |app| app.preflights = true).await;
    let page = browser.check(WIKI, "/api").await;
    assert_eq!((page.status.code, page.header("Remote-User")), (200, Some("")));
    browser.headers.pop();
    browser.check(WIKI, "/api").await.assert_status(401);
}

#[rocket::async_test]
async fn who_may_not_open_an_app_is_told_whom_to_ask_and_can_use_another_account() {
    let gatepost = start().await;
    change(&gatepost, 1, |app| app.app.access.everyone = false).await;
    let mut ana = Surfer::new(&gatepost);
    let (url, page) = ana.sign_in_from(WIKI, "/page").await;
    assert!(url.ends_with("/apps/refused?app=wiki"), "{url}");
    page.assert_status(403).assert_shows("You can’t open wiki").assert_shows(ANA).assert_shows("Ask for access");
    let answer = ana.gatepost.post("/logout", &[("return_to", "/apps/refused?app=wiki")]).await;
    answer.assert_leads_to("/login?return_to=%2Fapps%2Frefused%3Fapp%3Dwiki");
    // Let in, then shut out again while the app is open.
    change(&gatepost, 1, |app| app.app.access.everyone = true).await;
    let (_, page) = ana.sign_in_from(WIKI, "/page").await;
    page.assert_status(200);
    let (_, page) = ana.follow("/apps/refused?app=wiki".to_owned()).await;
    page.assert_status(200).assert_shows("You can open wiki");
    change(&gatepost, 1, |app| app.app.access.everyone = false).await;
    let page = ana.check(WIKI, "/page").await;
    assert_eq!(leads_to(&page).as_deref(), Some("http://localhost:8000/apps/refused?app=wiki"));
    ana.as_script().check(WIKI, "/page").await.assert_status(403);
    ana.gatepost.get("/apps/refused?app=nothing").await.assert_status(404);
    ana.gatepost.get("/apps/refused").await.assert_status(404);
}

#[rocket::async_test]
async fn a_group_opens_an_app_and_is_told_to_it_within_a_second() {
    let gatepost = start().await;
    let ana_id = gatepost.account_of(ANA).await.unwrap().id;
    let now = gatepost.services.now();
    gatepost
        .write(move |connection| {
            db::groups::insert(connection, &crate::apps_stored::group(7, "family"), now)?;
            db::groups::insert(connection, &crate::apps_stored::group(8, "admins"), now)
        })
        .await;
    let family = gatepost::domain::group::GroupId::from_i64(7);
    change(&gatepost, 1, move |app| {
        app.app.access = Access { everyone: false, groups: vec![family], people: Vec::new() };
    })
    .await;
    let mut ana = Surfer::new(&gatepost);
    let (url, _) = ana.sign_in_from(WIKI, "/").await;
    assert!(url.contains("/apps/refused"), "{url}");
    for group in [7, 8] {
        let group = gatepost::domain::group::GroupId::from_i64(group);
        gatepost.write(move |connection| db::groups::join(connection, group, ana_id, now).map(drop)).await;
    }
    gatepost.a_second_later();
    let (_, page) = ana.open(WIKI, "/").await;
    page.assert_status(200);
    assert_eq!(page.header("Remote-Groups"), Some("admins,family"));
    gatepost.write(move |connection| db::groups::leave(connection, family, ana_id).map(drop)).await;
    gatepost.a_second_later();
    ana.as_script().check(WIKI, "/").await.assert_status(403);
}

/// Half of the groups would be wrong, and a header of many kilobytes is refused by many a server.
#[rocket::async_test]
async fn a_user_of_too_many_groups_is_told_to_the_app_without_any_and_the_admin_learns_why() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(WIKI, "/").await;
    let (ana_id, now) = (gatepost.account_of(ANA).await.unwrap().id, gatepost.services.now());
    gatepost
        .write(move |connection| {
            for n in 100..200 {
                let group = crate::apps_stored::group(n, &format!("a-group-with-a-long-name-{n}"));
                db::groups::insert(connection, &group, now)?;
                db::groups::join(connection, group.id, ana_id, now)?;
            }
            Ok(())
        })
        .await;
    gatepost.a_second_later();
    let page = ana.check(WIKI, "/").await;
    page.assert_status(200);
    assert_eq!((page.header("Remote-User"), page.header("Remote-Groups")), (Some("ana"), Some("")));
    let noted = gatepost.services.troubles.waiting();
    assert!(noted.iter().any(|(app, trouble, _)| {
        *app == Some(AppId::from_i64(1)) && *trouble == gatepost::domain::apps::trouble::Trouble::GroupsTooLong
    }));
}

#[rocket::async_test]
async fn a_browser_that_keeps_no_cookie_of_the_app_is_told_so() {
    let gatepost = start().await;
    let other = setup().beside(&gatepost).start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(BLOG, "/").await;
    for nodes in [&[&gatepost][..], &[&gatepost, &other], &[&other, &gatepost, &other]] {
        for family in FAMILIES {
            ana.family = family;
            let (redirects, page) = ana.open_without_cookies("/page?x=1", nodes).await;
            page.assert_shows("wiki can’t keep you signed in").assert_shows(WIKI).assert_status(400);
            assert!(redirects <= 6, "{redirects} redirects: Chromium and Firefox give up after 20");
        }
    }
    ana.gatepost.app = &gatepost;
    let (_, page) = ana.open(WIKI, "/page").await;
    page.assert_status(200);
}

#[rocket::async_test]
async fn a_browser_that_begins_to_keep_cookies_is_led_in() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(BLOG, "/").await;
    let enter = leads_to(&ana.check(WIKI, "/page?x=1").await).unwrap();
    let callback = leads_to(&ana.gatepost.get(&local(&enter)).await).unwrap();
    ana.cookies.remove(WIKI);
    let (url, page) = ana.follow(callback.clone()).await;
    assert_eq!((url.as_str(), page.status.code), ("https://wiki.example.com/page?x=1", 200));
    // The same address again, from the history: it is old, and no miss.
    gatepost.clock.advance(Lifetime::minutes(1));
    ana.cookies.remove(WIKI);
    let (url, page) = ana.follow(callback).await;
    assert_eq!((url.as_str(), page.status.code), ("https://wiki.example.com/page?x=1", 200));
}

#[rocket::async_test]
async fn an_app_that_deletes_its_cookies_each_time_ends_in_the_page_too() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(BLOG, "/").await;
    for round in 1..5 {
        assert_eq!(ana.open(WIKI, "/page").await.1.status.code, 200, "{round}");
        ana.cookies.remove(WIKI);
    }
    let (_, page) = ana.open(WIKI, "/page").await;
    page.assert_shows("wiki can’t keep you signed in").assert_status(400);
    gatepost.clock.advance(Lifetime::seconds(21));
    let (_, page) = ana.open(WIKI, "/page").await;
    page.assert_status(200);
}

#[rocket::async_test]
async fn two_tabs_on_their_way_do_not_undo_each_other() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    let first = ana.check(WIKI, "/one").await;
    let way = ana.cookies[WIKI].clone();
    let second = ana.check(WIKI, "/two").await;
    assert!(second.set_cookies().is_empty() && ana.cookies[WIKI] == way);
    ana.gatepost.sign_in(ANA).await;
    for (begun, path) in [(first, "/one"), (second, "/two")] {
        let (url, page) = ana.follow(leads_to(&begun).unwrap()).await;
        assert_eq!((url, page.status.code), (format!("https://{WIKI}{path}"), 200));
    }
}

#[rocket::async_test]
async fn paths_of_ours_on_the_app_s_host_never_reach_the_app() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(WIKI, "/").await;
    for uri in ["/.gatepost", "/.gatepost/", "/.gatepost/x", "/.gatepost/callback/", "/%2egatepost/callback?code=x"] {
        ana.family = Family::Forwarded;
        assert_eq!(ana.check(WIKI, uri).await.status.code, 404, "{uri}");
        ana.family = Family::Nginx;
        assert_eq!(ana.check(WIKI, uri).await.status.code, 403, "{uri}: nginx knows no other refusal");
    }
    ana.family = Family::Forwarded;
    ana.method = "POST";
    assert_eq!(ana.check(WIKI, "/.gatepost/callback?code=x").await.status.code, 404);
}

#[rocket::async_test]
async fn signing_out_from_an_app_asks_first_and_ends_every_app() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(WIKI, "/").await;
    ana.open(BLOG, "/").await;
    let (url, page) = ana.open(WIKI, "/.gatepost/sign-out").await;
    assert!(url.ends_with("/apps/sign-out"));
    page.assert_shows("Sign out?").assert_shows("and its apps in this browser");
    assert_eq!(ana.user_at(WIKI).await.as_deref(), Some("ana"), "a link alone changes nothing");
    ana.gatepost.post("/logout", &[]).await.assert_leads_to("/login");
    for host in [WIKI, BLOG] {
        assert_eq!(ana.user_at(host).await, None, "{host}: at once on this node");
    }
    ana.gatepost.get("/apps/sign-out").await.assert_leads_to("/login");
}

#[rocket::async_test]
async fn what_ends_a_session_ends_it_at_apps_within_a_second_on_every_node() {
    let gatepost = start().await;
    let other = setup().beside(&gatepost).start().await;
    for (n, ends) in ["DELETE FROM sessions", "UPDATE accounts SET disabled_at = 1"].into_iter().enumerate() {
        gatepost.clock.advance(Lifetime::minutes(10));
        let mut ana = Surfer::new(&gatepost);
        ana.sign_in_from(WIKI, "/").await;
        let mut elsewhere = Surfer { cookies: ana.cookies.clone(), ..Surfer::new(&other) };
        assert_eq!(elsewhere.user_at(WIKI).await.as_deref(), Some("ana"), "any node opens the pass");
        other.write(move |connection| Ok(diesel::connection::SimpleConnection::batch_execute(connection, ends)?)).await;
        gatepost.a_second_later();
        for surfer in [&mut ana, &mut elsewhere] {
            surfer.as_script().check(WIKI, "/").await.assert_status(401);
        }
        assert!(n < 2);
    }
}

#[rocket::async_test]
async fn a_day_of_work_in_an_app_keeps_the_session() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(WIKI, "/").await;
    for _ in 0..10 {
        gatepost.clock.advance(Lifetime::hours(1));
        assert_eq!(ana.user_at(WIKI).await.as_deref(), Some("ana"));
        gatepost.services.sessions.write_seen(&gatepost.services.db).await.unwrap();
    }
    assert!(ana.gatepost.is_signed_in_as(ANA).await);
    gatepost.services.uses.write(&gatepost.services.db, &gatepost.services.context(Actor::Gatepost)).await.unwrap();
    let uses = gatepost.read(db::apps::last_uses).await;
    assert_eq!(uses.get(&AppId::from_i64(1)), Some(&gatepost.services.now()));
    assert_eq!(uses.get(&AppId::from_i64(2)), None);
}

#[rocket::async_test]
async fn a_long_path_is_kept_across_the_sign_in_and_a_longer_one_leads_to_the_front_page() {
    let gatepost = start().await;
    for (length, kept) in [(1500, true), (1501, false)] {
        gatepost.clock.advance(Lifetime::minutes(10));
        let uri = format!("/{}", "a%2F".repeat(400));
        let uri = format!("{}{}", &uri[..length - 1], "x");
        let mut ana = Surfer::new(&gatepost);
        let (url, page) = ana.sign_in_from(WIKI, &uri).await;
        page.assert_status(200);
        let expected = if kept { uri.as_str() } else { "/" };
        assert_eq!(url, format!("https://{WIKI}{expected}"));
    }
}

#[rocket::async_test]
async fn the_way_from_a_form_of_ours_is_a_page_and_from_an_app_a_redirect() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.gatepost.sign_in(ANA).await;
    let enter = local(&leads_to(&ana.check(WIKI, "/page").await).unwrap());
    for (site, status) in [("same-origin", 200), ("cross-site", 302), ("same-site", 302), ("none", 302)] {
        let page = ana.gatepost.with(&[("Sec-Fetch-Site", site)]).request(Method::Get, &enter, None).await;
        assert_eq!(page.status.code, status, "{site}");
        assert!(leads_to(&page).unwrap().starts_with("https://wiki.example.com/.gatepost/callback?code="));
    }
    gatepost.clock.advance(Lifetime::seconds(21));
    ana.gatepost.get(&enter).await.assert_status(200).assert_shows(WIKI);
}

#[rocket::async_test]
async fn what_is_no_way_in_of_ours_is_a_bad_request_or_not_found() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.gatepost.sign_in(ANA).await;
    let enter = local(&leads_to(&ana.check(WIKI, "/page").await).unwrap());
    let without = |name: &str| {
        let (path, query) = enter.split_once('?').unwrap();
        let kept: Vec<_> = query.split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).collect();
        format!("{path}?{}", kept.join("&"))
    };
    for name in ["app", "host", "way", "to"] {
        ana.gatepost.get(&without(name)).await.assert_status(400);
        ana.gatepost.get(&format!("{enter}&{name}=x")).await.assert_status(400);
    }
    for (name, value, status) in [
        ("app", "blog", 404),
        ("app", "nothing", 404),
        ("host", "evil.example", 404),
        ("host", "localhost:8000", 404),
        ("way", "AAAA", 400),
        // "//evil.example" is a path of the app's own host; "x" is no path.
        ("to", "eA", 400),
    ] {
        ana.gatepost.get(&format!("{}&{name}={value}", without(name))).await.assert_status(status);
    }
    ana.gatepost.get("/apps/enter").await.assert_status(400);
}

#[rocket::async_test]
async fn the_sign_in_page_says_to_which_app_one_goes() {
    let gatepost = start().await;
    gatepost.set("password_enabled", "on").await;
    let (url, page) = Surfer::new(&gatepost).open(WIKI, "/page").await;
    page.assert_shows("to continue to wiki");
    let login = local(&url);
    let mut browser = gatepost.browser();
    let password = login.replace("/login?", "/login/password?");
    browser.get(&password).await.assert_shows("to continue to wiki");
    gatepost.browser().speaking("de").get(&login).await.assert_shows("weiter zu wiki");
    // Anyone can write a link: no other words of it are shown.
    for (path, app) in [("/apps/enter", "unknown"), ("/apps/enter", "Free%20money"), ("/account", "wiki")] {
        let to = format!("{path}?app={app}");
        let page = browser.get(&format!("/login?return_to={}", to.replace('?', "%3F").replace('=', "%3D"))).await;
        page.assert_status(200).assert_hides("to continue to").assert_hides("Free");
    }
    change(&gatepost, 1, |app| app.app.is_disabled = true).await;
    browser.get(&login).await.assert_status(200).assert_hides("to continue to");
}
