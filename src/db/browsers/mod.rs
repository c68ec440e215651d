//! Browsers: their sessions, what accounts know of them, and forms that wait for them.

pub mod devices;
pub mod held_forms;
pub mod known_browsers;
pub mod own_tries;
pub mod sessions;
