//! Making a passkey for an account.

use super::{KeyedHash, Passkeys, Refusal, Wrong, answer::Registration, decoys, descriptors, set, signals, take};
use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, Entropy, PasskeyId, SessionId, Timestamp, TokenHash,
        factor_name::FactorName,
        passkey::{Ceremony, MOST, Occasion, Passkey, UserHandle},
    },
};
use serde_json::{Value, json};
use webauthn_rs::prelude::{PasskeyRegistration, Uuid};

impl Passkeys {
    /// What the browser needs to make a passkey, and a challenge that waits for it. `product_name` is what some browsers show beside it.
    ///
    /// # Errors
    /// The database's; a fault if the library has one.
    pub fn begin_registration(
        &self,
        connection: &mut DbConnection,
        browser: &TokenHash,
        session: SessionId,
        account: &Account,
        product_name: &str,
        now: Timestamp,
    ) -> Result<Result<Value, Refusal>, Error> {
        let others = db::passkeys::credential_ids(connection, account.id)?;
        if others.len() >= MOST {
            return Ok(Err(Refusal::TooMany));
        }
        let (address, name) = signals::names(account);
        let handle = Uuid::from_bytes(*UserHandle::of(account.id).as_bytes());
        let begun = self.webauthn.start_passkey_registration(handle, address, name, Some(others.clone()));
        let (options, state) = begun.map_err(Error::fault)?;
        let mut options = serde_json::to_value(options).map_err(Error::fault)?;
        set(&mut options, "/publicKey/rp/name", json!(product_name))?;
        set(&mut options, "/publicKey/excludeCredentials", descriptors(&others))?;
        // So that it signs in without an address typed. Not "required": a security key that has no more room still makes one that works with
        // an address, or after another method. The server cannot tell either way.
        set(&mut options, "/publicKey/authenticatorSelection/residentKey", json!("preferred"))?;
        let occasion = Occasion::Register(session);
        let ceremony = Ceremony {
            purpose: occasion.as_str().to_owned(),
            bound_to: occasion.bound_to(),
            account_id: Some(account.id),
            state: serde_json::to_string(&state).map_err(Error::fault)?,
            begun_at: now,
        };
        db::ceremonies::insert(connection, browser, &ceremony)?;
        Ok(Ok(options))
    }

    /// The new passkey, if the answer is right. It is called `name`, or after its make.
    ///
    /// Who may add one now, who is told, and what is written into the audit log is the caller's business.
    ///
    /// # Errors
    /// The database's.
    #[expect(
        clippy::too_many_arguments,
        reason = "the account, its session and its browser, what they sent, the key and the two sources"
    )]
    pub fn finish_registration(
        &self,
        connection: &mut DbConnection,
        browser: &TokenHash,
        session: SessionId,
        account: &Account,
        answer: Value,
        name: Option<FactorName>,
        keyed_hash: KeyedHash<'_>,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Result<Result<Passkey, Refusal>, Error> {
        db::serialise(connection, &account.email.mailbox())?;
        let Some(ceremony) = take(connection, browser, Occasion::Register(session), now)? else {
            return Ok(Err(Refusal::NoCeremony));
        };
        if ceremony.account_id != Some(account.id) {
            return Ok(Err(Refusal::NoCeremony));
        }
        let state: PasskeyRegistration =
            serde_json::from_str(&ceremony.state).map_err(|_| Error::unreadable("passkey ceremony"))?;
        let (answer, credential) = match self.judge_registration(answer, &state) {
            Ok(judged) => judged,
            Err(refusal) => return Ok(Err(refusal)),
        };
        // Otherwise an attacker who was handed ids for an address would learn here which of them are real.
        let is_decoy = decoys::is_one(answer.credential_id(), keyed_hash)?;
        if db::passkeys::owner(connection, answer.credential_id())?.is_some() || is_decoy {
            return Ok(Err(Refusal::Known));
        }
        let others = db::passkeys::of_account(connection, account.id)?;
        if others.len() >= MOST {
            return Ok(Err(Refusal::TooMany));
        }
        let names: Vec<_> = others.into_iter().map(|other| other.name).collect();
        let aaguid = answer.aaguid();
        let passkey = Passkey {
            id: PasskeyId::issue(entropy),
            account_id: account.id,
            name: name.unwrap_or_else(|| FactorName::of(aaguid.make().map_or("Passkey", |(make, _)| make), &names)),
            aaguid,
            added_at: now,
            last_used_at: None,
        };
        let credential = serde_json::to_string(&credential).map_err(Error::fault)?;
        db::passkeys::insert(connection, &passkey, answer.credential_id(), &credential)?;
        Ok(Ok(passkey))
    }

    fn judge_registration(
        &self,
        answer: Value,
        state: &PasskeyRegistration,
    ) -> Result<(Registration, webauthn_rs::prelude::Passkey), Refusal> {
        let answer = Registration::read(answer)?;
        let credential =
            self.webauthn.finish_passkey_registration(answer.checked(&self.origin)?, state).map_err(Wrong::Library)?;
        // What the authenticator calls the passkey, and what the script says that it does.
        if credential.cred_id().as_slice() != answer.credential_id() {
            return Err(Wrong::Id.into());
        }
        Ok((answer, credential))
    }
}
