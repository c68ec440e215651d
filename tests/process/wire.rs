//! HTTP on the wire: the real binary under an https base URL. Tests ask for every route and every
//! error over a raw socket.

use crate::server::{Home, eventually, link_in};
use gatepost::{
    app,
    clock::SystemClock,
    config::Config,
    domain::{Clock, Entropy},
    entropy::SystemEntropy,
};
use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

const HOST: &str = "login.example.com";

struct Wire<'a>(&'a Home);

impl Wire<'_> {
    fn send(&self, request: &str) -> String {
        self.send_bytes(request.as_bytes())
    }

    /// Returns everything until the server closes the connection.
    fn send_bytes(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.0.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        stream.write_all(request).unwrap();
        let mut answer = Vec::new();
        // A reset after the answer is an end, too.
        let _ = stream.read_to_end(&mut answer);
        // A picture is no text: each of its bytes becomes one character.
        String::from_utf8(answer).unwrap_or_else(|bytes| bytes.into_bytes().into_iter().map(char::from).collect())
    }

    fn ask(&self, line: &str, headers: &str) -> String {
        self.send(&format!("{line} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n{headers}\r\n"))
    }
}

fn head(answer: &str) -> (u16, String) {
    let head = answer.split("\r\n\r\n").next().unwrap().to_lowercase();
    (head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("no answer: {answer:?}")), head)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn guarded(asked: &str, answer: &str) -> u16 {
    let (status, head) = head(answer);
    let has = |name: &str| header(&head, name).unwrap_or_else(|| panic!("{asked}: no {name}: {head}")).to_owned();
    assert_eq!(has("strict-transport-security"), "max-age=63072000; includesubdomains", "{asked}");
    assert_eq!(has("x-content-type-options"), "nosniff", "{asked}");
    assert!(has("content-security-policy").contains("frame-ancestors 'none'"), "{asked}");
    assert!(header(&head, "server").is_none() && header(&head, "guard").is_none(), "{asked}: {head}");
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    if !body.is_empty() && header(&head, "transfer-encoding").is_none() {
        let kind = has("content-type");
        let length = if kind.starts_with("image/") { body.chars().count() } else { body.len() };
        assert_eq!(has("content-length"), length.to_string(), "{asked}");
        // JSON is UTF-8 (RFC 8259, section 8.1), and so is a manifest.
        let needs_no_charset = ["application/json", "application/manifest+json", "image/png"].contains(&&*kind);
        assert!(kind.contains("charset=utf-8") || needs_no_charset, "{asked}: {kind}");
    }
    status
}

/// Returns the program's routes, with their dynamic parts filled in.
fn routes(home: &Home) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let env = [
        ("GATEPOST_DATABASE_URL".to_owned(), format!("sqlite://{}", folder.path().join("x.db").display())),
        ("GATEPOST_KEY_FILE".to_owned(), folder.path().join("x.key").display().to_string()),
        ("GATEPOST_MAIL_URL".to_owned(), format!("file://{}", home.mail_folder().display())),
    ];
    let config = Config::read(None, &env).unwrap();
    let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
    let app =
        rocket::execute(async { app::build(config, clock, entropy).await.unwrap().rocket.ignite().await.unwrap() });
    let fill = |path: &str| {
        let parts: Vec<_> =
            path.split('/').map(|part| if part.starts_with('<') { "0000000000000001" } else { part }).collect();
        parts.join("/")
    };
    app.routes().map(|route| (route.method.as_str().to_owned(), fill(route.uri.path()))).collect()
}

fn under_https() -> Home {
    let mut home = Home::new();
    home.set("GATEPOST_BASE_URL", &format!("https://{HOST}"));
    home
}

#[test]
fn every_route_and_every_error_is_guarded_on_the_wire() {
    let home = under_https();
    let _server = home.start_behind(HOST);
    let wire = Wire(&home);
    let routes = routes(&home);
    assert!(routes.len() > 60, "{routes:?}");
    for (method, path) in &routes {
        let line = format!("{method} {path}");
        let body = if method == "POST" { "Sec-Fetch-Site: same-origin\r\nContent-Length: 0\r\n" } else { "" };
        let status = guarded(&line, &wire.ask(&line, body));
        assert!(status < 500, "{line}: {status}");
        for other in ["HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PATCH"] {
            let line = format!("{other} {path}");
            let answer =
                wire.ask(&line, "Sec-Fetch-Site: same-origin\r\nX-Echo: not-repeated\r\nContent-Length: 0\r\n");
            let status = guarded(&line, &answer);
            assert!(status < 500 && !answer.contains("not-repeated"), "{line}: {status}");
            assert!(other != "TRACE" || matches!(status, 404 | 405), "{line}: {status}");
        }
    }
}

