//! Filter for the audit log: the lines that a reader asks for.

use crate::{
    AccountId, AuditEntry, BrowserLabel, Timestamp,
    audit::{Action, Actor},
};
use strum::VariantArray;

/// Subject of a line, for readers who look for one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum AuditKind {
    /// Sign-ins and the ends of sessions.
    SignIns,
    /// Guessed codes, a copied passkey, a sign-in that the owner cancelled.
    Warnings,
    /// Passkeys, apps, codes, passwords, remembered browsers.
    Methods,
    /// Accounts and their names, addresses and rights.
    Accounts,
    Recoveries,
    Settings,
    /// Apps behind Gatepost, and groups.
    Apps,
    /// Acts of an operator, and emails that an admin sends.
    Server,
}

impl AuditKind {
    /// The form in addresses of pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIns => "sign-ins",
            Self::Warnings => "warnings",
            Self::Methods => "methods",
            Self::Accounts => "accounts",
            Self::Recoveries => "recoveries",
            Self::Settings => "settings",
            Self::Apps => "apps",
            Self::Server => "server",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|kind| kind.as_str() == text)
    }

    pub const fn of(action: Action) -> Self {
        match action {
            Action::SignedIn
            | Action::SteppedUp
            | Action::SignedOut
            | Action::SessionRevoked
            | Action::OtherSessionsRevoked
            | Action::SignedOutEverywhere
            | Action::SignedInToApp
            | Action::SignedOutOfApp
            | Action::AppConsentGiven
            | Action::AppAccessEnded => Self::SignIns,
            Action::AttemptCancelled
            | Action::CodeGuessedTooOften
            | Action::TotpGuessedTooOften
            | Action::PasskeyCounterWentBack
            | Action::GainUndone
            | Action::AddressChangeUndone
            | Action::AppTokenReplayed
            | Action::LogoutNotDelivered => Self::Warnings,
            Action::PasswordSet
            | Action::PasswordRemoved
            | Action::PasswordReset
            | Action::TotpAdded
            | Action::TotpRemoved
            | Action::RecoveryCodesMade
            | Action::RecoveryCodesRemoved
            | Action::RecoveryCodeUsed
            | Action::PasskeyAdded
            | Action::PasskeyRenamed
            | Action::PasskeyRemoved
            | Action::DeviceTrusted
            | Action::DeviceDistrusted => Self::Methods,
            Action::AccountAdded
            | Action::AccountDisabled
            | Action::AccountEnabled
            | Action::AccountEndChanged
            | Action::AccountEnded
            | Action::AccountClosed
            | Action::InvitationSent
            | Action::InvitationWithdrawn
            | Action::AdminGranted
            | Action::AdminRevoked
            | Action::NameChanged
            | Action::LanguageChanged
            | Action::TimeZoneChanged
            | Action::AddressChangeAsked
            | Action::AddressChanged
            | Action::GuestForgotten
            | Action::HandleChanged => Self::Accounts,
            Action::RecoveryBegun | Action::RecoveryCancelled | Action::RecoveryDone => Self::Recoveries,
            Action::SettingChanged => Self::Settings,
            Action::AppAdded
            | Action::AppChanged
            | Action::AppAccessAsked
            | Action::AppAccessGiven
            | Action::AppAccessRefused
            | Action::AppAccessTaken
            | Action::AppRemoved
            | Action::GroupAdded
            | Action::GroupChanged
            | Action::GroupRemoved
            | Action::GroupJoined
            | Action::GroupLeft => Self::Apps,
            Action::SetUp
            | Action::KeyRotated
            | Action::DatabaseRestored
            | Action::ConsoleLinkPrinted
            | Action::TestMailSent
            | Action::MailRetried
            | Action::SigningKeysRotated
            | Action::AppSecretMade
            | Action::Newer => Self::Server,
        }
    }

    pub fn actions(self) -> impl Iterator<Item = Action> {
        Action::VARIANTS.iter().copied().filter(move |action| Self::of(*action) == self)
    }
}

