//! What all pages have in common: headers, compression, caching, accessibility by construction.

use crate::{
    browser::Page,
    harness::{Setup, TestApp},
};
use rocket::http::Method;

const ANA: &str = "ana@example.com";

/// Returns every page that can be reached, signed in and not.
async fn all_pages(app: &TestApp) -> Vec<(String, Page)> {
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let mut pages = Vec::new();
    for path in [
        "/",
        "/account",
        "/account/address",
        "/account/close",
        "/account/data",
        "/account/security",
        "/account/recovery-codes",
        "/account/totp",
        "/account/passkeys",
        "/admin",
        "/admin/settings",
        "/admin/people",
        "/admin/mail",
        "/admin/audit",
        "/step-up",
        "/dev/mailbox",
        "/login",
    ] {
        pages.push((path.to_owned(), ana.get(path).await));
    }
    let mut stranger = app.browser();
    for path in [
        "/",
        "/login",
        "/login/sent",
        "/login/state",
        "/auth/verify",
        "/auth/cancel",
        "/auth/undo",
        "/auth/recovery",
        "/setup",
        "/account",
        "/admin",
        "/nothing",
        "/health/live",
        "/health/ready",
        "/theme.css",
        "/robots.txt",
        "/favicon.ico",
    ] {
        pages.push((path.to_owned(), stranger.get(path).await));
    }
    pages.push((
        "wrong method".into(),
        stranger.request(Method::Put, "/login", &[("Sec-Fetch-Site", "same-origin")], None).await,
    ));
    pages.push(("cross-site".into(), stranger.request(Method::Post, "/login", &[], None).await));
    pages.push(("other host".into(), stranger.request(Method::Get, "/login", &[("Host", "evil.example")], None).await));
    pages.push((
        "not a form".into(),
        stranger.request(Method::Post, "/login", &[("Sec-Fetch-Site", "same-origin")], None).await,
    ));
    pages
}

#[rocket::async_test]
async fn every_answer_forbids_what_browsers_would_otherwise_allow() {
    let app = TestApp::new().await;
    for (name, page) in all_pages(&app).await {
        let has = |header: &str| page.header(header).unwrap_or_else(|| panic!("{name} has no {header}")).to_owned();
        let policy = has("Content-Security-Policy");
        for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
            assert!(policy.contains(part), "{name}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{name}: {policy}");
        assert_eq!(has("X-Content-Type-Options"), "nosniff");
        assert_eq!(has("X-Frame-Options"), "DENY");
        assert_eq!(has("Referrer-Policy"), "same-origin");
        assert_eq!(has("Cross-Origin-Opener-Policy"), "same-origin");
        assert_eq!(has("Cross-Origin-Resource-Policy"), "same-origin");
        assert_eq!(has("X-Request-Id").len(), 16);
        assert!(page.header("Server").is_none() && page.header("Access-Control-Allow-Origin").is_none());
        assert!(page.header("Strict-Transport-Security").is_none(), "not on http");
        let is_static = ["/theme.css", "/robots.txt", "/favicon.ico"].contains(&name.as_str());
        assert!(is_static || has("Cache-Control") == "no-store", "{name}");
        if !page.body.is_empty() {
            let kind = has("Content-Type");
            assert!(kind.contains("charset=utf-8") || kind == "application/json", "{name}: {kind}");
        }
    }
}

#[rocket::async_test]
async fn the_operator_decides_for_which_hosts_browsers_insist_on_https() {
    for (set, expected) in [
        (None, Some("max-age=63072000; includeSubDomains")),
        (Some("subdomains"), Some("max-age=63072000; includeSubDomains")),
        (Some("host"), Some("max-age=63072000")),
        (Some("off"), None),
    ] {
        let https = Setup::new().with("GATEPOST_BASE_URL", "https://login.example.com");
        let https = https.with("GATEPOST_MAIL_URL", "smtp://127.0.0.1:1?tls=none");
        let app = match set {
            Some(value) => https.with("GATEPOST_HSTS", value).start().await,
            None => https.start().await,
        };
        assert_eq!(app.browser().get("/login").await.header("Strict-Transport-Security"), expected, "{set:?}");
    }
}

#[rocket::async_test]
async fn no_page_has_anything_inline_or_from_elsewhere() {
    let app = TestApp::new().await;
    for (name, page) in all_pages(&app).await {
        if !page.header("Content-Type").is_some_and(|kind| kind.starts_with("text/html")) {
            continue;
        }
        for inline in ["style=", "<style", "onclick", "onload", "javascript:", "<script>", "<iframe", "<base"] {
            assert!(!page.body.contains(inline), "{name} has {inline}");
        }
        for (attribute, _) in page.body.match_indices("src=\"").chain(page.body.match_indices("<link")) {
            let rest = &page.body[attribute..];
            let url = rest.split("href=\"").nth(usize::from(rest.starts_with("<link"))).unwrap_or(rest);
            let url = url.trim_start_matches("src=\"");
            assert!(url.starts_with('/'), "{name} loads {}", &url[..url.len().min(60)]);
        }
    }
}

