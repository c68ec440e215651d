//! The kinds of emails: a file for each. It has the facts for the templates, and made-up ones.
//! It says whether the email is sent, to whom, and what its link does.
//!
//! No fact is a text that the requester typed. An email with a stranger's text would be the
//! stranger's advertisement. What it says about the requester is in our own words, in the language
//! of the email. Only names of places are the words of the operator's file.

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
mod sign_in;
mod step_up;
pub mod test;

use super::kind::Kind;
use crate::{
    domain::mail::MailKind,
    mail::{MailFacts, Samples},
};
use strum::VariantArray;

/// Returns what belongs to a kind.
pub(super) const fn of(kind: MailKind) -> Kind {
    match kind {
        MailKind::SignIn => sign_in::KIND,
        MailKind::StepUp => step_up::KIND,
        MailKind::ConfirmAddress => confirm_address::KIND,
        MailKind::AddressChanged => address_changed::KIND,
        MailKind::ResetPassword => reset_password::KIND,
        MailKind::PasswordChanged => password_changed::KIND,
        MailKind::SecurityChanged => security_changed::KIND,
        MailKind::NewBrowser => new_browser::KIND,
        MailKind::RecoveryBegun => recovery_begun::KIND,
        MailKind::Invitation => invitation::KIND,
        MailKind::AccountClosed => account_closed::KIND,
        MailKind::AccessAsked => access_asked::KIND,
        MailKind::AccessAnswered => access_answered::KIND,
        MailKind::GuestEnds => guest_ends::KIND,
        MailKind::Test => test::KIND,
    }
}

// Here, because only this folder knows all kinds.
impl Samples<'_> {
    /// Returns every kind in its order, with every event that it can tell.
    pub fn all(self) -> Vec<MailFacts> {
        MailKind::VARIANTS.iter().flat_map(|&kind| self.of_kind(kind)).collect()
    }

    /// Returns one kind, with every event that it can tell.
    pub fn of_kind(self, kind: MailKind) -> Vec<MailFacts> {
        (of(kind).samples)(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::mail::Recipient, outbox::kind::Decide};

    #[test]
    fn a_kind_decides_about_typed_addresses_if_and_only_if_its_row_says_so() {
        for &kind in MailKind::VARIANTS {
            let is_typed = matches!(of(kind).decide, Decide::Typed(_));
            assert_eq!(is_typed, kind.recipient() == Recipient::Typed, "{kind:?}");
        }
    }

    #[test]
    fn each_kind_makes_up_emails_of_its_own_kind() {
        let catalogue = crate::locale::Catalogue::embedded().unwrap();
        let english = catalogue.first_of([]);
        let made_up = Samples { base_url: "https://login.example.com", address: "ana@example.com", locale: &english };
        for &kind in MailKind::VARIANTS {
            let all = made_up.of_kind(kind);
            assert!(!all.is_empty() && all.iter().all(|mail_facts| mail_facts.kind() == kind), "{kind:?}");
        }
    }
}
