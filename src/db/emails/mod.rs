//! Emails: the outbox, its views, and how many leave to a domain or tell one user.

pub mod delivery;
pub mod news;
pub mod outbox;
pub(super) mod outbox_due;
pub(super) mod outbox_view;
pub mod where_done;
