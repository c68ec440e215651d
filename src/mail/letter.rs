//! What each kind of email says: the facts for its templates. [`samples`](super::samples) has
//! made-up ones.
//!
//! No fact is a text that the requester typed. An email with a stranger's text would be the
//! stranger's advertisement. What it says about the requester is in our own words, in the language
//! of the email.

use crate::{
    domain::{
        AskedFrom, EmailAddress, Method, SecurityEvent,
        mail::MailKind,
        news::{About, Removed},
    },
    locale::Locale,
};
use serde::Serialize;

/// Facts in every email.
#[derive(Clone, Debug, Serialize)]
pub struct Letterhead {
    pub product_name: String,
    /// The server's host name.
    pub host: String,
    /// The server's address, without a slash at its end.
    pub base_url: String,
    pub support_address: Option<String>,
    /// The same with its domain in the reader's own script, if that differs.
    pub support_unicode: Option<String>,
    /// Colour of the button, and of the text on it.
    pub accent: String,
    pub accent_text: String,
    /// Whether the logo comes along, as `cid:logo`.
    pub logo: bool,
    /// Whether the subject names the code, if there is one.
    pub code_in_subject: bool,
}

/// The facts of one email.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Letter {
    SignIn(Challenge),
    StepUp(Challenge),
    ConfirmAddress(ConfirmAddress),
    AddressChanged(AddressChanged),
    ResetPassword(ResetPassword),
    PasswordChanged(PasswordChanged),
    SecurityChanged(SecurityChanged),
    NewBrowser(NewBrowser),
    RecoveryBegun(RecoveryBegun),
    Invitation(Invitation),
    AccountClosed(AccountClosed),
    Test(Test),
}

/// A link and a code that prove something.
#[derive(Clone, Serialize)]
pub struct Challenge {
    pub link: String,
    pub code: String,
    pub cancel_link: String,
    #[serde(flatten)]
    pub asked: Asked,
}

/// The code in emails that are only for looking at.
pub const SAMPLE_CODE: &str = "K7M-2QX";

/// Who asked, from where, when, and how long the answer counts.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    pub browser: String,
    pub client: Option<String>,
    pub asked_at: String,
    pub lifetime: String,
}

/// The address of an account that is about to move. The reader may be a stranger, so that mail
/// programs must not make a link of it.
#[derive(Clone, Serialize)]
pub struct OldAddress {
    pub old_address: String,
    /// The same with its domain in the reader's own script, if that differs.
    pub old_address_unicode: Option<String>,
}

/// The account's new address. Its owner may be an attacker, so that mail programs must not make a
/// link of it.
#[derive(Clone, Serialize)]
pub struct NewAddress {
    pub new_address: String,
    /// The same with its domain in the reader's own script, if that differs.
    pub new_address_unicode: Option<String>,
}

impl From<&EmailAddress> for OldAddress {
    fn from(address: &EmailAddress) -> Self {
        Self { old_address: address.unlinked(), old_address_unicode: address.in_unicode() }
    }
}

impl From<&EmailAddress> for NewAddress {
    fn from(address: &EmailAddress) -> Self {
        Self { new_address: address.unlinked(), new_address_unicode: address.in_unicode() }
    }
}

/// Where a change was made, if that is known and is the reader's business.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Place {
    pub browser: Option<String>,
    pub client: Option<String>,
    /// Both in words.
    pub place: Option<String>,
}

/// What happened: the event's name, for templates that choose by it, and its words.
#[derive(Clone, Debug, Serialize)]
pub struct News {
    pub what: &'static str,
    pub title: String,
    pub detail: String,
}

impl Place {
    pub fn of(from: Option<&AskedFrom>, locale: &Locale) -> Self {
        let Some(from) = from else { return Self::default() };
        let browser = locale.browser(&from.browser);
        let client = from.client.map(|client| client.to_string());
        let place = client.as_ref().map_or_else(
            || browser.clone(),
            |client| locale.say("mail-place").with("browser", &browser).with("address", client).to_string(),
        );
        Self { browser: Some(browser), client, place: Some(place) }
    }
}

impl News {
    /// Returns the words of an event. `None` is an event that only a newer node knows.
    pub fn of(event: Option<SecurityEvent>, locale: &Locale) -> Self {
        let Some(event) = event else {
            let title = locale.say("event-unknown").to_string();
            return Self { what: "changed", title, detail: locale.say("event-unknown.detail").to_string() };
        };
        let detail = locale.say(event.detail()).with("left", event.left().unwrap_or_default());
        Self { what: event.name(), title: locale.say(event.title()).to_string(), detail: detail.to_string() }
    }

    /// Adds events that get no email themselves.
    fn tell_also(&mut self, changes: &[String], locale: &Locale) {
        let changes = changes.join("; ");
        let all = locale.say("mail-other-changes").with("detail", &self.detail).with("changes", &changes);
        self.detail = all.to_string();
    }

