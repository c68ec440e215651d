//! Invitations: one email, one button. The link signs in once, and only while the account waits.

use crate::{
    browser::Browser,
    harness::{Mail, Setup, TestApp, address, local},
    smtp_sink::{Misbehaviour, Security, SmtpSink, Step},
};
use gatepost::{
    db,
    domain::{
        Lifetime,
        audit::{Action, Actor},
        mail::{MailKind, QueuedMail},
    },
    housekeeping,
};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const LIST: &str = "/admin/people/invitations";

async fn invites<'a>(app: &'a TestApp, email: &str) -> (Browser<'a>, Mail) {
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    ana.submit("/admin/people", &[("email", email)]).await.assert_shows("is invited. The email is");
    (ana, app.mail_to(email).await)
}

/// Opens the link, presses the button, and returns where that leads.
async fn accepts(browser: &mut Browser<'_>, mail: &Mail) -> Option<String> {
    let page = browser.open(&mail.invitation_link()).await;
    page.assert_status(200).assert_shows(&format!("Sign in as {BEN}"));
    let account = page.hidden("account").to_owned();
    browser.post_only("/auth/invitation", &[("account", &account)]).await.location().map(str::to_owned)
}

#[rocket::async_test]
async fn an_invitation_is_one_email_and_one_button() {
    let app = TestApp::new().await;
    let (mut ana, mail) = invites(&app, BEN).await;
    assert!(mail.words().contains("expires in 7 days"), "{}", mail.text);
    let mut ben = app.browser();
    let before = app.dump().await;
    let page = ben.open(&mail.invitation_link()).await;
    page.assert_shows("You’re invited to Gatepost").assert_shows(ANA);
    assert_eq!(app.dump().await, before, "opening the link changes nothing");
    assert_eq!(accepts(&mut ben, &mail).await.as_deref(), Some("/account"));
    assert!(ben.is_signed_in_as(BEN).await);
    assert_eq!(app.mails_to(BEN).await.len(), 1, "no other email was needed");
    assert!(app.account_of(BEN).await.unwrap().proven_at.is_some(), "the link proved the mailbox");
    ana.get(LIST).await.assert_shows("Signed in");
    // Back at the link: at home here, and over elsewhere.
    ben.open(&mail.invitation_link()).await;
    let page = app.browser().open(&mail.invitation_link()).await;
    page.assert_status(410).assert_shows("It has already been used.");
    assert!(page.body.contains("/login?email=ben%40example.com"), "{}", page.body);
    // Where someone else is signed in, it says so and leads to either.
    let page = ana.open(&mail.invitation_link()).await;
    page.assert_status(410).assert_shows(&format!("You’re signed in here as {ANA}"));
    page.assert_shows("Go to your account").assert_shows("Use another account").assert_hides("Sign in with your email");
}

#[rocket::async_test]
async fn an_invitation_expires_by_its_setting_from_the_moment_of_acceptance() {
    let app = TestApp::new().await;
    app.set("invitation_lifetime", "2h").await;
    let (mut ana, mail) = invites(&app, BEN).await;
    app.clock.advance(Lifetime::minutes(119));
    app.browser().open(&mail.invitation_link()).await.assert_status(200);
    app.clock.advance(Lifetime::minutes(1));
    let mut ben = app.browser();
    let page = ben.open(&mail.invitation_link()).await;
    page.assert_status(410).assert_shows("It has expired, but");
    let id = app.account_of(BEN).await.unwrap().id.to_string();
    ben.post_only("/auth/invitation", &[("account", &id)]).await.assert_leads_to("/auth/invitation");
    assert!(ben.is_signed_out().await);
    ana.sign_in(ANA).await;
    ana.get(LIST).await.assert_shows("Expired");
}

#[rocket::async_test]
async fn only_the_newest_invitation_works_and_none_after_another_sign_in() {
    let app = TestApp::new().await;
    let (mut ana, first) = invites(&app, BEN).await;
    let id = app.account_of(BEN).await.unwrap().id;
    app.clock.advance(Lifetime::minutes(2));
    ana.submit(&format!("/admin/people/{id}/invitation/send"), &[]).await.assert_shows("is invited. The email is");
    app.deliver().await;
    let links: Vec<_> = app.mails_to(BEN).await.iter().map(Mail::invitation_link).collect();
    assert_eq!(links.len(), 2);
    let newest = links.iter().find(|link| **link != first.invitation_link()).unwrap();
    app.browser().open(&first.invitation_link()).await.assert_status(410).assert_shows("replaced by a newer email");
    app.browser().open(newest).await.assert_status(200);
    app.browser().sign_in(BEN).await;
    app.browser().open(newest).await.assert_status(410).assert_shows("It has already been used.");
    ana.post(&format!("/admin/people/{id}/invitation/send"), &[]).await.assert_shows("already signed in");
    assert_eq!(app.audit().await.iter().filter(|line| line.action == Action::InvitationSent).count(), 1);
}

