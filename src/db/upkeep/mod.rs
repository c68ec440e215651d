//! A database as a whole: its schema, copies and backups, and the lock of the one server.

mod backup;
mod before_upgrade;
mod copies;
pub mod integrity;
mod key_lock;
pub mod migrations;
mod restored;
mod serving_lock;
mod transfer;

pub use backup::{NotRestored, Restored, backup, finish_restore, note_backup, restore};
pub use key_lock::KeyLock;
pub use serving_lock::ServingLock;
pub use transfer::{NotCopied, copy};
