//! A connection to a mail server: octets out, replies in, each within its time.

use super::{
    reply::{self, Flaw, Reply, one_line},
    timeouts::Timeouts,
};
use crate::{mail::transport::Certificate, tls};
use rocket::futures::{StreamExt, stream::FuturesUnordered};
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
    let stream = first_of(by_turns(addresses), TcpStream::connect, timeouts).await?;
    // Only a matter of speed. Reading the greeting finds a connection that is already gone.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

/// Alternates addresses of both families, in the order that the resolver prefers (RFC 8305 §4).
fn by_turns(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let six_first = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|address| address.is_ipv6() == six_first);
    let (mut first, mut second, mut mixed) = (first.into_iter(), second.into_iter(), Vec::new());
    loop {
        let pair = [first.next(), second.next()];
        if pair.iter().all(Option::is_none) {
            return mixed;
        }
        mixed.extend(pair.into_iter().flatten());
    }
}

/// Tries one address after the other, each a moment after the one before and each with its own
/// time. The first that connects wins.
async fn first_of<T, F>(
    addresses: Vec<SocketAddr>,
    connect: impl Fn(SocketAddr) -> F,
    timeouts: &Timeouts,
) -> Result<T, Silence>
where
    F: Future<Output = io::Result<T>>,
{
    let mut waiting = addresses.into_iter();
    let mut under_way = FuturesUnordered::new();
    let mut failure = Silence::Lost("its name has no address".to_owned());
    loop {
        let next = waiting.next();
        let is_last = next.is_none();
        under_way.extend(next.map(|address| timeout(timeouts.connect, connect(address))));
        let ended = if is_last {
            under_way.next().await
        } else {
            match timeout(timeouts.stagger, under_way.next()).await {
                Ok(ended) => ended,
                Err(_) => continue,
            }
        };
        match ended {
            Some(Ok(Ok(connected))) => return Ok(connected),
            Some(Ok(Err(error))) => failure = lost(&error),
            Some(Err(_)) => failure = Silence::Late,
            None if is_last => return Err(failure),
            None => {}
        }
    }
}

/// Puts an error and its causes on one line, for admins.
pub(super) fn in_words(error: &dyn std::error::Error) -> String {
    one_line(&tls::in_words(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn both_families_are_tried_by_turns() {
        let found = addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "127.0.0.1:1"]);
        assert_eq!(by_turns(found), addresses(&["[::1]:1", "127.0.0.1:1", "[::2]:1", "[::3]:1"]));
        assert!(by_turns(Vec::new()).is_empty());
    }

    /// A route that swallows everything, before a good one.
    #[rocket::async_test]
    async fn an_address_that_never_answers_does_not_keep_the_next_one_from_being_tried() {
        // An hour for each address, so that a wait for the first one is noticed.
        let timeouts =
            Timeouts { connect: Duration::from_secs(3600), stagger: Duration::from_millis(1), ..Timeouts::default() };
        let connect =
            |address: SocketAddr| async move { if address.is_ipv6() { pending().await } else { Ok(address) } };
        let all = addresses(&["[::1]:1", "[::2]:1", "127.0.0.1:1"]);
        let found = timeout(Duration::from_secs(60), first_of(all, connect, &timeouts)).await;
        assert_eq!(found, Ok(Ok("127.0.0.1:1".parse().unwrap())));
        let short = Timeouts::of(Duration::from_millis(1));
        assert_eq!(first_of(addresses(&["[::1]:1", "[::2]:1"]), connect, &short).await, Err(Silence::Late));
        let refuse = |_| async { Err::<SocketAddr, _>(io::Error::from(io::ErrorKind::ConnectionRefused)) };
        let refused = first_of(addresses(&["[::1]:1", "127.0.0.1:1"]), refuse, &timeouts).await;
        assert!(matches!(refused, Err(Silence::Lost(_))));
        assert!(first_of(Vec::new(), refuse, &timeouts).await.is_err());
    }
}
