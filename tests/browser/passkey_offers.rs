//! A passkey is offered after a sign-in, made by the browser itself, and the browser is told of
//! each change.

use crate::{
    browser::Browser,
    chromedriver::Traits,
    patience,
    stage::Stage,
    tour::security::{code_in, sets_up_an_app},
};
use serde_json::{Value, json};

const ANA: &str = "ana@example.com";
const PASSWORD: &str = "correct horse battery staple";
const CARD: &str = "Sign in without waiting for an email";

/// Writes down what pages tell the browser of passkeys.
const LISTENS: &str = "
    for (const name of ['signalAllAcceptedCredentials', 'signalCurrentUserDetails', 'signalUnknownCredential']) {
        PublicKeyCredential[name] = async (told) => localStorage.setItem(name, JSON.stringify(told));
    }";
/// Can make passkeys by itself, and writes down how it was asked.
const MAKES_PASSKEYS: &str = "
    PublicKeyCredential.getClientCapabilities = async () => ({ conditionalCreate: true });
    const create = navigator.credentials.create.bind(navigator.credentials);
    navigator.credentials.create = async ({ mediation, publicKey }) => {
        localStorage.setItem('asked', mediation + ' ' + publicKey.authenticatorSelection.userVerification);
        return create({ publicKey });
    };";
/// Cannot, and writes down if it is asked all the same.
const MAKES_NONE: &str = "
    PublicKeyCredential.getClientCapabilities = async () => ({ conditionalCreate: false });
    navigator.credentials.create = async () => localStorage.setItem('asked', 'yes');";
/// From before both. A page must not fail there.
const KNOWS_NEITHER: &str = "
    for (const name of ['getClientCapabilities', 'signalAllAcceptedCredentials', 'signalCurrentUserDetails']) {
        delete PublicKeyCredential[name];
    }
    navigator.credentials.create = async () => localStorage.setItem('asked', 'yes');";

async fn begins_with(browser: &Browser, source: &str) {
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await;
}

async fn signs_in_by_link(stage: &Stage, browser: &Browser, mails: usize) {
    browser.asks_for_mail(ANA).await;
    browser.open(&stage.gatepost.mail_to(ANA, mails).await.link()).await;
    browser.presses(&format!("Sign in as {ANA}")).await;
    browser.reads_heading("Your account").await;
}

async fn noted(browser: &Browser, name: &str) -> Option<String> {
    browser.run(&format!("return localStorage.getItem('{name}')")).await.as_str().map(str::to_owned)
}

/// Returns how many passkeys the browser was told that the account has.
async fn told(browser: &Browser) -> usize {
    let told: Value = serde_json::from_str(&noted(browser, "signalAllAcceptedCredentials").await.unwrap()).unwrap();
    told["allAcceptedCredentialIds"].as_array().unwrap().len()
}

#[tokio::test]
async fn the_card_adds_a_passkey_and_the_browser_is_told_of_each_change() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account(ANA);
    let ana = stage.browser().await;
    ana.offers_no_passkeys_unasked().await;
    begins_with(&ana, LISTENS).await;
    ana.gets_an_authenticator().await;
    signs_in_by_link(&stage, &ana, 1).await;
    ana.reads(CARD).await;
    ana.presses("Add a passkey").await;
    ana.reads_heading("Your recovery codes").await;
    patience::until("the browser to be told", async || noted(&ana, "signalCurrentUserDetails").await).await;
    assert_eq!(told(&ana).await, 1);
    ana.open("/account").await;
    ana.reads_heading("Your account").await;
    ana.does_not_read(CARD).await;
    ana.types("Name", "Ana").await;
    ana.presses("Save name").await;
    ana.reads("Your name is saved.").await;
    patience::until("the browser to be told of the name", async || {
        noted(&ana, "signalCurrentUserDetails").await.filter(|told| told.contains("\"displayName\":\"Ana\""))
    })
    .await;
    ana.open("/account/passkeys").await;
    ana.find("a[href$='/remove']").await.click().await.unwrap();
    ana.presses("Remove passkey").await;
    ana.reads("The passkey is removed.").await;
    patience::until("the browser to be told of none", async || (told(&ana).await == 0).then_some(())).await;
    assert_eq!(noted(&ana, "signalUnknownCredential").await, None);
}

/// Chromium does what it is told: a removed passkey goes from its authenticator, too.
#[tokio::test]
async fn a_removed_passkey_is_no_longer_offered() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account(ANA);
    let ana = stage.browser().await;
    ana.offers_no_passkeys_unasked().await;
    let authenticator = ana.gets_a_changeable_authenticator().await;
    signs_in_by_link(&stage, &ana, 1).await;
    ana.presses("Add a passkey").await;
    ana.reads_heading("Your recovery codes").await;
    let kept = async || {
        let kept = ana.devtools("WebAuthn.getCredentials", json!({ "authenticatorId": authenticator })).await;
        kept["credentials"].as_array().unwrap().len()
    };
    assert_eq!(kept().await, 1);
    ana.open("/account/passkeys").await;
    ana.find("a[href$='/remove']").await.click().await.unwrap();
    ana.presses("Remove passkey").await;
    ana.reads("The passkey is removed.").await;
    patience::until("the passkey to go", async || (kept().await == 0).then_some(())).await;
}

