//! An app's server as far as Gatepost asks it: takes requests on loopback, and answers as told.

use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// Answer of the receiver: a status, further headers, a body.
#[derive(Clone, Debug)]
pub struct Says {
    pub status: u16,
    pub headers: String,
    pub body: String,
}

impl Says {
    pub fn status(status: u16) -> Self {
        Self { status, headers: String::new(), body: String::new() }
    }
}

pub struct Receiver {
    pub port: u16,
    scheme: &'static str,
    says: Arc<Mutex<Says>>,
    /// Each request: head and body.
    got: Arc<Mutex<Vec<(String, String)>>>,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    pub async fn start() -> Self {
        Self::begin(None).await
    }

    pub async fn with_tls(tls: TlsAcceptor) -> Self {
        Self::begin(Some(tls)).await
    }

    async fn begin(tls: Option<TlsAcceptor>) -> Self {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (says, got) = (Arc::new(Mutex::new(Says::status(200))), Arc::new(Mutex::new(Vec::new())));
        let (told, kept) = (Arc::clone(&says), Arc::clone(&got));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                match &tls {
                    None => serve(stream, &told, &kept).await,
                    // A client that does not trust the certificate hangs up.
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            serve(stream, &told, &kept).await;
                        }
                    }
                }
            }
        });
        Self { port, scheme, says, got, task }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}://127.0.0.1:{}{path}", self.scheme, self.port)
    }

    pub fn answers(&self, says: Says) {
        *self.says.lock().unwrap() = says;
    }

    /// Returns what has come since the last call.
    pub fn taken(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *self.got.lock().unwrap())
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    says: &Mutex<Says>,
    got: &Mutex<Vec<(String, String)>>,
) {
    let mut octets = Vec::new();
    let (head, length) = loop {
        let mut part = [0; 4096];
        let count = stream.read(&mut part).await.unwrap_or(0);
        if count == 0 {
            return;
        }
        octets.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&octets).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length:").map(|n| n.trim().parse::<usize>().unwrap())
            });
            break (head.to_owned(), length.unwrap_or(0));
        }
    };
    while octets.len() < head.len() + 4 + length {
        let mut part = [0; 4096];
        let count = stream.read(&mut part).await.unwrap_or(0);
        if count == 0 {
            return;
        }
        octets.extend_from_slice(&part[..count]);
    }
    let body = String::from_utf8_lossy(&octets[head.len() + 4..]).into_owned();
    got.lock().unwrap().push((head, body));
    let Says { status, headers, body } = says.lock().unwrap().clone();
    let answer =
        format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}", body.len());
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}
