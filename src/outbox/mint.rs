//! Makes the secrets of an email that is about to leave, and stores their hashes.

use super::{
    due::{Due, Matter},
    turn::Turn,
};
use crate::{
    db::{
        self, DbConnection, Error,
        attempts::{Leaving, LinkKind},
    },
    domain::{
        Code, Entropy, HashMemory, Timestamp, Token, TokenHash,
        code::{CodeHash, HashFault},
    },
};

/// A piece of a token with this many characters reveals too much.
const PIECE: usize = 8;

/// The secrets of one email, in plain form. They exist from here to the mail server and nowhere
/// else.
pub(super) struct Secrets {
    open: Token,
    cancel: Token,
    code: Option<(Code, CodeHash)>,
    made_at: Timestamp,
}

impl Secrets {
    /// Makes the secrets. Hashing the code takes a few milliseconds, so that threads that serve
    /// requests must not call this.
    pub(super) fn make(
        due: &Due,
        entropy: &dyn Entropy,
        memory: &HashMemory,
        now: Timestamp,
    ) -> Result<Self, HashFault> {
        let verifier = due.attempt().filter(|attempt| attempt.purpose.has_code()).and_then(|it| it.verifier.as_ref());
        let hashed = |verifier: &TokenHash| {
            let code = Code::issue(entropy);
            code.hash(verifier, memory).map(|hash| (code, hash))
        };
        let code = verifier.map(hashed).transpose()?;
        Ok(Self { open: Token::issue(entropy), cancel: Token::issue(entropy), code, made_at: now })
    }

    /// Stores the hashes of the links. They work even if the email is read before
    /// [`Self::start_life`]. Returns `false` if the email has lost its point.
    pub(super) fn store(&self, connection: &mut DbConnection, due: &Due, turn: &Turn) -> Result<bool, Error> {
        match &due.matter {
            Matter::SignIn(attempt)
            | Matter::StepUp(attempt)
            | Matter::ResetPassword(attempt)
            | Matter::ConfirmAddress { attempt, .. } => {
                let (open, cancel) = (self.open.hash(), self.cancel.hash());
                let until = turn.end_of_link();
                let stored = db::attempts::note_leaving(connection, attempt.id, self.leaving(&open), until)?;
                if stored {
                    db::attempts::note_link(connection, attempt.id, &cancel, LinkKind::Cancel)?;
                }
                Ok(stored)
            }
            Matter::AddressChanged(change) => {
                db::address_changes::mint_undo(connection, change.id, &self.open.hash(), turn.now)
            }
            Matter::NewBrowser(told) => db::known_browsers::mint(connection, told.browser, &self.open.hash()),
            Matter::RecoveryBegun(recovery) => db::recoveries::mint_cancel(connection, recovery.id, &self.open.hash()),
            Matter::PasswordChanged(_) | Matter::SecurityChanged { .. } => match due.undoes {
                Some(gain) => db::gains::mint(connection, gain, &self.open.hash()),
                None => Ok(true),
            },
            Matter::Invitation { .. } => {
                let until = turn.end_of_invitation();
                db::invitations::mint(connection, &due.mail, &self.open.hash(), until)
            }
            Matter::AccountClosed
            | Matter::AccessAsked { .. }
            | Matter::AccessAnswered { .. }
            | Matter::GuestEnds(_)
            | Matter::Test { .. } => Ok(true),
        }
    }

    /// Returns whether a newer email of the same attempt has arrived. A copy of this one would then
    /// carry an invalid link.
    pub(super) fn are_overtaken(&self, connection: &mut DbConnection, due: &Due) -> Result<bool, Error> {
        let Some(attempt) = due.attempt() else { return Ok(false) };
        db::attempts::is_overtaken(connection, attempt.id, self.made_at)
    }

    /// Starts the link's lifetime, because the mail server has accepted the email.
    pub(super) fn start_life(&self, connection: &mut DbConnection, due: &Due, turn: &Turn) -> Result<(), Error> {
        if matches!(due.matter, Matter::Invitation { .. }) {
            return db::invitations::start_life(connection, &self.open.hash(), (turn.now, turn.end_of_invitation()));
        }
        let Some(attempt) = due.attempt() else { return Ok(()) };
        db::attempts::start_life(connection, attempt.id, self.leaving(&self.open.hash()), turn.end_of_link())
    }

    /// Keeps link and code valid while the mail server is slow or may have the email.
    pub(super) fn keep(&self, connection: &mut DbConnection, due: &Due, until: Timestamp) -> Result<(), Error> {
        let Some(attempt) = due.attempt() else { return Ok(()) };
        db::attempts::keep_leaving(connection, attempt.id, &self.open.hash(), until)
    }

    /// Invalidates what the email carried, because the mail server does not have it.
    pub(super) fn take_back(&self, connection: &mut DbConnection, due: &Due) -> Result<(), Error> {
        if matches!(due.matter, Matter::Invitation { .. }) {
            return db::invitations::take_back(connection, &self.open.hash());
        }
        let Some(attempt) = due.attempt() else { return Ok(()) };
        db::attempts::forget_leaving(connection, attempt.id, &self.open.hash())
    }

    pub(super) const fn open(&self) -> &Token {
        &self.open
    }

    pub(super) const fn cancel(&self) -> &Token {
        &self.cancel
    }

    /// Returns the code in plain form, or an empty text.
    pub(super) fn code(&self) -> String {
        self.code.as_ref().map(|(code, _)| code.reveal()).unwrap_or_default()
    }

    fn leaving<'a>(&'a self, token: &'a TokenHash) -> Leaving<'a> {
        Leaving { token, code: self.code.as_ref().map(|(_, hash)| hash), made_at: self.made_at }
    }

    /// Returns the mail server's answer without the secrets, because a refusal may quote the email.
    pub(super) fn struck_from(&self, reply: &str) -> String {
        let mut reply = reply.to_owned();
        for token in [self.open.reveal(), self.cancel.reveal()] {
            reply = reply.replace(&token, "…");
            // Also pieces, where the server cut a line or inserted an escape.
            for start in 0..=token.len().saturating_sub(PIECE) {
                if let Some(piece) = token.get(start..start + PIECE) {
                    reply = reply.replace(piece, "…");
                }
            }
        }
        if let Some((code, _)) = &self.code {
            let dashed = code.reveal();
            reply = reply.replace(&dashed, "…").replace(&dashed.replace('-', ""), "…");
        }
        reply
    }
}