#[rocket::async_test]
async fn every_page_can_be_read_by_a_screen_reader() {
    let app = TestApp::new().await;
    for (name, page) in all_pages(&app).await {
        if !page.header("Content-Type").is_some_and(|kind| kind.starts_with("text/html")) {
            continue;
        }
        let body = &page.body;
        assert!(body.contains("<html lang=\"en\" dir=\"ltr\">") && body.contains("<main id=\"content\""), "{name}");
        assert_eq!(body.matches("<h1").count(), 1, "{name} has one heading");
        assert!(body.contains("<title>") && !body.contains("<title> ·"), "{name}");
        for input in
            body.split("<input").skip(1).chain(body.split("<textarea").skip(1)).chain(body.split("<select").skip(1))
        {
            let tag = &input[..input.find('>').unwrap()];
            if tag.contains("type=\"hidden\"") {
                continue;
            }
            let id = tag.split("id=\"").nth(1).unwrap_or_else(|| panic!("{name}: a field without an id: {tag}"));
            let id = &id[..id.find('"').unwrap()];
            assert!(body.contains(&format!("for=\"{id}\"")), "{name}: {id} has no label");
        }
    }
}

#[rocket::async_test]
async fn pages_are_compressed_for_browsers_that_can() {
    let app = TestApp::new().await;
    let plain = app.browser().get("/login").await;
    assert!(plain.header("Content-Encoding").is_none());
    assert_eq!(plain.header("Vary"), Some("Accept-Encoding"));
    for (coding, compressed) in
        [("gzip", true), ("br, gzip;q=0.8", true), ("*", true), ("gzip;q=0", false), ("br", false), ("", false)]
    {
        let response = app.client.get("/login").header(rocket::http::Header::new("Host", "localhost:8000"));
        let response = response.header(rocket::http::Header::new("Accept-Encoding", coding)).dispatch().await;
        assert_eq!(response.headers().get_one("Content-Encoding") == Some("gzip"), compressed, "{coding}");
        let bytes = response.into_bytes().await.unwrap();
        let text = if compressed {
            let mut text = String::new();
            std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut text).unwrap();
            text
        } else {
            String::from_utf8(bytes).unwrap()
        };
        assert_eq!(text, plain.body);
    }
}

#[rocket::async_test]
async fn static_files_are_named_by_their_content_and_kept_for_ever() {
    let app = TestApp::new().await;
    let page = app.browser().get("/login").await;
    let hrefs: Vec<String> = page
        .body
        .split("=\"/static/")
        .skip(1)
        .map(|rest| format!("/static/{}", &rest[..rest.find('"').unwrap()]))
        .collect();
    assert!(hrefs.len() >= 3, "{hrefs:?}");
    for href in hrefs {
        let file = app.browser().get(&href).await;
        file.assert_status(200);
        assert_eq!(file.header("Cache-Control"), Some("public, max-age=31536000, immutable"));
        assert!(file.header("Set-Cookie").is_none());
    }
    let theme = page.body.split("href=\"/theme.css").nth(1).unwrap();
    let theme = format!("/theme.css{}", &theme[..theme.find('"').unwrap()]);
    let file = app.browser().get(&theme).await;
    assert_eq!(file.header("Cache-Control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(app.browser().get("/theme.css?v=old").await.header("Cache-Control"), Some("no-cache"));
}

#[rocket::async_test]
async fn the_mailbox_for_developers_is_there_only_for_them() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.browser().post("/login", &[("email", ANA)]).await;
    app.deliver().await;
    let page = app.browser().at("127.0.0.1").get("/dev/mailbox").await;
    page.assert_shows("To ana@example.com");
    assert!(page.body.contains("<a href=\"http://localhost:8000/auth/verify?token="));
    let html = app.browser().at("127.0.0.1").get("/dev/mailbox/1/html").await;
    html.assert_shows("Sign in");
    assert!(html.header("Content-Security-Policy").is_some_and(|policy| policy.starts_with("sandbox")));
    app.browser().at("127.0.0.1").get("/dev/mailbox/1/source").await.assert_shows("Message-ID");
    app.browser().at("127.0.0.1").get("/dev/mailbox/9/source").await.assert_status(404);
    app.browser().at("127.0.0.1").get("/dev/mailbox?to=ben@example.com").await.assert_shows("No email yet");

    let folder = tempfile::tempdir().unwrap();
    let real = Setup::new().with("GATEPOST_MAIL_URL", &format!("file://{}", folder.path().display())).start().await;
    real.browser().get("/dev/mailbox").await.assert_status(404);
}
