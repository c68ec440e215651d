//! What became of an email, in one transaction.

use super::worker::Ready;
use crate::{
    db::{self, DbConnection, Error, outbox::Lease},
    domain::{
        Settings, Timestamp,
        mail::{MAX_UNANSWERED, MailState, UNANSWERED_PAUSE, pause_after},
    },
    mail::{Outcome, Refused},
};

pub fn note(
    connection: &mut DbConnection,
    ready: &Ready,
    outcome: &Outcome,
    (lease, settings): (Lease, &Settings),
    now: Timestamp,
) -> Result<MailState, Error> {
    let mail = &ready.due.mail;
    match outcome {
        Outcome::Accepted(reply) => {
            let (state, reply) =
                ready.due.pretended.map_or((MailState::Sent, reply.as_str()), |reason| (MailState::Dropped, reason));
            // Not if the lease ran out: then another worker has made secrets of its own for this email.
            if db::outbox::settle(connection, mail.id, lease, state, reply, now)? {
                ready.secrets.start_life(connection, &ready.due, settings, now)?;
            }
            Ok(state)
        }
        Outcome::Refused(refused) => note_refusal(connection, ready, refused, lease, now),
        Outcome::Unknown(reply) => {
            ready.secrets.keep(connection, &ready.due, now.plus(settings.link_lifetime))?;
            if mail.unanswered + 1 >= MAX_UNANSWERED {
                db::outbox::settle(connection, mail.id, lease, MailState::Dead, reply, now)?;
                return Ok(MailState::Dead);
            }
            db::outbox::note_unanswered(connection, mail.id, lease)?;
            db::outbox::put_back(connection, mail.id, lease, now.plus(UNANSWERED_PAUSE), reply, now)
        }
    }
}

fn note_refusal(
    connection: &mut DbConnection,
    ready: &Ready,
    refused: &Refused,
    lease: Lease,
    now: Timestamp,
) -> Result<MailState, Error> {
    let mail = &ready.due.mail;
    // A copy with the same secrets may have arrived before.
    if !ready.is_copy {
        ready.secrets.take_back(connection, &ready.due)?;
    }
    if refused.lasting && !refused.is_about_server() {
        db::outbox::settle(connection, mail.id, lease, MailState::Dead, &refused.reply, now)?;
        return Ok(MailState::Dead);
    }
    let due_at = now.plus(pause_after(mail.tries.saturating_add(1), mail.id.as_i64()));
    db::outbox::put_back(connection, mail.id, lease, due_at, &refused.reply, now)
}
