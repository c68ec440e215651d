//! The only HTTP client: it asks addresses of apps, which admins name.
//!
//! It judges each address between resolving a name and connecting, so that a name cannot change its
//! mind in between. It follows no redirect, sends no cookie, and waits a few seconds.

use crate::{
    config::Config,
    domain::outbound::{OutboundUri, Place},
    happy_eyeballs::{self, Pace, STAGGER, Unreached},
    tls::{self, in_words},
};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    client::conn::http1,
    header,
};
use hyper_util::rt::TokioIo;
use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};

/// Longest time that an exchange may take in all.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest body that is read.
const MAX_BODY: usize = 64 * 1024;
/// Most addresses of one name that are tried.
const MAX_ADDRESSES: usize = 4;

pub struct Outbound {
    tls: TlsConnector,
    /// The operator allows connections to private networks for all apps.
    may_be_private: bool,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The server may not connect there.
    NotAllowed,
    Late,
    Lost(String),
}

impl Silence {
    pub fn in_words(&self) -> String {
        match self {
            Self::NotAllowed => "not allowed: a private or reserved address, or no encryption".to_owned(),
            Self::Late => "no answer in time".to_owned(),
            Self::Lost(why) => why.clone(),
        }
    }
}

/// Kind of host. The app's own host, which an admin has named, may be in a private network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    OfTheApp,
    Another,
}

/// An answer: its status, and its body as far as it is read.
pub(crate) type Told = (u16, Bytes);

impl Outbound {
    pub fn new(config: &Config) -> Result<Self, String> {
        let tls = tls::connector(config.outbound_ca_file.as_deref())?;
        Ok(Self { tls, may_be_private: config.outbound_private })
    }

    /// Sends a form, and returns the status of the answer.
    pub async fn post(&self, to: &OutboundUri, host: Host, form: String) -> Result<u16, Silence> {
        let request = Request::post(to.target())
            .header(header::HOST, to.authority())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::CONNECTION, "close")
            .body(Full::new(Bytes::from(form)));
        let request = request.map_err(|error| Silence::Lost(in_words(&error)))?;
        let answer = async { Ok(self.exchange(to, host, request).await?.0.status().as_u16()) };
        timeout(PATIENCE, answer).await.map_err(|_| Silence::Late)?
    }

    /// Returns what is at an address.
    pub async fn get(&self, from: &OutboundUri, host: Host) -> Result<Told, Silence> {
        let request = Request::get(from.target())
            .header(header::HOST, from.authority())
            .header(header::ACCEPT, "application/json")
            .header(header::CONNECTION, "close")
            .body(Full::new(Bytes::new()));
        let request = request.map_err(|error| Silence::Lost(in_words(&error)))?;
        let answer = async {
            // The connection is driven until the body is read.
            let (answer, _driven) = self.exchange(from, host, request).await?;
            let status = answer.status().as_u16();
            let body = Limited::new(answer.into_body(), MAX_BODY).collect().await;
            let body = body.map_err(|_| Silence::Lost("its answer broke off or is too long".to_owned()))?;
            Ok((status, body.to_bytes()))
        };
        timeout(PATIENCE, answer).await.map_err(|_| Silence::Late)?
    }

    async fn exchange(
        &self,
        to: &OutboundUri,
        host: Host,
        request: Request<Full<Bytes>>,
    ) -> Result<(Response<Incoming>, Driven), Silence> {
        let stream = connect(self.addresses(to, host).await?).await?;
        if !to.is_https() {
            return send(stream, request).await;
        }
        let name = to.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(name).map_err(|error| Silence::Lost(in_words(&error)))?;
        let encrypted = self.tls.connect(name, stream).await.map_err(|error| Silence::Lost(in_words(&error)))?;
        send(encrypted, request).await
    }

    /// Resolves a name. If any of its addresses may not be connected to, none is.
    async fn addresses(&self, to: &OutboundUri, host: Host) -> Result<Vec<SocketAddr>, Silence> {
        let found: Vec<SocketAddr> = match to.ip() {
            Some(ip) => vec![SocketAddr::new(ip, to.port())],
            None => {
                let found = lookup_host((to.host(), to.port())).await;
                found.map_err(|error| Silence::Lost(in_words(&error)))?.collect()
            }
        };
        let may_be_private = self.may_be_private || host == Host::OfTheApp;
        let is_allowed = |ip: IpAddr| Place::of(ip).admits(may_be_private, to.is_https());
        if found.is_empty() || !found.iter().all(|address| is_allowed(address.ip())) {
            return Err(Silence::NotAllowed);
        }
        Ok(found)
    }
}

/// A task that reads and writes a connection, until this is dropped.
struct Driven(tokio::task::JoinHandle<()>);

impl Drop for Driven {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn connect(addresses: Vec<SocketAddr>) -> Result<TcpStream, Silence> {
    let pace = Pace { each: PATIENCE, stagger: STAGGER, most: MAX_ADDRESSES };
    happy_eyeballs::connect(addresses, pace).await.map_err(|why| match why {
        Unreached::NoAddress => Silence::NotAllowed,
        Unreached::Late => Silence::Late,
        Unreached::Failed(error) => Silence::Lost(in_words(&error)),
    })
}

async fn send<S>(stream: S, request: Request<Full<Bytes>>) -> Result<(Response<Incoming>, Driven), Silence>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let lost = |error: hyper::Error| Silence::Lost(in_words(&error));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(lost)?;
    let driven = Driven(tokio::spawn(async move {
        // What goes wrong reaches the sender.
        let _ = connection.await;
    }));
    let answer = sender.send_request(request).await.map_err(lost)?;
    Ok((answer, driven))
}
