//! Addresses to which answers to an app go. A redirect to any other address hands a code to an
//! attacker. So registered and requested addresses are compared as strings (RFC 9700, section 2.1).
//!
//! The one exception is the port of a program on the user's own machine (RFC 8252, section 7.3).

use std::fmt;
use url::{Position, Url};

/// The longest address that an app may register.
pub const MAX_LENGTH: usize = 1024;
/// Spellings of the user's own machine. Each is an address by itself.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];
/// Schemes that do something in a browser or a system. Apps on a phone have their own.
const DANGEROUS: [&str; 28] = [
    "about",
    "blob",
    "chrome",
    "chrome-extension",
    "content",
    "data",
    "facetime",
    "file",
    "filesystem",
    "ftp",
    "ftps",
    "http",
    "https",
    "intent",
    "jar",
    "javascript",
    "mailto",
    "market",
    "moz-extension",
    "ms-settings",
    "resource",
    "sms",
    "ssh",
    "tel",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

/// An address to which answers may go, as it is spelt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    kind: Kind,
}

/// Answer for an app, and the address to which a browser takes it. Only a [`RedirectUri`] makes
/// one.
#[derive(Clone, PartialEq, Eq)]
pub struct AppAnswer {
    url: String,
    /// Fields that a form sends to the address. Empty if the address itself holds the answer.
    fields: Vec<(String, String)>,
    place: String,
    is_web: bool,
}

impl AppAnswer {
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the fields of the form that brings the answer. Without fields it is the address.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// Returns the host or the scheme of the app.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Returns whether [`AppAnswer::place`] is the name of a host.
    pub const fn is_web(&self) -> bool {
        self.is_web
    }
}

/// Without the address, which may hold a code.
impl fmt::Debug for AppAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AppAnswer({}, …)", self.place)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// HTTPS.
    Web { host: String },
    /// HTTP on the user's own machine: everything before the port, and everything after it.
    Loopback { host: &'static str, rest: String },
    /// An app's own scheme.
    Scheme,
}

/// Why a text is not an address for answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotARedirectUri {
    /// Too long, empty, or with characters that no address has.
    Unreadable,
    /// It has a `*`. One address is registered for each place.
    Wildcard,
    Fragment,
    /// It has a user's name or password.
    UserInfo,
    /// Plain HTTP to another machine.
    Unencrypted,
    /// A scheme that is no app's own.
    Scheme,
    /// Not in the one spelling that browsers give it.
    Spelling,
}

