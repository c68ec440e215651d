//! An email in words.

#[derive(Clone, PartialEq, Eq)]
pub struct Wording {
    /// Tag of its language.
    pub language: String,
    pub subject: String,
    pub text: String,
    /// The text with each paragraph on one line, for a page that breaks lines itself.
    pub whole_text: String,
    pub html: String,
}
