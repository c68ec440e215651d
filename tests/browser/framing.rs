//! No page of ours is shown in a frame of another site.

use crate::stage::Stage;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Serves a site with two pages. One has a frame around the address in its query, and the other is
/// to be framed.
async fn framing_site() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        loop {
            let Ok((mut stream, _)) = listener.accept().await else { return };
            tokio::spawn(async move {
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                let target = request.split_whitespace().nth(1).and_then(|path| path.split_once('?'));
                let body = match target {
                    Some((_, url)) => format!("<h1>Outside</h1><iframe src=\"{url}\" width=600 height=400></iframe>"),
                    None => "<h1>Inside</h1>".to_owned(),
                };
                let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length:";
                let _ = stream.write_all(format!("{head} {}\r\n\r\n{body}", body.len()).as_bytes()).await;
            });
        }
    });
    origin
}

#[tokio::test]
async fn no_page_stands_in_a_frame() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin("ana@example.com");
    let ana = stage.signed_in("ana@example.com").await;
    let site = framing_site().await;

    // Framing works on this site.
    ana.open(&format!("{site}/?{site}/inside")).await;
    ana.enters_frame().await;
    ana.reads_heading("Inside").await;

    for path in ["/account", "/account/close", "/admin/settings", "/auth/verify", "/dev/mailbox", "/no-such-page"] {
        ana.open(&format!("{site}/?{}", stage.gatepost.url(path))).await;
        ana.reads_heading("Outside").await;
        ana.enters_frame().await;
        ana.waits_for_error_page().await;
        ana.does_not_read("ana@example.com").await;
    }
}
