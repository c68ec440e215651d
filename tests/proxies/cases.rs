//! The table of cases that every proxy passes.

use crate::{
    app::HERE,
    http::Answer,
    proxy::Kind,
    rig::{ANA, BLOG, Browser, LOGIN, NAVIGATION, NOTES, Rig, SCRIPT, WIKI, WILD, exchange},
    server::eventually,
};
use diesel::connection::SimpleConnection;
use gatepost::db;
use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

type Case = (&'static str, fn(&mut Rig<'_>));

/// In this order: the last ones take Gatepost away.
const CASES: [Case; 24] = [
    ("a navigation comes back to the very page", comes_back),
    ("another device", another_device),
    ("two domains that have nothing in common", two_domains),
    ("an app with many hosts", many_hosts),
    ("spoofed headers", spoofed_headers),
    ("dropped headers", dropped_headers),
    ("lies about the request", lies_to_the_app),
    ("odd paths", odd_paths),
    ("odd hosts", odd_hosts),
    ("two hosts in one request", two_hosts),
    ("a WebSocket", web_socket),
    ("HEAD", head),
    ("a preflight", preflight),
    ("POST with and without a session", post),
    ("a script without a session", script),
    ("a page in a frame, and a form, without a session", page_of_check),
    ("the app's cookie elsewhere", cookie_elsewhere),
    ("what the app received, sent elsewhere", replayed),
    ("paths of Gatepost's", our_paths),
    ("a sign-out", sign_out),
    ("rotate-key", rotated_key),
    ("the database away", database_away),
    ("Gatepost hanging", hanging),
    ("Gatepost away", away),
];

pub fn run(kind: &Kind) {
    let mut rig = Rig::start(kind);
    for (name, case) in CASES {
        // The name of the case is the last line before a failure.
        eprintln!("{}: {name}", kind.name);
        rig.app.take();
        rig.blog.take();
        case(&mut rig);
    }
}

fn is_app(answer: &crate::http::Answer) -> bool {
    answer.header("x-app") == Some(HERE)
}

fn comes_back(rig: &mut Rig<'_>) {
    let stranger = rig.browser().navigate(WIKI, "/page?x=1");
    assert_eq!(stranger.status, 302, "{stranger:?}");
    assert!(stranger.header("location").unwrap().starts_with("https://login.example.com/apps/enter?app=wiki&"));
    assert_eq!(stranger.header("cache-control"), Some("no-store"));
    assert!(rig.app.take().is_empty());
    let ana = rig.signed_in();
    let received = rig.received();
    assert_eq!(received.path(), "/page?x=1&y=%2F");
    for (name, value) in
        [("Remote-User", "ana"), ("Remote-Email", ANA), ("Remote-Name", "Ana Müller"), ("Remote-Amr", "email")]
    {
        assert_eq!(received.all(name), [value], "{name}: {received:?}");
    }
    assert!(received.all("Remote-Auth-Time")[0].parse::<i64>().unwrap() > 1_700_000_000);
    assert!(received.all("Remote-Groups").iter().all(|groups| groups.is_empty()));
    // The app gets its own cookies, and none of Gatepost's.
    assert_eq!(ana.cookies[WIKI].len(), 2);
    assert!(!received.all("Cookie").iter().any(|line| line.contains("gatepost_session")), "{received:?}");
}

fn another_device(rig: &mut Rig<'_>) {
    let mut laptop = rig.browser();
    let (at, _) = laptop.open(&format!("https://{WIKI}/page?x=2"));
    laptop.ask_for_email(&at);
    let link = rig.link();
    let mut phone = rig.browser();
    let (url, answer) = phone.press(&link, &[("this_device", "yes")]);
    assert_eq!(url, format!("https://{WIKI}/page?x=2"));
    assert!(is_app(&answer), "{answer:?}");
}

fn two_domains(rig: &mut Rig<'_>) {
    let mut ana = rig.signed_in();
    rig.app.take();
    let (url, answer) = ana.open(&format!("https://{BLOG}/other"));
    assert!(url == format!("https://{BLOG}/other") && is_app(&answer), "{url}: {answer:?}");
    assert_eq!(rig.received_at(&rig.blog).all("Remote-User"), ["ana"]);
    assert_ne!(ana.cookies[WIKI]["__Host-gatepost_app"], ana.cookies[BLOG]["__Host-gatepost_app"]);
}

