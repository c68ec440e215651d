//! Checks a typed code in the transaction that uses it. The code is used up only together with its
//! effect.

use crate::{
    db::{self, Error, Stop, Tx},
    domain::{
        Account, AccountId, Lifetime, Method, SecurityEvent, Shown, Timestamp, TokenHash,
        audit::{Action, Actor},
        limit::Decision,
        recovery_code::{RecoveryCode, RecoveryCodeHash, Salt},
        totp::{Authenticator, Failures, Secret, Throttle, TotpCode},
        turns::Party,
    },
    limits, people,
    sealing::{Opener, SealFault, place_of},
    web::{Failure, Need, Note, Visit, acting::Stranger, cookies::Name},
};
use std::sync::Arc;

/// Code that the user typed. No text can be both.
pub(super) enum Typed {
    Totp(TotpCode),
    Recovery(RecoveryCode),
}

impl Typed {
    pub(super) fn read(text: &str) -> Option<Self> {
        TotpCode::read(text).map(Self::Totp).or_else(|| RecoveryCode::read(text).map(Self::Recovery))
    }
}

/// The same, ready to compare.
pub(super) enum Given {
    /// With what opens the secrets of the account's apps. A fault counts only if there is one.
    Totp(TotpCode, Result<Opener, SealFault>),
    /// `None` if the account has no recovery codes.
    Recovery(Option<RecoveryCodeHash>),
}

/// Why a code is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadCode {
    Wrong,
    /// Too many recent wrong codes.
    Wait(Lifetime),
    /// Too many wrong codes in all. App codes pause until the user shows another factor.
    UsedUp,
}

impl From<BadCode> for Stop<BadCode> {
    fn from(bad: BadCode) -> Self {
        Self::Refused(bad)
    }
}

impl BadCode {
    /// Returns the note beside the field, for an app's code or a recovery code.
    pub fn note(self, was_totp: bool, now: Timestamp) -> Note {
        match self {
            Self::Wrong => Note::FactorWrong { totp: was_totp },
            Self::Wait(wait) => Note::FactorsPaused { totp: was_totp, until: now.plus(wait).as_millis() },
            Self::UsedUp => Note::FactorsUsedUp,
        }
    }
}

/// Does the slow part before the transaction begins. Each typed recovery code costs a slow hash, so
/// that a limit counts them.
pub(super) async fn prepare(visit: &Visit<'_>, account: &Account, typed: Typed) -> Result<Given, Failure> {
    let code = match typed {
        Typed::Totp(code) => return prepare_totp(visit, account.id, code).await,
        Typed::Recovery(code) => code,
    };
    let device = visit.cookies.token(Name::Device).map(|device| device.hash());
    let (id, account) = (account.id, account.clone());
    let counted = visit.as_stranger(Stranger::SignsIn, move |tx| count(tx, &account, device.as_ref())).await?;
    hash(visit, id, code, counted).await
}

/// Does the same for the signed-in user.
pub(super) async fn prepare_as_account(visit: &Visit<'_>, typed: Typed) -> Result<Given, Failure> {
    let code = match typed {
        Typed::Totp(code) => return prepare_totp(visit, visit.require_enrolling()?.account.id, code).await,
        Typed::Recovery(code) => code,
    };
    let device = visit.cookies.token(Name::Device).map(|device| device.hash());
    let count = visit
        .as_account(Need::enrolling(), move |tx, me| Ok((me.account.id, count(tx, &me.account, device.as_ref())?)));
    let (id, counted) = count.await?;
    hash(visit, id, code, counted).await
}

/// Reads the key file here if it has a key that is new to this process. A transaction that waited
/// for that disk would keep every user waiting.
async fn prepare_totp(visit: &Visit<'_>, account: AccountId, code: TotpCode) -> Result<Given, Failure> {
    let apps = visit.read(move |connection| db::totp::of_account(connection, account)).await?;
    let opener = visit.services.keys.opener(apps.iter().map(|(_, sealed)| sealed.as_slice()));
    Ok(Given::Totp(code, opener))
}

/// Decision on another try, and the salt of the account's codes.
type Counted = (Decision, Option<(Salt, Timestamp)>);

fn count(tx: &mut Tx<'_>, account: &Account, device: Option<&TokenHash>) -> Result<Counted, Error> {
    let known = db::own_tries::are_of(tx.connection, device, &account.email)?;
    let counted = limits::of_recovery_codes(account.id, known);
    let decision = db::limits::take(tx.connection, &[counted], tx.now)?;
    Ok((decision, db::recovery_codes::set_of(tx.connection, account.id)?))
}

async fn hash(
    visit: &Visit<'_>,
    account: AccountId,
    code: RecoveryCode,
    (decision, set): Counted,
) -> Result<Given, Failure> {
    decision.allowed(visit.now).map_err(Failure::TooMany)?;
    let Some((salt, _)) = set else { return Ok(Given::Recovery(None)) };
    // Queue for the account, even before the user is signed in, not for a client that others share.
    let party = Party::Account(account);
    let memory = Arc::clone(&visit.services.hash_memory);
    let work = move || code.hash(&salt, &memory);
    let hash = visit.services.slow_work.run_unless_busy(party, work).await.map_err(Failure::fault)?;
    let hash = hash.ok_or(Failure::Busy)?.map_err(|_| Failure::fault("a recovery code could not be hashed"))?;
    Ok(Given::Recovery(Some(hash)))
}

