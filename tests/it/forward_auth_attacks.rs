//! Attacks on the check: a stolen pass, another browser's code, a forged question.

use crate::{
    browser::Page,
    forward_auth::{ANA, BLOG, FAMILIES, Family, Surfer, WIKI, ask, change, leads_to, start},
    harness::local,
};
use gatepost::domain::{Lifetime, apps::path::PublicPath};
use rocket::http::Method;
use std::collections::BTreeMap;

const PASS: &str = "__Host-gatepost_app";
const WAY: &str = "__Host-gatepost_way";

/// Names of Gatepost's own cookies, without what is in front of each.
const OURS: [&str; 22] = [
    "session",
    "attempts",
    "link",
    "cancel",
    "set_up",
    "undo",
    "reset",
    "pending",
    "ceremony",
    "trusted",
    "recovery",
    "device",
    "known",
    "new_browser",
    "invitation",
    "flash",
    "kept",
    "address",
    "passkey_used",
    "popup",
    "way_on",
    "lost",
];

/// Leads a browser up to the callback: its address on the app's host.
async fn code_for(ana: &mut Surfer<'_>, host: &str) -> String {
    let enter = leads_to(&ana.check(host, "/page").await).unwrap();
    let page = ana.gatepost.get(&local(&enter)).await;
    local(&leads_to(&page).unwrap())
}

#[rocket::async_test]
async fn everything_an_app_receives_opens_nothing_else() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    let callback = {
        ana.gatepost.sign_in(ANA).await;
        code_for(&mut ana, WIKI).await
    };
    ana.check(WIKI, &callback).await;
    let admitted = ana.check(WIKI, "/page").await;
    admitted.assert_status(200);
    // All that a compromised app sees: cookies, headers, and even the code.
    let mut stolen = ana.cookies[WIKI].clone();
    assert_eq!(stolen.len(), 2);
    let pass = stolen[PASS].clone();
    for (name, value) in stolen.clone() {
        for other in OURS {
            stolen.insert(format!("gatepost_{other}"), value.clone());
            stolen.insert(format!("__Host-gatepost_{other}"), value.clone());
        }
        stolen.insert(name, value);
    }
    let mut thief = Surfer::new(&gatepost);
    thief.gatepost.cookies = stolen.clone();
    assert!(thief.gatepost.is_signed_out().await);
    // What the app receives about the user, sent back to Gatepost as it came.
    let told = ["Remote-User", "Remote-Email", "Remote-Name", "Remote-Groups", "Remote-Auth-Time", "Remote-Amr"];
    let told: Vec<_> = told.iter().filter_map(|name| Some((*name, admitted.header(name)?))).collect();
    assert_eq!(told.len(), 6);
    for path in ["/account", "/account/security", "/account/apps", "/apps/sign-out"] {
        let page = thief.gatepost.with(&told).request(Method::Get, path, None).await;
        assert!(page.location().is_some_and(|to| to.starts_with("/login")), "{path}");
    }
    for (path, status) in [("/admin", 404), ("/admin/settings", 404), ("/oidc/userinfo", 401)] {
        let page = thief.gatepost.with(&told).request(Method::Get, path, None).await;
        assert!(page.status.code == status || page.location().is_some_and(|to| to.starts_with("/login")), "{path}");
    }
    for family in FAMILIES {
        thief.family = family;
        thief.as_script();
        for host in [BLOG, "one.wiki.example.com"] {
            thief.cookies.insert(host.to_owned(), stolen.clone());
            thief.check(host, "/").await.assert_status(401);
            assert_ne!(thief.check(host, &callback).await.status.code, 200);
            assert_eq!(thief.check(host, "/").await.status.code, 401, "the code of another app");
        }
    }
    // A pass is no code, and a code no pass.
    thief.cookies.insert(WIKI.to_owned(), BTreeMap::from([(WAY.to_owned(), stolen[WAY].clone())]));
    let page = thief.check(WIKI, &format!("/.gatepost/callback?code={pass}")).await;
    assert!(page.set_cookies().is_empty());
    let code = callback.split_once("code=").unwrap().1.to_owned();
    thief.cookies.insert(WIKI.to_owned(), BTreeMap::from([(PASS.to_owned(), code)]));
    thief.check(WIKI, "/").await.assert_status(401);
}