fn many_hosts(rig: &mut Rig<'_>) {
    if !rig.kind.has_wildcard {
        return;
    }
    let mut ana = rig.signed_in();
    rig.app.take();
    for host in [WILD, "two.wild.example.com"] {
        let (url, answer) = ana.open(&format!("https://{host}/other"));
        assert!(url == format!("https://{host}/other") && is_app(&answer), "{url}: {answer:?}");
        let received = rig.received_at(&rig.blog);
        assert_eq!((received.all("Remote-User"), received.all("Host")), (vec!["ana"], vec![host]));
        assert!(ana.cookies[host].contains_key("__Host-gatepost_app"), "each host has its own cookie");
    }
    for host in ["three.two.wild.example.com", "wild.example.com"] {
        let answer = ana.navigate(host, "/other");
        // Caddy answers an unknown host with nothing.
        assert!((answer.status >= 400 || answer.body.is_empty()) && !is_app(&answer), "{host}: {answer:?}");
    }
    assert!(rig.app.take().is_empty() && rig.blog.take().is_empty());
}

/// Names of the same header, for some server.
const SPELLINGS: [&str; 6] = ["Remote-User", "remote-user", "REMOTE-USER", "Remote_User", "remote_user", "REMOTE_USER"];
/// lighttpd makes `_` of every other character. So its programs get each of these as one of the
/// six. PHP does so with dots.
const ODD_SPELLINGS: [&str; 12] = [
    "Remote-Auth_Time",
    "Remote_Auth-Time",
    "remote_auth-time",
    "Remote.User",
    "remote!user",
    "Remote+User",
    "REMOTE~USER",
    "Remote|Email",
    "Remote'Name",
    "Remote.Groups",
    "Remote.Auth.Time",
    "Remote-Auth.Time",
];

fn spoofed_headers(rig: &mut Rig<'_>) {
    let mut ana = rig.signed_in();
    rig.app.take();
    let mut names = ODD_SPELLINGS.map(str::to_owned).to_vec();
    for spelling in SPELLINGS {
        names.extend(["User", "Email", "Name", "Groups", "Auth-Time", "Amr"].map(|name| {
            let name = spelling
                .replace("User", name)
                .replace("user", &name.to_lowercase())
                .replace("USER", &name.to_uppercase());
            if spelling.contains('_') { name.replace('-', "_") } else { name }
        }));
    }
    {
        for name in names {
            let spoofed = format!("{SCRIPT}{name}: spoofed\r\n");
            let answer = ana.send("GET /", WIKI, &spoofed).unwrap();
            assert!(is_app(&answer), "{name}: {answer:?}");
            let received = rig.received();
            assert_eq!(received.all("Remote-User"), ["ana"], "{name}: {received:?}");
            assert!(!received.headers.iter().any(|(_, value)| value == "spoofed"), "{name}: {received:?}");
            // On a public path the app learns of no user.
            let answer = rig.browser().send("GET /public/x", WIKI, &spoofed).unwrap();
            assert!(is_app(&answer), "{name}: {answer:?}");
            let received = rig.received();
            assert!(received.all("Remote-User").iter().all(|user| user.is_empty()), "{name}: {received:?}");
            assert!(!received.headers.iter().any(|(_, value)| value == "spoofed"), "{name}: {received:?}");
        }
    }
    // What a proxy says of the request is not believed from a visitor.
    let lies = "X-Forwarded-Uri: /public\r\nX-Forwarded-Method: OPTIONS\r\nX-Forwarded-Host: blog.other.example\r\n\
                X-Original-URL: https://app.example.com/public\r\nX-Original-Method: OPTIONS\r\nX-Forwarded-For: 10.0.0.1\r\n\
                X_Forwarded_Uri: /public\r\nX-Rewrite-Url: /public\r\nX-HTTP-Method-Override: OPTIONS\r\n";
    let answer = rig.browser().send("GET /secret", WIKI, &format!("{SCRIPT}{lies}")).unwrap();
    assert_eq!(answer.status, 401, "{answer:?}");
    assert!(rig.app.take().is_empty());
}

