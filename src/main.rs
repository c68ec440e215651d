//! The binary: everything it does is in [`gatepost::cli`].

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    gatepost::cli::run()
}
