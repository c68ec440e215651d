//! The five account pre-hijacking attacks of Sudhodanan and Paverd (USENIX Security 2022),
//! scripted.
//!
//! In each, an attacker prepares an account before its owner first verifies the address. The
//! attacker hopes to be in it afterwards. The nearest that an attacker gets to such an account here
//! is a session by a console link. Where the pages refuse even then, the test writes into the
//! database, as a hole in them would.

use crate::{browser::Browser, harness::TestApp, set_up::console_session};
use gatepost::{
    db,
    domain::{
        AuthenticatorId, BrowserLabel, Clock, Entropy, HashMemory, Lifetime, Password, Token, TrustedDeviceId,
        assurance::Enrolled,
        recovery_code::{HashedCodes, RecoveryCode, Salt},
        totp::Authenticator,
        trusted_device::TrustedDevice,
    },
    entropy::SystemEntropy,
};

const VICTIM: &str = "ana@example.com";
const MALLORY: &str = "mallory@example.com";
const GOOD: &str = "correct horse battery";

async fn prepared() -> TestApp {
    let app = TestApp::new().await;
    app.add_account(VICTIM).await;
    app.set("password_enabled", "on").await;
    app.set("trusted_devices_enabled", "on").await;
    app
}

/// The owner comes for the first time, by the email link.
async fn the_owner_comes(app: &TestApp) -> Browser<'_> {
    app.clock.advance(Lifetime::minutes(16));
    app.signed_in(VICTIM).await
}

#[rocket::async_test]
async fn classic_federated_merge_a_password_from_before_is_worth_nothing() {
    let app = prepared().await;
    let mut mallory = console_session(&app, VICTIM).await;
    mallory.post("/account/password", &[("new_password", GOOD)]).await.assert_status(403);
    let (account, now) = (app.account_of(VICTIM).await.unwrap().id, app.clock.now());
    let hash = Password::present(GOOD).unwrap().hash(&SystemEntropy, &HashMemory::default()).unwrap();
    app.write(move |connection| db::passwords::set(connection, account, &hash, now)).await;
    the_owner_comes(&app).await;
    let mut browser = app.browser();
    browser.post("/login/password", &[("email", VICTIM), ("password", GOOD)]).await.assert_status(422);
    assert!(browser.is_signed_out().await);
}

#[rocket::async_test]
async fn unexpired_session_one_from_before_has_ended() {
    let app = prepared().await;
    let mut mallory = console_session(&app, VICTIM).await;
    assert!(mallory.is_signed_in_as(VICTIM).await);
    let mut owner = the_owner_comes(&app).await;
    app.a_second_later();
    assert!(mallory.is_signed_out().await && owner.is_signed_in_as(VICTIM).await);
    // Nor can the browser return with what it kept beside the session.
    mallory.get("/login/second-factor").await.assert_leads_to("/login");
}

#[rocket::async_test]
async fn trojan_identifier_nothing_that_was_added_before_opens_the_account() {
    let app = prepared().await;
    let mut mallory = console_session(&app, VICTIM).await;
    mallory.post("/account/totp", &[]).await.assert_status(403);
    mallory.post("/account/recovery-codes", &[]).await.assert_status(403);
    let (account, now) = (app.account_of(VICTIM).await.unwrap().id, app.clock.now());
    let trusted = Token::issue(&SystemEntropy);
    let (code, salt) = (RecoveryCode::issue(&SystemEntropy), Salt::issue(&SystemEntropy));
    let (secret, code_hash) = (trusted.hash(), code.hash(&salt, &HashMemory::default()).unwrap());
    app.write(move |connection| {
        let entropy: &dyn Entropy = &SystemEntropy;
        let trojan = Authenticator {
            id: AuthenticatorId::issue(entropy),
            account_id: account,
            name: gatepost::domain::factor_name::FactorName::of("Trojan", &[]),
            added_at: now,
            confirmed_at: None,
            last_used_at: None,
        };
        db::totp::insert(connection, &trojan, &[7; 60])?;
        db::totp::confirm(connection, trojan.id, now)?;
        let codes = HashedCodes { salt: salt.clone(), hashes: vec![code_hash.clone()] };
        db::recovery_codes::replace(connection, account, &codes, now)?;
        let device = TrustedDevice {
            id: TrustedDeviceId::issue(entropy),
            account_id: account,
            browser: BrowserLabel::from_user_agent(""),
            client: None,
            trusted_at: now,
            last_used_at: now,
        };
        db::trusted_devices::insert(connection, &device, &secret)
    })
    .await;
    // The owner is not asked for the trojan, and nothing of it remains.
    the_owner_comes(&app).await;
    let enrolled = app.read(move |connection| db::enrolled::of(connection, account)).await;
    assert_eq!(enrolled, Enrolled::default());
    let left = app
        .read(move |connection| {
            Ok((
                db::trusted_devices::of_account(connection, account)?.len(),
                db::recovery_codes::left(connection, account)?,
                db::totp::of_account(connection, account)?.len(),
                db::passkeys::of_account(connection, account)?.len(),
            ))
        })
        .await;
    assert_eq!(left, (0, 0, 0, 0));
}

#[rocket::async_test]
async fn unexpired_email_change_one_begun_before_moves_nothing() {
    let app = prepared().await;
    let mut mallory = console_session(&app, VICTIM).await;
    mallory.post("/account/address", &[("new_email", MALLORY)]).await.assert_leads_to("/account");
    let link = app.mail_to(MALLORY).await.link();
    the_owner_comes(&app).await;
    mallory.open(&link).await;
    for form in [&[][..], &[("this_device", "yes")], &[("this_device", "yes"), ("switch", "yes")]] {
        mallory.post("/auth/verify", form).await;
    }
    assert!(app.account_of(MALLORY).await.is_none() && app.account_of(VICTIM).await.is_some());
}

#[rocket::async_test]
async fn non_verifying_provider_an_address_that_was_only_typed_makes_no_account() {
    let app = TestApp::new().await;
    app.set("join_policy", "anyone").await;
    app.set("password_enabled", "on").await;
    let mut mallory = app.browser();
    mallory.post("/login", &[("email", VICTIM)]).await.assert_leads_to("/login/sent");
    mallory.post("/password/forgot", &[("email", VICTIM)]).await.assert_leads_to("/login/sent");
    assert!(app.account_of(VICTIM).await.is_none());
    let mut owner = the_owner_comes(&app).await;
    assert!(owner.is_signed_in_as(VICTIM).await);
    // The owner's arrival finishes nothing that began elsewhere.
    app.a_second_later();
    assert!(mallory.is_signed_out().await);
    mallory.get("/login/state").await.assert_status(200).assert_hides("true");
}
