//! Apps behind a proxy, with two processes on one PostgreSQL: every step goes to the other one.

use crate::{
    http::{Answer, Visitor},
    server::{Home, Server, eventually, link_in},
};
use std::{
    collections::BTreeSet,
    io,
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

const ANA: &str = "ana@example.com";
const WIKI: &str = "wiki.example.com";

/// Two nodes with an app that everyone may open.
fn two_nodes() -> Option<[Home; 2]> {
    let mut one = Home::on_postgres()?;
    one.set("GATEPOST_TRUSTED_PROXIES", "127.0.0.1");
    one.set("GATEPOST_LIMITS_PER_MAILBOX", "1000/15m");
    one.set("GATEPOST_LIMITS_PER_CLIENT", "1000/15m");
    let mut two = Home::beside(&one);
    two.set("GATEPOST_TRUSTED_PROXIES", "127.0.0.1");
    two.set("GATEPOST_LIMITS_PER_MAILBOX", "1000/15m");
    two.set("GATEPOST_LIMITS_PER_CLIENT", "1000/15m");
    one.run(&["account", "add", ANA]);
    let added = one.run(&["app", "add", "wiki", "--name", "Wiki", "--host", WIKI, "--everyone"]);
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    Some([one, two])
}

/// A browser whose requests reach the nodes in turn.
struct Surfer {
    ours: Visitor,
    app: Visitor,
    nodes: Vec<SocketAddr>,
    turn: usize,
    email: String,
}

impl Surfer {
    fn new(homes: &[Home], email: &str) -> Self {
        let nodes = homes.iter().map(Home::address).collect::<Vec<_>>();
        Self { ours: homes[0].visitor(), app: homes[0].visitor(), nodes, turn: 0, email: email.to_owned() }
    }

    /// Sends by the next node. As a load balancer does, it takes another one if that is away.
    fn send(&mut self, send: impl Fn(&mut Self) -> io::Result<Answer>) -> Answer {
        eventually("a node answers", || {
            self.turn += 1;
            let node = self.nodes[self.turn % self.nodes.len()];
            (self.ours.server, self.app.server) = (node, node);
            send(self).ok().filter(|answer| answer.status != 503)
        })
    }

    fn check(&mut self, uri: &str) -> Answer {
        let uri = uri.to_owned();
        self.send(move |surfer| {
            let told = format!(
                "X-Forwarded-Method: GET\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: {WIKI}\r\nX-Forwarded-Uri: {uri}\r\n\
                 Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n"
            );
            let common = surfer.app.common();
            surfer.app.send(&format!("GET /forward-auth HTTP/1.1\r\n{common}{told}\r\n"))
        })
    }

    fn get(&mut self, path: &str) -> Answer {
        let path = path.to_owned();
        self.send(move |surfer| surfer.ours.get(&path))
    }

    fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(|surfer| surfer.ours.post(path, fields))
    }

    /// Follows to the end: the app, or a page of ours. Returns where it is and what it says.
    fn follow(&mut self, mut url: String) -> (String, Answer) {
        for _ in 0..12 {
            let path = path_of(&url);
            let at_app = url.starts_with(&format!("https://{WIKI}/"));
            let answer = if at_app { self.check(&path) } else { self.get(&path) };
            match leads_to(&answer) {
                Some(to) => url = to,
                None => return (url, answer),
            }
        }
        panic!("redirected in a circle, last to {url}");
    }

    fn open(&mut self, uri: &str) -> (String, Answer) {
        self.follow(format!("https://{WIKI}{uri}"))
    }

    /// Opens a page of the app, and asks for an email. Returns what is left to do with its link.
    fn asks_for_email(&mut self, uri: &str) {
        let (url, answer) = self.open(uri);
        assert_eq!(answer.status, 200, "{url}: {answer:?}");
        let query = url.split_once('?').unwrap_or_else(|| panic!("{url}")).1;
        let return_to = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "return_to").unwrap().1;
        let email = self.email.clone();
        let asked = self.post("/login", &[("email", &email), ("return_to", &return_to)]);
        assert_eq!(asked.status, 303, "{asked:?}");
    }

    fn presses(&mut self, link: &str) -> (String, Answer) {
        assert_eq!(self.get(link).status, 303);
        assert_eq!(self.get("/auth/verify").status, 200);
        let answer = self.post("/auth/verify", &[]);
        let to = leads_to(&answer).unwrap_or_else(|| panic!("{answer:?}"));
        self.follow(to)
    }

    fn is_at_app(&mut self) -> bool {
        self.check("/").status == 200
    }
}