/// `Connection` names headers that the next server drops. Named there, the identity that the check
/// adds would not reach the app.
fn dropped_headers(rig: &mut Rig<'_>) {
    let mut ana = rig.signed_in();
    rig.app.take();
    let names = ["Remote-User", "Remote-Email", "Remote-Name", "Remote-Groups", "Remote-Auth-Time", "Remote-Amr"];
    for name in names.into_iter().chain(["remote-user", "close, Remote-User", "Remote-User,Remote-Groups"]) {
        // Each request says `Connection: close` in another line already.
        let answer = ana.send("GET /", WIKI, &format!("{SCRIPT}Connection: {name}\r\n")).unwrap();
        let received = rig.app.take();
        if is_app(&answer) {
            // Ana is in no group, and nginx passes on no header without a value.
            let told = |header| received.iter().all(|request| request.all(header).len() == 1);
            assert!(names.into_iter().filter(|name| *name != "Remote-Groups").all(told), "{name}: {received:?}");
        } else {
            assert!(answer.status == 400 && received.is_empty(), "{name}: {answer:?}");
        }
        assert!(
            !received.iter().any(|r| r.all("Connection").iter().any(|v| v.to_lowercase().contains("remote"))),
            "{name}"
        );
    }
}

/// Some apps believe what these say of the request, also if a visitor wrote it.
fn lies_to_the_app(rig: &mut Rig<'_>) {
    let mut ana = rig.signed_in();
    let lies = [
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "gopher"),
        ("X-Forwarded-For", "6.6.6.6"),
        ("X-Forwarded-Port", "6666"),
        ("X-Forwarded-Prefix", "/evil"),
        ("X-Forwarded-Server", "evil.example"),
        ("X-Forwarded-Uri", "/evil"),
        ("X-Original-URL", "/evil"),
        ("X-Rewrite-URL", "/evil"),
        ("X-Real-IP", "6.6.6.6"),
        ("Forwarded", "for=6.6.6.6;host=evil.example;proto=gopher"),
    ];
    let lines: String = lies.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    for path in ["/", "/public/x"] {
        rig.app.take();
        let answer = ana.send(&format!("GET {path}"), WIKI, &format!("{SCRIPT}{lines}")).unwrap();
        assert!(is_app(&answer), "{path}: {answer:?}");
        let received = rig.received();
        for (name, value) in &received.headers {
            let is_lie = ["evil", "gopher", "6.6.6.6", "6666"].iter().any(|lie| value.contains(lie));
            assert!(!is_lie, "{path}: {name}: {value}");
        }
        assert_eq!(received.all("X-Forwarded-Proto"), ["http"], "{path}: {received:?}");
    }
}

/// Paths that servers read in different ways. With `/public` in front, a reader could be led to
/// take a private page for a public one.
const PATHS: [&str; 17] = [
    "/public/../secret",
    "/public/%2e%2e/secret",
    "/public/..%2fsecret",
    "/public%2f..%2fsecret",
    "/public/./x",
    "//public",
    "/public//x",
    "/public;x=1/secret",
    "/public\\..\\secret",
    "/public/%5c..%5csecret",
    "/public/%00",
    "/public/%252e%252e/secret",
    "/public/%",
    "/public/\u{e9}",
    "/publicx",
    "/%2e/public",
    "/secret?/public",
];

fn odd_paths(rig: &mut Rig<'_>) {
    let mut ana = rig.signed_in();
    rig.app.take();
    for path in PATHS {
        // Without a session the app gets nothing but what it reads as public itself.
        let answer = rig.browser().send(&format!("GET {path}"), WIKI, SCRIPT);
        let received = rig.app.take();
        let is_plain = |path: &str| path == "/public/x" || path == "/public";
        assert!(received.iter().all(|one| is_plain(one.path())), "{path}: {answer:?} {received:?}");
        // With one, the app gets the path as it was sent, or the proxy refuses it.
        let answer = ana.send(&format!("GET {path}"), WIKI, SCRIPT);
        let received = rig.app.take();
        let expected = rig.kind.rewrites.iter().find(|(sent, _)| *sent == path).map_or(path, |(_, gets)| gets);
        match received.as_slice() {
            [] => assert!(answer.is_err() || answer.unwrap().status >= 400, "{path}"),
            [one] => assert_eq!(one.path(), expected, "{path}"),
            more => panic!("{path}: {more:?}"),
        }
    }
}

