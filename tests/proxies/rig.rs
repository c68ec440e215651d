//! Gatepost, an app and a proxy between them, and a browser that talks to both.

use crate::{
    app::{App, Received},
    http::{Answer, read_answer},
    proxy::{Kind, Proxy},
    server::{Home, Server, eventually, link_in},
};
use gatepost::{
    db,
    domain::{
        Clock, EmailAddress, Timestamp,
        apps::{
            Access, App as OurApp, AppId, AppName, AppSlug, Registered,
            host::AppHost,
            path::PublicPath,
            registered::{AppOrigin, Look},
        },
        assurance::{Required, Strength},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

pub const LOGIN: &str = "login.example.com";
pub const WIKI: &str = "app.example.com";
/// The second app, on a domain that has nothing to do with the others.
pub const BLOG: &str = "blog.other.example";
/// One of many hosts of a third app, where the proxy's file has a wildcard.
pub const WILD: &str = "one.wild.example.com";
/// An app that the proxy does not serve.
pub const NOTES: &str = "notes.example.com";
pub const ANA: &str = "ana@example.com";

pub struct Rig<'a> {
    pub kind: &'a Kind,
    pub home: Home,
    pub server: Option<Server>,
    pub app: App,
    pub blog: App,
    pub proxy: Proxy,
    /// Links of emails that a sign-in has used.
    used: BTreeSet<String>,
}

fn registered(id: i64, slug: &str, host: &str) -> Registered {
    Registered {
        app: OurApp {
            id: AppId::from_i64(id),
            slug: AppSlug::parse(slug).unwrap(),
            name: AppName::parse(slug).unwrap(),
            requires: Required { strength: Strength::One, fresh_within: None },
            access: Access { everyone: true, ..Access::default() },
            is_disabled: false,
        },
        hosts: vec![AppHost::parse(host).unwrap()],
        public_paths: vec![PublicPath::parse("/public").unwrap()],
        look: Look::default(),
        preflights: false,
        popup: false,
    }
}

impl<'a> Rig<'a> {
    pub fn start(kind: &'a Kind) -> Self {
        let mut home = Home::new();
        home.set("GATEPOST_BASE_URL", &format!("https://{LOGIN}"));
        home.set("GATEPOST_TRUSTED_PROXIES", "127.0.0.1");
        // Each case signs in.
        home.set("GATEPOST_LIMITS_PER_MAILBOX", "100/15m");
        home.set("GATEPOST_LIMITS_PER_CLIENT", "500/15m");
        home.run(&["account", "add", ANA]);
        home.with_database(|connection| {
            let now: Timestamp = gatepost::clock::SystemClock.now();
            let apps = [("wiki", WIKI), ("blog", BLOG), ("notes", NOTES), ("wild", "*.wild.example.com")];
            for (id, (slug, host)) in (1..).zip(apps) {
                let app = registered(id, slug, host);
                db::apps::insert(connection, &app, AppOrigin::CommandLine, now)?;
            }
            let ana = db::accounts::find_by_email(connection, &EmailAddress::parse(ANA).unwrap())?.unwrap();
            let name = gatepost::domain::account::AccountName::parse("Ana Müller").unwrap();
            db::accounts::set_name(connection, ana.id, &name)
        });
        let server = home.start();
        let (app, blog) = (App::start(), App::start());
        let proxy = Proxy::start(kind, [home.address(), app.address, blog.address]);
        Self { kind, home, server: Some(server), app, blog, proxy, used: BTreeSet::new() }
    }

    pub fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    pub fn browser(&self) -> Browser {
        Browser { proxy: self.proxy.address, gatepost: self.home.address(), cookies: BTreeMap::new() }
    }

    /// Returns the newest link to sign in.
    pub fn link(&mut self) -> String {
        let link = eventually("a sign-in email", || {
            let mails = self.home.mails();
            let links =
                mails.iter().filter(|(_, text)| text.contains("/auth/verify?token=")).map(|(_, text)| link_in(text));
            links.into_iter().find(|link| !self.used.contains(link))
        });
        self.used.insert(link.clone());
        link
    }

    /// Returns a browser that has opened the wiki by signing in.
    pub fn signed_in(&mut self) -> Browser {
        let mut ana = self.browser();
        let (url, answer) = self.sign_in(&mut ana, &format!("https://{WIKI}/page?x=1&y=%2F"));
        assert_eq!(url, format!("https://{WIKI}/page?x=1&y=%2F"), "{answer:?}");
        assert_eq!(answer.status, 200, "{answer:?}");
        ana
    }

    /// Opens a page of an app, signs in by email, and follows to the end.
    pub fn sign_in(&mut self, browser: &mut Browser, url: &str) -> (String, Answer) {
        let (at, page) = browser.open(url);
        assert!(at.contains("/login?return_to="), "{at}: {page:?}");
        browser.ask_for_email(&at);
        let link = self.link();
        browser.press(&link, &[])
    }

    /// Returns the one request that has reached the first app.
    pub fn received(&self) -> Received {
        self.received_at(&self.app)
    }

    /// Returns the one request that has reached this app.
    pub fn received_at(&self, app: &App) -> Received {
        let mut received = app.take();
        assert_eq!(received.len(), 1, "{received:?}");
        received.remove(0)
    }
}

/// A browser as far as HTTP goes, with the cookies of each host.
#[derive(Clone)]
pub struct Browser {
    proxy: SocketAddr,
    gatepost: SocketAddr,
    pub cookies: BTreeMap<String, BTreeMap<String, String>>,
}

pub const NAVIGATION: &str = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nAccept: text/html\r\n";
pub const SCRIPT: &str = "Sec-Fetch-Mode: cors\r\nAccept: application/json\r\n";

impl Browser {
    fn cookie_line(&self, host: &str) -> String {
        let cookies = self.cookies.get(host).into_iter().flatten();
        let pairs: Vec<_> = cookies.map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { String::new() } else { format!("Cookie: {}\r\n", pairs.join("; ")) }
    }

    /// Sends a request to a host, and keeps its cookies. `more` are lines of the head and, after an
    /// empty one, the body.
    pub fn send(&mut self, line: &str, host: &str, more: &str) -> io::Result<Answer> {
        let (head, body) = more.split_once("\r\n\r\n").map_or((more, ""), |(head, body)| (head, body));
        let head = if head.is_empty() || head.ends_with("\r\n") { head.to_owned() } else { format!("{head}\r\n") };
        let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let cookies = self.cookie_line(host);
        let request =
            format!("{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{cookies}{head}{length}\r\n{body}");
        let server = if host == LOGIN { self.gatepost } else { self.proxy };
        let answer = exchange(server, request.as_bytes())?;
        for (_, value) in answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
            let (cookie, attributes) = value.split_once(';').unwrap_or((value, ""));
            let (name, value) = cookie.split_once('=').unwrap();
            let jar = self.cookies.entry(host.to_owned()).or_default();
            if attributes.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(answer)
    }

    pub fn navigate(&mut self, host: &str, path: &str) -> Answer {
        self.send(&format!("GET {path}"), host, NAVIGATION).unwrap()
    }

    pub fn fetch(&mut self, host: &str, path: &str) -> Answer {
        self.send(&format!("GET {path}"), host, SCRIPT).unwrap()
    }

    /// Opens an address, and follows until a page comes.
    pub fn open(&mut self, url: &str) -> (String, Answer) {
        let mut url = url.to_owned();
        for _ in 0..12 {
            let (host, path) = parts(&url);
            let answer = self.navigate(&host, &path);
            match leads_to(&answer) {
                Some(to) if to.starts_with('/') => url = format!("https://{host}{to}"),
                Some(to) => url = to,
                None => return (url, answer),
            }
        }
        panic!("redirected in a circle, last to {url}");
    }

    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let body = if body.is_empty() { "x=".to_owned() } else { body };
        let head = "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded";
        let body = if fields.is_empty() { String::new() } else { format!("\r\n\r\n{body}") };
        self.send(&format!("POST {path}"), LOGIN, &format!("{head}{body}")).unwrap()
    }

    /// Sends the form of the sign-in page at this address.
    pub fn ask_for_email(&mut self, url: &str) {
        let query = url.split_once('?').unwrap().1;
        let return_to = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "return_to").unwrap().1;
        let answer = self.post("/login", &[("email", ANA), ("return_to", &return_to)]);
        assert_eq!(answer.status, 303, "{answer:?}");
    }

    /// Opens an email link, presses the button, and follows to the end.
    pub fn press(&mut self, link: &str, fields: &[(&str, &str)]) -> (String, Answer) {
        self.open(&format!("https://{LOGIN}{link}"));
        let answer = self.post("/auth/verify", fields);
        let to = leads_to(&answer).unwrap_or_else(|| panic!("{answer:?}"));
        let url = if to.starts_with('/') { format!("https://{LOGIN}{to}") } else { to };
        self.open(&url)
    }
}

fn parts(url: &str) -> (String, String) {
    let rest = url.strip_prefix("https://").unwrap_or_else(|| panic!("{url}"));
    let (host, path) = rest.split_once('/').unwrap();
    (host.to_owned(), format!("/{path}"))
}

/// Returns where an answer leads: by a redirect, or by a page that leads on by itself.
fn leads_to(answer: &Answer) -> Option<String> {
    let by_page = || {
        let rest = answer.body.split("http-equiv=\"refresh\" content=\"0; url=").nth(1)?;
        Some(rest.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&"))
    };
    let is_redirect = (300..400).contains(&answer.status);
    answer.header("location").filter(|_| is_redirect).map(str::to_owned).or_else(by_page)
}

pub fn exchange(server: SocketAddr, request: &[u8]) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    stream.write_all(request)?;
    read_answer(&mut stream)
}