fn path_of(url: &str) -> String {
    match url.split_once("://") {
        Some((_, rest)) => format!("/{}", rest.split_once('/').map_or("", |(_, path)| path)),
        None => url.to_owned(),
    }
}

fn leads_to(answer: &Answer) -> Option<String> {
    let by_page = || {
        let rest = answer.body.split("http-equiv=\"refresh\" content=\"0; url=").nth(1)?;
        Some(rest.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&"))
    };
    let is_redirect = (300..400).contains(&answer.status);
    answer.header("location").filter(|_| is_redirect).map(str::to_owned).or_else(by_page)
}

/// Waits for a link to this user that was not used before.
fn link_to(home: &Home, email: &str, used: &Mutex<BTreeSet<String>>) -> String {
    eventually("a sign-in email", || {
        let mails = home.mails();
        let links = mails.iter().filter(|(to, text)| to.contains(email) && text.contains("/auth/verify?token="));
        links.map(|(_, text)| link_in(text)).find(|link| used.lock().unwrap().insert(link.clone()))
    })
}

#[test]
fn each_step_to_an_app_goes_through_another_node_and_one_dies_in_the_middle() {
    let Some(homes) = two_nodes() else { return };
    let (first, mut second) = (homes[0].start(), Some(homes[1].start()));
    let used = Mutex::default();
    let mut ana = Surfer::new(&homes, ANA);
    ana.asks_for_email("/page?x=1");
    let link = link_to(&homes[0], ANA, &used);
    let (url, answer) = ana.presses(&link);
    assert_eq!((url.as_str(), answer.status), ("https://wiki.example.com/page?x=1", 200), "{answer:?}");
    assert_eq!(answer.header("remote-user"), Some("ana"));
    assert!((0..4).all(|_| ana.is_at_app()));
    // A sign-out by one node counts on the other one within a second.
    assert_eq!(ana.post("/logout", &[]).status, 303);
    eventually("signed out at the app on both", || (0..4).all(|_| !ana.is_at_app()).then_some(()));

    // A node dies between the email and its link. The other one goes on with what that began.
    let mut ana = Surfer::new(&homes, ANA);
    ana.asks_for_email("/other");
    let link = link_to(&homes[0], ANA, &used);
    second.as_mut().unwrap().kill();
    let (url, answer) = ana.presses(&link);
    assert_eq!((url.as_str(), answer.status), ("https://wiki.example.com/other", 200), "{answer:?}");
    let mut stranger = Surfer::new(&homes, ANA);
    assert!(!stranger.is_at_app());
    second = Some(homes[1].start());
    assert!((0..4).all(|_| ana.is_at_app()), "the node that comes back knows the session");
    drop((first, second));
}

#[test]
fn a_rolling_restart_under_load_loses_no_sign_in_and_refuses_no_user() {
    let Some(homes) = two_nodes() else { return };
    let users: Vec<String> = (0..3).map(|n| format!("user{n}@example.com")).collect();
    for user in &users {
        homes[0].run(&["account", "add", user]);
    }
    let mut servers: Vec<Option<Server>> = homes.iter().map(|home| Some(home.start())).collect();
    let (used, is_over) = (Mutex::default(), AtomicBool::new(false));
    let (used, is_over, homes) = (&used, &is_over, &homes);
    let (checks, sign_ins) = thread::scope(|scope| {
        let loads: Vec<_> = users
            .iter()
            .map(|user| {
                scope.spawn(move || {
                    let (mut checks, mut sign_ins) = (0, 0);
                    while !is_over.load(Ordering::SeqCst) || sign_ins < 2 {
                        let mut surfer = Surfer::new(homes, user);
                        surfer.asks_for_email("/page");
                        let link = link_to(&homes[0], user, used);
                        let (url, answer) = surfer.presses(&link);
                        assert_eq!((url.as_str(), answer.status), ("https://wiki.example.com/page", 200), "{answer:?}");
                        sign_ins += 1;
                        for _ in 0..10 {
                            let answer = surfer.check("/");
                            assert_eq!(answer.status, 200, "{answer:?}");
                            checks += 1;
                        }
                    }
                    (checks, sign_ins)
                })
            })
            .collect();
        for (n, home) in homes.iter().enumerate() {
            assert_eq!(servers[n].take().map(Server::stop), Some(Some(0)));
            servers[n] = Some(home.start());
        }
        is_over.store(true, Ordering::SeqCst);
        let done = loads.into_iter().map(|load| load.join().unwrap());
        done.fold((0, 0), |(checks, sign_ins), (c, s)| (checks + c, sign_ins + s))
    });
    assert!(checks >= 60 && sign_ins >= 6, "{checks} checks, {sign_ins} sign-ins");
}

/// The server in front answers a GET by itself. A HEAD goes through Rocket's routes.
#[test]
fn an_admitted_check_is_answered_alike_in_front_of_the_routes_and_by_them() {
    for mut home in Home::all() {
        home.set("GATEPOST_TRUSTED_PROXIES", "127.0.0.1");
        home.run(&["account", "add", ANA]);
        home.run(&["app", "add", "wiki", "--name", "Wiki", "--host", WIKI, "--everyone", "--public-path", "/open"]);
        let _server = home.start();
        let mut ana = Surfer::new(std::slice::from_ref(&home), ANA);
        ana.asks_for_email("/page");
        let link = link_to(&home, ANA, &Mutex::default());
        assert_eq!(ana.presses(&link).1.status, 200);
        let pass = ana.app.cookies.iter().find(|(name, _)| *name == "__Host-gatepost_app").unwrap();
        let pass = format!("{}={}", pass.0, pass.1);
        let uri = |uri: &str| {
            format!(
                "X-Forwarded-Method: GET\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: {WIKI}\r\nX-Forwarded-Uri: {uri}\r\n"
            )
        };
        let nginx = format!("X-Original-Method: GET\r\nX-Original-URL: https://{WIKI}/page\r\n");
        let (page, with_pass) = (uri("/page"), format!("Cookie: {pass}\r\n"));
        for (target, told, cookies, status) in [
            ("/forward-auth", &page, with_pass.clone(), 200),
            ("/forward-auth?x=1", &page, with_pass.clone(), 200),
            ("http://elsewhere.example/forward-auth", &page, with_pass.clone(), 200),
            ("/forward-auth/nginx", &nginx, with_pass.clone(), 200),
            ("/forward-auth/nginx", &page, with_pass.clone(), 400),
            ("/forward-auth?x=\u{e9}", &page, with_pass.clone(), 400),
            ("/forward-auth/", &page, with_pass.clone(), 303),
            ("//forward-auth", &page, with_pass.clone(), 404),
            ("/forward-auth", &uri("/open"), String::new(), 200),
            ("/forward-auth", &page, format!("Cookie: a=b; {pass}\r\nCookie: c=\"d\"\r\nRemote-User: admin\r\n"), 200),
            ("/forward-auth", &page, format!("Cookie: __Host-gatepost_app=x; {pass}\r\n"), 200),
            ("/forward-auth", &page, format!("Cookie: {pass}; __Host-gatepost_app=x\r\n"), 401),
            ("/forward-auth", &page, format!("Cookie: {pass}; \u{2000}__Host-gatepost_app=x\r\n"), 200),
            ("/forward-auth", &page, format!("Cookie: \u{a0}{pass}\r\n"), 401),
            ("/forward-auth", &page, format!("Cookie: {}\r\n", pass.replacen('-', "%2D", 1)), 401),
            ("/forward-auth", &page, String::new(), 401),
        ] {
            let mut without_cookies = home.visitor();
            let mut ask = |method: &str| {
                let common = without_cookies.common();
                without_cookies.send(&format!("{method} {target} HTTP/1.1\r\n{common}{told}{cookies}\r\n")).unwrap()
            };
            let [early, routes] = ["GET", "HEAD"].map(|method| {
                let mut answer = ask(method);
                // An answer to HEAD may leave the length out (RFC 9110, section 9.3.2).
                answer.headers.retain(|(name, _)| !["x-request-id", "date", "content-length"].contains(&&**name));
                answer.headers.sort();
                (answer.status, answer.headers)
            });
            assert_eq!((early.0, &early), (status, &routes), "{target} {told} {cookies}");
        }
    }
}
