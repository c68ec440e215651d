//! What admins see and change: settings, people, mail, the audit log. For anybody else these pages do not exist.
//!
//! Every change needs a fresh proof and leaves a line in the audit log, with before and after.

mod audit;
mod logo;
mod mail;
mod overview;
mod people;
mod recovery;
mod settings;

pub use logo::MOST_UPLOAD;

use rocket::Route;

pub fn routes() -> Vec<Route> {
    [
        overview::routes(),
        settings::routes(),
        logo::routes(),
        people::routes(),
        recovery::routes(),
        mail::routes(),
        audit::routes(),
    ]
    .concat()
}
