//! To a mail server, over one connection that is kept while there is mail.
//!
//! The connection is ours and not lettre's, because lettre sets no TCP_NODELAY and writes a mail and its final dot apart: with
//! the receiver's delayed acknowledgement that is 40 ms for each mail. Encryption is required (RFC 8314): where the server offers none, nothing is sent, no
//! name and no password either.

use super::{NotSent, Reply, Trouble};
use crate::{
    config::{Encryption, SmtpServer},
    domain::account::is_deceptive,
    mail::message::Outgoing,
};
use lettre::transport::smtp::{
    Error as SmtpError,
    authentication::{Credentials, Mechanism},
    client::{AsyncSmtpConnection, AsyncTokioStream, Certificate, TlsParameters},
    commands::{Data, Mail, Rcpt, Rset},
    extension::ClientId,
};
use std::{fs, future::Future, io, net::SocketAddr, path::Path, pin::Pin, sync::Arc, task, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{self, pki_types::ServerName},
};

/// To reach the server and shake hands.
const CONNECT: Duration = Duration::from_secs(15);
/// For one command and its answer.
const COMMAND: Duration = Duration::from_secs(20);
/// For the mail itself and the server's word on it; servers that look for viruses take their time.
const DATA: Duration = Duration::from_secs(40);
/// A connection unused for longer than this is not trusted to be alive.
const IDLE: Duration = Duration::from_secs(20);

pub struct Smtp {
    server: SmtpServer,
    starttls: TlsParameters,
    implicit: TlsConnector,
    hello: ClientId,
    open: Option<(AsyncSmtpConnection, Instant)>,
}

impl Smtp {
    pub fn new(server: &SmtpServer, ca_file: Option<&Path>) -> Result<Self, String> {
        let ca = ca_file
            .map(|file| {
                fs::read(file)
                    .map_err(|error| format!("the certificates in {} cannot be read: {error}", file.display()))
            })
            .transpose()?;
        Ok(Self {
            server: server.clone(),
            starttls: starttls_parameters(&server.host, ca.as_deref())?,
            implicit: implicit_connector(ca.as_deref())?,
            hello: ClientId::default(),
            open: None,
        })
    }

    pub async fn send(&mut self, mail: &Outgoing) -> Result<Reply, NotSent> {
        let (mut connection, fresh) = self.connection().await?;
        let mut sent = deliver(&mut connection, mail).await;
        // A server may hang up on a connection that it finds idle; then, and only before any recipient was named, the mail is
        // safe to offer again.
        if let Err(Stop { lost: true, before_recipient: true, .. }) = sent
            && !fresh
        {
            connection = self.connect().await?;
            sent = deliver(&mut connection, mail).await;
        }
        match sent {
            Ok(reply) => {
                self.open = Some((connection, Instant::now()));
                Ok(reply)
            }
            Err(stop) => {
                if !stop.lost && timed(COMMAND, connection.command(Rset)).await.is_ok() {
                    self.open = Some((connection, Instant::now()));
                }
                Err(stop.not_sent)
            }
        }
    }

    pub async fn check(&mut self) -> Result<Reply, NotSent> {
        let mut connection = self.connect().await?;
        let _ = timed(COMMAND, connection.quit()).await;
        let secured = match self.server.encryption {
            Encryption::Implicit => "encrypted from the start",
            Encryption::StartTls => "encrypted by STARTTLS",
            Encryption::None => "not encrypted, on this machine",
        };
        let signed_in = if self.server.credentials.is_some() { ", signed in" } else { "" };
        Ok(format!("{}:{} answers, {secured}{signed_in}", self.server.host, self.server.port))
    }

