//! Ways an email can leave: to a mail server, into a folder, or into memory for developers.

mod dev;
mod file;
mod smtp;

pub use dev::{DevMail, DevMailbox};
pub use smtp::Patience;

use super::message::Outgoing;
use crate::config::{Config, MailUrl};
use std::{fmt, time::Duration};

/// One way out. Each worker has its own.
pub enum Transport {
    Smtp(Box<smtp::Smtp>),
    File(file::Folder),
    Dev(DevMailbox),
}

/// What became of an email that was to be handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The other side has it.
    Accepted(String),
    /// The other side does not have it.
    Refused(Refused),
    /// It was handed over, and no readable answer came: the other side may have it.
    Unknown(String),
}

/// A no, or no way to the other side. `reply` holds the server's words, or what went wrong on the way to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub at: Verb,
    /// The server says that asking again is of no use.
    pub lasting: bool,
    pub reply: String,
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

impl Refused {
    /// Whether every email would fare the same. From RCPT on the trouble is this email's; before, it is the server's, and a refused
    /// sender is for the operator to mend.
    pub fn is_about_server(&self) -> bool {
        self.at < Verb::Rcpt
    }
}

impl Transport {
    pub fn new(config: &Config, dev: &DevMailbox) -> Result<Self, String> {
        Self::with(config, dev, Patience::default())
    }

    /// With time limits of one's own.
    pub fn with(config: &Config, dev: &DevMailbox, patience: Patience) -> Result<Self, String> {
        Ok(match &config.mail_url {
            MailUrl::Smtp(server) => Self::Smtp(Box::new(smtp::Smtp::new(config, server, patience)?)),
            MailUrl::File(folder) => Self::File(file::Folder::new(folder)),
            MailUrl::Dev => Self::Dev(dev.clone()),
        })
    }

    /// Hands an email over, and gives up within `budget` unless it has been handed over. The answer has the recipient masked, because
    /// it is logged.
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
            // Nothing waits for these.
            Self::File(_) | Self::Dev(_) => Outcome::Accepted(String::new()),
        }
    }

    /// Asks whether emails could leave now; sends none.
    pub async fn check(&mut self) -> Result<String, Refused> {
        match self {
            Self::Smtp(smtp) => smtp.check().await,
            Self::File(folder) => folder.check().await,
            Self::Dev(_) => Ok("mails are shown at /dev/mailbox".to_owned()),
        }
    }

    /// How long the last email took once the connection was there. In a folder or in memory that is nothing that others wait for.
    pub fn took(&self) -> Duration {
        match self {
            Self::Smtp(smtp) => smtp.took(),
            Self::File(_) | Self::Dev(_) => Duration::ZERO,
        }
    }

    /// Whether it holds a connection.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Smtp(smtp) if smtp.is_open())
    }

    /// Closes what is not used.
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
            Self::Refused(refused) => Self::Refused(Refused { reply: change(refused.reply), ..refused }),
            Self::Unknown(reply) => Self::Unknown(change(reply)),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reply)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Greylisting and a full mailbox are about one address. Taken for the server's trouble, they would hold up everyone's emails.
    #[test]
    fn what_is_said_of_one_recipient_holds_up_no_other() {
        let is_about_server = |at, lasting| Refused { at, lasting, reply: String::new() }.is_about_server();
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
