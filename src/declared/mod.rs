//! Settings, groups and apps as a file of the operator declares them.
//!
//! The file owns all that it names: pages only show it. Applying the same file again changes
//! nothing.

mod apply;
mod client;
mod export;
mod file;
mod outcome;
mod reading;
mod wanted;
mod wanted_client;

pub use apply::apply;
pub use export::export;
pub use outcome::{Applied, ApplyRefusal, Change};
pub use wanted::Wanted;
