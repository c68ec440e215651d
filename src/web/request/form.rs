//! Forms, read strictly: each field once, no unknown ones, UTF-8 without NUL.
//!
//! Rocket's own forms are too forgiving here: they turn a doubled or malformed optional field into
//! an absent one. For a checkbox, absent often looks like the safer choice.

use crate::{
    domain::form,
    web::{Failure, posted::Posted},
};
use rocket::{
    Request,
    data::{Data, FromData, Outcome, ToByteUnit},
    http::{ContentType, Method, Status},
};
use std::convert::Infallible;

/// Most bytes of a form: enough for two hundred domains of usual length on the settings page.
const MAX_BYTES: u64 = 16 * 1024;

/// The fields of a form. A request without a form never gets this far.
#[derive(Debug)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Wraps fields that were read strictly.
    pub(in crate::web) const fn of(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// Refuses a form that has any other field.
    pub fn only(&self, known: &[&str]) -> Result<(), Failure> {
        if self.0.iter().all(|(name, _)| known.contains(&name.as_str())) {
            Ok(())
        } else {
            Err(Failure::UnreadableForm)
        }
    }

    /// Returns all fields, for routes whose callers send what we do not know.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    pub fn required(&self, name: &str) -> Result<&str, Failure> {
        self.get(name).ok_or(Failure::UnreadableForm)
    }

    /// Returns whether a checkbox was ticked.
    pub fn ticked(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value != "off")
    }

    fn parse(body: &[u8]) -> Option<Self> {
        form::fields(body).map(Self)
    }
}

/// Returns whether a request sends a form, as a page does. Our scripts send JSON.
pub fn is_sent(request: &Request<'_>) -> bool {
    request.method() == Method::Post && !request.content_type().is_some_and(|kind: &ContentType| kind.is_json())
}

#[rocket::async_trait]
impl<'r> FromData<'r> for Fields {
    type Error = Option<Infallible>;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        let bytes = match body(request, data).await {
            Ok(bytes) => bytes,
            Err(status) => return Outcome::Error((status, None)),
        };
        match Self::parse(&bytes) {
            Some(fields) => {
                request.local_cache(Posted::default).note(&fields.0);
                Outcome::Success(fields)
            }
            None => Outcome::Error((Status::UnprocessableEntity, None)),
        }
    }
}

/// Reads the body of a form. An error is the status of the answer.
async fn body(request: &Request<'_>, data: Data<'_>) -> Result<Vec<u8>, Status> {
    let kind = request.content_type();
    if kind.is_some_and(|kind| !kind.is_form()) {
        return Err(Status::UnsupportedMediaType);
    }
    match data.open(MAX_BYTES.bytes()).into_bytes().await {
        // A request without a body may leave out its content type.
        Ok(bytes) if kind.is_none() && !bytes.is_empty() => Err(Status::UnsupportedMediaType),
        Ok(bytes) if !bytes.is_complete() => Err(Status::PayloadTooLarge),
        Ok(bytes) => Ok(bytes.into_inner()),
        // The connection broke off, so that the answer reaches no reader.
        Err(_) => Err(Status::BadRequest),
    }
}

/// The form of another program, which a route passes on as a query. A field may be there twice: the
/// page behind the query says so.
pub struct PassedOn(Vec<(String, String)>);

impl PassedOn {
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

#[rocket::async_trait]
impl<'r> FromData<'r> for PassedOn {
    type Error = Option<Infallible>;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        match body(request, data).await.map(|bytes| form::repeated(&bytes)) {
            Ok(Some(fields)) => Outcome::Success(Self(fields)),
            Ok(None) => Outcome::Error((Status::UnprocessableEntity, None)),
            Err(status) => Outcome::Error((status, None)),
        }
    }
}

/// The form of a button whose address says everything. A form with fields is refused, because it
/// was meant for another route.
pub struct NoFields;

#[rocket::async_trait]
impl<'r> FromData<'r> for NoFields {
    type Error = Option<Infallible>;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        match Fields::from_data(request, data).await {
            Outcome::Success(fields) if fields.0.is_empty() => Outcome::Success(Self),
            Outcome::Success(_) => Outcome::Error((Status::UnprocessableEntity, None)),
            Outcome::Error(error) => Outcome::Error(error),
            Outcome::Forward(forward) => Outcome::Forward(forward),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_field_is_read_once() {
        let form = Fields::parse(b"email=ana%40example.com&remember=on&empty=").unwrap();
        assert_eq!(
            (form.get("email"), form.get("empty"), form.get("other")),
            (Some("ana@example.com"), Some(""), None)
        );
        assert!(form.ticked("remember") && !form.ticked("other"));
        assert!(form.only(&["email", "remember", "empty"]).is_ok() && form.only(&["email", "remember"]).is_err());
        for body in ["a=1&a=2", "a=%00", "a=%ff", "%00=1", "a=1&a"] {
            assert!(Fields::parse(body.as_bytes()).is_none(), "{body}");
        }
    }

    #[test]
    fn a_box_that_says_off_is_not_ticked() {
        let form = Fields::parse(b"a=off&b=on&c=").unwrap();
        assert!(!form.ticked("a") && form.ticked("b") && form.ticked("c"));
    }

    proptest! {
        #[test]
        fn reading_anything_at_all_never_panics(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Fields::parse(&body);
        }
    }
}