#[rocket::async_test]
async fn an_invitation_ends_with_its_account_its_address_and_the_setting() {
    let app = TestApp::new().await;
    let (_, mail) = invites(&app, BEN).await;
    let id = app.account_of(BEN).await.unwrap().id;
    let now = app.services.now();
    for (what, status) in [("off", 403), ("on", 200), ("moved", 410), ("back", 200)] {
        match what {
            "off" | "on" => app.set("email_link_enabled", what).await,
            _ => {
                let (ben, carl) = (address(BEN), address("carl@example.com"));
                let (from, to) = if what == "moved" { (ben, carl) } else { (carl, ben) };
                app.write(move |connection| {
                    db::accounts::move_address(connection, id, (&from, &to), now).map(|moved| assert!(moved))
                })
                .await;
            }
        }
        app.a_second_later();
        app.browser().open(&mail.invitation_link()).await.assert_status(status);
    }
    let mut ben = app.browser();
    ben.open(&mail.invitation_link()).await;
    app.set("email_link_enabled", "off").await;
    ben.post_only("/auth/invitation", &[("account", &id.to_string())]).await.assert_leads_to("/auth/invitation");
    assert!(ben.is_signed_out().await, "turned off in front of the page");
    app.set("email_link_enabled", "on").await;
    app.a_second_later();
    app.write(move |connection| db::accounts::set_disabled(connection, id, Some(now))).await;
    assert_eq!(accepts(&mut ben, &mail).await.as_deref(), Some("/login"));
    assert!(ben.is_signed_out().await, "disabled");
}

#[rocket::async_test]
async fn an_invitation_ends_no_other_session_without_a_word() {
    let app = TestApp::new().await;
    let (mut ana, mail) = invites(&app, BEN).await;
    let page = ana.open(&mail.invitation_link()).await;
    page.assert_shows(&format!("You’re signed in here as {ANA}"));
    let account = page.hidden("account").to_owned();
    ana.post_only("/auth/invitation", &[("account", &account)]).await.assert_leads_to("/auth/invitation");
    assert!(ana.is_signed_in_as(ANA).await);
    let fields = [("account", "0000000000000001"), ("switch", "yes")];
    ana.post_only("/auth/invitation", &fields).await.assert_leads_to("/auth/invitation");
    assert!(ana.is_signed_in_as(ANA).await, "the page was about another account");
    ana.post_only("/auth/invitation", &[("account", &account), ("switch", "yes")]).await.assert_leads_to("/account");
    assert!(ana.is_signed_in_as(BEN).await);
    assert_eq!(app.count_sessions().await, 1);
}

#[rocket::async_test]
async fn a_list_is_invited_at_once_and_what_is_no_address_stays() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    app.add_account("dan@example.com").await;
    let mut ana = app.signed_in(ANA).await;
    ana.submit(LIST, &[("emails", "ben@example.com, Carl <carl@example.com>\ndan@example.com\neve@")]).await;
    let page = ana.get(LIST).await;
    page.assert_shows("2 users are invited. 1 address already had an account.").assert_shows("Not sent yet");
    assert!(page.body.contains(">eve@</textarea>"), "{}", page.body);
    app.deliver().await;
    ana.get(LIST).await.assert_shows("In the test mailbox").assert_hides("Not sent yet");
    for email in [BEN, "carl@example.com"] {
        app.mail_to(email).await.invitation_link();
    }
    assert!(app.mails_to("dan@example.com").await.is_empty());
    let many: Vec<_> = (0..201).map(|n| format!("u{n}@e.example")).collect();
    ana.post(LIST, &[("emails", &many.join(","))]).await.assert_shows("Enter at most 200.");
    ana.submit(LIST, &[("emails", &many[..60].join("\n"))]).await.assert_shows("60 users are invited.");
    let first = ana.get(LIST).await;
    let next = crate::audit_pages::follow(&mut ana, &first.body, "Next").await.unwrap();
    let rows = |body: &str| body.matches("/invitation/withdraw").count();
    assert_eq!((rows(&first.body), rows(&next.body)), (25, 25));
}

#[rocket::async_test]
async fn the_list_says_whether_the_email_server_has_accepted_an_invitation() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = Setup::new().with("GATEPOST_MAIL_URL", &sink.url("?tls=none")).start().await;
    app.add_admin(ANA).await;
    let mut ana = crate::set_up::console_session(&app, ANA).await;
    sink.misbehave(Step::Rcpt, Misbehaviour::Say("550 5.1.1 no such user"), "carl@");
    ana.submit(LIST, &[("emails", "ben@example.com\ncarl@example.com")]).await.assert_shows("Not sent yet");
    app.deliver().await;
    let page = ana.get(LIST).await;
    page.assert_shows("Accepted by the email server")
        .assert_shows("Refused by the email server")
        .assert_hides("Not sent yet");
    let link = sink.arrived().last().unwrap().link_to("/auth/invitation").unwrap();
    let mut ben = app.browser();
    ben.open(&link).await.assert_status(200);
    ben.post_only("/auth/invitation/opened", &[]).await.assert_status(303);
    ana.get(LIST).await.assert_shows("Opened").assert_hides("Accepted by the email server");
}

