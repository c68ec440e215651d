//! Signing in by email link: the whole way, and every way in which it must not work.

use crate::{
    browser::{Browser, Page},
    harness::{Setup, TestApp},
};
use gatepost::domain::{Lifetime, audit::Action};
use rocket::{futures::future::join_all, http::Method};
use std::collections::BTreeSet;

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

async fn app_with_ana() -> TestApp {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app
}

#[rocket::async_test]
async fn somebody_who_asks_opens_and_presses_is_signed_in() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.open("/").await.assert_shows("Email address");
    ana.submit("/login", &[("email", " Ana@Example.COM ")]).await.assert_shows("Check your inbox").assert_shows(ANA);
    let mail = app.mail_to(ANA).await;
    assert!(
        mail.text.contains("Firefox on Linux") && mail.text.contains("203.0.113.7") && mail.text.contains("14:03 UTC")
    );
    ana.get(&mail.link()).await.assert_leads_to("/auth/verify");
    ana.get("/auth/verify").await.assert_status(200).assert_shows("Sign in as ana@example.com");
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
    assert!(ana.is_signed_in_as(ANA).await);
    ana.get("/").await.assert_leads_to("/account");
    assert!(
        app.audit()
            .await
            .iter()
            .any(|entry| entry.action == Action::SignedIn && entry.after.as_deref() == Some("email_link"))
    );
}

/// Quoted-printable writes `=` as `=3D`, and some mail servers and programs show that.
#[rocket::async_test]
async fn a_link_with_the_mark_of_an_encoding_works() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    let link = app.mail_to(ANA).await.link().replace("token=", "token=3D");
    ana.get(&link).await.assert_leads_to("/auth/verify");
    ana.get("/auth/verify").await.assert_shows("Sign in as ana@example.com");
}

#[rocket::async_test]
async fn the_mail_goes_to_the_stored_address_and_repeats_nothing_that_was_typed() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.user_agent = "Click http://evil.example now, Firefox/1".into();
    ana.post("/login", &[("email", "ANA@EXAMPLE.com"), ("return_to", "/account?x=evil")]).await;
    let mail = app.mail_to(ANA).await;
    assert!(mail.source.contains("To: ana@example.com"), "{}", mail.source);
    assert!(!mail.source.contains("evil") && !mail.source.contains("ANA@"), "{}", mail.source);
    assert!(mail.source.contains("Auto-Submitted: auto-generated") && mail.source.contains("Message-ID: <"));
    assert_eq!(mail.subject, "Sign in to Gatepost");
    assert!(mail.html.contains(&format!("http://localhost:8000{}", mail.link())) && mail.html.contains(&mail.code()));
}

#[rocket::async_test]
async fn opening_the_link_changes_nothing_however_often_and_by_whomever() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    let link = app.mail_to(ANA).await.link();
    let before = app.dump().await;
    for agent in ["Mozilla/5.0 (compatible; Barracuda)", "Mozilla/5.0 Chrome/140.0", "", "SafeLinks"] {
        let mut scanner = app.browser().at("198.51.100.9");
        scanner.user_agent = agent.into();
        for method in [Method::Head, Method::Get, Method::Options] {
            scanner.request(method, &link, None).await;
            scanner.request(method, "/auth/verify", None).await;
            scanner.request(method, "/auth/verify/this-device", None).await;
        }
        scanner.open(&link).await.assert_shows("This email was requested in another browser");
    }
    assert_eq!(app.dump().await, before);
    ana.open(&link).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn a_robot_that_presses_the_first_button_gets_nothing_and_burns_nothing() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    let link = app.mail_to(ANA).await.link();
    let mut robot = app.browser();
    robot.open(&link).await;
    robot.submit("/auth/verify", &[]).await.assert_shows("Sign in on this device?");
    assert!(robot.is_signed_out().await);
    assert_eq!(app.count_sessions().await, 0);
    ana.open(&link).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn another_browser_signs_in_only_by_a_second_explicit_step() {
    let app = app_with_ana().await;
    let mut desktop = app.browser();
    desktop.post("/login", &[("email", ANA)]).await;
    let link = app.mail_to(ANA).await.link();
    let mut phone = app.browser().at("198.51.100.9");
    phone
        .open(&link)
        .await
        .assert_shows("Firefox on Linux")
        .assert_shows("203.0.113.7")
        .assert_shows("22 Nov 2026, 14:03 UTC")
        .assert_shows("enter the code from the email");
    phone.submit("/auth/verify", &[]).await.assert_shows("Sign in on this device?");
    phone.post("/auth/verify", &[("this_device", "yes")]).await.assert_leads_to("/account");
    assert!(phone.is_signed_in_as(ANA).await);
    assert!(desktop.is_signed_out().await, "the waiting browser is never handed a session");
    desktop.open("/login/sent").await.assert_shows("Check your inbox");
}

