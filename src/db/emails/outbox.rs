//! The outbox: emails accepted here and not yet by the mail server.
//!
//! A worker leases what is due, for a limited time. If it dies, the lease expires and another
//! worker takes over. A worker's notes about an email count only during its lease, so that two
//! workers can never both settle one.

pub use crate::db::{
    outbox_due::{Stuck, Wanted},
    outbox_view::{OutboxEntry, count, newest, of_account},
};

use crate::{
    db::{
        DbConnection, Error,
        columns::Named,
        engine::{dialect, kept::KeptDsl},
        outbox_due,
        outbox_view::waits,
        row,
        schema::outbox,
    },
    domain::{
        AccountId, AskedFrom, AttemptId, BrowserLabel, LanguageTag, MailId, Timestamp,
        mail::{AskerBucket, MailKind, MailReason, MailState, QueuedMail, Urgency, turn_after},
    },
};
use diesel::{dsl::max, prelude::*};

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub(in crate::db) struct Row {
    id: MailId,
    kind: String,
    attempt_id: Option<AttemptId>,
    account_id: Option<AccountId>,
    recipient: String,
    note: String,
    created_at: Timestamp,
    tries: i32,
    browser: Option<String>,
    client_address: Option<String>,
    unanswered: i32,
    give_up_at: Timestamp,
    language: Option<String>,
    reply: String,
    counted_at: Option<Timestamp>,
}

impl Row {
    pub(in crate::db) fn read(self) -> Result<QueuedMail, Error> {
        let language = self.language.as_deref().and_then(LanguageTag::parse);
        Ok(QueuedMail {
            id: self.id,
            kind: MailKind::of_stored(&self.kind, &self.note).ok_or_else(|| Error::unreadable("mail kind"))?,
            attempt_id: self.attempt_id,
            account_id: self.account_id,
            recipient: row::email(&self.recipient)?,
            note: self.note,
            from: match self.browser {
                Some(browser) => Some(AskedFrom {
                    browser: BrowserLabel::from_stored(browser),
                    client: row::client(self.client_address)?,
                    language: language.clone(),
                }),
                None => None,
            },
            language,
            created_at: self.created_at,
            asker: AskerBucket::default(),
            tries: self.tries,
            unanswered: self.unanswered,
            give_up_at: self.give_up_at,
            was_put_off: self.reply == MailReason::PutOff.as_str(),
            is_counted: self.counted_at.is_some(),
        })
    }

    fn read_apart(self) -> Result<QueuedMail, Unread> {
        let (id, kind) = (self.id, self.kind.clone());
        let is_newer = MailKind::of_stored(&kind, &self.note).is_none();
        self.read().map_err(|why| Unread { id, kind, is_newer, why })
    }
}

/// Number of waiting emails that are searched to find the next. Those behind them are found within
/// seconds anyway.
const LOOK_AHEAD: i64 = 200;

/// A worker's right to one email.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease(pub i64);

/// An email under a lease, and when the worker notes what became of it.
#[derive(Clone, Copy, Debug)]
pub struct Leased {
    pub id: MailId,
    pub lease: Lease,
    pub now: Timestamp,
}

/// A waiting email whose row this version cannot read.
#[derive(Debug)]
pub struct Unread {
    pub id: MailId,
    /// As stored.
    pub kind: String,
    /// True if this version does not know its kind. During an upgrade, a node of a newer version
    /// does.
    pub is_newer: bool,
    pub why: Error,
}

pub fn enqueue(connection: &mut DbConnection, mail: &QueuedMail) -> Result<(), Error> {
    insert(connection, mail, MailState::Waiting)
}

/// Notes an email over a limit: it is never sent, and workers skip it. Uses the same statement as
/// [`enqueue`].
pub fn note_muted(connection: &mut DbConnection, mail: &QueuedMail) -> Result<(), Error> {
    insert(connection, mail, MailState::Dropped)
}

fn insert(connection: &mut DbConnection, mail: &QueuedMail, state: MailState) -> Result<(), Error> {
    let is_settled = state != MailState::Waiting;
    let created_at = mail.created_at;
    // Emails that have left, or never will, cost their asker nothing.
    let last: Option<Timestamp> = outbox::table
        .filter(outbox::asker.eq(mail.asker.as_i32()))
        .filter(waits())
        .select(max(outbox::turn))
        .one_kept(connection)?;
    let turn = turn_after(last, created_at);
    diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(mail.id),
            outbox::kind.eq(mail.kind.stored()),
            outbox::attempt_id.eq(mail.attempt_id),
            outbox::account_id.eq(mail.account_id),
            outbox::recipient.eq(mail.recipient.as_str()),
            outbox::domain.eq(mail.recipient.domain()),
            outbox::note.eq(&mail.note),
            outbox::state.eq(Named(state)),
            outbox::settled_at.eq(is_settled.then_some(created_at)),
            outbox::created_at.eq(created_at),
            outbox::due_at.eq(created_at),
            outbox::give_up_at.eq(mail.give_up_at),
            outbox::tries.eq(0),
            outbox::reply.eq(if is_settled { MailReason::OverLimit.as_str() } else { "" }),
            outbox::urgency.eq(mail.kind.urgency().as_i32()),
            outbox::asker.eq(mail.asker.as_i32()),
            outbox::turn.eq(turn),
            outbox::browser.eq(mail.from.as_ref().map(|from| from.browser.as_str())),
            outbox::client_address.eq(mail.from.as_ref().and_then(|from| from.client).map(|client| client.to_string())),
            outbox::language.eq(mail.language.as_ref().map(LanguageTag::as_str)),
        ))
        .run_kept(connection)?;
    Ok(())
}