fn odd_hosts(rig: &mut Rig<'_>) {
    let ana = rig.signed_in();
    rig.app.take();
    for (host, is_the_wiki) in [
        ("evil.example", false),
        ("app.example.com.", true),
        ("app.example.com:8443", true),
        ("app.example.com@evil.example", false),
        ("login.example.com", false),
        ("app.example.com, evil.example", false),
        ("[::1]", false),
    ] {
        // With the cookies of the right host, and sent to the proxy under any name.
        let answer = with_cookies_of(rig, &ana.cookies[WIKI], "/", host);
        // Another spelling of the very app is refused, or gets what it would get.
        let received = rig.app.take();
        assert!(received.is_empty() || is_the_wiki, "{host}: {received:?}");
        assert!(rig.blog.take().is_empty(), "{host}");
        assert!(answer.as_ref().is_ok_and(is_app) != received.is_empty(), "{host}: {answer:?}");
    }
}

/// Sends a request with the cookies of one host. Its line and its host can say something else.
fn with_cookies_of(
    rig: &Rig<'_>,
    cookies: &BTreeMap<String, String>,
    target: &str,
    host: &str,
) -> std::io::Result<crate::http::Answer> {
    let cookies: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = format!(
        "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nCookie: {}\r\n{SCRIPT}\r\n",
        cookies.join("; ")
    );
    exchange(rig.proxy.address, request.as_bytes())
}

/// A proxy may choose the app by one name and tell Gatepost another.
fn two_hosts(rig: &mut Rig<'_>) {
    let mut ana = rig.signed_in();
    ana.open(&format!("https://{BLOG}/other"));
    for (own, other, app) in [(WIKI, BLOG, &rig.blog), (BLOG, WIKI, &rig.app)] {
        let cookies = &ana.cookies[own];
        for (target, host) in [
            (format!("http://{own}/x"), other.to_owned()),
            (format!("http://{other}/x"), own.to_owned()),
            (format!("http://{own}/public/x"), other.to_owned()),
            ("/x".to_owned(), format!("{own},{other}")),
            ("/x".to_owned(), format!("{other},{own}")),
            ("/x".to_owned(), format!("{own}\r\nHost: {other}")),
            ("/x".to_owned(), format!("{other}\r\nHost: {own}")),
        ] {
            rig.app.take();
            rig.blog.take();
            let answer = with_cookies_of(rig, cookies, &target, &host);
            // The other app knows no session of this browser's. Its public path is open, to no one
            // known.
            for received in app.take() {
                let is_open = received.path().ends_with("/public/x");
                let is_unknown = received.all("Remote-User").iter().all(|user| user.is_empty());
                assert!(is_open && is_unknown, "{target} {host}: {answer:?} {received:?}");
            }
        }
        // An app that Gatepost knows and this proxy does not serve.
        rig.app.take();
        rig.blog.take();
        let answer = with_cookies_of(rig, cookies, "/public/x", NOTES);
        assert!(!answer.as_ref().is_ok_and(is_app), "{answer:?}");
        assert!(rig.app.take().is_empty() && rig.blog.take().is_empty());
    }
}

fn web_socket(rig: &mut Rig<'_>) {
    let ana = rig.signed_in();
    rig.app.take();
    let open = |browser: &Browser| {
        let cookies: Vec<_> =
            browser.cookies.get(WIKI).into_iter().flatten().map(|(name, value)| format!("{name}={value}")).collect();
        let request = format!(
            "GET /socket HTTP/1.1\r\nHost: {WIKI}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-Fetch-Mode: websocket\r\nCookie: {}\r\n\r\n",
            cookies.join("; ")
        );
        let mut stream = TcpStream::connect(rig.proxy.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        let mut octet = [0];
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut octet).is_ok_and(|length| length == 1) {
            head.push(octet[0]);
        }
        (String::from_utf8_lossy(&head).into_owned(), stream)
    };
    let (head, mut stream) = open(&ana);
    assert!(head.contains(" 101 "), "{head}");
    assert_eq!(rig.received().all("Remote-User"), ["ana"]);
    stream.write_all(b"hello").unwrap();
    let mut word = [0; 5];
    stream.read_exact(&mut word).unwrap();
    assert_eq!(&word, b"hello");
    let (head, _) = open(&rig.browser());
    assert!(head.contains(" 401 "), "{head}");
    assert!(rig.app.take().is_empty());
}

