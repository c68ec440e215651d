//! Takes emails: leases them in turn, decides each, and gathers security events for one mailbox
//! into one email.

use super::{
    decide::decide,
    decision_context::DecisionContext,
    due::{Due, Verdict},
    round::LEASE,
};
use crate::{
    db::{
        self, DbConnection, Error,
        news::{Pace, Stream},
        outbox::{Lease, Leased, Unread, Wanted},
    },
    domain::{
        Lifetime, MailId, Settings, Timestamp,
        mail::{MailReason, MailState, NEWS_PAUSE, QueuedMail},
    },
};
use std::{collections::HashSet, iter::once};

/// Time for which this node leaves an email of an unknown kind to nodes of a newer version. They
/// look every few seconds.
const FOR_NEWER: Lifetime = Lifetime::minutes(1);

/// An email to send, and other events that it tells, too.
pub(super) struct Bundle {
    pub due: Due,
    pub others: Vec<Due>,
}

#[derive(Default)]
pub(super) struct Taken {
    pub leased: usize,
    pub bundles: Vec<Bundle>,
    /// Outcome of the emails that need not be sent.
    pub settled: Vec<MailState>,
    /// Those among them whose stored facts cannot be read.
    pub unreadable: Vec<Unread>,
    /// Number of emails that wait for a node of a newer version.
    pub left_to_newer: usize,
}

/// Leases emails, settles at once those that need not be sent, and returns the rest.
pub(super) fn take(
    connection: &mut DbConnection,
    settings: &Settings,
    (lease, now): (Lease, Timestamp),
    wanted: &Wanted,
) -> Result<Taken, Error> {
    let until = now.plus(LEASE);
    let rows = db::outbox::lease(connection, lease, (now, until), wanted)?;
    let mut taken = Taken { leased: rows.len(), ..Taken::default() };
    let mut mails = Vec::with_capacity(rows.len());
    for row in rows {
        match row {
            Ok(mail) => mails.push(mail),
            Err(unread) => set_aside(connection, unread, (lease, now), &mut taken)?,
        }
    }
    let mut seen: HashSet<MailId> = HashSet::new();
    let mut bundled: Vec<(usize, Bundle)> = Vec::new();
    // By domain, because two workers that take the shares of domains in other orders would cross.
    let mut by_domain: Vec<(usize, &QueuedMail)> = mails.iter().enumerate().collect();
    by_domain.sort_by_key(|(_, mail)| mail.recipient.domain());
    for (turn, mail) in by_domain {
        if !seen.insert(mail.id) {
            continue;
        }
        let same_line = mails.iter().filter(|other| other.recipient == mail.recipient && other.line() == mail.line());
        let mut dues = Vec::new();
        match company(connection, mail, (lease, now), until)? {
            Company::Waits => seen.extend(same_line.map(|other| other.id)),
            Company::None => dues.extend(judge(connection, mail, (settings, lease, now), &mut taken)?),
            Company::Of(others) => {
                for mail in once(mail).chain(&others) {
                    dues.extend(judge(connection, mail, (settings, lease, now), &mut taken)?);
                }
                seen.extend(others.iter().map(|other| other.id));
                // The email has no room for more. The next one leaves after a pause.
                for mail in same_line.filter(|other| seen.insert(other.id)) {
                    let leased = Leased { id: mail.id, lease, now };
                    db::outbox::put_back(connection, leased, now.plus(NEWS_PAUSE), MailReason::PutOff.as_str())?;
                }
            }
        }
        bundled.extend(bundles(dues).into_iter().map(|bundle| (turn, bundle)));
    }
    // They leave in turn.
    bundled.sort_by_key(|(turn, _)| *turn);
    taken.bundles = bundled.into_iter().map(|(_, bundle)| bundle).collect();
    Ok(taken)
}

/// Emails that leave with another one.
enum Company {
    None,
    /// Leased now.
    Of(Vec<QueuedMail>),
    /// All of its line were put off.
    Waits,
}