/// The undo link of an email signs the browser out. So the browser learns of it after the next
/// sign-in.
#[tokio::test]
async fn an_undone_passkey_is_no_longer_offered_after_the_next_sign_in() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account(ANA);
    let (ana, reader) = (stage.browser().await, stage.browser().await);
    ana.offers_no_passkeys_unasked().await;
    begins_with(&ana, LISTENS).await;
    ana.gets_an_authenticator().await;
    signs_in_by_link(&stage, &ana, 1).await;
    ana.presses("Add a passkey").await;
    ana.reads_heading("Your recovery codes").await;
    assert_eq!(told(&ana).await, 1);
    let link = patience::until("the email with the link", async || {
        stage.gatepost.mails_to(ANA).await.iter().find_map(|mail| mail.url("/auth/undo?token="))
    });
    reader.open(&link.await).await;
    reader.presses("This wasn’t me: undo it").await;
    reader.reads_heading("Change undone").await;
    assert_eq!(told(&ana).await, 1);
    stage.signs_in(&ana, ANA).await;
    patience::until("the browser to be told of none", async || (told(&ana).await == 0).then_some(())).await;
    assert_eq!(noted(&ana, "signalUnknownCredential").await, None);
}

#[tokio::test]
async fn the_card_leads_on_without_javascript_and_stays_away_where_there_are_no_passkeys() {
    let stage = Stage::with_all_of_chromium().await;
    stage.gatepost.add_account(ANA);
    let old = stage.browser().await;
    begins_with(&old, "delete window.PublicKeyCredential").await;
    signs_in_by_link(&stage, &old, 1).await;
    old.does_not_read(CARD).await;

    let plain = stage.browser_with(&Traits { without_javascript: true, ..Traits::default() }).await;
    plain.open("/account").await;
    plain.takes_session_of(&old).await;
    plain.open("/account").await;
    plain.reads(CARD).await;
    plain.presses("Add a passkey").await;
    plain.reads("To use a passkey, turn on JavaScript in this browser.").await;
    plain.open("/account").await;
    plain.presses("Not now").await;
    plain.reads_heading("Your account").await;
    plain.does_not_read(CARD).await;
}

/// Ana, an admin, turns passwords on and sets one, and sets up an app; returns its secret.
async fn has_a_password_and_an_app(stage: &Stage) -> String {
    stage.gatepost.add_admin(ANA);
    let ana = stage.browser().await;
    signs_in_by_link(stage, &ana, 1).await;
    ana.open("/admin/settings").await;
    ana.ticks("Password").await;
    ana.presses("Save").await;
    ana.reads("Settings saved.").await;
    ana.open("/account/password").await;
    ana.types("New password", PASSWORD).await;
    ana.presses("Save password").await;
    ana.reads("Your password is set.").await;
    sets_up_an_app(&ana).await
}

/// Signs in by password and app, in a browser that begins each page with `source`.
async fn signs_in_by_password(stage: &Stage, secret: &str, seconds: u64, source: &str) -> Browser {
    let browser = stage.browser().await;
    browser.offers_no_passkeys_unasked().await;
    begins_with(&browser, source).await;
    browser.gets_an_authenticator().await;
    browser.open("/login").await;
    browser.types("Email address", ANA).await;
    browser.presses("Sign in with a password").await;
    browser.types("Password", PASSWORD).await;
    browser.presses("Sign in").await;
    browser.reads_heading("One more step").await;
    browser.types("Code from your authenticator app", &code_in(seconds, &browser, secret).await).await;
    browser.presses("Continue").await;
    browser.reads_heading("Your account").await;
    browser
}

#[tokio::test]
async fn after_a_password_and_an_app_a_browser_that_can_makes_a_passkey_by_itself() {
    let stage = Stage::with_all_of_chromium().await;
    let secret = has_a_password_and_an_app(&stage).await;

    // The step of the first code is used up; the next one is taken a little early.
    let source = format!("{LISTENS}{MAKES_PASSKEYS}");
    let other = signs_in_by_password(&stage, &secret, 30, &source).await;
    other.reads("Your browser saved a passkey for this account.").await;
    assert_eq!(noted(&other, "asked").await.as_deref(), Some("conditional required"));
    assert_eq!(other.path().await, "/account");
    patience::until("the browser to be told of it", async || (told(&other).await == 1).then_some(())).await;
    other.presses("Manage your passkeys").await;
    other.reads_heading("Passkeys").await;
    other.find("a[href$='/remove']").await;
}

#[tokio::test]
async fn a_browser_that_cannot_make_a_passkey_by_itself_is_not_asked() {
    for source in [MAKES_NONE, KNOWS_NEITHER] {
        let stage = Stage::with_all_of_chromium().await;
        let secret = has_a_password_and_an_app(&stage).await;
        let other = signs_in_by_password(&stage, &secret, 30, source).await;
        other.does_not_read("Your browser saved a passkey").await;
        other.open("/account/passkeys").await;
        other.reads_heading("Passkeys").await;
        assert_eq!(noted(&other, "asked").await, None);
        assert_eq!(crate::traffic::complaints(&other).await, Vec::<String>::new());
    }
}
