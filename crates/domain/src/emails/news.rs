//! Emails to the owner of an account about changes to its security, with the keys of their words.
//!
//! Each rule about events is a `match` that names all of them. So the compiler lists the eight
//! arms that a new event needs.

use crate::{EmailAddress, Timestamp, mail_kind::MailKind};
use strum::{EnumIter, IntoEnumIterator};

/// Recovery codes that are left when the email still asks for new ones.
const FEW_CODES: u32 = 3;

/// A change to what signs in to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter)]
pub enum SecurityEvent {
    PasswordSet,
    PasswordRemoved,
    PasswordReset,
    AuthenticatorAdded,
    AuthenticatorRemoved,
    AuthenticatorGuessed,
    PasskeyAdded,
    PasskeyRemoved,
    PasskeyCopied,
    RecoveryCodesMade,
    RecoveryCodesRemoved,
    RecoveryCodeUsed {
        left: u32,
    },
    /// Sent after an account has moved, to its new address. The link that cancels went to the
    /// former one.
    RecoveryBegun,
    RecoveryCancelled,
    RecoveryDone,
    BrowserRemembered,
    /// To the admin who gave the rights.
    AdminMade,
    /// To the new admin.
    BecameAdmin,
    /// A gain was undone by the link in the email that told of it.
    Undone,
    /// An admin set when the account ends, or that moment is near.
    AccountEnds,
    /// An admin took the end away.
    AccountStays,
}

impl SecurityEvent {
    /// Returns the kind of email that tells of it.
    pub const fn mail_kind(self) -> MailKind {
        match self {
            Self::PasswordSet | Self::PasswordRemoved | Self::PasswordReset => MailKind::PasswordChanged,
            Self::AuthenticatorAdded
            | Self::AuthenticatorRemoved
            | Self::AuthenticatorGuessed
            | Self::PasskeyAdded
            | Self::PasskeyRemoved
            | Self::PasskeyCopied
            | Self::RecoveryCodesMade
            | Self::RecoveryCodesRemoved
            | Self::RecoveryCodeUsed { .. }
            | Self::RecoveryBegun
            | Self::RecoveryCancelled
            | Self::RecoveryDone
            | Self::BrowserRemembered
            | Self::AdminMade
            | Self::BecameAdmin
            | Self::Undone
            | Self::AccountEnds
            | Self::AccountStays => MailKind::SecurityChanged,
        }
    }

