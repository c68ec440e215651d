//! The make of an authenticator: an AAGUID, the same for all of one make. It is good for a name and
//! a picture in a list only. Gatepost asks for no attestation, so an authenticator may claim any
//! make, and many claim none.

use std::fmt;

/// Sixteen bytes, all zero if the authenticator names no make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aaguid([u8; 16]);

/// Kind of thing that keeps a passkey. Each has a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// A phone or computer, or the account that its maker keeps with it.
    Device,
    /// A password manager.
    Manager,
    /// A security key, or a card.
    Key,
    Unknown,
}

/// Makes that users are likely to have: AAGUID, kind, name. The source is the FIDO Alliance's
/// metadata and the community's list (passkeydeveloper/passkey-authenticator-aaguids), as of August
/// 2026. Each row is one on which two editions agree.
const MAKES: &str = include_str!("aaguids.txt");

impl Aaguid {
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the usual name of the make, and its kind.
    pub fn make(self) -> Option<(&'static str, Keeper)> {
        let text = self.to_string();
        MAKES.lines().find_map(|line| {
            let (kind, name) = line.strip_prefix(text.as_str())?.trim_start().split_once(' ')?;
            let keeper = match kind {
                "device" => Keeper::Device,
                "manager" => Keeper::Manager,
                "key" => Keeper::Key,
                _ => Keeper::Unknown,
            };
            Some((name, keeper))
        })
    }

    pub fn keeper(self) -> Keeper {
        self.make().map_or(Keeper::Unknown, |(_, keeper)| keeper)
    }

    /// Reads the text that [`Display`](fmt::Display) writes.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|&c| c != '-').collect();
        let aaguid = Self(u128::from_str_radix(&digits, 16).ok()?.to_be_bytes());
        (aaguid.to_string() == text).then_some(aaguid)
    }
}

/// The usual form of a UUID.
impl fmt::Display for Aaguid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, byte) in self.0.iter().enumerate() {
            let dash = if matches!(n, 4 | 6 | 8 | 10) { "-" } else { "" };
            write!(f, "{dash}{byte:02x}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_make_in_the_list_is_found_by_its_aaguid() {
        let mut seen = BTreeSet::new();
        for line in MAKES.lines() {
            let (aaguid, rest) = line.split_once(' ').unwrap();
            let (_, name) = rest.split_once(' ').unwrap();
            let (found, keeper) = Aaguid::parse(aaguid).unwrap().make().unwrap();
            assert_eq!(found, name, "{line}");
            assert!(keeper != Keeper::Unknown && !name.is_empty() && name.trim() == name && name.len() <= 50, "{line}");
            assert!(seen.insert(aaguid), "{line} is there twice");
        }
        assert!(seen.len() > 100);
    }

    #[test]
    fn what_people_have_most_has_its_name() {
        for (aaguid, make) in [
            ("fbfc3007-154e-4ecc-8c0b-6e020557d7bd", ("Apple Passwords", Keeper::Device)),
            ("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4", ("Google Password Manager", Keeper::Device)),
            ("08987058-cadc-4b81-b6e1-30de50dcbe96", ("Windows Hello", Keeper::Device)),
            ("d548826e-79b4-db40-a3d8-11116f7e8349", ("Bitwarden", Keeper::Manager)),
            ("fdb141b2-5d84-443e-8a35-4698c205a502", ("KeePassXC", Keeper::Manager)),
            ("2fc0579f-8113-47ea-b116-bb5a8db9202a", ("YubiKey 5 with NFC", Keeper::Key)),
        ] {
            assert_eq!(Aaguid::parse(aaguid).unwrap().make(), Some(make));
        }
        assert_eq!(Aaguid::default().make(), None);
    }

    proptest! {
        #[test]
        fn an_aaguid_reads_back_as_it_was_written(bytes: [u8; 16]) {
            let aaguid = Aaguid(bytes);
            prop_assert_eq!(Aaguid::parse(&aaguid.to_string()), Some(aaguid));
        }

        #[test]
        fn nothing_else_is_one(text in "[0-9a-fA-F+-]{0,40}") {
            if let Some(aaguid) = Aaguid::parse(&text) {
                prop_assert_eq!(aaguid.to_string(), text);
            }
        }
    }
}
