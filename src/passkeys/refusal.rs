//! Reasons to refuse an answer.

use crate::domain::passkey::Passkey;
use std::fmt;
use webauthn_rs::prelude::WebauthnError;

#[derive(Debug)]
pub enum CeremonyRefusal {
    /// No challenge for this waits in this browser, or it has expired.
    NoCeremony,
    /// No browser's script sends this.
    Unreadable,
    /// No account has this passkey, or its account has removed it. The browser may stop offering
    /// it.
    Unknown,
    /// The new passkey belongs to an account already, or has the id of a decoy.
    Known,
    /// The account has as many passkeys as it may.
    TooMany,
    /// Everything is right but the counter, which did not advance. An attacker may have copied the
    /// key, so its owner is told (WebAuthn L3, §6.1.1).
    Copied(Box<Passkey>),
    Wrong(Wrong),
}

/// Faults of an answer. Only an attacker or a broken browser sees one of these.
#[derive(Debug)]
pub enum Wrong {
    /// The type is not "public-key".
    Type,
    /// The ids in it differ, or are too long.
    Id,
    /// The answer comes from a page of another origin.
    Origin,
    /// The answer comes from our page in a frame of another site.
    Framed,
    /// The passkey names another owner.
    UserHandle,
    /// Another account owns the passkey.
    Owner,
    /// The library found a fault.
    Library(WebauthnError),
}

impl CeremonyRefusal {
    /// Returns whether a passkey changed what it says about copies on other devices (WebAuthn L3,
    /// §7.2, step 18). Some password managers change it in an update. Its owner has to add it
    /// again.
    pub const fn is_of_changed_passkey(&self) -> bool {
        matches!(self, Self::Wrong(Wrong::Library(WebauthnError::CredentialBackupEligibilityInconsistent)))
    }

    /// Returns the name for the log and the metrics.
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

/// Text for the log, without anything that the browser sent.
impl fmt::Display for CeremonyRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong(Wrong::Library(error)) => write!(f, "wrong: {error}"),
            Self::Wrong(wrong) => write!(f, "wrong: {wrong:?}"),
            refusal => f.write_str(refusal.as_str()),
        }
    }
}

impl From<Wrong> for CeremonyRefusal {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}
