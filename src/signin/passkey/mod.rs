//! Passkeys: a way in by itself, with no address typed; the second factor after another way; the strongest thing to step up with.
//!
//! A page's script asks `…/options` for a challenge, hands it to the browser, and sends what an authenticator said to the route without
//! `/options`. The challenge waits in the database, bound to this browser by a cookie and to what it is for: a waiting sign-in, a session, or
//! neither. The first answer takes it away, right or wrong ([`crate::passkeys`]).
//!
//! Whoever fails is told one word, whatever was wrong: whether a passkey is unknown, somebody else's, a copy, of a disabled account or simply
//! not right would tell which of the ids that were handed out for a typed address are real. What it was is in the log.

mod ceremony;
mod second_factor;
mod sign_in;
mod step_up;

pub use ceremony::{Unproven, answering, begin, begin_as, keyed_hash};

use rocket::Route;

pub fn routes() -> Vec<Route> {
    [sign_in::routes(), second_factor::routes(), step_up::routes()].concat()
}
