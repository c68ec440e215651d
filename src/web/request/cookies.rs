//! All cookies, built in one place, because every attribute is a defence and Rocket's defaults
//! differ.
//!
//! Rocket sets no HttpOnly, and no Secure behind a proxy. Its SameSite=Strict drops the verifier on
//! a click in an email. It deletes cookies without Secure, which browsers ignore for `__Host-`
//! cookies.

use crate::{
    config::BaseUrl,
    domain::{
        AccountId, EmailAddress, Lifetime, ReturnTo, Token, carried_lists, known_browser, passkey::Ceremony, pending,
        trusted_device,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rocket::http::{Cookie, CookieJar, SameSite};

pub use crate::domain::carried_lists::{MAX_CEREMONIES, OwnAttempt, OwnCeremony};

/// Name of a cookie. On https each has the prefix `__Host-`, so that no sibling host can set or
/// read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The session's secret.
    Session,
    /// The attempts that this browser started, with their verifiers.
    Attempts,
    /// The token of an opened email link, until the button is pressed.
    Link,
    /// The token of an opened "this wasn't me" link.
    Cancel,
    /// The token of an opened set-up link.
    SetUp,
    /// The token of an opened link that takes back an address.
    Undo,
    Reset,
    /// A sign-in that waits for its second factor.
    Pending,
    /// A passkey ceremony in progress.
    Ceremony,
    /// The secret of a remembered browser.
    Trusted,
    /// The token of an opened link that cancels a recovery.
    Recovery,
    /// Shows that this browser has signed in before.
    Device,
    /// The secret by which accounts that signed in here know this browser.
    Known,
    /// The token of an opened link that signs a new browser out.
    NewBrowser,
    /// The token of an opened invitation.
    Invitation,
    /// Note for the next page, sealed.
    Flash,
    /// The form of a session that has ended, sealed.
    Kept,
    /// The address that the sign-in page shows. Stays after signing out, because the user chose so.
    Address,
    /// A passkey has signed in here.
    PasskeyUsed,
    /// An app that opens its sign-in in a small window has just sent this browser here.
    Popup,
    /// Place where an app waits while its user sets up a second factor.
    WayOn,
    /// The user has lost the second factor and shows one more thing.
    Lost,
}

impl Name {
    const fn plain(self) -> &'static str {
        match self {
            Self::Session => "gatepost_session",
            Self::Attempts => "gatepost_attempts",
            Self::Link => "gatepost_link",
            Self::Cancel => "gatepost_cancel",
            Self::SetUp => "gatepost_set_up",
            Self::Undo => "gatepost_undo",
            Self::Reset => "gatepost_reset",
            Self::Pending => "gatepost_pending",
            Self::Ceremony => "gatepost_ceremony",
            Self::Trusted => "gatepost_trusted",
            Self::Recovery => "gatepost_recovery",
            Self::Device => "gatepost_device",
            Self::Known => "gatepost_known",
            Self::NewBrowser => "gatepost_new_browser",
            Self::Invitation => "gatepost_invitation",
            Self::Flash => "gatepost_flash",
            Self::Kept => "gatepost_kept",
            Self::Address => "gatepost_address",
            Self::PasskeyUsed => "gatepost_passkey_used",
            Self::Popup => "gatepost_popup",
            Self::WayOn => "gatepost_way_on",
            Self::Lost => "gatepost_lost",
        }
    }

    fn full(self, base_url: &BaseUrl) -> String {
        if base_url.is_https() { format!("__Host-{}", self.plain()) } else { self.plain().to_owned() }
    }
}

/// Reads one cookie of a request, with its name as it was sent. Only the value is decoded.
///
/// A neighbouring site cannot set `__Host-gatepost_session`. Browsers let it set
/// `__Host%2Dgatepost_session`, and the name behind a Unicode blank. Rocket would decode and trim
/// both to ours.
pub fn read(text: &str) -> Option<Cookie<'_>> {
    let (name, value) = text.split_once('=')?;
    let name = name.trim_matches([' ', '\t']);
    if name.is_empty() || !name.bytes().all(|octet| octet.is_ascii_graphic()) {
        return None;
    }
    let is_encoded = value.contains('%') && !name.contains('%');
    if is_encoded { Cookie::parse_encoded(text).ok() } else { Cookie::parse(text).ok() }
}

/// Name of a cookie on the host of an app. On https each has the prefix `__Host-`, too: no other
/// app can set or read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppCookie {
    /// The secret of a browser that is on its way through a sign-in.
    Way,
    /// The pass of a user, sealed.
    Pass,
}

