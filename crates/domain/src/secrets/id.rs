//! Row ids, made by the application and never reused. An account closed and opened again is
//! therefore a different account.
//!
//! A noun names its id beside itself, such as [`crate::AccountId`]. Ids are names, not secrets:
//! knowing one grants nothing. An id in time order also tells when its row was made. So only its
//! owner and admins may see it.

use crate::{
    Timestamp,
    entropy::{self, Entropy},
};
use std::{fmt, hash, marker::PhantomData, str::FromStr};

/// The id of a `Noun`. Ids of different nouns are different types and cannot be mixed up.
pub struct Id<Noun>(i64, PhantomData<fn() -> Noun>);

/// Why a text is not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnId;

/// Bits of an id in time order that tell those of one moment apart. The other 42 of its 63 bits
/// reach until 2109.
const SERIAL_BITS: u32 = 21;

impl<Noun> Id<Noun> {
    /// An id of 63 random bits.
    pub fn issue(entropy: &dyn Entropy) -> Self {
        // Positive, because a minus sign in a form field or a log confuses readers.
        Self::from_i64(i64::from_be_bytes(entropy::bytes(entropy)) & i64::MAX)
    }

    /// An id in time order: a database then adds new rows beside each other, and writes few pages.
    ///
    /// Ids of one transaction differ ([`entropy::Consecutive`]). Two of one millisecond that other
    /// transactions make are equal once in two million. The database refuses the second row, and
    /// the job runs again with another id.
    pub fn issue_at(entropy: &dyn Entropy, now: Timestamp) -> Self {
        let serial = i64::from(entropy.serial() & ((1 << SERIAL_BITS) - 1));
        Self::from_i64(((now.as_millis() << SERIAL_BITS) | serial) & i64::MAX)
    }

    /// Returns the lowest of the ids in time order that are issued at a moment, or later.
    pub fn first_at(at: Timestamp) -> Self {
        Self::from_i64((at.as_millis() << SERIAL_BITS) & i64::MAX)
    }

    /// From the stored form.
    pub const fn from_i64(id: i64) -> Self {
        Self(id, PhantomData)
    }

    pub const fn as_i64(self) -> i64 {
        self.0
    }
}

/// The stored form. What stores it binds a reference.
impl<Noun> AsRef<i64> for Id<Noun> {
    fn as_ref(&self) -> &i64 {
        &self.0
    }
}

/// Sixteen hexadecimal digits.
impl<Noun> fmt::Display for Id<Noun> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl<Noun> FromStr for Id<Noun> {
    type Err = NotAnId;

    /// Exactly what `Display` writes: no sign, no spaces, no capitals.
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        if text.len() != 16 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(NotAnId);
        }
        i64::from_str_radix(text, 16).map(Self::from_i64).map_err(|_| NotAnId)
    }
}

// By hand, because derived ones would ask the same of `Noun`.
impl<Noun> Clone for Id<Noun> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<Noun> Copy for Id<Noun> {}
impl<Noun> PartialEq for Id<Noun> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<Noun> Eq for Id<Noun> {}
impl<Noun> hash::Hash for Id<Noun> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<Noun> fmt::Debug for Id<Noun> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{collections::HashSet, sync::Arc};

    struct Fixed([u8; 4]);

    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.copy_from_slice(&self.0);
        }
    }

    fn made(at: i64, random: [u8; 4]) -> i64 {
        Id::<()>::issue_at(&Fixed(random), Timestamp::from_millis(at)).as_i64()
    }

    #[test]
    fn ids_of_one_moment_differ_by_their_serial_numbers() {
        assert_ne!(made(1_800_000_000_000, [0, 0, 0, 8]), made(1_800_000_000_000, [0, 0, 0, 16]));
        assert_ne!(made(1_800_000_000_000, [0, 16, 0, 0]), made(1_800_000_000_000, [0; 4]));
    }

    proptest! {
        #[test]
        fn the_first_id_of_a_moment_is_above_all_earlier_ones(at in 0i64..4_000_000_000_000, random: [u8; 4]) {
            let first = Id::<()>::first_at(Timestamp::from_millis(at)).as_i64();
            prop_assert!(first <= made(at, random) && (at == 0 || made(at - 1, random) < first));
        }
    }

    #[test]
    fn ids_of_one_transaction_all_differ() {
        let entropy = entropy::Consecutive::over(Arc::new(Fixed([255; 4])));
        let moment = Timestamp::from_millis(1_800_000_000_000);
        let ids: HashSet<_> = (0..100_000).map(|_| Id::<()>::issue_at(&entropy, moment)).collect();
        assert_eq!(ids.len(), 100_000);
    }

    proptest! {
        #[test]
        fn ids_in_time_order_sort_by_the_moment_they_were_made(
            one in 0..4_000_000_000_000_i64,
            other in 0..4_000_000_000_000_i64,
            random in any::<[u8; 4]>(),
            more in any::<[u8; 4]>(),
        ) {
            prop_assert!(made(one, random) >= 0);
            if one != other {
                prop_assert_eq!(made(one, random) < made(other, more), one < other);
            }
        }

        #[test]
        fn an_id_reads_back_as_it_was_written(raw in 0..=i64::MAX) {
            let id = Id::<()>::from_i64(raw);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }

        #[test]
        fn nothing_but_sixteen_digits_is_an_id(text in ".{0,20}") {
            if let Ok(id) = text.parse::<Id<()>>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
