//! Passkeys: a sign-in without a typed address, a second factor, and the strongest proof for a
//! step-up.
//!
//! A page's script asks `…/options` for a challenge and hands it to the browser. It sends the
//! authenticator's answer to the route without `/options`. The challenge waits in the database. A
//! cookie binds it to this browser, and it is for one use: a waiting sign-in, a session, or
//! neither. The first answer uses it up, right or wrong ([`crate::passkeys`]).
//!
//! Every failure gets the same word. A passkey may be unknown, another user's, a copy, wrong, or
//! belong to a disabled account. The difference would reveal which of the ids handed out for a
//! typed address are real. The log has the reason.

mod ceremony;
mod second_factor;
mod sign_in;
mod step_up;

pub use ceremony::{Unproven, answering, begin, begin_as, keyed_hash};

use crate::web::Doors;

pub fn doors() -> Doors {
    Doors::scripts([sign_in::routes(), second_factor::routes(), step_up::routes()].concat())
}