impl Stuck {
    /// Returns those that hold up `most` workers or more. An asker or a domain below that may have
    /// further ones.
    #[must_use]
    pub fn with_at_least(self, most: usize) -> Self {
        let askers = often(&self.askers, most);
        // A domain may be that of all users, so that it gets one more.
        let domains = often(&self.domains, most + 1);
        Self { askers, domains }
    }
}

fn often<T: Clone + PartialEq>(all: &[T], least: usize) -> Vec<T> {
    all.iter().filter(|one| all.iter().filter(|other| other == one).count() >= least).cloned().collect()
}

/// Returns emails that have been with a worker since before `before`. If the lease has ended, the
/// worker has died.
pub fn stuck(connection: &mut DbConnection, before: Timestamp, now: Timestamp) -> Result<Stuck, Error> {
    let rows: Vec<(i32, String)> = outbox::table
        // Uses the index of leased emails, so that settled emails are not read.
        .filter(outbox::lease.is_not_null())
        .filter(outbox::leased_until.gt(now))
        .filter(outbox::handed_at.lt(before))
        .limit(LOOK_AHEAD)
        .select((outbox::asker, outbox::domain))
        .load(connection)?;
    let (askers, domains) = rows.into_iter().unzip();
    Ok(Stuck { askers, domains })
}

/// Leases due emails until `until`. Each row is read apart, so that one that cannot be read holds
/// up no other.
pub fn lease(
    connection: &mut DbConnection,
    lease: Lease,
    (now, until): (Timestamp, Timestamp),
    wanted: &Wanted,
) -> Result<Vec<Result<QueuedMail, Unread>>, Error> {
    let mut ids = outbox_due::ids(connection, now, wanted, wanted.first)?;
    if ids.is_empty() && wanted.first > Urgency::WaitedFor {
        ids = outbox_due::ids(connection, now, wanted, Urgency::WaitedFor)?;
    }
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    diesel::update(outbox::table.filter(outbox::id.eq_any(&ids)))
        .set((outbox::lease.eq(lease.0), outbox::leased_until.eq(until), outbox::handed_at.eq(None::<Timestamp>)))
        .execute(connection)?;
    let rows: Vec<Row> = outbox::table
        .filter(outbox::id.eq_any(ids))
        .order((outbox::urgency, outbox::turn))
        .select(Row::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(Row::read_apart).collect())
}

/// Extends a lease until `until`, for everything that is still under it.
pub fn renew(connection: &mut DbConnection, lease: Lease, until: Timestamp) -> Result<(), Error> {
    diesel::update(outbox::table.filter(outbox::lease.eq(lease.0)).filter(outbox::state.eq(Named(MailState::Waiting))))
        .set(outbox::leased_until.eq(until))
        .run_kept(connection)?;
    Ok(())
}

/// Returns whether the lease still counts.
pub fn holds(connection: &mut DbConnection, id: MailId, lease: Lease) -> Result<bool, Error> {
    let held: i64 = outbox::table
        .find(id)
        .filter(outbox::lease.eq(lease.0))
        .filter(outbox::state.eq(Named(MailState::Waiting)))
        .count()
        .get_result(connection)?;
    Ok(held == 1)
}

/// Ends an email's stay in the outbox. Returns `false` if the lease was lost.
pub fn settle(connection: &mut DbConnection, leased: Leased, state: MailState, reply: &str) -> Result<bool, Error> {
    let settled = diesel::update(
        outbox::table
            .find(leased.id)
            .filter(outbox::lease.eq(leased.lease.0))
            .filter(outbox::state.eq(Named(MailState::Waiting))),
    )
    .set((
        outbox::state.eq(Named(state)),
        outbox::reply.eq(reply),
        outbox::tries.eq(outbox::tries + 1),
        outbox::settled_at.eq(leased.now),
        outbox::lease.eq(None::<i64>),
        outbox::leased_until.eq(None::<Timestamp>),
    ))
    .execute_either(connection)?;
    Ok(settled == 1)
}

/// Puts an email back until `due_at`, or gives it up if it is worthless by then.
pub fn put_back(
    connection: &mut DbConnection,
    leased: Leased,
    due_at: Timestamp,
    reply: &str,
) -> Result<MailState, Error> {
    let waits = diesel::update(
        outbox::table
            .find(leased.id)
            .filter(outbox::lease.eq(leased.lease.0))
            .filter(outbox::state.eq(Named(MailState::Waiting)))
            .filter(outbox::give_up_at.gt(due_at)),
    )
    .set((
        outbox::due_at.eq(due_at),
        outbox::reply.eq(reply),
        outbox::tries.eq(outbox::tries + 1),
        outbox::lease.eq(None::<i64>),
        outbox::leased_until.eq(None::<Timestamp>),
        outbox::handed_at.eq(None::<Timestamp>),
    ))
    .execute_either(connection)?;
    if waits == 1 {
        return Ok(MailState::Waiting);
    }
    settle(connection, leased, MailState::Dead, reply)?;
    Ok(MailState::Dead)
}