#[rocket::async_test]
async fn the_code_finishes_where_it_was_asked_for() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA), ("return_to", "/account?done=name")]).await;
    let code = app.mail_to(ANA).await.code();
    let typed = code.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
    ana.post("/login/code", &[("code", &typed)]).await.assert_leads_to("/account?done=name");
    assert!(ana.is_signed_in_as(ANA).await);
}

#[rocket::async_test]
async fn nobody_who_is_signed_in_is_swapped_silently() {
    let app = app_with_ana().await;
    app.add_account(BEN).await;
    let mut browser = app.signed_in(BEN).await;
    // Ana's link, forwarded to Ben by Ana, or requested by Ben himself.
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    let foreign = app.mail_to(ANA).await.link();
    browser.open(&foreign).await.assert_shows("This email was requested in another browser");
    browser.submit("/auth/verify", &[]).await.assert_shows("You’re signed in here as ben@example.com");
    browser
        .submit("/auth/verify", &[("this_device", "yes")])
        .await
        .assert_status(200)
        .assert_shows("If you continue, that session will end");
    assert!(browser.is_signed_in_as(BEN).await);

    browser.post("/login", &[("email", ANA)]).await;
    let own = app.mail_to(ANA).await.link();
    browser
        .open(&own)
        .await
        .assert_shows("You’re signed in as someone else")
        .assert_shows("Stay signed in as ben@example.com");
    browser.submit("/auth/verify", &[]).await.assert_shows("You’re signed in as someone else");
    assert!(browser.is_signed_in_as(BEN).await);
    browser.post("/auth/verify", &[("switch", "yes")]).await.assert_leads_to("/account");
    assert!(browser.is_signed_in_as(ANA).await);
    assert_eq!(app.count_sessions().await, 1, "Ben's session in this browser has ended");
}

#[rocket::async_test]
async fn a_link_works_once() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    let mail = app.mail_to(ANA).await;
    ana.open(&mail.link()).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
    let mut again = app.browser();
    again.open(&mail.link()).await.assert_status(410).assert_shows("no longer works").assert_shows("a•••@example.com");
    again.post("/auth/verify", &[("this_device", "yes"), ("switch", "yes")]).await.assert_status(410);
    assert!(again.is_signed_out().await);
    ana.post("/login/code", &[("code", &mail.code())]).await.assert_leads_to("/login/sent");
    assert_eq!(app.count_sessions().await, 1);
}

#[rocket::async_test]
async fn of_many_clicks_at_once_exactly_one_makes_a_session() {
    let app = app_with_ana().await;
    for round in 1..=5 {
        let mut ana = app.browser();
        ana.post("/login", &[("email", ANA)]).await;
        let mail = app.mail_to(ANA).await;
        ana.open(&mail.link()).await;
        let clicks = (0..40).map(|n| {
            let mut tab = Browser { cookies: ana.cookies.clone(), ..app.browser() };
            let code = mail.code();
            async move {
                let page = match n % 4 {
                    0 => tab.post("/login/code", &[("code", &code)]).await,
                    _ => tab.post("/auth/verify", &[]).await,
                };
                page.status.code == 303 && page.location() == Some("/account")
            }
        });
        let winners = join_all(clicks).await.into_iter().filter(|won| *won).count();
        assert_eq!(winners, 1);
        assert_eq!(app.count_sessions().await, round);
        app.clock.advance(Lifetime::minutes(15));
    }
}

