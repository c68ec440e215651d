//! Why an answer is not accepted.

use crate::domain::passkey::Passkey;
use std::fmt;
use webauthn_rs::prelude::WebauthnError;

#[derive(Debug)]
pub enum Refusal {
    /// No challenge waits in this browser for this, or no longer.
    NoCeremony,
    /// Not what a browser's script sends.
    Unreadable,
    /// A passkey that no account here has, or that an account has removed. Its keeper may want to know.
    Unknown,
    /// The new passkey belongs to an account already, or has the id of a decoy.
    Known,
    /// The account has as many as it may.
    TooMany,
    /// Everything is right but the counter, which did not go on: there may be a copy of the key (WebAuthn L3, §6.1.1). Its owner should know.
    Copied(Box<Passkey>),
    Wrong(Wrong),
}

/// What is wrong with an answer. Only an attacker or a broken browser sees one of these.
#[derive(Debug)]
pub enum Wrong {
    /// Not of the type "public-key".
    Type,
    /// The ids in it differ, or are too long.
    Id,
    /// Not from a page of ours.
    Origin,
    /// From a page of ours in a frame of another site's.
    Framed,
    /// The passkey knows its owner by another name.
    UserHandle,
    /// The passkey of another account.
    Owner,
    /// What the library found.
    Library(WebauthnError),
}

impl Refusal {
    /// Whether a passkey says of itself that it can be copied to other devices and did not so before, or the other way round (WebAuthn L3, §7.2,
    /// step 18). Some password managers do that when they are updated. It has to be added anew.
    pub const fn is_of_changed_passkey(&self) -> bool {
        matches!(self, Self::Wrong(Wrong::Library(WebauthnError::CredentialBackupEligibilityInconsistent)))
    }

    /// For the log and the metrics.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NoCeremony => "no_ceremony",
            Self::Unreadable => "unreadable",
            Self::Unknown => "unknown",
            Self::Known => "known",
            Self::TooMany => "too_many",
            Self::Copied(_) => "copied",
            Self::Wrong(_) => "wrong",
        }
    }
}

/// For the log: nothing of what was sent.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong(Wrong::Library(error)) => write!(f, "wrong: {error}"),
            Self::Wrong(wrong) => write!(f, "wrong: {wrong:?}"),
            refusal => f.write_str(refusal.as_str()),
        }
    }
}

impl From<Wrong> for Refusal {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}
