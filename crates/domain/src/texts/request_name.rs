//! Names of requests: each another one, and none a secret.

use crate::{Entropy, entropy};
use std::sync::atomic::{AtomicU64, Ordering};

/// Increment from one name to the next: odd, so that all numbers come before one comes again.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Names requests. The first name is random, so that two servers do not name theirs alike. The
/// others follow from it: asking the operating system costs more than most of an answer's other
/// parts.
#[derive(Debug)]
pub struct RequestNames(AtomicU64);

impl RequestNames {
    pub fn new(entropy: &dyn Entropy) -> Self {
        Self(AtomicU64::new(u64::from_be_bytes(entropy::bytes(entropy))))
    }

    /// Returns a name that these have not given before.
    pub fn next(&self) -> u64 {
        mix(self.0.fetch_add(STEP, Ordering::Relaxed))
    }
}

/// Scatters the bits, so that names are told apart at a glance. It is the last step of SplitMix64
/// (Steele, Lea and Flood, 2014), and takes no two numbers to one.
const fn mix(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    struct Fixed(u8);

    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn no_request_is_named_like_another_one() {
        let (one, two) = (RequestNames::new(&Fixed(1)), RequestNames::new(&Fixed(2)));
        let names: BTreeSet<u64> = (0..1000).flat_map(|_| [one.next(), two.next()]).collect();
        assert_eq!(names.len(), 2000);
        // Names that follow each other do not look alike.
        let (first, second) = (one.next(), one.next());
        assert!((first ^ second).count_ones() > 8, "{first:x} {second:x}");
    }
}
