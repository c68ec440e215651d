//! The page between this server and an app.

use super::Tour;
use crate::{
    leaving::{Answer, app},
    stage::Stage,
    traffic,
};

const ANA: &str = "ana@example.com";
/// As long as hosts get. It has to fit a phone, too.
const LONG: &str = "wiki-of-the-research-department.universitaetsklinikum-heidelberg.localhost";

#[tokio::test]
async fn the_page_that_leads_to_an_app_suits_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    // The page stays, because the app's answer has no content.
    let near = app(Answer::NoContent).await;
    let far = near.replace("127.0.0.1", LONG);
    let mut tour = Tour::new("leaving", &stage);
    for (mails, state, origin, heading) in [
        (1, "for an app", &near, "Taking you to the app"),
        (2, "for an app with a long name", &far, "Taking you to the app"),
        (3, "for an app with a long name in German", &far, "Weiter zur App"),
    ] {
        let ana = stage.browser().await;
        ana.asks_for_mail(ANA).await;
        let mail = stage.gatepost.mail_to(ANA, mails).await;
        stage.gatepost.leads_to_an_app(&format!("{origin}/callback"));
        if heading != "Taking you to the app" {
            ana.reads_german().await;
        }
        ana.enters_code("Code from the email", &mail.code()).await;
        tour.stops_at_an_answer(&ana, state, heading).await;
        // Nothing else was asked for elsewhere.
        let strangers = traffic::strangers(&ana, &stage.gatepost.origin).await;
        assert!(strangers.iter().all(|url| *url == format!("{origin}/callback")), "{strangers:?}");
    }
    tour.ends(&[]).await;
}
