//! Email addresses, parsed once at the edge. Everything inside knows only [`EmailAddress`].
//!
//! The grammar is narrower than RFC 5321. It takes a dot-atom of printable ASCII, an `@`, and a
//! domain. The domain has at least two labels, in ASCII or IDNA form. The grammar refuses quoted
//! local parts, comments, routes, address literals, encoded words (`=?…?=`), and percent and bang
//! routes. For each of them, two programs have read one text in two ways, to a user's loss. Letter
//! case is folded, because users expect one account for one mailbox.
//!
//! Look-alikes never fold into an account. A domain with characters that IDNA would *map* to others
//! (a Kelvin sign, full-width letters) is refused and not mapped.

use crate::typed;
use icu_normalizer::ComposingNormalizerBorrowed;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Length of the longest address: 64 before the `@`, 253 after it, 254 together (RFC 5321, erratum
/// 1690).
pub const MAX_LENGTH: usize = 254;
const MAX_LOCAL: usize = 64;
const MAX_DOMAIN: usize = 253;

/// An address in canonical form: ASCII, lower case, domain as A-labels. Printing masks it; see
/// [`EmailAddress::as_str`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

/// Why a text is no acceptable address. It reveals nothing about whether the mailbox exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotAnAddress {
    Empty,
    TooLong,
    /// No `@`, more than one, or nothing on one side of it.
    Shape,
    LocalPart,
    Domain,
}

impl EmailAddress {
    /// Reads a typed or pasted address. White space and invisible characters are allowed around it,
    /// not inside.
    pub fn parse(typed: &str) -> Result<Self, NotAnAddress> {
        Self::parse_with(typed, parse_domain)
    }

    /// Reads the operator's own address, which may have a machine's bare name, such as `localhost`.
    pub fn parse_own(typed: &str) -> Result<Self, NotAnAddress> {
        Self::parse_with(typed, |domain| {
            if domain.contains('.') {
                parse_domain(domain)
            } else {
                // A name of several labels has a spelling in ASCII; so has its first label.
                let spelt = parse_domain(&format!("{domain}.invalid"))?;
                Ok(spelt.strip_suffix(".invalid").unwrap_or(&spelt).to_owned())
            }
        })
    }

    fn parse_with(
        typed: &str,
        parse_domain: impl Fn(&str) -> Result<String, NotAnAddress>,
    ) -> Result<Self, NotAnAddress> {
        let typed = typed::trimmed(typed);
        if typed.is_empty() {
            return Err(NotAnAddress::Empty);
        }
        // IDNA may shorten four bytes to one character. The exact limit is checked on the result.
        if typed.len() > 4 * MAX_LENGTH {
            return Err(NotAnAddress::TooLong);
        }
        let (local, domain) = typed.split_once('@').ok_or(NotAnAddress::Shape)?;
        if local.is_empty() || domain.is_empty() || domain.contains('@') {
            return Err(NotAnAddress::Shape);
        }
        if local.len() > MAX_LOCAL {
            return Err(NotAnAddress::TooLong);
        }
        if !is_dot_atom(local) {
            return Err(NotAnAddress::LocalPart);
        }
        let written = parse_domain(domain)?;
        let address = if written == domain && !local.bytes().any(|b| b.is_ascii_uppercase()) {
            typed.to_owned()
        } else {
            format!("{}@{written}", local.to_ascii_lowercase())
        };
        if address.len() > MAX_LENGTH {
            return Err(NotAnAddress::TooLong);
        }
        Ok(Self(address))
    }

    /// Returns the whole address, for the envelope, the database and the owner's own pages. Never
    /// log it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// Returns the mailbox that limits count: without plus-tags, and without dots where the
    /// provider ignores them. Use it for limits only, because two spellings of one mailbox may be
    /// two accounts.
    pub fn mailbox(&self) -> String {
        let local = self.local();
        let local = local.split_once('+').map_or(local, |(name, _)| name);
        let domain = self.domain();
        if matches!(domain, "gmail.com" | "googlemail.com") {
            return format!("{}@gmail.com", local.replace('.', ""));
        }
        format!("{local}@{domain}")
    }

