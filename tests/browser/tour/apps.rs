//! The pages on the way into an app and out of it.

use super::Tour;
use crate::{
    leaving::{Answer, app},
    stage::Stage,
};
const ANA: &str = "ana@example.com";
/// SHA-256 of no secret that any browser has, and the path `/`.
const REST: &str = "way=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&to=Lw";

#[tokio::test]
async fn the_pages_between_gatepost_and_an_app_suit_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    // The page stays, because the app's answer has no content.
    let near = app(Answer::NoContent).await;
    let host = near.strip_prefix("http://").unwrap().to_owned();
    for (slug, host, requires, is_open) in [
        ("closed", "https://closed.example.com", "one", false),
        ("strong", "https://strong.example.com", "two", true),
        ("strongest", "https://strongest.example.com", "passkey", true),
        ("wiki", &near, "one", true),
    ] {
        stage.gatepost.has_app((slug, host), requires, is_open);
    }
    let mut tour = Tour::new("apps", &stage);
    let ana = stage.browser().await;
    stage.signs_in(&ana, ANA).await;
    ana.open("/apps/refused?app=closed").await;
    tour.stops(&ana, "not for you", "You can’t open Wiki").await;
    ana.open("/apps/refused?app=wiki").await;
    tour.stops(&ana, "for you after all", "You can open Wiki").await;
    ana.open("/apps/sign-out").await;
    tour.stops(&ana, "signing out", "Sign out?").await;
    let enter = |slug: &str| format!("/apps/enter?app={slug}&host={slug}.example.com&{REST}");
    ana.open(&enter("strong")).await;
    tour.stops(&ana, "strong", "Wiki needs a second factor").await;
    ana.open(&enter("strongest")).await;
    tour.stops(&ana, "strongest", "Wiki needs a passkey").await;
    let then = enter("wiki").replace('?', "%3F").replace('=', "%3D").replace('&', "%26");
    ana.open(&format!("/step-up?then={then}&need=one")).await;
    tour.stops(&ana, "a proof for an app", "Verify it’s you").await;
    let enter = format!("/apps/enter?app=wiki&host={host}&{REST}");
    for _ in 0..4 {
        assert_eq!(ana.run(&format!("return fetch('{enter}').then(answer => answer.status)")).await, 200);
    }
    ana.open(&enter).await;
    tour.stops(&ana, "no cookies", "Wiki can’t keep you signed in").await;
    // The last app, by its row.
    let leave = "return fetch('/account/apps/sign-out', { method: 'POST', body: new URLSearchParams({ app: '0000000000000004' }) })";
    assert_eq!(ana.run(&format!("{leave}.then(answer => answer.status)")).await, 200);
    ana.open(&enter).await;
    tour.stops(&ana, "after signing out of it", "Open Wiki again?").await;
    tour.ends(&[&ana]).await;
}
