//! Pages on the way between users and apps.

pub mod come_back;
pub mod enrol_first;
pub mod heading_for;
pub mod leaving;
pub mod not_for_you;
pub mod resume;
