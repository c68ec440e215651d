//! SQL types of columns. The names of all are here, so that a table of the schema needs one `use`.

use super::engine::connection::MultiBackend;
pub use super::{
    kinds::{Declared, LinkKind, Noted, UriKind},
    oidc::stored::{DeviceCode, Secret, StoredKey},
};
pub use crate::domain::{
    Account, Attempt, AuditEntry, Gain, Gained, Method, Outcome as AttemptOutcome, Pending, Purpose, Session,
    account::{AccountOrigin, AddressChange},
    admin_act::AdminActKind,
    apps::{
        App,
        asking::{Answer, Ask},
        registered::AppOrigin,
    },
    assurance::Strength,
    columns::{Identifier, Moment, Name, Named, Sha256},
    group::Group,
    known_browser::KnownBrowser,
    mail::{MailState, QueuedMail},
    oidc::{
        Grant, SigningAlg,
        client::{AccessTokens, GroupsShape, Refreshes},
        device::Decision,
        notice::NoticeState,
    },
    passkey::Passkey,
    recovery::{AskedBy, Outcome as RecoveryOutcome, Recovery},
    session::HeldForm,
    totp::Authenticator,
    trusted_device::TrustedDevice,
};
use diesel::sql_types::HasSqlType;
pub use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text};

impl HasSqlType<Moment> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<Moment>(lookup)
    }
}

impl HasSqlType<Sha256> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<Sha256>(lookup)
    }
}

impl<Noun: 'static> HasSqlType<Identifier<Noun>> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<Identifier<Noun>>(lookup)
    }
}

impl<Enum: 'static> HasSqlType<Name<Enum>> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<Name<Enum>>(lookup)
    }
}
