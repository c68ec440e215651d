//! Sentences for each audit line: one for admins, which names the users, and one for the owner.

use crate::domain::{
    AuditEntry, Timestamp,
    audit::{Action, Actor},
    settings::{self as setting, Kind},
};

/// Keys of the sentences that tell a line.
#[derive(Clone, Copy)]
pub(super) struct Keys {
    pub for_admins: &'static str,
    /// `None`: no owner sees such a line.
    pub for_owner: Option<&'static str>,
}

impl Keys {
    const fn new(for_admins: &'static str, for_owner: &'static str) -> Self {
        Self { for_admins, for_owner: Some(for_owner) }
    }

    const fn for_admins(for_admins: &'static str) -> Self {
        Self { for_admins, for_owner: None }
    }

    /// Returns whether the sentence itself says which browser it was.
    pub(super) fn is_of_browser(self) -> bool {
        self.for_admins == "audit-signed-in.from"
    }
}

fn is_own(entry: &AuditEntry) -> bool {
    matches!(&entry.actor, Actor::Account { email, .. } if email.as_str() == entry.subject)
}

/// Returns the app that a user may open until a moment, and that moment.
pub(super) fn access_until(stored: &str) -> Option<(&str, Timestamp)> {
    let (app, at) = stored.split_once(" until ")?;
    Some((app, Timestamp::parse_rfc3339(at)?))
}

/// Returns the keys of the sentence.
pub(super) fn keys(entry: &AuditEntry) -> Keys {
    let (before, after) = (entry.before.as_deref().unwrap_or_default(), entry.after.as_deref().unwrap_or_default());
    match entry.action {
        Action::SignedIn if after.is_empty() => Keys::new("audit-signed-in.plain", "activity-signed-in.plain"),
        Action::SignedIn if entry.browser.is_some() => Keys::new("audit-signed-in.from", "activity-signed-in.from"),
        Action::SteppedUp if after.is_empty() => Keys::new("audit-stepped-up.plain", "activity-stepped-up.plain"),
        Action::SessionRevoked if after == "mailed link" => {
            Keys::new("audit-session-revoked.link", "activity-session-revoked.link")
        }
        Action::SessionRevoked if is_own(entry) => Keys::new("audit-session-revoked.own", "activity-session-revoked"),
        Action::AccountAdded if after == "admin" => {
            Keys::new("audit-account-added.admin", "activity-account-added.admin")
        }
        Action::AccountEndChanged if after.is_empty() => {
            Keys::new("audit-account-end-changed.removed", "activity-account-end-changed.removed")
        }
        Action::AccountClosed if is_own(entry) => Keys::for_admins("audit-account-closed.own"),
        Action::AdminRevoked if is_own(entry) => Keys::new("audit-admin-revoked.own", "activity-admin-revoked.own"),
        Action::NameChanged if after.is_empty() => {
            Keys::new("audit-name-changed.removed", "activity-name-changed.removed")
        }
        Action::NameChanged if before.is_empty() => {
            Keys::new("audit-name-changed.first", "activity-name-changed.first")
        }
        Action::DeviceDistrusted if after.parse::<u32>().is_ok() => {
            Keys::new("audit-browser-forgotten.all", "activity-browser-forgotten.all")
        }
        Action::RecoveryBegun if is_own(entry) => Keys::new("audit-recovery-begun.own", "activity-recovery-begun"),
        Action::RecoveryCancelled if after == "mailed link" => {
            Keys::new("audit-recovery-cancelled.link", "activity-recovery-cancelled.link")
        }
        Action::RecoveryCancelled if after == "second factor shown" => {
            Keys::new("audit-recovery-cancelled.factor", "activity-recovery-cancelled.factor")
        }
        Action::RecoveryCancelled if is_own(entry) => {
            Keys::new("audit-recovery-cancelled.own", "activity-recovery-cancelled")
        }
        Action::RecoveryDone if after.is_empty() => {
            Keys::new("audit-recovery-done.plain", "activity-recovery-done.plain")
        }
        Action::SettingChanged => setting_key(entry, before, after),
        Action::AppAccessGiven if access_until(after).is_some() => {
            Keys::new("audit-access-given.until", "activity-access-given.until")
        }
        Action::HandleChanged if is_own(entry) => Keys::new("audit-handle-changed.own", "activity-handle-changed"),
        action => plain_key(action),
    }
}

