//! Signing in by a mail with a link and a code.
//!
//! 1. Somebody types an address ([`start`]). An attempt and an outbox row are written, the same for every address; the browser
//!    gets a verifier in a cookie and the page "check your inbox" ([`sent`]).
//! 2. The mail worker finds out whether there is anybody to write to, makes the token and the code, and sends (`outbox`).
//! 3. The link opens a page and changes nothing ([`verify`]): in the browser that asked it has one button; in any other browser it
//!    says who asked and takes two explicit steps; where somebody else is signed in it asks. Whether a mail scanner opens it or
//!    presses the first button, nothing is used up.
//! 4. The button redeems the link by one conditional update, or the code typed where it was asked for does ([`code`]); then the door in
//!    `signin::complete` makes the session.
//! 5. The mail's other link says "this wasn't me" ([`cancel`]).
//!
//! What may be done with a link in which browser is decided in [`rules`], and nowhere else. A step-up and the proof of a new address go
//! the same way, with other purposes.

mod cancel;
mod code;
mod redeem;
pub mod rules;
mod sent;
mod start;
mod verify;

use rocket::Route;

pub fn routes() -> Vec<Route> {
    [start::routes(), sent::routes(), code::routes(), verify::routes(), cancel::routes()].concat()
}
