//! Parts of the server without the rest, which would take the fuzzer long to build. They begin
//! paths at `crate`, so that the root of a target names what they use.

#[path = "parts/config.rs"]
pub mod config;
#[path = "parts/mail.rs"]
pub mod mail;