/// Compares the code, uses up a right one, and counts a wrong one. A factor that is turned off is
/// never right.
///
/// Lock the account's mailbox first, so that guesses at the same time all count.
pub(super) fn check(tx: &mut Tx<'_>, account: &Account, given: &Given) -> Result<Shown, Stop<BadCode>> {
    match given {
        Given::Totp(code, opener) => totp(tx, account, code, opener.as_ref()),
        Given::Recovery(hash) => recovery_code(tx, account, hash.as_ref()),
    }
}

fn recovery_code(tx: &mut Tx<'_>, account: &Account, hash: Option<&RecoveryCodeHash>) -> Result<Shown, Stop<BadCode>> {
    let is_on = tx.settings()?.recovery_codes_enabled;
    let hash = hash.filter(|_| is_on).ok_or(BadCode::Wrong)?;
    if !db::recovery_codes::burn(tx.connection, account.id, hash, tx.now)? {
        return Err(BadCode::Wrong.into());
    }
    let made_at = db::recovery_codes::set_of(tx.connection, account.id)?;
    let left = people::recovery_code_was_used(tx, account)?;
    // A user who has shown both factors is the owner, signed in yet or not.
    let line = tx.line_by(Actor::of(account), Action::RecoveryCodeUsed, account.email.as_str());
    tx.log(&line.to(format!("{left} left")))?;
    Ok(Shown { method: Method::RecoveryCode, since: made_at.map(|(_, at)| at) })
}

fn totp(
    tx: &mut Tx<'_>,
    account: &Account,
    code: &TotpCode,
    opener: Result<&Opener, &SealFault>,
) -> Result<Shown, Stop<BadCode>> {
    if !tx.settings()?.totp_enabled {
        return Err(BadCode::Wrong.into());
    }
    let failures = db::totp::failures(tx.connection, account.id)?;
    match failures.throttle(tx.now) {
        Throttle::Check => {}
        Throttle::Wait { until } => return Err(BadCode::Wait(until.since(tx.now)).into()),
        Throttle::UsedUp => return Err(BadCode::UsedUp.into()),
    }
    let (mut was_compared, mut was_used, mut unopened) = (false, false, None);
    for kept in db::totp::of_account(tx.connection, account.id)? {
        let authenticator = &kept.0;
        if authenticator.confirmed_at.is_none() {
            continue;
        }
        let secret =
            opener.map_err(|fault| Error::fault(fault.to_string())).and_then(|opener| secret_of(opener, &kept));
        let step = match secret {
            Ok(secret) => secret.step_of(code, tx.now),
            Err(fault) => {
                unopened = Some(fault);
                continue;
            }
        };
        was_compared = true;
        let Some(step) = step else { continue };
        if db::totp::use_step(tx.connection, authenticator.id, step, tx.now)? {
            return Ok(Shown { method: Method::Totp, since: authenticator.confirmed_at });
        }
        was_used = true;
    }
    // Refused like a wrong code but not counted. A doubled form is not a guess, and a used code
    // helps no attacker.
    if was_used {
        return Err(BadCode::Wrong.into());
    }
    match unopened {
        Some(fault) if !was_compared => return Err(fault.into()),
        // A user whose key file was lost sets up another app beside the old one. The new one keeps
        // working, and its wrong codes must count.
        Some(fault) => {
            tracing::error!(account = %account.id, error = %fault, "cannot unseal the secret of one of several authenticator apps")
        }
        None => {}
    }
    count_failure(tx, account, failures)?;
    Err(BadCode::Wrong.into())
}

/// Counts a wrong code of an app. Tells the owner where that looks like guessing.
fn count_failure(tx: &mut Tx<'_>, account: &Account, failures: Failures) -> Result<(), Error> {
    let failures = failures.and_one_more(tx.now);
    db::totp::note_failures(tx.connection, account.id, &failures)?;
    if failures.is_news() {
        people::tell(tx, account, SecurityEvent::AuthenticatorGuessed)?;
    }
    if failures.throttle(tx.now) != Throttle::Check {
        // Codes pause now, which deserves a line in the audit log.
        let line = tx.line(Action::TotpGuessedTooOften, account.email.as_str());
        tx.log(&line.to(failures.wrong.to_string()))?;
    }
    Ok(())
}

/// Returns an app's secret. One that cannot be unsealed is a fault of ours and never a wrong code.
fn secret_of(opener: &Opener, (app, sealed): &(Authenticator, Vec<u8>)) -> Result<Secret, Error> {
    let unsealed = opener.open(sealed, place_of(app.account_id, app.id)).map_err(Error::fault)?;
    Secret::from_slice(unsealed.as_bytes()).ok_or_else(|| Error::unreadable("authenticator's secret"))
}
