//! Stores the secrets of an email as hashes, and ends or prolongs what they open.

use super::{due::Due, loaded_mail::Link, round::Round, secrets::Secrets};
use crate::{
    db::{self, DbConnection, Error, attempts::LinkKind},
    domain::Timestamp,
};

impl Secrets {
    /// Stores the hashes of the links. They work even if the email is read before
    /// [`Self::start_life`]. Returns `false` if the email has lost its point.
    pub(super) fn store(&self, connection: &mut DbConnection, due: &Due, round: &Round) -> Result<bool, Error> {
        let Some(attempt) = due.loaded.attempt() else {
            return due.loaded.store(connection, &self.link(due, round));
        };
        let (open, cancel) = (self.open().hash(), self.cancel().hash());
        let until = round.end_of_link();
        let stored = db::attempts::note_leaving(connection, attempt.id, self.leaving(&open), until)?;
        if stored {
            db::attempts::note_link(connection, attempt.id, &cancel, LinkKind::Cancel)?;
        }
        Ok(stored)
    }

    /// Returns whether a newer email of the same attempt has arrived. A copy of this one would then
    /// carry an invalid link.
    pub(super) fn are_overtaken(&self, connection: &mut DbConnection, due: &Due) -> Result<bool, Error> {
        let Some(attempt) = due.loaded.attempt() else { return Ok(false) };
        db::attempts::is_overtaken(connection, attempt.id, self.made_at())
    }

    /// Starts the link's lifetime, because the mail server has accepted the email.
    pub(super) fn start_life(&self, connection: &mut DbConnection, due: &Due, round: &Round) -> Result<(), Error> {
        let Some(attempt) = due.loaded.attempt() else {
            return due.loaded.start_life(connection, &self.link(due, round));
        };
        db::attempts::start_life(connection, attempt.id, self.leaving(&self.open().hash()), round.end_of_link())
    }

    /// Keeps link and code valid while the mail server is slow or may have the email.
    pub(super) fn keep(&self, connection: &mut DbConnection, due: &Due, until: Timestamp) -> Result<(), Error> {
        let Some(attempt) = due.loaded.attempt() else { return Ok(()) };
        db::attempts::keep_leaving(connection, attempt.id, &self.open().hash(), until)
    }

    /// Invalidates what the email carried, because the mail server does not have it.
    pub(super) fn take_back(&self, connection: &mut DbConnection, due: &Due) -> Result<(), Error> {
        let token = self.open().hash();
        match due.loaded.attempt() {
            Some(attempt) => db::attempts::forget_leaving(connection, attempt.id, &token),
            None => due.loaded.take_back(connection, &token),
        }
    }

    fn link<'a>(&self, due: &'a Due, round: &'a Round) -> Link<'a> {
        Link { mail: &due.mail, token: self.open().hash(), round }
    }
}