    /// Returns the change as one of several, with its time and place.
    fn in_a_line(&self, changed_at: &str, place: &Place, locale: &Locale) -> String {
        let key = if place.place.is_some() { "mail-change-from" } else { "mail-change" };
        let change = locale.say(key).with("title", &self.title).with("at", changed_at);
        place.place.iter().fold(change, |change, place| change.with("place", place)).to_string()
    }
}

/// Methods in words, as a list.
pub fn methods(methods: &[Method], locale: &Locale) -> String {
    let methods: Vec<_> = methods.iter().map(|method| locale.say(method.key()).to_string()).collect();
    locale.list(&methods)
}

/// Returns what an event is about, in a sentence.
pub fn about(about: &About, locale: &Locale) -> String {
    match about {
        About::NewAdmin(admin) => locale.say("event-about-admin").with("admin", admin).to_string(),
        About::Removed(all) => locale.say("event-about-removed").with("what", removed(all, locale)).to_string(),
    }
}

/// What the end of a recovery removed, as a list.
pub fn removed(all: &[Removed], locale: &Locale) -> String {
    let words = |removed: &Removed| match removed {
        Removed::Counted(factor, count) => locale.say(factor.counted()).with("count", *count).to_string(),
        Removed::NewPassword => locale.say("event-removed-password").to_string(),
        Removed::Unknown(words) => words.clone(),
    };
    locale.list(&all.iter().map(words).collect::<Vec<_>>())
}

#[derive(Clone, Serialize)]
pub struct ConfirmAddress {
    pub link: String,
    pub cancel_link: String,
    #[serde(flatten)]
    pub old: OldAddress,
    #[serde(flatten)]
    pub asked: Asked,
}

#[derive(Clone, Serialize)]
pub struct AddressChanged {
    #[serde(flatten)]
    pub new: NewAddress,
    pub changed_at: String,
    #[serde(flatten)]
    pub place: Place,
    pub undo_link: String,
    pub undo_lifetime: String,
}

#[derive(Clone, Serialize)]
pub struct ResetPassword {
    pub link: String,
    pub cancel_link: String,
    #[serde(flatten)]
    pub asked: Asked,
}

#[derive(Clone, Serialize)]
pub struct PasswordChanged {
    #[serde(flatten)]
    pub news: News,
    pub changed_at: String,
    #[serde(flatten)]
    pub place: Place,
    pub reset_link: String,
    /// Undoes it. `None` without a gain.
    pub undo_link: Option<String>,
    pub undo_lifetime: String,
}

#[derive(Clone, Serialize)]
pub struct SecurityChanged {
    #[serde(flatten)]
    pub news: News,
    /// How many recovery codes are left after one was used.
    pub left: Option<u32>,
    /// The new admin, or what was removed, in a sentence.
    pub about: Option<String>,
    /// Characters that the password needs from now on, if it is the only proof left.
    pub least_password: Option<usize>,
    pub changed_at: String,
    #[serde(flatten)]
    pub place: Place,
    pub security_link: String,
    /// Undoes it. `None` without a gain.
    pub undo_link: Option<String>,
    pub undo_lifetime: String,
}

/// A sign-in in a browser not seen before.
#[derive(Clone, Serialize)]
pub struct NewBrowser {
    pub signed_in_at: String,
    #[serde(flatten)]
    pub place: Place,
    /// By what the user signed in, in words.
    pub methods: String,
    /// Signs that browser out.
    pub end_link: String,
    pub end_lifetime: String,
    /// Other sign-ins in new browsers that the same email tells, each in words.
    pub others: Vec<String>,
}

