//! Security emails in the outbox that leave as one.

pub use crate::db::outbox_due::Stream;
use crate::{
    db::{
        DbConnection, Error,
        columns::Named,
        outbox::{Lease, Row},
        outbox_due::{self, NEWS},
        schema::outbox,
    },
    domain::{
        AccountId, KnownBrowserId, MailId, Timestamp,
        known_browser::FirstSignIn,
        mail::{Line, MailReason, MailState, NEWS_AT_ONCE, NEWS_PAUSE, NEWS_SPAN, QueuedMail},
        mail_kind,
    },
};
use diesel::prelude::*;

/// Most events in one email. The rest waits for the next.
const MAX: i64 = 50;
/// Emails that one statement puts off.
const AT_ONCE: i64 = 1000;
/// Later than any email.
const EVER: Timestamp = Timestamp::from_millis(i64::MAX);

/// Pace at which security emails to a mailbox may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Each by itself.
    AtOnce,
    /// In one email, because there were many in the last hour.
    Together,
    Wait {
        until: Timestamp,
    },
}

pub fn pace(connection: &mut DbConnection, stream: Stream<'_>, now: Timestamp) -> Result<Pace, Error> {
    let Stream { recipient, line } = stream;
    let is_sign_in = outbox::note.like(format!("{}%", FirstSignIn::PREFIX));
    let sent: Vec<Timestamp> = outbox::table
        .filter(outbox::recipient.eq(recipient.as_str()))
        // Strangers' asks have an attempt. The index of news leaves them out.
        .filter(outbox::attempt_id.is_null())
        .filter(outbox::state.eq(Named(MailState::Sent)))
        .filter(outbox::kind.eq_any(NEWS))
        .filter(is_sign_in.eq(line == Line::SignIns))
        .filter(outbox::note.not_like(format!("{}%", mail_kind::APART)))
        .filter(outbox::settled_at.gt(now.minus(NEWS_SPAN)))
        .filter(outbox::reply.ne(MailReason::Together.as_str()))
        .order(outbox::settled_at.desc())
        .limit(NEWS_AT_ONCE as i64)
        .select(outbox::settled_at.assume_not_null())
        .load(connection)?;
    let until = sent.first().map(|last| last.plus(NEWS_PAUSE));
    Ok(match until {
        Some(until) if sent.len() >= NEWS_AT_ONCE && now < until => Pace::Wait { until },
        Some(_) if sent.len() >= NEWS_AT_ONCE => Pace::Together,
        _ => Pace::AtOnce,
    })
}

/// Leases what can leave together with an email, without that one.
pub fn gather(
    connection: &mut DbConnection,
    (mail, line): (&QueuedMail, Line),
    (lease, now): (Lease, Timestamp),
    until: Timestamp,
) -> Result<Vec<QueuedMail>, Error> {
    let stream = Stream { recipient: &mail.recipient, line };
    let mut ids = outbox_due::ids_of_news(connection, stream, (lease.0, now), (EVER, MAX))?;
    ids.retain(|id| *id != mail.id);
    let rows: Vec<Row> = outbox::table
        .filter(outbox::id.eq_any(&ids))
        .order(outbox::created_at)
        .select(Row::as_select())
        .load(connection)?;
    // One that cannot be read is given up in its own turn.
    let mut others: Vec<QueuedMail> = rows.into_iter().filter_map(|row| row.read().ok()).collect();
    others.retain(|other| other.line() == Some(line));
    let lease = (outbox::lease.eq(lease.0), outbox::leased_until.eq(until));
    diesel::update(outbox::table.filter(outbox::id.eq_any(self::ids(&others)))).set(lease).execute(connection)?;
    Ok(others)
}

/// Puts the emails of a stream off until `until`: all of them, however many wait. One that stayed
/// due would be taken again and again.
pub fn postpone(
    connection: &mut DbConnection,
    stream: Stream<'_>,
    (lease, now): (Lease, Timestamp),
    until: Timestamp,
) -> Result<(), Error> {
    loop {
        let ids = outbox_due::ids_of_news(connection, stream, (lease.0, now), (until, AT_ONCE))?;
        if ids.is_empty() {
            return Ok(());
        }
        diesel::update(outbox::table.filter(outbox::id.eq_any(ids)))
            .set((outbox::due_at.eq(until), outbox::lease.eq(None::<i64>), outbox::leased_until.eq(None::<Timestamp>)))
            .execute(connection)?;
    }
}

fn ids(mails: &[QueuedMail]) -> Vec<MailId> {
    mails.iter().map(|mail| mail.id).collect()
}

/// Returns the browsers of an account whose first sign-in no email has told yet.
pub fn untold_browsers(connection: &mut DbConnection, account: AccountId) -> Result<Vec<KnownBrowserId>, Error> {
    let notes: Vec<String> = outbox::table
        .filter(outbox::account_id.eq(account))
        .filter(outbox::state.eq(Named(MailState::Waiting)))
        .filter(outbox::note.like(format!("{}%", FirstSignIn::PREFIX)))
        .select(outbox::note)
        .load(connection)?;
    Ok(notes.iter().filter_map(|note| FirstSignIn::parse(note)).map(|told| told.browser).collect())
}
