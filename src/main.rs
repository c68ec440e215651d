//! The binary: everything it does is in [`gatepost::cli`].

#![forbid(unsafe_code)]

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Each request allocates some hundred times. With glibc's allocator, and 200,000 sessions in
/// memory, checks for proxies took twice as long.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    gatepost::cli::run()
}
