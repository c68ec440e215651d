//! Emails: the outbox and its views, deliveries, and security emails that leave as one.

pub mod delivery;
pub mod news;
pub mod outbox;
pub(super) mod outbox_due;
pub(super) mod outbox_view;
pub mod where_done;
