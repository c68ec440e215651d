//! Attempts: asking for an email, asking again, redeeming what it carried.
//!
//! Signing in, stepping up, verifying a new address and resetting a password use the same code with
//! another [`Purpose`](crate::domain::Purpose).
//!
//! Asking never reads accounts. In one transaction it takes from the limits and writes an attempt
//! and an outbox row. The statements are the same for every address. The mail worker finds out
//! later, elsewhere, whether there is a recipient. Neither the answer nor its timing can therefore
//! reveal an account.

mod ask;
mod limits;

pub use ask::{Again, NewAttempt, Origin, again_from, ask, ask_again};
pub use limits::{
    Asker, MAX_PASSWORDS_IN_A_ROW, forgive_passwords, of_client_secrets, of_codes, of_copied_passkeys, of_device_codes,
    of_mails, of_new_passwords, of_new_recovery_codes, of_passkey_challenges, of_passwords, of_passwords_in_a_row,
    of_passwords_to_judge, of_recovery_codes, of_resets, of_resets_to_judge, of_typed_device_codes, of_wrong_codes,
};