    /// Returns the name in templates, with which the stored form begins. It never changes once
    /// released.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PasswordSet => "set",
            Self::PasswordRemoved => "removed",
            Self::PasswordReset => "reset",
            Self::AuthenticatorAdded => "totp_added",
            Self::AuthenticatorRemoved => "totp_removed",
            Self::AuthenticatorGuessed => "totp_guessed",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRemoved => "passkey_removed",
            Self::PasskeyCopied => "passkey_copied",
            Self::RecoveryCodesMade => "recovery_codes_made",
            Self::RecoveryCodesRemoved => "recovery_codes_removed",
            Self::RecoveryCodeUsed { .. } => "recovery_code_used",
            Self::RecoveryBegun => "recovery_begun",
            Self::RecoveryCancelled => "recovery_cancelled",
            Self::RecoveryDone => "recovery_done",
            Self::BrowserRemembered => "browser_remembered",
            Self::AdminMade => "admin_made",
            Self::BecameAdmin => "became_admin",
            Self::Undone => "undone",
            Self::AccountEnds => "account_ends",
            Self::AccountStays => "account_stays",
        }
    }

    /// Returns the stored form: its name, and after a colon how many recovery codes are left.
    pub fn note(self) -> String {
        match self.left() {
            Some(left) => format!("{}:{left}", self.name()),
            None => self.name().to_owned(),
        }
    }

    /// Reads the stored form. `None` for an event that only a newer version knows.
    pub fn parse(kind: MailKind, note: &str) -> Option<Self> {
        let (name, left) = note.split_once(':').unwrap_or((note, ""));
        let event = Self::iter().find(|event| event.mail_kind() == kind && event.name() == name)?;
        if let Self::RecoveryCodeUsed { .. } = event {
            return left.parse().ok().map(|left| Self::RecoveryCodeUsed { left });
        }
        Some(event)
    }

    /// Returns how many recovery codes are left, where one was used.
    pub const fn left(self) -> Option<u32> {
        if let Self::RecoveryCodeUsed { left } = self { Some(left) } else { None }
    }

    /// Returns whether several such events may be told in one email. An event that gives power has
    /// its own email and link.
    pub const fn can_be_gathered(self) -> bool {
        match self {
            Self::PasswordSet
            | Self::PasswordReset
            | Self::AuthenticatorAdded
            | Self::PasskeyAdded
            | Self::RecoveryCodesMade
            | Self::RecoveryBegun
            | Self::BrowserRemembered
            | Self::AdminMade
            | Self::BecameAdmin
            | Self::AccountEnds
            | Self::AccountStays => false,
            Self::PasswordRemoved
            | Self::AuthenticatorRemoved
            | Self::AuthenticatorGuessed
            | Self::PasskeyRemoved
            | Self::PasskeyCopied
            | Self::RecoveryCodesRemoved
            | Self::RecoveryCodeUsed { .. }
            | Self::RecoveryCancelled
            | Self::RecoveryDone
            | Self::Undone => true,
        }
    }

    /// Returns whether it takes a second factor away.
    pub const fn removes_factor(self) -> bool {
        match self {
            Self::AuthenticatorRemoved | Self::PasskeyRemoved | Self::RecoveryDone | Self::Undone => true,
            Self::PasswordSet
            | Self::PasswordRemoved
            | Self::PasswordReset
            | Self::AuthenticatorAdded
            | Self::AuthenticatorGuessed
            | Self::PasskeyAdded
            | Self::PasskeyCopied
            | Self::RecoveryCodesMade
            | Self::RecoveryCodesRemoved
            | Self::RecoveryCodeUsed { .. }
            | Self::RecoveryBegun
            | Self::RecoveryCancelled
            | Self::BrowserRemembered
            | Self::AdminMade
            | Self::BecameAdmin
            | Self::AccountEnds
            | Self::AccountStays => false,
        }
    }

    /// Returns whether something was gained that the email's link undoes.
    pub const fn is_gain(self) -> bool {
        match self {
            Self::PasswordSet
            | Self::PasswordReset
            | Self::AuthenticatorAdded
            | Self::PasskeyAdded
            | Self::RecoveryCodesMade
            | Self::BrowserRemembered
            | Self::AdminMade => true,
            Self::PasswordRemoved
            | Self::AuthenticatorRemoved
            | Self::AuthenticatorGuessed
            | Self::PasskeyRemoved
            | Self::PasskeyCopied
            | Self::RecoveryCodesRemoved
            | Self::RecoveryCodeUsed { .. }
            | Self::RecoveryBegun
            | Self::RecoveryCancelled
            | Self::RecoveryDone
            | Self::BecameAdmin
            | Self::Undone
            | Self::AccountEnds
            | Self::AccountStays => false,
        }
    }

    /// Returns the stored form with its subject: the new admin, or what was removed.
    pub fn note_about(self, about: &str) -> String {
        format!("{}:{about}", self.name())
    }

    /// Returns what a stored form is about.
    pub fn about(self, note: &str) -> Option<About> {
        let (_, about) = note.split_once(':').filter(|(_, about)| !about.is_empty())?;
        match self {
            Self::AdminMade => Some(About::NewAdmin(
                EmailAddress::parse(about).map_or_else(|_| about.to_owned(), |admin| admin.unlinked()),
            )),
            Self::RecoveryDone => Some(About::Removed(Removed::read(about))),
            Self::AccountEnds => Timestamp::parse_rfc3339(about).map(About::Ends),
            Self::PasswordSet
            | Self::PasswordRemoved
            | Self::PasswordReset
            | Self::AuthenticatorAdded
            | Self::AuthenticatorRemoved
            | Self::AuthenticatorGuessed
            | Self::PasskeyAdded
            | Self::PasskeyRemoved
            | Self::PasskeyCopied
            | Self::RecoveryCodesMade
            | Self::RecoveryCodesRemoved
            | Self::RecoveryCodeUsed { .. }
            | Self::RecoveryBegun
            | Self::RecoveryCancelled
            | Self::BrowserRemembered
            | Self::BecameAdmin
            | Self::Undone
            | Self::AccountStays => None,
        }
    }

    /// Returns the key of the email's heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::PasswordSet => "event-password-set",
            Self::PasswordRemoved => "event-password-removed",
            Self::PasswordReset => "event-password-reset",
            Self::AuthenticatorAdded => "event-app-added",
            Self::AuthenticatorRemoved => "event-app-removed",
            Self::AuthenticatorGuessed => "event-app-guessed",
            Self::PasskeyAdded => "event-passkey-added",
            Self::PasskeyRemoved => "event-passkey-removed",
            Self::PasskeyCopied => "event-passkey-copied",
            Self::RecoveryCodesMade => "event-recovery-codes-made",
            Self::RecoveryCodesRemoved => "event-recovery-codes-removed",
            Self::RecoveryCodeUsed { .. } => "event-recovery-code-used",
            Self::RecoveryBegun => "event-recovery-begun",
            Self::RecoveryCancelled => "event-recovery-cancelled",
            Self::RecoveryDone => "event-recovery-done",
            Self::BrowserRemembered => "event-browser-remembered",
            Self::AdminMade => "event-admin-made",
            Self::BecameAdmin => "event-became-admin",
            Self::Undone => "event-undone",
            Self::AccountEnds => "event-account-ends",
            Self::AccountStays => "event-account-stays",
        }
    }

    /// Returns the key of one or two sentences about what follows. They take how many recovery
    /// codes are left.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::PasswordSet => "event-password-set.detail",
            Self::PasswordRemoved => "event-password-removed.detail",
            Self::PasswordReset => "event-password-reset.detail",
            Self::AuthenticatorAdded => "event-app-added.detail",
            Self::AuthenticatorRemoved => "event-app-removed.detail",
            Self::AuthenticatorGuessed => "event-app-guessed.detail",
            Self::PasskeyAdded => "event-passkey-added.detail",
            Self::PasskeyRemoved => "event-passkey-removed.detail",
            Self::PasskeyCopied => "event-passkey-copied.detail",
            Self::RecoveryCodesMade => "event-recovery-codes-made.detail",
            Self::RecoveryCodesRemoved => "event-recovery-codes-removed.detail",
            Self::RecoveryCodeUsed { .. } => "event-recovery-code-used.detail",
            Self::RecoveryBegun => "event-recovery-begun.detail",
            Self::RecoveryCancelled => "event-recovery-cancelled.detail",
            Self::RecoveryDone => "event-recovery-done.detail",
            Self::BrowserRemembered => "event-browser-remembered.detail",
            Self::AdminMade => "event-admin-made.detail",
            Self::BecameAdmin => "event-became-admin.detail",
            Self::Undone => "event-undone.detail",
            Self::AccountEnds => "event-account-ends.detail",
            Self::AccountStays => "event-account-stays.detail",
        }
    }

    /// Returns every event, with each number of recovery codes that changes its words.
    pub fn samples() -> impl Iterator<Item = Self> {
        let numbers = [0, 1, FEW_CODES, FEW_CODES + 1];
        Self::iter().flat_map(move |event| {
            if let Self::RecoveryCodeUsed { .. } = event {
                return numbers.map(|left| Self::RecoveryCodeUsed { left }).to_vec();
            }
            vec![event]
        })
    }
}