fn head(rig: &mut Rig<'_>) {
    let mut ana = rig.signed_in();
    rig.app.take();
    let answer = ana.send("HEAD /", WIKI, NAVIGATION).unwrap();
    assert!(is_app(&answer) && answer.body.is_empty(), "{answer:?}");
    assert_eq!(rig.received().line.split(' ').next(), Some("HEAD"));
    let answer = rig.browser().send("HEAD /", WIKI, NAVIGATION).unwrap();
    assert_eq!(answer.status, 302, "{answer:?}");
}

fn preflight(rig: &mut Rig<'_>) {
    let asks = "Origin: https://a.example\r\nAccess-Control-Request-Method: PUT\r\n";
    let answer = rig.browser().send("OPTIONS /api", WIKI, asks).unwrap();
    assert_eq!(answer.status, 401, "{answer:?}");
    let answer = rig.browser().send("OPTIONS /public/api", WIKI, asks).unwrap();
    assert!(is_app(&answer), "{answer:?}");
    assert_eq!(rig.received().line.split(' ').next(), Some("OPTIONS"));
}

fn post(rig: &mut Rig<'_>) {
    let mut ana = rig.signed_in();
    rig.app.take();
    let form = format!("{NAVIGATION}Content-Type: application/x-www-form-urlencoded\r\n\r\na=1&b=2");
    let answer = ana.send("POST /save", WIKI, &form).unwrap();
    assert!(is_app(&answer), "{answer:?}");
    let received = rig.received();
    assert_eq!((received.body.as_str(), received.all("Remote-User")), ("a=1&b=2", vec!["ana"]));
    let answer = rig.browser().send("POST /save", WIKI, &form).unwrap();
    assert_eq!(answer.status, 401, "{answer:?}");
    assert!(rig.app.take().is_empty());
    // A photo: the app judges how large it may be.
    let photo = format!("{SCRIPT}Content-Type: image/jpeg\r\n\r\n{}", "x".repeat(2_000_000));
    let answer = ana.send("POST /photo", WIKI, &photo).unwrap();
    assert!(is_app(&answer), "{}", answer.status);
    assert_eq!(rig.received().body.len(), 2_000_000);
}

fn script(rig: &mut Rig<'_>) {
    let answer = rig.browser().fetch(WIKI, "/api/items");
    assert_eq!(answer.status, 401, "{answer:?}");
    assert_eq!(answer.header("www-authenticate"), Some("Gatepost"));
    assert!(answer.header("location").is_none() && answer.header("set-cookie").is_none(), "{answer:?}");
    // Nor does the proxy put its own page instead of ours.
    assert!(!answer.body.contains('<'), "{answer:?}");
    assert!(answer.header("content-type").is_none_or(|kind| !kind.contains("html")), "{answer:?}");
    if rig.kind.hands_all_on {
        assert!(!answer.body.contains("gatepost") && !answer.body.contains("Sign in"), "{answer:?}");
    }
    assert!(rig.app.take().is_empty());
}

/// nginx passes on no body of a check.
fn page_of_check(rig: &mut Rig<'_>) {
    let framed = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\nSec-Fetch-Site: cross-site\r\n";
    let form = format!("{NAVIGATION}Content-Type: application/x-www-form-urlencoded\r\n\r\na=1&b=2");
    for (line, rest, target) in [("GET /page", framed, "_top"), ("POST /save", &form, "_blank")] {
        let answer = rig.browser().send(line, WIKI, rest).unwrap();
        assert_eq!(answer.status, 401, "{line}: {answer:?}");
        let leads_on = answer.body.contains(&format!("target=\"{target}\""));
        assert_eq!(leads_on, rig.kind.hands_all_on, "{line}: {answer:?}");
    }
    assert!(rig.app.take().is_empty());
}