/// The server in front adds the headers, and each kind of answer has its own.
#[test]
fn an_answer_for_an_app_carries_only_what_is_its_own() {
    let mut home = under_https();
    home.set("GATEPOST_TRUSTED_PROXIES", "127.0.0.1");
    assert!(home.run(&["account", "add", "ana@example.com", "--admin"]).status.success());
    let arguments = ["app", "add", "wiki", "--name", "Wiki", "--everyone"];
    let added = home.run(&[&arguments[..], &["--host", "wiki.example.com", "--public-path", "/static"]].concat());
    assert!(added.status.success(), "{added:?}");
    let _server = home.start_behind(HOST);
    let wire = Wire(&home);
    let checked = |uri: &str| {
        let headers = format!(
            "X-Forwarded-Method: GET\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: wiki.example.com\r\nX-Forwarded-Uri: {uri}\r\n"
        );
        head(&wire.ask("GET /forward-auth", &headers))
    };
    let names = |head: &str| -> Vec<String> {
        let all = ["strict-transport-security", "content-security-policy", "x-frame-options", "cache-control"];
        all.iter().filter(|name| header(head, name).is_some()).map(|name| (*name).to_owned()).collect()
    };
    let (status, admitted) = checked("/static/logo.png");
    assert_eq!((status, names(&admitted)), (200, vec!["cache-control".to_owned()]), "{admitted}");
    let (status, led) = checked("/page");
    assert_eq!(status, 401, "a script without a session: {led}");
    assert_eq!(names(&led), ["content-security-policy", "cache-control"], "{led}");
    for head in [admitted, led] {
        assert!(header(&head, "guard").is_none(), "{head}");
    }
}

#[test]
fn what_is_no_request_of_a_browser_s_is_refused_and_still_guarded() {
    let home = under_https();
    let _server = home.start_behind(HOST);
    let wire = Wire(&home);
    for (line, status) in [
        ("CONNECT login.example.com:443", 400),
        ("BREW /login", 400),
        ("TRACE /", 405),
        ("GET //admin", 404),
        ("GET /%61dmin", 404),
        ("GET /admin%2f", 404),
        ("GET /admin/", 303),
        ("GET /nothing", 404),
        ("POST /login", 403),
    ] {
        let answer = wire.ask(line, "Content-Length: 0\r\n");
        assert_eq!(guarded(line, &answer), status, "{line}");
    }
    // hyper answers these before Rocket sees them, and closes.
    for (line, headers) in [
        ("POST /login", "Content-Length: 5\r\nContent-Length: 6\r\n"),
        ("POST /login", "Content-Length: 5, 6\r\n"),
        ("POST /login", "Content-Length: -1\r\n"),
        ("POST /login", "Transfer-Encoding: gzip\r\n"),
        ("POST /login", "Transfer-Encoding: chunked, gzip\r\n"),
        ("GET /a b", ""),
    ] {
        assert_eq!(head(&wire.ask(line, headers)).0, 400, "{line} {headers:?}");
    }
}

/// Bodies that the server in front refuses before any route, with the same page and headers. The
/// connection ends.
#[test]
fn a_body_that_is_none_is_refused_by_a_guarded_page() {
    let home = under_https();
    let server = home.start_behind(HOST);
    let answer = Wire(&home)
        .ask("POST /login", "Sec-Fetch-Site: same-origin\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n");
    assert_eq!(guarded("a broken body", &answer), 400);
    let head = head(&answer).1;
    assert_eq!(header(&head, "connection"), Some("close"));
    let reference = header(&head, "x-request-id").unwrap();
    assert!(answer.contains("<main") && answer.matches(reference).count() == 2, "a page of ours: {answer}");
    let line = server.line("broken_body");
    assert!(line.contains(reference) && line.contains("127.0.0.1"), "{line}");
}

