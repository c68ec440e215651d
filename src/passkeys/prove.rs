//! Showing a passkey: to sign in, as a second factor, to step up.

use super::{
    KeyedHash, Passkeys, Refusal, Wrong,
    answer::{Assertion, base64url},
    decoys, descriptors, set, take,
};
use crate::{
    db::{self, DbConnection, Error, passkeys::Kept},
    domain::{
        AccountId, EmailAddress, Timestamp, TokenHash,
        passkey::{Ceremony, Occasion, Passkey, UserHandle},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use webauthn_rs::prelude::{DiscoverableAuthentication, WebauthnError};

/// Whose passkey will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Whose {
    /// No address was typed: the passkey names its account.
    #[serde(rename = "anybody")]
    Any,
    /// That of the account which the ceremony names.
    Account,
    /// The typed address has no passkeys, so none is right.
    #[serde(rename = "nobody")]
    NoAccount,
}

#[derive(Serialize, Deserialize)]
struct State {
    whose: Whose,
    /// The library's. It would hold the credentials, too, as they were when it began; they are held against the answer as they are by then.
    library: DiscoverableAuthentication,
}

impl Passkeys {
    /// A challenge for signing in. Without an address any passkey of ours will do, and the browser knows which it has. With one it is told
    /// which to look for, because a security key may have kept none itself; an address without passkeys or without an account gets decoys.
    ///
    /// # Errors
    /// The database's; a fault if the library has one.
    pub fn begin_sign_in(
        &self,
        connection: &mut DbConnection,
        browser: &TokenHash,
        email: Option<&EmailAddress>,
        keyed_hash: KeyedHash<'_>,
        now: Timestamp,
    ) -> Result<Value, Error> {
        let Some(email) = email else {
            return self.begin(connection, browser, Occasion::SignIn, Whose::Any, None, &[], now);
        };
        // Made for every address, so that it takes as long.
        let decoys = decoys::of(email, keyed_hash)?;
        match db::passkeys::at_address(connection, email)? {
            Some((account, ids)) => {
                self.begin(connection, browser, Occasion::SignIn, Whose::Account, Some(account), &ids, now)
            }
            None => self.begin(connection, browser, Occasion::SignIn, Whose::NoAccount, None, &decoys, now),
        }
    }

    /// A challenge for a known account: a second factor or a step-up.
    ///
    /// # Errors
    /// The database's; a fault if the library has one.
    pub fn begin_proof(
        &self,
        connection: &mut DbConnection,
        browser: &TokenHash,
        occasion: Occasion,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Value, Error> {
        let ids = db::passkeys::credential_ids(connection, account)?;
        self.begin(connection, browser, occasion, Whose::Account, Some(account), &ids, now)
    }

    #[expect(clippy::too_many_arguments, reason = "all that a ceremony consists of")]
    fn begin(
        &self,
        connection: &mut DbConnection,
        browser: &TokenHash,
        occasion: Occasion,
        whose: Whose,
        account_id: Option<AccountId>,
        allowed: &[Vec<u8>],
        now: Timestamp,
    ) -> Result<Value, Error> {
        // Always the library's discoverable kind: it asks for a verified user, and lets no passkey that stayed in one place start to wander.
        let (mut options, library) = self.webauthn.start_discoverable_authentication().map_err(Error::fault)?;
        // How to ask is the script's business: in the list under the address field, or in a separate window.
        options.mediation = None;
        let mut options = serde_json::to_value(options).map_err(Error::fault)?;
        set(&mut options, "/publicKey/allowCredentials", descriptors(allowed))?;
        let ceremony = Ceremony {
            purpose: occasion.as_str().to_owned(),
            bound_to: occasion.bound_to(),
            account_id,
            state: serde_json::to_string(&State { whose, library }).map_err(Error::fault)?,
            begun_at: now,
        };
        db::ceremonies::insert(connection, browser, &ceremony)?;
        Ok(options)
    }

    /// The passkey that was shown, as it was before this use, if the answer proves an account. The ceremony is over either way, and a use is noted.
    /// Whether its account may come in, `signin::complete` decides.
    ///
    /// # Errors
    /// The database's.
    pub fn finish_proof(
        &self,
        connection: &mut DbConnection,
        browser: &TokenHash,
        occasion: Occasion,
        answer: Value,
        now: Timestamp,
    ) -> Result<Result<Passkey, Refusal>, Error> {
        let answer = Assertion::read(answer);
        // The mailbox's lock comes before that of any row, the ceremony's included.
        if let Ok(answer) = &answer {
            let owner = db::passkeys::owner(connection, answer.credential_id())?;
            // A passkey without an owner gets a lock that no other job waits for, so that it takes as long.
            let lock = owner.map_or_else(|| base64url(answer.credential_id()), |owner| owner.mailbox());
            db::serialise(connection, &lock)?;
        }
        let Some(ceremony) = take(connection, browser, occasion, now)? else {
            return Ok(Err(Refusal::NoCeremony));
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let kept = db::passkeys::find_by_credential_id(connection, answer.credential_id())?;
        let updated = self.judge(&ceremony, &answer, kept.as_ref())?;
        let (kept, updated) = match (kept, updated) {
            (Some(kept), Ok(updated)) => (kept, updated),
            (None, _) => return Ok(Err(Refusal::Unknown)),
            (Some(_), Err(refusal)) => return Ok(Err(refusal)),
        };
        if !db::passkeys::note_use(connection, kept.passkey.id, &kept.credential, &updated, now)? {
            return Ok(Err(Refusal::Unknown));
        }
        Ok(Ok(kept.passkey))
    }

    /// The credential as it is to be kept from now on.
    ///
    /// A signature is always checked: an attacker who was handed ids for an address could otherwise tell by the time which of
    /// them are real. The library compares the BE flag first, so it is given the flag of the answer, and the stored one is compared here,
    /// after the signature.
    fn judge(
        &self,
        ceremony: &Ceremony,
        answer: &Assertion,
        kept: Option<&Kept>,
    ) -> Result<Result<String, Refusal>, Error> {
        let State { whose, library } =
            serde_json::from_str(&ceremony.state).map_err(|_| Error::unreadable("passkey ceremony"))?;
        let credential = kept.map_or_else(|| decoys::credential(answer), |kept| kept.credential.clone());
        let (mut credential, was_eligible) = with_backup_eligible(&credential, answer.is_backup_eligible())?;
        let checked = match answer.checked(&self.origin) {
            Ok(checked) => checked,
            Err(wrong) => return Ok(Err(wrong.into())),
        };
        let verified = self.webauthn.finish_discoverable_authentication_v2(checked, library, &credential);
        let Some(kept) = kept else { return Ok(Err(Refusal::Unknown)) };
        let owner = kept.passkey.account_id;
        if let Err(wrong) = check_owner(whose, ceremony.account_id, owner, answer.user_handle()) {
            return Ok(Err(wrong.into()));
        }
        let is_signed = matches!(verified, Ok(_) | Err(WebauthnError::CredentialPossibleCompromise));
        if is_signed && was_eligible != answer.is_backup_eligible() {
            return Ok(Err(Wrong::Library(WebauthnError::CredentialBackupEligibilityInconsistent).into()));
        }
        match verified {
            Ok(result) => {
                credential.update_credential(&result);
                serde_json::to_string(&credential).map(Ok).map_err(Error::fault)
            }
            // The last thing that is checked: the signature is right.
            Err(WebauthnError::CredentialPossibleCompromise) => {
                Ok(Err(Refusal::Copied(Box::new(kept.passkey.clone()))))
            }
            Err(error) => Ok(Err(Wrong::Library(error).into())),
        }
    }
}

/// A stored credential as if its BE flag were this one, and what the flag is.
fn with_backup_eligible(stored: &str, flag: bool) -> Result<(webauthn_rs::prelude::Passkey, bool), Error> {
    let unreadable = || Error::unreadable("passkey");
    let mut stored: Value = serde_json::from_str(stored).map_err(|_| unreadable())?;
    let place = stored.pointer_mut("/cred/backup_eligible").ok_or_else(unreadable)?;
    let was = std::mem::replace(place, Value::Bool(flag)).as_bool().ok_or_else(unreadable)?;
    Ok((serde_json::from_value(stored).map_err(|_| unreadable())?, was))
}

/// L3, §7.2, step 6: an account that was named beforehand has to be the owner; otherwise the passkey has to name its account. The user
/// handle has to be right in both cases.
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
