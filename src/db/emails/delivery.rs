//! Delivery of emails since a moment: how many were accepted or failed, and how long they waited.

use crate::{
    db::{DbConnection, Error, columns::Named, schema::outbox},
    domain::{Lifetime, Timestamp, mail::MailState},
};
use diesel::prelude::*;

/// Delivery of emails since a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    pub accepted: i64,
    pub failed: i64,
    /// Times that the newest of them waited for the email server to accept them, shortest first.
    pub waits: Vec<Lifetime>,
    /// Time at which the oldest email that still waits was asked for.
    pub oldest_waiting: Option<Timestamp>,
}

/// Emails whose waits are looked at.
const MAX_WAITS: i64 = 1_000;

/// Returns how emails fared, in two ranges of one index and the first row of another.
pub fn since(connection: &mut DbConnection, from: Timestamp) -> Result<Delivery, Error> {
    let settled =
        |state: MailState| outbox::table.filter(outbox::state.eq(Named(state))).filter(outbox::settled_at.ge(from));
    let waits: Vec<(Timestamp, Option<Timestamp>)> = settled(MailState::Sent)
        .order(outbox::settled_at.desc())
        .limit(MAX_WAITS)
        .select((outbox::created_at, outbox::settled_at))
        .load(connection)?;
    let mut waits: Vec<Lifetime> =
        waits.into_iter().filter_map(|(asked, accepted)| Some(accepted?.since(asked))).collect();
    waits.sort_unstable();
    let oldest: Option<Timestamp> = outbox::table
        .filter(outbox::state.eq(Named(MailState::Waiting)))
        .filter(crate::db::outbox_view::waits())
        .order(outbox::created_at)
        .select(outbox::created_at)
        .first(connection)
        .optional()?;
    Ok(Delivery {
        accepted: settled(MailState::Sent).count().get_result(connection)?,
        failed: settled(MailState::Dead).count().get_result(connection)?,
        waits,
        oldest_waiting: oldest,
    })
}
