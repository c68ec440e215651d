//! Requests that are refused before any route: other hosts, other sites, methods in disguise,
//! bodies that are not forms.

use crate::{
    acting::{Blow, session_of},
    harness::{Setup, TestApp},
};
use gatepost::web::admission::{Admission, Admissions};
use rocket::http::Method;

const ANA: &str = "ana@example.com";
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// Returns whether programs of others send forms to this path. They come from anywhere, and bring
/// no cookie that counts.
pub fn is_for_programs(app: &TestApp, path: &str) -> bool {
    let admissions = app.client.rocket().state::<Admissions>().unwrap();
    admissions.iter().any(|(_, own, admission)| own == path && admission == Admission::Api)
}

/// Returns every route that is not a GET, with its dynamic parts filled in.
fn changing_paths(app: &TestApp) -> Vec<(Method, String)> {
    let fill = |path: &str| {
        let parts: Vec<_> =
            path.split('/').map(|part| if part.starts_with('<') { "0000000000000001" } else { part }).collect();
        parts.join("/")
    };
    let mut paths: Vec<_> = app
        .client
        .rocket()
        .routes()
        .filter(|route| route.method != Method::Get && !is_for_programs(app, route.uri.path()))
        .map(|route| (route.method, fill(route.uri.path())))
        .collect();
    paths.sort_by_key(|(_, path)| path.clone());
    paths
}

#[rocket::async_test]
async fn every_change_refuses_a_caller_from_another_site() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let before = app.dump().await;
    let paths = changing_paths(&app);
    assert!(paths.len() >= 20, "{paths:?}");
    let callers: [&[(&str, &str)]; 11] = [
        &[],
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Sec-Fetch-Site", "none")],
        &[("Sec-Fetch-Site", "cross-site"), ("Origin", "http://localhost:8000")],
        &[("Origin", "https://evil.example")],
        &[("Origin", "http://localhost:8000.evil.example")],
        &[("Origin", "https://localhost:8000")],
        &[("Origin", "null")],
        &[("Origin", "http://localhost:8000"), ("Origin", "https://evil.example")],
        &[("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "cross-site")],
    ];
    for (method, path) in paths {
        for caller in callers {
            let headers: Vec<_> = [FORM].into_iter().chain(caller.iter().copied()).collect();
            let page = ana.with(&headers).request(method, &path, Some("email=a%40b.example")).await;
            assert_eq!(page.status.code, 403, "{method} {path} {caller:?}");
        }
    }
    assert_eq!(app.dump().await, before);
    assert!(ana.is_signed_in_as(ANA).await);
}

#[rocket::async_test]
async fn a_browser_without_fetch_metadata_is_known_by_its_origin() {
    let app = TestApp::new().await;
    let page = app
        .browser()
        .with(&[FORM, ("Origin", "http://localhost:8000")])
        .request(Method::Post, "/login", Some("email=ana%40example.com"))
        .await;
    page.assert_leads_to("/login/sent");
}

#[rocket::async_test]
async fn a_method_in_disguise_is_refused() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let before = app.dump().await;
    for (_, path) in changing_paths(&app) {
        for method in ["get", "GET", "put", "delete", "patch", "head"] {
            for site in ["same-origin", "cross-site"] {
                let body = format!("_method={method}&email=eve%40example.com");
                let page = ana.with(&[FORM, ("Sec-Fetch-Site", site)]).request(Method::Post, &path, Some(&body)).await;
                assert_eq!(page.status.code, 400, "{path} as {method}");
            }
        }
    }
    assert_eq!(app.dump().await, before);
    assert!(ana.is_signed_in_as(ANA).await);
}

