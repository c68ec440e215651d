//! Ten new recovery codes. They are hashed away from the threads that serve requests. The
//! transaction that makes them count stores them. One page shows them.

use crate::{
    db::{self, Error, Tx},
    domain::{
        Account, Method, Shown, Token,
        audit::Action,
        recovery_code::{COUNT, HashFault, HashedCodes, RecoveryCode, Salt},
    },
    people,
    signin::complete,
    web::{
        Answer, Failure, Me, Need, Note, Reply, Visit, hashing,
        note::{After, Codes},
    },
};
use std::sync::Arc;

/// The page that shows new codes.
pub(super) const MADE: &str = "/account/recovery-codes/made";

/// Ten new codes, and all that the database gets of them.
pub(super) struct Ten {
    codes: Vec<RecoveryCode>,
    hashed: HashedCodes,
}

impl Ten {
    /// Makes ten. The caller has taken them from the account's limit.
    pub(super) async fn issue(visit: &Visit<'_>) -> Result<Self, Failure> {
        let (entropy, memory) = (Arc::clone(&visit.services.entropy), Arc::clone(&visit.services.hash_memory));
        let work = move || {
            let salt = Salt::issue(&*entropy);
            let codes: Vec<_> = (0..COUNT).map(|_| RecoveryCode::issue(&*entropy)).collect();
            let hashes = codes.iter().map(|code| code.hash(&salt, &memory)).collect::<Result<_, HashFault>>()?;
            Ok(Self { codes, hashed: HashedCodes { salt, hashes } })
        };
        let ten: Result<Self, HashFault> = visit
            .services
            .slow_work
            .run_unless_busy(visit.party(), work)
            .await
            .map_err(Failure::fault)?
            .ok_or(Failure::Busy)?;
        ten.map_err(|_| Failure::fault("recovery codes could not be hashed"))
    }

    /// Makes ten for an account that is about to enrol a second factor and has no codes. Returns
    /// `None` if the account needs none, or if its limit or the load leaves no room. The factor
    /// counts without codes, too.
    pub(super) async fn beside_a_factor(visit: &Visit<'_>) -> Result<Option<Arc<Self>>, Failure> {
        if !needs_codes(visit) {
            return Ok(None);
        }
        match hashing::take_new_recovery_codes(visit, Need::enrolling()).await {
            Err(Failure::TooMany(_)) => return Ok(None),
            taken => taken?,
        }
        match Self::issue(visit).await {
            Err(Failure::Busy) => Ok(None),
            ten => ten.map(|ten| Some(Arc::new(ten))),
        }
    }

    /// Gives them to the account, within the transaction of the caller.
    pub(super) fn store(&self, tx: &mut Tx<'_>, account: &Account) -> Result<(), Error> {
        people::make_recovery_codes(tx, account, &self.hashed)?;
        tx.log(&tx.line(Action::RecoveryCodesMade, account.email.as_str()))
    }

    /// The same beside a new factor. Returns `false`, and stores nothing, if the account has codes
    /// already, or codes were turned off.
    pub(super) fn store_beside_a_factor(&self, tx: &mut Tx<'_>, account: &Account) -> Result<bool, Error> {
        let may = tx.settings()?.recovery_codes_enabled;
        if !may || db::enrolled::of(tx.connection, account.id)?.recovery_codes {
            return Ok(false);
        }
        people::make_recovery_codes_beside_a_factor(tx, account, &self.hashed)?;
        tx.log(&tx.line(Action::RecoveryCodesMade, account.email.as_str()))?;
        Ok(true)
    }

    /// Leads to the page that shows them.
    pub(super) fn show(&self, visit: &Visit<'_>, after: After) -> Answer {
        let codes = self.codes.iter().map(RecoveryCode::reveal).collect();
        visit.say(MADE, Note::RecoveryCodes(Codes { codes, made_at: visit.now.as_millis(), after }))
    }
}

/// A session that goes on after a new factor has counted as a proof.
pub(super) struct Counted {
    /// For the cookie.
    pub secret: Token,
    /// True if the account has got recovery codes, too.
    pub has_codes: bool,
}

/// Counts a new factor as a proof, because its owner has just used it. Otherwise the session
/// would no longer suffice. Stores `codes` beside
/// it. Returns `None` if the session has ended.
pub(super) fn count_as_proof(
    tx: &mut Tx<'_>,
    me: &Me,
    method: Method,
    codes: Option<&Ten>,
) -> Result<Option<Counted>, Error> {
    let has_codes = match codes {
        Some(ten) => ten.store_beside_a_factor(tx, &me.account)?,
        None => false,
    };
    let secret = complete::freshen(tx, &me.session, Shown::factor(method, tx.now))?;
    Ok(secret.map(|secret| Counted { secret, has_codes }))
}

/// Leads on after a factor was added: to its new codes, or to the button that creates some. Else to
/// the app that waits for the factor. Else back to `page` with `note`.
pub(super) fn after_adding(visit: &Visit<'_>, stored: Option<&Ten>, (page, note): (&str, Note)) -> Answer {
    match stored {
        Some(ten) => ten.show(visit, After::FirstFactor),
        None if needs_codes(visit) => visit.say("/account/recovery-codes", Note::FactorAdded),
        None => match visit.cookies.way_on() {
            // An app waits, which says better than a note that all went well.
            Some(to) => {
                visit.cookies.forget_way_on();
                Ok(Reply::see_other(to.as_str()))
            }
            None => visit.say(page, note),
        },
    }
}

/// By what this node knew when the request came.
fn needs_codes(visit: &Visit<'_>) -> bool {
    visit.settings.recovery_codes_enabled && !visit.enrolled().recovery_codes
}