#[rocket::async_test]
async fn a_link_lives_ten_minutes_from_the_mail_servers_acceptance() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    // The email waits for twenty minutes, longer than a link lasts.
    app.clock.advance(Lifetime::minutes(20));
    let mail = app.mail_to(ANA).await;
    app.clock.advance(Lifetime::millis(599_999));
    ana.open(&mail.link()).await.assert_shows("Sign in as");
    app.clock.advance(Lifetime::millis(1));
    ana.post("/auth/verify", &[]).await.assert_status(410).assert_shows("no longer works");
    ana.post("/login/code", &[("code", &mail.code())]).await.assert_status(422);
    assert!(ana.is_signed_out().await);
}

#[rocket::async_test]
async fn an_expired_page_offers_a_fresh_mail_with_one_button() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA), ("return_to", "/account?done=name"), ("remember", "on")]).await;
    let old = app.mail_to(ANA).await.link();
    app.clock.advance(Lifetime::minutes(11));
    // Even on another device, without any retyping.
    let mut phone = app.browser();
    phone.open(&old).await.assert_status(410).assert_shows("Send a new link to a•••@example.com");
    phone.submit("/auth/again", &[]).await.assert_shows("Check your inbox");
    let fresh = app.mail_to(ANA).await.link();
    assert_ne!(fresh, old);
    phone.open(&fresh).await;
    phone.post("/auth/verify", &[]).await.assert_leads_to("/account?done=name");
}

#[rocket::async_test]
async fn asking_again_mails_the_same_attempt_and_kills_the_older_link_and_code() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    let first = app.mail_to(ANA).await;
    ana.submit("/login/resend", &[]).await.assert_shows("You can ask for another email in 30 seconds");
    assert_eq!(app.mails_to(ANA).await.len(), 1, "too soon");
    app.clock.advance(Lifetime::seconds(30));
    ana.post("/login/resend", &[]).await.assert_leads_to("/login/sent");
    let second = app.mail_to(ANA).await;
    assert_ne!(first.link(), second.link());
    ana.open(&first.link()).await.assert_status(410).assert_shows("newest one works");
    ana.post("/login/code", &[("code", &first.code())]).await.assert_status(422);
    ana.open(&second.link()).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn signing_in_ends_the_accounts_other_open_attempts() {
    let app = app_with_ana().await;
    let (mut first, mut second) = (app.browser(), app.browser());
    first.post("/login", &[("email", ANA)]).await;
    let older = app.mail_to(ANA).await;
    second.post("/login", &[("email", ANA)]).await;
    let newer = app.mail_to(ANA).await;
    second.open(&newer.link()).await;
    second.post("/auth/verify", &[]).await.assert_leads_to("/account");
    first.open(&older.link()).await.assert_status(410);
    first.post("/login/code", &[("code", &older.code())]).await.assert_status(422);
    assert!(first.is_signed_out().await);
}

#[rocket::async_test]
async fn the_waiting_page_moves_on_once_this_browser_is_signed_in() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA), ("return_to", "/account?done=name")]).await;
    assert_eq!(ana.get("/login/state").await.body, r#"{"done":false}"#);
    let link = app.mail_to(ANA).await.link();
    ana.open(&link).await;
    ana.post("/auth/verify", &[]).await;
    assert_eq!(ana.get("/login/state").await.body, r#"{"done":true}"#);
    ana.get("/login/sent").await.assert_leads_to("/account?done=name");
}

#[rocket::async_test]
async fn the_session_is_new_at_every_sign_in_and_no_planted_value_is_adopted() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    let planted = "A".repeat(43);
    ana.cookies.insert("gatepost_session".into(), planted.clone());
    ana.sign_in(ANA).await;
    let first = ana.cookies["gatepost_session"].clone();
    assert_ne!(first, planted);
    ana.sign_in(ANA).await;
    let second = ana.cookies["gatepost_session"].clone();
    assert_ne!(first, second);
    app.a_second_later();
    let mut old = app.browser();
    old.cookies.insert("gatepost_session".into(), first);
    assert!(old.is_signed_out().await, "the session that it replaced has ended");
    assert_eq!(app.count_sessions().await, 1);
}