#[rocket::async_test]
async fn no_get_head_or_options_changes_anything() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/login", &[("email", ANA)]).await;
    let mail = app.mail_to(ANA).await;
    ana.open(&mail.link()).await;
    ana.open(&mail.cancel_link()).await;
    let before = app.dump().await;
    let mut paths: Vec<String> = app
        .client
        .rocket()
        .routes()
        .map(|route| {
            route.uri.path().replace("<id>", "0000000000000001").replace("<deed>", "disable").replace("<kind>", "test")
        })
        .map(|path| path.replace("<number>", "1").replace("<name>", "x"))
        .collect();
    paths.sort();
    paths.dedup();
    for path in &paths {
        for method in [Method::Get, Method::Head, Method::Options] {
            for query in ["", "?token=AAAA", "?done=x&held=0000000000000001&then=/account"] {
                let page = ana.request(method, &format!("{path}{query}"), None).await;
                assert!(page.status.code < 500, "{method} {path}{query}: {}", page.status);
            }
        }
    }
    assert_eq!(app.dump().await, before);
    // Nor does a link of our own pages, followed with an old proof: it holds nothing.
    let held = session_of(&app, &ana.cookies).await;
    Blow::ProofTooOld.strike(&app, &held).await;
    app.services.sessions.note_change(held.session.account_id);
    let before = app.dump().await;
    let mut asked_for_a_proof = Vec::new();
    for path in &paths {
        let page = ana.with(&[("Sec-Fetch-Site", "same-origin")]).request(Method::Get, path, None).await;
        if page.location().is_some_and(|to| to.starts_with("/step-up?")) {
            asked_for_a_proof.push(path.as_str());
        }
    }
    assert!(asked_for_a_proof.contains(&"/account/data"), "{asked_for_a_proof:?}");
    assert_eq!(app.dump().await, before);
}

#[rocket::async_test]
async fn a_request_for_another_host_is_refused_and_mails_nothing() {
    let app = Setup::new()
        .with("GATEPOST_BASE_URL", "https://login.example.com")
        .with("GATEPOST_MAIL_URL", "smtp://127.0.0.1:1?tls=none")
        .start()
        .await;
    app.add_account(ANA).await;
    let form = [FORM, ("Sec-Fetch-Site", "same-origin")];
    let before = app.dump().await;
    for host in [
        "evil.example",
        "login.example.com.evil.example",
        "login.example.com:8443",
        "victim:@evil.example",
        "127.0.0.1",
        "",
    ] {
        let headers: Vec<_> = form.into_iter().chain([("Host", host)]).collect();
        let page = app.browser().with(&headers).request(Method::Post, "/login", Some("email=ana%40example.com")).await;
        assert_eq!(page.status.code, 421, "{host}");
        app.browser().with(&[("Host", host)]).request(Method::Get, "/login", None).await.assert_status(421);
    }
    let two = [("Host", "login.example.com"), ("Host", "evil.example")];
    app.browser().with(&two).request(Method::Get, "/login", None).await.assert_status(400);
    assert_eq!(app.dump().await, before);
    for forwarded in ["X-Forwarded-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override"] {
        let page = app.browser().with(&[(forwarded, "host=evil.example")]).request(Method::Get, "/login", None).await;
        page.assert_status(200).assert_hides("evil.example");
    }
    app.browser().with(&[("Host", "10.1.2.3")]).request(Method::Get, "/health/live", None).await.assert_status(200);
}

#[rocket::async_test]
async fn only_trusted_proxies_say_who_a_client_is() {
    let app = Setup::new().with("GATEPOST_TRUSTED_PROXIES", "10.0.0.0/8").start().await;
    app.add_account(ANA).await;
    let mut ana = app.browser().at("10.0.0.1");
    let headers = [FORM, ("Sec-Fetch-Site", "same-origin"), ("X-Forwarded-For", "1.1.1.1, 198.51.100.7")];
    ana.with(&headers)
        .request(Method::Post, "/login", Some("email=ana%40example.com"))
        .await
        .assert_leads_to("/login/sent");
    let text = app.mail_to(ANA).await.text;
    assert!(text.contains("198.51.100.7") && !text.contains("1.1.1.1"), "{text}");
    app.browser()
        .at("10.0.0.1")
        .with(&[("X-Forwarded-For", "nonsense")])
        .request(Method::Get, "/login", None)
        .await
        .assert_status(400);
    app.browser()
        .at("203.0.113.1")
        .with(&[("X-Forwarded-For", "nonsense")])
        .request(Method::Get, "/login", None)
        .await
        .assert_status(200);
}

/// A proxy's rule for `/admin` only sees the letters of a path.
#[rocket::async_test]
async fn a_path_has_one_spelling() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let before = app.dump().await;
    ana.get("/admin").await.assert_status(200);
    for path in [
        "//admin",
        "/%61dmin",
        "/admin%2f",
        "/%2fadmin",
        "//",
        "/admin//",
        "/admin//people",
        "/./admin",
        "/login/../admin",
        "/admin;x",
        "/nothing/",
        "//localhost:8000/",
        "/static/",
    ] {
        let page = ana.get(path).await;
        assert_eq!(page.status.code, 404, "{path}");
    }
    ana.get("/admin/").await.assert_leads_to("/admin");
    ana.get("/admin/people/?q=ana").await.assert_leads_to("/admin/people?q=ana");
    ana.request(Method::Head, "/login/", None).await.assert_leads_to("/login");
    for path in ["/logout/", "//logout", "/%6cogout"] {
        ana.post(path, &[]).await.assert_status(404);
    }
    assert_eq!(app.dump().await, before);
    assert!(ana.is_signed_in_as(ANA).await);
}

