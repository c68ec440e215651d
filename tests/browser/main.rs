//! Journeys through the real binary in a real browser: Debian's Chromium, driven by its
//! chromedriver. axe-core checks every page. No request leaves this machine.
//!
//! `TEST_AXE=$(scripts/axe-core) cargo test --test browser` runs it. With `TEST_SCREENSHOTS` naming
//! a folder, the tours leave a picture of every page there.

#![allow(unreachable_pub, reason = "nothing calls it from outside")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop loudly"
)]

mod browser;
mod chromedriver;
mod conformance;
mod desk;
mod framing;
mod gatepost;
mod keyboard;
mod languages;
mod leaving;
#[path = "../shared/letters.rs"]
mod letters;
mod links;
mod loading;
mod oidc;
mod oidc_clients;
mod passkey_offers;
mod passkeys;
mod patience;
#[path = "../shared/places_file.rs"]
mod places_file;
#[path = "../shared/port.rs"]
mod port;
mod program;
mod reloads;
mod sign_in;
mod sign_out;
mod stage;
mod step_up;
mod tour;
mod traffic;
