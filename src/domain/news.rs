//! What the owner of an account is told by email when its security changes: one table of events and their words.

use super::mail::MailKind;
use strum::{EnumIter, IntoEnumIterator};

/// Recovery codes that are left when the email asks for new ones.
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
    RecoveryCodeUsed { left: u32 },
    RecoveryCancelled,
    RecoveryDone,
}

impl SecurityEvent {
    /// The kind of email that tells of it.
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
            | Self::RecoveryCancelled
            | Self::RecoveryDone => MailKind::SecurityChanged,
        }
    }

    /// The name that templates know it by, and the beginning of the stored form. Never changes once released.
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
            Self::RecoveryCancelled => "recovery_cancelled",
            Self::RecoveryDone => "recovery_done",
        }
    }

    /// The stored form: its name, and behind a colon how many recovery codes are left.
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
        match event {
            Self::RecoveryCodeUsed { .. } => left.parse().ok().map(|left| Self::RecoveryCodeUsed { left }),
            event => Some(event),
        }
    }

    /// Returns how many recovery codes are left, where one was used.
    pub const fn left(self) -> Option<u32> {
        match self {
            Self::RecoveryCodeUsed { left } => Some(left),
            _ => None,
        }
    }

    /// Returns whether it takes a second factor away.
    pub const fn removes_factor(self) -> bool {
        matches!(self, Self::AuthenticatorRemoved | Self::PasskeyRemoved | Self::RecoveryDone)
    }

    /// The heading of the email.
    pub const fn title(self) -> &'static str {
        match self {
            Self::PasswordSet => "Your password was set",
            Self::PasswordRemoved => "Your password was removed",
            Self::PasswordReset => "Your password was reset",
            Self::AuthenticatorAdded => "An authenticator app was added",
            Self::AuthenticatorRemoved => "An authenticator app was removed",
            Self::AuthenticatorGuessed => "Wrong codes were typed for your authenticator app",
            Self::PasskeyAdded => "A passkey was added",
            Self::PasskeyRemoved => "A passkey was removed",
            Self::PasskeyCopied => "A passkey may have been copied",
            Self::RecoveryCodesMade => "New recovery codes were made",
            Self::RecoveryCodesRemoved => "Your recovery codes were removed",
            Self::RecoveryCodeUsed { .. } => "A recovery code was used",
            Self::RecoveryCancelled => "Your second factors stay",
            Self::RecoveryDone => "Your second factors were removed",
        }
    }

    /// What follows from it, in a sentence or two.
    pub fn detail(self) -> String {
        match self {
            Self::PasswordSet | Self::PasswordRemoved => "Your other browsers are signed out.".to_owned(),
            Self::PasswordReset => "All browsers are signed out.".to_owned(),
            Self::AuthenticatorAdded => "You'll be asked for its code when you sign in.".to_owned(),
            Self::AuthenticatorRemoved => "Its codes no longer work.".to_owned(),
            Self::AuthenticatorGuessed => {
                "The person who typed them knew your password or can read your email. If that wasn't you, change the \
                 password of your mailbox, and your password here if you have one."
                    .to_owned()
            }
            Self::PasskeyAdded => "It can sign in to your account.".to_owned(),
            Self::PasskeyRemoved => "It can no longer sign in to your account.".to_owned(),
            Self::PasskeyCopied => {
                "Its counter went back, as it would on a copy, so we refused it. Remove this passkey and add a new one."
                    .to_owned()
            }
            Self::RecoveryCodesMade => "Older recovery codes no longer work.".to_owned(),
            Self::RecoveryCodesRemoved => "They no longer work.".to_owned(),
            Self::RecoveryCodeUsed { left } => words_for_left(left),
            Self::RecoveryCancelled => "The request to remove them has ended.".to_owned(),
            Self::RecoveryDone => {
                "The waiting period ended and the request was not cancelled. Sign in as before, then set up new ones."
                    .to_owned()
            }
        }
    }

    /// Every event, with each number of recovery codes that changes its words.
    pub fn samples() -> impl Iterator<Item = Self> {
        let numbers = [0, 1, FEW_CODES, FEW_CODES + 1];
        Self::iter().flat_map(move |event| match event {
            Self::RecoveryCodeUsed { .. } => numbers.map(|left| Self::RecoveryCodeUsed { left }).to_vec(),
            event => vec![event],
        })
    }
}

fn words_for_left(left: u32) -> String {
    match left {
        0 => "It was the last one. Make new ones now.".to_owned(),
        1 => "Only 1 is left. Make new ones soon.".to_owned(),
        left if left <= FEW_CODES => format!("Only {left} are left. Make new ones soon."),
        left => format!("{left} are left."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_reads_back_as_it_was_stored() {
        for event in SecurityEvent::samples() {
            assert_eq!(SecurityEvent::parse(event.mail_kind(), &event.note()), Some(event));
        }
        for (kind, note) in [
            (MailKind::SecurityChanged, "cat_added"),
            (MailKind::SecurityChanged, "set"),
            (MailKind::PasswordChanged, "totp_added"),
            (MailKind::SecurityChanged, "recovery_code_used:many"),
            (MailKind::SecurityChanged, "recovery_code_used"),
            (MailKind::Test, ""),
        ] {
            assert_eq!(SecurityEvent::parse(kind, note), None, "{note}");
        }
    }

    #[test]
    fn a_title_is_one_event_and_ends_so_that_at_may_follow() {
        let titles: Vec<&str> = SecurityEvent::iter().map(SecurityEvent::title).collect();
        for title in &titles {
            assert_eq!(titles.iter().filter(|other| *other == title).count(), 1, "{title}");
            assert!(!title.ends_with(" at") && !title.ends_with('.'), "{title}");
        }
    }
}