#[rocket::async_test]
async fn a_proxy_that_names_no_client_is_one_without_a_header() {
    let app = Setup::new().with("GATEPOST_TRUSTED_PROXIES", "10.0.0.0/8").start().await;
    for forwarded in ["", ",", "198.51.100.7,", "198.51.100.7, "] {
        let mut browser = app.browser().at("10.0.0.1");
        let page = browser.with(&[("X-Forwarded-For", forwarded)]).request(Method::Get, "/login", None).await;
        assert_eq!(page.status.code, 200, "{forwarded:?}");
    }
    for forwarded in ["", "nonsense"] {
        let mut browser = app.browser().at("10.0.0.1");
        let page = browser.with(&[("X-Forwarded-For", forwarded)]).request(Method::Get, "/health/ready", None).await;
        assert_eq!(page.status.code, 200, "{forwarded:?}");
    }
}

#[rocket::async_test]
async fn bodies_that_are_no_forms_of_ours_get_a_clear_word_and_change_nothing() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let before = app.dump().await;
    let large = format!("email={}", "a".repeat(40_000));
    let cases: [(&str, &str, u16); 14] = [
        ("application/x-www-form-urlencoded", "", 422),
        ("application/x-www-form-urlencoded", "e-mail=x", 422),
        ("application/x-www-form-urlencoded", "email=ana%40example.com&email=eve%40example.com", 422),
        ("application/x-www-form-urlencoded", "email=ana%40example.com&is_admin=1", 422),
        ("application/x-www-form-urlencoded", "email[]=ana%40example.com", 422),
        ("application/x-www-form-urlencoded", "email.x=ana%40example.com", 422),
        ("application/x-www-form-urlencoded", "email=ana%40example.com%00", 422),
        ("application/x-www-form-urlencoded", "email=%ff%fe", 422),
        ("application/x-www-form-urlencoded", "&&&===", 422),
        ("application/x-www-form-urlencoded", &large, 413),
        ("application/json", r#"{"email":"ana@example.com"}"#, 415),
        ("text/plain", "email=ana%40example.com", 415),
        ("", "email=ana%40example.com", 415),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n--x--\r\n",
            415,
        ),
    ];
    for (kind, body, expected) in cases {
        let mut headers = vec![("Sec-Fetch-Site", "same-origin")];
        if !kind.is_empty() {
            headers.push(("Content-Type", kind));
        }
        let page = app.browser().with(&headers).request(Method::Post, "/login", Some(body)).await;
        let shown = &body[..body.len().min(60)];
        assert_eq!(page.status.code, expected, "{kind} {shown:?}");
        assert!(page.body.contains("<h1"), "a page of ours: {}", page.body);
    }
    assert_eq!(app.dump().await, before);
}

#[rocket::async_test]
async fn hostile_addresses_get_a_sentence_and_no_mail() {
    let app = TestApp::new().await;
    app.set("join_policy", "anyone").await;
    let before = app.dump().await;
    for hostile in [
        "a@x.example,b@y.example",
        "a@x.example\r\nBcc: b@y.example",
        "\"a@x.example\"@y.example",
        "a@x.example> ORCPT=b@y.example",
        "=?x?q?a=40x.example=3e=00?=b@y.example",
        "mıke@example.com",
        "mike@\u{212a}.example",
        "a@[127.0.0.1]",
        "a@localhost",
        "🙂",
        &"a".repeat(5000),
    ] {
        let page = app.browser().post("/login", &[("email", hostile)]).await;
        page.assert_status(422).assert_shows("Sign in");
        assert!(page.set_cookies().is_empty());
    }
    assert_eq!(app.dump().await, before);
}

