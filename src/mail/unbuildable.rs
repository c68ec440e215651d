//! Why an email cannot be built.

use std::fmt;

/// An email that cannot be built. This is our own fault, because addresses are strict and texts are
/// ours.
#[derive(Clone, Debug)]
pub struct Unbuildable(String);

impl Unbuildable {
    pub(super) fn new(why: impl fmt::Display) -> Self {
        Self(why.to_string())
    }
}

impl fmt::Display for Unbuildable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