/// Longest time that a browser may be on its way.
const WAY_LIFETIME: Lifetime = Lifetime::hours(1);

impl AppCookie {
    pub const fn name(self, is_https: bool) -> &'static str {
        match (self, is_https) {
            (Self::Way, true) => "__Host-gatepost_way",
            (Self::Way, false) => "gatepost_way",
            (Self::Pass, true) => "__Host-gatepost_app",
            (Self::Pass, false) => "gatepost_app",
        }
    }

    /// Returns the line that sets the cookie. A proxy hands it on to the browser, on the app's
    /// host.
    pub fn line(self, is_https: bool, value: String, lifetime: Option<Lifetime>) -> String {
        let lifetime = if self == Self::Way { Some(WAY_LIFETIME) } else { lifetime };
        build(self.name(is_https).to_owned(), value, is_https, lifetime).to_string()
    }
}

/// Time for which a link's token waits for the button.
const LINK_LIFETIME: Lifetime = Lifetime::minutes(30);
const ATTEMPTS_LIFETIME: Lifetime = Lifetime::hours(2);
const DEVICE_LIFETIME: Lifetime = Lifetime::days(365);
/// Longest time that a sign-in in a small window may take.
const POPUP_LIFETIME: Lifetime = Lifetime::minutes(15);
/// Time for which an app waits while its user sets up a second factor.
const WAY_ON_LIFETIME: Lifetime = Lifetime::minutes(30);
/// Longest way that is kept. A browser drops a cookie of more than 4,096 bytes.
const MAX_WAY_ON: usize = 2900;
/// A browser's cookies.
#[derive(Clone)]
pub struct Cookies<'r> {
    jar: &'r CookieJar<'r>,
    base_url: &'r BaseUrl,
}

impl<'r> Cookies<'r> {
    pub const fn new(jar: &'r CookieJar<'r>, base_url: &'r BaseUrl) -> Self {
        Self { jar, base_url }
    }

    /// Returns the secret in a cookie, if it holds one.
    pub fn token(&self, name: Name) -> Option<Token> {
        Token::present(self.jar.get(&name.full(self.base_url))?.value())
    }

    /// Starts the browser's session. It lasts for `remember`, or until the browser closes.
    pub fn set_session(&self, secret: &Token, remember: Option<Lifetime>) {
        self.set(Name::Session, secret.reveal(), remember);
    }

    pub fn set_device(&self, device: &Token) {
        self.set(Name::Device, device.reveal(), Some(DEVICE_LIFETIME));
    }

    /// The address that the last user chose to keep here.
    pub fn address(&self) -> Option<EmailAddress> {
        let bytes = self.sealed(Name::Address)?;
        EmailAddress::parse(std::str::from_utf8(&bytes).ok()?).ok()
    }

    /// Keeps the address of a user who chose so, and forgets the one before for a user who did not.
    pub fn set_address(&self, address: Option<&EmailAddress>) {
        match address {
            Some(address) => self.set_sealed(Name::Address, address.as_str().as_bytes(), DEVICE_LIFETIME),
            None if self.jar.get(&Name::Address.full(self.base_url)).is_some() => self.remove(Name::Address),
            None => {}
        }
    }

    pub fn has_used_passkey(&self) -> bool {
        self.jar.get(&Name::PasskeyUsed.full(self.base_url)).is_some()
    }

    pub fn set_passkey_used(&self) {
        self.set(Name::PasskeyUsed, "yes".to_owned(), Some(DEVICE_LIFETIME));
    }

    /// Notes that a user who has lost the second factor goes to show one more thing. The page of
    /// the loss is next then.
    pub fn set_lost(&self, account: AccountId) {
        self.set(Name::Lost, account.to_string(), Some(LINK_LIFETIME));
    }

    /// Returns whether it was this user. Others may sign in with the same browser.
    pub fn has_lost(&self, account: AccountId) -> bool {
        let lost = self.jar.get(&Name::Lost.full(self.base_url));
        lost.is_some_and(|cookie| cookie.value() == account.to_string())
    }

    pub fn forget_lost(&self) {
        if self.jar.get(&Name::Lost.full(self.base_url)).is_some() {
            self.remove(Name::Lost);
        }
    }

    /// Notes that an app waits for this window. Sign-in pages then keep their tie to it.
    pub fn set_popup(&self) {
        self.set(Name::Popup, "yes".to_owned(), Some(POPUP_LIFETIME));
    }

