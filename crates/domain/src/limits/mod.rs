//! Limits, and the turns of parties that share a queue.

pub mod limit;
pub mod turns;