#[rocket::async_test]
async fn where_somebody_goes_afterwards_is_a_path_of_ours_and_not_in_the_mail() {
    let app = app_with_ana().await;
    for hostile in
        ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)"]
    {
        let mut ana = app.browser();
        let page = ana.sign_in_to(ANA, &[("return_to", hostile)]).await;
        page.assert_leads_to("/account");
        app.clock.advance(Lifetime::minutes(15));
    }
    let mut ana = app.browser();
    ana.sign_in_to(ANA, &[("return_to", "/account?done=name")]).await.assert_leads_to("/account?done=name");
    assert!(!app.mail_to(ANA).await.text.contains("done=name"));
}

#[rocket::async_test]
async fn this_wasnt_me_ends_the_attempt_by_way_of_a_button() {
    let app = app_with_ana().await;
    let mut attacker = app.browser();
    attacker.post("/login", &[("email", ANA)]).await;
    let mail = app.mail_to(ANA).await;
    let mut ana = app.browser();
    let before = app.dump().await;
    ana.open(&mail.cancel_link()).await.assert_shows("Cancel this request?").assert_shows("Firefox on Linux");
    assert_eq!(app.dump().await, before, "opening it changes nothing");
    let page = ana.submit("/auth/cancel", &[]).await;
    page.assert_status(200).assert_shows("Cancelled").assert_hides("Check my sign-in methods");
    attacker.open(&mail.link()).await.assert_status(410);
    attacker.post("/login/code", &[("code", &mail.code())]).await.assert_status(422);
    // The cancel link cannot sign in, and the other link cannot cancel.
    ana.open(&mail.cancel_link().replace("cancel", "verify")).await.assert_status(404);
    ana.open(&mail.link().replace("verify", "cancel")).await.assert_status(404);
}

#[rocket::async_test]
async fn this_wasnt_me_also_ends_the_session_that_came_of_it() {
    let app = app_with_ana().await;
    let mut attacker = app.browser();
    attacker.post("/login", &[("email", ANA)]).await;
    let mail = app.mail_to(ANA).await;
    attacker.post("/login/code", &[("code", &mail.code())]).await.assert_status(303);
    let mut ana = app.browser();
    ana.open(&mail.cancel_link()).await;
    let page = ana.submit("/auth/cancel", &[]).await;
    page.assert_shows("We’ve signed them out").assert_shows("Check my sign-in methods");
    app.a_second_later();
    assert!(attacker.is_signed_out().await);
}

#[rocket::async_test]
async fn a_browser_may_have_several_attempts_under_way() {
    let app = app_with_ana().await;
    app.add_account(BEN).await;
    let mut browser = app.browser();
    browser.post("/login", &[("email", ANA)]).await;
    let first = app.mail_to(ANA).await.link();
    browser.post("/login", &[("email", BEN)]).await;
    app.mail_to(BEN).await;
    browser.open(&first).await.assert_shows("Sign in as ana@example.com");
}

