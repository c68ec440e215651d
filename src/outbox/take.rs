//! Takes emails: leases them in turn, decides each, and gathers security events for one mailbox
//! into one email.

use super::{
    decide::{Due, Verdict, decide},
    worker::LEASE,
};
use crate::{
    db::{
        self, DbConnection, Error,
        news::Pace,
        outbox::{Lease, Wanted},
    },
    domain::{
        MailId, Settings, Timestamp,
        mail::{MailState, PUT_OFF, QueuedMail},
    },
};
use std::collections::HashSet;

/// An email to send, and other events that it tells, too.
pub struct Bundle {
    pub due: Due,
    pub others: Vec<Due>,
}

#[derive(Default)]
pub struct Taken {
    pub leased: usize,
    pub bundles: Vec<Bundle>,
    /// Outcome of the emails that need not be sent.
    pub settled: Vec<MailState>,
}

/// Leases emails, settles at once those that need not be sent, and returns the rest.
pub fn take(
    connection: &mut DbConnection,
    settings: &Settings,
    (lease, now): (Lease, Timestamp),
    wanted: &Wanted,
) -> Result<Taken, Error> {
    let until = now.plus(LEASE);
    let mails = db::outbox::lease(connection, lease, (now, until), wanted)?;
    let mut taken = Taken { leased: mails.len(), ..Taken::default() };
    let mut seen: HashSet<MailId> = HashSet::new();
    for mail in &mails {
        if !seen.insert(mail.id) {
            continue;
        }
        let mut others = Vec::new();
        if mail.can_be_gathered() {
            match db::news::pace(connection, &mail.recipient, now)? {
                Pace::AtOnce => {}
                Pace::Together => others = db::news::gather(connection, mail, (lease, now), until)?,
                Pace::Wait { until } => {
                    seen.extend(db::news::postpone(connection, &mail.recipient, (lease, now), until)?);
                    continue;
                }
            }
            others.retain(|other| seen.insert(other.id));
        }
        let Some(due) = judge(connection, mail, (settings, lease, now), &mut taken.settled)? else { continue };
        let mut told = Vec::new();
        for other in &others {
            let Some(other) = judge(connection, other, (settings, lease, now), &mut taken.settled)? else { continue };
            // A link that undoes a gain never shares an email with other such links.
            if other.undoes.is_some() {
                taken.bundles.push(Bundle { due: other, others: Vec::new() });
            } else {
                told.push(other);
            }
        }
        taken.bundles.push(Bundle { due, others: told });
    }
    Ok(taken)
}

fn judge(
    connection: &mut DbConnection,
    mail: &QueuedMail,
    (settings, lease, now): (&Settings, Lease, Timestamp),
    settled: &mut Vec<MailState>,
) -> Result<Option<Due>, Error> {
    let (state, reason) = match decide(connection, mail, settings, now)? {
        Verdict::Send(due) => {
            // The same statement for every address.
            let language = db::accounts::language_of(connection, due.mail.account_id, &due.recipient)?;
            return Ok(Some(Due { language, ..*due }));
        }
        Verdict::Drop(reason) => (MailState::Dropped, reason),
        Verdict::GiveUp(reason) => (MailState::Dead, reason),
        Verdict::Later(due_at) => {
            db::outbox::put_back(connection, mail.id, lease, due_at, PUT_OFF, now)?;
            return Ok(None);
        }
    };
    db::outbox::settle(connection, mail.id, lease, state, reason, now)?;
    settled.push(state);
    Ok(None)
}
