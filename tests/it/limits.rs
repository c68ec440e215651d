//! Limits on emails: what they stop, what they must not stop, and that a requester cannot tell.

use crate::harness::{Setup, TestApp};
use gatepost::{
    db::{self, DbConnection, limits::Counted, total::TOTAL_OF_MAILS},
    domain::{Clock as _, Lifetime, Limit, mail::MailState},
};
use rocket::futures::future::join_all;

const ANA: &str = "ana@example.com";

#[rocket::async_test]
async fn a_mailbox_gets_at_most_three_mails_in_fifteen_minutes() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    for n in 0..10 {
        let mut stranger = app.browser().at(&format!("198.51.100.{n}"));
        stranger.post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
        app.clock.advance(Lifetime::minutes(1));
    }
    assert_eq!(app.mails_to(ANA).await.len(), 3);
    app.clock.advance(Lifetime::minutes(15));
    app.browser().post("/login", &[("email", ANA)]).await;
    assert_eq!(app.mails_to(ANA).await.len(), 4);
}

#[rocket::async_test]
async fn spellings_of_one_mailbox_share_its_limit() {
    let app = TestApp::new().await;
    app.set("join_policy", "anyone").await;
    for n in 0..10 {
        let spelling = format!("ana+{n}@example.com");
        app.browser().at(&format!("198.51.100.{n}")).post("/login", &[("email", &spelling)]).await;
    }
    app.deliver().await;
    assert_eq!(app.services.dev_mailbox.mails().len(), 3);
}

#[rocket::async_test]
async fn one_client_can_ask_for_only_so_many_mailboxes() {
    let app = TestApp::new().await;
    app.set("join_policy", "anyone").await;
    app.set("limits_global", "1000/1s").await;
    for n in 0..40 {
        // An IPv6 household counts as one.
        let mut browser = app.browser().at(&format!("2001:db8:1:2::{n:x}"));
        browser
            .post("/login", &[("email", &format!("somebody{n}@example{n}.com"))])
            .await
            .assert_leads_to("/login/sent");
    }
    app.deliver().await;
    assert_eq!(app.services.dev_mailbox.mails().len(), 30);
    app.browser().at("2001:db8:1:3::1").post("/login", &[("email", "other@example.com")]).await;
    app.deliver().await;
    assert_eq!(app.services.dev_mailbox.mails().len(), 31);
}

#[rocket::async_test]
async fn newcomers_of_one_domain_and_all_together_have_limits_too() {
    let app = TestApp::new().await;
    app.set("join_policy", "anyone").await;
    app.set("limits_per_domain", "5/15m").await;
    app.set("limits_global", "14/1m").await;
    for n in 0..20 {
        let domain = if n < 10 { "one.example" } else { "two.example" };
        app.browser().at(&format!("198.51.100.{n}")).post("/login", &[("email", &format!("p{n}@{domain}"))]).await;
    }
    app.deliver().await;
    let mails = app.services.dev_mailbox.mails();
    assert_eq!(mails.iter().filter(|mail| mail.recipient.ends_with("one.example")).count(), 5);
    assert_eq!(mails.iter().filter(|mail| mail.recipient.ends_with("two.example")).count(), 4);
    // Those over the share of the domain come later.
    app.clock.advance(Lifetime::minutes(15));
    app.deliver().await;
    assert_eq!(
        app.services.dev_mailbox.mails().iter().filter(|mail| mail.recipient.ends_with("one.example")).count(),
        10
    );
}

#[rocket::async_test]
async fn no_number_of_asks_keeps_the_users_of_a_domain_out() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.set("limits_per_domain", "5/15m").await;
    app.set("limits_global", "1000/1s").await;
    // Addresses without an account, and then with one, each from another client.
    for n in 0..40 {
        let email = if n < 20 { format!("stranger{n}@example.com") } else { format!("user{n}@example.com") };
        if n >= 20 {
            app.add_account(&email).await;
        }
        app.browser().at(&format!("198.51.100.{n}")).post("/login", &[("email", &email)]).await;
    }
    app.deliver().await;
    assert_eq!(app.services.dev_mailbox.mails().len(), 20);
    app.signed_in(ANA).await;
}

#[rocket::async_test]
async fn an_ipv6_site_has_more_than_a_household_and_an_end() {
    let app = TestApp::new().await;
    app.set("limits_per_client", "2/15m").await;
    app.set("limits_global", "1000/1s").await;
    let mut asked = 0;
    for household in 0..60 {
        for n in 0..3 {
            let email = format!("p{household}x{n}@example{household}x{n}.com");
            app.add_account(&email).await;
            app.browser().at(&format!("2001:db8:1:{household:x}::{n}")).post("/login", &[("email", &email)]).await;
            asked += 1;
        }
    }
    app.deliver().await;
    // All are in one /56, which has four households' share.
    assert_eq!((asked, app.services.dev_mailbox.mails().len()), (180, 8));
    for site in 0..60 {
        let email = format!("q{site}@example{site}.org");
        app.add_account(&email).await;
        app.browser().at(&format!("2001:db8:1:{site:x}00::1")).post("/login", &[("email", &email)]).await;
    }
    app.deliver().await;
    assert_eq!(app.services.dev_mailbox.mails().len(), 32, "the /48 has sixteen households' share");
}