    /// Returns whether an app waits for the window of a request.
    pub fn is_popup(jar: &CookieJar<'_>, base_url: &BaseUrl) -> bool {
        jar.get(&Name::Popup.full(base_url)).is_some_and(|cookie| !cookie.value().is_empty())
    }

    /// Returns whether this line of an answer notes that.
    pub fn notes_popup(line: &str, base_url: &BaseUrl) -> bool {
        line.starts_with(&format!("{}=yes", Name::Popup.full(base_url)))
    }

    /// Notes the way to an app, for a user who has to set up a second factor first. It is a page of
    /// ours, which judges everything anew.
    pub fn set_way_on(&self, to: &str) {
        if to.len() <= MAX_WAY_ON {
            self.set_sealed(Name::WayOn, to.as_bytes(), WAY_ON_LIFETIME);
        }
    }

    /// Returns the way to the app that waits, if one does.
    pub fn way_on(&self) -> Option<ReturnTo> {
        let bytes = self.sealed(Name::WayOn)?;
        Some(ReturnTo::parse(std::str::from_utf8(&bytes).ok()?)).filter(|to| !to.is_home())
    }

    pub fn forget_way_on(&self) {
        if self.jar.get(&Name::WayOn.full(self.base_url)).is_some() {
            self.remove(Name::WayOn);
        }
    }

    pub fn set_known(&self, secret: &Token) {
        self.set(Name::Known, secret.reveal(), Some(known_browser::LIFETIME));
    }

    pub fn set_pending(&self, secret: &Token) {
        self.set(Name::Pending, secret.reveal(), Some(pending::LIFETIME));
    }

    /// Returns the passkey challenges that wait in this browser, newest first. Each window may have
    /// one.
    pub fn ceremonies(&self) -> Vec<OwnCeremony> {
        let Some(cookie) = self.jar.get(&Name::Ceremony.full(self.base_url)) else { return Vec::new() };
        carried_lists::ceremonies(cookie.value())
    }

    pub fn set_ceremonies(&self, ceremonies: &[OwnCeremony]) {
        if ceremonies.is_empty() {
            return self.remove(Name::Ceremony);
        }
        self.set(Name::Ceremony, carried_lists::write_ceremonies(ceremonies), Some(Ceremony::LIFETIME));
    }

    pub fn set_trusted(&self, secret: &Token) {
        self.set(Name::Trusted, secret.reveal(), Some(trusted_device::LIFETIME));
    }

    /// Keeps a link's token for the button. `name` is one of the cookies for links.
    pub fn set_link(&self, name: Name, token: &Token) {
        self.set(name, token.reveal(), Some(LINK_LIFETIME));
    }

    /// Returns the octets that the browser carries for us, most of them sealed.
    pub fn sealed(&self, name: Name) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(self.jar.get(&name.full(self.base_url))?.value()).ok()
    }

    pub fn set_sealed(&self, name: Name, sealed: &[u8], lifetime: Lifetime) {
        self.set(name, URL_SAFE_NO_PAD.encode(sealed), Some(lifetime));
    }

    /// Drops every cookie that shows what the user was doing before signing out.
    pub fn forget_what_was_under_way(&self) {
        self.forget_what_was_under_way_but(None);
    }

    /// Does the same, but keeps the link whose page says that the user is signed out.
    pub fn forget_what_was_under_way_but(&self, link: Option<Name>) {
        for name in [
            Name::Attempts,
            Name::Link,
            Name::Cancel,
            Name::SetUp,
            Name::Undo,
            Name::Reset,
            Name::Pending,
            Name::Ceremony,
            Name::Recovery,
            Name::NewBrowser,
            Name::Invitation,
            Name::Flash,
            Name::Kept,
            Name::WayOn,
            Name::Lost,
        ] {
            if Some(name) != link {
                self.remove(name);
            }
        }
    }

    pub fn remove(&self, name: Name) {
        // Use the attributes that it was set with, because the browser otherwise keeps the cookie.
        self.set(name, String::new(), Some(Lifetime::ZERO));
    }

    /// Returns the attempts that this browser started, newest first.
    pub fn attempts(&self) -> Vec<OwnAttempt> {
        let Some(cookie) = self.jar.get(&Name::Attempts.full(self.base_url)) else { return Vec::new() };
        carried_lists::attempts(cookie.value())
    }

    /// Remembers an attempt as the newest.
    pub fn add_attempt(&self, attempt: OwnAttempt) {
        let older = self.attempts().into_iter().filter(|own| own.id != attempt.id);
        let all = carried_lists::write_attempts([attempt.clone()].into_iter().chain(older));
        self.set(Name::Attempts, all, Some(ATTEMPTS_LIFETIME));
    }

    fn set(&self, name: Name, value: String, lifetime: Option<Lifetime>) {
        self.jar.add(build(name.full(self.base_url), value, self.base_url.is_https(), lifetime));
    }
}