/// Subject of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// Address of the new admin, written so that no email program makes a link of it.
    NewAdmin(String),
    Removed(Vec<Removed>),
    /// Time at which the account ends.
    Ends(Timestamp),
}

/// Thing that the end of a recovery removed. Stored in English, as the audit log shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removed {
    Counted(RemovedFactor, i64),
    NewPassword,
    /// Something that only a newer node knows, in that node's words.
    Unknown(String),
}

/// Factor that a recovery removes and counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter)]
pub enum RemovedFactor {
    App,
    Passkey,
    RecoveryCode,
    RememberedBrowser,
}

const NEW_PASSWORD: &str = "the new password";

impl Removed {
    /// Reads one piece of the stored form.
    fn parse(text: &str) -> Self {
        let counted = || {
            let (count, name) = text.split_once(' ')?;
            let factor = RemovedFactor::iter().find(|factor| [factor.one(), factor.many()].contains(&name))?;
            Some(Self::Counted(factor, count.parse().ok()?))
        };
        match text {
            NEW_PASSWORD => Self::NewPassword,
            text => counted().unwrap_or_else(|| Self::Unknown(text.to_owned())),
        }
    }

    /// Reads the stored form.
    pub fn read(stored: &str) -> Vec<Self> {
        stored.split(", ").map(Self::parse).collect()
    }

    /// Returns the stored form of several things.
    pub fn stored(all: &[Self]) -> String {
        let pieces = all.iter().filter_map(|removed| match removed {
            Self::Counted(_, 0) => None,
            Self::Counted(factor, 1) => Some(format!("1 {}", factor.one())),
            Self::Counted(factor, count) => Some(format!("{count} {}", factor.many())),
            Self::NewPassword => Some(NEW_PASSWORD.to_owned()),
            Self::Unknown(text) => Some(text.clone()),
        });
        pieces.collect::<Vec<_>>().join(", ")
    }
}

impl RemovedFactor {
    const fn one(self) -> &'static str {
        match self {
            Self::App => "authenticator app",
            Self::Passkey => "passkey",
            Self::RecoveryCode => "recovery code",
            Self::RememberedBrowser => "remembered browser",
        }
    }

    const fn many(self) -> &'static str {
        match self {
            Self::App => "authenticator apps",
            Self::Passkey => "passkeys",
            Self::RecoveryCode => "recovery codes",
            Self::RememberedBrowser => "remembered browsers",
        }
    }

    /// Returns the key of "2 passkeys". The text takes the count.
    pub const fn counted(self) -> &'static str {
        match self {
            Self::App => "event-removed-apps",
            Self::Passkey => "event-removed-passkeys",
            Self::RecoveryCode => "event-removed-codes",
            Self::RememberedBrowser => "event-removed-browsers",
        }
    }
}

#[cfg(test)]
mod tests;
