//! A form that may come with a file. It is read as strictly as other forms: each field once, no
//! unknown ones.

use crate::{
    domain::form,
    web::{Fields, posted::Posted},
};
use rocket::{
    Request,
    data::{Data, FromData, Outcome, ToByteUnit},
    form::{DataField, Error, Form, FromForm, Options, ValueField, error::ErrorKind},
    http::{ContentType, Status},
};
use std::convert::Infallible;

/// Most bytes of the file. A larger one is dropped, and the fields before it stay.
const MAX_BYTES: u64 = 72 * 1024;
/// Most bytes that Rocket reads of the form. The server in front cuts bodies before, in the middle
/// of the file.
pub const MAX_READ: u64 = 1024 * 1024;

/// A form and its file. A browser sends the file's field even where the user chose none: it is then
/// empty.
#[derive(Debug)]
pub struct Upload {
    pub fields: Fields,
    pub file: File,
    /// True if the form could have had a file.
    pub has_files: bool,
}

/// Contents of the field of the file.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum File {
    #[default]
    Absent,
    /// The name of its field, and its bytes.
    Sent(String, Vec<u8>),
    /// It was longer than [`MAX_BYTES`].
    TooLarge,
}

/// The parts of a form, as Rocket reads them.
struct Parts {
    fields: Vec<(String, String)>,
    file: File,
    is_broken: bool,
}

#[rocket::async_trait]
impl<'r> FromForm<'r> for Parts {
    type Context = Self;

    fn init(_: Options) -> Self {
        Self { fields: Vec::new(), file: File::Absent, is_broken: false }
    }

    fn push_value(parts: &mut Self, field: ValueField<'r>) {
        parts.fields.push((field.name.source().to_string(), field.value.to_owned()));
    }

    async fn push_data(parts: &mut Self, field: DataField<'r, '_>) {
        let name = field.name.source().to_string();
        parts.is_broken |= parts.file != File::Absent;
        parts.file = match field.data.open(MAX_BYTES.bytes()).into_bytes().await {
            Ok(bytes) if bytes.is_complete() => File::Sent(name, bytes.into_inner()),
            _ => File::TooLarge,
        };
    }

    fn push_error(parts: &mut Self, error: Error<'r>) {
        match error.kind {
            ErrorKind::InvalidLength { .. } => parts.file = File::TooLarge,
            // Nothing more is read behind a file that is too large.
            _ => parts.is_broken |= parts.file != File::TooLarge,
        }
    }

    fn finalize(parts: Self) -> rocket::form::Result<'r, Self> {
        Ok(parts)
    }
}

#[rocket::async_trait]
impl<'r> FromData<'r> for Upload {
    type Error = Option<Infallible>;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        if !request.content_type().is_some_and(|kind: &ContentType| kind.is_form_data()) {
            let plain = Fields::from_data(request, data).await;
            return plain.map(|fields| Self { fields, file: File::Absent, has_files: false });
        }
        let parts = match Form::<Parts>::from_data(request, data).await {
            Outcome::Success(form) => form.into_inner(),
            Outcome::Error((status, _)) => return Outcome::Error((status, None)),
            Outcome::Forward(forward) => return Outcome::Forward(forward),
        };
        match form::strict(parts.fields).filter(|_| !parts.is_broken) {
            Some(fields) => {
                request.local_cache(Posted::default).note(&fields);
                Outcome::Success(Self { fields: Fields::of(fields), file: parts.file, has_files: true })
            }
            None => Outcome::Error((Status::UnprocessableEntity, None)),
        }
    }
}
