//! Keys that sign tokens: made once, sealed, and replaced by schedule.

use crate::{
    harness::{Setup, TestApp},
    oidc_app::{Wanted, claims, keys, text, userinfo},
};
use gatepost::{
    domain::{
        Lifetime,
        oidc::{
            SigningAlg,
            client::{ClientRules, Refreshes},
        },
    },
    entropy::SystemEntropy,
    rotation::{self, Begin},
    sealing::{KeyRing, Role, Secret},
    signing::{self, PublicKey, TokenKind},
};
use rocket::futures::future::join;
use serde_json::json;
use strum::VariantArray;

const ANA: &str = "ana@example.com";

fn kids(keys: &[PublicKey]) -> Vec<&str> {
    keys.iter().map(|key| key.kid.as_str()).collect()
}

#[rocket::async_test]
async fn two_nodes_that_start_together_agree_on_their_keys() {
    let this = TestApp::new().await;
    let other = Setup::new().beside(&this).start().await;
    this.browser().get("/oidc/jwks.json").await.assert_status(404);
    this.a_second_later();
    let (one, two) = join(rotation::keep_up(&this.services), rotation::keep_up(&other.services)).await;
    one.unwrap();
    two.unwrap();
    let (ours, theirs) = (keys(&this).await, keys(&other).await);
    assert_eq!((ours.len(), kids(&ours)), (2, kids(&theirs)));
    let before = this.dump().await;
    rotation::keep_up(&this.services).await.unwrap();
    assert_eq!(this.dump().await, before, "nothing is due");
}

#[rocket::async_test]
async fn a_new_key_is_shown_before_it_signs_and_an_old_one_after() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let grafana = Wanted::default().register(&app).await;
    let old = keys(&app).await;
    app.clock.advance(Lifetime::days(87));
    rotation::keep_up(&app.services).await.unwrap();
    let shown = keys(&app).await;
    assert_eq!(shown.len(), 4, "old and new");
    let mut ana = app.signed_in(ANA).await;
    let signs = async |app: &TestApp, tokens: &serde_json::Value| {
        claims(app, tokens).await;
        crate::oidc_app::header(crate::oidc_app::text(tokens, "id_token"))["kid"].as_str().unwrap().to_owned()
    };
    let first = grafana.tokens(&mut ana, &[]).await;
    assert!(kids(&old).contains(&&*signs(&app, &first).await));
    app.clock.advance(Lifetime::days(4));
    let mut ana = app.signed_in(ANA).await;
    let second = grafana.tokens(&mut ana, &[]).await;
    assert!(!kids(&old).contains(&&*signs(&app, &second).await));
    claims(&app, &first).await;
    app.clock.advance(Lifetime::days(7));
    rotation::keep_up(&app.services).await.unwrap();
    app.a_second_later();
    let left = keys(&app).await;
    assert!(left.len() == 2 && kids(&left).iter().all(|kid| !kids(&old).contains(kid)));
}

#[rocket::async_test]
async fn a_stolen_key_is_withdrawn_at_once() {
    let app = TestApp::new().await;
    rotation::keep_up(&app.services).await.unwrap();
    let stolen = keys(&app).await;
    rotation::rotate(&app.services, Begin::Now).await.unwrap();
    app.a_second_later();
    let left = keys(&app).await;
    assert!(left.len() == 2 && kids(&left).iter().all(|kid| !kids(&stolen).contains(kid)));
    let signers = app.services.signers().await.unwrap();
    assert!(signers.signer(SigningAlg::Rs256, app.services.now()).is_some());
    assert!(app.audit().await.iter().any(|line| line.action.into_str() == "signing_keys_rotated"));
}

