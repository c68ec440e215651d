//! What no route should see is refused here, and what the server may spend is limited.

pub mod admission;
pub mod guarding;
pub mod hashing;
pub(super) mod turned_off;
