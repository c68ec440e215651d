//! Ways a mail can leave: to a mail server, into a folder, or into memory for developers.

mod dev;
mod file;
mod smtp;

pub use dev::{DevMail, DevMailbox};

use super::message::Outgoing;
use crate::config::{Config, MailUrl};
use std::fmt;

/// One way out. Each worker has its own.
pub enum Transport {
    Smtp(Box<smtp::Smtp>),
    File(file::Folder),
    Dev(DevMailbox),
}

/// What a mail server said when it took a mail.
pub type Reply = String;

/// Why a mail did not leave. `reply` is the server's own word, or what went wrong on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotSent {
    pub kind: Trouble,
    pub reply: String,
}

/// Whose trouble it is, and whether it passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The mail server cannot be used at all: not there, no TLS, wrong password, not now. Every mail would fare the same.
    Server,
    /// This recipient's mail cannot be taken now.
    Passing,
    /// This recipient's mail will never be taken.
    Lasting,
}

impl Transport {
    pub fn new(config: &Config, dev: &DevMailbox) -> Result<Self, String> {
        Ok(match &config.mail_url {
            MailUrl::Smtp(server) => Self::Smtp(Box::new(smtp::Smtp::new(server, config.mail_ca_file.as_deref())?)),
            MailUrl::File(folder) => Self::File(file::Folder::new(folder)),
            MailUrl::Dev => Self::Dev(dev.clone()),
        })
    }

    /// Hands a mail over. `Ok` means that it is the other side's from here on. Whatever was answered has the recipient masked: it is
    /// going to be logged.
    pub async fn send(&mut self, mail: &Outgoing) -> Result<Reply, NotSent> {
        let sent = match self {
            Self::Smtp(smtp) => smtp.send(mail).await,
            Self::File(folder) => folder.send(mail).await,
            Self::Dev(mailbox) => Ok(mailbox.keep(mail)),
        };
        let masked = |reply: Reply| mail.recipient.mask_in(&reply);
        sent.map(masked).map_err(|NotSent { kind, reply }| NotSent { kind, reply: masked(reply) })
    }

    /// Whether mail could leave now; sends none.
    pub async fn check(&mut self) -> Result<Reply, NotSent> {
        match self {
            Self::Smtp(smtp) => smtp.check().await,
            Self::File(folder) => folder.check().await,
            Self::Dev(_) => Ok("mails are shown at /dev/mailbox".to_owned()),
        }
    }
}

impl fmt::Display for NotSent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reply)
    }
}