#[rocket::async_test]
async fn wrong_methods_and_unknown_addresses_get_pages_of_their_own() {
    let app = TestApp::new().await;
    for method in [Method::Put, Method::Delete, Method::Patch] {
        let page = app.browser().with(&[("Sec-Fetch-Site", "same-origin")]).request(method, "/login", None).await;
        page.assert_status(405);
        assert_eq!(page.header("Allow"), Some("GET, POST"));
    }
    // The reopened address of a form is the form's page.
    app.browser().get("/login/code").await.assert_leads_to("/login/sent");
    for path in [
        "/nothing",
        "/account/x.css",
        "/account;.js",
        "/%2e%2e/etc/passwd",
        "/static/..%2fCargo.toml",
        "/.git/config",
        "/.env",
        "/Rocket.toml",
        "/static/",
        "/static/x",
        "/metrics",
    ] {
        let page = app.browser().get(path).await;
        page.assert_status(404).assert_shows("Page not found");
    }
}

#[rocket::async_test]
async fn asking_for_the_refusal_page_itself_finds_nothing() {
    let app = TestApp::new().await;
    app.browser().get("/-/refused").await.assert_status(404);
}

#[rocket::async_test]
async fn a_button_without_fields_refuses_whatever_comes_with_it() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let before = app.dump().await;
    let ours = ("Sec-Fetch-Site", "same-origin");
    for path in [
        "/logout",
        "/login/other-address",
        "/login/resend",
        "/login/second-factor/lost",
        "/auth/again",
        "/auth/cancel",
        "/auth/undo",
        "/auth/recovery",
        "/account/recovery/cancel",
        "/admin/mail/test",
        "/account/recovery-codes",
        "/account/recovery-codes/remove",
        "/account/security/forget-all",
    ] {
        ana.post(path, &[("to", "everybody")]).await.assert_status(422);
        let json = [ours, ("Content-Type", "application/json")];
        ana.with(&json).request(Method::Post, path, Some("{}")).await.assert_status(415);
        ana.with(&[ours]).request(Method::Post, path, Some("x")).await.assert_status(415);
    }
    assert_eq!(app.dump().await, before);
    ana.with(&[ours]).request(Method::Post, "/logout", None).await.assert_leads_to("/login");
}

#[rocket::async_test]
async fn the_mailbox_for_developers_is_not_there_for_other_machines() {
    let app = TestApp::new().await;
    app.browser().at("192.0.2.7").get("/dev/mailbox").await.assert_status(404);
    app.browser().at("127.0.0.1").get("/dev/mailbox").await.assert_status(200);
}

#[rocket::async_test]
async fn every_error_page_names_its_request() {
    let app = TestApp::new().await;
    let page = app.browser().get("/nothing").await;
    let reference = page.header("X-Request-Id").expect("a request id").to_owned();
    page.assert_status(404).assert_shows(&format!("Reference: {reference}"));
}

/// Each field is compared with all before it: a form of thousands would be slow.
#[rocket::async_test]
async fn a_form_of_more_fields_than_any_of_ours_is_refused() {
    let app = TestApp::new().await;
    let body: String = (0..4000).map(|n| format!("a{n}&")).collect();
    let headers = [FORM, ("Sec-Fetch-Site", "same-origin")];
    app.browser().with(&headers).request(Method::Post, "/login", Some(&body)).await.assert_status(413);
    let body: String = (0..100).map(|n| format!("a{n}&")).collect();
    app.browser().with(&headers).request(Method::Post, "/login", Some(&body)).await.assert_status(422);
}

#[rocket::async_test]
async fn a_cancel_page_is_about_one_mail_and_its_button_ends_no_other() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    let cancel = app.mail_to(ANA).await.cancel_link();
    ana.open(&cancel).await.assert_shows("Cancel this request?");
    ana.post("/auth/cancel", &[("attempt", "0123456789abcdef")]).await.assert_leads_to("/auth/cancel");
    ana.submit("/auth/cancel", &[]).await.assert_status(200).assert_shows("Cancelled");
}