#[rocket::async_test]
async fn a_code_counts_only_in_the_browser_that_began_at_its_host_and_for_half_a_minute() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.gatepost.sign_in(ANA).await;
    let callback = code_for(&mut ana, WIKI).await;
    let sets_pass = |page: &Page| page.set_cookies().iter().any(|line| line.starts_with(PASS));
    // Another browser: with no secret of a way, or with another one.
    let mut eve = Surfer::new(&gatepost);
    assert!(!sets_pass(&eve.check(WIKI, &callback).await));
    eve.check(WIKI, "/").await;
    let page = eve.check(WIKI, &callback).await;
    assert!(!sets_pass(&page));
    assert_eq!(leads_to(&page).as_deref(), Some("https://wiki.example.com/page"), "it begins again");
    assert!(page.status.code == 302 && eve.user_at(WIKI).await.is_none());
    // Garbage leads to the front page.
    for code in ["", "x", "AAAA", &"A".repeat(5000)] {
        let page = eve.check(WIKI, &format!("/.gatepost/callback?code={code}")).await;
        assert_eq!((leads_to(&page).as_deref(), sets_pass(&page)), (Some("https://wiki.example.com/"), false));
    }
    // Half a minute.
    gatepost.clock.advance(Lifetime::seconds(31));
    assert!(!sets_pass(&ana.check(WIKI, &callback).await));
    let callback = code_for(&mut ana, WIKI).await;
    gatepost.clock.advance(Lifetime::seconds(29));
    assert!(sets_pass(&ana.check(WIKI, &callback).await));
    // Ended in between.
    let callback = code_for(&mut ana, BLOG).await;
    ana.gatepost.post("/logout", &[]).await;
    assert!(!sets_pass(&ana.check(BLOG, &callback).await));
}

#[rocket::async_test]
async fn a_way_lasts_an_hour_and_a_pass_only_as_long_as_the_browser_may_keep_the_session() {
    let gatepost = start().await;
    for remembers in [false, true] {
        gatepost.clock.advance(Lifetime::minutes(10));
        let mut ana = Surfer::new(&gatepost);
        let fields: &[_] = if remembers { &[("remember", "on")] } else { &[] };
        ana.gatepost.sign_in_to(ANA, fields).await;
        let begun = ana.check(WIKI, "/page").await;
        let [way] = &begun.set_cookies()[..] else { panic!("{:?}", begun.set_cookies()) };
        assert!(way.starts_with(WAY) && way.contains("Max-Age=3600"), "{way}");
        let page = ana.gatepost.get(&local(&leads_to(&begun).unwrap())).await;
        let page = ana.check(WIKI, &local(&leads_to(&page).unwrap())).await;
        let [pass] = &page.set_cookies()[..] else { panic!("{:?}", page.set_cookies()) };
        assert!(pass.starts_with(PASS) && pass.contains("Max-Age=") == remembers, "{remembers}: {pass}");
    }
}

#[rocket::async_test]
async fn a_fault_of_ours_lets_no_request_through() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(WIKI, "/").await;
    ana.as_script();
    let mut faults = 0;
    for look in 1..20 {
        gatepost.clock.break_at_look(look);
        let page = ana.check(WIKI, "/").await;
        gatepost.clock.break_at_look(0);
        if page.status.code != 200 {
            faults += 1;
            assert!(page.status.code >= 500 && page.header("Remote-User").is_none(), "{look}: {:?}", page.status);
        }
    }
    assert!(faults > 0, "no look of a check broke");
    assert_eq!(ana.user_at(WIKI).await.as_deref(), Some("ana"), "and it heals");
}

#[rocket::async_test]
async fn a_page_cannot_plant_a_session_of_its_owner_in_a_visitor_s_browser() {
    let gatepost = start().await;
    // Eve sends Ana's browser to the callback with a code of her own account.
    gatepost.add_account("eve@example.com").await;
    let mut eve = Surfer::new(&gatepost);
    eve.gatepost.sign_in("eve@example.com").await;
    let planted = code_for(&mut eve, WIKI).await;
    let mut ana = Surfer::new(&gatepost);
    ana.check(WIKI, "/").await;
    ana.check(WIKI, &planted).await;
    assert_eq!(ana.user_at(WIKI).await, None);
}

