//! What people see and change of their own account: name, address, signed-in browsers, their data, and the way out.

mod address;
mod close;
mod data;
mod overview;
mod password;
mod sessions;

use rocket::Route;

pub fn routes() -> Vec<Route> {
    [overview::routes(), address::routes(), sessions::routes(), close::routes(), password::routes(), data::routes()]
        .concat()
}
