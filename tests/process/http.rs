//! A minimal HTTP client: one request for each connection, cookies, no redirects.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, StreamOwned, pki_types::ServerName};

#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// A browser's cookies and the server it talks to.
#[derive(Clone)]
pub struct Visitor {
    pub server: SocketAddr,
    pub cookies: BTreeMap<String, String>,
    /// The authorities that the browser trusts, for TLS.
    pub tls: Option<Arc<ClientConfig>>,
}

impl Visitor {
    pub fn new(server: SocketAddr) -> Self {
        Self { server, cookies: BTreeMap::new(), tls: None }
    }

    pub fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.send(&format!("GET {path} HTTP/1.1\r\n{}\r\n", self.common()))
    }

    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> io::Result<Answer> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = format!(
            "POST {path} HTTP/1.1\r\n{}Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.common(),
            body.len()
        );
        self.send(&request)
    }

    pub fn post_json(&mut self, path: &str, body: &str) -> io::Result<Answer> {
        let request = format!(
            "POST {path} HTTP/1.1\r\n{}Sec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.common(),
            body.len()
        );
        self.send(&request)
    }

    pub fn common(&self) -> String {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = if cookies.is_empty() { String::new() } else { format!("Cookie: {}\r\n", cookies.join("; ")) };
        format!(
            "Host: localhost:{}\r\nConnection: close\r\nUser-Agent: Firefox/140.0 (Linux)\r\n{cookies}",
            self.server.port()
        )
    }

    pub fn send(&mut self, request: &str) -> io::Result<Answer> {
        let mut stream = TcpStream::connect_timeout(&self.server, Duration::from_secs(120))?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        let answer = match &self.tls {
            None => {
                stream.write_all(request.as_bytes())?;
                read_answer(&mut stream)?
            }
            Some(trusted) => {
                let name = ServerName::try_from("localhost").unwrap();
                let connection = ClientConnection::new(Arc::clone(trusted), name).map_err(io::Error::other)?;
                let mut stream = StreamOwned::new(connection, stream);
                stream.write_all(request.as_bytes())?;
                read_answer(&mut stream)?
            }
        };
        for (name, value) in &answer.headers {
            if name.eq_ignore_ascii_case("set-cookie") {
                let (cookie, attributes) = value.split_once(';').unwrap_or((value, ""));
                let (name, value) = cookie.split_once('=').unwrap();
                if attributes.contains("Max-Age=0") {
                    self.cookies.remove(name);
                } else {
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
            }
        }
        Ok(answer)
    }
}

pub fn read_answer(stream: &mut impl Read) -> io::Result<Answer> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let cut_off = || io::Error::new(io::ErrorKind::UnexpectedEof, "the answer was cut off");
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(cut_off)?;
    let mut lines = head.lines();
    let status =
        lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).ok_or_else(cut_off)?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    // The places where an address may break are invisible.
    Ok(Answer { status, headers, body: body.replace("<wbr>", "") })
}
