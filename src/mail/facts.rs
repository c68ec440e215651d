//! Facts that every kind of email tells.

use crate::locale::Locale;
use serde::Serialize;

/// The facts of one email.
pub trait Facts: Clone + Serialize + Send + Sync + 'static {
    /// Returns the purpose of the email: its links and its code. An email without one of them would
    /// fail some reader.
    fn essentials(&self) -> Vec<&str>;

    /// Returns the same with fewer facts. A request has no network address. A change has no browser
    /// and no link. An address is in ASCII.
    #[must_use]
    fn without_place(self) -> Self {
        self
    }

    /// Returns the event in a line, if another email can tell it.
    fn in_a_line(&self, _locale: &Locale) -> Option<String> {
        None
    }

    /// Adds the lines of other events.
    #[must_use]
    fn telling(self, _others: &[String], _locale: &Locale) -> Self {
        self
    }
}