#[derive(Clone, Serialize)]
pub struct RecoveryBegun {
    /// "owner", "admin" or "command line".
    pub asked_by: &'static str,
    pub asked_at: String,
    #[serde(flatten)]
    pub place: Place,
    pub due_at: String,
    pub cancel_link: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Invitation {
    pub inviter: String,
    pub login_link: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct AccountClosed {
    pub closed_at: String,
    #[serde(flatten)]
    pub place: Place,
}

#[derive(Clone, Debug, Serialize)]
pub struct Test {
    pub asked_by: String,
    pub asked_at: String,
    /// The sign-in page, so that the email has a link as others do.
    pub login_link: String,
    /// A code that opens nothing, so that the email looks like others.
    pub code: &'static str,
}

impl Letter {
    pub const fn kind(&self) -> MailKind {
        match self {
            Self::SignIn(_) => MailKind::SignIn,
            Self::StepUp(_) => MailKind::StepUp,
            Self::ConfirmAddress(_) => MailKind::ConfirmAddress,
            Self::AddressChanged(_) => MailKind::AddressChanged,
            Self::ResetPassword(_) => MailKind::ResetPassword,
            Self::PasswordChanged(_) => MailKind::PasswordChanged,
            Self::SecurityChanged(_) => MailKind::SecurityChanged,
            Self::NewBrowser(_) => MailKind::NewBrowser,
            Self::RecoveryBegun(_) => MailKind::RecoveryBegun,
            Self::Invitation(_) => MailKind::Invitation,
            Self::AccountClosed(_) => MailKind::AccountClosed,
            Self::Test(_) => MailKind::Test,
        }
    }

    /// Adds other events of its line to the letter, each with its time and place.
    pub fn tell_also(&mut self, others: &[Self], locale: &Locale) {
        let told: Vec<String> = others.iter().filter_map(|other| other.in_a_line(locale)).collect();
        match self {
            _ if told.is_empty() => {}
            Self::PasswordChanged(changed) => changed.news.tell_also(&told, locale),
            Self::SecurityChanged(changed) => changed.news.tell_also(&told, locale),
            Self::NewBrowser(new) => new.others = told,
            _ => {}
        }
    }

    fn in_a_line(&self, locale: &Locale) -> Option<String> {
        match self {
            Self::PasswordChanged(PasswordChanged { news, changed_at, place, .. })
            | Self::SecurityChanged(SecurityChanged { news, changed_at, place, .. }) => {
                Some(news.in_a_line(changed_at, place, locale))
            }
            Self::NewBrowser(NewBrowser { signed_in_at, place, methods, .. }) => {
                let line = locale.say("mail-signed-in-at").with("place", place.place.as_deref().unwrap_or_default());
                Some(line.with("at", signed_in_at).with("methods", methods).to_string())
            }
            _ => None,
        }
    }

    /// Returns the purpose of the email: its links and its code. An email without one of them would
    /// fail some reader.
    pub fn essentials(&self) -> Vec<&str> {
        match self {
            Self::SignIn(challenge) | Self::StepUp(challenge) => {
                vec![&challenge.link, &challenge.code, &challenge.cancel_link]
            }
            Self::ConfirmAddress(confirm) => vec![&confirm.link, &confirm.cancel_link],
            Self::AddressChanged(changed) => vec![&changed.undo_link],
            Self::ResetPassword(reset) => vec![&reset.link, &reset.cancel_link],
            Self::PasswordChanged(PasswordChanged { reset_link: link, undo_link, .. })
            | Self::SecurityChanged(SecurityChanged { security_link: link, undo_link, .. }) => {
                [Some(link), undo_link.as_ref()].into_iter().flatten().map(String::as_str).collect()
            }
            Self::NewBrowser(new) => vec![&new.end_link],
            Self::RecoveryBegun(begun) => vec![&begun.cancel_link],
            Self::Invitation(invitation) => vec![&invitation.login_link],
            Self::AccountClosed(_) | Self::Test(_) => Vec::new(),
        }
    }

    /// Returns the same with fewer facts: a request without a network address, a change without
    /// browser or link, an address in ASCII.
    pub fn without_place(mut self) -> Self {
        match &mut self {
            Self::SignIn(Challenge { asked, .. })
            | Self::StepUp(Challenge { asked, .. })
            | Self::ResetPassword(ResetPassword { asked, .. }) => asked.client = None,
            Self::ConfirmAddress(confirm) => {
                confirm.asked.client = None;
                confirm.old.old_address_unicode = None;
            }
            Self::AddressChanged(changed) => {
                changed.place = Place::default();
                changed.new.new_address_unicode = None;
            }
            Self::PasswordChanged(PasswordChanged { place, undo_link, .. })
            | Self::SecurityChanged(SecurityChanged { place, undo_link, .. }) => {
                (*place, *undo_link) = (Place::default(), None);
            }
            Self::NewBrowser(NewBrowser { place, others, .. }) => (*place, *others) = (Place::default(), Vec::new()),
            Self::RecoveryBegun(RecoveryBegun { place, .. }) | Self::AccountClosed(AccountClosed { place, .. }) => {
                *place = Place::default()
            }
            Self::Invitation(_) | Self::Test(_) => {}
        }
        self
    }
}

// Written by hand, because these hold secrets.
impl std::fmt::Debug for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Challenge(…)")
    }
}
impl std::fmt::Debug for ConfirmAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ConfirmAddress(…)")
    }
}
impl std::fmt::Debug for ResetPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ResetPassword(…)")
    }
}
impl std::fmt::Debug for NewBrowser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewBrowser(…)")
    }
}
impl std::fmt::Debug for RecoveryBegun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryBegun(…)")
    }
}
impl std::fmt::Debug for PasswordChanged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordChanged(…)")
    }
}
impl std::fmt::Debug for SecurityChanged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecurityChanged(…)")
    }
}
impl std::fmt::Debug for AddressChanged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AddressChanged(…)")
    }
}
