//! A mail server that answers one verb in one odd way, and every other verb correctly.

use crate::smtp_sink::{Arrived, certificates};
use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    Dot,
    Rset,
    Quit,
}

impl At {
    pub const ALL: [Self; 10] = [
        Self::Greeting,
        Self::Ehlo,
        Self::StartTls,
        Self::Auth,
        Self::Mail,
        Self::Rcpt,
        Self::Data,
        Self::Dot,
        Self::Rset,
        Self::Quit,
    ];

    /// Returns the code of a yes.
    const fn yes(self) -> &'static str {
        match self {
            Self::Greeting | Self::StartTls => "220",
            Self::Auth => "235",
            Self::Data => "354",
            Self::Quit => "221",
            Self::Ehlo | Self::Mail | Self::Rcpt | Self::Dot | Self::Rset => "250",
        }
    }
}

/// Meaning of an answer to a correct reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    Yes,
    Later,
    Never,
    Nothing,
    /// A yes, and an extra reply.
    YesTwice,
}

pub struct Way {
    pub name: &'static str,
    pub meaning: Meaning,
    /// `{}` is replaced by the code of a yes.
    octets: &'static [u8],
    then: Then,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Listen,
    Close,
    Reset,
    /// Says nothing and closes nothing.
    Hang,
    /// Sends it octet by octet.
    Drip,
    /// Sends it very often.
    Repeat,
}

impl Way {
    /// Returns whether the server neither answers nor hangs up.
    pub const fn hangs(&self) -> bool {
        matches!(self.then, Then::Hang | Then::Repeat)
    }
}

const fn way(name: &'static str, meaning: Meaning, octets: &'static [u8], then: Then) -> Way {
    Way { name, meaning, octets, then }
}

pub const WAYS: [Way; 27] = [
    way("as usual", Meaning::Yes, b"{} ok\r\n", Then::Listen),
    way("no text", Meaning::Yes, b"{}\r\n", Then::Listen),
    way("a space and no text", Meaning::Yes, b"{} \r\n", Then::Listen),
    way("no space", Meaning::Yes, b"{}ok\r\n", Then::Listen),
    way("a tab", Meaning::Yes, b"{}\tok\r\n", Then::Listen),
    way("Latin-1", Meaning::Yes, b"{} angenommen f\xfcr Sie\r\n", Then::Listen),
    way("a bare line feed", Meaning::Yes, b"{} ok\n", Then::Listen),
    way("several lines", Meaning::Yes, b"{}-one\r\n{}-\r\n{} two\r\n", Then::Listen),
    way("several lines without text", Meaning::Yes, b"{}-\r\n{}\r\n", Then::Listen),
    way("a NUL in the text", Meaning::Yes, b"{} o\0k\r\n", Then::Listen),
    way("an enhanced code that says something else", Meaning::Yes, b"{} 5.7.1 ok\r\n", Then::Listen),
    way("octet by octet", Meaning::Yes, b"{} ok\r\n", Then::Drip),
    way("421", Meaning::Later, b"421 4.3.2 closing\r\n", Then::Close),
    way("4xx", Meaning::Later, b"451 4.3.0 later\r\n", Then::Listen),
    way("4xx without text", Meaning::Later, b"451\n", Then::Listen),
    way("5xx", Meaning::Never, b"554 5.7.1 no\r\n", Then::Listen),
    way("5xx in lines, an enhanced code that says yes", Meaning::Never, b"550-\r\n550 2.0.0 no\r\n", Then::Listen),
    way("closes", Meaning::Nothing, b"", Then::Close),
    way("resets", Meaning::Nothing, b"", Then::Reset),
    way("says nothing", Meaning::Nothing, b"", Then::Hang),
    way("half a line and then nothing", Meaning::Nothing, b"{} o", Then::Hang),
    way("half a line and closes", Meaning::Nothing, b"{} o", Then::Close),
    way("no code", Meaning::Nothing, b"hello\r\n", Then::Hang),
    way("NULs", Meaning::Nothing, b"\0\0\0\0\r\n", Then::Hang),
    way("lines that contradict each other", Meaning::Nothing, b"{}-ok\r\n550 no\r\n", Then::Hang),
    way("lines without end", Meaning::Nothing, b"{}-more and more and more and more and more\r\n", Then::Repeat),
    way("two answers at once", Meaning::YesTwice, b"{} ok\r\n{} ok\r\n", Then::Listen),
];

#[derive(Clone)]
pub struct OddServer {
    pub address: SocketAddr,
    pub ca_pem: String,
    state: Arc<State>,
}

struct State {
    at: At,
    way: &'static Way,
    is_odd: AtomicBool,
    starttls: bool,
    /// Emails whose final dot came, with any answer: recipient and email.
    handed: Mutex<Vec<Arrived>>,
}

