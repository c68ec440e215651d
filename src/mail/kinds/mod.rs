//! What each kind of email says: a file for each, with its facts and made-up ones.
//!
//! No fact is a text that the requester typed. An email with a stranger's text would be the
//! stranger's advertisement. What it says about the requester is in our own words, in the language
//! of the email.

pub mod access_answered;
pub mod access_asked;
pub mod account_closed;
pub mod address_changed;
pub mod challenge;
pub mod confirm_address;
pub mod guest_ends;
pub mod invitation;
pub mod new_browser;
pub mod password_changed;
pub mod recovery_begun;
pub mod reset_password;
pub mod security_changed;
pub mod test;

pub use super::facts::Facts;

use super::{Letter, Samples};
use crate::domain::mail::MailKind;
use strum::VariantArray;

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
        MailKind::AccessAsked => access_asked::samples(of),
        MailKind::AccessAnswered => access_answered::samples(of),
        MailKind::GuestEnds => guest_ends::samples(of),
        MailKind::Test => test::samples(of),
    }
}

impl Samples<'_> {
    /// Returns every kind in its order, with every event that it can tell.
    pub fn all(self) -> Vec<Letter> {
        MailKind::VARIANTS.iter().flat_map(|&kind| self.of_kind(kind)).collect()
    }

    /// Returns one kind, with every event that it can tell.
    pub fn of_kind(self, kind: MailKind) -> Vec<Letter> {
        samples(self, kind)
    }
}
