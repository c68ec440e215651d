//! Ways an email can leave: to a mail server, into a folder, or into memory for developers.

mod certificate;
mod dev;
mod file;
mod smtp;

pub use certificate::{Certificate, Validity};
pub use dev::{DevMail, DevMailbox};
pub use smtp::Timeouts;

use super::message::Outgoing;
use crate::{
    config::{Config, MailUrl},
    domain::Lifetime,
};
use std::{fmt, time::Duration};

/// One way out. Each worker has its own.
pub enum Transport {
    Smtp(Box<smtp::Smtp>),
    File(file::Folder),
    Dev(DevMailbox),
}

/// Outcome of handing over an email.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The other side has it.
    Accepted(String),
    /// The other side does not have it.
    Refused(MailRefusal),
    /// It was handed over without a readable answer: the other side may have it.
    Unknown(String),
}

/// A refusal, or no way to the other side. `reply` holds the server's words, or what went wrong
/// before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailRefusal {
    pub at: Verb,
    /// True if the server says that asking again is useless.
    pub lasting: bool,
    pub reply: String,
}

/// Destination to which emails could leave now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ready {
    /// The server would take them. What it answered.
    Server(String),
    /// They are written to this folder.
    Folder(String),
    /// They are shown at `/dev/mailbox`.
    TestMailbox,
}

/// Facts that one conversation shows without sending an email.
#[derive(Clone, Debug)]
pub struct Talk {
    /// Destination to which emails could leave now, or the refusal.
    pub verdict: Result<Ready, MailRefusal>,
    /// `None` if no server was reached, or none is asked.
    pub greeting: Option<Greeting>,
    pub certificate: Certificate,
}

/// A server's first line, in which some tell the time.
#[derive(Clone, Debug)]
pub struct Greeting {
    pub words: String,
    /// Time since it came.
    pub ago: Lifetime,
}

/// The steps of handing an email over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    Connect,
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// The final dot, which hands the email over.
    Dot,
}

impl MailRefusal {
    /// Returns whether every email would fare the same. From RCPT on the trouble is this email's.
    /// Before, it is the server's, and the operator has to repair a refused sender.
    pub fn is_about_server(&self) -> bool {
        self.at < Verb::Rcpt
    }
}

impl Talk {
    pub const fn without_server(verdict: Result<Ready, MailRefusal>) -> Self {
        Self { verdict, greeting: None, certificate: Certificate::Absent }
    }
}

impl Transport {
    pub fn new(config: &Config, dev: &DevMailbox) -> Result<Self, String> {
        Self::with(config, dev, Timeouts::default())
    }

    /// Makes a transport with its own time limits.
    pub fn with(config: &Config, dev: &DevMailbox, timeouts: Timeouts) -> Result<Self, String> {
        Ok(match &config.mail_url {
            MailUrl::Smtp(server) => Self::Smtp(Box::new(smtp::Smtp::new(config, server, timeouts)?)),
            MailUrl::File(folder) => Self::File(file::Folder::new(folder)),
            MailUrl::Dev => Self::Dev(dev.clone()),
        })
    }

    /// Hands an email over. It gives up after `budget`, unless the email has been handed over. The
    /// recipient is masked in the answer, because the log has it.
    pub async fn send(&mut self, email: &Outgoing, budget: Duration) -> Outcome {
        let outcome = match self {
            Self::Smtp(smtp) => smtp.send(email, None, budget).await,
            Self::File(folder) => folder.send(email).await,
            Self::Dev(mailbox) => Outcome::Accepted(mailbox.keep(email)),
        };
        outcome.map_reply(|reply| email.recipient.mask_in(&reply))
    }

    /// Keeps the other side as busy as [`Self::send`] would, for `span`, and sends nothing.
    pub async fn pretend(&mut self, email: &Outgoing, span: Duration, budget: Duration) -> Outcome {
        match self {
            Self::Smtp(smtp) => smtp.send(email, Some(span), budget).await,
            // Other emails never wait for these.
            Self::File(_) | Self::Dev(_) => Outcome::Accepted(String::new()),
        }
    }

    /// Checks whether emails could leave now, without sending one.
    pub async fn check(&self) -> Result<Ready, MailRefusal> {
        self.talk().await.verdict
    }

    /// Checks the same, and notes what the other side tells of itself.
    pub async fn talk(&self) -> Talk {
        match self {
            Self::Smtp(smtp) => smtp.talk().await,
            Self::File(folder) => Talk::without_server(folder.check().await),
            Self::Dev(_) => Talk::without_server(Ok(Ready::TestMailbox)),
        }
    }

    /// Returns how long the last email took on an open connection. In a folder or in memory it
    /// takes no time that others wait for.
    pub fn took(&self) -> Duration {
        match self {
            Self::Smtp(smtp) => smtp.took(),
            Self::File(_) | Self::Dev(_) => Duration::ZERO,
        }
    }

    /// Returns whether it holds a connection.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Smtp(smtp) if smtp.is_open())
    }

    /// Closes a connection that is not used.
    pub async fn rest(&mut self) {
        if let Self::Smtp(smtp) = self {
            smtp.rest().await;
        }
    }
}

impl Outcome {
    /// Changes the words and nothing else.
    #[must_use]
    pub fn map_reply(self, change: impl Fn(String) -> String) -> Self {
        match self {
            Self::Accepted(reply) => Self::Accepted(change(reply)),
            Self::Refused(refused) => Self::Refused(MailRefusal { reply: change(refused.reply), ..refused }),
            Self::Unknown(reply) => Self::Unknown(change(reply)),
        }
    }
}

/// For operators.
impl fmt::Display for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(answer) => f.write_str(answer),
            Self::Folder(folder) => write!(f, "emails are written to {folder}"),
            Self::TestMailbox => f.write_str("emails are shown at /dev/mailbox"),
        }
    }
}

impl fmt::Display for MailRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reply)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Greylisting and a full mailbox concern one address. As the server's trouble they would hold
    /// up everyone's emails.
    #[test]
    fn what_is_said_of_one_recipient_holds_up_no_other() {
        let is_about_server = |at, lasting| MailRefusal { at, lasting, reply: String::new() }.is_about_server();
        for lasting in [false, true] {
            for at in [Verb::Rcpt, Verb::Data, Verb::Dot] {
                assert!(!is_about_server(at, lasting), "{at:?}");
            }
            for at in [Verb::Connect, Verb::Greeting, Verb::Ehlo, Verb::StartTls, Verb::Auth, Verb::Mail] {
                assert!(is_about_server(at, lasting), "{at:?}");
            }
        }
    }
}
