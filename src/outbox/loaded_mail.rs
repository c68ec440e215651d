//! A loaded email, in terms of all kinds: the effect of its link, and its facts.

use super::{draft::Draft, round::Round};
use crate::{
    db::{self, DbConnection, Error},
    domain::{Attempt, GainId, TokenHash, mail::QueuedMail},
    mail::MailFacts,
};

/// The link of an email that leaves.
pub(super) struct Link<'a> {
    pub mail: &'a QueuedMail,
    pub token: TokenHash,
    pub round: &'a Round,
}

/// Everything that the worker has loaded to send an email.
///
/// It holds no secret. Those are made afterwards.
pub(super) trait LoadedMail: Send + Sync + 'static {
    /// Returns the facts that the email shows.
    fn mail_facts(&self, draft: &Draft<'_>) -> MailFacts;

    /// Returns the attempt whose link and code it carries. They need nothing of what follows.
    fn attempt(&self) -> Option<&Attempt> {
        None
    }

    /// Returns the gain that it is about and that its link undoes.
    fn undoes(&self) -> Option<GainId> {
        None
    }

    /// Stores the hash of the link. Returns `false` if the email has lost its point.
    fn store(&self, connection: &mut DbConnection, link: &Link<'_>) -> Result<bool, Error> {
        match self.undoes() {
            Some(gain) => db::gains::mint(connection, gain, &link.token),
            None => Ok(true),
        }
    }

    /// Starts the link's lifetime, because the mail server has accepted the email.
    fn start_life(&self, _connection: &mut DbConnection, _link: &Link<'_>) -> Result<(), Error> {
        Ok(())
    }

    /// Invalidates the link, because the mail server does not have the email.
    fn take_back(&self, _connection: &mut DbConnection, _token: &TokenHash) -> Result<(), Error> {
        Ok(())
    }
}
