//! Accounts, their groups and handles, what they gain, and what admins do to them.

pub mod account;
pub mod admin_act;
pub mod gain;
pub mod group;
pub mod handle;
pub mod invitation;
pub mod recovery;