fn cookie_elsewhere(rig: &mut Rig<'_>) {
    let ana = rig.signed_in();
    rig.app.take();
    // At another app.
    let mut thief = rig.browser();
    thief.cookies.insert(BLOG.to_owned(), ana.cookies[WIKI].clone());
    assert_eq!(thief.fetch(BLOG, "/").status, 401);
    // At Gatepost, under every name.
    let pass = &ana.cookies[WIKI]["__Host-gatepost_app"];
    let names = ["__Host-gatepost_session", "__Host-gatepost_pending", "__Host-gatepost_app"];
    thief.cookies.insert(LOGIN.to_owned(), names.map(|name| (name.to_owned(), pass.clone())).into());
    let (at, _) = thief.open(&format!("https://{LOGIN}/account"));
    assert!(at.contains("/login"), "{at}");
    assert!(rig.app.take().is_empty());
    // In another browser it is what it is: a bearer's pass for this app, as long as the session.
    let mut other = rig.browser();
    other.cookies.insert(WIKI.to_owned(), ana.cookies[WIKI].clone());
    assert!(is_app(&other.fetch(WIKI, "/")));
}

/// Some names of Gatepost's cookies, which a thief can put over a stolen value.
const NAMES: [&str; 8] = ["session", "pending", "trusted", "known", "device", "app", "way", "reset"];

/// A compromised app has the whole request. Neither Gatepost nor another app takes any of it for
/// the user.
fn replayed(rig: &mut Rig<'_>) {
    let mut ana = rig.signed_in();
    rig.app.take();
    ana.navigate(WIKI, "/page?x=1&y=%2F");
    let received = rig.received();
    let hop = ["host", "connection", "content-length", "x-forwarded-for"];
    let told: String = received
        .headers
        .iter()
        .filter(|(name, _)| !hop.contains(&name.to_ascii_lowercase().as_str()) && !name.eq_ignore_ascii_case("cookie"))
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    assert!(told.to_ascii_lowercase().contains("remote-user: ana"), "{told}");
    let jar: BTreeMap<String, String> = received
        .all("Cookie")
        .iter()
        .flat_map(|line| line.split("; "))
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    assert_eq!(jar, ana.cookies[WIKI], "the app sees both cookies");
    let renamed = jar.values().flat_map(|value| {
        NAMES.iter().flat_map(move |name| {
            [format!("gatepost_{name}"), format!("__Host-gatepost_{name}")].map(|name| (name, value.clone()))
        })
    });
    let all: BTreeMap<_, _> = renamed.chain(jar.clone()).collect();
    let path = received.path().to_owned();
    for cookies in [jar, all] {
        // At another app: as it came, and as a script.
        for kind in [told.clone(), SCRIPT.to_owned()] {
            let mut thief = rig.browser();
            thief.cookies.insert(BLOG.to_owned(), cookies.clone());
            let answer = thief.send(&format!("GET {path}"), BLOG, &kind).unwrap();
            assert!(!is_app(&answer) && answer.status < 500, "{answer:?}");
        }
        // At Gatepost: the same path, and pages of users, admins and apps.
        for at in [path.as_str(), "/account", "/account/security", "/admin", "/apps/sign-out", "/oidc/userinfo"] {
            let mut thief = rig.browser();
            thief.cookies.insert(LOGIN.to_owned(), cookies.clone());
            let answer = thief.send(&format!("GET {at}"), LOGIN, &told).unwrap();
            assert!(answer.status != 200 && !answer.body.contains(ANA), "{at}: {answer:?}");
        }
    }
    assert!(rig.app.take().is_empty() && rig.blog.take().is_empty());
}

fn our_paths(rig: &mut Rig<'_>) {
    let mut ana = rig.signed_in();
    rig.app.take();
    let expected = if rig.kind.hands_all_on { 404 } else { 403 };
    for path in ["/.gatepost/x", "/.gatepost", "/.GATEPOST/callback"] {
        let answer = ana.navigate(WIKI, path);
        assert_eq!(answer.status, expected, "{path}: {answer:?}");
    }
    let answer = ana.navigate(WIKI, "/.gatepost/callback?code=garbage");
    assert_eq!(answer.header("location"), Some("https://app.example.com/"), "{answer:?}");
    let (url, _) = ana.open(&format!("https://{WIKI}/.gatepost/sign-out"));
    assert_eq!(url, format!("https://{LOGIN}/apps/sign-out"));
    assert!(rig.app.take().is_empty());
}

