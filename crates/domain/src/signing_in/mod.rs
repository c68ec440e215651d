//! Signing in: attempts, links, sign-ins that wait, and where a sign-in leads.

pub mod attempt;
pub mod carried_lists;
pub mod destination;
pub mod opened_link;
pub mod pending;
pub mod return_to;
pub mod sign_ins;
pub mod ways_in;
