//! The list of users: filters, orders, pages and the file.

use crate::{database::add_passkey, harness::TestApp};
use gatepost::{
    db,
    domain::{AuthenticatorId, Lifetime, audit::Action, factor_name::FactorName, totp::Authenticator},
    people::{self, EndSet},
};

const ANA: &str = "ana@example.com";

#[rocket::async_test]
async fn the_page_of_a_user_shows_events_and_emails_of_this_user_only() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    app.add_account("dan@example.com").await;
    app.signed_in("dan@example.com").await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/admin/people", &[("email", "ben@example.com")]).await.assert_status(303);
    app.deliver().await;
    let ben = app.account_of("ben@example.com").await.unwrap();
    let page = ana.get(&format!("/admin/people/{}", ben.id)).await;
    page.assert_shows("Invitation In the test mailbox").assert_hides("dan@example.com");
    let dan = app.account_of("dan@example.com").await.unwrap();
    let page = ana.get(&format!("/admin/people/{}", dan.id)).await;
    page.assert_shows("dan@example.com signed in");
    page.assert_hides("Invitation <span").assert_hides("ben@example.com");
}

#[rocket::async_test]
async fn users_are_filtered_and_sorted() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    app.clock.advance(Lifetime::hours(1));
    let dan = app.add_account("dan@example.com").await;
    app.clock.advance(Lifetime::hours(1));
    app.add_account("ben@example.com").await;
    app.browser().sign_in("dan@example.com").await;
    let now = app.services.now();
    app.write(move |connection| db::accounts::set_disabled(connection, dan.id, Some(now))).await;
    app.clock.advance(Lifetime::minutes(1));
    let mut ana = app.signed_in(ANA).await;
    ana.post("/admin/people", &[("email", "eve@example.com")]).await.assert_status(303);
    let end = app.services.now().plus(Lifetime::days(2));
    let ben = app.account_of("ben@example.com").await.unwrap();
    assert_eq!(
        app.transact(move |tx| people::set_end(tx, &ben, Some(end), people::Giver::Operator)).await,
        EndSet::Done
    );
    app.transact(move |tx| add_passkey(tx.connection, 901, dan.id)).await;
    // An app without its first code is no factor yet.
    ana.post("/account/totp", &[]).await.assert_status(303);
    for (asked, shown) in [
        ("", "ana ben dan eve"),
        ("?show=admins", "ana"),
        ("?show=disabled", "dan"),
        ("?show=never-signed-in", "ben eve"),
        ("?show=no-second-factor", "ana ben eve"),
        ("?show=invited", "eve"),
        ("?show=with-end", "ben"),
        ("?show=no-second-factor&q=AN", "ana"),
        ("?sort=created", "eve ben dan ana"),
        ("?sort=signed-in&q=n%40", "dan ben"),
        ("?show=x&sort=y&after=%00", "ana ben dan eve"),
    ] {
        let page = ana.get(&format!("/admin/people{asked}")).await;
        page.assert_status(200);
        let table = page.body.split("<tbody>").nth(1).unwrap_or_default().to_owned();
        let mut places: Vec<_> =
            ["ana", "ben", "dan", "eve"].map(|name| (table.find(&format!("{name}@example.com")), name)).into();
        places.retain(|(place, _)| place.is_some());
        places.sort_unstable();
        let names: Vec<_> = places.iter().map(|(_, name)| *name).collect();
        assert_eq!(names.join(" "), shown, "{asked}");
    }
    ana.get("/admin/people").await.assert_shows("Ends on 24 Nov 2026").assert_hides("Ended");
    let file = ana.get("/admin/people.csv?show=with-end").await;
    assert!(file.body.lines().nth(1).unwrap().trim().ends_with(&format!("\"{}\"", end.rfc3339())), "{}", file.body);
    app.clock.advance(Lifetime::days(2));
    app.signed_in(ANA).await.get("/admin/people").await.assert_shows("Ended").assert_hides("Ends on");
    let page = app.signed_in(ANA).await.get("/admin/people?sort=created").await;
    assert!(page.body.contains("aria-sort=\"descending\"") && page.body.contains("value=\"created\""), "{}", page.body);
}