fn sign_out(rig: &mut Rig<'_>) {
    let mut ana = rig.signed_in();
    assert!(is_app(&ana.fetch(WIKI, "/")));
    assert_eq!(ana.post("/logout", &[]).status, 303);
    assert_eq!(ana.fetch(WIKI, "/").status, 401, "at once on the node that ended it");
    // By the operator, beside the server. That this takes at most a second is counted by a clock
    // that the test turns, in `what_ends_a_session_ends_it_at_apps_within_a_second_on_every_node`.
    // Here it is seen behind the proxy at all.
    let mut ana = rig.signed_in();
    rig.home.with_database(|connection| {
        let email = gatepost::domain::EmailAddress::parse(ANA).unwrap();
        let ana = db::accounts::find_by_email(connection, &email)?.unwrap();
        db::sessions::delete_all(connection, ana.id).map(drop)
    });
    eventually("the end of the session", || (ana.fetch(WIKI, "/").status == 401).then_some(()));
}

fn rotated_key(rig: &mut Rig<'_>) {
    let mut ana = rig.signed_in();
    assert!(rig.home.run(&["rotate-key"]).status.success());
    assert!(is_app(&ana.fetch(WIKI, "/")), "one rotation disturbs no one");
    // A replaced key stays for a week. Then the next rotation drops it.
    assert!(rig.home.run(&["rotate-key"]).status.success());
    rig.home.with_database(|connection| {
        Ok(connection.batch_execute("UPDATE sealing_keys SET first_used_at = first_used_at - 700000000")?)
    });
    assert!(rig.home.run(&["rotate-key"]).status.success());
    rig.server = None;
    rig.server = Some(rig.home.start());
    assert_eq!(eventually("an answer", || Some(ana.fetch(WIKI, "/")).filter(|answer| answer.status < 500)).status, 401);
    // The user notices nothing: Gatepost still knows them.
    let (url, answer) = ana.open(&format!("https://{WIKI}/page"));
    assert!(url == format!("https://{WIKI}/page") && is_app(&answer), "{url}: {answer:?}");
}

fn database_away(rig: &mut Rig<'_>) {
    let mut ana = rig.signed_in();
    assert!(is_app(&ana.fetch(WIKI, "/")));
    rig.app.take();
    let file = rig.home.folder.path().join("gatepost.db");
    let away = file.with_extension("away");
    fs::rename(&file, &away).unwrap();
    assert!(is_app(&ana.fetch(WIKI, "/")), "who is known goes on");
    rig.app.take();
    let mut stranger = rig.browser();
    assert!(stranger.fetch(WIKI, "/").status >= 400);
    let (url, _) = stranger.open(&format!("https://{WIKI}/"));
    assert!(url.starts_with(&format!("https://{LOGIN}/")), "{url}");
    assert!(rig.app.take().is_empty(), "no one new is let in");
    fs::rename(&away, &file).unwrap();
    // Memory answers for a moment longer, and a sign-in needs the database.
    eventually("the database is back", || {
        (ana.post("/login", &[("email", "nobody@example.com")]).status == 303).then_some(())
    });
    assert!(is_app(&ana.fetch(WIKI, "/")));
}

/// The user gets a page that says what is wrong.
fn says_unavailable(answer: &Answer) {
    assert!((502..=504).contains(&answer.status), "{answer:?}");
    assert!(answer.body.contains("<h1>Temporarily unavailable</h1>"), "{answer:?}");
    assert!(answer.body.contains("<html lang=en>"), "{answer:?}");
    assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")), "{answer:?}");
}

/// A proxy gives up after some seconds, and lets no one through.
fn hanging(rig: &mut Rig<'_>) {
    let mut ana = rig.signed_in();
    rig.app.take();
    rig.server().signal("-STOP");
    let answer = ana.fetch(WIKI, "/");
    rig.server().signal("-CONT");
    says_unavailable(&answer);
    assert!(rig.app.take().is_empty());
    eventually("it answers again", || is_app(&ana.fetch(WIKI, "/")).then_some(()));
}

fn away(rig: &mut Rig<'_>) {
    let mut ana = rig.signed_in();
    rig.app.take();
    rig.server = None;
    for path in ["/", "/public/x"] {
        let answer = ana.fetch(WIKI, path);
        says_unavailable(&answer);
    }
    assert!(rig.app.take().is_empty());
    rig.server = Some(rig.home.start());
    eventually("it answers again", || is_app(&ana.fetch(WIKI, "/")).then_some(()));
}
