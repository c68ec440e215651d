//! Everything that can keep a route from answering, and how each caller reads it. It is a page, a
//! word for a script, or an OAuth error. The route's admission decides which.
//!
//! Refusals differ by what the visitor can do about them. Faults are ours: the visitor gets a
//! reference, and the log has all causes under the same reference.

mod answer;
mod kind;
pub mod oauth;
mod page;
mod script;

pub use answer::answer;
pub use kind::{Chain, Failure};

#[cfg(test)]
mod tests;
