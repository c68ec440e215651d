//! Notes where the changes in waiting security emails were made.

use crate::{
    db::{DbConnection, Error, columns::Named, schema::outbox},
    domain::{
        AskedFrom, EmailAddress, LanguageTag, SecurityEvent, Timestamp,
        mail::{MailKind, MailState},
    },
};
use diesel::prelude::*;
use strum::VariantArray;

/// Notes the browser that made the changes of this transaction, in the security emails to this
/// recipient. Hold the mailbox's lock, so that no other transaction adds such emails at the same
/// time.
pub fn note_from(
    connection: &mut DbConnection,
    recipient: &EmailAddress,
    now: Timestamp,
    from: &AskedFrom,
) -> Result<(), Error> {
    let news: Vec<&str> = MailKind::VARIANTS.iter().filter(|kind| kind.is_news()).map(|kind| kind.stored()).collect();
    diesel::update(
        outbox::table
            .filter(outbox::state.eq(Named(MailState::Waiting)))
            .filter(outbox::created_at.eq(now))
            .filter(outbox::recipient.eq(recipient.as_str()))
            .filter(outbox::attempt_id.is_null())
            .filter(outbox::kind.eq_any(news))
            // Gatepost itself finishes a recovery when it is due.
            .filter(outbox::note.not_like(format!("{}%", SecurityEvent::RecoveryDone.name())))
            .filter(outbox::browser.is_null()),
    )
    .set((
        outbox::browser.eq(from.browser.as_str()),
        outbox::client_address.eq(from.client.map(|client| client.to_string())),
        outbox::language.eq(from.language.as_ref().map(LanguageTag::as_str)),
    ))
    .execute(connection)?;
    Ok(())
}
