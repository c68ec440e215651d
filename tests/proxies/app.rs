//! The app behind the proxy: it keeps every request that reaches it, and says so.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// The word by which a test knows the app's answer.
pub const HERE: &str = "this is the app";

/// A request as the app got it.
#[derive(Clone, Debug)]
pub struct Received {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Received {
    pub fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap()
    }

    /// Returns all values of a header, also under names that some servers take for the same.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let plain = |name: &str| name.to_ascii_lowercase().replace('_', "-");
        self.headers.iter().filter(|(own, _)| plain(own) == plain(name)).map(|(_, value)| value.as_str()).collect()
    }
}

#[derive(Clone)]
pub struct App {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl App {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let app = Self { address: listener.local_addr().unwrap(), received: Arc::default() };
        let serving = app.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let serving = serving.clone();
                thread::spawn(move || serving.serve(stream));
            }
        });
        app
    }

    /// Returns what has reached the app since the last call.
    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.received.lock().unwrap())
    }

    /// Answers one request, and closes.
    fn serve(&self, mut stream: TcpStream) -> Option<()> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            read_more(&mut stream, &mut bytes)?;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.lines();
        let line = lines.next()?.to_owned();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        let received = Received { line, headers, body: String::new() };
        let length: usize = received.all("content-length").first().map_or(0, |length| length.parse().unwrap());
        while bytes.len() < end + 4 + length {
            read_more(&mut stream, &mut bytes)?;
        }
        let body = String::from_utf8_lossy(&bytes[end + 4..]).into_owned();
        let is_socket = received.all("upgrade").iter().any(|to| to.eq_ignore_ascii_case("websocket"));
        let is_head = received.line.starts_with("HEAD ");
        self.received.lock().unwrap().push(Received { body, ..received });
        if is_socket {
            stream
                // The answer to the example key of RFC 6455, section 1.3.
                .write_all(
                    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                      Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
                )
                .ok()?;
            let mut word = Vec::new();
            read_more(&mut stream, &mut word)?;
            return stream.write_all(&word).ok();
        }
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nContent-Type: text/plain\r\nX-App: {HERE}\r\nConnection: close\r\n\r\n{}",
            HERE.len(),
            if is_head { "" } else { HERE }
        );
        stream.write_all(answer.as_bytes()).ok()
    }
}

fn read_more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let mut piece = [0; 4096];
    let length = stream.read(&mut piece).ok().filter(|length| *length > 0)?;
    bytes.extend_from_slice(&piece[..length]);
    Some(())
}