fn setting_key(entry: &AuditEntry, before: &str, after: &str) -> Keys {
    let kind = setting::find(&entry.subject).map(|setting| &setting.kind);
    match (kind, after) {
        (Some(Kind::Logo(_)), _) if entry.subject == "logo_dark" => Keys::for_admins("audit-setting-changed.logo-dark"),
        (Some(Kind::Logo(_)), _) => Keys::for_admins("audit-setting-changed.logo"),
        (Some(Kind::Switch(_)) | None, "on") => Keys::for_admins("audit-setting-changed.on"),
        (Some(Kind::Switch(_)) | None, "off") => Keys::for_admins("audit-setting-changed.off"),
        (_, "") => Keys::for_admins("audit-setting-changed.cleared"),
        _ if before.is_empty() => Keys::for_admins("audit-setting-changed.set"),
        _ => Keys::for_admins("audit-setting-changed"),
    }
}

const fn plain_key(action: Action) -> Keys {
    match action {
        Action::SetUp => Keys::new("audit-set-up", "activity-set-up"),
        Action::SignedIn => Keys::new("audit-signed-in", "activity-signed-in"),
        Action::SteppedUp => Keys::new("audit-stepped-up", "activity-stepped-up"),
        Action::SignedOut => Keys::new("audit-signed-out", "activity-signed-out"),
        Action::SessionRevoked => Keys::new("audit-session-revoked", "activity-session-revoked"),
        Action::OtherSessionsRevoked => Keys::new("audit-other-sessions-revoked", "activity-other-sessions-revoked"),
        Action::AttemptCancelled => Keys::new("audit-attempt-cancelled", "activity-attempt-cancelled"),
        Action::CodeGuessedTooOften => Keys::new("audit-codes-guessed", "activity-codes-guessed"),
        Action::AccountAdded => Keys::new("audit-account-added", "activity-account-added"),
        Action::AccountDisabled => Keys::new("audit-account-disabled", "activity-account-disabled"),
        Action::AccountEnabled => Keys::new("audit-account-enabled", "activity-account-enabled"),
        Action::AccountEndChanged => Keys::new("audit-account-end-changed", "activity-account-end-changed"),
        Action::AccountEnded => Keys::new("audit-account-ended", "activity-account-ended"),
        Action::AccountClosed => Keys::for_admins("audit-account-closed"),
        Action::InvitationSent => Keys::new("audit-invitation-sent", "activity-invitation-sent"),
        Action::InvitationWithdrawn => Keys::for_admins("audit-invitation-withdrawn"),
        Action::AdminGranted => Keys::new("audit-admin-granted", "activity-admin-granted"),
        Action::AdminRevoked => Keys::new("audit-admin-revoked", "activity-admin-revoked"),
        Action::SignedOutEverywhere => Keys::new("audit-signed-out-everywhere", "activity-signed-out-everywhere"),
        Action::NameChanged => Keys::new("audit-name-changed", "activity-name-changed"),
        Action::LanguageChanged => Keys::new("audit-language-changed", "activity-language-changed"),
        Action::TimeZoneChanged => Keys::new("audit-time-zone-changed", "activity-time-zone-changed"),
        Action::AddressChangeAsked => Keys::new("audit-address-change-asked", "activity-address-change-asked"),
        Action::AddressChanged => Keys::new("audit-address-changed", "activity-address-changed"),
        Action::AddressChangeUndone => Keys::new("audit-address-change-undone", "activity-address-change-undone"),
        Action::GainUndone => Keys::new("audit-gain-undone", "activity-gain-undone"),
        Action::PasswordSet => Keys::new("audit-password-set", "activity-password-set"),
        Action::PasswordRemoved => Keys::new("audit-password-removed", "activity-password-removed"),
        Action::PasswordReset => Keys::new("audit-password-reset", "activity-password-reset"),
        Action::TotpAdded => Keys::new("audit-app-added", "activity-app-added"),
        Action::TotpRemoved => Keys::new("audit-app-removed", "activity-app-removed"),
        Action::TotpGuessedTooOften => Keys::new("audit-app-guessed", "activity-app-guessed"),
        Action::RecoveryCodesMade => Keys::new("audit-recovery-codes-made", "activity-recovery-codes-made"),
        Action::RecoveryCodesRemoved => Keys::new("audit-recovery-codes-removed", "activity-recovery-codes-removed"),
        Action::RecoveryCodeUsed => Keys::new("audit-recovery-code-used", "activity-recovery-code-used"),
        Action::PasskeyAdded => Keys::new("audit-passkey-added", "activity-passkey-added"),
        Action::PasskeyRenamed => Keys::new("audit-passkey-renamed", "activity-passkey-renamed"),
        Action::PasskeyRemoved => Keys::new("audit-passkey-removed", "activity-passkey-removed"),
        Action::PasskeyCounterWentBack => Keys::new("audit-passkey-copied", "activity-passkey-copied"),
        Action::DeviceTrusted => Keys::new("audit-browser-remembered", "activity-browser-remembered"),
        Action::DeviceDistrusted => Keys::new("audit-browser-forgotten", "activity-browser-forgotten"),
        Action::RecoveryBegun => Keys::new("audit-recovery-begun", "activity-recovery-begun"),
        Action::RecoveryCancelled => Keys::new("audit-recovery-cancelled", "activity-recovery-cancelled"),
        Action::RecoveryDone => Keys::new("audit-recovery-done", "activity-recovery-done"),
        Action::KeyRotated => Keys::for_admins("audit-key-rotated"),
        Action::DatabaseRestored => Keys::for_admins("audit-database-restored"),
        Action::SettingChanged => Keys::for_admins("audit-setting-changed"),
        Action::ConsoleLinkPrinted => Keys::new("audit-console-link", "activity-console-link"),
        Action::TestMailSent => Keys::new("audit-test-email", "activity-test-email"),
        Action::MailRetried => Keys::new("audit-email-retried", "activity-email-retried"),
        Action::SigningKeysRotated => Keys::for_admins("audit-signing-keys-rotated"),
        Action::AppSecretMade => Keys::for_admins("audit-app-secret-made"),
        Action::SignedInToApp => Keys::new("audit-signed-in-to-app", "activity-signed-in-to-app"),
        Action::SignedOutOfApp => Keys::new("audit-signed-out-of-app", "activity-signed-out-of-app"),
        Action::AppConsentGiven => Keys::new("audit-app-consent-given", "activity-app-consent-given"),
        Action::AppAccessEnded => Keys::new("audit-app-access-ended", "activity-app-access-ended"),
        Action::AppTokenReplayed => Keys::new("audit-app-token-replayed", "activity-app-token-replayed"),
        Action::LogoutNotDelivered => Keys::new("audit-logout-not-delivered", "activity-logout-not-delivered"),
        Action::AppAccessAsked => Keys::new("audit-access-asked", "activity-access-asked"),
        Action::AppAccessGiven => Keys::new("audit-access-given", "activity-access-given"),
        Action::AppAccessRefused => Keys::new("audit-access-refused", "activity-access-refused"),
        Action::AppAccessTaken => Keys::new("audit-access-taken", "activity-access-taken"),
        Action::GuestForgotten => Keys::for_admins("audit-guest-forgotten"),
        Action::Newer => Keys::new("audit-unknown-action", "activity-unknown-action"),
        Action::AppAdded => Keys::new("audit-app-behind-added", "activity-app-behind-added"),
        Action::AppChanged => Keys::new("audit-app-behind-changed", "activity-app-behind-changed"),
        Action::AppRemoved => Keys::new("audit-app-behind-removed", "activity-app-behind-removed"),
        Action::GroupAdded => Keys::new("audit-group-added", "activity-group-added"),
        Action::GroupChanged => Keys::new("audit-group-changed", "activity-group-changed"),
        Action::GroupRemoved => Keys::new("audit-group-removed", "activity-group-removed"),
        Action::GroupJoined => Keys::new("audit-group-joined", "activity-group-joined"),
        Action::GroupLeft => Keys::new("audit-group-left", "activity-group-left"),
        Action::HandleChanged => Keys::new("audit-handle-changed", "activity-handle-changed"),
    }
}
