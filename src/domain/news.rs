//! What the owner of an account is told by email when its security changes: one table of events and their words.

use super::{EmailAddress, mail::MailKind};
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
    RecoveryCodeUsed {
        left: u32,
    },
    /// Where the account has just moved, to its new address: the link that says no went to the former one.
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
            | Self::RecoveryBegun
            | Self::RecoveryCancelled
            | Self::RecoveryDone
            | Self::BrowserRemembered
            | Self::AdminMade
            | Self::BecameAdmin
            | Self::Undone => MailKind::SecurityChanged,
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
            Self::RecoveryBegun => "recovery_begun",
            Self::RecoveryCancelled => "recovery_cancelled",
            Self::RecoveryDone => "recovery_done",
            Self::BrowserRemembered => "browser_remembered",
            Self::AdminMade => "admin_made",
            Self::BecameAdmin => "became_admin",
            Self::Undone => "undone",
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

    /// Returns whether several such events may be told in one email. An event that gives power has an email and a link of its own.
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
            | Self::BecameAdmin => false,
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
        matches!(self, Self::AuthenticatorRemoved | Self::PasskeyRemoved | Self::RecoveryDone | Self::Undone)
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
            | Self::Undone => false,
        }
    }

    /// The stored form with what it is about: who became an admin, or what was removed.
    pub fn note_about(self, about: &str) -> String {
        format!("{}:{about}", self.name())
    }

    /// A sentence that names what a stored form is about.
    pub fn about(self, note: &str) -> Option<String> {
        let (_, about) = note.split_once(':').filter(|(_, about)| !about.is_empty())?;
        match self {
            Self::AdminMade => {
                let unlinked = EmailAddress::parse(about).map_or_else(|_| about.to_owned(), |admin| admin.unlinked());
                Some(format!("The new admin is {unlinked}."))
            }
            Self::RecoveryDone => Some(format!("Removed: {about}.")),
            _ => None,
        }
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
            Self::RecoveryBegun => "Your second factors are about to be removed",
            Self::RecoveryCancelled => "Your second factors stay",
            Self::RecoveryDone => "Your second factors were removed",
            Self::BrowserRemembered => "A browser was remembered",
            Self::AdminMade => "You made another account an admin",
            Self::BecameAdmin => "You are an admin now",
            Self::Undone => "A change to your account was undone",
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
            Self::RecoveryBegun => {
                "They are removed after 24 hours. Your address changed in the last 7 days, so the link that keeps them \
                 went to your former address. A second factor that you have had for 7 days keeps them, too: sign in \
                 with it."
                    .to_owned()
            }
            Self::BrowserRemembered => "For 30 days it can sign in without your second factor.".to_owned(),
            Self::AdminMade => "It can now change every account and every setting.".to_owned(),
            Self::BecameAdmin => {
                "Another admin gave you these rights. You can now change every account and every setting.".to_owned()
            }
            Self::Undone => {
                "The link in our email was used. What was added after it is gone, too, and all browsers are signed \
                 out. Sign in by a link in an email, then check what can sign in to your account."
                    .to_owned()
            }
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
    fn what_it_is_about_is_read_from_the_stored_form() {
        let made = SecurityEvent::AdminMade;
        let note = made.note_about("ben@example.com");
        assert_eq!(SecurityEvent::parse(MailKind::SecurityChanged, &note), Some(made));
        assert_eq!(made.about(&note).as_deref(), Some("The new admin is ben@example.com."));
        let done = SecurityEvent::RecoveryDone;
        assert_eq!(done.about(&done.note_about("1 passkey")).as_deref(), Some("Removed: 1 passkey."));
        assert_eq!((done.about(&done.note()), SecurityEvent::PasskeyAdded.about("passkey_added:1")), (None, None));
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
