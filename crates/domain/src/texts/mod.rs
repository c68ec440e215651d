//! Texts that users type or read: languages, scripts, names of forms and requests.

pub mod form;
pub mod language;
pub mod page_link;
pub mod request_name;
pub mod script;
pub mod typed;
