//! What each kind of email says: a file for each, with its facts and made-up ones.
//!
//! No fact is a text that the requester typed. An email with a stranger's text would be the
//! stranger's advertisement. What it says about the requester is in our own words, in the language
//! of the email.

pub mod account_closed;
pub mod address_changed;
pub mod challenge;
pub mod confirm_address;
pub mod invitation;
pub mod new_browser;
pub mod password_changed;
pub mod recovery_begun;
pub mod reset_password;
pub mod security_changed;
pub mod test;

use super::{Letter, Samples};
use crate::{domain::mail::MailKind, locale::Locale};
use serde::Serialize;

/// The facts of one email.
pub trait Facts: Clone + Serialize + Send + Sync + 'static {
    /// Returns the purpose of the email: its links and its code. An email without one of them would
    /// fail some reader.
    fn essentials(&self) -> Vec<&str>;

    /// Returns the same with fewer facts: a request without a network address, a change without
    /// browser or link, an address in ASCII.
    #[must_use]
    fn without_place(self) -> Self {
        self
    }

    /// Returns the event in a line, if another email can tell it.
    fn in_a_line(&self, _locale: &Locale) -> Option<String> {
        None
    }

    /// Adds the lines of other events.
    #[must_use]
    fn telling(self, _others: &[String], _locale: &Locale) -> Self {
        self
    }
}

/// Returns made-up emails of a kind, with every event that it can tell.
pub fn samples(of: Samples<'_>, kind: MailKind) -> Vec<Letter> {
    match kind {
        MailKind::SignIn | MailKind::StepUp => challenge::samples(of, kind),
        MailKind::ConfirmAddress => confirm_address::samples(of),
        MailKind::AddressChanged => address_changed::samples(of),
        MailKind::ResetPassword => reset_password::samples(of),
        MailKind::PasswordChanged => password_changed::samples(of),
        MailKind::SecurityChanged => security_changed::samples(of),
        MailKind::NewBrowser => new_browser::samples(of),
        MailKind::RecoveryBegun => recovery_begun::samples(of),
        MailKind::Invitation => invitation::samples(of),
        MailKind::AccountClosed => account_closed::samples(of),
        MailKind::Test => test::samples(of),
    }
}