/// Sends a large body without its last octet. Hands on the answer when it comes.
fn holds_back(home: &Home, told: mpsc::Sender<String>) -> TcpStream {
    const LARGEST: usize = 256 * 1024;
    let head = format!(
        "POST /login HTTP/1.1\r\nHost: {HOST}\r\nSec-Fetch-Site: same-origin\r\nContent-Length: {LARGEST}\r\n\r\n"
    );
    let stream = TcpStream::connect(home.address()).unwrap();
    let (mut writing, mut reading) = (stream.try_clone().unwrap(), stream.try_clone().unwrap());
    thread::spawn(move || {
        // The server may hang up in the middle of it.
        let _ = writing.write_all(&[head.as_bytes(), &vec![b'a'; LARGEST - 1]].concat());
        let mut answer = Vec::new();
        let _ = reading.read_to_end(&mut answer);
        let _ = told.send(String::from_utf8_lossy(&answer).into_owned());
    });
    stream
}

/// Bodies take memory while they wait for their ends. One client has room for sixteen of the
/// largest, and others keep theirs.
#[test]
fn bodies_that_wait_have_an_end_in_memory_and_in_time() {
    const ROOM: usize = 16;
    const CLIENTS: usize = 40;
    let home = under_https();
    let _server = home.start_behind(HOST);
    let (told, answers) = mpsc::channel();
    let held: Vec<_> = (0..CLIENTS).map(|_| holds_back(&home, told.clone())).collect();
    // Those that find no room are told at once, the others after 30 seconds.
    let answers: Vec<_> = (0..CLIENTS).map(|_| answers.recv_timeout(Duration::from_secs(300)).unwrap()).collect();
    let statuses: Vec<_> = answers.iter().map(|answer| guarded("a body that waits", answer)).collect();
    assert!(statuses.iter().all(|status| matches!(status, 408 | 503)), "{statuses:?}");
    let refused = statuses.iter().take_while(|status| **status == 503).count();
    assert!(refused >= CLIENTS - ROOM - 1, "those over the room first: {statuses:?}");
    for answer in answers.iter().filter(|answer| head(answer).0 == 503) {
        assert_eq!(header(&head(answer).1, "retry-after"), Some("5"), "{answer}");
    }
    drop(held);
    let body = format!("email={}", "a".repeat(200_000));
    let asked = format!(
        "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    eventually("there is room again", || {
        (guarded("room", &Wire(&home).ask("POST /login", &asked)) == 413).then_some(())
    });
}

/// The chunks count if both lengths are given (RFC 9112, section 6.1). The connection is closed.
/// hyper removes the other length before Rocket sees it. A proxy that goes by the length would see
/// a next request, which gets no answer.
#[test]
fn a_length_beside_chunks_smuggles_nothing() {
    let home = under_https();
    let _server = home.start_behind(HOST);
    let wire = Wire(&home);
    let smuggled = format!("GET /robots.txt HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    for (first, second) in [
        (format!("Content-Length: {}", 5 + smuggled.len()), "Transfer-Encoding: chunked".to_owned()),
        ("Transfer-Encoding: chunked".to_owned(), format!("Content-Length: {}", 5 + smuggled.len())),
    ] {
        let answer = wire
            .send(&format!("POST /login HTTP/1.1\r\nHost: {HOST}\r\n{first}\r\n{second}\r\n\r\n0\r\n\r\n{smuggled}"));
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
        assert!(!answer.contains("User-agent"), "{answer}");
    }
}

/// A neighbouring site may set a cookie for the whole domain, in Latin-1 as PHP once did. RFC 6265
/// allows it: a cookie is octets.
#[test]
fn a_neighbour_s_cookie_that_is_not_utf_8_takes_no_other_cookie_along() {
    let home = Home::new();
    home.run(&["account", "add", "ana@example.com"]);
    let _server = home.start();
    let mut ana = home.visitor();
    let printed = String::from_utf8(home.run(&["link", "ana@example.com"]).stdout).unwrap();
    ana.get(&link_in(&printed)).unwrap();
    ana.get("/auth/verify").unwrap();
    assert_eq!(ana.post("/auth/verify", &[]).unwrap().status, 303);
    let session = &ana.cookies["gatepost_session"];
    for cookies in [
        [&b"pref=Jos\xe9; gatepost_session="[..], session.as_bytes()].concat(),
        [&b"gatepost_session="[..], session.as_bytes(), b"; \xff\xfe"].concat(),
        [&b"a=\x80;gatepost_session="[..], session.as_bytes(), b";b=2"].concat(),
    ] {
        let request = format!(
            "GET /account HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\nCookie: ",
            home.address().port()
        );
        let answer = Wire(&home).send_bytes(&[request.as_bytes(), &cookies, b"\r\n\r\n"].concat());
        assert_eq!(head(&answer).0, 200, "{}", String::from_utf8_lossy(&cookies));
        assert!(answer.contains("ana@example.com"));
    }
}
