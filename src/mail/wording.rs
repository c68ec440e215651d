//! An email in words.

use super::wrap::unwrapped;

#[derive(Clone, PartialEq, Eq)]
pub struct Wording {
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Wording {
    /// Returns the text part with each paragraph on one line.
    pub fn whole_text(&self) -> String {
        unwrapped(&self.text)
    }
}