/// Notes that the email has taken from its domain's share.
pub fn note_counted(connection: &mut DbConnection, id: MailId, now: Timestamp) -> Result<(), Error> {
    diesel::update(outbox::table.find(id)).set(outbox::counted_at.eq(now)).execute(connection)?;
    Ok(())
}

/// Notes that a worker is about to hand these over.
pub fn note_handing(connection: &mut DbConnection, ids: &[MailId], now: Timestamp) -> Result<(), Error> {
    diesel::update(outbox::table.filter(outbox::id.eq_any(ids))).set(outbox::handed_at.eq(now)).execute(connection)?;
    Ok(())
}

/// Notes that the email was handed over without a readable answer.
pub fn note_unanswered(connection: &mut DbConnection, id: MailId, lease: Lease) -> Result<(), Error> {
    diesel::update(outbox::table.find(id).filter(outbox::lease.eq(lease.0)))
        .set(outbox::unanswered.eq(outbox::unanswered + 1))
        .run_kept(connection)?;
    Ok(())
}

/// Puts back unchanged everything that is still under a lease, except the email `but`.
pub fn release(connection: &mut DbConnection, lease: Lease, but: Option<MailId>) -> Result<(), Error> {
    // No email has the id 0, because an id begins with the time.
    let but = but.unwrap_or(MailId::from_i64(0));
    diesel::update(outbox::table.filter(outbox::lease.eq(lease.0)).filter(outbox::id.ne(but)))
        .set((
            outbox::lease.eq(None::<i64>),
            outbox::leased_until.eq(None::<Timestamp>),
            outbox::handed_at.eq(None::<Timestamp>),
        ))
        .run_kept(connection)?;
    Ok(())
}

/// Takes back leases at the start of the one server that SQLite has. An email that the last run was
/// handing over may have left, so that its lease outlives the restart. Its reader gets a moment to
/// use it before a copy is sent.
pub fn take_back_leases(connection: &mut DbConnection) -> Result<(), Error> {
    if dialect::is_shared(connection) {
        return Ok(());
    }
    diesel::update(outbox::table.filter(outbox::lease.is_not_null()).filter(outbox::handed_at.is_null()))
        .set((outbox::lease.eq(None::<i64>), outbox::leased_until.eq(None::<Timestamp>)))
        .run_kept(connection)?;
    Ok(())
}

/// Returns when the next email can be sent: it is due and not leased.
pub fn next_due(connection: &mut DbConnection) -> Result<Option<Timestamp>, Error> {
    let waiting: Vec<(Timestamp, Option<Timestamp>)> = outbox::table
        .filter(waits())
        .order(outbox::due_at)
        .limit(LOOK_AHEAD)
        .select((outbox::due_at, outbox::leased_until))
        .load(connection)?;
    let ready = |(due, leased): (Timestamp, Option<Timestamp>)| due.max(leased.unwrap_or(due));
    Ok(waiting.into_iter().map(ready).min())
}

/// Returns one email by its id.
pub fn find(connection: &mut DbConnection, id: MailId) -> Result<Option<(QueuedMail, MailState)>, Error> {
    let found: Option<(Row, Named<MailState>)> =
        outbox::table.find(id).select((Row::as_select(), outbox::state)).first(connection).optional()?;
    found.map(|(row, Named(state))| Ok((row.read()?, state))).transpose()
}

/// Makes a failed email wait again.
pub fn revive(connection: &mut DbConnection, id: MailId, kind: MailKind, now: Timestamp) -> Result<bool, Error> {
    let revived = diesel::update(outbox::table.find(id).filter(outbox::state.eq(Named(MailState::Dead))))
        .set((
            outbox::state.eq(Named(MailState::Waiting)),
            outbox::due_at.eq(now),
            outbox::give_up_at.eq(now.plus(kind.worth_sending_for())),
            outbox::tries.eq(0),
            outbox::unanswered.eq(0),
            outbox::settled_at.eq(None::<Timestamp>),
        ))
        .execute_either(connection)?;
    Ok(revived == 1)
}

/// Deletes up to `most` emails that came to one of these ends before `before`. Returns how many
/// there were.
pub fn purge(connection: &mut DbConnection, ends: &[MailState], before: Timestamp, most: i64) -> Result<usize, Error> {
    let ends: Vec<_> = ends.iter().copied().map(Named).collect();
    let old: Vec<MailId> = outbox::table
        .filter(outbox::state.eq_any(ends))
        .filter(outbox::settled_at.lt(before))
        .limit(most)
        .select(outbox::id)
        .load(connection)?;
    Ok(diesel::delete(outbox::table.filter(outbox::id.eq_any(old))).execute(connection)?)
}
