//! Sign-ins under way: attempts and their links, passkey ceremonies, sign-ins that wait.

pub(super) mod attempt_links;
pub mod attempts;
pub mod ceremonies;
pub mod openings;
pub mod pending_sign_ins;
