//! Accounts, their names and groups, and what admins and owners change about them.

pub mod account_ends;
pub mod accounts;
pub mod address_changes;
pub mod admin_acts;
pub mod former;
pub mod gains;
pub mod groups;
pub mod handles;
pub mod invitations;
pub mod people_pages;
pub mod recoveries;
