//! From a form of ours to an app on another origin, which `form-action 'self'` would stop as a
//! redirect.

use crate::{chromedriver::Traits, stage::Stage, traffic};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

/// Answer of an app.
#[derive(Clone, Copy)]
pub enum Answer {
    Page,
    /// Nothing new to see: the browser keeps the page that it has.
    NoContent,
}

/// Serves an app, and returns its origin.
pub async fn app(answer: Answer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        loop {
            let Ok((mut stream, _)) = listener.accept().await else { return };
            tokio::spawn(async move {
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..length]).to_lowercase();
                let referrer = if request.contains("\nreferer:") { "with a referrer" } else { "without a referrer" };
                let method = request.split(' ').next().unwrap_or_default();
                let body = format!("<title>App</title><h1>The app</h1><p>{method} {referrer}</p>");
                let head = match answer {
                    Answer::Page => format!("200 OK\r\nContent-Type: text/html\r\nContent-Length: {}", body.len()),
                    Answer::NoContent => "204 No Content".to_owned(),
                };
                let body = if matches!(answer, Answer::Page) { &*body } else { "" };
                let whole = format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n{body}");
                let _ = stream.write_all(whole.as_bytes()).await;
            });
        }
    });
    origin
}

#[tokio::test]
async fn a_form_ends_at_an_app_on_another_origin_with_javascript_and_without() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    let app = app(Answer::Page).await;
    for without_javascript in [false, true] {
        let traits = Traits { without_javascript, ..Traits::default() };
        let ana = stage.browser_with(&traits).await;
        ana.open(&stage.gatepost.run(&["link", ANA])).await;
        ana.reads_heading("Sign in to Gatepost").await;
        stage.gatepost.leads_to_an_app(&format!("{app}/callback?code=x&state=y"));
        traffic::complaints(&ana).await;
        ana.presses(&format!("Sign in as {ANA}")).await;
        ana.reads_heading("The app").await;
        assert_eq!(ana.address().await, format!("{app}/callback?code=x&state=y"));
        ana.reads("get without a referrer").await;
        let complaints = traffic::complaints(&ana).await;
        assert!(!complaints.iter().any(|text| text.contains("Content Security Policy")), "{complaints:?}");
        assert!(ana.is_signed_in_as(ANA).await);
    }
}

/// The app's page hears through its opener that the sign-in is over. `Cross-Origin-Opener-Policy`
/// of one page or redirect on the way would cut that for good.
#[tokio::test]
async fn a_popup_of_an_app_keeps_its_opener_through_a_change_of_the_account() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    stage.gatepost.add_account(BEN);
    let app = app(Answer::Page).await;
    stage.gatepost.adds_oidc_app("demo", &format!("{app}/callback"), (true, false));
    stage.gatepost.signs_in_in_a_popup("demo");
    let browser = stage.signed_in(ANA).await;
    browser.open(&app).await;
    let request = "client_id=demo&response_type=code&scope=openid&prompt=select_account";
    let request = format!("/oidc/authorize?{request}&redirect_uri={app}/callback");
    browser.opens_popup(&stage.gatepost.url(&request)).await;
    browser.reads_heading("Choose an account").await;
    browser.presses("Use another account").await;
    browser.reads_heading("Sign in to Gatepost").await;
    browser.types("Email address", BEN).await;
    browser.presses("Email me a link").await;
    browser.reads_heading("Check your inbox").await;
    browser.enters_code("Code from the email", &stage.gatepost.mail_to(BEN, 1).await.code()).await;
    browser.reads_heading("The app").await;
    assert_eq!(browser.run("return opener !== null").await, true);
}
