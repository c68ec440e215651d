//! Seals of the audit log: a chain of hashes over batches of finished lines.
//!
//! Each seal covers the lines after the one before it, in their order. Its hash covers theirs and
//! the hash of the seal before it. A line that is changed, removed or added later breaks the chain.
//! Deleting old lines does not, because their seals stay.
//!
//! The chain has no key. An attacker who can write to the database can make another one. So an
//! operator keeps a hash elsewhere, and the process's log has each.

use crate::{Lifetime, Timestamp};
use sha2::{Digest, Sha256};
use std::fmt;

/// Lines of the last hour are not finished. A transaction that is under way, or a node with a slow
/// clock, may add an earlier one.
pub const UNFINISHED: Lifetime = Lifetime::hours(1);
/// Most lines of a seal.
pub const MAX: usize = 1_000;

/// The hash of a seal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SealHash([u8; 32]);

impl SealHash {
    /// Hash that the first seal follows.
    pub const FIRST: Self = Self([0; 32]);

    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads the form that is printed.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        for (at, byte) in bytes.iter_mut().enumerate().filter(|_| is_hex) {
            *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        is_hex.then_some(Self(bytes))
    }
}

impl fmt::Display for SealHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SealHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Makes the hash of a seal, field by field.
pub struct Sealer(Sha256);

impl Sealer {
    /// Begins the seal with this number, after the one with this hash.
    pub fn new(number: i64, before: SealHash) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"gatepost audit seal 1");
        hasher.update(number.to_be_bytes());
        hasher.update(before.0);
        Self(hasher)
    }

    pub fn number(&mut self, number: i64) {
        self.0.update([b'n']);
        self.0.update(number.to_be_bytes());
    }

    /// Adds a text with its length, so that no two rows of texts look alike.
    pub fn text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => {
                self.0.update([b't']);
                self.0.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
                self.0.update(text);
            }
            None => self.0.update([b'-']),
        }
    }

    pub fn finish(self) -> SealHash {
        SealHash(self.0.finalize().into())
    }
}

/// Returns how many of these lines one seal covers: at most [`MAX`], and all of one day. So a
/// day's lines can be deleted when they expire.
pub fn batch(moments: &[Timestamp]) -> usize {
    let day = |at: &Timestamp| at.as_millis().div_euclid(Lifetime::days(1).as_millis());
    let Some(first) = moments.first().map(day) else { return 0 };
    moments.iter().take(MAX).take_while(|at| day(at) == first).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(texts: &[Option<&str>]) -> SealHash {
        let mut sealer = Sealer::new(1, SealHash::FIRST);
        texts.iter().for_each(|text| sealer.text(*text));
        sealer.finish()
    }

    #[test]
    fn a_hash_tells_every_row_of_texts_apart() {
        let rows: [&[Option<&str>]; 6] =
            [&[], &[None], &[Some("")], &[Some("ab")], &[Some("a"), Some("b")], &[Some("a"), None, Some("b")]];
        for (one, a) in rows.iter().enumerate() {
            for (other, b) in rows.iter().enumerate() {
                assert_eq!(hash(a) == hash(b), one == other, "{a:?} {b:?}");
            }
        }
        let number = |number, before| Sealer::new(number, before).finish();
        assert_ne!(number(1, SealHash::FIRST), number(2, SealHash::FIRST));
        assert_ne!(number(1, SealHash::FIRST), number(1, hash(&[])));
    }

    #[test]
    fn a_hash_reads_back_as_it_is_printed() {
        let printed = hash(&[Some("x")]);
        assert_eq!(SealHash::parse(&printed.to_string()), Some(printed));
        assert_eq!(SealHash::from_slice(printed.as_bytes()), Some(printed));
        for wrong in ["", "00", &"g".repeat(64), &"é".repeat(32), &"0".repeat(65)] {
            assert_eq!(SealHash::parse(wrong), None, "{wrong}");
        }
        assert_eq!(SealHash::from_slice(&[0; 31]), None);
    }

    #[test]
    fn a_batch_is_of_one_day() {
        let at = |days: i64, millis: i64| Timestamp::from_millis(Lifetime::days(1).as_millis() * days + millis);
        assert_eq!(batch(&[]), 0);
        assert_eq!(batch(&[at(3, 0), at(3, 86_399_999), at(4, 0)]), 2);
        assert_eq!(batch(&vec![at(3, 0); MAX + 1]), MAX);
    }

    #[test]
    fn a_number_that_is_changed_added_or_moved_changes_the_hash() {
        let hash = |numbers: &[i64]| {
            let mut sealer = Sealer::new(1, SealHash::FIRST);
            numbers.iter().for_each(|number| sealer.number(*number));
            sealer.finish()
        };
        assert!(hash(&[]) != hash(&[0]) && hash(&[1]) != hash(&[2]) && hash(&[1, 2]) != hash(&[2, 1]));
        assert!(hash(&[-1]) != hash(&[1]) && hash(&[1, 1]) != hash(&[1]));
    }

    /// The chains of all servers have been made like this. By sha256sum.
    #[test]
    fn the_hash_of_a_line_stays_what_it_is() {
        let mut sealer = Sealer::new(1, SealHash::FIRST);
        sealer.number(7);
        sealer.text(Some("ab"));
        sealer.text(None);
        let printed = "67db9a72004d69b323d104bc36ad2ad0dfcf028edbb3c466f91cd5d05a35fa38";
        assert_eq!(sealer.finish().to_string(), printed);
    }
}
