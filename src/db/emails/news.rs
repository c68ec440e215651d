//! Security emails in the outbox that leave as one.

use crate::{
    db::{
        DbConnection, Error,
        columns::Named,
        outbox::{Lease, Row},
        schema::outbox,
    },
    domain::{
        AccountId, EmailAddress, KnownBrowserId, MailId, Timestamp,
        known_browser::FirstSignIn,
        mail::{Line, MailKind, MailReason, MailState, NEWS_AT_ONCE, NEWS_PAUSE, NEWS_SPAN, QueuedMail},
        mail_kind,
    },
};
use diesel::prelude::*;

/// Most events in one email. The rest waits for the next.
const MAX: i64 = 50;
/// Kinds of which some can leave together, as they are stored.
const KINDS: [&str; 2] = [MailKind::PasswordChanged.stored(), MailKind::SecurityChanged.stored()];

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

/// The emails of one line to one mailbox.
#[derive(Clone, Copy, Debug)]
pub struct Stream<'a> {
    pub recipient: &'a EmailAddress,
    pub line: Line,
}

pub fn pace(connection: &mut DbConnection, stream: Stream<'_>, now: Timestamp) -> Result<Pace, Error> {
    let Stream { recipient, line } = stream;
    let is_sign_in = outbox::note.like(format!("{}%", FirstSignIn::PREFIX));
    let sent: Vec<Timestamp> = outbox::table
        .filter(outbox::recipient.eq(recipient.as_str()))
        // Strangers' asks have an attempt. The index of news leaves them out.
        .filter(outbox::attempt_id.is_null())
        .filter(outbox::state.eq(Named(MailState::Sent)))
        .filter(outbox::kind.eq_any(KINDS))
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

/// Returns waiting emails that no other worker holds, oldest first.
fn waiting(
    connection: &mut DbConnection,
    Stream { recipient, line }: Stream<'_>,
    (lease, now): (Lease, Timestamp),
) -> Result<Vec<QueuedMail>, Error> {
    let is_free = outbox::leased_until.is_null().or(outbox::leased_until.le(now));
    let is_mine = outbox::lease.is_not_null().and(outbox::lease.assume_not_null().eq(lease.0));
    let is_sign_in = outbox::note.like(format!("{}%", FirstSignIn::PREFIX));
    let rows: Vec<Row> = outbox::table
        .filter(outbox::recipient.eq(recipient.as_str()))
        .filter(outbox::attempt_id.is_null())
        .filter(outbox::state.eq(Named(MailState::Waiting)))
        .filter(outbox::kind.eq_any(KINDS))
        .filter(is_sign_in.eq(line == Line::SignIns))
        .filter(outbox::note.not_like(format!("{}%", mail_kind::APART)))
        .filter(is_free.or(is_mine))
        .order(outbox::created_at)
        .limit(MAX)
        .select(Row::as_select())
        .load(connection)?;
    // One that cannot be read is given up in its own turn.
    let mails = rows.into_iter().filter_map(|row| row.read().ok());
    Ok(mails.filter(|mail| mail.line() == Some(line)).collect())
}

/// Leases what can leave together with an email, without that one.
pub fn gather(
    connection: &mut DbConnection,
    (mail, line): (&QueuedMail, Line),
    (lease, now): (Lease, Timestamp),
    until: Timestamp,
) -> Result<Vec<QueuedMail>, Error> {
    let mut others = waiting(connection, Stream { recipient: &mail.recipient, line }, (lease, now))?;
    others.retain(|other| other.id != mail.id);
    let lease = (outbox::lease.eq(lease.0), outbox::leased_until.eq(until));
    diesel::update(outbox::table.filter(outbox::id.eq_any(ids(&others)))).set(lease).execute(connection)?;
    Ok(others)
}

/// Puts emails off until `until`. Returns which they were.
pub fn postpone(
    connection: &mut DbConnection,
    stream: Stream<'_>,
    held: (Lease, Timestamp),
    until: Timestamp,
) -> Result<Vec<MailId>, Error> {
    let mails = waiting(connection, stream, held)?;
    diesel::update(outbox::table.filter(outbox::id.eq_any(ids(&mails))))
        .set((outbox::due_at.eq(until), outbox::lease.eq(None::<i64>), outbox::leased_until.eq(None::<Timestamp>)))
        .execute(connection)?;
    Ok(ids(&mails))
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