/// Filter that a reader sets. Nothing set: every line.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Lines by this account or about it.
    pub account: Option<AccountId>,
    /// Leaves out what the account did to others and to the installation, as its owner's page does.
    pub is_of_owner: bool,
    pub kind: Option<AuditKind>,
    /// The first moment.
    pub since: Option<Timestamp>,
    /// The moment after the last one.
    pub until: Option<Timestamp>,
    /// A part of an address, a name or a value, in any case.
    pub text: String,
}

impl AuditFilter {
    /// Returns whether kind and text fit. The storage has chosen by account and time.
    pub fn fits(&self, entry: &AuditEntry) -> bool {
        self.kind.is_none_or(|kind| AuditKind::of(entry.action) == kind) && self.has_text(entry)
    }

    fn has_text(&self, entry: &AuditEntry) -> bool {
        if self.text.is_empty() {
            return true;
        }
        let actor = match &entry.actor {
            Actor::Account { email, .. } => email.as_str(),
            Actor::CommandLine | Actor::Gatepost | Actor::Visitor => "",
        };
        let wanted = self.text.to_lowercase();
        let parts = [Some(actor), Some(&entry.subject), entry.before.as_deref(), entry.after.as_deref()];
        let browser = entry.browser.as_ref().map(BrowserLabel::as_str);
        let client = entry.client.map(|client| client.to_string());
        parts
            .into_iter()
            .chain([browser, client.as_deref(), entry.request_id.as_deref()])
            .flatten()
            .any(|part| part.to_lowercase().contains(&wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EmailAddress, Entropy};

    struct Zeros;

    impl Entropy for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    fn entry() -> AuditEntry {
        let email = EmailAddress::parse("ana@example.com").unwrap();
        let actor = Actor::Account { id: AccountId::from_i64(1), email };
        let line = AuditEntry::new(&Zeros, Timestamp::from_millis(0), actor, Action::NameChanged);
        let client = "192.0.2.7".parse().map(crate::ClientAddress::new).ok();
        let browser = Some(BrowserLabel::from_user_agent("Firefox/140.0 (Macintosh)"));
        let request_id = Some("4f2a9c".to_owned());
        AuditEntry { client, browser, request_id, ..line }.about("ben@example.com").from_to("Önder", "Ben")
    }

    #[test]
    fn every_action_is_of_one_kind_and_every_kind_has_actions() {
        for &kind in AuditKind::VARIANTS {
            assert_eq!(AuditKind::parse(kind.as_str()), Some(kind));
            assert!(kind.actions().next().is_some(), "{kind:?}");
        }
        let all: usize = AuditKind::VARIANTS.iter().map(|kind| kind.actions().count()).sum();
        assert_eq!(all, Action::VARIANTS.len());
    }

    #[test]
    fn a_text_is_found_in_any_case_in_every_part_of_a_line() {
        for (text, is_found) in [
            ("", true),
            ("ANA@", true),
            ("ben@example", true),
            ("önder", true),
            ("bEn", true),
            ("192.0.2.7", true),
            ("firefox on mac", true),
            ("4F2A", true),
            ("carl", false),
            ("%", false),
        ] {
            let filter = AuditFilter { text: text.to_owned(), ..AuditFilter::default() };
            assert_eq!(filter.fits(&entry()), is_found, "{text}");
        }
    }

    #[test]
    fn kind_and_text_both_have_to_fit() {
        let of = |kind, text: &str| AuditFilter { kind: Some(kind), text: text.to_owned(), ..AuditFilter::default() };
        assert!(of(AuditKind::Accounts, "ana").fits(&entry()));
        assert!(!of(AuditKind::Settings, "ana").fits(&entry()) && !of(AuditKind::Accounts, "carl").fits(&entry()));
    }

    #[test]
    fn warnings_are_what_an_admin_should_look_at() {
        assert_eq!(
            AuditKind::Warnings.actions().map(|action| action.into_str()).collect::<Vec<_>>(),
            [
                "attempt_cancelled",
                "code_guessed_too_often",
                "address_change_undone",
                "gain_undone",
                "totp_guessed_too_often",
                "passkey_counter_went_back",
                "app_token_replayed",
                "logout_not_delivered",
            ]
        );
    }
}