    /// Returns enough for the owner to recognise the address: `a•••@example.com`.
    pub fn masked(&self) -> String {
        let first = self.local().get(..1).unwrap_or("");
        format!("{first}•••@{}", self.domain())
    }

    /// Returns a stranger's text with this address masked, in upper or lower case. Email servers
    /// often repeat the address.
    pub fn mask_in(&self, text: &str) -> String {
        // Only ASCII changes case, so that both texts have the same places.
        let folded = text.to_ascii_lowercase();
        let (mut masked, mut end) = (String::new(), 0);
        for (start, found) in folded.match_indices(&self.0) {
            masked.extend([text.get(end..start).unwrap_or_default(), &self.masked()]);
            end = start + found.len();
        }
        masked + text.get(end..).unwrap_or_default()
    }
}

/// Masked, so that a stray `{}` in a log line cannot leak it.
impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Returns whether a local part is RFC 5322 `atext`, without characters that email software gives a
/// second meaning. `%` and `!` route, a leading `-` looks like an option to sendmail, `=?` opens an
/// encoded word.
fn is_dot_atom(local: &str) -> bool {
    let atext = |b: u8| b.is_ascii_alphanumeric() || b"#$&'*+-/=?^_`{|}~".contains(&b);
    local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(atext))
        && !local.starts_with('-')
        && !local.contains("=?")
        && !local.contains("?=")
}

/// Reads a domain of at least two labels, as A-labels in lower case. Capitals and decomposed
/// letters of any script are allowed, because some keyboards and file systems make them.
pub fn parse_domain(typed: &str) -> Result<String, NotAnAddress> {
    if is_plain(typed) {
        return Ok(typed.to_owned());
    }
    parse_any_domain(typed)
}

/// Returns whether a domain is as IDNA would write it. Nearly each is, also on the hot path of
/// sessions in memory.
fn is_plain(domain: &str) -> bool {
    let label = |label: &str| {
        let ends = |end: Option<u8>| end.is_some_and(|b| b != b'-');
        // The third and fourth octet of an A-label are hyphens.
        label.len() <= 63
            && ends(label.bytes().next())
            && ends(label.bytes().next_back())
            && label.get(2..4) != Some("--")
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let top = domain.rsplit('.').next().unwrap_or_default();
    let has_letter = top.bytes().any(|b| b.is_ascii_lowercase());
    domain.len() <= MAX_DOMAIN && domain.contains('.') && has_letter && domain.split('.').all(label)
}

fn parse_any_domain(typed: &str) -> Result<String, NotAnAddress> {
    if typed.chars().any(folds_into_ascii) {
        return Err(NotAnAddress::Domain);
    }
    let typed = ComposingNormalizerBorrowed::new_nfc().normalize(&typed.to_lowercase()).into_owned();
    let domain = idna::domain_to_ascii_strict(&typed).map_err(|_| NotAnAddress::Domain)?;
    if !typed.is_ascii() {
        // The mapping may change the encoding only.
        let (unicode, valid) = idna::domain_to_unicode(&domain);
        if valid.is_err() || unicode != typed {
            return Err(NotAnAddress::Domain);
        }
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let top = domain.rsplit('.').next().unwrap_or("");
    let fine = domain.len() <= MAX_DOMAIN
        && domain.contains('.')
        && domain.split('.').all(label)
        && !top.bytes().all(|b| b.is_ascii_digit());
    if fine { Ok(domain) } else { Err(NotAnAddress::Domain) }
}

/// Returns whether lower case or NFC turns a character outside ASCII into ASCII, such as the Kelvin
/// sign. Such a look-alike would fold into another user's domain.
fn folds_into_ascii(c: char) -> bool {
    !c.is_ascii()
        && (c.to_lowercase().any(|c| c.is_ascii())
            || ComposingNormalizerBorrowed::new_nfc().normalize(c.encode_utf8(&mut [0; 4])).is_ascii())
}

#[cfg(test)]
mod tests;
