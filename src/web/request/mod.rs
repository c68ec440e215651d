//! The request: who asks, in which language, with which cookies, form, body and opened link.

pub mod client;
pub mod cookies;
pub mod form;
pub mod json;
pub mod language;
pub mod link_token;
pub mod on_wire;
pub(super) mod posted;
pub mod query;
pub mod request_id;
pub mod upload;
pub mod visit;
