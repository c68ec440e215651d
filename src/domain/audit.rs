//! The audit log's vocabulary: who did what to whom, when, from where, with what before and after.

use super::{AccountId, AuditId, ClientAddress, EmailAddress, Timestamp};

/// One line of the audit log. Lines are only ever added.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    pub id: AuditId,
    pub at: Timestamp,
    pub actor: Actor,
    pub action: Action,
    /// What it was done to: an account's address, a setting's name.
    pub subject: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub client: Option<ClientAddress>,
    pub request_id: Option<String>,
}

/// Who did it. The address is kept as it was then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    Account {
        id: AccountId,
        email: EmailAddress,
    },
    CommandLine,
    /// Somebody not signed in: the holder of a link, or of nothing.
    Visitor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    SetUp,
    SignedIn,
    SteppedUp,
    SignedOut,
    SessionRevoked,
    OtherSessionsRevoked,
    AttemptCancelled,
    CodeGuessedTooOften,
    AccountAdded,
    AccountDisabled,
    AccountEnabled,
    AccountClosed,
    AdminGranted,
    AdminRevoked,
    SignedOutEverywhere,
    NameChanged,
    AddressChangeAsked,
    AddressChanged,
    AddressChangeUndone,
    SettingChanged,
    ConsoleLinkPrinted,
    TestMailSent,
    MailRetried,
}

impl Action {
    pub const ALL: [Self; 23] = [
        Self::SetUp,
        Self::SignedIn,
        Self::SteppedUp,
        Self::SignedOut,
        Self::SessionRevoked,
        Self::OtherSessionsRevoked,
        Self::AttemptCancelled,
        Self::CodeGuessedTooOften,
        Self::AccountAdded,
        Self::AccountDisabled,
        Self::AccountEnabled,
        Self::AccountClosed,
        Self::AdminGranted,
        Self::AdminRevoked,
        Self::SignedOutEverywhere,
        Self::NameChanged,
        Self::AddressChangeAsked,
        Self::AddressChanged,
        Self::AddressChangeUndone,
        Self::SettingChanged,
        Self::ConsoleLinkPrinted,
        Self::TestMailSent,
        Self::MailRetried,
    ];

    /// The stored and exported form; never changes once released.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SetUp => "set_up",
            Self::SignedIn => "signed_in",
            Self::SteppedUp => "stepped_up",
            Self::SignedOut => "signed_out",
            Self::SessionRevoked => "session_revoked",
            Self::OtherSessionsRevoked => "other_sessions_revoked",
            Self::AttemptCancelled => "attempt_cancelled",
            Self::CodeGuessedTooOften => "code_guessed_too_often",
            Self::AccountAdded => "account_added",
            Self::AccountDisabled => "account_disabled",
            Self::AccountEnabled => "account_enabled",
            Self::AccountClosed => "account_closed",
            Self::AdminGranted => "admin_granted",
            Self::AdminRevoked => "admin_revoked",
            Self::SignedOutEverywhere => "signed_out_everywhere",
            Self::NameChanged => "name_changed",
            Self::AddressChangeAsked => "address_change_asked",
            Self::AddressChanged => "address_changed",
            Self::AddressChangeUndone => "address_change_undone",
            Self::SettingChanged => "setting_changed",
            Self::ConsoleLinkPrinted => "console_link_printed",
            Self::TestMailSent => "test_mail_sent",
            Self::MailRetried => "mail_retried",
        }
    }

    pub fn parse(stored: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == stored)
    }
}