#[rocket::async_test]
async fn a_pass_ends_with_its_key_and_says_nothing_to_its_reader() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(WIKI, "/").await;
    let pass = ana.cookies[WIKI][PASS].clone();
    for n in 0..pass.len() {
        let mut bytes = pass.clone().into_bytes();
        bytes[n] = if bytes[n] == b'A' { b'B' } else { b'A' };
        let mut other = Surfer::new(&gatepost);
        other.as_script();
        let changed = String::from_utf8(bytes).unwrap();
        other.cookies.insert(WIKI.to_owned(), BTreeMap::from([(PASS.to_owned(), changed)]));
        assert_eq!(other.check(WIKI, "/").await.status.code, 401, "octet {n}");
    }
    // Sealed anew each time.
    let callback = code_for(&mut Surfer { cookies: BTreeMap::new(), ..ana }, WIKI).await;
    assert!(!callback.contains("/page") && !callback.contains("page"));
}

#[rocket::async_test]
async fn no_check_changes_anything_and_none_needs_the_gate_s_rules() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(WIKI, "/").await;
    let before = gatepost.dump().await;
    ana.headers.push(("Content-Type", "application/x-www-form-urlencoded"));
    ana.method = "POST";
    for uri in ["/", "/.gatepost/sign-out", "/.gatepost/callback?code=x", "/.gatepost/x"] {
        ana.check(WIKI, uri).await;
    }
    assert_eq!(ana.user_at(WIKI).await.as_deref(), Some("ana"));
    let mut stranger = Surfer::new(&gatepost);
    stranger.check(WIKI, "/page").await;
    assert_eq!(gatepost.dump().await, before);
    for method in [Method::Post, Method::Put, Method::Delete, Method::Options] {
        let page = ana.gatepost.request(method, "/forward-auth", None).await;
        assert!([403, 405].contains(&page.status.code), "{method}: {}", page.status);
    }
}

/// A small generator of numbers: the same ones in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

/// One question, mutated: path, headers, cookies.
struct Mutated {
    path: &'static str,
    headers: Vec<(&'static str, String)>,
    cookies: BTreeMap<String, String>,
}

const HOSTS: [&str; 12] = [
    WIKI,
    WIKI,
    BLOG,
    "wiki.example.com:443",
    "WIKI.example.com",
    "one.wiki.example.com",
    "evil.example",
    "wiki.example.com.",
    "wiki.example.com@evil.example",
    "localhost:8000",
    "",
    "wiki.example.com, blog.other.example",
];
const URIS: [&str; 16] = [
    "/",
    "/public",
    "/public/x",
    "/public/../admin",
    "/public/%2e%2e/admin",
    "/public;x",
    "/public%2fx",
    "//public",
    "/publicx",
    "/.gatepost/callback?code=AAAA",
    "/.gatepost/x",
    "/.gatepost",
    "/public?x=/../",
    "*",
    "",
    "https://evil.example/public",
];
const METHODS: [&str; 7] = ["GET", "POST", "HEAD", "OPTIONS", "get", "GET\u{e9}", ""];

impl Mutated {
    fn new(dice: &mut Dice, passes: &[(&str, String)]) -> Self {
        let family = if dice.roll(2) == 0 { Family::Forwarded } else { Family::Nginx };
        let (host, uri, method) = (dice.pick(&HOSTS), dice.pick(&URIS), dice.pick(&METHODS));
        let (path, mut headers) = match family {
            Family::Forwarded => (
                "/forward-auth",
                vec![
                    ("X-Forwarded-Method", method.to_owned()),
                    ("X-Forwarded-Proto", dice.pick(&["https", "https", "http", "ftp"]).to_owned()),
                    ("X-Forwarded-Host", host.to_owned()),
                    ("X-Forwarded-Uri", uri.to_owned()),
                ],
            ),
            Family::Nginx => (
                "/forward-auth/nginx",
                vec![("X-Original-Method", method.to_owned()), ("X-Original-URL", format!("https://{host}{uri}"))],
            ),
        };
        if dice.roll(5) == 0 {
            headers.remove(dice.roll(headers.len()));
        }
        if dice.roll(5) == 0 {
            let doubled = headers[dice.roll(headers.len())].clone();
            headers.push(doubled);
        }
        for (name, value) in [
            ("Remote-User", "root"),
            ("X-Forwarded-User", "root"),
            ("X-Original-URL", "https://wiki.example.com/public"),
            ("X-Forwarded-Uri", "/public"),
            ("Authorization", "Basic cm9vdDpyb290"),
            ("X-HTTP-Method-Override", "OPTIONS"),
            ("Sec-Fetch-Mode", "navigate"),
            ("Accept", "text/html"),
        ] {
            if dice.roll(8) == 0 {
                headers.push((name, value.to_owned()));
            }
        }
        let mut cookies = BTreeMap::new();
        if dice.roll(3) > 0 {
            let (_, pass) = &passes[dice.roll(passes.len())];
            let mut pass = pass.clone();
            match dice.roll(4) {
                0 => pass.truncate(dice.roll(pass.len() + 1)),
                1 => pass.push('A'),
                2 if !pass.is_empty() => {
                    let n = dice.roll(pass.len());
                    let other = if pass.as_bytes()[n] == b'x' { "y" } else { "x" };
                    pass.replace_range(n..=n, other);
                }
                _ => {}
            }
            let name = dice.pick(&[PASS, PASS, PASS, "gatepost_app", "__Host-gatepost_session", WAY]);
            cookies.insert(name.to_owned(), pass);
        }
        Self { path, headers, cookies }
    }

