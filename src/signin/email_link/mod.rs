//! Signing in by an email with a link and a code.
//!
//! 1. The user types an address ([`start`]). Then [`start_attempt`] has [`ask`] write an attempt
//!    and an outbox row, the same for every address. The browser gets a verifier in a cookie and
//!    the page "check your inbox" ([`sent`]), which also asks [`again`].
//! 2. The mail worker decides whether there is a recipient, makes token and code, and sends them
//!    (`outbox`).
//! 3. The link opens a page and changes nothing ([`verify`]). The browser that asked gets one
//!    button. Any other browser learns which one asked and takes two explicit steps. If another
//!    user is signed in, the page asks first. A mail scanner that opens the link or presses the
//!    first button uses nothing up.
//! 4. The button redeems the link by one conditional update. So does the code, typed in the browser
//!    that asked ([`code`]). Then the door in `signin::complete` makes the session.
//! 5. The email's other link says "this wasn't me" ([`cancel`]).
//!
//! [`crate::domain::opened_link`] alone decides what a browser may do with a link. A step-up and a
//! new address take the same way, with other purposes.

pub mod again;
pub mod ask;
mod cancel;
mod code;
mod redeem;
mod sent;
mod start;
pub mod start_attempt;
mod verify;

pub use verify::links_are_off;

use crate::web::Doors;

pub fn doors() -> Doors {
    Doors::pages([start::routes(), code::routes(), verify::routes(), cancel::routes()].concat()).and(sent::doors())
}
