#![no_main]

#[path = "../parts.rs"]
#[allow(dead_code, reason = "each target runs one body")]
mod parts;
#[path = "../server_bodies.rs"]
#[allow(dead_code, reason = "each target runs one body")]
mod server_bodies;

use gatepost_domain as domain;
use parts::{config, mail};

libfuzzer_sys::fuzz_target!(|data: &[u8]| server_bodies::configuration(data));
