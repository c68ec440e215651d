//! Problems in the configuration, each in a sentence that names the key, the value and the remedy.

use std::fmt;

/// One thing to correct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Name of the environment variable, or key in `Rocket.toml`.
    pub key: String,
    /// The value, unless it may hold a password.
    pub value: Option<String>,
    pub problem: String,
    pub remedy: String,
}

/// All problems, so that the operator can correct them at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{} is {value:?}: {}. {}", self.key, self.problem, self.remedy),
            None => write!(f, "{}: {}. {}", self.key, self.problem, self.remedy),
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gatepost cannot start with this configuration:")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  - {problem}"))
    }
}

impl std::error::Error for Problems {}
