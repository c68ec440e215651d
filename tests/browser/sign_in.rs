//! From the first start to users signing in, with JavaScript and without.

use crate::{chromedriver::Traits, patience, stage::Stage, traffic::event};
use fantoccini::key::Key;
use serde_json::json;

/// Ana starts the server, names herself, and invites Ben, who signs in by email.
#[tokio::test]
async fn from_the_set_up_link_to_a_second_person_signed_in_by_mail() {
    let stage = Stage::with_all_of_chromium().await;
    let ana = stage.browser().await;
    ana.open(&stage.gatepost.set_up_link()).await;
    ana.reads_heading("Welcome").await;
    assert_eq!(ana.path().await, "/setup", "the token has left the address bar");
    ana.types("Your email address", "ana@example.com").await;
    ana.presses("Become the first admin").await;
    ana.reads_heading("Overview").await;

    ana.presses("Users").await;
    ana.types("Email address", "ben@example.com").await;
    ana.presses("Invite").await;
    ana.reads("is invited. The email is").await;
    stage.gatepost.mail_to("ben@example.com", 1).await;

    let ben = stage.browser().await;
    ben.asks_for_mail("ben@example.com").await;
    let waiting = ben.opens_tab().await;
    ben.open("/dev/mailbox?to=ben@example.com").await;
    // The email may take a moment; users reload, too.
    patience::until("the mail on the page", async || {
        ben.reload().await;
        ben.text().await.contains("/auth/verify").then_some(())
    })
    .await;
    ben.find("pre a[href*='/auth/verify']").await.click().await.unwrap();
    ben.reads_heading("Sign in to Gatepost").await;
    assert_eq!(ben.path().await, "/auth/verify", "the token has left the address bar");
    ben.presses("Sign in as ben@example.com").await;
    ben.reads_heading("Your account").await;

    // The tab left behind moves on by itself.
    ben.turns_to_tab(waiting).await;
    ben.reads_heading("Your account").await;
    assert_eq!(ben.path().await, "/account");
}

/// From the admin's press to the invited user's first page, in a browser that knows nothing, with
/// JavaScript and without.
#[tokio::test]
async fn an_invitation_is_one_email_and_one_button_for_the_invited_user() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_admin("ana@example.com");
    let ana = stage.signed_in("ana@example.com").await;
    for (ben, without_javascript) in [("ben@example.com", false), ("bea@example.com", true)] {
        ana.open("/admin/people").await;
        if ben != "ben@example.com" {
            // With someone in the list, the form is folded.
            ana.opens("Invite someone").await;
        }
        ana.types("Email address", ben).await;
        ana.presses("Invite").await;
        ana.reads("is invited. The email is").await;

        let invited = stage.browser_with(&Traits { without_javascript, ..Traits::default() }).await;
        invited.open(&stage.gatepost.mail_to(ben, 1).await.invitation_link()).await;
        invited.reads_heading("You’re invited to Gatepost").await;
        assert_eq!(invited.path().await, "/auth/invitation", "the token has left the address bar");
        invited.presses(&format!("Sign in as {ben}")).await;
        invited.reads_heading("Your account").await;
        assert_eq!(invited.path().await, "/account");
        assert_eq!(stage.gatepost.all_mails_to(ben).await.len(), 1);
    }
}

#[tokio::test]
async fn the_waiting_page_counts_down_to_the_next_mail() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account("ana@example.com");
    let ana = stage.browser().await;
    ana.asks_for_mail("ana@example.com").await;
    stage.gatepost.mail_to("ana@example.com", 1).await;

    let first = countdown(&ana).await;
    assert!(!ana.control("Send another email").await.is_enabled().await.unwrap());
    patience::until("the countdown to count", async || (countdown(&ana).await != first).then_some(())).await;

    // The page's own clock jumps ahead: the button can be pressed, but the server still decides.
    ana.run("const now = Date.now; Date.now = () => now() + 60000").await;
    patience::until("the button to wake up", async || {
        ana.control("Send another email").await.is_enabled().await.unwrap().then_some(())
    })
    .await;
    ana.does_not_read("You can ask for another email").await;
    ana.presses("Send another email").await;
    ana.reads("You can ask for another email").await;
    assert_eq!(stage.gatepost.mails_to("ana@example.com").await.len(), 1);

    // Once the time has really come, the newer email counts.
    let old = stage.gatepost.mail_to("ana@example.com", 1).await;
    stage.gatepost.minutes_pass(1).await;
    ana.reload().await;
    ana.presses("Send another email").await;
    let new = stage.gatepost.mail_to("ana@example.com", 2).await;
    ana.open(&old.link()).await;
    ana.reads_heading("This link no longer works").await;
    ana.open(&new.link()).await;
    ana.presses("Sign in as ana@example.com").await;
    ana.reads_heading("Your account").await;
}