/// Every route that is not a page. A new one is added here on purpose, or its slice forgot to
/// declare it.
#[rocket::async_test]
async fn every_route_is_a_page_except_these() {
    use Admission::{Api, Asset, Probe, Script};
    let app = TestApp::new().await;
    let admissions = app.client.rocket().state::<Admissions>().unwrap();
    let mut special: Vec<_> = admissions.iter().map(|(method, path, admission)| (path, method, admission)).collect();
    special.sort_by_key(|(path, method, _)| (*path, method.as_str()));
    assert_eq!(
        special,
        [
            ("/.well-known/oauth-authorization-server", Method::Get, Api),
            ("/.well-known/openid-configuration", Method::Get, Api),
            ("/.well-known/webfinger", Method::Get, Api),
            ("/account/passkeys", Method::Post, Script),
            ("/account/passkeys/options", Method::Post, Script),
            ("/forward-auth", Method::Get, Probe),
            ("/forward-auth/nginx", Method::Get, Probe),
            ("/gatepost.css", Method::Get, Asset),
            ("/health/live", Method::Get, Probe),
            ("/health/ready", Method::Get, Probe),
            ("/login/passkey", Method::Post, Script),
            ("/login/passkey/options", Method::Post, Script),
            ("/login/second-factor/passkey", Method::Post, Script),
            ("/login/second-factor/passkey/options", Method::Post, Script),
            ("/login/state", Method::Get, Script),
            ("/logo.png", Method::Get, Asset),
            // An app's page sends a form here. It brings no cookie, and becomes a GET.
            ("/oidc/authorize", Method::Post, Api),
            ("/oidc/device_authorization", Method::Options, Api),
            ("/oidc/device_authorization", Method::Post, Api),
            ("/oidc/introspect", Method::Post, Api),
            ("/oidc/jwks.json", Method::Get, Api),
            ("/oidc/logout", Method::Post, Api),
            ("/oidc/revoke", Method::Options, Api),
            ("/oidc/revoke", Method::Post, Api),
            ("/oidc/token", Method::Options, Api),
            ("/oidc/token", Method::Post, Api),
            ("/oidc/userinfo", Method::Get, Api),
            ("/oidc/userinfo", Method::Options, Api),
            ("/oidc/userinfo", Method::Post, Api),
            ("/static/<name>", Method::Get, Asset),
            ("/step-up/passkey", Method::Post, Script),
            ("/step-up/passkey/options", Method::Post, Script),
        ]
    );
}

/// An app's server, or any page, may send a form there. With a user's cookies it gets no more.
#[rocket::async_test]
async fn a_program_s_request_is_answered_alike_with_a_user_s_cookies() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let before = dump_but_limits(&app).await;
    let routes = app.client.rocket().routes().filter(|route| route.method == Method::Post);
    let paths: Vec<String> = routes.map(|route| route.uri.path().to_owned()).collect();
    let paths: Vec<String> = paths.into_iter().filter(|path| is_for_programs(&app, path)).collect();
    assert_eq!(paths.len(), 7, "{paths:?}");
    for path in paths {
        let headers = [FORM, ("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")];
        let with = ana.with(&headers).request(Method::Post, &path, Some("client_id=x&token=y")).await;
        let without = app.browser().with(&headers).request(Method::Post, &path, Some("client_id=x&token=y")).await;
        assert_eq!((with.status, &with.body, with.location()), (without.status, &without.body, without.location()));
        assert!(with.set_cookies().is_empty() && with.header("Access-Control-Allow-Origin").is_none(), "{path}");
    }
    let with = ana.request(Method::Get, "/oidc/userinfo", None).await;
    let without = app.browser().request(Method::Get, "/oidc/userinfo", None).await;
    assert_eq!((with.status.code, &with.body), (401, &without.body));
    assert!(with.set_cookies().is_empty());
    assert_eq!(dump_but_limits(&app).await, before);
    assert!(ana.is_signed_in_as(ANA).await);
}

/// Returns every row but those that count tries, such as wrong secrets of apps.
async fn dump_but_limits(app: &TestApp) -> String {
    app.dump().await.lines().filter(|row| !row.starts_with("limits: ")).collect::<Vec<_>>().join("\n")
}

/// The gate does not ask these where a request comes from. So no handler knows a user of ours.
#[test]
fn no_route_that_is_exempt_from_the_gate_reads_a_cookie_of_ours() {
    let probes = ["forward_auth/check", "forward_auth/answer", "forward_auth/notice", "health", "web/site/assets"]
        .map(str::to_owned);
    // What answers programs: the endpoints, and what they call.
    let endpoints = [
        "access_token",
        "assertion",
        "caller",
        "client_auth",
        "cors",
        "device",
        "discovery",
        "introspect",
        "issue",
        "refresh",
        "replay",
        "revoke",
        "token",
        "userinfo",
        "webfinger",
    ]
    .map(|name| format!("oidc/{name}"));
    for file in probes.into_iter().chain(endpoints) {
        let file = format!("src/{file}.rs");
        let code = std::fs::read_to_string(&file).unwrap();
        // A check reads one cookie by hand, that of the app's own host.
        let raw: &[&str] = if file.contains("/oidc/") { &["CookieJar", "cookies()"] } else { &[] };
        for knows in ["Cookies", "Visit", "SessionCheck", "cookies::Name"].iter().chain(raw) {
            assert!(!code.contains(knows), "{file} has {knows}");
        }
    }
}

