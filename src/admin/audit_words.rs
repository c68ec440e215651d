//! Lines of the audit log in words of a language. A line keeps tokens and never changes, so that
//! each reader gets their own language.

use super::setting_words as settings;
use crate::{
    domain::{
        AuditEntry, BrowserLabel, Gain, Timestamp,
        assurance::Method,
        audit::{Action, Actor},
        news::Removed,
    },
    locale::Locale,
    mail::letter::removed,
};

/// Returns the key of what was done.
pub const fn action(action: Action) -> &'static str {
    match action {
        Action::SetUp => "audit-set-up",
        Action::SignedIn => "audit-signed-in",
        Action::SteppedUp => "audit-stepped-up",
        Action::SignedOut => "audit-signed-out",
        Action::SessionRevoked => "audit-session-revoked",
        Action::OtherSessionsRevoked => "audit-other-sessions-revoked",
        Action::AttemptCancelled => "audit-attempt-cancelled",
        Action::CodeGuessedTooOften => "audit-codes-guessed",
        Action::AccountAdded => "audit-account-added",
        Action::AccountDisabled => "audit-account-disabled",
        Action::AccountEnabled => "audit-account-enabled",
        Action::AccountClosed => "audit-account-closed",
        Action::AdminGranted => "audit-admin-granted",
        Action::AdminRevoked => "audit-admin-revoked",
        Action::SignedOutEverywhere => "audit-signed-out-everywhere",
        Action::NameChanged => "audit-name-changed",
        Action::LanguageChanged => "audit-language-changed",
        Action::AddressChangeAsked => "audit-address-change-asked",
        Action::AddressChanged => "audit-address-changed",
        Action::AddressChangeUndone => "audit-address-change-undone",
        Action::GainUndone => "audit-gain-undone",
        Action::PasswordSet => "audit-password-set",
        Action::PasswordRemoved => "audit-password-removed",
        Action::PasswordReset => "audit-password-reset",
        Action::TotpAdded => "audit-app-added",
        Action::TotpRemoved => "audit-app-removed",
        Action::TotpGuessedTooOften => "audit-app-guessed",
        Action::RecoveryCodesMade => "audit-recovery-codes-made",
        Action::RecoveryCodesRemoved => "audit-recovery-codes-removed",
        Action::RecoveryCodeUsed => "audit-recovery-code-used",
        Action::PasskeyAdded => "audit-passkey-added",
        Action::PasskeyRenamed => "audit-passkey-renamed",
        Action::PasskeyRemoved => "audit-passkey-removed",
        Action::PasskeyCounterWentBack => "audit-passkey-copied",
        Action::DeviceTrusted => "audit-browser-remembered",
        Action::DeviceDistrusted => "audit-browser-forgotten",
        Action::RecoveryBegun => "audit-recovery-begun",
        Action::RecoveryCancelled => "audit-recovery-cancelled",
        Action::RecoveryDone => "audit-recovery-done",
        Action::KeyRotated => "audit-key-rotated",
        Action::DatabaseRestored => "audit-database-restored",
        Action::SettingChanged => "audit-setting-changed",
        Action::ConsoleLinkPrinted => "audit-console-link",
        Action::TestMailSent => "audit-test-email",
        Action::MailRetried => "audit-email-retried",
    }
}

/// Returns who did it.
pub fn actor(locale: &Locale, actor: &Actor) -> String {
    match actor {
        Actor::Account { email, .. } => email.as_str().to_owned(),
        Actor::CommandLine => locale.say("actor-command-line").to_string(),
        Actor::Gatepost => locale.say("actor-gatepost").to_string(),
        Actor::Visitor => locale.say("actor-visitor").to_string(),
    }
}

/// Returns what it was done to.
pub fn subject(locale: &Locale, entry: &AuditEntry) -> String {
    let setting = (entry.action == Action::SettingChanged).then(|| settings::name(&entry.subject)).flatten();
    setting.map_or_else(|| entry.subject.clone(), |key| locale.say(key).to_string())
}

