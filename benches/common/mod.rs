//! What the benchmarks share: the real binary on a database of its own, and clients that keep their connections.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

pub struct Gatepost {
    child: Child,
    pub address: SocketAddr,
    pub folder: TempDir,
}

impl Gatepost {
    /// Starts the binary; `env` goes on top of the usual.
    pub fn start(env: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatepost"));
        command
            .current_dir(folder.path())
            .env("ROCKET_PORT", port.to_string())
            .env("ROCKET_LOG_LEVEL", "off")
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let child = command.spawn().expect("the binary");
        let gatepost = Self { child, address: SocketAddr::from(([127, 0, 0, 1], port)), folder };
        gatepost.wait();
        gatepost
    }

    fn wait(&self) {
        for _ in 0..200 {
            if TcpStream::connect(self.address).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("it does not start");
    }

    /// Memory of the process in MiB: `VmRSS` as it is, `VmHWM` at its peak.
    #[allow(dead_code, reason = "not every benchmark asks")]
    pub fn memory(&self, which: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("the process");
        let line = status.lines().find(|line| line.starts_with(which)).expect("a line");
        let kib = line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).expect("a number");
        kib / 1024.0
    }

    pub fn database_url(&self, env: &[(&str, &str)]) -> String {
        let given = env.iter().find(|(key, _)| *key == "GATEPOST_DATABASE_URL").map(|(_, url)| (*url).to_owned());
        given.unwrap_or_else(|| format!("sqlite://{}", self.folder.path().join("gatepost.db").display()))
    }
}

impl Drop for Gatepost {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One connection that is kept, and a browser's cookies.
pub struct Client {
    stream: TcpStream,
    host: String,
    pub cookies: BTreeMap<String, String>,
    /// Where it says to come from, to a server that trusts it as a proxy.
    pub forwarded_for: Option<Ipv4Addr>,
    buffer: Vec<u8>,
}

pub struct Answer {
    pub status: u16,
    #[allow(dead_code, reason = "not every benchmark reads headers")]
    pub head: String,
    pub body: Vec<u8>,
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
            buffer: Vec::new(),
        }
    }

    pub fn get(&mut self, path: &str) -> Answer {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{}\r\n", self.host, self.own_headers());
        self.exchange(request.as_bytes())
    }

    pub fn post(&mut self, path: &str, body: &str) -> Answer {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n{}\r\n{body}",
            self.host,
            body.len(),
            self.own_headers()
        );
        self.exchange(request.as_bytes())
    }

    /// What a page's script sends.
    #[allow(dead_code, reason = "not every benchmark has a script")]
    pub fn post_json(&mut self, path: &str, body: &str) -> Answer {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{}\r\n{body}",
            self.host,
            body.len(),
            self.own_headers()
        );
        self.exchange(request.as_bytes())
    }

    fn own_headers(&self) -> String {
        let forwarded = self.forwarded_for.map(|address| format!("X-Forwarded-For: {address}\r\n")).unwrap_or_default();
        if self.cookies.is_empty() {
            return forwarded;
        }
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{forwarded}Cookie: {}\r\n", cookies.join("; "))
    }

    fn exchange(&mut self, request: &[u8]) -> Answer {
        self.stream.write_all(request).expect("written");
        let end = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
            self.fill();
        };
        let head = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
        let length = head
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned))
            .and_then(|length| length.trim().parse::<usize>().ok())
            .unwrap_or(0);
        // An answer without a length and without a body is sent in chunks of none.
        let chunked = head.to_lowercase().contains("transfer-encoding: chunked");
        let whole = loop {
            if chunked {
                if let Some(last) = find(&self.buffer[end..], b"0\r\n\r\n") {
                    break end + last + 5;
                }
            } else if self.buffer.len() >= end + length {
                break end + length;
            }
            self.fill();
        };
        let body = self.buffer[end..whole].to_vec();
        self.buffer.drain(..whole);
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
        for line in head.lines() {
            if let Some((name, value)) = line.split_once(": ")
                && name.eq_ignore_ascii_case("set-cookie")
                && let Some((name, value)) = value.split(';').next().and_then(|cookie| cookie.split_once('='))
            {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Answer { status, head, body }
    }

    fn fill(&mut self) {
        let mut piece = [0; 16 * 1024];
        let read = self.stream.read(&mut piece).expect("read");
        assert!(read > 0, "the server hung up");
        self.buffer.extend_from_slice(&piece[..read]);
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
