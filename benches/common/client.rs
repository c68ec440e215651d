//! A client that keeps its connection and its cookies, as a browser does.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
};

/// One connection that is kept, and a browser's cookies.
pub struct Client {
    stream: TcpStream,
    host: String,
    pub cookies: BTreeMap<String, String>,
    /// The client address to claim, for a server that trusts this client as a proxy.
    pub forwarded_for: Option<Ipv4Addr>,
    /// More lines of the head, each with its end.
    pub more: &'static str,
    buffer: Vec<u8>,
    /// The head of the last answer: it may say why the server closes the connection.
    last: String,
}

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// Returns the cookies that the answer sets.
    fn cookies(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let set = lines.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        set.filter_map(|(_, cookie)| cookie.split(';').next().and_then(|cookie| cookie.split_once('=')))
    }
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        Self {
            stream,
            host: format!("localhost:{}", address.port()),
            cookies: BTreeMap::new(),
            forwarded_for: None,
            more: "",
            buffer: Vec::new(),
            last: String::new(),
        }
    }

    pub fn get(&mut self, path: &str) -> Answer {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{}\r\n", self.host, self.own_headers());
        self.exchange(request.as_bytes())
    }

    pub fn post(&mut self, path: &str, form: &str) -> Answer {
        self.send(path, "application/x-www-form-urlencoded", form)
    }

    /// Sends a POST as a page of the same origin does.
    pub fn send(&mut self, path: &str, content_type: &str, body: &str) -> Answer {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n{}\r\n{body}",
            self.host,
            body.len(),
            self.own_headers()
        );
        self.exchange(request.as_bytes())
    }

    fn own_headers(&self) -> String {
        let forwarded = self.forwarded_for.map(|address| format!("X-Forwarded-For: {address}\r\n")).unwrap_or_default();
        let forwarded = forwarded + self.more;
        if self.cookies.is_empty() {
            return forwarded;
        }
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{forwarded}Cookie: {}\r\n", cookies.join("; "))
    }

    /// Reads no more of the answer than it must, and copies little. The client shares the machine
    /// with what is measured.
    fn exchange(&mut self, request: &[u8]) -> Answer {
        self.stream.write_all(request).expect("written");
        let head = loop {
            if let Some(head) = Head::read(&self.buffer) {
                break head;
            }
            self.fill();
        };
        let end = head.end;
        let whole = loop {
            match head.body {
                Body::Sized(length) if self.buffer.len() >= end + length => break end + length,
                Body::Chunked => {
                    if let Some(last) = self.buffer[end..].windows(5).position(|piece| piece == b"0\r\n\r\n") {
                        break end + last + 5;
                    }
                }
                Body::Sized(_) => {}
            }
            self.fill();
        };
        let body = self.buffer[end..whole].to_vec();
        let text = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
        self.buffer.drain(..whole);
        self.last.clone_from(&text);
        let answer = Answer { status: head.status, head: text, body };
        if head.sets_cookies {
            self.keep_cookies(&answer);
        }
        answer
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for (name, value) in answer.cookies() {
            // An empty value deletes the cookie.
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn fill(&mut self) {
        let mut piece = [0; 16 * 1024];
        let read = self.stream.read(&mut piece).expect("read");
        assert!(read > 0, "the server hung up after {}", self.last);
        self.buffer.extend_from_slice(&piece[..read]);
    }
}

/// Facts that the head of an answer tells about the rest.
struct Head {
    status: u16,
    /// Offset of the body.
    end: usize,
    body: Body,
    sets_cookies: bool,
}

enum Body {
    Sized(usize),
    /// An answer without a length and a body is sent as no chunks.
    Chunked,
}

impl Head {
    /// Returns `None` while the head is not whole.
    fn read(octets: &[u8]) -> Option<Self> {
        let mut lines = [httparse::EMPTY_HEADER; 64];
        let mut answer = httparse::Response::new(&mut lines);
        let httparse::Status::Complete(end) = answer.parse(octets).expect("an answer") else { return None };
        let line = |name: &str| answer.headers.iter().find(|line| line.name.eq_ignore_ascii_case(name));
        let length = line("content-length").and_then(|line| std::str::from_utf8(line.value).ok()?.parse().ok());
        let body = match line("transfer-encoding") {
            Some(_) => Body::Chunked,
            None => Body::Sized(length.unwrap_or(0)),
        };
        Some(Self { status: answer.code.expect("a status"), end, body, sets_cookies: line("set-cookie").is_some() })
    }
}
