//! A picture that comes with a form, or that waited with the form for a step-up.

use crate::{
    domain::logo::{Logo, NotALogo},
    web::{
        Failure, Upload, Visit,
        held_form::{self, Stale},
        upload::File,
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};

/// Name of the field with the file.
pub(super) const FIELD: &str = "logo";

/// Picture that was sent, or the reason for its refusal.
pub(super) type Picture = Result<Logo, NotALogo>;

/// Returns the picture that came with a form of the page at `path`. It may also wait in the form
/// that this form names. `None` if the user chose none.
pub(super) async fn chosen(visit: &Visit<'_>, form: Upload, path: &str) -> Result<Option<Picture>, Failure> {
    let bytes = match form.file {
        File::TooLarge => return Ok(Some(Err(NotALogo::TooLarge))),
        File::Sent(name, _) if name != FIELD => return Err(Failure::UnreadableForm),
        File::Sent(_, bytes) if !bytes.is_empty() => Some(bytes),
        File::Sent(..) | File::Absent => match form.fields.get("held") {
            Some(held) => waiting(visit, held, path).await?,
            None => None,
        },
    };
    Ok(bytes.map(Logo::from_file))
}

/// Returns the picture of a form that has nothing else.
pub(super) async fn only(visit: &Visit<'_>, form: Upload, path: &str) -> Result<Picture, Failure> {
    if !form.has_files {
        return Err(Failure::NotAForm);
    }
    form.fields.only(&["held"])?;
    Ok(chosen(visit, form, path).await?.unwrap_or(Err(NotALogo::NotAPicture)))
}

async fn waiting(visit: &Visit<'_>, held: &str, path: &str) -> Result<Option<Vec<u8>>, Failure> {
    let Some(form) = held_form::held(visit, Some(held), path).await? else { return Ok(None) };
    Ok(form.field(FIELD).and_then(|text| STANDARD.decode(text).ok()))
}

/// Returns the field in which a picture waits.
pub(super) fn for_later(picture: &Logo) -> (&'static str, String) {
    (FIELD, STANDARD.encode(picture.bytes()))
}

/// Returns a form with nothing but a picture, to be held.
pub(super) fn held_alone(picture: &Logo, path: &str) -> Stale {
    let (name, value) = for_later(picture);
    Stale::form(path, &[(name, &value)])
}
