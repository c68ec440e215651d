//! The second step of a sign-in: a code of an authenticator app, or a recovery code instead.
//! Passkeys have a folder of their own.

mod check;
mod lost;
mod page;
mod step_up;

use check::{BadCode, Given, Typed, check, prepare, prepare_as_account};
pub use page::waiting;

use rocket::Route;

pub fn routes() -> Vec<Route> {
    [page::routes(), lost::routes(), step_up::routes()].concat()
}