#[rocket::async_test]
async fn switching_email_links_off_takes_effect_at_once_for_links_already_mailed() {
    let app = app_with_ana().await;
    let mut signed_in = app.signed_in(ANA).await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    let mail = app.mail_to(ANA).await;
    ana.open(&mail.link()).await;
    // This node still has the old settings in memory when the user presses the button.
    app.set("email_link_enabled", "off").await;
    ana.post("/auth/verify", &[]).await.assert_status(403).assert_shows("turned off");
    ana.post("/login/code", &[("code", &mail.code())]).await.assert_leads_to("/login");
    app.a_second_later();
    ana.get("/auth/verify").await.assert_status(403);
    ana.get("/login").await.assert_status(200).assert_hides("Email me a link");
    ana.submit("/login", &[("email", ANA)]).await.assert_hides("Email me a link");
    ana.post("/login/resend", &[]).await.assert_leads_to("/login");
    ana.post("/auth/again", &[]).await.assert_leads_to("/login");
    assert!(ana.is_signed_out().await);
    assert!(signed_in.is_signed_in_as(ANA).await, "existing sessions stay");
    let count = app.mails_to(ANA).await.len();
    assert_eq!(count, 2);
}

#[rocket::async_test]
async fn a_mail_asked_for_before_the_switch_and_not_yet_sent_is_not_sent() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    app.set("email_link_enabled", "off").await;
    assert!(app.mails_to(ANA).await.is_empty());
}

/// For up to a second, a node asks by the settings that it has in memory. The worker does not.
#[rocket::async_test]
async fn a_mail_asked_for_in_the_second_after_the_switch_is_not_sent() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.get("/login").await.assert_shows("Email me a link");
    app.set("email_link_enabled", "off").await;
    ana.post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    assert!(app.mails_to(ANA).await.is_empty());
}

#[rocket::async_test]
async fn only_those_who_may_join_get_a_mail_and_an_account() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    browser.post("/login", &[("email", "new@allowed.example")]).await.assert_leads_to("/login/sent");
    assert!(app.mails_to("new@allowed.example").await.is_empty(), "by default only people who were invited");

    app.set("allowed_domains", "allowed.example").await;
    app.set("join_policy", "allowed_domains").await;
    app.clock.advance(Lifetime::minutes(15));
    browser.post("/login", &[("email", "new@other.example")]).await;
    assert!(app.mails_to("new@other.example").await.is_empty());
    browser.sign_in("new@allowed.example").await;
    let account = app.account_of("new@allowed.example").await.unwrap();
    assert!(account.proven_at.is_some() && !account.is_admin);

    app.set("join_policy", "anyone").await;
    app.clock.advance(Lifetime::minutes(15));
    app.browser().sign_in("new@other.example").await;
}

#[rocket::async_test]
async fn a_joiner_whose_way_in_was_closed_meanwhile_gets_no_account() {
    let app = TestApp::new().await;
    app.set("join_policy", "anyone").await;
    let mut browser = app.browser();
    browser.post("/login", &[("email", ANA)]).await;
    let link = app.mail_to(ANA).await.link();
    browser.open(&link).await;
    app.set("join_policy", "invited").await;
    browser.post("/auth/verify", &[]).await.assert_status(403).assert_shows("you can’t sign in with it right now");
    assert!(app.account_of(ANA).await.is_none());
    assert_eq!(app.count_sessions().await, 0);
}

#[rocket::async_test]
async fn the_first_proof_of_a_mailbox_revokes_whatever_was_attached_before() {
    let app = app_with_ana().await;
    // An intruder with access to the console was in the account before its owner.
    let mut console = crate::set_up::console_session(&app, ANA).await;
    assert!(console.is_signed_in_as(ANA).await);
    console.post("/account/address", &[("new_email", "thief@example.com")]).await.assert_status(303);
    let trojan = app.mail_to("thief@example.com").await.link();
    app.signed_in(ANA).await;
    app.a_second_later();
    assert!(console.is_signed_out().await, "an unproven session");
    let mut thief = app.signed_in(ANA).await;
    thief.open(&trojan).await.assert_status(410);
    assert_eq!(app.account_of(ANA).await.unwrap().email.as_str(), ANA, "a pending change died with it");
    // A second proof revokes nothing.
    assert_eq!(app.count_sessions().await, 2);
}

