//! Parts that all pages share: the request, the answer and the layout.
//!
//! [`gate`] refuses, before any route, what no route should see. [`Visit`] is the guard that a
//! route takes: time, browser, settings and signed-in user. [`SessionCheck`] is a part of it, for
//! routes that only ask who is signed in. A route returns a [`Reply`] or a [`Failure`]; [`headers`]
//! finishes every answer.

pub mod acting;
mod answer;
mod app_pages;
pub mod failure;
pub mod gate;
mod guards;
pub mod headers;
pub mod held_form;
pub mod note;
mod request;
pub mod session_check;
mod site;
pub mod trouble;

pub use acting::{Me, Need};
pub use answer::layout::{Layout, ShownLogo};
pub use answer::question::Question;
pub use answer::reply::Reply;
pub use answer::{catchers, csv, flash, layout, preview, qr, question, reply};
pub use app_pages::leaving::Arrival;
pub use app_pages::{come_back, enrol_first, heading_for, leaving, not_for_you, resume};
pub use failure::Failure;
pub use guards::admission::Doors;
use guards::turned_off;
pub use guards::{admission, guarding, hashing};
pub use note::{AppNote, AppProblem, HandleProblem, Note, Several, ShownSecret, UriProblem, UsedEmail};
pub use request::form::{Fields, NoFields, PassedOn};
pub use request::json::Json;
use request::posted;
pub use request::upload::Upload;
pub use request::visit::Visit;
pub use request::{client, cookies, form, json, language, link_token, on_wire, query, request_id, upload, visit};
pub use session_check::SessionCheck;
pub use site::assets::Assets;
pub use site::{assets, install, pages, passkey_endpoints, security_txt};

/// Result that a route returns.
pub type Answer = Result<Reply, Failure>;