/// Returns the other news that an email to the same mailbox tells.
fn company(
    connection: &mut DbConnection,
    mail: &QueuedMail,
    (lease, now): (Lease, Timestamp),
    until: Timestamp,
) -> Result<Company, Error> {
    let Some(line) = mail.line() else { return Ok(Company::None) };
    let stream = Stream { recipient: &mail.recipient, line };
    Ok(match db::news::pace(connection, stream, now)? {
        Pace::AtOnce => Company::None,
        Pace::Together => Company::Of(db::news::gather(connection, (mail, line), (lease, now), until)?),
        Pace::Wait { until } => {
            db::news::postpone(connection, stream, (lease, now), until)?;
            Company::Waits
        }
    })
}

/// Leaves an email of an unknown kind to a node of a newer version, until it is worthless. Gives up
/// any other that cannot be read.
fn set_aside(
    connection: &mut DbConnection,
    unread: Unread,
    (lease, now): (Lease, Timestamp),
    taken: &mut Taken,
) -> Result<(), Error> {
    let (leased, unreadable) = (Leased { id: unread.id, lease, now }, MailReason::Unreadable);
    if !unread.is_newer {
        give_up(connection, leased, (MailState::Dead, unreadable), taken)?;
    } else if db::outbox::put_back(connection, leased, now.plus(FOR_NEWER), unreadable.as_str())? == MailState::Waiting
    {
        taken.left_to_newer += 1;
        return Ok(());
    } else {
        taken.settled.push(MailState::Dead);
    }
    taken.unreadable.push(unread);
    Ok(())
}

/// Returns the emails that tell all of these. A link that undoes a gain never shares an email with
/// other such links.
fn bundles(dues: Vec<Due>) -> Vec<Bundle> {
    let (alone, mut together): (Vec<_>, Vec<_>) = dues.into_iter().partition(|due| due.loaded.undoes().is_some());
    let mut bundles: Vec<_> = alone.into_iter().map(|due| Bundle { due, others: Vec::new() }).collect();
    if !together.is_empty() {
        let due = together.remove(0);
        bundles.push(Bundle { due, others: together });
    }
    bundles
}

fn judge(
    connection: &mut DbConnection,
    mail: &QueuedMail,
    (settings, lease, now): (&Settings, Lease, Timestamp),
    taken: &mut Taken,
) -> Result<Option<Due>, Error> {
    let leased = Leased { id: mail.id, lease, now };
    let verdict = match decide(&mut DecisionContext { connection, mail, settings, now }) {
        // It stays unreadable, so that a failure of the batch would hold up all emails for good.
        Err(why) if why.is_unreadable() => {
            let kind = mail.kind.as_str().to_owned();
            taken.unreadable.push(Unread { id: mail.id, kind, is_newer: false, why });
            Verdict::GiveUp(MailReason::Unreadable)
        }
        decided => decided?,
    };
    let settled = match verdict {
        Verdict::Send(due) => {
            // The same statement for every address.
            let chosen = db::accounts::language_and_time_zone_of(connection, due.mail.account_id, &due.recipient)?;
            let (language, time_zone) = chosen;
            return Ok(Some(Due { language, time_zone, ..*due }));
        }
        Verdict::Drop(reason) => (MailState::Dropped, reason),
        Verdict::GiveUp(reason) => (MailState::Dead, reason),
        Verdict::Later(due_at) => {
            db::outbox::put_back(connection, leased, due_at, MailReason::PutOff.as_str())?;
            return Ok(None);
        }
    };
    give_up(connection, leased, settled, taken)?;
    Ok(None)
}

fn give_up(
    connection: &mut DbConnection,
    leased: Leased,
    (state, reason): (MailState, MailReason),
    taken: &mut Taken,
) -> Result<(), Error> {
    db::outbox::settle(connection, leased, state, reason.as_str())?;
    taken.settled.push(state);
    Ok(())
}