#[rocket::async_test]
async fn a_disabled_account_gets_neither_mail_nor_session() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    let link = app.mail_to(ANA).await.link();
    ana.open(&link).await;
    let (account, now) = (app.account_of(ANA).await.unwrap(), app.services.now());
    app.write(move |connection| gatepost::db::accounts::set_disabled(connection, account.id, Some(now))).await;
    ana.post("/auth/verify", &[]).await.assert_status(403).assert_shows("you can’t sign in with it right now");
    assert!(ana.is_signed_out().await);
    app.clock.advance(Lifetime::minutes(1));
    ana.post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    assert_eq!(app.mails_to(ANA).await.len(), 1);
}

/// A requester sees the same for everything that the owner of the mailbox does elsewhere. See also
/// `alike`.
#[rocket::async_test]
async fn who_asked_cannot_tell_what_happened_to_the_attempt_elsewhere() {
    let app = app_with_ana().await;
    app.add_account(BEN).await;
    let (mut watching_ana, mut watching_ben) = (app.browser().at("198.51.100.1"), app.browser().at("198.51.100.2"));
    watching_ana.post("/login", &[("email", ANA)]).await;
    watching_ben.post("/login", &[("email", BEN)]).await;
    app.deliver().await;
    // Ana signs in elsewhere, which ends the attempt. Ben does nothing.
    app.signed_in(ANA).await;
    app.browser().post("/login", &[("email", BEN)]).await;
    app.clock.advance(Lifetime::seconds(40));
    let look = async |browser: &mut Browser<'_>, email: &str| {
        let mut seen = Vec::new();
        let (cookie, name) = (
            browser.cookies["gatepost_attempts"].clone(),
            browser.get("/login/sent").await.hidden("attempt").to_owned(),
        );
        for page in [
            browser.get("/login/sent").await,
            browser.post("/login/code", &[("code", "000-000")]).await,
            browser.post("/login/resend", &[]).await,
            browser.get("/login/sent").await,
        ] {
            // Their order is random.
            let names: BTreeSet<_> =
                page.set_cookies().iter().map(|cookie| cookie.split('=').next().unwrap().to_owned()).collect();
            // Its own name for the attempt stays the same.
            seen.push(format!(
                "{} {names:?} {}",
                page.status,
                page.body.replace(email, "EMAIL").replace(&name, "ATTEMPT")
            ));
        }
        assert_eq!(browser.cookies["gatepost_attempts"], cookie);
        seen
    };
    assert_eq!(look(&mut watching_ana, ANA).await, look(&mut watching_ben, BEN).await);
}

#[rocket::async_test]
async fn a_link_with_punctuation_glued_to_it_still_works_and_a_mangled_one_says_so() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    let link = app.mail_to(ANA).await.link();
    for glue in [".", ")", "%3E", ".)"] {
        ana.open(&format!("{link}{glue}")).await.assert_shows("Sign in as");
    }
    for mangled in [&link[..link.len() - 5], "/auth/verify?token=", "/auth/verify?token=%00", "/auth/verify"] {
        app.browser().open(mangled).await.assert_status(404).assert_shows("Check that the link was copied in full");
    }
    app.browser().get(&format!("{link}&token=x")).await.assert_status(400);
}

#[rocket::async_test]
async fn an_attempt_survives_a_restart_and_works_on_another_node() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    let mail = app.mail_to(ANA).await;
    let other = Setup::new().beside(&app).start().await;
    let mut elsewhere = Browser { cookies: ana.cookies.clone(), ..other.browser() };
    elsewhere.open(&mail.link()).await.assert_shows("Sign in as");
    elsewhere.post("/auth/verify", &[]).await.assert_leads_to("/account");
    ana.post("/auth/verify", &[]).await;
    ana.open(&mail.link()).await.assert_status(410);
    assert_eq!(app.count_sessions().await, 1);
}

#[rocket::async_test]
async fn without_cookies_there_is_a_clear_word_and_no_circle() {
    let app = app_with_ana().await;
    let mut bare = app.browser();
    bare.post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    bare.cookies.clear();
    bare.get("/login/sent").await.assert_status(200).assert_shows("Allow cookies for this site");
}

