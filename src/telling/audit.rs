//! Lines of the audit log as sentences of a language. A line keeps tokens and never changes, so
//! that each reader gets their own language.

use super::{apps, settings};
use crate::{
    db::audit_pages::Line,
    domain::{
        AccountId, AuditEntry, BrowserLabel, EmailAddress, Gain, Timestamp,
        assurance::Method,
        audit::{Action, Actor},
        news::Removed,
        settings::{self as setting, Kind},
    },
    locale::{Locale, Sentence, Value},
    mail::words::removed,
};
use askama::filters::Safe;
use std::collections::HashSet;

/// How to say lines: in which language, and which accounts have a page to lead to.
pub struct Words<'a> {
    pub locale: &'a Locale,
    pub accounts: &'a HashSet<AccountId>,
    /// The owner of an account who reads its lines. Other accounts are not named to them.
    pub owner: Option<AccountId>,
}

impl Words<'_> {
    /// Returns the sentence as HTML, with links to the users in it.
    pub fn html(&self, line: &Line) -> Safe<String> {
        let entry = &line.entry;
        let (actor, subject) = (self.linked(&self.actor(entry)), self.linked(&(line.about, entry.subject.clone())));
        sentence(self.locale, entry, actor, subject).html()
    }

    /// Returns the sentence as a text.
    pub fn plain(&self, line: &Line) -> String {
        let text = |name: String| Value::Text(name);
        let (actor, subject) = (self.actor(&line.entry).1, line.entry.subject.clone());
        sentence(self.locale, &line.entry, text(actor), text(subject)).to_string()
    }

    fn actor(&self, entry: &AuditEntry) -> (Option<AccountId>, String) {
        let is_hidden = |owner| entry.actor.account().is_some_and(|actor| actor != owner);
        if self.owner.is_some_and(is_hidden) {
            return (None, self.locale.say("actor-admin").to_string());
        }
        actor_of(self.locale, entry)
    }

    fn linked(&self, (account, name): &(Option<AccountId>, String)) -> Value {
        match account.filter(|account| self.accounts.contains(account)) {
            Some(account) => {
                let person = self.locale.say("audit-person").address("email", name);
                Value::Markup(person.link(format_args!("/admin/people/{account}")).html().0)
            }
            None if EmailAddress::parse_own(name).is_ok() => Value::Address(name.clone()),
            None => Value::Text(name.clone()),
        }
    }
}

/// Returns who did it: the account and the name.
fn actor_of(locale: &Locale, entry: &AuditEntry) -> (Option<AccountId>, String) {
    let said = |key| (None, locale.say(key).to_string());
    match &entry.actor {
        Actor::Account { id, email } => (Some(*id), email.as_str().to_owned()),
        Actor::CommandLine => said("actor-command-line"),
        Actor::Gatepost => said("actor-gatepost"),
        Actor::Visitor => said("actor-visitor"),
    }
}

/// Returns whether the sentence itself says which browser it was.
pub fn names_browser(entry: &AuditEntry) -> bool {
    key(entry) == "audit-signed-in.from"
}

fn is_own(entry: &AuditEntry) -> bool {
    matches!(&entry.actor, Actor::Account { email, .. } if email.as_str() == entry.subject)
}

fn sentence<'a>(locale: &'a Locale, entry: &AuditEntry, actor: Value, subject: Value) -> Sentence<'a> {
    let said = locale.say(key(entry)).with("actor", actor).with("subject", subject);
    let (before, after) = (entry.before.as_deref().unwrap_or_default(), entry.after.as_deref().unwrap_or_default());
    let said = match entry.action {
        Action::SignedIn | Action::SteppedUp => {
            let from = entry.browser.as_ref().map(|browser| locale.from_browser(browser));
            said.with("methods", methods(locale, after)).with("from", from.unwrap_or_default())
        }
        Action::OtherSessionsRevoked | Action::TotpGuessedTooOften => said.with("count", number(after)),
        Action::RecoveryCodeUsed => said.with("count", number(after.trim_end_matches(" left"))),
        Action::DeviceTrusted | Action::DeviceDistrusted => {
            let browser = BrowserLabel::from_stored(after.to_owned());
            said.with("count", number(after)).with("browser", locale.browser(&browser))
        }
        Action::Newer => said.with("action", entry.action_name()),
        Action::GainUndone => said.with("gains", gains(locale, before)),
        Action::RecoveryDone => said.with("removed", removed(&Removed::read(after), locale)),
        Action::RecoveryBegun | Action::AccountEndChanged => match Timestamp::parse_rfc3339(after) {
            Some(at) => said.with("at", at),
            None => said.with("at", after),
        },
        Action::AppAccessGiven => match access_until(after) {
            Some((app, at)) => return said.with("app", app).with("at", at),
            None => said.with("app", after),
        },
        Action::SettingChanged => {
            let name = settings::name(&entry.subject);
            said.with("setting", name.map_or_else(|| entry.subject.clone(), |key| locale.say(key).to_string()))
        }
        _ => said,
    };
    said.with("before", value(locale, entry, before)).with("after", value(locale, entry, after))
}

/// Returns the app that a user may open until a moment, and that moment.
fn access_until(stored: &str) -> Option<(&str, Timestamp)> {
    let (app, at) = stored.split_once(" until ")?;
    Some((app, Timestamp::parse_rfc3339(at)?))
}

fn number(stored: &str) -> u32 {
    stored.parse().unwrap_or(0)
}

