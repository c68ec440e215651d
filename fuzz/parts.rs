//! Parts of the server without the rest: to build all of it for the fuzzer takes a quarter of an hour.
//! They begin paths at `crate`, so that the root of a target names what they use.

#[path = "parts/config.rs"]
pub mod config;
#[path = "parts/mail.rs"]
pub mod mail;