impl RedirectUri {
    /// Reads an address, for answers to a sign-in or a sign-out.
    pub fn parse(text: &str) -> Result<Self, NotARedirectUri> {
        let plain = |b: u8| b.is_ascii_graphic() && !br#"\"<>`{}|^"#.contains(&b);
        if text.is_empty() || text.len() > MAX_LENGTH || !text.bytes().all(plain) {
            return Err(NotARedirectUri::Unreadable);
        }
        if text.contains('*') {
            return Err(NotARedirectUri::Wildcard);
        }
        if text.contains('#') {
            return Err(NotARedirectUri::Fragment);
        }
        let (scheme, rest) = text.split_once(':').ok_or(NotARedirectUri::Unreadable)?;
        let kind = match scheme {
            "https" => web(text, rest)?,
            "http" => loopback(text, rest)?,
            scheme => own_scheme(scheme, rest)?,
        };
        Ok(Self { text: text.to_owned(), kind })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the address to answer to, if a request that names `asked` may have its answer there.
    pub fn admits(&self, asked: &str) -> Option<Self> {
        if self.text == asked {
            return Some(self.clone());
        }
        let Kind::Loopback { host, rest } = &self.kind else { return None };
        let asked = Self::parse(asked).ok()?;
        match &asked.kind {
            Kind::Loopback { host: theirs, rest: other } if host == theirs && rest == other => Some(asked),
            Kind::Web { .. } | Kind::Loopback { .. } | Kind::Scheme => None,
        }
    }

    /// Returns an answer for this address.
    pub fn answer(&self, params: &[(&str, &str)]) -> AppAnswer {
        let (url, fields) = (self.with(params), Vec::new());
        AppAnswer { url, fields, place: self.place().to_owned(), is_web: self.is_web() }
    }

    /// Returns an answer that a form brings to this address.
    pub fn answer_by_form(&self, params: &[(&str, &str)]) -> AppAnswer {
        let fields = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        AppAnswer { url: self.text.clone(), fields, place: self.place().to_owned(), is_web: self.is_web() }
    }

    /// Returns the address with these parameters in its query.
    pub fn with(&self, params: &[(&str, &str)]) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
        let joint = match self.text.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some((_, rest)) if rest.ends_with('&') => "",
            Some(_) => "&",
        };
        if query.is_empty() { self.text.clone() } else { format!("{}{joint}{query}", self.text) }
    }

    /// Returns the origin of a page that may read answers by a script, for web apps.
    pub fn origin(&self) -> Option<String> {
        match self.kind {
            Kind::Web { .. } | Kind::Loopback { .. } => {
                Some(Url::parse(&self.text).ok()?.origin().ascii_serialization())
            }
            Kind::Scheme => None,
        }
    }

    /// Returns whether a page of this origin is the app's, so that its script may read answers. A
    /// program on the user's own machine chooses its port, here as for [`RedirectUri::admits`].
    pub fn shares_with(&self, origin: &str) -> bool {
        match &self.kind {
            Kind::Web { .. } => self.origin().as_deref() == Some(origin),
            Kind::Loopback { host, .. } => {
                let authority = origin.strip_prefix("http://").and_then(|authority| host_and_port(authority).ok());
                authority.is_some_and(|(theirs, _)| theirs == *host)
            }
            Kind::Scheme => false,
        }
    }

    /// Returns what a reader may take for the app's place: a host, or a scheme.
    pub fn place(&self) -> &str {
        match &self.kind {
            Kind::Web { host } => host,
            Kind::Loopback { host, .. } => host,
            Kind::Scheme => self.text.split_once(':').map_or("", |(scheme, _)| scheme),
        }
    }

    /// Returns whether [`RedirectUri::place`] is the name of a host.
    pub const fn is_web(&self) -> bool {
        matches!(self.kind, Kind::Web { .. })
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Splits what follows the scheme into authority and the rest.
fn authority(rest: &str) -> Result<(&str, &str), NotARedirectUri> {
    let rest = rest.strip_prefix("//").ok_or(NotARedirectUri::Spelling)?;
    let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if authority.contains('@') { Err(NotARedirectUri::UserInfo) } else { Ok((authority, rest)) }
}

/// Returns host and port. A browser must read them as they are spelt.
fn host_and_port(authority: &str) -> Result<(&str, Option<&str>), NotARedirectUri> {
    let after_address = authority.rfind(']').map_or(0, |end| end + 1);
    let (host, port) = match authority.get(after_address..).and_then(|rest| rest.find(':')) {
        Some(colon) => {
            let (host, port) = authority.split_at(after_address + colon);
            (host, port.strip_prefix(':'))
        }
        None => (authority, None),
    };
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|n| n > 0 && n.to_string() == port);
    if port.is_none_or(is_port) { Ok((host, port)) } else { Err(NotARedirectUri::Spelling) }
}

/// Returns whether a browser reads host and path as they are spelt. They have no capitals, no dots
/// that it would resolve, and no octets that it would encode.
fn is_as_spelt(text: &str, host: &str, rest: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let read = &url[Position::BeforePath..];
    let is_same = read == rest || read.strip_prefix('/') == Some(rest);
    // A server may decode once more than a browser does.
    let hides_dots = rest.to_ascii_lowercase().contains("%2e");
    url.host_str() == Some(host) && is_same && !hides_dots && !host.ends_with('.')
}

fn web(text: &str, rest: &str) -> Result<Kind, NotARedirectUri> {
    let (authority, rest) = authority(rest)?;
    let (host, _) = host_and_port(authority)?;
    if host.is_empty() || !is_as_spelt(text, host, rest) {
        return Err(NotARedirectUri::Spelling);
    }
    Ok(Kind::Web { host: host.to_owned() })
}

fn loopback(text: &str, rest: &str) -> Result<Kind, NotARedirectUri> {
    let (authority, rest) = authority(rest)?;
    let (host, _) = host_and_port(authority)?;
    let host = LOOPBACK.into_iter().find(|own| *own == host).ok_or(NotARedirectUri::Unencrypted)?;
    if !is_as_spelt(text, host, rest) {
        return Err(NotARedirectUri::Spelling);
    }
    Ok(Kind::Loopback { host, rest: rest.to_owned() })
}

fn own_scheme(scheme: &str, rest: &str) -> Result<Kind, NotARedirectUri> {
    let mut letters = scheme.bytes();
    let is_scheme = letters.next().is_some_and(|b| b.is_ascii_lowercase())
        && letters.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.'));
    if !is_scheme || DANGEROUS.contains(&scheme) || !rest.starts_with('/') {
        return Err(NotARedirectUri::Scheme);
    }
    Ok(Kind::Scheme)
}

#[cfg(test)]
mod tests;
