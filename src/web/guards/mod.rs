//! Guards: requests that no route sees, parts that are off, and turns for slow hashes.

pub mod admission;
pub mod guarding;
pub mod hashing;
pub(super) mod turned_off;