/// Two links opened in two tabs: the page about the first must not sign in by the second.
#[rocket::async_test]
async fn a_button_redeems_the_link_that_its_page_was_about_or_none() {
    let app = app_with_ana().await;
    app.add_account("ben@example.com").await;
    let mut browser = app.browser();
    browser.post("/login", &[("email", ANA)]).await;
    let for_ana = app.mail_to(ANA).await.link();
    browser.post("/login", &[("email", "ben@example.com")]).await;
    let for_ben = app.mail_to("ben@example.com").await.link();
    let page = browser.open(&for_ana).await;
    let shown = page.body.split("name=\"attempt\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    browser.open(&for_ben).await.assert_shows("Sign in as ben@example.com");
    let answer =
        browser.submit("/auth/verify", &[("attempt", &shown), ("this_device", "yes"), ("switch", "yes")]).await;
    answer.assert_status(200).assert_shows("Sign in as ben@example.com");
    assert!(browser.is_signed_out().await);
    browser.open(&for_ana).await;
    browser.post("/auth/verify", &[("attempt", &shown)]).await.assert_leads_to("/account");
    assert!(browser.is_signed_in_as(ANA).await);
}

#[rocket::async_test]
async fn once_a_link_is_opened_its_token_is_in_no_address_and_on_no_page() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    let mail = app.mail_to(ANA).await;
    for link in [mail.link(), mail.cancel_link()] {
        let token = link.split_once("token=").unwrap().1.to_owned();
        let mut pages = vec![ana.get(&link).await];
        pages.push(ana.get(&format!("{link}&token=twice")).await);
        pages.push(ana.with(&[("Host", "evil.example")]).request(rocket::http::Method::Get, &link, None).await);
        pages
            .push(ana.with(&[("Sec-Fetch-Site", "same-origin")]).request(rocket::http::Method::Put, &link, None).await);
        pages.push(ana.get(&link.replace("/auth/", "/author/")).await);
        for path in ["/auth/verify", "/auth/verify/this-device", "/auth/cancel", "/login/sent", "/account"] {
            pages.push(ana.get(path).await);
        }
        for page in pages {
            let headers = page.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("Set-Cookie"));
            assert!(headers.clone().all(|(_, value)| !value.contains(&token)), "{:?}", page.headers);
            assert!(!page.body.contains(&token), "{}", page.text());
        }
    }
}

/// The user reads that email elsewhere. The waiting page stays about signing in.
#[rocket::async_test]
async fn confirming_an_address_does_not_take_the_place_of_what_is_waited_for() {
    let app = app_with_ana().await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/address", &[("new_email", "ana@new.example")]).await.assert_status(303);
    app.clock.advance(Lifetime::minutes(16));
    ana.post("/step-up", &[]).await.assert_leads_to("/login/sent");
    ana.post("/account/address", &[("new_email", "ana@new.example")]).await;
    ana.get("/login/sent").await.assert_shows("Look for our newest email to ana@example.com");
}

