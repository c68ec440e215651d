//! Notes the outcome of an email, in one transaction.

use super::{due::Pretence, round::Round, worker::Ready};
use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Timestamp,
        mail::{MAX_UNANSWERED, MailReason, MailState, UNANSWERED_PAUSE, pause_after},
    },
    mail::{MailRefusal, Outcome},
};

pub(super) fn note(
    connection: &mut DbConnection,
    ready: &Ready,
    outcome: &Outcome,
    round: &Round,
) -> Result<MailState, Error> {
    let Round { lease, now, .. } = *round;
    let mail = &ready.due.mail;
    if let (Some(pretended), Outcome::Accepted(_) | Outcome::Unknown(_)) = (ready.due.pretended, outcome) {
        ready.secrets.start_life(connection, &ready.due, round)?;
        return match pretended {
            Pretence::Ends(reason) => {
                db::outbox::settle(connection, round.leased(mail.id), MailState::Dropped, reason.as_str())?;
                Ok(MailState::Dropped)
            }
            Pretence::PutsOff(until) => {
                db::outbox::put_back(connection, round.leased(mail.id), until, MailReason::PutOff.as_str())
            }
        };
    }
    match outcome {
        Outcome::Accepted(reply) => {
            // Not after the lease expired: another worker has then made other secrets for this
            // email.
            if db::outbox::settle(connection, round.leased(mail.id), MailState::Sent, reply)? {
                ready.secrets.start_life(connection, &ready.due, round)?;
                let together = MailReason::Together.as_str();
                for (other, _) in &ready.others {
                    db::outbox::settle(connection, round.leased(other.mail.id), MailState::Sent, together)?;
                }
            }
            Ok(MailState::Sent)
        }
        Outcome::Refused(refused) => note_refusal(connection, ready, refused, round),
        Outcome::Unknown(reply) => {
            ready.secrets.keep(connection, &ready.due, round.end_of_link())?;
            if mail.unanswered + 1 >= MAX_UNANSWERED {
                return end(connection, ready, reply, round);
            }
            for mail in ready.mails() {
                db::outbox::note_unanswered(connection, mail.id, lease)?;
            }
            put_back(connection, ready, (reply, now.plus(UNANSWERED_PAUSE)), round)
        }
    }
}

fn note_refusal(
    connection: &mut DbConnection,
    ready: &Ready,
    refused: &MailRefusal,
    round: &Round,
) -> Result<MailState, Error> {
    let mail = &ready.due.mail;
    // A copy with the same secrets may have arrived before.
    if !ready.is_copy {
        ready.secrets.take_back(connection, &ready.due)?;
    }
    if refused.lasting && !refused.is_about_server() {
        return end(connection, ready, &refused.reply, round);
    }
    let due_at = round.now.plus(pause_after(mail.tries.saturating_add(1), mail.id.as_i64()));
    put_back(connection, ready, (&refused.reply, due_at), round)
}

/// Gives an email up, with all security events that it tells.
fn end(connection: &mut DbConnection, ready: &Ready, reply: &str, round: &Round) -> Result<MailState, Error> {
    for mail in ready.mails() {
        db::outbox::settle(connection, round.leased(mail.id), MailState::Dead, reply)?;
    }
    Ok(MailState::Dead)
}

/// Puts an email back, with all security events that it tells. Returns the state of the email
/// itself.
fn put_back(
    connection: &mut DbConnection,
    ready: &Ready,
    (reply, due_at): (&str, Timestamp),
    round: &Round,
) -> Result<MailState, Error> {
    for (other, _) in &ready.others {
        db::outbox::put_back(connection, round.leased(other.mail.id), due_at, reply)?;
    }
    db::outbox::put_back(connection, round.leased(ready.due.mail.id), due_at, reply)
}
