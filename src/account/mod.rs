//! Pages on which users see and change their own account: name, language, time zone, address,
//! signed-in browsers and data. They can also close it.

mod activity;
mod address;
mod app_access;
mod apps;
mod close;
mod data;
mod factor_rows;
mod new_browser;
mod new_codes;
mod overview;
mod own_choices;
mod passkey_offer;
mod passkeys;
mod password;
mod recovery;
mod recovery_codes;
mod relative;
mod security;
mod sessions;
mod totp;
mod undo;
mod undo_words;

use crate::web::Doors;

pub fn doors() -> Doors {
    let pages = [
        overview::routes(),
        app_access::routes(),
        apps::routes(),
        own_choices::routes(),
        address::routes(),
        sessions::routes(),
        activity::routes(),
        close::routes(),
        security::routes(),
        password::routes(),
        totp::routes(),
        recovery_codes::routes(),
        recovery::routes(),
        passkey_offer::routes(),
        undo::routes(),
        new_browser::routes(),
        data::routes(),
    ];
    Doors::pages(pages.concat()).and(passkeys::doors())
}
