//! A password as lists of breached passwords have it.

use ring::digest::{Digest, SHA1_FOR_LEGACY_USE_ONLY, digest};

/// SHA-1 of a password, as such lists store it. A reader finds the password in a moment. So this
/// type can be compared, and neither printed nor stored.
pub struct BreachHash(Digest);

impl BreachHash {
    pub(super) fn of(password: &str) -> Self {
        Self(digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()))
    }

    /// Returns the 20 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_ref()
    }
}
