//! Passwords: judged, hashed and compared on a few separate threads. Also the limits for trying
//! passwords and for new secrets.

use crate::{
    db::{self, Stop, Tx, limits::Counted},
    domain::{
        AccountId, AttemptId, ClientAddress, EmailAddress, Enrolled, Password, PasswordHash, Timestamp, TokenHash,
        limit::Decision,
        password::{self, Unfit},
    },
    limits,
    web::{Failure, Need, Visit, acting::Stranger, cookies::Name},
};
use std::sync::Arc;

/// Judges a new password by the rules and by the operator's list of breached passwords. Every page
/// that sets a password calls this, so that none forgets the list.
pub async fn choose(
    visit: &Visit<'_>,
    typed: &str,
    enrolled: Enrolled,
    email: &EmailAddress,
) -> Result<Password, Stop<Unfit, Failure>> {
    let (typed, email, settings) = (typed.to_owned(), email.clone(), Arc::clone(&visit.settings));
    // Estimating the strength keeps a core busy for up to 70 ms.
    let password = visit
        .services
        .slow_work
        .run_unless_busy(visit.party(), move || Password::choose(&typed, enrolled, &email, &settings.product_name))
        .await
        .map_err(Failure::fault)?
        .ok_or(Failure::Busy)?
        .map_err(Stop::Refused)?;
    let Some(list) = visit.services.breach_list.clone() else { return Ok(password) };
    let wanted = password.sha1_for_breach_lists();
    let is_listed = visit
        .services
        .slow_looks
        .run_unless_busy(visit.party(), move || list.holds(&wanted))
        .await
        .map_err(Failure::fault)?
        .ok_or(Failure::Busy)?
        // Fails closed: with an unreadable list, no password can be set until the operator has
        // repaired it.
        .map_err(Failure::fault)?;
    if is_listed { Err(Stop::Refused(Unfit::Breached)) } else { Ok(password) }
}

pub async fn hash(visit: &Visit<'_>, password: Password) -> Result<PasswordHash, Failure> {
    let (entropy, memory) = (Arc::clone(&visit.services.entropy), Arc::clone(&visit.services.hash_memory));
    slowly(visit, move || password.hash(&*entropy, &memory)).await
}

/// Returns whether `password` matches `hash`. Without a hash it takes as long and returns `false`.
pub async fn is_of(visit: &Visit<'_>, password: Password, hash: Option<PasswordHash>) -> Result<bool, Failure> {
    let exists = hash.is_some();
    let hash = hash.unwrap_or_else(PasswordHash::decoy);
    let memory = Arc::clone(&visit.services.hash_memory);
    Ok(slowly(visit, move || password.is_of(&hash, &memory)).await? && exists)
}

async fn slowly<T: Send + 'static>(
    visit: &Visit<'_>,
    work: impl FnOnce() -> Result<T, password::HashFault> + Send + 'static,
) -> Result<T, Failure> {
    visit
        .services
        .slow_work
        .run_unless_busy(visit.party(), work)
        .await
        .map_err(Failure::fault)?
        .ok_or(Failure::Busy)?
        .map_err(|_| Failure::fault("a password could not be hashed"))
}

/// Answer to whether a typed password can be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    Counts,
    /// Never right, because strangers have typed too many. Answer as for a wrong one, after as much
    /// work. The pause ends once an owner signs in, so that it would tell whether there is one.
    Paused,
}

/// Counts a try at the password of an address before the look-up, so that simultaneous tries all
/// count. It makes no difference whether the account exists. A browser that the account has signed
/// in with is told of a pause.
pub async fn take_a_try(visit: &Visit<'_>, email: &EmailAddress) -> Result<Tried, Failure> {
    let device = visit.cookies.token(Name::Device).map(|device| device.hash());
    let (email, client) = (email.clone(), visit.client);
    let count = visit.as_stranger(Stranger::SignsIn, move |tx| count_a_try(tx, &email, client, device));
    let counted = count.await?;
    if counted.pauses && !counted.known {
        return counted.decision.allowed(visit.now).map(|()| Tried::Paused).map_err(Failure::TooMany);
    }
    counted.allowed(visit.now).map(|()| Tried::Counts)
}

