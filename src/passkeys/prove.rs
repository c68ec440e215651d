//! Use of a passkey: to sign in, as a second factor, or to verify before a change.

use super::{CeremonyKey, CeremonyRefusal, KeyedHash, Passkeys, Wrong, answer::Assertion, decoys, descriptors, set};
use crate::{
    db::{self, Error, Stop, Tx, passkeys::Kept},
    domain::{
        AccountId, EmailAddress, TokenHash,
        passkey::{Ceremony, Occasion, Passkey, UserHandle},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use webauthn_rs::prelude::{DiscoverableAuthentication, WebauthnError};

/// Accounts whose passkey is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Whose {
    /// Any account, because the user typed no address. The passkey names its account.
    #[serde(rename = "anybody")]
    Any,
    /// The account that the ceremony names.
    Account,
    /// No account, because the typed address has no passkeys.
    #[serde(rename = "nobody")]
    NoAccount,
}

#[derive(Serialize, Deserialize)]
struct State {
    whose: Whose,
    /// The library's own state. It would also hold the credentials of that moment, but the answer
    /// is compared with those of today.
    library: DiscoverableAuthentication,
}

/// An address that a user typed to sign in.
#[derive(Clone, Copy)]
pub struct TypedAddress<'a> {
    pub email: &'a EmailAddress,
    pub keyed_hash: KeyedHash<'a>,
}

/// Passkeys that a browser is asked to show one of.
struct Allowed<'a> {
    whose: Whose,
    account: Option<AccountId>,
    ids: &'a [Vec<u8>],
}

impl Passkeys {
    /// Locks the mailbox of the passkey's owner if the answer is right. Call it before anything
    /// else is read, and [`Passkeys::finish_proof`] after it, which judges again what this waited
    /// for.
    ///
    /// A wrong answer waits for no lock. Otherwise an attacker who keeps a mailbox's lock busy
    /// could tell real ids by the time. They could also hold a lock that its owner needs.
    pub fn lock_owner(
        &self,
        tx: &mut Tx<'_>,
        key: CeremonyKey<'_>,
        answer: &Value,
    ) -> Result<(), Stop<CeremonyRefusal>> {
        match self.owner_who_signed(tx, key, answer) {
            Ok(Some(owner)) => Ok(tx.lock(&owner)?),
            Ok(None) => Ok(()),
            Err(stop) => {
                key.take(tx)?;
                Err(stop)
            }
        }
    }

    /// Returns the owner of the passkey that signed this answer. `None` if its challenge is gone.
    fn owner_who_signed(
        &self,
        tx: &mut Tx<'_>,
        key: CeremonyKey<'_>,
        answer: &Value,
    ) -> Result<Option<EmailAddress>, Stop<CeremonyRefusal>> {
        let Some(ceremony) = key.look(tx)? else { return Ok(None) };
        let answer = Assertion::read(answer.clone())?;
        let kept = db::passkeys::find_by_credential_id(tx.connection, answer.credential_id())?;
        match self.judge(&ceremony, &answer, kept.as_ref()) {
            Ok(_) | Err(Stop::Refused(CeremonyRefusal::Copied(_))) => {
                Ok(db::passkeys::owner(tx.connection, answer.credential_id())?)
            }
            Err(stop) => Err(stop),
        }
    }

    /// Makes a challenge for signing in. Without an address, any passkey of this installation is
    /// accepted, and the browser knows which it has. With an address, the browser is told which to
    /// look for, because a security key may have stored none. An address without passkeys or
    /// without an account gets decoys.
    pub fn begin_sign_in(
        &self,
        tx: &mut Tx<'_>,
        browser: &TokenHash,
        typed: Option<TypedAddress<'_>>,
    ) -> Result<Value, Error> {
        let key = CeremonyKey { browser, occasion: Occasion::SignIn };
        let Some(typed) = typed else {
            return self.begin(tx, key, &Allowed { whose: Whose::Any, account: None, ids: &[] });
        };
        // Made for every address, so that all take the same time.
        let decoys = decoys::of(typed.email, typed.keyed_hash)?;
        match db::passkeys::at_address(tx.connection, typed.email)? {
            Some((account, ids)) => {
                self.begin(tx, key, &Allowed { whose: Whose::Account, account: Some(account), ids: &ids })
            }
            None => self.begin(tx, key, &Allowed { whose: Whose::NoAccount, account: None, ids: &decoys }),
        }
    }

    /// Makes a challenge for a known account: a second factor, or a verification before a change.
    pub fn begin_proof(&self, tx: &mut Tx<'_>, key: CeremonyKey<'_>, account: AccountId) -> Result<Value, Error> {
        let ids = db::passkeys::credential_ids(tx.connection, account)?;
        self.begin(tx, key, &Allowed { whose: Whose::Account, account: Some(account), ids: &ids })
    }

