//! A connection to a mail server: octets out, replies in, each within its time.

use super::{
    reply::{self, Flaw, Reply, one_line},
    timeouts::Timeouts,
};
use crate::{
    happy_eyeballs::{self, Pace, Unreached},
    mail::transport::Certificate,
    tls,
};
use std::{
    future::{Future, poll_fn},
    io,
    net::SocketAddr,
    pin::Pin,
    task::Poll,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};

/// Plain or encrypted.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + Sync {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + Sync> Stream for S {}

/// Why a step has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Silence {
    /// The connection is gone.
    Lost(String),
    Late,
    /// The octets are not a reply.
    Unreadable(Flaw),
    /// A reply came before the command, so that replies can no longer be matched.
    OutOfStep,
}

impl Silence {
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Lost(why) => why.clone(),
            Self::Late => "no answer in time".to_owned(),
            Self::Unreadable(flaw) => flaw.in_words().to_owned(),
            Self::OutOfStep => "it answers before it is asked".to_owned(),
        }
    }
}

/// One connection, with octets that have come and are not read yet.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    received: Vec<u8>,
    /// The other side's certificate.
    pub certificate: Certificate,
}

impl Connection {
    pub(super) fn over(stream: Box<dyn Stream>) -> Self {
        Self { stream, received: Vec::new(), certificate: Certificate::Absent }
    }

    /// Sends one command and reads its reply.
    pub(super) async fn command(&mut self, line: &str, limit: Duration) -> Result<Reply, Silence> {
        self.expect_quiet().await?;
        within(limit, async {
            self.write(format!("{line}\r\n").as_bytes()).await?;
            self.read_reply().await
        })
        .await
    }

    /// Reads the next reply.
    pub(super) async fn reply(&mut self, limit: Duration) -> Result<Reply, Silence> {
        within(limit, self.read_reply()).await
    }

    /// Sends octets as they are.
    pub(super) async fn send(&mut self, octets: &[u8], limit: Duration) -> Result<(), Silence> {
        within(limit, self.write(octets)).await
    }

    /// Fails if unexpected octets have come. An extra reply would be taken for the answer to the
    /// next command. After STARTTLS it would be taken for encrypted.
    pub(super) async fn expect_quiet(&mut self) -> Result<(), Silence> {
        let mut octets = [0; 512];
        let mut buffer = ReadBuf::new(&mut octets);
        let ready = poll_fn(|context| {
            Poll::Ready(match Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
                Poll::Pending => None,
                Poll::Ready(read) => Some(read),
            })
        });
        match ready.await {
            None => {}
            Some(Err(error)) => return Err(lost(&error)),
            Some(Ok(())) if buffer.filled().is_empty() => return Err(closed()),
            Some(Ok(())) => self.received.extend_from_slice(buffer.filled()),
        }
        if self.received.is_empty() {
            return Ok(());
        }
        // A server may say goodbye at any time.
        match reply::read(&self.received) {
            Ok(Some((reply, _))) if reply.is_closing() => Err(Silence::Lost(reply.in_words())),
            _ => Err(Silence::OutOfStep),
        }
    }

    /// Encrypts what follows.
    pub(super) async fn encrypt(self, tls: &TlsConnector, host: &str, limit: Duration) -> Result<Self, Silence> {
        let name = ServerName::try_from(host.to_owned()).map_err(|error| Silence::Lost(in_words(&error)))?;
        let encrypted = within(limit, async { tls.connect(name, self.stream).await.map_err(|error| lost(&error)) });
        let stream = encrypted.await?;
        let chain = stream.get_ref().1.peer_certificates();
        let certificate = chain.and_then(<[_]>::first).map_or(Certificate::Unreadable, |der| Certificate::of(der));
        Ok(Self { certificate, ..Self::over(Box::new(stream)) })
    }

    async fn write(&mut self, octets: &[u8]) -> Result<(), Silence> {
        self.stream.write_all(octets).await.map_err(|error| lost(&error))?;
        self.stream.flush().await.map_err(|error| lost(&error))
    }

    async fn read_reply(&mut self) -> Result<Reply, Silence> {
        loop {
            if let Some((reply, used)) = reply::read(&self.received).map_err(Silence::Unreadable)? {
                self.received.drain(..used);
                return Ok(reply);
            }
            let mut octets = [0; 2048];
            match self.stream.read(&mut octets).await {
                Ok(0) => return Err(closed()),
                Ok(count) => self.received.extend_from_slice(octets.get(..count).unwrap_or_default()),
                Err(error) => return Err(lost(&error)),
            }
        }
    }
}

async fn within<T>(limit: Duration, step: impl Future<Output = Result<T, Silence>>) -> Result<T, Silence> {
    timeout(limit, step).await.unwrap_or(Err(Silence::Late))
}

fn closed() -> Silence {
    Silence::Lost("the connection was closed".to_owned())
}

fn lost(error: &io::Error) -> Silence {
    Silence::Lost(in_words(error))
}

/// Connects to the first address that answers.
pub(super) async fn reach(host: &str, port: u16, timeouts: &Timeouts) -> Result<TcpStream, Silence> {
    let found = within(timeouts.handshake, async {
        lookup_host((host, port)).await.map(Iterator::collect).map_err(|error| lost(&error))
    });
    let addresses: Vec<SocketAddr> = found.await?;
    let pace = Pace { each: timeouts.connect, stagger: timeouts.stagger, most: usize::MAX };
    let stream = happy_eyeballs::connect(addresses, pace).await.map_err(|why| match why {
        Unreached::NoAddress => Silence::Lost("its name has no address".to_owned()),
        Unreached::Late => Silence::Late,
        Unreached::Failed(error) => lost(&error),
    })?;
    // Only a matter of speed. Reading the greeting finds a connection that is already gone.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

/// Puts an error and its causes on one line, for admins.
pub(super) fn in_words(error: &dyn std::error::Error) -> String {
    one_line(&tls::in_words(error))
}
