//! A new passkey for an account.

use super::{
    CeremonyKey, CeremonyRefusal, KeyedHash, Passkeys, Wrong, answer::Registration, decoys, descriptors, set, signals,
};
use crate::{
    db::{self, Error, Stop, Tx},
    domain::{
        Account, PasskeyId,
        factor_name::FactorName,
        passkey::{Ceremony, MAX, Passkey, UserHandle},
    },
};
use serde_json::{Value, json};
use webauthn_rs::prelude::{PasskeyRegistration, Uuid};

/// A passkey about to be added.
pub struct NewPasskey<'a> {
    pub account: &'a Account,
    /// The answer that the browser's script sent.
    pub answer: Value,
    /// Name that its owner gives it. `None` names it after its make.
    pub name: Option<FactorName>,
    pub keyed_hash: KeyedHash<'a>,
}

impl Passkeys {
    /// Returns what the browser needs to make a passkey, and stores the challenge for it.
    pub fn begin_registration(
        &self,
        tx: &mut Tx<'_>,
        key: CeremonyKey<'_>,
        account: &Account,
    ) -> Result<Value, Stop<CeremonyRefusal>> {
        let others = db::passkeys::credential_ids(tx.connection, account.id)?;
        if others.len() >= MAX {
            return Err(CeremonyRefusal::TooMany.into());
        }
        let (address, name) = signals::names(account);
        let handle = Uuid::from_bytes(*UserHandle::of(account.id).as_bytes());
        let begun = self.webauthn.start_passkey_registration(handle, address, name, Some(others.clone()));
        let (options, state) = begun.map_err(Error::fault)?;
        let mut options = serde_json::to_value(options).map_err(Error::fault)?;
        // Some browsers show it beside the passkey.
        set(&mut options, "/publicKey/rp/name", json!(tx.settings()?.product_name))?;
        set(&mut options, "/publicKey/excludeCredentials", descriptors(&others))?;
        // With this, the passkey signs in without a typed address. "Required" would refuse a
        // security key that has no more room. Such a key still signs in with an address, or after
        // another method. The server cannot tell the difference.
        set(&mut options, "/publicKey/authenticatorSelection/residentKey", json!("preferred"))?;
        let ceremony = Ceremony {
            purpose: key.occasion.as_str().to_owned(),
            bound_to: key.occasion.bound_to(),
            account_id: Some(account.id),
            state: serde_json::to_string(&state).map_err(Error::fault)?,
            begun_at: tx.now,
        };
        db::ceremonies::insert(tx.connection, key.browser, &ceremony)?;
        Ok(options)
    }

    /// Returns the new passkey, if the answer is right.
    pub fn finish_registration(
        &self,
        tx: &mut Tx<'_>,
        key: CeremonyKey<'_>,
        new: NewPasskey<'_>,
    ) -> Result<Passkey, Stop<CeremonyRefusal>> {
        tx.lock(&new.account.email)?;
        let ceremony = key.take(tx)?;
        if ceremony.account_id != Some(new.account.id) {
            return Err(CeremonyRefusal::NoCeremony.into());
        }
        let state: PasskeyRegistration =
            serde_json::from_str(&ceremony.state).map_err(|_| Error::unreadable("passkey ceremony"))?;
        let (answer, credential) = self.judge_registration(new.answer, &state)?;
        // Without this, an attacker who was told ids for an address would learn which of them are
        // real.
        let is_decoy = decoys::is_one(answer.credential_id(), new.keyed_hash)?;
        if db::passkeys::owner(tx.connection, answer.credential_id())?.is_some() || is_decoy {
            return Err(CeremonyRefusal::Known.into());
        }
        let others = db::passkeys::of_account(tx.connection, new.account.id)?;
        if others.len() >= MAX {
            return Err(CeremonyRefusal::TooMany.into());
        }
        let names: Vec<_> = others.into_iter().map(|other| other.name).collect();
        let aaguid = answer.aaguid();
        let after_its_make = || FactorName::of(aaguid.make().map_or("Passkey", |(make, _)| make), &names);
        let passkey = Passkey {
            id: PasskeyId::issue(tx.entropy),
            account_id: new.account.id,
            name: new.name.unwrap_or_else(after_its_make),
            aaguid,
            added_at: tx.now,
            last_used_at: None,
        };
        let credential = serde_json::to_string(&credential).map_err(Error::fault)?;
        db::passkeys::insert(tx.connection, &passkey, answer.credential_id(), &credential)?;
        Ok(passkey)
    }

    fn judge_registration(
        &self,
        answer: Value,
        state: &PasskeyRegistration,
    ) -> Result<(Registration, webauthn_rs::prelude::Passkey), CeremonyRefusal> {
        let answer = Registration::read(answer)?;
        let credential =
            self.webauthn.finish_passkey_registration(answer.checked(&self.origin)?, state).map_err(Wrong::Library)?;
        // The authenticator names the passkey in the first, the script in the second.
        if credential.cred_id().as_slice() != answer.credential_id() {
            return Err(Wrong::Id.into());
        }
        Ok((answer, credential))
    }
}
