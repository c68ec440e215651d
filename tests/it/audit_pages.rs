//! The audit log for its readers: sentences, filters, pages and files.

use crate::{browser::Browser, german::opens, harness::TestApp};
use gatepost::{
    db,
    domain::{AuditEntry, AuditId, EmailAddress, Lifetime, audit::Action, audit::Actor},
};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

async fn app_with_ana() -> TestApp {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    app
}

/// Adds `count` lines of one action about Ben's address, three in each second.
async fn add_lines(app: &TestApp, action: Action, count: i64) {
    app.transact(move |tx| {
        for n in 0..count {
            let line = tx.line_by(Actor::CommandLine, action, BEN).to(format!("number {n:04}"));
            let at = tx.now.minus(Lifetime::seconds(n / 3));
            // As if each had been written at its time: thousands of ids of one moment would
            // collide.
            tx.log(&AuditEntry { id: AuditId::issue_at(tx.entropy, at), at, ..line })?;
        }
        Ok(())
    })
    .await;
}

/// Follows the link with these words.
pub async fn follow(ana: &mut Browser<'_>, body: &str, words: &str) -> Option<crate::browser::Page> {
    let before = body.split(&format!(">{words}</a>")).next().filter(|before| before.len() < body.len())?;
    let href = before.rsplit("href=\"").next()?.split('"').next()?.replace("&#38;", "&").replace("&amp;", "&");
    Some(ana.get(&href).await)
}

fn numbers(body: &str) -> Vec<String> {
    body.split("number ").skip(1).map(|rest| rest[..4].to_owned()).collect()
}

#[rocket::async_test]
async fn lines_are_sentences_that_name_method_and_browser_and_lead_to_users() {
    let app = app_with_ana().await;
    let ben = app.add_account(BEN).await;
    let mut ana = app.signed_in(ANA).await;
    ana.post(&format!("/admin/people/{}/disable", ben.id), &[]).await.assert_status(303);
    ana.post("/admin/settings", &[("email_link_enabled", "on"), ("password_enabled", "on")]).await.assert_status(303);
    let page = ana.get("/admin/audit").await;
    page.assert_shows("ana@example.com signed in with an email link from Firefox on Linux")
        .assert_shows("ana@example.com disabled ben@example.com");
    assert!(page.body.contains(&format!("<a href=\"/admin/people/{}\">{BEN}</a>", ben.id)), "{}", page.body);
    // The account is gone, and its address stays.
    let gone = ben.id;
    app.write(move |connection| db::accounts::delete(connection, gone)).await;
    let page = ana.get("/admin/audit").await;
    page.assert_shows("ana@example.com disabled ben@example.com");
    assert!(!page.body.contains(&format!("/admin/people/{gone}")), "{}", page.body);
}

#[rocket::async_test]
async fn lines_are_found_by_user_kind_day_and_text() {
    let app = app_with_ana().await;
    let ben = app.add_account(BEN).await;
    app.browser().sign_in(BEN).await;
    app.clock.advance(Lifetime::days(2));
    let mut ana = app.signed_in(ANA).await;
    ana.post(&format!("/admin/people/{}/make-admin", ben.id), &[]).await.assert_status(303);
    let (signed_in, made) = ("ben@example.com signed in with", "ana@example.com made ben@example.com an admin");
    let (ana_came, day) = ("ana@example.com signed in with", app.services.now().rfc3339()[..10].to_owned());
    let found = [signed_in, made, ana_came];
    for (asked, shown) in [
        ("".to_owned(), [true, true, true]),
        (format!("q={BEN}"), [true, true, false]),
        (format!("user={}", ben.id), [true, true, false]),
        (format!("user={}&kind=accounts", ben.id), [false, true, false]),
        ("kind=sign-ins".to_owned(), [true, false, true]),
        ("kind=settings".to_owned(), [false; 3]),
        ("q=BEN@exam".to_owned(), [true, true, false]),
        ("q=nothing%25".to_owned(), [false; 3]),
        (format!("from={day}"), [false, true, true]),
        (format!("to={day}"), [true; 3]),
        ("to=2000-01-01".to_owned(), [false; 3]),
        // What is not readable is left out.
        ("kind=x&user=y&from=z&before=1&after=2".to_owned(), [true; 3]),
    ] {
        let page = ana.get(&format!("/admin/audit?{asked}")).await;
        page.assert_status(200);
        let log = page.body.split("<ol").nth(1).unwrap_or_default();
        let log = crate::browser::Page { body: log.to_owned(), ..page }.text();
        assert_eq!(found.map(|sentence| log.contains(sentence)), shown, "{asked}: {log}");
    }
    ana.get("/admin/audit?q=nothing").await.assert_shows("No entries match.");
    ana.get(&format!("/admin/audit?user={}", ben.id)).await.assert_shows("Only entries by or about ben@example.com");
}

#[rocket::async_test]
async fn pages_lead_to_older_and_newer_lines_without_a_gap() {
    let app = app_with_ana().await;
    app.add_account(BEN).await;
    let mut ana = app.signed_in(ANA).await;
    add_lines(&app, Action::DatabaseRestored, 130).await;
    for first in ["/admin/audit?kind=server", "/admin/audit?q=ben%40example.com&kind=server", "/admin/audit?q=number"] {
        let mut page = ana.get(first).await;
        let mut seen = numbers(&page.body);
        assert_eq!(seen.len(), 25);
        assert!(!page.body.contains(">Newer</a>"), "{}", page.text());
        let mut older = 0;
        while let Some(next) = follow(&mut ana, &page.body, "Older").await {
            seen.extend(numbers(&next.body));
            (page, older) = (next, older + 1);
        }
        seen.sort();
        seen.dedup();
        assert_eq!((seen.len(), older), (130, 5), "{first}");
        // And the same way back.
        let mut back = numbers(&page.body);
        while let Some(next) = follow(&mut ana, &page.body, "Newer").await {
            back.extend(numbers(&next.body));
            page = next;
        }
        back.sort();
        back.dedup();
        assert_eq!(back, seen, "{first}");
    }
}

