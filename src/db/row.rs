//! Converts stored values to the domain's. An unreadable value is a fault, never a default.

use super::Error;
use crate::domain::{ClientAddress, EmailAddress};
use diesel::{Selectable, sqlite::Sqlite};

/// Returns the columns of a row in the order of its fields. They are the same for both databases.
pub(super) fn columns<R: Selectable<Sqlite>>() -> R::SelectExpression {
    R::construct_selection()
}

pub(super) fn email(text: &str) -> Result<EmailAddress, Error> {
    EmailAddress::parse(text).map_err(|_| Error::unreadable("email address"))
}

pub(super) fn client(text: Option<String>) -> Result<Option<ClientAddress>, Error> {
    text.map(|text| text.parse().map(ClientAddress::new).map_err(|_| Error::unreadable("client address"))).transpose()
}
