//! Asking for another email of the same attempt.

use super::ask::{asker, mail};
use crate::{
    db::{self, Error, Tx},
    domain::{Attempt, Settings, Timestamp, TokenHash, attempt::RESEND_PAUSE, limit::Decision},
    limits,
};

/// An answer to asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    Asked,
    /// Not yet.
    Wait {
        until: Timestamp,
    },
    /// It has had its share of emails.
    Enough,
}

/// Asks for another email of the same attempt. The links and codes of its older emails become
/// invalid when the new one leaves. The same statements run for an attempt that its owner has ended
/// elsewhere.
pub fn ask(
    tx: &mut Tx<'_>,
    settings: &Settings,
    attempt: &Attempt,
    device: Option<&TokenHash>,
) -> Result<Again, Error> {
    match allowed_from(tx, settings, attempt, device)? {
        None => return Ok(Again::Enough),
        Some(until) if tx.now < until => return Ok(Again::Wait { until }),
        Some(_) => {}
    }
    let asker = asker(tx.connection, attempt.purpose, device, &attempt.email)?;
    let counted = limits::of_mails(settings, &attempt.email, attempt.client, asker);
    if let Decision::Limited { until } = db::limits::take(tx.connection, &counted, tx.now)? {
        return Ok(Again::Wait { until });
    }
    if !db::attempts::ask_again(tx.connection, attempt.id, attempt.mails, tx.now)? {
        return Ok(Again::Wait { until: tx.now.plus(RESEND_PAUSE) });
    }
    let mail = mail(tx, attempt)?;
    tx.mail(&mail)?;
    Ok(Again::Asked)
}

/// Returns when another email of the attempt may be asked for, under every limit. `None` once the
/// attempt has ended.
pub fn allowed_from(
    tx: &mut Tx<'_>,
    settings: &Settings,
    attempt: &Attempt,
    device: Option<&TokenHash>,
) -> Result<Option<Timestamp>, Error> {
    let Some(from) = attempt.resend_from() else { return Ok(None) };
    let asker = asker(tx.connection, attempt.purpose, device, &attempt.email)?;
    let counted = limits::of_mails(settings, &attempt.email, attempt.client, asker);
    Ok(Some(match db::limits::peek(tx.connection, &counted, tx.now)? {
        Decision::Limited { until } => until.max(from),
        Decision::Allowed => from,
    }))
}
