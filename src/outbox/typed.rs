//! Decides about emails to an address that someone typed.
//!
//! The sender of the form may be a stranger who times their own email behind this one. So the worker
//! opens a conversation with the email server for every address, with or without an account. The
//! types see to it: once the account is looked up, there is no way to drop the email.

use super::due::{Due, ENDED, Matter, Pretence, Verdict, active_account, attempt_of};
use crate::{
    db::{self, DbConnection, Error, limits::Counted},
    domain::{Attempt, EmailAddress, Purpose, Settings, Timestamp, limit::Decision, mail::QueuedMail},
};

/// An email, and who reads it.
struct Addressed {
    recipient: EmailAddress,
    matter: Matter,
    reader: Reader,
}

/// Who reads an email to a typed address.
enum Reader {
    /// The owner of an account.
    Owner,
    /// The owner of a mailbox without an account.
    Newcomer,
    /// No one gets it, for this reason. It is pretended.
    None(&'static str),
}

pub(super) fn decide(
    connection: &mut DbConnection,
    mail: &QueuedMail,
    settings: &Settings,
    now: Timestamp,
) -> Result<Verdict, Error> {
    let attempt = match attempt_of(connection, mail, settings, now)? {
        Ok(attempt) => attempt,
        Err(verdict) => return Ok(verdict),
    };
    let Addressed { recipient, matter, reader } = addressed(connection, attempt, (settings, now))?;
    let pretended = match reader {
        Reader::Owner => None,
        Reader::None(reason) => Some(Pretence::Ends(reason)),
        Reader::Newcomer => match share_of_domain(connection, &recipient, settings, now)? {
            Decision::Allowed => None,
            // One pretence for each email, so that a flood of them cannot keep workers busy.
            Decision::Limited { until } if mail.was_put_off => return Ok(Verdict::Later(until)),
            Decision::Limited { until } => Some(Pretence::PutsOff(until)),
        },
    };
    Ok(Verdict::Send(Box::new(Due { pretended, ..Due::new(mail, recipient, matter) })))
}

/// Looks the address up.
fn addressed(
    connection: &mut DbConnection,
    attempt: Attempt,
    (settings, now): (&Settings, Timestamp),
) -> Result<Addressed, Error> {
    let has_ended = attempt.ended.is_some();
    let addressed = match attempt.purpose {
        Purpose::SignIn => sign_in(connection, attempt, (settings, now)),
        Purpose::ConfirmAddress => confirm_address(connection, attempt, (settings, now)),
        Purpose::ResetPassword => reset_password(connection, attempt, now),
        Purpose::StepUp | Purpose::ConsoleLink | Purpose::SetUp => {
            Err(Error::fault("no one types the address of such an attempt"))
        }
    }?;
    // Only the owner of an account may have ended it, so that this must look like any other.
    Ok(if has_ended { Addressed { reader: Reader::None(ENDED), ..addressed } } else { addressed })
}

fn sign_in(
    connection: &mut DbConnection,
    attempt: Attempt,
    (settings, now): (&Settings, Timestamp),
) -> Result<Addressed, Error> {
    let (recipient, reader) = match db::accounts::find_by_email(connection, &attempt.email)? {
        Some(account) if account.is_usable(now) => (account.email, Reader::Owner),
        Some(account) => (account.email, Reader::None("the account is disabled")),
        None if settings.may_join(&attempt.email) => (attempt.email.clone(), Reader::Newcomer),
        None => (attempt.email.clone(), Reader::None("no such account, and the address may not join")),
    };
    Ok(Addressed { recipient, matter: Matter::SignIn(attempt), reader })
}

fn confirm_address(
    connection: &mut DbConnection,
    attempt: Attempt,
    (settings, now): (&Settings, Timestamp),
) -> Result<Addressed, Error> {
    let asker = active_account(connection, attempt.account_id, now)?;
    let taken = db::accounts::find_by_email(connection, &attempt.email)?.is_some();
    let reader = match &asker {
        None => Reader::None("the account is gone or disabled"),
        Some(_) if !settings.may_move_to(&attempt.email) => Reader::None("the new address may not join"),
        Some(_) if taken => Reader::None("the new address already has an account"),
        Some(_) => Reader::Newcomer,
    };
    let recipient = attempt.email.clone();
    let old_address = asker.map_or_else(|| recipient.clone(), |account| account.email);
    Ok(Addressed { recipient, matter: Matter::ConfirmAddress { attempt, old_address }, reader })
}

fn reset_password(connection: &mut DbConnection, attempt: Attempt, now: Timestamp) -> Result<Addressed, Error> {
    let (recipient, reader) = match db::accounts::find_by_email(connection, &attempt.email)? {
        Some(account) if account.is_usable(now) => (account.email, Reader::Owner),
        Some(_) => (attempt.email.clone(), Reader::None("the account is disabled")),
        None => (attempt.email.clone(), Reader::None("no such account")),
    };
    Ok(Addressed { recipient, matter: Matter::ResetPassword(attempt), reader })
}

/// Counts an email to an address without an account against its domain.
///
/// Only here is it known which addresses have accounts. Requests that cause no email take nothing
/// from a domain, so that no number of them locks its users out.
fn share_of_domain(
    connection: &mut DbConnection,
    recipient: &EmailAddress,
    settings: &Settings,
    now: Timestamp,
) -> Result<Decision, Error> {
    let name = format!("mail at {}", recipient.domain());
    db::limits::take(connection, &[Counted { name, limit: settings.limits_per_domain }], now)
}
