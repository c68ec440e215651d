//! OpenID Connect: apps send browsers here and learn who signed in.
//!
//! [`authorize`] sends the browser back with a code, [`token`] gives tokens for it. A code is a
//! sealed value and no row, so that a GET writes nothing. It counts once, because redeeming it
//! inserts its id into a column of unique values.

mod access_token;
mod assertion;
mod authorization_request;
mod authorize;
mod caller;
mod claims;
mod client_auth;
mod code;
mod consent;
mod cors;
mod device;
mod device_page;
mod discovery;
mod ended_apps;
mod introspect;
mod issue;
mod logout;
mod problem;
mod refresh;
mod replay;
mod replies;
mod revoke;
mod token;
mod userinfo;
mod webfinger;

use crate::web::Doors;

pub fn doors() -> Doors {
    Doors::pages([authorize::pages(), consent::pages(), logout::pages(), device_page::pages()].concat()).and(
        Doors::apis(
            [
                authorize::apis(),
                logout::apis(),
                discovery::routes(),
                webfinger::routes(),
                token::routes(),
                userinfo::routes(),
                revoke::routes(),
                introspect::routes(),
                device::routes(),
                cors::routes(),
            ]
            .concat(),
        ),
    )
}
