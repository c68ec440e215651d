//! Names of sealing keys: all that the database and the log may know of them.

use crate::{Lifetime, Timestamp};
use std::{fmt, str::FromStr};

/// The first 64 bits of a hash of the key. They tell keys apart and reveal nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 8]);

/// The text is not the name of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAKeyId;

/// Time that a key stays in the key file after a newer key replaced it.
const KEPT: Lifetime = Lifetime::days(7);

/// Returns the keys of a file, newest first, that a node may still seal with. A node without the
/// newest file still seals with the newest key of its older file. If no file has that key, an
/// authenticator app is lost. A key counts too if the database does not know its successor.
pub fn still_used(in_file: &[KeyId], first_used: &[(KeyId, Timestamp)], now: Timestamp) -> Vec<KeyId> {
    let mut replaced_at: Option<Timestamp> = None;
    let mut used = Vec::new();
    for key in in_file {
        if replaced_at.is_none_or(|at| now < at.plus(KEPT)) {
            used.push(*key);
        }
        let noted = first_used.iter().find(|(noted, _)| noted == key).map(|(_, at)| *at);
        replaced_at = noted.or(replaced_at);
    }
    used
}

impl KeyId {
    pub const LENGTH: usize = 8;

    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

/// Sixteen hexadecimal digits.
impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for KeyId {
    type Err = NotAKeyId;

    /// Reads exactly what `Display` writes: no sign, no spaces, no capitals.
    fn from_str(text: &str) -> Result<Self, NotAKeyId> {
        if text.len() != 16 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(NotAKeyId);
        }
        u64::from_str_radix(text, 16).map(|id| Self(id.to_be_bytes())).map_err(|_| NotAKeyId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_is_used_until_a_week_after_another_took_its_place() {
        let key = |n| KeyId::from_bytes([n; 8]);
        let (file, at) = ([key(3), key(2), key(1)], Timestamp::from_millis);
        let week = 604_800_000;
        let noted = [(key(1), at(0)), (key(2), at(10)), (key(3), at(20))];
        for (now, used) in [(20, 3), (10 + week - 1, 3), (10 + week, 2), (20 + week - 1, 2), (20 + week, 1)] {
            assert_eq!(still_used(&file, &noted, at(now)), file[..used], "at {now}");
        }
        // A run that was interrupted may leave a key that the database does not know.
        assert_eq!(still_used(&file, &noted[..2], at(10 + week)), file[..2]);
        assert_eq!(still_used(&file, &[noted[0], noted[2]], at(20 + week)), file[..1]);
        assert_eq!(still_used(&file, &[], at(week)), file);
    }

    proptest! {
        #[test]
        fn a_key_s_name_reads_back_as_it_was_written(bytes: [u8; 8]) {
            let id = KeyId::from_bytes(bytes);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }

        #[test]
        fn nothing_but_sixteen_digits_names_a_key(text in ".{0,20}") {
            if let Ok(id) = text.parse::<KeyId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
