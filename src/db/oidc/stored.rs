//! Secrets of clients, devices that ask, and keys that sign, as they are stored. The types of
//! columns name them, so they are apart from the files that read the tables.

use crate::domain::{
    AccountId, ClientAddress, Id, SealedPlace, SessionId, Timestamp, TokenHash,
    apps::AppId,
    oidc::{Scopes, device::Asked, key_schedule::KeyTimes},
};

pub type SecretId = Id<Secret>;

/// A secret of a client.
#[derive(Clone, Debug)]
pub struct Secret {
    pub hash: TokenHash,
    pub made_at: Timestamp,
    /// `None`: never.
    pub expires_at: Option<Timestamp>,
    /// Its last characters. Empty if they are not known.
    pub hint: String,
    /// To the hour. `None`: not known.
    pub last_used_at: Option<Timestamp>,
}

pub type DeviceCodeId = Id<DeviceCode>;

/// A device that asks for its user.
#[derive(Clone, Debug)]
pub struct DeviceCode {
    pub id: DeviceCodeId,
    pub app: AppId,
    pub scopes: Scopes,
    /// Address from which the device asked.
    pub client: Option<ClientAddress>,
    pub asked_at: Timestamp,
    pub asked: Asked,
    /// Agreement of the user. `None` while they have not agreed, or if they refused.
    pub given: Option<Given>,
}

/// Agreement of a user, and the proofs that they had shown.
#[derive(Clone, Debug)]
pub struct Given {
    pub account: AccountId,
    /// `None` once it has ended.
    pub session: Option<SessionId>,
    pub at: Timestamp,
    pub auth_time: Timestamp,
    pub acr: String,
    pub amr: String,
}

pub type KeyRowId = Id<StoredKey>;

/// A signing key.
#[derive(Clone)]
pub struct StoredKey {
    pub id: KeyRowId,
    pub kid: String,
    pub times: KeyTimes,
    pub jwk: String,
    pub sealed: Vec<u8>,
}

impl StoredKey {
    /// Returns the place for which a private key is sealed.
    pub const fn place(id: KeyRowId) -> SealedPlace {
        SealedPlace::Own { kind: "signing key", id: id.as_i64() }
    }
}