    /// Returns what an app may learn at most. That is the user of a whole pass for this very host,
    /// or an unknown one on a public path. `None`: the app gets no request.
    fn most(&self, passes: &[(&str, String)]) -> Option<&'static str> {
        let one = |name: &str| {
            let values: Vec<_> = self.headers.iter().filter(|(own, _)| *own == name).collect();
            match values.as_slice() {
                [(_, value)] => Some(value.as_str()),
                _ => None,
            }
        };
        let (host, uri) = if self.path == "/forward-auth" {
            let proto = one("X-Forwarded-Proto")?;
            if proto != "https" && proto != "http" {
                return None;
            }
            (one("X-Forwarded-Host")?, one("X-Forwarded-Uri")?)
        } else {
            let rest = one("X-Original-URL")?.strip_prefix("https://")?;
            rest.split_at(rest.find('/')?)
        };
        let method = one(if self.path == "/forward-auth" { "X-Forwarded-Method" } else { "X-Original-Method" })?;
        if !["GET", "POST", "HEAD", "OPTIONS"].contains(&method)
            || !uri.starts_with('/')
            || uri.starts_with("/.gatepost")
        {
            return None;
        }
        let origin = match host.to_ascii_lowercase().as_str() {
            "wiki.example.com" | "wiki.example.com:443" => WIKI,
            BLOG => BLOG,
            "one.wiki.example.com" => "one.wiki.example.com",
            _ => return None,
        };
        let pass = self.cookies.get(PASS);
        if passes.iter().any(|(at, whole)| *at == origin && Some(whole) == pass) {
            return Some("ana");
        }
        let is_public = origin != BLOG && ["/public", "/public/x", "/public?x=/../"].contains(&uri);
        is_public.then_some("")
    }
}

#[rocket::async_test]
async fn mutated_requests_by_the_thousand_give_no_wrong_answer() {
    let gatepost = start().await;
    change(&gatepost, 1, |app| app.public_paths = vec![PublicPath::parse("/public").unwrap()]).await;
    let mut ana = Surfer::new(&gatepost);
    ana.sign_in_from(WIKI, "/").await;
    ana.open(BLOG, "/").await;
    let passes =
        [(WIKI, ana.cookies[WIKI][PASS].clone()), (BLOG, ana.cookies[BLOG][PASS].clone()), ("", "junk".to_owned())];
    let (mut dice, mut admitted) = (Dice(7), [0, 0]);
    // Memory answers on both databases. So a tenth is enough on PostgreSQL.
    let count = if gatepost.database.is_sqlite() { 100_000 } else { 10_000 };
    for n in 0..count {
        let mutated = Mutated::new(&mut dice, &passes);
        let headers: Vec<_> = mutated.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let page = ask(&gatepost, mutated.path, (&headers, &mutated.cookies)).await;
        let told = (page.status.code == 200).then(|| page.header("Remote-User").unwrap());
        let case = || format!("{n}: {} {headers:?} {:?}", mutated.path, mutated.cookies);
        assert_eq!(told, mutated.most(&passes), "{}", case());
        assert!(page.status.code < 500, "{}: {}", page.status, case());
        if let Some(user) = told {
            admitted[usize::from(user == "ana")] += 1;
        }
    }
    assert!(admitted.iter().all(|of_user| *of_user > count / 500), "{admitted:?}: the test must be able to fail");
}