/// Returns the value before, the value after, or other details.
pub fn facts(locale: &Locale, entry: &AuditEntry) -> Vec<String> {
    let (before, after) = (entry.before.as_deref(), entry.after.as_deref());
    let fact = |key: &'static str, value: String| vec![locale.say(key).with("value", value).to_string()];
    match (entry.action, before, after) {
        (_, None, None) => Vec::new(),
        (Action::SignedIn | Action::SteppedUp, None, Some(after)) => fact("audit-method", methods(locale, after)),
        (Action::AccountAdded, None, Some(after)) => fact("audit-role", token(locale, after)),
        (Action::RecoveryBegun, None, Some(after)) => fact("audit-due", moment(locale, after)),
        (Action::RecoveryCancelled | Action::SessionRevoked, None, Some(after)) => {
            fact("audit-method", token(locale, after))
        }
        (Action::RecoveryDone, None, Some(after)) => fact("audit-removed", removed(&Removed::read(after), locale)),
        (Action::RecoveryCodeUsed, None, Some(after)) => fact("audit-codes-left", after.replace(" left", "")),
        (Action::TotpGuessedTooOften, None, Some(after)) => fact("audit-wrong-codes", after.to_owned()),
        (Action::OtherSessionsRevoked, None, Some(after)) => fact("audit-number", after.to_owned()),
        (Action::DeviceTrusted | Action::DeviceDistrusted, None, Some(after)) if after.parse::<u64>().is_ok() => {
            fact("audit-number", after.to_owned())
        }
        (Action::DeviceTrusted | Action::DeviceDistrusted, None, Some(after)) => {
            fact("audit-browser", locale.browser(&BrowserLabel::from_stored(after.to_owned())))
        }
        (Action::AddressChangeAsked, None, Some(after)) => fact("audit-new-address", after.to_owned()),
        (Action::GainUndone, Some(before), _) => fact("audit-undone", gains(locale, before)),
        (Action::TotpAdded | Action::PasskeyAdded | Action::PasskeyCounterWentBack, None, Some(name))
        | (Action::TotpRemoved | Action::PasskeyRemoved, Some(name), _) => fact("audit-name", name.to_owned()),
        _ => {
            let value = |stored| value(locale, entry, stored);
            let before = before.map(|before| locale.say("audit-before").with("value", value(before)).to_string());
            let after = after.map(|after| locale.say("audit-after").with("value", value(after)).to_string());
            before.into_iter().chain(after).collect()
        }
    }
}

fn value(locale: &Locale, entry: &AuditEntry, stored: &str) -> String {
    match entry.action {
        Action::LanguageChanged if stored.is_empty() => locale.say("language-of-browser").to_string(),
        _ if stored.is_empty() => locale.say("value-empty").to_string(),
        Action::SettingChanged => settings::value(locale, &entry.subject, stored),
        Action::AccountDisabled | Action::AccountEnabled | Action::AdminGranted | Action::AdminRevoked => {
            token(locale, stored)
        }
        _ => stored.to_owned(),
    }
}

/// Translates a word that lines keep in English.
fn token(locale: &Locale, stored: &str) -> String {
    let key = match stored {
        "admin" => "role-admin",
        "account" => "role-user",
        "active" => "state-active",
        "disabled" => "state-disabled",
        "mailed link" => "by-emailed-link",
        "account page" => "by-account-page",
        "second factor shown" => "by-second-factor",
        "command line" => "actor-command-line",
        _ => return stored.to_owned(),
    };
    locale.say(key).to_string()
}

fn methods(locale: &Locale, stored: &str) -> String {
    let name = |method: &str| Method::parse(method).map(|method| locale.say(method.key()).to_string());
    let names: Vec<_> = stored.split(" + ").map(|method| name(method).unwrap_or_else(|| method.to_owned())).collect();
    locale.list(&names)
}

fn gains(locale: &Locale, stored: &str) -> String {
    let name = |stored: &str| Gain::parse(stored).map(|gain| locale.say(gain_key(gain)).to_string());
    let names: Vec<_> = stored.split(", ").map(|gain| name(gain).unwrap_or_else(|| gain.to_owned())).collect();
    locale.list(&names)
}

const fn gain_key(gain: Gain) -> &'static str {
    match gain {
        Gain::Passkey => "gain-passkey",
        Gain::App => "gain-app",
        Gain::RecoveryCodes => "gain-recovery-codes",
        Gain::RememberedBrowser => "gain-remembered-browser",
        Gain::Password => "gain-password",
        Gain::Address => "gain-address",
        Gain::AdminRights => "gain-admin-rights",
    }
}

fn moment(locale: &Locale, stored: &str) -> String {
    Timestamp::parse_rfc3339(stored).map_or_else(|| stored.to_owned(), |at| locale.moment(at))
}