fn build(name: String, value: String, is_https: bool, lifetime: Option<Lifetime>) -> Cookie<'static> {
    let mut cookie = Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .secure(is_https)
        // Lax, not Strict: a click in an email is a navigation from another site and must carry the
        // verifier. So is the way from Gatepost to an app.
        .same_site(SameSite::Lax);
    if let Some(lifetime) = lifetime {
        cookie = cookie.max_age(rocket::time::Duration::milliseconds(lifetime.as_millis()));
    }
    cookie.build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::AttemptId, entropy::SystemEntropy};
    use rocket::local::asynchronous::Client;

    #[test]
    fn the_name_of_a_cookie_is_taken_as_it_was_sent() {
        for (text, name, value) in [
            ("a=b", "a", "b"),
            ("a=b%20c", "a", "b c"),
            ("__Host%2Dgatepost_session=x", "__Host%2Dgatepost_session", "x"),
            ("%5F_Host-gatepost_session=a%20b", "%5F_Host-gatepost_session", "a%20b"),
        ] {
            let read = read(text).unwrap();
            assert_eq!((read.name(), read.value()), (name, value), "{text}");
        }
        assert!(read("no pair").is_none() && read("=value").is_none());
        // Chromium lets a neighbour set each of these.
        for blank in ['\u{85}', '\u{a0}', '\u{2000}', '\u{2028}', '\u{3000}', '\u{feff}'] {
            assert!(read(&format!("{blank}__Host-gatepost_session=x")).is_none(), "{blank:?}");
            assert!(read(&format!("__Host-gatepost_session{blank}=x")).is_none(), "{blank:?}");
        }
        assert_eq!(read("a =b").unwrap().name(), "a");
    }

    #[rocket::async_test]
    async fn each_cookie_lasts_as_long_as_what_it_names() {
        let client = Client::untracked(rocket::build()).await.unwrap();
        let (request, base_url) = (client.get("/"), BaseUrl::parse("https://login.example.com").unwrap());
        let jar = request.inner().cookies();
        let (cookies, secret) = (Cookies::new(jar, &base_url), Token::issue(&SystemEntropy));
        cookies.set_session(&secret, None);
        cookies.add_attempt(OwnAttempt { id: AttemptId::from_i64(1), verifier: secret.clone() });
        cookies.set_link(Name::Link, &secret);
        cookies.set_device(&secret);
        cookies.set_known(&secret);
        cookies.set_address(Some(&EmailAddress::parse("ana@example.com").unwrap()));
        cookies.set_passkey_used();
        cookies.set_popup();
        cookies.set_way_on("/account/security");
        cookies.set_lost(AccountId::from_i64(1));
        cookies.set_pending(&secret);
        cookies.set_trusted(&secret);
        for (name, lifetime) in [
            (Name::Session, None),
            (Name::Attempts, Some(Lifetime::hours(2))),
            (Name::Link, Some(Lifetime::minutes(30))),
            (Name::Device, Some(Lifetime::days(365))),
            (Name::Known, Some(Lifetime::days(400))),
            (Name::Address, Some(Lifetime::days(365))),
            (Name::PasskeyUsed, Some(Lifetime::days(365))),
            (Name::Popup, Some(Lifetime::minutes(15))),
            (Name::WayOn, Some(Lifetime::minutes(30))),
            (Name::Lost, Some(Lifetime::minutes(30))),
            (Name::Pending, Some(Lifetime::minutes(15))),
            (Name::Trusted, Some(Lifetime::days(30))),
        ] {
            let cookie = jar.get_pending(&name.full(&base_url)).unwrap();
            let millis = cookie.max_age().map(|age| age.whole_milliseconds());
            assert_eq!(millis, lifetime.map(|lifetime| i128::from(lifetime.as_millis())), "{name:?}");
        }
        // One on the host of an app: the way in, and the pass.
        let line = |cookie: AppCookie| cookie.line(true, "x".to_owned(), Some(Lifetime::hours(12)));
        assert!(line(AppCookie::Way).contains("Max-Age=3600") && line(AppCookie::Pass).contains("Max-Age=43200"));
    }
}
