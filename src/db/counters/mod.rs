//! Counters of the limits.

pub(super) mod limit_rows;
pub mod limits;
pub mod total;