/// A route that reads JSON and is declared as a page would refuse a form with a page.
#[rocket::async_test]
async fn a_route_is_declared_as_what_it_reads() {
    let app = TestApp::new().await;
    let admissions = app.client.rocket().state::<Admissions>().unwrap();
    let scripts: Vec<String> = admissions
        .iter()
        .filter(|(method, _, admission)| *method == Method::Post && *admission == Admission::Script)
        .map(|(_, path, _)| path.to_owned())
        .collect();
    let ours = ("Sec-Fetch-Site", "same-origin");
    for (_, path) in changing_paths(&app) {
        let unknown = [ours, ("Content-Type", "text/csv")];
        let page = app.browser().with(&unknown).request(Method::Post, &path, Some("x")).await;
        assert_eq!(page.status.code, 415, "{path}");
        let is_json = page.header("Content-Type") == Some("application/json");
        assert_eq!(is_json, scripts.contains(&path), "{path}: {}", page.body);
    }
}

/// Proxies and supervisors ask by address, and pass on what a visitor sent.
#[rocket::async_test]
async fn a_probe_is_answered_under_any_host_and_with_a_visitor_s_content_type() {
    let app = TestApp::new().await;
    for path in ["/health/live", "/health/ready", "/health/live/"] {
        for method in [Method::Get, Method::Head] {
            let headers = [("Host", "10.1.2.3"), FORM];
            let page = app.browser().with(&headers).request(method, path, None).await;
            assert!([200, 303].contains(&page.status.code), "{method} {path}: {}", page.status);
        }
    }
    let forged = [("Host", "10.1.2.3"), ("Sec-Fetch-Site", "cross-site")];
    app.browser().with(&forged).request(Method::Put, "/health/live", None).await.assert_status(403);
    app.browser().with(&[FORM]).request(Method::Get, "/login", None).await.assert_status(400);
}

#[rocket::async_test]
async fn a_script_that_is_refused_can_read_why() {
    let app = TestApp::new().await;
    for (headers, status) in [
        (vec![("Content-Type", "application/json")], 403),
        (vec![("Content-Type", "application/json"), ("Sec-Fetch-Site", "cross-site")], 403),
        (vec![("Content-Type", "application/json"), ("Host", "evil.example")], 421),
    ] {
        let page = app.browser().with(&headers).request(Method::Post, "/login/passkey", Some("{}")).await;
        assert_eq!((page.status.code, &*page.body), (status, r#"{"problem":"refused"}"#), "{headers:?}");
    }
}

/// They are the same for every visitor, and a page under a wrong address needs them.
#[rocket::async_test]
async fn what_pages_load_is_had_under_any_host_and_a_page_is_not() {
    let app = Setup::new()
        .with("GATEPOST_BASE_URL", "https://login.example.com")
        .with("GATEPOST_MAIL_URL", "smtp://127.0.0.1:1?tls=none")
        .start()
        .await;
    let elsewhere = [("Host", "login.example.net")];
    let page = app.browser().with(&elsewhere).request(Method::Get, "/login", None).await;
    page.assert_status(421).assert_shows("Wrong address").assert_shows("https://login.example.com");
    let addresses =
        page.body.split('"').filter(|part| part.starts_with("/static/") || part.starts_with("/gatepost.css"));
    let addresses: Vec<_> = addresses.map(str::to_owned).collect();
    assert_eq!(addresses.len(), 2, "styles and script: {addresses:?}");
    for address in addresses {
        let file = app.browser().with(&elsewhere).request(Method::Get, &address, None).await;
        file.assert_status(200);
        assert!(file.set_cookies().is_empty() && !file.body.contains("login.example.net"), "{address}");
        app.browser().with(&elsewhere).request(Method::Post, &address, None).await.assert_status(403);
    }
    for path in ["/", "/account", "/robots.txt", "/manifest.webmanifest", "/icon.png"] {
        app.browser().with(&elsewhere).request(Method::Get, path, None).await.assert_status(421);
    }
}