#[rocket::async_test]
async fn a_user_with_a_passkey_and_an_app_is_counted_once() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let (dan, eve) = (app.add_account("dan@example.com").await.id, app.add_account("eve@example.com").await.id);
    app.transact(move |tx| add_passkey(tx.connection, 901, dan)).await;
    let now = app.services.now();
    for (id, owner) in [(902, dan), (903, eve), (904, eve)] {
        app.write(move |connection| {
            let phone = Authenticator {
                id: AuthenticatorId::from_i64(id),
                account_id: owner,
                name: FactorName::of("Phone", &[]),
                added_at: now,
                confirmed_at: None,
                last_used_at: None,
            };
            db::totp::insert(connection, &phone, &[0; 40])?;
            db::totp::confirm(connection, phone.id, now).map(drop)
        })
        .await;
    }
    let page = app.signed_in(ANA).await.get("/admin/people?show=no-second-factor").await;
    page.assert_shows("1 user found").assert_hides("dan@").assert_hides("eve@");
}

#[rocket::async_test]
async fn pages_of_users_lead_on_and_back_without_a_gap_in_every_order() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    for n in 0..119 {
        app.add_account(&format!("user{n:03}@example.com")).await;
        if n % 2 == 0 {
            app.clock.advance(Lifetime::seconds(1));
        }
    }
    let mut ana = app.signed_in(ANA).await;
    for order in ["address", "created", "signed-in"] {
        let mut page = ana.get(&format!("/admin/people?sort={order}")).await;
        page.assert_shows("120 users");
        let users = |body: &str| -> Vec<String> {
            body.split("href=\"/admin/people/")
                .skip(1)
                .map(|rest| rest[..16].to_owned())
                .filter(|id| !id.contains('i'))
                .collect()
        };
        let (mut seen, mut pages) = (users(&page.body), 1);
        for (words, end) in [("Next", 5), ("Previous", 9)] {
            while let Some(next) = crate::audit_pages::follow(&mut ana, &page.body, words).await {
                seen.extend(users(&next.body));
                (page, pages) = (next, pages + 1);
            }
            assert_eq!(pages, end, "{order} {words}");
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), 120, "{order} {words}");
        }
    }
}

#[rocket::async_test]
async fn users_are_counted_up_to_a_limit() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    add_users(&app, (1, 499)).await;
    ana.get("/admin/people").await.assert_shows("500 users").assert_hides("More than");
    add_users(&app, (500, 501)).await;
    ana.get("/admin/people").await.assert_shows("More than 500 users");
    ana.get("/admin/people?show=no-second-factor").await.assert_shows("More than 100 users found");
    ana.get("/admin/people?q=user").await.assert_shows("More than 100 users found");
    ana.get("/admin/people?q=user4").await.assert_shows("More than 100 users found");
    ana.get("/admin/people?q=user49").await.assert_shows("11 users found");
    ana.get("/admin/people?show=admins").await.assert_shows("1 user found");
}

/// Adds many users by one statement.
async fn add_users(app: &TestApp, (first, last): (i64, i64)) {
    app.spoil(&format!(
        "INSERT INTO accounts (id, email, name, is_admin, created_at, origin)
         WITH RECURSIVE numbers (n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})
         SELECT 1000 + n, 'user' || n || '@example.com', '', FALSE, 0, 'joined' FROM numbers"
    ))
    .await;
}

#[rocket::async_test]
async fn the_file_of_users_holds_all_who_fit_and_no_formula() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    app.add_account("ben@example.com").await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/name", &[("name", "=1+1")]).await.assert_status(303);
    let file = ana.get("/admin/people.csv").await;
    file.assert_status(200);
    assert_eq!(file.header("Content-Disposition"), Some("attachment; filename=\"gatepost-users.csv\""));
    assert!(file.body.contains("\"ana@example.com\",\"'=1+1\",\"1\"") && file.body.contains("\"ben@example.com\""));
    let admins = ana.get("/admin/people.csv?show=admins").await;
    assert!(!admins.body.contains("ben@example.com"), "{}", admins.body);
    app.browser().get("/admin/people.csv").await.assert_status(303);
    app.browser().sign_in("ben@example.com").await;
    let mut ben = app.signed_in("ben@example.com").await;
    ben.get("/admin/people.csv").await.assert_status(404);
}

const SEVERAL: &str = "/admin/people/several";

