//! Things that all pages have in common: headers, compression, caching, accessibility by
//! construction.

use crate::{
    browser::{Browser, Page},
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
        "/admin/groups",
        "/admin/apps",
        "/admin/new-app",
        "/admin/mail",
        "/admin/audit",
        "/admin/audit.csv",
        "/admin/audit.json",
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
        "/gatepost.css",
        "/robots.txt",
        "/favicon.ico",
        "/apple-touch-icon.png",
        "/manifest.webmanifest",
    ] {
        pages.push((path.to_owned(), stranger.get(path).await));
    }
    pages.push((
        "wrong method".into(),
        stranger.with(&[("Sec-Fetch-Site", "same-origin")]).request(Method::Put, "/login", None).await,
    ));
    pages.push(("cross-site".into(), stranger.request(Method::Post, "/login", None).await));
    pages.push((
        "other host".into(),
        stranger.with(&[("Host", "evil.example")]).request(Method::Get, "/login", None).await,
    ));
    pages.push((
        "not a form".into(),
        stranger.with(&[("Sec-Fetch-Site", "same-origin")]).request(Method::Post, "/login", None).await,
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
        let is_icon = ["/favicon.ico", "/apple-touch-icon.png"].contains(&name.as_str());
        let is_static = is_icon || ["/gatepost.css", "/robots.txt", "/manifest.webmanifest"].contains(&name.as_str());
        assert!(is_static || has("Cache-Control") == "no-store", "{name}");
        if !page.body.is_empty() {
            let kind = has("Content-Type");
            let has_no_charset = kind.ends_with("json") || is_icon && kind == "image/png";
            assert!(kind.contains("charset=utf-8") || has_no_charset, "{name}: {kind}");
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

/// Beginning of a preview: it runs no script, and takes no focus.
const LAZY_FRAME: &str = "iframe sandbox inert loading=\"lazy\" ";

#[rocket::async_test]
async fn no_page_has_anything_inline_or_from_elsewhere() {
    let app = TestApp::new().await;
    for (name, page) in all_pages(&app).await {
        if !page.header("Content-Type").is_some_and(|kind| kind.starts_with("text/html")) {
            continue;
        }
        for inline in ["style=", "<style", "onclick", "onload", "javascript:", "<script>", "<iframe", "<base"] {
            let without_previews = page.body.replace(&format!("<{LAZY_FRAME}"), "");
            assert!(!without_previews.contains(inline), "{name} has {inline}");
        }
        for (attribute, _) in page.body.match_indices("src=\"").chain(page.body.match_indices("<link")) {
            let rest = &page.body[attribute..];
            let url = rest.split("href=\"").nth(usize::from(rest.starts_with("<link"))).unwrap_or(rest);
            let url = url.trim_start_matches("src=\"");
            let is_ours = url.starts_with('/') || url.starts_with("data:image/svg+xml;base64,");
            assert!(is_ours, "{name} loads {}", &url[..url.len().min(60)]);
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
    for href in loaded_by(&page) {
        let file = app.browser().get(&href).await;
        file.assert_status(200);
        assert_eq!(file.header("Cache-Control"), Some("public, max-age=31536000, immutable"));
        assert!(file.header("Set-Cookie").is_none());
    }
    assert_eq!(app.browser().get("/gatepost.css?v=old").await.header("Cache-Control"), Some("no-cache"));
}

/// Returns what a browser loads because the page names it: stylesheets, scripts, pictures, icons. A
/// manifest waits until someone installs the page.
fn loaded_by(page: &Page) -> Vec<String> {
    let attributes = page.body.split(['<', '>']).filter(|tag| !tag.starts_with("a ") && !tag.starts_with("form "));
    let tags = attributes.filter(|tag| !tag.contains("rel=\"manifest\""));
    // A browser loads it when the user opens what holds it.
    let tags = tags.filter(|tag| !tag.starts_with(LAZY_FRAME));
    let address = |tag: &str| {
        let rest = tag.split_once(" href=\"").or_else(|| tag.split_once(" src=\""))?.1;
        Some(rest.split_once('"')?.0.to_owned())
    };
    // The page itself holds its icon.
    tags.filter_map(address).filter(|address| !address.starts_with("data:")).collect()
}

/// The bytes of an answer as a browser gets them.
async fn bytes_of(app: &TestApp, browser: &Browser<'_>, path: &str) -> usize {
    let mut request = app.client.get(path.to_owned()).header(rocket::http::Header::new("Host", "localhost:8000"));
    request = request.header(rocket::http::Header::new("Accept-Encoding", "gzip, br"));
    for (name, value) in &browser.cookies {
        request = request.cookie((name.clone(), value.clone()));
    }
    let response = request.dispatch().await;
    assert!(response.status().code < 500, "{path}");
    response.into_bytes().await.unwrap_or_default().len()
}

/// A phone on a poor connection gets any page in three requests and 30 kB.
#[rocket::async_test]
async fn a_page_loads_one_stylesheet_and_one_script_and_no_more_than_thirty_kilobytes() {
    const MAX: usize = 30_000;
    let app = TestApp::new().await;
    let pages = all_pages(&app).await;
    let ana = app.signed_in(ANA).await;
    let mut looked_at = 0;
    for (name, page) in pages {
        if !page.header("Content-Type").is_some_and(|kind| kind.starts_with("text/html")) {
            continue;
        }
        let loaded = loaded_by(&page);
        assert!(loaded.len() == 2, "{name} loads {loaded:?}");
        let path = if name.starts_with('/') { name.as_str() } else { "/nothing" };
        let mut bytes = bytes_of(&app, &ana, path).await.max(bytes_of(&app, &app.browser(), path).await);
        for href in loaded {
            bytes += bytes_of(&app, &ana, &href).await;
        }
        assert!(bytes <= MAX, "{name} takes {bytes} bytes");
        looked_at += 1;
    }
    assert!(looked_at > 20, "{looked_at}");
}

#[rocket::async_test]
async fn the_colours_of_the_browser_s_frame_are_those_of_the_page() {
    let app = TestApp::new().await;
    let (page, styles) = (app.browser().get("/login").await, app.browser().get("/gatepost.css").await);
    let colours: Vec<_> = styles.body.split("--page: ").skip(1).map(|rest| &rest[..7]).collect();
    assert_eq!(colours.len(), 2);
    for (colour, scheme) in colours.iter().zip(["light", "dark"]) {
        let meta =
            format!("<meta name=\"theme-color\" content=\"{colour}\" media=\"(prefers-color-scheme: {scheme})\">");
        assert!(page.body.contains(&meta), "{meta}");
    }
}

#[rocket::async_test]
async fn a_phone_can_put_it_on_its_home_screen() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    app.set("product_name", "Linden & School").await;
    app.set("accent_colour", "#ffcc00").await;
    app.a_second_later();
    let mut ana = app.signed_in(ANA).await;
    let manifest = "<link rel=\"manifest\" href=\"/manifest.webmanifest\">";
    let from = |site| [("Sec-Fetch-Site", site)];
    let account = ana.with(&from("same-origin")).request(Method::Get, "/account", None).await;
    assert!(account.body.contains(manifest));
    for site in ["none", "same-site", "cross-site"] {
        let account =
            ana.with(&from(site)).request(Method::Get, "/account", None).await.assert_status(200).body.clone();
        assert!(!account.contains(manifest), "from {site} it would cost two more requests");
    }
    for path in ["/login", "/account/security"] {
        assert!(!ana.get(path).await.body.contains(manifest), "{path} is no page for a home screen");
    }
    let manifest = app.browser().get("/manifest.webmanifest").await;
    assert_eq!(manifest.header("Content-Type"), Some("application/manifest+json"));
    let manifest: serde_json::Value = serde_json::from_str(&manifest.body).unwrap();
    assert_eq!(manifest["name"], "Linden & School");
    assert_eq!(manifest["start_url"], "/account");
    assert_eq!(manifest["theme_color"], "#ffcc00");
    let icons: Vec<_> =
        manifest["icons"].as_array().unwrap().iter().map(|icon| icon["src"].as_str().unwrap()).collect();
    assert_eq!(icons.len(), 2);
    for icon in icons {
        app.browser().get(icon).await.assert_status(200);
    }
    let policy = app.browser().get("/login").await.header("Content-Security-Policy").unwrap().to_owned();
    assert!(policy.contains("manifest-src 'self'"), "{policy}");
}

#[rocket::async_test]
async fn the_mailbox_for_developers_is_there_only_for_them() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.browser().post("/login", &[("email", ANA)]).await;
    app.deliver().await;
    let page = app.browser().at("127.0.0.1").get("/dev/mailbox").await;
    page.assert_shows("To ana@example.com");
    assert!(page.body.contains("<pre lang=\"en\">"));
    assert!(page.body.contains("<a href=\"http://localhost:8000/auth/verify?token="));
    let html = app.browser().at("127.0.0.1").get("/dev/mailbox/1/html").await;
    html.assert_shows("Sign in");
    assert!(html.header("Content-Security-Policy").is_some_and(|policy| policy.starts_with("sandbox")));
    app.browser().at("127.0.0.1").get("/dev/mailbox/1/source").await.assert_shows("Message-ID");
    app.browser().at("127.0.0.1").get("/dev/mailbox/9/source").await.assert_status(404);
    app.browser().at("127.0.0.1").get("/dev/mailbox?to=ben@example.com").await.assert_shows("No email yet");
    let mut here = app.browser().at("127.0.0.1");
    app.browser().at("192.0.2.7").post("/dev/mailbox/clear", &[]).await.assert_status(404);
    here.get("/dev/mailbox").await.assert_shows("To ana@example.com");
    here.post("/dev/mailbox/clear", &[]).await.assert_leads_to("/dev/mailbox");
    here.get("/dev/mailbox").await.assert_shows("No email yet").assert_hides("Delete all emails");

    let folder = tempfile::tempdir().unwrap();
    let real = Setup::new().with("GATEPOST_MAIL_URL", &format!("file://{}", folder.path().display())).start().await;
    real.browser().get("/dev/mailbox").await.assert_status(404);
}
