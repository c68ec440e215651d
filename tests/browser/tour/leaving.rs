//! The pages between this server and an app.

use super::Tour;
use crate::{
    browser::Browser,
    chromedriver::Traits,
    leaving::{Answer, app},
    stage::Stage,
    traffic,
};

const ANA: &str = "ana@example.com";
/// As long as hosts get. It has to fit a phone, too.
const LONG: &str = "wiki-of-the-research-department.universitaetsklinikum-heidelberg.localhost";

/// Returns a browser on the page that leads to this app's callback, by the `n`th email.
async fn leaves(stage: &Stage, n: usize, origin: &str, is_german: bool) -> Browser {
    let ana = stage.browser().await;
    ana.asks_for_mail(ANA).await;
    let mail = stage.gatepost.mail_to(ANA, n).await;
    stage.gatepost.leads_to_an_app(&format!("{origin}/callback"));
    if is_german {
        ana.reads_german().await;
    }
    ana.enters_code("Code from the email", &mail.code()).await;
    ana
}

/// Checks that nothing else was asked for elsewhere.
async fn asked_only_for(browsers: &[&Browser], stage: &Stage, callback: &str) {
    for browser in browsers {
        let strangers = traffic::strangers(browser, &stage.gatepost.origin).await;
        assert!(strangers.iter().all(|url| url == callback), "{strangers:?}");
    }
}

#[tokio::test]
async fn the_page_that_leads_to_an_app_suits_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    // The page stays, because the app's answer has no content.
    let near = app(Answer::NoContent).await;
    let far = near.replace("127.0.0.1", LONG);
    let mut tour = Tour::new("leaving", &stage);
    let ana = leaves(&stage, 1, &near, false).await;
    tour.stops_at_an_answer(&ana, "for an app", "You’re leaving Gatepost").await;
    asked_only_for(&[&ana], &stage, &format!("{near}/callback")).await;
    let ana = leaves(&stage, 2, &far, false).await;
    tour.stops_at_an_answer(&ana, "for an app with a long name", "You’re leaving Gatepost").await;
    let german = leaves(&stage, 3, &far, true).await;
    tour.stops_at_an_answer(&german, "for an app with a long name in German", "Sie verlassen Gatepost").await;
    asked_only_for(&[&ana, &german], &stage, &format!("{far}/callback")).await;
    tour.ends(&[]).await;
}

/// The page sends its form by itself. Without JavaScript the user presses its button.
#[tokio::test]
async fn the_form_that_brings_an_answer_to_an_app_suits_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    let callback = format!("{}/callback", app(Answer::NoContent).await);
    stage.gatepost.adds_oidc_app("demo", &callback, (true, false));
    let request = "client_id=demo&response_type=code&scope=openid&response_mode=form_post";
    let path = format!("/oidc/authorize?{request}&redirect_uri={callback}");
    let mut tour = Tour::new("form-post", &stage);
    let ana = stage.signed_in(ANA).await;
    ana.open(&path).await;
    tour.stops(&ana, "a form for an app", "You’re leaving Gatepost").await;
    asked_only_for(&[&ana], &stage, &callback).await;
    let plain = stage.browser_with(&Traits { without_javascript: true, ..Traits::default() }).await;
    stage.signs_in(&plain, ANA).await;
    plain.open(&path).await;
    tour.stops_without_axe(&plain, "a form that waits for its button", "You’re leaving Gatepost").await;
    tour.ends(&[&plain]).await;
}