    fn begin(&self, tx: &mut Tx<'_>, key: CeremonyKey<'_>, allowed: &Allowed<'_>) -> Result<Value, Error> {
        // The library's discoverable kind always asks for a verified user. It lets no passkey of a
        // single device become one of several.
        let (mut options, library) = self.webauthn.start_discoverable_authentication().map_err(Error::fault)?;
        // The script decides how the browser asks: in the list under the address field, or in a
        // window.
        options.mediation = None;
        let mut options = serde_json::to_value(options).map_err(Error::fault)?;
        set(&mut options, "/publicKey/allowCredentials", descriptors(allowed.ids))?;
        let ceremony = Ceremony {
            purpose: key.occasion.as_str().to_owned(),
            bound_to: key.occasion.bound_to(),
            account_id: allowed.account,
            state: serde_json::to_string(&State { whose: allowed.whose, library }).map_err(Error::fault)?,
            begun_at: tx.now,
        };
        db::ceremonies::insert(tx.connection, key.browser, &ceremony)?;
        Ok(options)
    }

    /// Returns the passkey that was used, as it was before, if the answer proves an account. The
    /// ceremony is over either way. The use is noted. `signin::complete` decides whether the
    /// account may sign in.
    pub fn finish_proof(
        &self,
        tx: &mut Tx<'_>,
        key: CeremonyKey<'_>,
        answer: Value,
    ) -> Result<Passkey, Stop<CeremonyRefusal>> {
        let ceremony = key.take(tx)?;
        let answer = Assertion::read(answer)?;
        let kept = db::passkeys::find_by_credential_id(tx.connection, answer.credential_id())?;
        let updated = self.judge(&ceremony, &answer, kept.as_ref())?;
        let kept = kept.ok_or(CeremonyRefusal::Unknown)?;
        if !db::passkeys::note_use(tx.connection, &kept, &updated, tx.now)? {
            return Err(CeremonyRefusal::Unknown.into());
        }
        Ok(kept.passkey)
    }

    /// Returns the credential as it is stored from now on.
    ///
    /// A signature is always checked, so that the time of an answer tells no attacker which ids are
    /// real. The library compares the BE flag first. So it gets the answer's own flag, and the
    /// stored flag is compared here, after the signature.
    fn judge(
        &self,
        ceremony: &Ceremony,
        answer: &Assertion,
        kept: Option<&Kept>,
    ) -> Result<String, Stop<CeremonyRefusal>> {
        let State { whose, library } =
            serde_json::from_str(&ceremony.state).map_err(|_| Error::unreadable("passkey ceremony"))?;
        let credential = kept.map_or_else(|| decoys::credential(answer), |kept| kept.credential.clone());
        let (mut credential, was_eligible) = with_backup_eligible(&credential, answer.is_backup_eligible())?;
        // A passkey without an owner is unknown before it is wrong.
        let to_refusal = |wrong: Wrong| if kept.is_some() { wrong.into() } else { CeremonyRefusal::Unknown };
        let checked = answer.checked(&self.origin).map_err(to_refusal)?;
        let verified = self.webauthn.finish_discoverable_authentication_v2(checked, library, &credential);
        let kept = kept.ok_or(CeremonyRefusal::Unknown)?;
        let owner = kept.passkey.account_id;
        check_owner(whose, ceremony.account_id, owner, answer.user_handle()).map_err(CeremonyRefusal::from)?;
        let is_signed = matches!(verified, Ok(_) | Err(WebauthnError::CredentialPossibleCompromise));
        if is_signed && was_eligible != answer.is_backup_eligible() {
            let wrong = Wrong::Library(WebauthnError::CredentialBackupEligibilityInconsistent);
            return Err(CeremonyRefusal::from(wrong).into());
        }
        match verified {
            Ok(result) => {
                credential.update_credential(&result);
                Ok(serde_json::to_string(&credential).map_err(Error::fault)?)
            }
            // The library checks this last, so the signature is right.
            Err(WebauthnError::CredentialPossibleCompromise) => {
                Err(CeremonyRefusal::Copied(Box::new(kept.passkey.clone())).into())
            }
            Err(error) => Err(CeremonyRefusal::from(Wrong::Library(error)).into()),
        }
    }
}

/// Returns a stored credential with this BE flag, and the flag that was stored.
fn with_backup_eligible(stored: &str, flag: bool) -> Result<(webauthn_rs::prelude::Passkey, bool), Error> {
    let unreadable = || Error::unreadable("passkey");
    let mut stored: Value = serde_json::from_str(stored).map_err(|_| unreadable())?;
    let place = stored.pointer_mut("/cred/backup_eligible").ok_or_else(unreadable)?;
    let was = std::mem::replace(place, Value::Bool(flag)).as_bool().ok_or_else(unreadable)?;
    Ok((serde_json::from_value(stored).map_err(|_| unreadable())?, was))
}

/// Checks the owner (L3, §7.2, step 6). If an account was named before, it has to be the owner.
/// Otherwise the passkey has to name its account. A user handle has to be right in both cases.
fn check_owner(
    whose: Whose,
    named: Option<AccountId>,
    owner: AccountId,
    user_handle: Option<&[u8]>,
) -> Result<(), Wrong> {
    let says = user_handle.map(|handle| handle == UserHandle::of(owner).as_bytes());
    match (whose, says) {
        (_, Some(false)) | (Whose::Any, None) => Err(Wrong::UserHandle),
        (Whose::Any, Some(true)) => Ok(()),
        (Whose::Account, _) if named == Some(owner) => Ok(()),
        (Whose::Account | Whose::NoAccount, _) => Err(Wrong::Owner),
    }
}
