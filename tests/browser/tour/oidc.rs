//! The pages between an app and its user's sign-in.

use super::Tour;
use crate::{browser::Browser, stage::Stage};

const ANA: &str = "ana@example.com";
const CALLBACK: &str = "https://app.example.com/callback";

fn path(slug: &str, more: &str) -> String {
    let uri = "https%3A%2F%2Fapp.example.com%2Fcallback";
    format!(
        "/oidc/authorize?client_id={slug}&redirect_uri={uri}&response_type=code&scope=openid+profile+email+groups{more}"
    )
}

#[tokio::test]
async fn the_pages_between_an_app_and_its_user_suit_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    for (slug, is_open, is_of_others) in [("open", true, false), ("not-hers", false, false), ("others", true, true)] {
        stage.gatepost.adds_oidc_app(slug, CALLBACK, (is_open, is_of_others));
    }
    let mut tour = Tour::new("oidc", &stage);
    let stranger = stage.browser().await;
    stranger.open(&path("unknown", "")).await;
    tour.stops(&stranger, "an unknown app", "This sign-in can’t continue").await;
    let ana = stage.signed_in(ANA).await;
    ana.open(&path("open", "&prompt=select_account")).await;
    tour.stops(&ana, "which account", "Choose an account").await;
    ana.open(&path("not-hers", "")).await;
    tour.stops(&ana, "not for this user", "You can’t open A name of an app that is as long as a name of an app may be")
        .await;
    ana.open(&path("others", "+offline_access")).await;
    tour.stops(&ana, "an app of others", "Share your data with this app?").await;
    ana.open("/oidc/logout?client_id=open").await;
    tour.stops(&ana, "signing out from an app", "Sign out?").await;
    ana.presses("Sign out").await;
    tour.stops(&ana, "signed out from an app", "You’re signed out").await;
    tour.ends(&[&ana, &stranger]).await;
}

#[tokio::test]
async fn the_pages_that_sign_in_a_device_suit_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    stage.gatepost.adds_oidc_app("television", CALLBACK, (true, true));
    stage.gatepost.signs_in_devices("television");
    let mut tour = Tour::new("devices", &stage);
    let ana = stage.signed_in(ANA).await;
    ana.open("/device").await;
    tour.stops(&ana, "no device yet", "Sign in a device").await;
    ana.types("Code on the device", "BCDF-GHJK").await;
    ana.presses("Continue").await;
    ana.reads("That code is wrong or has expired.").await;
    tour.stops(&ana, "a wrong code", "Sign in a device").await;

    asks(&stage, &ana).await;
    tour.stops(&ana, "a device asks", "Let this device sign in?").await;
    ana.presses("Don’t allow").await;
    tour.stops(&ana, "a device refused", "The device isn’t signed in").await;

    asks(&stage, &ana).await;
    ana.presses("Allow").await;
    tour.stops(&ana, "a device signed in", "The device is signed in").await;

    asks(&stage, &ana).await;
    ana.reads_heading("Let this device sign in?").await;
    stage.gatepost.minutes_pass(11).await;
    ana.reload().await;
    tour.stops(&ana, "a device too late", "This code has expired").await;
    tour.ends(&[&ana]).await;
}

/// Has a device ask, and its user type the code.
async fn asks(stage: &Stage, ana: &Browser) {
    let shown = stage.gatepost.device_asks("television").await;
    ana.open("/device").await;
    ana.types("Code on the device", &shown).await;
    ana.presses("Continue").await;
}