impl OddServer {
    pub async fn start(at: At, way: &'static Way) -> Self {
        let (ca_pem, tls) = certificates("localhost");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let state = Arc::new(State {
            at,
            way,
            is_odd: AtomicBool::new(true),
            starttls: at == At::StartTls,
            handed: Mutex::default(),
        });
        let server = Self { address: listener.local_addr().unwrap(), ca_pem, state: Arc::clone(&state) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, tls.clone(), Arc::clone(&state)));
            }
        });
        server
    }

    pub fn url(&self) -> String {
        let tls = if self.state.starttls { "" } else { "?tls=none" };
        // A server with an odd EHLO offers no way of signing in.
        let name = if matches!(self.state.at, At::Auth | At::StartTls) { "ana:secret@" } else { "" };
        format!("smtp://{name}localhost:{}{tls}", self.address.port())
    }

    /// Makes every further answer correct.
    pub fn heal(&self) {
        self.state.is_odd.store(false, Ordering::SeqCst);
    }

    pub fn handed(&self) -> Vec<Arrived> {
        self.state.handed.lock().unwrap().clone()
    }
}

async fn converse(stream: TcpStream, tls: TlsAcceptor, state: Arc<State>) -> io::Result<()> {
    // Closing it then resets it.
    if state.way.then == Then::Reset {
        stream.set_zero_linger()?;
    }
    talk(stream, tls, state).await
}

async fn talk(stream: TcpStream, tls: TlsAcceptor, state: Arc<State>) -> io::Result<()> {
    let mut plain = BufReader::new(stream);
    answer(&mut plain, At::Greeting, "", &state).await?;
    if session(&mut plain, state.starttls, &state).await? {
        let mut encrypted = BufReader::new(tls.accept(plain.into_inner()).await?);
        session(&mut encrypted, false, &state).await?;
    }
    Ok(())
}

/// Serves one conversation. Returns `true` if it has to be encrypted.
async fn session<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    starttls: bool,
    state: &State,
) -> io::Result<bool> {
    let (mut to, mut line) = (String::new(), Vec::new());
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(false);
        }
        let command = String::from_utf8(line.clone()).unwrap();
        let verb = command.split([' ', ':']).next().unwrap_or_default().trim().to_uppercase();
        match verb.as_str() {
            "EHLO" => {
                let offer = if starttls { "\r\n250-starttls" } else { "" };
                answer(stream, At::Ehlo, &format!("250-odd{offer}\r\n250 auth plain"), state).await?;
            }
            "STARTTLS" => {
                answer(stream, At::StartTls, "", state).await?;
                return Ok(true);
            }
            "AUTH" => answer(stream, At::Auth, "", state).await?,
            "MAIL" => answer(stream, At::Mail, "", state).await?,
            "RCPT" => {
                to = command.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                // Only a refusal leads to RSET.
                let refuses = state.at == At::Rset && state.is_odd.load(Ordering::SeqCst);
                if refuses {
                    stream.get_mut().write_all(b"550 no such user\r\n").await?;
                } else {
                    answer(stream, At::Rcpt, "", state).await?;
                }
            }
            "DATA" => {
                answer(stream, At::Data, "", state).await?;
                let data = email(stream).await?;
                state.handed.lock().unwrap().push(Arrived::to(&to, data));
                answer(stream, At::Dot, "", state).await?;
            }
            "RSET" => answer(stream, At::Rset, "", state).await?,
            "QUIT" => {
                answer(stream, At::Quit, "", state).await?;
                return Ok(false);
            }
            other => panic!("{other} is no verb"),
        }
    }
}

async fn email<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> io::Result<String> {
    let mut data = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line == ".\r\n" {
            return Ok(data);
        }
        data.push_str(&line);
    }
}

/// Answers one command. An error ends the conversation.
async fn answer<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    at: At,
    usual: &str,
    state: &State,
) -> io::Result<()> {
    let stream = stream.get_mut();
    if state.at != at || !state.is_odd.load(Ordering::SeqCst) {
        let usual = if usual.is_empty() { format!("{} ok", at.yes()) } else { usual.to_owned() };
        stream.write_all(format!("{usual}\r\n").as_bytes()).await?;
        return stream.flush().await;
    }
    let octets = filled_in(state.way.octets, at.yes());
    match state.way.then {
        Then::Drip => {
            for octet in octets {
                stream.write_all(&[octet]).await?;
                stream.flush().await?;
                tokio::task::yield_now().await;
            }
        }
        Then::Repeat => {
            stream.write_all(&octets.repeat(1000)).await?;
            stream.flush().await?;
            std::future::pending::<()>().await;
        }
        Then::Listen => {
            stream.write_all(&octets).await?;
            stream.flush().await?;
        }
        Then::Close | Then::Reset => {
            stream.write_all(&octets).await?;
            stream.flush().await?;
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Then::Hang => {
            stream.write_all(&octets).await?;
            stream.flush().await?;
            std::future::pending::<()>().await;
        }
    }
    Ok(())
}

fn filled_in(octets: &[u8], code: &str) -> Vec<u8> {
    let mut filled = Vec::new();
    let mut rest = octets;
    while let Some((first, more)) = rest.split_first() {
        if rest.starts_with(b"{}") {
            filled.extend_from_slice(code.as_bytes());
            rest = &rest[2..];
        } else {
            filled.push(*first);
            rest = more;
        }
    }
    filled
}
