//! Recovery codes in a note, for the page that shows them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Recovery codes on their way to the one page that shows them. They cannot be printed by accident.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Codes {
    pub codes: Vec<String>,
    pub made_at: i64,
    pub after: After,
}

/// Event after which recovery codes were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum After {
    /// The button that creates them.
    Button,
    /// The account's second factor was set up.
    FirstFactor,
}

impl fmt::Debug for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Codes(…)")
    }
}
