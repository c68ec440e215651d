//! Pages in states that follow wrong tries, other admins or other sign-ins. Each page has its stop
//! elsewhere.

use super::{
    Tour,
    security::{opens_an_email_link, sets_up_an_app},
};
use crate::{browser::Browser, chromedriver::Traits, stage::Stage};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const FAY: &str = "fay@example.com";
const PASSWORD: &str = "correct horse battery";

async fn turns_passwords_on(ana: &Browser) {
    ana.open("/admin/settings").await;
    ana.ticks("Password").await;
    ana.presses("Save").await;
    ana.reads("Settings saved.").await;
}

/// Opens a page until it says this: memory follows the database within a second.
async fn opens_until(browser: &Browser, path: &str, words: &str) {
    // Each try loads a page, so that this is longer than it takes memory.
    for _ in 0..200 {
        browser.open(path).await;
        if browser.text().await.contains(words) {
            return;
        }
    }
    panic!("{words:?} does not come: {}", browser.text().await);
}

async fn types_a_wrong_code(browser: &Browser) {
    browser.types("Code from your authenticator app", "000000").await;
    browser.presses("Continue").await;
}

#[tokio::test]
async fn sign_ins_that_go_wrong_have_pages_that_suit_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ANA);
    stage.gatepost.add_account(BEN);
    let mut tour = Tour::new("sign-in-states", &stage);
    let ana = stage.browser().await;
    opens_an_email_link(&stage, &ana, 1).await;
    ana.reads_heading("Your account").await;
    turns_passwords_on(&ana).await;
    sets_up_an_app(&ana).await;
    ana.open("/account/password").await;
    ana.types("New password", PASSWORD).await;
    ana.presses("Save password").await;
    ana.reads("Your password is set.").await;

    // Wrong codes, and a password that came by email.
    let lost = stage.browser().await;
    lost.open("/login/password").await;
    lost.types("Email address", ANA).await;
    lost.types("Password", PASSWORD).await;
    lost.presses("Sign in").await;
    types_a_wrong_code(&lost).await;
    lost.reads("That code is wrong").await;
    tour.glances(&lost, "a wrong code").await;
    stage.gatepost.changes(
        "INSERT OR REPLACE INTO totp_failures SELECT id, 20, (unixepoch() + 900) * 1000 FROM accounts WHERE is_admin",
    );
    types_a_wrong_code(&lost).await;
    lost.reads("Several codes were wrong.").await;
    lost.reads_heading("One more step").await;
    tour.glances(&lost, "codes paused").await;
    stage.gatepost.changes("UPDATE passwords SET from_mail = TRUE");
    lost.presses("Can’t use any of these?").await;
    tour.glances_in_both(&lost, "lost with a password from an email").await;

    let guesser = stage.browser().await;
    guesser.open("/login/password").await;
    let guesses = format!(
        "const guess = () => fetch('/login/password', {{ method: 'POST', body: new URLSearchParams({{ email: '{BEN}', password: 'no' }}) }});
        const done = arguments[arguments.length - 1];
        (async () => {{ for (let n = 0; n < 10; n++) await guess(); }})().then(() => done(null), error => done(String(error)));"
    );
    assert!(guesser.run_to_end(&guesses).await.is_null());
    guesser.open("/login/password").await;
    guesser.types("Email address", BEN).await;
    guesser.types("Password", "no").await;
    guesser.presses("Sign in").await;
    guesser.reads("Email me a link instead").await;
    tour.glances(&guesser, "passwords paused").await;

    // Sessions that end, and what a browser then remembers.
    ana.gets_an_authenticator().await;
    ana.offers_no_passkeys_unasked().await;
    ana.open("/account/passkeys").await;
    ana.presses("Add a passkey").await;
    ana.reads("Your passkey is added.").await;
    ana.open("/account").await;
    ana.presses("Sign out").await;
    ana.reads("You’re signed out.").await;
    tour.stops_at_an_answer(&ana, "signed out", "Sign in to Gatepost").await;
    ana.open("/login").await;
    ana.presses("Sign in with a passkey").await;
    ana.reads_heading("Your account").await;
    // A page says so once. So the German one follows another sign-out.
    let tab = ana.turns_to_german().await;
    ana.open("/account").await;
    ana.presses("Abmelden").await;
    ana.reads("Sie sind abgemeldet.").await;
    tour.stops_at_an_answer(&ana, "signed out in German", "Bei Gatepost anmelden").await;
    ana.leaves_german(tab).await;
    ana.open("/login").await;
    ana.reads("Forget me on this device").await;
    tour.glances_in_both(&ana, "passkey first").await;
    let ben = stage.signed_in(BEN).await;
    ben.open("/account/address").await;
    stage.gatepost.changes("DELETE FROM sessions");
    ben.types("New email address", FAY).await;
    ben.presses("Send confirmation email").await;
    ben.reads("Your session has ended").await;
    tour.stops(&ben, "session ended", "Sign in to Gatepost").await;
    tour.ends(&[&ana, &lost, &guesser, &ben]).await;
}

