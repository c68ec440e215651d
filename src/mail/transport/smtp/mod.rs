//! Sends to a mail server, over one connection that is kept while there are emails.
//!
//! The client is ours, because the answer to the final dot decides whether a link becomes invalid.
//! Only a readable no is a no. Encryption is required (RFC 8314). If the server offers none,
//! nothing is sent, neither name nor password.

mod connection;
mod conversation;
mod reply;
mod timeouts;

pub use timeouts::Timeouts;

use super::{Greeting, MailRefusal, Outcome, Ready, Talk, Verb};
use crate::{
    config::{Config, Encryption, SmtpServer},
    domain::Lifetime,
    mail::message::Outgoing,
    tls,
};
use connection::{Connection, Silence, reach};
use conversation::{Contents, Offers, Parcel};
use std::time::Duration;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

pub struct Smtp {
    server: SmtpServer,
    tls: TlsConnector,
    /// The name in EHLO.
    helo: String,
    sender: String,
    timeouts: Timeouts,
    open: Option<Open>,
    /// Time that the last email took on an open connection.
    took: Duration,
}

/// A connection that is ready for an email.
struct Open {
    connection: Connection,
    offers: Offers,
    /// The server's first line, and when it came.
    greeting: (String, Instant),
    used: Instant,
}

impl Smtp {
    pub fn new(config: &Config, server: &SmtpServer, timeouts: Timeouts) -> Result<Self, String> {
        Ok(Self {
            server: server.clone(),
            tls: tls::connector(config.mail_ca_file.as_deref())?,
            helo: config.mail_helo.clone(),
            sender: config.mail_from.address.as_str().to_owned(),
            timeouts,
            open: None,
            took: Duration::ZERO,
        })
    }

    /// Hands an email over within `budget`. With a `pretence` it stops before that and takes the
    /// given time.
    pub async fn send(&mut self, email: &Outgoing, pretence: Option<Duration>, budget: Duration) -> Outcome {
        let timeouts = self.timeouts.within(budget);
        let from = email.envelope.from().map(ToString::to_string).unwrap_or_default();
        let to = email.envelope.to().first().map(ToString::to_string).unwrap_or_default();
        let contents = || pretence.map_or(Contents::Email(&email.bytes), Contents::Pretence);
        let parcel = Parcel { from: &from, to: &to, contents: contents() };
        let kept = self.open.take().filter(|open| open.used.elapsed() < timeouts.idle);
        if let Some(open) = kept {
            let outcome = self.deliver(open, &parcel, &timeouts).await;
            // A server may close an idle connection. Before it knows a recipient, the email can be
            // offered again.
            let hung_up =
                matches!(&outcome, Outcome::Refused(refused) if refused.at == Verb::Mail) && self.open.is_none();
            if !hung_up {
                return outcome;
            }
        }
        match self.connect(&timeouts).await {
            Ok(open) => self.deliver(open, &parcel, &timeouts).await,
            Err(refused) => Outcome::Refused(refused),
        }
    }

    async fn deliver(&mut self, mut open: Open, parcel: &Parcel<'_>, timeouts: &Timeouts) -> Outcome {
        let begun = Instant::now();
        let delivery = conversation::deliver(&mut open.connection, &open.offers, parcel, timeouts).await;
        self.took = begun.elapsed();
        if delivery.reusable {
            open.used = Instant::now();
            self.open = Some(open);
        }
        delivery.outcome
    }

    /// Asks the server whether it would take an email to the sender's own address, without sending
    /// one.
    pub async fn talk(&self) -> Talk {
        // An operator is waiting.
        let timeouts = self.timeouts.within(Duration::from_secs(30));
        let mut open = match self.connect(&timeouts).await {
            Ok(open) => open,
            Err(refused) => return Talk::without_server(Err(refused)),
        };
        let verdict = self.probe(&mut open, &timeouts).await.map(Ready::Server);
        let (words, came) = open.greeting;
        let ago = Lifetime::millis(i64::try_from(came.elapsed().as_millis()).unwrap_or(i64::MAX));
        Talk { verdict, greeting: Some(Greeting { words, ago }), certificate: open.connection.certificate }
    }

    async fn probe(&self, open: &mut Open, timeouts: &Timeouts) -> Result<String, MailRefusal> {
        let own = (self.sender.as_str(), self.sender.as_str());
        let reply = conversation::probe(&mut open.connection, own, timeouts).await?;
        conversation::quit(&mut open.connection, timeouts).await;
        let words = format!("{} {}", reply.code, reply.in_words());
        let verdict = match reply.code {
            200..=299 => format!("it takes email from and to {}: {words}", self.sender),
            // About this mailbox, which need not exist.
            450..=452 | 550 if !reply.is_never_by_policy() => {
                format!("it takes email from {}, but not to it: {words}", self.sender)
            }
            _ => {
                let reply = format!("{} refuses email to {}: {words}", self.name(), self.sender);
                return Err(MailRefusal { at: Verb::Rcpt, lasting: true, reply });
            }
        };
        let secured = match self.server.encryption {
            Encryption::Implicit => "encrypted from the start, by a certificate for its name",
            Encryption::StartTls => "encrypted by STARTTLS, by a certificate for its name",
            Encryption::None => "not encrypted, on this machine",
        };
        let signed_in = if self.server.credentials.is_some() { ", signed in" } else { "" };
        Ok(format!("{} answers, {secured}{signed_in}; {verdict}", self.name()))
    }

    pub const fn took(&self) -> Duration {
        self.took
    }

    /// Returns whether a connection is open.
    pub const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Closes a connection that is not used, so that the server has room for others.
    pub async fn rest(&mut self) {
        if self.open.as_ref().is_some_and(|open| open.used.elapsed() >= self.timeouts.idle)
            && let Some(mut open) = self.open.take()
        {
            conversation::quit(&mut open.connection, &self.timeouts).await;
        }
    }

    fn name(&self) -> String {
        format!("{}:{}", self.server.host, self.server.port)
    }

    async fn connect(&self, timeouts: &Timeouts) -> Result<Open, MailRefusal> {
        self.shake_hands(timeouts).await.map_err(|mut refused| {
            refused.reply = format!("{}: {}", self.name(), refused.reply);
            refused
        })
    }

    async fn shake_hands(&self, timeouts: &Timeouts) -> Result<Open, MailRefusal> {
        let SmtpServer { host, port, encryption, credentials } = &self.server;
        let not_reached =
            |silence: Silence| MailRefusal { at: Verb::Connect, lasting: false, reply: silence.in_words() };
        let encrypted = |connection: Connection| connection.encrypt(&self.tls, host, timeouts.handshake);
        let mut connection = Connection::over(Box::new(reach(host, *port, timeouts).await.map_err(not_reached)?));
        if *encryption == Encryption::Implicit {
            connection = encrypted(connection).await.map_err(not_reached)?;
        }
        let greeting = (conversation::greeting(&mut connection, timeouts).await?, Instant::now());
        let mut offers = conversation::ehlo(&mut connection, &self.helo, timeouts).await?;
        if *encryption == Encryption::StartTls {
            conversation::starttls(&mut connection, &offers, timeouts).await?;
            connection = encrypted(connection).await.map_err(not_reached)?;
            // Offers from before encryption may come from an attacker.
            offers = conversation::ehlo(&mut connection, &self.helo, timeouts).await?;
        }
        if let Some((name, password)) = credentials {
            conversation::sign_in(&mut connection, &offers, (name, password), timeouts).await?;
        }
        Ok(Open { connection, offers, greeting, used: Instant::now() })
    }
}
