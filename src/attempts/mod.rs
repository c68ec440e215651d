//! Attempts at work: asking for a mail, asking again, redeeming what it carried. Signing in, stepping up, proving a new address
//! and (later) resetting a password are the same machinery with another [`Purpose`](crate::domain::Purpose).
//!
//! Asking never looks at accounts. It takes from the limits, writes an attempt and an outbox row, in one transaction and with the
//! same statements for every address; the mail worker finds out whether there is a recipient, later and
//! elsewhere. That is why neither the answer nor its timing can tell.

mod ask;
mod limits;

pub use ask::{Again, Asking, Origin, again_from, ask, ask_again};
pub use limits::{
    Asker, MOST_PASSWORDS_IN_A_ROW, forgive_passwords, of_codes, of_copied_passkeys, of_mails, of_new_passwords,
    of_new_recovery_codes, of_passkey_challenges, of_passwords, of_passwords_in_a_row, of_passwords_to_judge,
    of_recovery_codes, of_resets, of_resets_to_judge, of_wrong_codes,
};