/// As `oidc rotate-keys` does without `--now`.
#[rocket::async_test]
async fn keys_that_the_operator_makes_are_shown_for_three_days_before_they_sign() {
    let app = TestApp::new().await;
    rotation::keep_up(&app.services).await.unwrap();
    let old = keys(&app).await;
    let from = rotation::rotate(&app.services, Begin::Usual).await.unwrap();
    assert_eq!(from, app.services.now().plus(Lifetime::days(3)));
    app.a_second_later();
    let shown = keys(&app).await;
    assert!(shown.len() == 4 && kids(&old).iter().all(|kid| kids(&shown).contains(kid)), "old and new");
    let signs = async || {
        let signers = app.services.signers().await.unwrap();
        SigningAlg::VARIANTS.iter().all(|alg| {
            let token = signers.signer(*alg, app.services.now()).unwrap().sign(TokenKind::IdToken, &json!({})).unwrap();
            kids(&old).contains(&crate::oidc_app::header(&token)["kid"].as_str().unwrap())
        })
    };
    app.clock.advance(Lifetime::days(2));
    assert!(signs().await, "the old ones");
    app.clock.advance(Lifetime::days(1));
    assert!(!signs().await, "the new ones");
}

#[rocket::async_test]
async fn keys_that_one_node_makes_are_known_to_another_a_second_later() {
    let this = TestApp::new().await;
    let other = Setup::new().beside(&this).start().await;
    rotation::keep_up(&this.services).await.unwrap();
    this.a_second_later();
    let before = keys(&other).await;
    for begin in [Begin::Usual, Begin::Now] {
        rotation::rotate(&this.services, begin).await.unwrap();
        this.a_second_later();
        let (ours, theirs) = (keys(&this).await, keys(&other).await);
        assert_eq!(kids(&ours), kids(&theirs), "{begin:?}");
        assert_ne!(kids(&theirs), kids(&before), "{begin:?}");
        // What the other one signs can be verified here.
        let signers = other.services.signers().await.unwrap();
        let signer = signers.signer(SigningAlg::Rs256, other.services.now()).unwrap();
        let token = signer.sign(TokenKind::IdToken, &json!({ "sub": "1" })).unwrap();
        assert!(signing::verify(&token, TokenKind::IdToken, &ours).is_some(), "{begin:?}");
    }
}

/// Each of them is in an app's hands when the keys change: those that sign, or the operator's file.
#[rocket::async_test]
async fn what_an_app_holds_counts_across_every_rotation_of_keys() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let rules = ClientRules { refreshes: Refreshes::Always, rotates: true, ..ClientRules::new(false) };
    let own = Wanted { rules, ..Wanted::default() }.register(&app).await;
    let mut ana = app.signed_in(ANA).await;
    let file = app.database.key_file.clone();
    for rotates_file in [false, true] {
        let rotates = async || {
            if rotates_file {
                // As `gatepost rotate-key` does first. It keeps the key from before for days.
                KeyRing::at(&file).add(&Secret::make(&SystemEntropy, Role::Sealing)).unwrap();
            } else {
                rotation::rotate(&app.services, Begin::Now).await.unwrap();
            }
            app.a_second_later();
        };
        let code = own.code(&mut ana, &[]).await;
        rotates().await;
        let (status, tokens) = own.redeem(&app, &code, &[]).await;
        assert_eq!(status, 200, "{tokens}");
        claims(&app, &tokens).await;
        let first = text(&tokens, "refresh_token").to_owned();
        rotates().await;
        assert_eq!(userinfo(&app, text(&tokens, "access_token")).await.0, 200);
        let (status, tokens) = own.refresh(&app, &first, &[]).await;
        assert_eq!(status, 200, "{tokens}");
        // The app never got this answer, and asks again.
        rotates().await;
        let (status, healed) = own.refresh(&app, &first, &[]).await;
        assert_eq!((status, text(&healed, "refresh_token")), (200, text(&tokens, "refresh_token")));
        claims(&app, &healed).await;
    }
}

#[rocket::async_test]
async fn the_database_holds_no_private_key() {
    let app = TestApp::new().await;
    rotation::keep_up(&app.services).await.unwrap();
    let dump = app.dump().await.to_uppercase();
    // The beginning of every PKCS#8 key of both kinds: its version and algorithm.
    for der in ["300D06092A864886F70D010101", "301306072A8648CE3D0201"] {
        assert!(!dump.contains(der));
    }
}