/// Returns the seconds that are left, as the page says them.
async fn countdown(browser: &crate::browser::Browser) -> String {
    let text = browser.text().await;
    let rest = text.split_once("You can ask for another email in ").map(|(_, rest)| rest.to_owned());
    let time = rest.unwrap_or_else(|| panic!("no countdown: {text}"));
    let time = time.split('.').next().unwrap().to_owned();
    let (minutes, seconds) = time.split_once(':').unwrap_or_else(|| panic!("no time: {time}"));
    assert!(minutes.parse::<u32>().is_ok() && seconds.parse::<u32>().is_ok(), "{time}");
    time
}

/// Chromium puts the caret before what was typed, so that a second try would end in the first one.
#[tokio::test]
async fn a_mistyped_address_is_marked_so_that_the_next_one_replaces_it() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account("ana@example.com");
    let ana = stage.browser().await;
    ana.open("/login").await;
    ana.types("Email address", "ana@example").await;
    ana.presses("Email me a link").await;
    ana.reads("should look like example.com").await;
    patience::until("the mark", async || {
        (ana.run("return getSelection().toString()").await == "ana@example").then_some(())
    })
    .await;
    ana.presses_keys("ana@example.com").await;
    ana.presses("Email me a link").await;
    ana.reads_heading("Check your inbox").await;
}

/// Some users press everything twice. The second press would find a link already used.
#[tokio::test]
async fn a_button_pressed_twice_signs_in_once() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account("ana@example.com");
    let ana = stage.browser().await;
    ana.asks_for_mail("ana@example.com").await;
    ana.open(&stage.gatepost.mail_to("ana@example.com", 1).await.link()).await;
    ana.control("Sign in as ana@example.com").await;
    ana.run("const button = document.querySelector('main button'); button.click(); button.click()").await;
    ana.reads_heading("Your account").await;
}

#[tokio::test]
async fn going_back_to_correct_the_address_works() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account("ana@example.com");
    let ana = stage.browser().await;
    ana.asks_for_mail("anna@example.com").await;
    ana.back().await;
    ana.reads_heading("Sign in to Gatepost").await;
    ana.types("Email address", "ana@example.com").await;
    ana.presses("Email me a link").await;
    ana.reads_heading("Check your inbox").await;
    ana.reads("Look for our newest email to ana@example.com").await;
    ana.enters_code("Code from the email", &stage.gatepost.mail_to("ana@example.com", 1).await.code()).await;
    ana.reads_heading("Your account").await;
}

#[tokio::test]
async fn without_javascript_the_link_signs_in() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account("ana@example.com");
    let ana = without_javascript(&stage).await;
    ana.asks_for_mail("ana@example.com").await;
    ana.open(&stage.gatepost.mail_to("ana@example.com", 1).await.link()).await;
    ana.reads_heading("Sign in to Gatepost").await;
    ana.presses("Sign in as ana@example.com").await;
    ana.reads_heading("Your account").await;

    // Every form here works, too.
    ana.types("Name", "Ana").await;
    ana.presses("Save name").await;
    ana.reads("Your name is saved.").await;
    ana.presses("Sign out").await;
    ana.reads_heading("Sign in to Gatepost").await;
}

#[tokio::test]
async fn without_javascript_the_code_signs_in() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account("ana@example.com");
    let ana = without_javascript(&stage).await;

    ana.open("/login").await;
    ana.types("Email address", "ana@example").await;
    ana.presses("Email me a link").await;
    ana.reads("should look like example.com").await;
    ana.types("Email address", "ana@example.com").await;
    ana.ticks("Keep me signed in on this device").await;
    ana.presses("Email me a link").await;
    ana.reads_heading("Check your inbox").await;

    let mail = stage.gatepost.mail_to("ana@example.com", 1).await;
    ana.types("Code from the email", "000-000").await;
    ana.presses("Continue").await;
    ana.reads("That code is wrong or has expired").await;
    // As a user types it who reads it off another screen.
    ana.types("Code from the email", &mail.code().to_lowercase().replace('-', " ")).await;
    ana.presses("Continue").await;
    ana.reads_heading("Your account").await;
    ana.does_not_read("Ends when the browser closes").await;
}