fn value(locale: &Locale, entry: &AuditEntry, stored: &str) -> String {
    match entry.action {
        Action::LanguageChanged if stored.is_empty() => locale.say("language-of-browser").to_string(),
        Action::TimeZoneChanged if stored.is_empty() => locale.say("time-zone-of-browser").to_string(),
        Action::SettingChanged => settings::value(locale, &entry.subject, stored),
        Action::AppAdded | Action::AppChanged | Action::AppRemoved => apps::facts(locale, stored),
        _ => stored.to_owned(),
    }
}

/// Returns the key of the sentence.
fn key(entry: &AuditEntry) -> &'static str {
    let (before, after) = (entry.before.as_deref().unwrap_or_default(), entry.after.as_deref().unwrap_or_default());
    match entry.action {
        Action::SignedIn if after.is_empty() => "audit-signed-in.plain",
        Action::SignedIn if entry.browser.is_some() => "audit-signed-in.from",
        Action::SteppedUp if after.is_empty() => "audit-stepped-up.plain",
        Action::SessionRevoked if after == "mailed link" => "audit-session-revoked.link",
        Action::SessionRevoked if is_own(entry) => "audit-session-revoked.own",
        Action::AccountAdded if after == "admin" => "audit-account-added.admin",
        Action::AccountEndChanged if after.is_empty() => "audit-account-end-changed.removed",
        Action::AccountClosed if is_own(entry) => "audit-account-closed.own",
        Action::AdminRevoked if is_own(entry) => "audit-admin-revoked.own",
        Action::NameChanged if after.is_empty() => "audit-name-changed.removed",
        Action::NameChanged if before.is_empty() => "audit-name-changed.first",
        Action::DeviceDistrusted if after.parse::<u32>().is_ok() => "audit-browser-forgotten.all",
        Action::RecoveryBegun if is_own(entry) => "audit-recovery-begun.own",
        Action::RecoveryCancelled if after == "mailed link" => "audit-recovery-cancelled.link",
        Action::RecoveryCancelled if after == "second factor shown" => "audit-recovery-cancelled.factor",
        Action::RecoveryCancelled if is_own(entry) => "audit-recovery-cancelled.own",
        Action::RecoveryDone if after.is_empty() => "audit-recovery-done.plain",
        Action::SettingChanged => setting_key(entry, before, after),
        Action::AppAccessGiven if access_until(after).is_some() => "audit-access-given.until",
        Action::HandleChanged if is_own(entry) => "audit-handle-changed.own",
        action => plain_key(action),
    }
}

fn setting_key(entry: &AuditEntry, before: &str, after: &str) -> &'static str {
    let kind = setting::find(&entry.subject).map(|setting| &setting.kind);
    match (kind, after) {
        (Some(Kind::Logo(_)), _) if entry.subject == "logo_dark" => "audit-setting-changed.logo-dark",
        (Some(Kind::Logo(_)), _) => "audit-setting-changed.logo",
        (Some(Kind::Switch(_)) | None, "on") => "audit-setting-changed.on",
        (Some(Kind::Switch(_)) | None, "off") => "audit-setting-changed.off",
        (_, "") => "audit-setting-changed.cleared",
        _ if before.is_empty() => "audit-setting-changed.set",
        _ => "audit-setting-changed",
    }
}

const fn plain_key(action: Action) -> &'static str {
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
        Action::AccountEndChanged => "audit-account-end-changed",
        Action::AccountEnded => "audit-account-ended",
        Action::AccountClosed => "audit-account-closed",
        Action::InvitationSent => "audit-invitation-sent",
        Action::InvitationWithdrawn => "audit-invitation-withdrawn",
        Action::AdminGranted => "audit-admin-granted",
        Action::AdminRevoked => "audit-admin-revoked",
        Action::SignedOutEverywhere => "audit-signed-out-everywhere",
        Action::NameChanged => "audit-name-changed",
        Action::LanguageChanged => "audit-language-changed",
        Action::TimeZoneChanged => "audit-time-zone-changed",
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
        Action::SigningKeysRotated => "audit-signing-keys-rotated",
        Action::AppSecretMade => "audit-app-secret-made",
        Action::SignedInToApp => "audit-signed-in-to-app",
        Action::SignedOutOfApp => "audit-signed-out-of-app",
        Action::AppConsentGiven => "audit-app-consent-given",
        Action::AppAccessEnded => "audit-app-access-ended",
        Action::AppTokenReplayed => "audit-app-token-replayed",
        Action::AppAccessAsked => "audit-access-asked",
        Action::AppAccessGiven => "audit-access-given",
        Action::AppAccessRefused => "audit-access-refused",
        Action::AppAccessTaken => "audit-access-taken",
        Action::GuestForgotten => "audit-guest-forgotten",
        Action::Newer => "audit-unknown-action",
        Action::AppAdded => "audit-app-behind-added",
        Action::AppChanged => "audit-app-behind-changed",
        Action::AppRemoved => "audit-app-behind-removed",
        Action::GroupAdded => "audit-group-added",
        Action::GroupChanged => "audit-group-changed",
        Action::GroupRemoved => "audit-group-removed",
        Action::GroupJoined => "audit-group-joined",
        Action::GroupLeft => "audit-group-left",
        Action::HandleChanged => "audit-handle-changed",
    }
}

fn methods(locale: &Locale, stored: &str) -> String {
    let name = |method: &str| Method::parse(method).map(|method| locale.say(method.key_after_with()).to_string());
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
