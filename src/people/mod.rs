//! Operations of owners, admins and the command line on accounts, with the same consequences for
//! each. Each runs in the caller's transaction. The caller writes into the audit log who asked.

mod address;
mod end;
mod ending;
mod factors;
mod gains;
mod guest;
mod invitation;
mod join;
mod known_browsers;
mod owner;
mod passkeys;
mod password;
mod recovery;
mod recovery_codes;
mod rights;
mod shown;
mod status;
mod tell;
mod totp;
mod trusted_devices;
mod undo;
mod ways_in;

pub use address::{Moved, move_address, tell_again};
pub use end::{EndSet, finish_end, give_notice, set_end};
pub use ending::{SignedOut, sign_out_everywhere, sign_out_user_of, would_sign_out};
pub use factors::{recovery_code_was_used, remove_factors};
pub use guest::{Guest, app_of_guest, forget_guest, invite_guest};
pub use invitation::{Invitee, invite, invite_again, withdraw_invitation};
pub use join::{Added, add};
pub use known_browsers::{SignIn, note_browser};
pub use owner::Owner;
pub use passkeys::{passkey_was_added, remove_passkey};
pub use password::{remove_password, reset_password, set_password};
pub use recovery::{Begun, begin_recovery, cancel_recovery, finish_recovery, recover_now};
pub use recovery_codes::{make_recovery_codes, make_recovery_codes_beside_a_factor, remove_recovery_codes};
pub use rights::{Giver, Returned};
pub use shown::second_factor_was_shown;
pub use status::{Change, Closing, close, disable, enable, make_admin, remove_admin};
pub use tell::tell;
pub use totp::{add_authenticator, remove_authenticator};
pub use trusted_devices::remember_browser;
pub use undo::{Outcome, Presser, Preview, Undone, lock_for_undo, preview, undo};
pub use ways_in::{locked_by, would_lock};
