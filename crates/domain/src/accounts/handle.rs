//! Handles: the names by which apps know accounts.
//!
//! An app keeps its data under the handle. So no other account ever gets it, even when its account
//! is closed.

use crate::EmailAddress;
use std::fmt;

pub const MAX_LENGTH: usize = 32;

/// Names by which many apps know their own administrator. No one gets one by choosing an address,
/// only from an admin.
const RESERVED: [&str; 21] = [
    "abuse",
    "admin",
    "administrator",
    "anonymous",
    "daemon",
    "everyone",
    "gatepost",
    "guest",
    "hostmaster",
    "info",
    "me",
    "operator",
    "owner",
    "postmaster",
    "public",
    "root",
    "security",
    "superuser",
    "support",
    "system",
    "webmaster",
];

/// A name of small letters, digits, dots, hyphens and underscores, at most [`MAX_LENGTH`] long. It
/// begins and ends with a letter or a digit.
///
/// It has no `@`, because some apps, such as Proxmox, read what follows as a realm.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Handle(String);

/// Why a text is not a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAHandle;

impl Handle {
    /// Reads what was typed or stored. Capitals become small, because some apps tell them apart and
    /// some do not.
    pub fn parse(typed: &str) -> Result<Self, NotAHandle> {
        let handle = crate::typed::trimmed(typed).to_ascii_lowercase();
        if is_handle(&handle) { Ok(Self(handle)) } else { Err(NotAHandle) }
    }

    /// Proposes a handle for a new account. `n` counts the proposals that were taken, from 0.
    ///
    /// A reserved name gets a number at once. A user with the address `admin@…` does not become the
    /// administrator of an app.
    pub fn propose(email: &EmailAddress, n: u32) -> Self {
        let local = email.local();
        let before_tag = local.split('+').next().unwrap_or_default();
        let mut base: String = before_tag.to_ascii_lowercase().chars().map(plain).collect();
        base.truncate(MAX_LENGTH - 6);
        let base = base.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let base = if base.is_empty() { "user" } else { base };
        let number = if RESERVED.contains(&base) { n.saturating_add(1) } else { n };
        let handle = if number == 0 { base.to_owned() } else { format!("{base}{}", number.saturating_add(1)) };
        Self::parse(&handle).unwrap_or_else(|_| Self("user".to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether only an admin may give it.
    pub fn is_reserved(&self) -> bool {
        RESERVED.contains(&self.0.as_str())
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const fn plain(c: char) -> char {
    if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' }
}

fn is_handle(text: &str) -> bool {
    let ends = [text.chars().next(), text.chars().last()];
    (1..=MAX_LENGTH).contains(&text.len())
        && ends.iter().flatten().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn proposed(email: &str, n: u32) -> String {
        Handle::propose(&EmailAddress::parse(email).unwrap(), n).to_string()
    }

    #[test]
    fn a_handle_is_proposed_from_the_address() {
        assert_eq!(proposed("Ana.Lima@example.com", 0), "ana.lima");
        assert_eq!(proposed("ana+shop@example.com", 0), "ana");
        assert_eq!(proposed("ana@example.com", 1), "ana2");
        assert_eq!(proposed("ana@example.com", 2), "ana3");
        assert_eq!(proposed("o'neil@example.com", 0), "o-neil");
    }

    #[test]
    fn no_address_makes_its_owner_the_administrator_of_an_app() {
        for reserved in RESERVED {
            assert_ne!(proposed(&format!("{reserved}@example.com"), 0), reserved);
            assert!(Handle::parse(reserved).unwrap().is_reserved());
        }
    }

    #[test]
    fn only_an_admin_gives_the_names_of_administrators() {
        for name in [
            "abuse",
            "admin",
            "administrator",
            "anonymous",
            "daemon",
            "everyone",
            "gatepost",
            "guest",
            "hostmaster",
            "info",
            "me",
            "operator",
            "owner",
            "postmaster",
            "public",
            "root",
            "security",
            "superuser",
            "support",
            "system",
            "webmaster",
        ] {
            assert!(Handle::parse(name).unwrap().is_reserved(), "{name}");
            assert_eq!(proposed(&format!("{name}@example.com"), 0), format!("{name}2"));
        }
        assert!(!Handle::parse("ana").unwrap().is_reserved());
    }

    #[test]
    fn what_an_app_could_misread_is_no_handle() {
        for typed in ["", "a@b", "a b", "a,b", "-a", "a-", ".a", "ä", "a/b", "a\nb", &"a".repeat(33)] {
            assert!(Handle::parse(typed).is_err(), "{typed:?}");
        }
        // A line end behind it was pasted along.
        assert_eq!(Handle::parse("a\n").unwrap().as_str(), "a");
        assert!(Handle::parse(&"a".repeat(32)).is_ok());
    }

    proptest! {
        #[test]
        fn every_proposal_is_a_handle_and_none_is_proposed_twice(local in "[a-zA-Z0-9._+'-]{1,40}", n in 0u32..5000) {
            if let Ok(email) = EmailAddress::parse(&format!("{local}@example.com")) {
                let handle = Handle::propose(&email, n);
                prop_assert_eq!(Handle::parse(handle.as_str()), Ok(handle.clone()));
                prop_assert!(!handle.is_reserved());
                prop_assert_ne!(handle, Handle::propose(&email, n + 1));
            }
        }
    }
}