/// Two tabs. A code belongs to the page into which it is typed, even if another tab has asked
/// since.
#[rocket::async_test]
async fn a_reset_asked_for_in_another_tab_takes_neither_the_code_nor_the_other_mail() {
    let app = app_with_ana().await;
    app.set("password_enabled", "on").await;
    let mut ana = app.browser();
    let first = ana.submit("/login", &[("email", ANA)]).await;
    let code = app.mail_to(ANA).await.code();
    ana.submit("/password/forgot", &[("email", ANA)]).await.assert_shows("about a new password, and open its link");
    let attempt = first.hidden("attempt").to_owned();
    // Another email for the first tab is a sign-in email, and leads where its tab leads.
    app.clock.advance(Lifetime::seconds(31));
    ana.submit("/login/resend", &[("attempt", &attempt)]).await.assert_shows("enter its code");
    assert!(app.mail_to(ANA).await.text.contains("/auth/verify?token="));
    ana.submit("/password/forgot", &[("email", ANA)]).await;
    ana.post("/login/code", &[("code", &code), ("attempt", &attempt)]).await.assert_status(422);
    let code = app.mails_to(ANA).await.iter().rfind(|mail| mail.text.contains("/auth/verify?")).unwrap().code();
    ana.post("/login/code", &[("code", &code), ("attempt", &attempt)]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn a_code_without_the_name_of_its_attempt_is_of_the_newest_that_has_one() {
    let app = app_with_ana().await;
    app.set("password_enabled", "on").await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    let code = app.mail_to(ANA).await.code();
    ana.post("/password/forgot", &[("email", ANA)]).await;
    ana.post("/login/code", &[("code", &code)]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn naming_another_browsers_attempt_opens_nothing_of_it() {
    let app = app_with_ana().await;
    let mut ana = app.browser();
    let page = ana.submit("/login", &[("email", ANA)]).await;
    let code = app.mail_to(ANA).await.code();
    let named = page.hidden("attempt");
    let mut stranger = app.browser();
    stranger.post("/login/code", &[("code", &code), ("attempt", named)]).await.assert_leads_to("/login/sent");
    stranger.post("/login", &[("email", "eve@example.com")]).await;
    stranger.post("/login/code", &[("code", &code), ("attempt", named)]).await.assert_status(422);
    app.clock.advance(Lifetime::seconds(31));
    stranger.submit("/login/resend", &[("attempt", named)]).await.assert_shows("eve@example.com");
    assert_eq!(app.mails_to(ANA).await.len(), 1);
    ana.post("/login/code", &[("code", &code), ("attempt", named)]).await.assert_leads_to("/account");
}

/// The button's page knows which device it is on. The page that asked for the email may have been
/// open on another one.
#[rocket::async_test]
async fn keeping_signed_in_is_chosen_where_the_button_is_pressed() {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    let is_kept = |page: &Page| {
        page.assert_leads_to("/account");
        let cookie =
            page.set_cookies().into_iter().find(|line| line.starts_with("gatepost_session=")).unwrap().to_owned();
        cookie.contains("Max-Age")
    };
    let ticked = "name=\"remember\" type=\"checkbox\" value=\"on\" checked";
    let choice = |ticks: bool| [("choice", "here")].into_iter().chain(ticks.then_some(("remember", "on")));
    for (asked, chosen) in [(true, false), (false, true), (true, true)] {
        // In the browser that asked, the box is as it was left.
        let mut ana = app.browser();
        let fields: Vec<_> = [("email", ANA)].into_iter().chain(asked.then_some(("remember", "on"))).collect();
        ana.post("/login", &fields).await.assert_leads_to("/login/sent");
        let link = app.mail_to(ANA).await.link();
        let page = ana.open(&link).await;
        assert_eq!(page.body.contains(ticked), asked, "{}", page.body);
        assert_eq!(page.hidden("choice"), "here");
        let mut other = app.browser();
        other.open(&link).await.assert_shows("requested in another browser").assert_hides("name=\"remember\"");
        // In another one it is not ticked, also if the first one was.
        let page = other.submit("/auth/verify", &[]).await;
        page.assert_shows("Sign in on this device?").assert_hides(ticked);
        assert!(page.body.contains("name=\"remember\""));
        let fields: Vec<_> = [("this_device", "yes")].into_iter().chain(choice(chosen)).collect();
        assert_eq!(is_kept(&other.post("/auth/verify", &fields).await), chosen);

        app.clock.advance(Lifetime::minutes(1));
        let fields: Vec<_> = [("email", ANA)].into_iter().chain(asked.then_some(("remember", "on"))).collect();
        ana.post("/login", &fields).await.assert_leads_to("/login/sent");
        ana.open(&app.mail_to(ANA).await.link()).await;
        let fields: Vec<_> = choice(chosen).collect();
        assert_eq!(is_kept(&ana.post("/auth/verify", &fields).await), chosen);
        app.clock.advance(Lifetime::minutes(1));
    }
}