#[rocket::async_test]
async fn a_withdrawn_invitation_takes_its_account_along_unless_it_was_used() {
    let app = TestApp::new().await;
    let (mut ana, mail) = invites(&app, BEN).await;
    let withdraw = format!("/admin/people/{}/invitation/withdraw", app.account_of(BEN).await.unwrap().id);
    ana.get(&withdraw).await.assert_shows("Withdraw this invitation?");
    ana.submit(&withdraw, &[]).await.assert_shows("The invitation is withdrawn");
    assert!(app.account_of(BEN).await.is_none());
    app.browser().open(&mail.invitation_link()).await.assert_status(410);
    let carl = "carl@example.com";
    ana.submit("/admin/people", &[("email", carl)]).await;
    app.browser().sign_in(carl).await;
    let withdraw = format!("/admin/people/{}/invitation/withdraw", app.account_of(carl).await.unwrap().id);
    ana.post(&withdraw, &[]).await.assert_shows("already signed in");
    assert!(app.account_of(carl).await.is_some());
    assert_eq!(app.audit().await.iter().filter(|line| line.action == Action::InvitationWithdrawn).count(), 1);
}

#[rocket::async_test]
async fn a_browser_that_shows_an_invitation_is_told_and_a_fetch_is_not() {
    let app = TestApp::new().await;
    let (mut ana, mail) = invites(&app, BEN).await;
    let mut ben = app.browser();
    let page = ben.open(&mail.invitation_link()).await;
    assert!(page.body.contains("data-opened=\"/auth/invitation/opened\""), "{}", page.body);
    ana.get(LIST).await.assert_hides("Opened");
    ben.post_only("/auth/invitation/opened", &[]).await.assert_status(303);
    ana.get(LIST).await.assert_shows("Opened");
    let before = app.dump().await;
    ben.post_only("/auth/invitation/opened", &[]).await.assert_status(303);
    app.browser().post_only("/auth/invitation/opened", &[]).await.assert_status(303);
    assert_eq!(app.dump().await, before, "noted once, and only with the link");
}

#[rocket::async_test]
async fn the_link_that_an_admin_shares_only_fills_the_address_in() {
    let app = TestApp::new().await;
    let (mut ana, _) = invites(&app, BEN).await;
    let page = ana.get(LIST).await;
    let link = page.body.split("<code data-codes>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert!(page.body.contains("data-copy"), "a phone selects no address by hand: {}", page.body);
    let mut ben = app.browser();
    let before = app.dump().await;
    let page = ben.get(&local(&link)).await;
    assert!(page.body.contains("value=\"ben@example.com\""), "{}", page.body);
    assert_eq!(app.dump().await, before);
    assert!(ben.is_signed_out().await);
    // An address without an account looks the same, and what is no address is left out.
    let page = app.browser().get("/login?email=nobody%40example.com").await;
    assert!(page.body.contains("value=\"nobody@example.com\""), "{}", page.body);
    app.browser().get("/login?email=%3Cb%3E").await.assert_status(200).assert_hides("<b>");
}

#[rocket::async_test]
async fn an_invitation_of_the_version_before_gets_a_link_when_it_leaves() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let id = app.add_account(BEN).await.id;
    app.transact(move |tx| {
        let mail = QueuedMail::new(tx.entropy, MailKind::Invitation, address(BEN), tx.now);
        tx.mail(&QueuedMail { account_id: Some(id), note: ANA.to_owned(), ..mail })
    })
    .await;
    let mail = app.mail_to(BEN).await;
    assert_eq!(accepts(&mut app.browser(), &mail).await.as_deref(), Some("/account"));
}

#[rocket::async_test]
async fn invitations_whose_users_signed_in_long_ago_are_forgotten() {
    let app = Setup::new().start().await;
    let (mut ana, mail) = invites(&app, BEN).await;
    ana.submit("/admin/people", &[("email", "carl@example.com")]).await;
    app.deliver().await;
    accepts(&mut app.browser(), &mail).await;
    app.clock.advance(Lifetime::days(91));
    housekeeping::tidy(&app.services).await.unwrap();
    let mut ana = app.signed_in(ANA).await;
    ana.get(LIST).await.assert_shows("carl@example.com").assert_hides(BEN);
    let line = app.audit().await.into_iter().find(|line| line.action == Action::AccountAdded).unwrap();
    assert!(matches!(line.actor, Actor::Account { .. }));
}