#[rocket::async_test]
async fn asking_on_and_on_takes_no_more_room() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut ana = app.browser().at("203.0.113.9");
    for _ in 0..3 {
        ana.post("/login", &[("email", ANA)]).await;
    }
    for n in 0..250 {
        let email = if n % 2 == 0 { ANA.to_owned() } else { format!("p{n}@example.com") };
        app.browser().at("198.51.100.1").post("/login", &[("email", &email)]).await.assert_leads_to("/login/sent");
    }
    let kept = app.read(db::attempts::count_muted).await;
    assert_eq!(kept, db::attempts::MUTED_KEPT);
    assert_eq!(app.mails_to(ANA).await.len(), 3);
    // Her email still opens what she asked for.
    ana.open(&app.mail_to(ANA).await.link()).await.assert_shows("Sign in as");
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn limits_survive_a_restart_and_are_shared_by_nodes() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    for n in 0..2 {
        app.browser().at(&format!("198.51.100.{n}")).post("/login", &[("email", ANA)]).await;
    }
    let other = Setup::new().beside(&app).start().await;
    for n in 2..6 {
        other.browser().at(&format!("198.51.100.{n}")).post("/login", &[("email", ANA)]).await;
    }
    app.deliver().await;
    other.deliver().await;
    let sent = app.services.dev_mailbox.mails().len() + other.services.dev_mailbox.mails().len();
    assert_eq!(sent, 3);
}

#[rocket::async_test]
async fn a_hundred_at_once_are_three_on_two_nodes() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let other = Setup::new().beside(&app).start().await;
    let asking = (0..100).map(|n| {
        let node = if n % 2 == 0 { &app } else { &other };
        let mut browser = node.browser().at(&format!("198.51.100.{n}"));
        async move { browser.post("/login", &[("email", ANA)]).await.status.code }
    });
    let statuses = join_all(asking).await;
    assert!(statuses.iter().all(|status| *status == 303), "{statuses:?}");
    app.deliver().await;
    assert_eq!(app.services.dev_mailbox.mails().len(), 3);
}

#[rocket::async_test]
async fn a_flood_does_not_lock_its_victim_out() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    // Ana has signed in on her laptop before.
    let mut laptop = app.signed_in(ANA).await;
    laptop.post("/logout", &[]).await;
    app.clock.advance(Lifetime::minutes(15));
    let mut phone = app.browser().at("203.0.113.9");
    phone.post("/login", &[("email", ANA)]).await;
    let earlier = app.mail_to(ANA).await;
    for n in 0..50 {
        app.browser().at(&format!("198.51.100.{n}")).post("/login", &[("email", ANA)]).await;
    }
    // An email from before the flood keeps working.
    phone.open(&earlier.link()).await.assert_shows("Sign in as");
    // Others behind the same address ask, too.
    for n in 0..40 {
        app.browser().post("/login", &[("email", &format!("p{n}@example{n}.com"))]).await;
    }
    // Her known browser has a separate budget.
    let before = app.mails_to(ANA).await.len();
    laptop.post("/login", &[("email", ANA)]).await;
    assert_eq!(app.mails_to(ANA).await.len(), before + 1);
    laptop.open(&app.mail_to(ANA).await.link()).await;
    laptop.post("/auth/verify", &[]).await.assert_leads_to("/account");
    // And a signed-in user can always step up.
    app.clock.advance(Lifetime::minutes(11));
    laptop.step_up(ANA).await;
}

#[rocket::async_test]
async fn the_countdown_is_the_truth_about_when_another_mail_can_be_asked_for() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    for n in 0..3 {
        app.browser().at(&format!("198.51.100.{n}")).post("/login", &[("email", ANA)]).await;
        app.clock.advance(Lifetime::minutes(1));
    }
    let mut ana = app.browser();
    ana.submit("/login", &[("email", ANA)]).await.assert_shows("You can ask for another email in 12 minutes");
    assert_eq!(app.mails_to(ANA).await.len(), 3, "over the limit");
    ana.post("/login/resend", &[]).await.assert_leads_to("/login/sent");
    app.clock.advance(Lifetime::seconds(719));
    ana.submit("/login/resend", &[]).await.assert_shows("in 1 second.");
    assert_eq!(app.mails_to(ANA).await.len(), 3);
    app.clock.advance(Lifetime::seconds(1));
    ana.submit("/login/resend", &[]).await.assert_shows("Check your inbox");
    ana.open(&app.mail_to(ANA).await.link()).await.assert_shows("Sign in as");
    assert_eq!(app.mails_to(ANA).await.len(), 4);
}