/// Counts a try at the password of the signed-in user.
pub async fn take_a_try_as_account(visit: &Visit<'_>) -> Result<(), Failure> {
    let (client, device) = (visit.client, visit.cookies.token(Name::Device).map(|device| device.hash()));
    let count = visit.as_account(Need::enrolling(), move |tx, me| count_a_try(tx, &me.account.email, client, device));
    count.await?.allowed(visit.now)
}

/// Permission to try a password, or the reason against it.
struct Try {
    /// True in a browser that the account has signed in with.
    known: bool,
    /// True if too many were wrong in a row.
    pauses: bool,
    decision: Decision,
}

impl Try {
    fn allowed(self, now: Timestamp) -> Result<(), Failure> {
        if self.pauses { Err(Failure::PasswordPauses) } else { self.decision.allowed(now).map_err(Failure::TooMany) }
    }
}

fn count_a_try(
    tx: &mut Tx<'_>,
    email: &EmailAddress,
    client: ClientAddress,
    device: Option<TokenHash>,
) -> Result<Try, db::Error> {
    let known = db::own_tries::are_of(tx.connection, device.as_ref(), email)?;
    let mut counted = limits::of_passwords(email, client, known);
    let set_at = db::passwords::set_at(tx.connection, email)?;
    let in_a_row = limits::of_passwords_in_a_row(email, known, set_at);
    let pauses = db::limits::peek(tx.connection, std::slice::from_ref(&in_a_row), tx.now)? != Decision::Allowed;
    // A try during the pause counts for the other limits, as any other.
    counted.extend(Some(in_a_row).filter(|_| !pauses));
    Ok(Try { known, pauses, decision: db::limits::take(tx.connection, &counted, tx.now)? })
}

/// Takes one from a limit of the signed-in user, before the slow work.
async fn take_as_account(visit: &Visit<'_>, need: Need, limit: fn(AccountId) -> Counted) -> Result<(), Failure> {
    let take = visit.as_account(need, move |tx, me| db::limits::take(tx.connection, &[limit(me.account.id)], tx.now));
    take.await?.allowed(visit.now).map_err(Failure::TooMany)
}

/// Counts a new password before it is hashed, because it also causes an email to the owner.
pub async fn take_a_new_password(visit: &Visit<'_>, need: Need) -> Result<(), Failure> {
    take_as_account(visit, need, limits::of_new_passwords).await
}

/// Counts new recovery codes before ten of them are hashed, because they also cause an email to the
/// owner.
pub async fn take_new_recovery_codes(visit: &Visit<'_>, need: Need) -> Result<(), Failure> {
    take_as_account(visit, need, limits::of_new_recovery_codes).await
}

/// Counts a password that the signed-in user types, before its strength is estimated.
pub async fn take_a_judgement(visit: &Visit<'_>, need: Need) -> Result<(), Failure> {
    take_as_account(visit, need, limits::of_passwords_to_judge).await
}

/// Counts a password that the reader of an email link types, before its strength is estimated.
pub async fn take_a_judgement_by_link(visit: &Visit<'_>, attempt: AttemptId) -> Result<(), Failure> {
    take_by_link(visit, attempt, limits::of_resets_to_judge).await
}

/// Counts a password that the reader of an email link chooses, before it is hashed.
pub async fn take_a_reset(visit: &Visit<'_>, attempt: AttemptId) -> Result<(), Failure> {
    take_by_link(visit, attempt, limits::of_resets).await
}

async fn take_by_link(visit: &Visit<'_>, attempt: AttemptId, limit: fn(AttemptId) -> Counted) -> Result<(), Failure> {
    let take =
        visit.as_stranger(Stranger::HoldsALink, move |tx| db::limits::take(tx.connection, &[limit(attempt)], tx.now));
    take.await?.allowed(visit.now).map_err(Failure::TooMany)
}
