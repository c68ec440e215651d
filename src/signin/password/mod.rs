//! Signing in with a password, and resetting it by email.

mod forgot;
mod reset;
mod sign_in;
mod step_up;

use rocket::Route;

pub(super) fn routes() -> Vec<Route> {
    [sign_in::routes(), step_up::routes(), forgot::routes(), reset::routes()].concat()
}
