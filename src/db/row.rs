//! Converts stored values to the domain's. An unreadable value is a fault, never a default.

use super::Error;
use crate::domain::{ClientAddress, EmailAddress, TokenHash};
use diesel::{Selectable, sqlite::Sqlite};

/// Returns the columns of a row in the order of its fields. They are the same for both databases.
pub(super) fn columns<R: Selectable<Sqlite>>() -> R::SelectExpression {
    R::construct_selection()
}

pub(super) fn email(text: &str) -> Result<EmailAddress, Error> {
    EmailAddress::parse(text).map_err(|_| Error::unreadable("email address"))
}

pub(super) fn hash(bytes: Option<Vec<u8>>) -> Result<Option<TokenHash>, Error> {
    bytes.map(|bytes| TokenHash::from_slice(&bytes).ok_or_else(|| Error::unreadable("hash"))).transpose()
}

pub(super) fn client(text: Option<String>) -> Result<Option<ClientAddress>, Error> {
    text.map(|text| text.parse().map(ClientAddress::new).map_err(|_| Error::unreadable("client address"))).transpose()
}