#[tokio::test]
async fn without_javascript_the_page_says_when_another_mail_can_be_asked_for() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account("ana@example.com");
    let ana = without_javascript(&stage).await;
    ana.asks_for_mail("ana@example.com").await;
    stage.gatepost.mail_to("ana@example.com", 1).await;
    ana.reads("seconds.").await;
    ana.presses("Send another email").await;
    ana.reads_heading("Check your inbox").await;
    ana.reads("You can ask for another email in").await;
    assert_eq!(stage.gatepost.mails_to("ana@example.com").await.len(), 1, "it was too early");

    stage.gatepost.minutes_pass(1).await;
    ana.presses("Send another email").await;
    stage.gatepost.mail_to("ana@example.com", 2).await;

    // Signed in by another tab: a reload moves on.
    let waiting = ana.opens_tab().await;
    ana.open(&stage.gatepost.mail_to("ana@example.com", 2).await.link()).await;
    ana.presses("Sign in as ana@example.com").await;
    ana.reads_heading("Your account").await;
    ana.turns_to_tab(waiting).await;
    ana.reads_heading("Check your inbox").await;
    ana.reload().await;
    ana.reads_heading("Your account").await;
}

async fn without_javascript(stage: &Stage) -> crate::browser::Browser {
    let browser = stage.browser_with(&Traits { without_javascript: true, ..Traits::default() }).await;
    // If scripts were on after all, this test would mean nothing.
    browser.open("data:text/html,<p>off<script>document.querySelector('p').textContent = 'on'</script>").await;
    assert_eq!(browser.text().await, "off");
    browser
}

/// Returns how often a code was sent since this was last called.
async fn codes_sent(browser: &crate::browser::Browser) -> usize {
    let asked = browser.log("performance").await;
    let sent = asked.iter().map(event).filter(|event| event["method"] == "Network.requestWillBeSent");
    let is_code = |event: &serde_json::Value| {
        let request = &event["params"]["request"];
        request["method"] == "POST" && request["url"].as_str().is_some_and(|url| url.ends_with("/login/code"))
    };
    sent.filter(is_code).count()
}

#[tokio::test]
async fn a_pasted_code_is_sent_once_by_itself() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account("ana@example.com");
    let ana = stage.browser().await;
    ana.asks_for_mail("ana@example.com").await;
    let code = stage.gatepost.mail_to("ana@example.com", 1).await.code();
    // As mail programs copy it, into the field that has the focus.
    let text = format!(" {} ", code.to_lowercase().replace('-', " "));
    ana.devtools("Input.insertText", json!({ "text": text })).await;
    ana.reads_heading("Your account").await;
    assert_eq!(codes_sent(&ana).await, 1);
}

#[tokio::test]
async fn after_a_wrong_code_a_new_one_is_sent_by_itself_and_neither_a_correction_nor_a_code_twice() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account("ana@example.com");
    let ana = stage.browser().await;
    ana.asks_for_mail("ana@example.com").await;
    let code = stage.gatepost.mail_to("ana@example.com", 1).await.code();
    ana.enters_code("Code from the email", "000-000").await;
    ana.reads("That code is wrong or has expired").await;
    assert_eq!(codes_sent(&ana).await, 1);
    let marked = "const field = document.activeElement; return [field.id, field.selectionStart, field.selectionEnd]";
    assert_eq!(ana.run(marked).await, json!(["code", 0, 7]));
    // The user takes it for a slip, and corrects one character after the other.
    ana.presses_key(Key::End).await;
    for last in ["1", "2", "0"] {
        ana.presses_key(Key::Backspace).await;
        ana.presses_keys(last).await;
    }
    assert_eq!(ana.run("return document.activeElement.value").await, json!("000-000"));
    assert_eq!(codes_sent(&ana).await, 0);
    // Another one, typed from its beginning.
    ana.enters_code("Code from the email", "000-001").await;
    ana.reads("That code is wrong or has expired").await;
    assert_eq!(codes_sent(&ana).await, 1);
    // It is known, however it is written.
    for wrong in ["000001", "000 001"] {
        ana.run("document.activeElement.select()").await;
        ana.devtools("Input.insertText", json!({ "text": wrong })).await;
        assert_eq!(ana.run("return document.activeElement.value").await, json!(wrong));
    }
    assert_eq!(codes_sent(&ana).await, 0);
    ana.run("document.activeElement.select()").await;
    ana.devtools("Input.insertText", json!({ "text": code })).await;
    ana.reads_heading("Your account").await;
    assert_eq!(codes_sent(&ana).await, 1);
}
