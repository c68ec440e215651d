//! The one place that makes randomness.

use crate::domain::Entropy;
use rand::{TryRng, rngs::SysRng};

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// # Panics
    ///
    /// Panics if the operating system has no randomness. The request then ends with a 500. That is
    /// the only safe end, because any other source could be guessed.
    #[expect(clippy::expect_used, reason = "see above")]
    fn fill(&self, bytes: &mut [u8]) {
        SysRng.try_fill_bytes(bytes).expect("the operating system gives randomness");
    }
}
