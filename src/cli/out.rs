//! Outputs of a command: its answer on standard output, and other messages on standard error.

use super::Ending;
use serde_json::Value;
use std::{
    fmt,
    io::{self, Write},
};

/// Writes the answer: lines for people, or with `--json` one JSON value for scripts.
#[derive(Clone, Copy)]
pub(super) struct Out {
    json: bool,
}

impl Out {
    pub(super) const fn new(json: bool) -> Self {
        Self { json }
    }

    pub(super) const fn is_json(self) -> bool {
        self.json
    }

    /// Prints a line for people.
    pub(super) fn say(self, line: impl fmt::Display) -> Result<(), Ending> {
        if self.json { Ok(()) } else { print(line) }
    }

    /// Prints the whole answer for scripts. Call it once, at the end.
    pub(super) fn tell(self, answer: &Value) -> Result<(), Ending> {
        if self.json { print(answer) } else { Ok(()) }
    }
}

/// Prints a line. A reader that has read enough and left (`| head`) is fine. A lost answer is a
/// failure.
fn print(line: impl fmt::Display) -> Result<(), Ending> {
    or_lost(writeln!(io::stdout(), "{line}"))
}

/// Prints bytes that a program reads, such as a script or a manual page.
pub(super) fn print_bytes(bytes: &[u8]) -> Result<(), Ending> {
    or_lost(io::stdout().write_all(bytes))
}

fn or_lost(printed: io::Result<()>) -> Result<(), Ending> {
    match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Ending::Failed(format!("Cannot write the answer: {error}.")))
        }
        _ => Ok(()),
    }
}

/// Prints a line beside the answer, for the operator to read.
pub(super) fn complain(line: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
