//! Pages that a proxy shows on an app's host, where a page can load nothing.

use super::Tour;
use crate::{patience, stage::Stage, traffic};
use std::io;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A form that a user sends to an app.
const FORM: &str = "X-Forwarded-Method: POST\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
/// The app in a frame on another app's page.
const FRAME: &str = "X-Forwarded-Method: GET\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n";

/// Serves what Gatepost answers to a proxy that is asked for `wanted`, and returns its origin. A
/// browser writes `Sec-Fetch-Dest` by itself, so that the page in a frame could not be seen whole.
async fn proxy(stage: &Stage, wanted: &'static str) -> String {
    let gatepost = stage.gatepost.origin.replace("http://", "");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((browser, _)) = listener.accept().await {
            let gatepost = gatepost.clone();
            tokio::spawn(async move { passes_on(browser, &gatepost, wanted).await });
        }
    });
    origin
}

async fn passes_on(mut browser: TcpStream, gatepost: &str, wanted: &str) -> io::Result<()> {
    let mut request = vec![0; 8192];
    let length = browser.read(&mut request).await?;
    let request = String::from_utf8_lossy(&request[..length]).into_owned();
    let language = request.lines().find(|line| line.to_ascii_lowercase().starts_with("accept-language:"));
    let question = format!(
        "GET /forward-auth HTTP/1.1\r\nHost: {gatepost}\r\nConnection: close\r\n{}\r\n{wanted}\
         X-Forwarded-Proto: https\r\nX-Forwarded-Host: wiki.example.com\r\nX-Forwarded-Uri: /edit\r\n\r\n",
        language.unwrap_or("Accept-Language: en")
    );
    let mut stream = TcpStream::connect(gatepost).await?;
    stream.write_all(question.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    browser.write_all(&answer).await
}

#[tokio::test]
async fn what_a_proxy_shows_instead_of_an_app_suits_everybody() {
    let stage = Stage::with(&[("GATEPOST_TRUSTED_PROXIES", "127.0.0.1")]).await;
    stage.gatepost.has_app(("wiki", "https://wiki.example.com"), "one", false);
    let (waits, framed) = (proxy(&stage, FORM).await, proxy(&stage, FRAME).await);
    let mut tour = Tour::new("notices", &stage);
    let ana = stage.browser().await;
    ana.open(&waits).await;
    let ground = ana.run("return getComputedStyle(document.documentElement).backgroundColor").await;
    assert_ne!(ground, "rgba(0, 0, 0, 0)", "axe-core judges no contrast on a ground without a colour");
    tour.stops_at_an_answer(&ana, "a form waits", "Not sent yet").await;
    ana.open(&framed).await;
    tour.stops_at_an_answer(&ana, "in a frame", "Sign in first").await;
    ana.reads_german().await;
    ana.open(&waits).await;
    tour.stops_at_an_answer(&ana, "a form waits in German", "Noch nicht gesendet").await;
    ana.open(&framed).await;
    tour.stops_at_an_answer(&ana, "in a frame in German", "Bitte zuerst anmelden").await;
    let others = traffic::strangers(&ana, &waits).await;
    assert!(others.iter().all(|url| url.starts_with(&format!("{framed}/"))), "{others:?}");
    stage.gatepost.turns_apps_off();
    let ben = stage.browser().await;
    patience::until("apps to be turned off", async || {
        ben.open(&waits).await;
        ben.text().await.contains("Apps are turned off").then_some(())
    })
    .await;
    tour.stops_at_an_answer(&ben, "apps are turned off", "Apps are turned off").await;
    ana.open(&waits).await;
    tour.stops_at_an_answer(&ana, "apps are turned off, in German", "Apps sind ausgeschaltet").await;
    tour.ends(&[]).await;
}