#[rocket::async_test]
async fn several_users_are_disabled_enabled_and_signed_out_after_one_question() {
    let app = TestApp::new().await;
    let ana_id = app.add_admin(ANA).await.id;
    let (ben, dan) = (app.add_account("ben@example.com").await.id, app.add_account("dan@example.com").await.id);
    let mut bens = app.browser();
    bens.sign_in("ben@example.com").await;
    let mut ana = app.signed_in(ANA).await;
    let list = ana.get("/admin/people").await;
    for (id, has_a_box) in [(ben, true), (dan, true), (ana_id, false)] {
        assert_eq!(list.body.contains(&format!("name=\"user\" value=\"{id}\"")), has_a_box, "{id}");
    }
    let asked = format!("{SEVERAL}?user={ben}&user={dan}&user={ana_id}&deed=");
    let before = app.dump().await;
    let question = ana.get(&format!("{asked}disable")).await;
    question.assert_status(200).assert_shows("Disable 2 accounts?").assert_shows("ben@example.com");
    question.assert_shows("dan@example.com").assert_hides("<li>ana@");
    assert_eq!(app.dump().await, before, "asking does nothing");

    let users = format!("{ben} {dan} {ana_id} 0000000000000007 x");
    ana.post(SEVERAL, &[("deed", "disable"), ("users", &users)]).await.assert_leads_to("/admin/people");
    ana.get("/admin/people").await.assert_shows("Disabled accounts: 2. Not changed: 2.");
    for (email, is_active) in [("ben@example.com", false), ("dan@example.com", false), (ANA, true)] {
        assert_eq!(app.account_of(email).await.unwrap().is_active(), is_active, "{email}");
    }
    assert!(!bens.is_signed_in_as("ben@example.com").await);
    let lines = app.audit().await.into_iter().filter(|line| line.action == Action::AccountDisabled).count();
    assert_eq!(lines, 2);

    let users = format!("{ben} {dan}");
    ana.post(SEVERAL, &[("deed", "enable"), ("users", &users)]).await.assert_leads_to("/admin/people");
    ana.get("/admin/people").await.assert_shows("2 accounts are enabled.");
    let mut bens = app.browser();
    bens.sign_in("ben@example.com").await;
    ana.post(SEVERAL, &[("deed", "sign-out"), ("users", &users)]).await.assert_leads_to("/admin/people");
    ana.get("/admin/people").await.assert_shows("2 users are signed out everywhere.");
    assert!(!bens.is_signed_in_as("ben@example.com").await && ana.is_signed_in_as(ANA).await);
}

#[rocket::async_test]
async fn an_admin_without_other_users_is_offered_no_buttons_for_several() {
    let app = TestApp::new().await;
    app.add_admin("ana@example.com").await;
    let mut ana = app.signed_in("ana@example.com").await;
    ana.get("/admin/people").await.assert_hides("With the selected users");
    app.add_account("ben@example.com").await;
    ana.get("/admin/people").await.assert_shows("With the selected users");
}

#[rocket::async_test]
async fn what_is_not_for_several_users_changes_none() {
    let app = TestApp::new().await;
    let ana_id = app.add_admin(ANA).await.id;
    let ben = app.add_account("ben@example.com").await.id;
    let mut ana = app.signed_in(ANA).await;
    let before = app.dump().await;
    for path in [
        "",
        "?deed=disable",
        "?user=x&deed=disable",
        &format!("?user={ben}&deed=make-admin"),
        &format!("?user={ana_id}&deed=disable"),
    ] {
        ana.get(&format!("{SEVERAL}{path}")).await.assert_leads_to("/admin/people");
        ana.get("/admin/people").await.assert_shows("Select at least one other user.");
    }
    for deed in ["make-admin", "remove-admin", "x"] {
        let answer = ana.post(SEVERAL, &[("deed", deed), ("users", &ben.to_string())]).await;
        answer.assert_shows("Select at least one other user.");
    }
    assert_eq!(app.dump().await, before);
}

#[rocket::async_test]
async fn a_question_about_several_users_waits_for_a_step_up() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let ben = app.add_account("ben@example.com").await.id.to_string();
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::hours(2));
    let then = ana.post(SEVERAL, &[("deed", "sign-out"), ("users", &ben)]).await.then();
    assert!(then.starts_with(SEVERAL), "{then}");
    ana.get(&then).await.assert_shows("Sign this user out everywhere?").assert_shows("ben@example.com");
}