    /// A connection that is ready for a mail, and whether it is new.
    async fn connection(&mut self) -> Result<(AsyncSmtpConnection, bool), NotSent> {
        match self.open.take() {
            Some((connection, used)) if used.elapsed() < IDLE => Ok((connection, false)),
            _ => Ok((self.connect().await?, true)),
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, NotSent> {
        let name = format!("{}:{}", self.server.host, self.server.port);
        timeout(CONNECT, self.shake_hands())
            .await
            .unwrap_or_else(|_| Err("no answer in time".to_owned()))
            .map_err(|why| NotSent { kind: Trouble::Server, reply: format!("{name}: {why}") })
    }

    async fn shake_hands(&self) -> Result<AsyncSmtpConnection, String> {
        let tcp = TcpStream::connect((self.server.host.as_str(), self.server.port)).await.map_err(in_words)?;
        tcp.set_nodelay(true).map_err(in_words)?;
        let stream: Box<dyn AsyncTokioStream> = match self.server.encryption {
            Encryption::Implicit => {
                let name = ServerName::try_from(self.server.host.clone()).map_err(in_words)?;
                Box::new(Encrypted(self.implicit.connect(name, tcp).await.map_err(in_words)?))
            }
            Encryption::StartTls | Encryption::None => Box::new(tcp),
        };
        let mut connection =
            AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await.map_err(in_words)?;
        if self.server.encryption == Encryption::StartTls {
            if !connection.can_starttls() {
                return Err("the server offers no STARTTLS, so nothing was sent".to_owned());
            }
            connection.starttls(self.starttls.clone(), &self.hello).await.map_err(in_words)?;
        }
        if let Some((name, password)) = &self.server.credentials {
            let credentials = Credentials::new(name.clone(), password.reveal().to_owned());
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await.map_err(in_words)?;
        }
        Ok(connection)
    }
}

/// A delivery that stopped.
struct Stop {
    not_sent: NotSent,
    /// The connection is of no more use.
    lost: bool,
    before_recipient: bool,
}

/// MAIL, RCPT, DATA, the mail. Step by step, because whose trouble a refusal is depends on where it comes: a refused sender is the
/// operator's to mend and hits every mail; a refused recipient is this one's alone.
async fn deliver(connection: &mut AsyncSmtpConnection, mail: &Outgoing) -> Result<Reply, Stop> {
    let stop = |error: Interrupted, refused: Trouble, before_recipient: bool| {
        let kind = if error.code.is_none() { Trouble::Server } else { refused };
        Stop {
            not_sent: NotSent { kind, reply: error.reply },
            lost: error.code.is_none() || error.code == Some(421),
            before_recipient,
        }
    };
    let by_code = |error: &Interrupted| match error.code {
        Some(421) | None => Trouble::Server,
        Some(code) if code >= 500 => Trouble::Lasting,
        Some(_) => Trouble::Passing,
    };
    timed(COMMAND, connection.command(Mail::new(mail.envelope.from().cloned(), vec![])))
        .await
        .map_err(|error| stop(error, Trouble::Server, true))?;
    for recipient in mail.envelope.to() {
        timed(COMMAND, connection.command(Rcpt::new(recipient.clone(), vec![]))).await.map_err(|error| {
            let kind = by_code(&error);
            stop(error, kind, false)
        })?;
    }
    timed(COMMAND, connection.command(Data)).await.map_err(|error| {
        let kind = by_code(&error);
        stop(error, kind, false)
    })?;
    let response = timed(DATA, connection.message(&mail.bytes)).await.map_err(|error| {
        let kind = by_code(&error);
        stop(error, kind, false)
    })?;
    Ok(one_line(&response.message().collect::<Vec<_>>().join(" ")))
}

/// A step that did not end well; `code` only if the server itself said no.
struct Interrupted {
    code: Option<u16>,
    reply: String,
}

async fn timed<T>(limit: Duration, step: impl Future<Output = Result<T, SmtpError>>) -> Result<T, Interrupted> {
    match timeout(limit, step).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Interrupted { code: error.status().map(u16::from), reply: in_words(error) }),
        Err(_) => Err(Interrupted { code: None, reply: "no answer in time".to_owned() }),
    }
}

/// An error and its causes on one line, as admins will read it. Whatever the server sent comes from outside.
fn in_words(error: impl std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        cause = error.source();
    }
    one_line(&words)
}

/// What a server says comes from outside: no control characters, no novels.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if is_deceptive(c) { ' ' } else { c }).take(4000).collect()
}

fn starttls_parameters(host: &str, ca: Option<&[u8]>) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(pem) = ca {
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(in_words)?);
    }
    builder.build_rustls().map_err(in_words)
}

fn implicit_connector(ca: Option<&[u8]>) -> Result<TlsConnector, String> {
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for certificate in ca.into_iter().flat_map(CertificateDer::pem_slice_iter) {
        roots.add(certificate.map_err(in_words)?).map_err(in_words)?;
    }
    // Named, so that no other crate's choice of a default provider can change or break ours.
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(in_words)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// A TLS stream that lettre accepts.
#[derive(Debug)]
struct Encrypted(TlsStream<TcpStream>);

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut task::Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> task::Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut task::Context<'_>,
        bytes: &[u8],
    ) -> task::Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> task::Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> task::Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
