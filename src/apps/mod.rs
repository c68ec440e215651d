//! Operations on apps and groups: the same for an admin's page and the command line. Each function
//! runs in the caller's transaction and writes the line of the audit log.

mod app;
mod asking;
mod client;
mod exit;
mod group;
mod handle;
mod token_claims;

pub use app::{AppRefusal, add, change, group_names, is_own, lock, refusal, remove, set_icon};
pub use asking::{Answered, Asked, answer, ask, give, take, tell};
pub use client::{
    BuiltIn, BuiltInSet, KeysSet, add_client, add_client_with_keys, add_client_with_secret, add_redirect_uri,
    change_client, client_facts, end_replaced_secrets, is_client_id_taken, make_client, new_secret, note_popup,
    push_lifetimes, set_built_in, set_client_keys, would_end_secret,
};
pub use exit::{end_access, sign_out};
pub use group::{add_group, change_group, group_for, join, leave, remove_group};
pub use handle::{By, Handled, change_handle, would_change_handle};
pub use token_claims::{id_token, userinfo};