#[rocket::async_test]
async fn an_attempt_has_its_share_of_mails_and_then_says_so() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.set("limits_per_mailbox", "100/15m").await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    for _ in 0..9 {
        app.clock.advance(Lifetime::seconds(31));
        ana.post("/login/resend", &[]).await.assert_leads_to("/login/sent");
    }
    assert_eq!(app.mails_to(ANA).await.len(), 6);
    ana.get("/login/sent").await.assert_shows("You can’t ask for more emails here right now");
}

#[rocket::async_test]
async fn changed_limits_are_in_force_at_once() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.set("limits_per_mailbox", "1/1h").await;
    for n in 0..3 {
        app.browser().at(&format!("198.51.100.{n}")).post("/login", &[("email", ANA)]).await;
    }
    assert_eq!(app.mails_to(ANA).await.len(), 1);
}

#[rocket::async_test]
async fn start_values_come_from_the_configuration() {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "2/15m").start().await;
    app.add_account(ANA).await;
    for n in 0..5 {
        app.browser().at(&format!("198.51.100.{n}")).post("/login", &[("email", ANA)]).await;
    }
    assert_eq!(app.mails_to(ANA).await.len(), 2);
}

#[rocket::async_test]
async fn forged_addresses_do_not_spread_one_client_over_many() {
    let app = TestApp::new().await;
    app.set("join_policy", "anyone").await;
    app.set("limits_per_client", "5/15m").await;
    for n in 0..20 {
        let (forged, email) = (format!("198.51.100.{n}"), format!("email=p{n}%40example{n}.com"));
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Sec-Fetch-Site", "same-origin"),
            ("X-Forwarded-For", forged.as_str()),
            ("X-Real-IP", forged.as_str()),
            ("Forwarded", "for=198.51.100.1"),
        ];
        app.browser()
            .with(&headers)
            .request(rocket::http::Method::Post, "/login", Some(&email))
            .await
            .assert_status(303);
    }
    app.deliver().await;
    assert_eq!(app.services.dev_mailbox.mails().len(), 5);
}

async fn waiting(app: &TestApp) -> i64 {
    app.read(|connection| db::outbox::count(connection, MailState::Waiting)).await
}

#[rocket::async_test]
async fn asks_that_come_together_share_one_total_exactly_on_two_nodes() {
    let app = TestApp::new().await;
    app.set("join_policy", "anyone").await;
    app.set("limits_global", "20/15m").await;
    let other = Setup::new().beside(&app).start().await;
    let ask = |n: usize| {
        let node = if n.is_multiple_of(2) { &app } else { &other };
        let mut browser = node.browser().at(&format!("198.51.100.{n}"));
        async move { browser.post("/login", &[("email", &format!("p{n}@example{n}.com"))]).await.status.code }
    };
    let statuses = join_all((0..60).map(ask)).await;
    assert!(statuses.iter().all(|status| *status == 303), "{statuses:?}");
    assert_eq!(waiting(&app).await, 20);
    // A lower limit counts what the higher one allowed.
    app.set("limits_global", "3/15m").await;
    ask(61).await;
    assert_eq!(waiting(&app).await, 20);
    app.clock.advance(Lifetime::minutes(15));
    for n in 62..70 {
        ask(n).await;
    }
    assert_eq!(waiting(&app).await, 23);
}

/// A request that finds a row full keeps it. Two of those must not wait for each other's rows.
#[rocket::async_test]
async fn a_total_that_fills_and_frees_makes_no_two_asks_wait_for_each_other() {
    let app = TestApp::new().await;
    let others = join_all((0..5).map(|_| Setup::new().beside(&app).start())).await;
    // Each row has room for one.
    let limit: Limit = "16/1s".parse().unwrap();
    let take = |n: usize| {
        let node = &others[n % 5];
        let now = app.clock.now();
        async move {
            let total = Counted { name: TOTAL_OF_MAILS.to_owned(), limit };
            let job =
                move |connection: &mut DbConnection| db::limits::take(connection, std::slice::from_ref(&total), now);
            node.services.db.write(job).await
        }
    };
    for _ in 0..60 {
        let ends = join_all((0..150).map(take)).await;
        app.clock.advance(Lifetime::seconds(1));
        let failed: Vec<_> = ends.into_iter().filter_map(Result::err).collect();
        assert!(failed.is_empty(), "{} of them, such as {:?}", failed.len(), failed.first());
    }
}
