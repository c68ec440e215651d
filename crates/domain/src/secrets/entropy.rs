//! Randomness, which enters as a value that is handed down.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU32, Ordering},
};

/// A source of unpredictable bytes. The program has one, the operating system's, and makes every
/// secret from it.
pub trait Entropy: Send + Sync {
    /// Fills the whole slice. An implementation that cannot must not return, because a guessable
    /// secret is worse than a fault.
    fn fill(&self, bytes: &mut [u8]);

    /// Returns a number that tells ids of one moment apart.
    fn serial(&self) -> u32 {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        u32::from_be_bytes(bytes)
    }
}

/// The randomness of one transaction: its serial numbers begin anywhere and rise by one.
///
/// A transaction may add thousands of rows in one millisecond, such as the audit lines of a bulk
/// act. Random numbers of 21 bits would often meet among so many.
pub struct Consecutive {
    entropy: Arc<dyn Entropy>,
    next: OnceLock<AtomicU32>,
}

impl Consecutive {
    pub fn over(entropy: Arc<dyn Entropy>) -> Self {
        Self { entropy, next: OnceLock::new() }
    }
}

impl Entropy for Consecutive {
    fn fill(&self, bytes: &mut [u8]) {
        self.entropy.fill(bytes);
    }

    fn serial(&self) -> u32 {
        self.next.get_or_init(|| AtomicU32::new(self.entropy.serial())).fetch_add(1, Ordering::Relaxed)
    }
}

/// Returns `N` fresh random bytes.
pub fn bytes<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}
