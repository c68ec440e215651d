//! Lines of the audit log as sentences of a language. A line keeps tokens and never changes, so
//! that each reader gets their own language.

use super::{
    apps,
    audit_keys::{access_until, keys},
    settings,
};
use crate::{
    db::audit_pages::Line,
    domain::{
        AccountId, AuditEntry, BrowserLabel, EmailAddress, Gain, Timestamp,
        assurance::Method,
        audit::{Action, Actor},
        news::Removed,
    },
    locale::{Locale, Sentence, Value},
    mail::words::removed,
};
use askama::filters::Safe;
use std::collections::HashSet;

/// Context for the words of lines: the language, and the accounts that have a page to lead to.
pub struct Words<'a> {
    pub locale: &'a Locale,
    pub accounts: &'a HashSet<AccountId>,
    /// The owner of an account who reads its lines. Other accounts are not named to them.
    pub owner: Option<AccountId>,
}

impl Words<'_> {
    /// Returns the sentence for the account's owner, without an actor. Adds the actor if it was
    /// someone else.
    pub fn for_owner(&self, line: &Line, owner: AccountId) -> (Safe<String>, Option<String>) {
        let entry = &line.entry;
        let (actor, subject) = (Value::Text(self.actor(entry).1), Value::Text(entry.subject.clone()));
        let by = match entry.actor {
            Actor::CommandLine => Some(self.locale.say("from-browser.command-line").to_string()),
            _ => (entry.actor.account() != Some(owner)).then(|| self.actor(entry).1),
        };
        match keys(entry).for_owner {
            Some(key) => (sentence(self.locale, (entry, key), actor, subject).html(), by),
            None => (self.html(line), None),
        }
    }

    /// Returns the sentence as HTML, with links to the users in it.
    pub fn html(&self, line: &Line) -> Safe<String> {
        let entry = &line.entry;
        let (actor, subject) = (self.linked(&self.actor(entry)), self.linked(&(line.about, entry.subject.clone())));
        sentence(self.locale, (entry, keys(entry).for_admins), actor, subject).html()
    }

    /// Returns the sentence as a text.
    pub fn plain(&self, line: &Line) -> String {
        let text = |name: String| Value::Text(name);
        let (actor, subject) = (self.actor(&line.entry).1, line.entry.subject.clone());
        sentence(self.locale, (&line.entry, keys(&line.entry).for_admins), text(actor), text(subject)).to_string()
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
    keys(entry).is_of_browser()
}

fn sentence<'a>(
    locale: &'a Locale,
    (entry, key): (&AuditEntry, &'static str),
    actor: Value,
    subject: Value,
) -> Sentence<'a> {
    let said = locale.say(key).with("actor", actor).with("subject", subject);
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

fn methods(locale: &Locale, stored: &str) -> String {
    let name =
        |method: &str| method.parse::<Method>().ok().map(|method| locale.say(method.key_after_with()).to_string());
    let names: Vec<_> = stored.split(" + ").map(|method| name(method).unwrap_or_else(|| method.to_owned())).collect();
    locale.list(&names)
}

fn gains(locale: &Locale, stored: &str) -> String {
    let name = |stored: &str| stored.parse().ok().map(|gain| locale.say(gain_key(gain)).to_string());
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
