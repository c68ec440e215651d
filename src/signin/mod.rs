//! Signing in. Each method is a folder here that only produces a proof. [`complete`] is the one
//! door from a proof to a session.

#![warn(clippy::wildcard_enum_match_arm)]

pub mod complete;
pub mod email_link;
mod factors;
mod invitation;
mod login;
pub mod passkey;
mod password;
pub mod second_factor;
mod session_cookies;
mod set_up;
mod step_up;

pub use set_up::print_set_up_link;

use crate::web::Doors;
use rocket::routes;

pub fn doors() -> Doors {
    let pages = [
        invitation::routes(),
        login::routes(),
        password::routes(),
        second_factor::routes(),
        step_up::routes(),
        set_up::routes(),
    ];
    let home = Doors::pages(routes![login::home]).tried_first();
    Doors::pages(pages.concat()).and(home).and(email_link::doors()).and(passkey::doors())
}
