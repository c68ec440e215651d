//! Randomness, which enters as a value that is handed down.

/// A source of unpredictable bytes. The program has one, the operating system's, and makes every
/// secret from it.
pub trait Entropy: Send + Sync {
    /// Fills the whole slice. An implementation that cannot must not return, because a guessable
    /// secret is worse than a fault.
    fn fill(&self, bytes: &mut [u8]);
}

/// Returns `N` fresh random bytes.
pub fn bytes<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}
