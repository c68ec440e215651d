//! What can be done to accounts, by their owners, by admins, or from the command line: the same operations with the same
//! consequences, whoever asks. Each runs within the caller's transaction; who asked is the caller's to write into the audit log.

mod address;
mod join;
mod password;
mod status;

pub use address::{Moved, Undone, gives_way, move_address, newcomer, undo_move};
pub use join::{Added, add};
pub use password::{remove_password, reset_password, set_password};
pub use status::{Change, close, disable, enable, set_admin, sign_out_everywhere};