#[tokio::test]
async fn links_that_lead_nowhere_have_pages_that_suit_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ANA);
    stage.gatepost.add_account(BEN);
    let mut tour = Tour::new("link-states", &stage);
    let ana = stage.signed_in(ANA).await;
    ana.open("/admin/people").await;
    ana.opens("Invite someone").await;
    ana.types("Email address", FAY).await;
    ana.presses("Invite").await;
    ana.reads("is invited. The email is").await;
    let invitation = stage.gatepost.mail_to(FAY, 1).await.invitation_link();
    let ben = stage.signed_in(BEN).await;
    ben.open(&invitation).await;
    ben.reads(&format!("signed in here as {BEN}")).await;
    tour.glances_in_both(&ben, "invitation to another user").await;
    let fay = stage.browser().await;
    fay.open(&invitation).await;
    fay.presses(&format!("Sign in as {FAY}")).await;
    fay.reads_heading("Your account").await;
    ben.open(&invitation).await;
    ben.reads_heading("This invitation no longer works").await;
    tour.glances_in_both(&ben, "invitation used").await;

    let console = stage.gatepost.run(&["link", BEN]);
    let other = stage.browser().await;
    other.open(&console).await;
    other.presses(&format!("Sign in as {BEN}")).await;
    other.reads_heading("Your account").await;
    let stranger = stage.browser().await;
    stranger.open(&console).await;
    stranger.reads_heading("This link no longer works").await;
    tour.glances_in_both(&stranger, "console link used").await;
    stage.gatepost.minutes_pass(16).await;
    opens_until(&ben, "/step-up", "Verify it’s you").await;
    ben.presses(&format!("Email a link to {BEN}")).await;
    let link = stage.gatepost.mail_to(BEN, 1).await.link();
    stage.gatepost.minutes_pass(31).await;
    ben.open(&link).await;
    ben.reads_heading("This link no longer works").await;
    tour.glances_in_both(&ben, "step-up link expired").await;

    // Every way in is turned off.
    for name in ["email_link_enabled", "passkey_enabled", "password_enabled"] {
        stage.gatepost.changes(&format!("INSERT OR REPLACE INTO settings VALUES ('{name}', 'off', 0)"));
    }
    opens_until(&stranger, "/login", "Ask an admin for a link that signs you in once").await;
    tour.stops(&stranger, "no way in", "Sign-in is turned off").await;
    ana.open("/admin").await;
    tour.glances_in_both(&ana, "overview with no way in").await;
    tour.ends(&[&ana, &ben, &fay, &stranger]).await;
}

#[tokio::test]
async fn accounts_with_an_end_or_a_duty_have_pages_that_suit_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ANA);
    stage.gatepost.add_account(BEN);
    let mut tour = Tour::new("account-states", &stage);
    let ana = stage.signed_in(ANA).await;
    // An email verifies his address, without which no user can enrol a factor.
    let ben = stage.browser().await;
    ben.asks_for_mail(BEN).await;
    ben.open(&stage.gatepost.mail_to(BEN, 1).await.link()).await;
    ben.presses(&format!("Sign in as {BEN}")).await;
    ben.reads_heading("Your account").await;
    ben.open("/account/security").await;
    ben.presses("Set up an app").await;
    ben.types("Code shown in the app", "000000").await;
    ben.presses("Turn on").await;
    ben.reads("Wrong code.").await;
    tour.glances(&ben, "an app with a wrong code").await;
    // The end of a day (UTC), as forms set it.
    let in_a_month = "(unixepoch() / 86400 + 30) * 86400000";
    stage.gatepost.changes(&format!("UPDATE accounts SET ends_at = {in_a_month} WHERE NOT is_admin"));
    opens_until(&ben, "/account", "Your account ends on").await;
    tour.glances_in_both(&ben, "an account that ends").await;
    stage.gatepost.changes(&format!("UPDATE accounts SET guest_until = {in_a_month} WHERE NOT is_admin"));
    ana.open("/admin/people").await;
    tour.glances_in_both(&ana, "users of whom one ends").await;
    ana.presses(BEN).await;
    ana.reads("Guest until").await;
    tour.glances_in_both(&ana, "a guest").await;
    // No guest has to have one.
    stage.gatepost.changes("UPDATE accounts SET guest_until = NULL");
    let plain = stage.browser_with(&Traits { without_javascript: true, ..Traits::default() }).await;
    stage.signs_in(&plain, BEN).await;
    stage.gatepost.requires_second_factors();
    opens_until(&plain, "/account", "Set up a second factor first").await;
    tour.glances_without_axe(&plain, "a second factor is required").await;
    tour.ends(&[&ana, &ben, &plain]).await;
}
