//! Parts that all pages share: the request, the answer and the layout.
//!
//! [`gate`] refuses, before any route, what no route should see. [`Visit`] is the guard that a
//! route takes: time, browser, settings and signed-in user. [`SessionCheck`] is a part of it, for
//! routes that only ask who is signed in. A route returns a [`Reply`] or a [`Failure`]; [`headers`]
//! finishes every answer.

pub mod acting;
pub mod admission;
pub mod assets;
pub mod catchers;
pub mod client;
pub mod come_back;
pub mod cookies;
pub mod csv;
pub mod enrol_first;
pub mod failure;
pub mod flash;
pub mod form;
pub mod gate;
pub mod guarding;
pub mod hashing;
pub mod headers;
pub mod heading_for;
pub mod install;
pub mod json;
pub mod language;
pub mod layout;
pub mod leaving;
pub mod link_token;
pub mod not_for_you;
pub mod note;
pub mod on_wire;
pub mod pages;
pub mod passkey_endpoints;
mod posted;
pub mod preview;
pub mod qr;
pub mod query;
pub mod question;
pub mod reply;
pub mod request_id;
pub mod resume;
mod say;
pub mod security_txt;
pub mod session_check;
pub mod step_up;
pub mod trouble;
mod turned_off;
pub mod upload;
pub mod visit;

pub use acting::{Me, Need};
pub use admission::Doors;
pub use assets::Assets;
pub use failure::Failure;
pub use form::{Fields, NoFields, PassedOn};
pub use json::Json;
pub use layout::{Layout, ShownLogo};
pub use leaving::Arrival;
pub use note::{AppNote, AppProblem, HandleProblem, Note, Several, ShownSecret, UriProblem, UsedEmail};
pub use question::Question;
pub use reply::Reply;
pub use session_check::SessionCheck;
pub use upload::Upload;
pub use visit::Visit;

/// Result that a route returns.
pub type Answer = Result<Reply, Failure>;