#[rocket::async_test]
async fn a_search_without_a_match_says_how_far_it_looked_and_looks_on() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let most = i64::try_from(db::audit_pages::MAX_COMPARED).unwrap();
    add_lines(&app, Action::KeyRotated, most + 10).await;
    let page = ana.get(&format!("/admin/audit?q={}", "number+20009")).await;
    page.assert_shows("No entries match here. We searched back to");
    let next = follow(&mut ana, &page.body, "Search older entries").await.unwrap();
    next.assert_shows("replaced the key");
    assert!(!next.body.contains(">Older</a>"), "{}", next.text());
}

#[rocket::async_test]
async fn files_hold_every_line_that_fits_and_no_formula() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/name", &[("name", "=cmd|'/C calc'!A0")]).await.assert_status(303);
    add_lines(&app, Action::DatabaseRestored, 1_100).await;
    let csv = ana.get("/admin/audit.csv?kind=accounts").await;
    csv.assert_status(200);
    assert_eq!(csv.header("Content-Disposition"), Some("attachment; filename=\"gatepost-audit.csv\""));
    assert!(csv.body.starts_with("\u{feff}\"Time\",\"Event\","), "{}", csv.body);
    assert!(csv.body.contains(",\"'=cmd|'/C calc'!A0\",") && !csv.body.contains("\"=cmd"), "{}", csv.body);
    let json = ana.get("/admin/audit.json?kind=server").await;
    let json: serde_json::Value = serde_json::from_str(&json.body).unwrap();
    assert_eq!(json["entries"].as_array().unwrap().len(), 1_100);
    assert!(json["next"].is_null());
    let newest = &json["entries"][0];
    assert_eq!((newest["action"].as_str(), newest["subject"].as_str()), (Some("database_restored"), Some(BEN)));
    assert_eq!(EmailAddress::parse(newest["subject"].as_str().unwrap()).unwrap().as_str(), BEN);
}

/// A file is long work, so that each admin gets few in an hour.
#[rocket::async_test]
async fn files_of_the_log_are_limited() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    for _ in 0..10 {
        ana.get("/admin/audit.csv").await.assert_status(200);
    }
    ana.get("/admin/audit.json").await.assert_status(429);
}

/// During an upgrade, a node of this version reads lines of the next one.
#[rocket::async_test]
async fn a_line_of_a_newer_version_is_shown_by_its_name() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    app.write(|connection| {
        let line = "INSERT INTO audit (id, at, actor_id, actor, action, subject, subject_id)
            SELECT id, created_at, id, email, 'moon_visited', email, id FROM accounts";
        Ok(diesel::connection::SimpleConnection::batch_execute(connection, line)?)
    })
    .await;
    let words = "did something that this version doesn’t know (moon_visited)";
    let person = format!("/admin/people/{}", app.account_of(ANA).await.unwrap().id);
    for path in ["/admin/audit", "/admin/audit?q=ana%40example.com", &person] {
        ana.get(path).await.assert_status(200).assert_shows(words);
    }
    ana.get("/account/activity").await.assert_shows("Something that this version doesn’t know (moon_visited)");
    for path in ["/admin", "/admin/audit?kind=server"] {
        ana.get(path).await.assert_status(200);
    }
    for path in ["/admin/audit.csv", "/admin/audit.json", "/account/data"] {
        let file = ana.get(path).await;
        file.assert_status(200);
        assert!(file.body.contains("moon_visited"), "{path}: {}", file.body);
    }
}

#[rocket::async_test]
async fn what_a_line_says_of_an_app_is_in_the_readers_language() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    let fields = [("name", "Wiki"), ("hosts", "wiki.example.com"), ("who", "everyone")];
    ana.post_only("/admin/new-app", &fields).await.assert_status(303);
    let sly = "Recipes; requires: one";
    let fields =
        [("name", "Wiki"), ("hosts", "wiki.example.com"), ("who", "everyone"), ("requires", "two"), ("fresh", "900")];
    let fields = [&fields[..], &[("description", sly)]].concat();
    ana.post_only("/admin/apps/wiki/change", &fields).await.assert_status(303);
    // A line of an earlier version, which marked no semicolon.
    app.transact(|tx| {
        let line = tx.line_by(Actor::CommandLine, Action::AppChanged, "notes");
        tx.log(&line.from_to("–", "description: Notes; and more; hidden: yes"))
    })
    .await;
    ana.get("/admin/audit")
        .await
        .assert_shows("added the app wiki: name: Wiki; addresses: https://wiki.example.com; open to everyone")
        .assert_shows(
            "changed the app wiki. Before: requires: a sign-in. Now: requires: a second factor; verified within",
        )
        .assert_shows("description: Recipes; requires: one")
        .assert_shows("Now: description: Notes; and more; hidden from the list of apps");
    opens(&mut ana, "/admin/audit")
        .await
        .assert_shows("Adressen: https://wiki.example.com; offen für alle; verlangt: eine Anmeldung")
        .assert_shows("Vorher: verlangt: eine Anmeldung. Jetzt: verlangt: ein zweiter Faktor; Nachweis höchstens")
        .assert_hides("everyone: yes");
    // A program finds the same names in every language.
    let file = ana.get("/admin/audit.json").await;
    assert!(file.body.contains("hosts: https://wiki.example.com; everyone: yes; requires: one"), "{}", file.body);
    assert!(file.body.contains("requires: two; fresh within: 15m"), "{}", file.body);
}
