//! Notes on a page about the form that was sent before, in the language of the request.
//!
//! A note travels in a sealed cookie ([`super::flash`]), never in an address. Otherwise an
//! attacker's link could make a page claim something.

mod apps;
mod clients;
mod codes;
mod words;

pub use apps::{AppNote, AppProblem, HandleProblem};
pub use clients::{ShownSecret, UriProblem};
pub use codes::{After, Codes};

use crate::domain::{
    Lifetime, Timestamp,
    account::{NotAName, NotAnEnd},
    email_address::NotAnAddress,
    logo::NotALogo,
    password::Unfit,
};
use rocket::http::Status;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Note {
    /// Nothing is wrong. The user filled the fields in on the page before.
    Typed,

    // Signing in.
    /// Why a text is not an email address.
    NotAnAddress(NotAnAddress),
    CodeNotWhole,
    CodeWrong,
    /// No device waits under this code.
    DeviceCodeWrong,
    /// The user may not open the app of the device.
    DeviceNotForYou,
    /// Too many wrong codes for one address. From then on codes count again.
    CodesPaused {
        until: i64,
    },
    WrongPassword {
        short: bool,
    },
    NotYourPassword {
        short: bool,
    },
    /// A hundred wrong passwords in a row.
    PasswordPauses,
    FactorNotWhole,
    FactorWrong {
        totp: bool,
    },
    FactorsPaused {
        totp: bool,
        until: i64,
    },
    FactorsUsedUp,
    /// The user verified the address, but the account may not sign in.
    MayNotSignIn {
        email: String,
    },
    TooManyEmails,
    /// Time from which the user can ask for another email.
    EmailAgainFrom {
        until: i64,
    },
    AnotherEmail,
    PasswordReset,
    /// User of the email that was cancelled.
    Cancelled(UsedEmail),
    AccountClosed,
    SignedOut,
    /// The session that sent the form has ended. Whether the form was kept.
    SessionEnded {
        kept: Option<bool>,
    },
    /// The owner verified it's them: shown after stepping up.
    Confirmed,
    /// The same, in the tab in which a form waits: it is sent by itself.
    Continues,
    /// The same, where a button waits: the page presses it.
    Pressed,
    /// Too many requests.
    TooOften {
        until: i64,
    },

    // One's own account.
    /// Why a text is not a name, and how many characters a name may have.
    BadName {
        why: NotAName,
        most: usize,
    },
    /// The field for a name is empty.
    NoName,
    /// Why a password is refused, and how many characters it needs.
    BadPassword {
        why: Unfit,
        least: usize,
    },
    LastWayIn,
    SameAddress,
    NoEmailLinks,
    /// The settings do not allow that address.
    AddressNotHere,
    NameSaved,
    LanguageSaved,
    TimeZoneSaved,
    PasswordSet,
    PasswordRemoved,
    RecoveryKept,
    /// The session has not verified the address since the recovery began.
    RecoveryGoesOn,
    BrowserSignedOut,
    OthersSignedOut,
    /// The new address, whether it can be used or not.
    AddressAsked {
        email: String,
    },
    AddressChanged,
    AddressVerified,
    AppNotWhole,
    AppWrong,
    AppAdded,
    AppRemoved,
    AppLate,
    FactorAdded,
    RecoveryCodes(Codes),
    NoSecondFactor,
    RecoveryCodesRemoved,
    PasskeyAdded,
    PasskeyRenamed,
    PasskeyRemoved,
    BrowserForgotten,
    BrowsersForgotten,
    /// The "sure" box is not ticked.
    NotSure,
    RecoveryEnded,
    LastAdmin,
    /// The account gave admin rights that its mailbox can still take back.
    GaveRights,

    // Admins.
    /// An invited user, and whether the email stays in the test mailbox.
    Invited {
        email: String,
        is_kept: bool,
    },
    /// Numbers from a list: invited users, users with an account, and entries that are no
    /// addresses.
    InvitedSeveral {
        invited: usize,
        known: usize,
        bad: usize,
    },
    TooManyAddresses {
        most: usize,
    },
    NoAddresses,
    InvitationWithdrawn,
    /// The user has signed in or is disabled, so that no invitation waits.
    NotWaiting,
    HasAccount,
    /// Action on the ticked users, with the numbers of changed and unchanged ones.
    Several {
        deed: Several,
        done: usize,
        kept: usize,
    },
    /// No user is ticked.
    NoUserChosen,
    AccountDisabled,
    AccountEnabled,
    EndSaved,
    EndRemoved,
    /// Input that is no last day of an account.
    NotAnEnd(NotAnEnd),
    AdminHasNoEnd,
    MadeAdmin,
    RemovedAdmin,
    SignedOutEverywhere,
    LastAdminElsewhere,
    LastAdminWayIn,
    RecoveryBegun,
    RecoveryCancelled,
    /// An admin tried to change their own account.
    KeepByTheLink,
    /// The admin is too new to end it.
    AdminTooNewToCancel,
    RecoveryOfYourOwn,
    NothingToRecover,
    RecoveryTooOften,
    TestSent,
    TestArrived,
    EmailQueued,
    CodeFirst,
    LinkFirst,
    EmailGone,
    /// Why a file is refused as a logo.
    NotALogo(NotALogo),
    LogoSaved,
    LogoRemoved,
    SettingsSaved,
    /// One section is saved, and others hold changes.
    SettingsPartSaved,
    SettingsPreviewed,
    SettingsProblems,
    SettingsOvertaken,
    SettingsLockOut,
    /// About an app, a group or a username.
    OfApps(AppNote),
}

/// User of an email before the owner of its mailbox cancelled it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UsedEmail {
    /// Someone who was signed in by it, and is no more.
    SignedOut,
    /// The reader, who was signed in by it in this browser, and is no more.
    OwnSignedOut,
    /// Someone asked for it who was signed in, and is no more.
    AskerSignedOut,
    /// Someone whose browser is not signed in any more.
    Before,
    /// Someone who may still be signed in.
    Somewhere,
    Never,
}

/// Action of an admin on several users at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Several {
    Disabled,
    Enabled,
    SignedOut,
    EndSet,
}

/// Look of a note at the top of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Neutral,
    Bad,
}

/// Time for which a page shows a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    /// A success: shown once, because a reload must not claim it again.
    Once,
    /// A problem: shown until a form is sent again, so that a reload keeps what was typed.
    UntilSent,
    /// Recovery codes and secrets of apps: shown until another page is opened.
    UntilLeft,
}

impl Note {
    pub const fn lasts(&self) -> Lasts {
        match self {
            Self::RecoveryCodes(_) | Self::OfApps(AppNote::SecretMade(_)) => Lasts::UntilLeft,
            _ if matches!(self.tone(), Tone::Good) => Lasts::Once,
            _ => Lasts::UntilSent,
        }
    }

    /// Returns whether the browser's Back leads to this page from the one that says the note.
    /// Opening it does not end a note that lasts until its page is left.
    pub fn is_on_the_way(&self, path: &str) -> bool {
        let pages = ["/account/totp", "/account/passkeys", "/account/recovery-codes", "/step-up"];
        let is_below =
            |page: &str| path.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        matches!(self, Self::RecoveryCodes(_)) && pages.into_iter().any(is_below)
    }

    /// Returns the tone. Only successes are good, and only they are shown once.
    pub const fn tone(&self) -> Tone {
        match self {
            Self::AnotherEmail
            | Self::PasswordReset
            | Self::Cancelled(UsedEmail::Never | UsedEmail::Before | UsedEmail::Somewhere | UsedEmail::OwnSignedOut)
            | Self::AccountClosed
            | Self::SignedOut
            | Self::Confirmed
            | Self::Continues
            | Self::Pressed
            | Self::NameSaved
            | Self::LanguageSaved
            | Self::TimeZoneSaved
            | Self::PasswordSet
            | Self::PasswordRemoved
            | Self::RecoveryKept
            | Self::RecoveryEnded
            | Self::BrowserSignedOut
            | Self::OthersSignedOut
            | Self::AddressChanged
            | Self::AddressVerified
            | Self::AppAdded
            | Self::AppRemoved
            | Self::FactorAdded
            | Self::RecoveryCodesRemoved
            | Self::PasskeyAdded
            | Self::PasskeyRenamed
            | Self::PasskeyRemoved
            | Self::BrowserForgotten
            | Self::BrowsersForgotten
            | Self::Invited { .. }
            | Self::InvitedSeveral { bad: 0, invited: 1.., .. }
            | Self::InvitationWithdrawn
            | Self::Several { done: 1.., .. }
            | Self::AccountDisabled
            | Self::AccountEnabled
            | Self::EndSaved
            | Self::EndRemoved
            | Self::MadeAdmin
            | Self::RemovedAdmin
            | Self::SignedOutEverywhere
            | Self::RecoveryBegun
            | Self::RecoveryCancelled
            | Self::TestSent
            | Self::TestArrived
            | Self::EmailQueued
            | Self::CodeFirst
            | Self::LinkFirst
            | Self::LogoSaved
            | Self::LogoRemoved
            | Self::SettingsSaved
            | Self::SettingsPartSaved => Tone::Good,
            Self::Typed
            | Self::AddressAsked { .. }
            | Self::SettingsPreviewed
            | Self::Several { .. }
            | Self::InvitedSeveral { .. }
            | Self::RecoveryGoesOn
            | Self::RecoveryCodes(_)
            | Self::SessionEnded { .. }
            | Self::EmailAgainFrom { .. }
            | Self::HasAccount
            | Self::AppLate => Tone::Neutral,
            Self::OfApps(note) => note.tone(),
            _ => Tone::Bad,
        }
    }

    /// Returns the field that the note is about. The page shows it there, and other notes at the
    /// top.
    pub const fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::NotAnAddress(_) => "email",
            Self::SameAddress | Self::NoEmailLinks | Self::AddressNotHere => "new_email",
            Self::CodeNotWhole
            | Self::CodeWrong
            | Self::DeviceCodeWrong
            | Self::CodesPaused { .. }
            | Self::FactorNotWhole
            | Self::FactorWrong { .. }
            | Self::FactorsPaused { .. }
            | Self::FactorsUsedUp
            | Self::AppNotWhole
            | Self::AppWrong => "code",
            Self::WrongPassword { .. } | Self::NotYourPassword { .. } | Self::PasswordPauses => "password",
            Self::BadPassword { .. } => "new_password",
            Self::BadName { .. } | Self::NoName => "name",
            Self::NotALogo(_) => "logo",
            Self::NotSure => "sure",
            Self::NotAnEnd(_) => "ends_on",
            Self::NoAddresses | Self::TooManyAddresses { .. } => "emails",
            Self::OfApps(note) => return note.field(),
            _ => return None,
        })
    }

    /// Returns whether it is about a recovery code, on a page that has separate fields for app and
    /// recovery codes.
    pub const fn is_of_recovery_code(&self) -> bool {
        matches!(self, Self::FactorWrong { totp: false } | Self::FactorsPaused { totp: false, .. })
    }

    /// Returns the status of the page that says it.
    pub const fn status(&self) -> Status {
        match self {
            Self::NotAnAddress(_)
            | Self::CodeNotWhole
            | Self::CodeWrong
            | Self::DeviceCodeWrong
            | Self::WrongPassword { .. }
            | Self::NotYourPassword { .. }
            | Self::FactorNotWhole
            | Self::FactorWrong { .. }
            | Self::BadName { .. }
            | Self::NoName
            | Self::BadPassword { .. }
            | Self::SameAddress
            | Self::AppNotWhole
            | Self::AppWrong
            | Self::NotSure
            | Self::NoUserChosen
            | Self::NoAddresses
            | Self::TooManyAddresses { .. }
            | Self::NotALogo(_)
            | Self::NotAnEnd(_)
            | Self::SettingsProblems => Status::UnprocessableEntity,
            Self::CodesPaused { .. }
            | Self::FactorsPaused { .. }
            | Self::PasswordPauses
            | Self::FactorsUsedUp
            | Self::TooManyEmails
            | Self::TooOften { .. } => Status::TooManyRequests,
            Self::MayNotSignIn { .. } | Self::NoEmailLinks | Self::AddressNotHere | Self::DeviceNotForYou => {
                Status::Forbidden
            }
            Self::LastWayIn
            | Self::NoSecondFactor
            | Self::LastAdmin
            | Self::GaveRights
            | Self::LastAdminElsewhere
            | Self::LastAdminWayIn
            | Self::NotWaiting
            | Self::RecoveryOfYourOwn
            | Self::KeepByTheLink
            | Self::AdminTooNewToCancel
            | Self::NothingToRecover
            | Self::RecoveryTooOften
            | Self::AdminHasNoEnd
            | Self::SettingsOvertaken
            | Self::SettingsLockOut => Status::Conflict,
            Self::OfApps(note) if matches!(note.tone(), Tone::Bad) => Status::UnprocessableEntity,
            _ => Status::Ok,
        }
    }

    /// Returns how long to wait, where waiting helps.
    pub fn wait(&self, now: Timestamp) -> Option<Lifetime> {
        match self {
            Self::CodesPaused { until }
            | Self::FactorsPaused { until, .. }
            | Self::EmailAgainFrom { until }
            | Self::TooOften { until } => {
                let until = Timestamp::from_millis(*until);
                Some(if until > now { until.since(now) } else { Lifetime::ZERO })
            }
            _ => None,
        }
    }

    /// Returns whether it has stopped being true.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.wait(now) == Some(Lifetime::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::{Catalogue, Locale};
    use std::sync::Arc;

    fn english() -> Arc<Locale> {
        Catalogue::embedded().unwrap().first_of([])
    }

    #[test]
    fn only_what_went_well_is_shown_once_and_no_success_has_the_status_of_a_problem() {
        let (now, english) = (Timestamp::from_millis(0), english());
        for note in [Note::NameSaved, Note::AccountClosed, Note::Confirmed, Note::Pressed, Note::SettingsSaved] {
            assert_eq!((note.lasts(), note.status(), note.field()), (Lasts::Once, Status::Ok, None));
            assert!(note.words(&english, now).is_some());
        }
        for note in [Note::CodeWrong, Note::TooOften { until: 60_000 }, Note::LastAdmin] {
            assert_eq!(note.lasts(), Lasts::UntilSent);
            assert!(note.status().code >= 400);
        }
    }

    #[test]
    fn what_asks_for_patience_is_over_in_time() {
        let note = Note::EmailAgainFrom { until: 2500 };
        let words = note.words(&english(), Timestamp::from_millis(500));
        assert_eq!(words.as_deref(), Some("You can ask for another email in 2\u{a0}seconds."));
        assert!(!note.is_over(Timestamp::from_millis(2499)) && note.is_over(Timestamp::from_millis(2500)));
    }

    #[test]
    fn recovery_codes_cannot_be_printed() {
        let note = Note::RecoveryCodes(Codes { codes: vec!["SECRET".into()], made_at: 0, after: After::Button });
        assert!(!format!("{note:?}").contains("SECRET"));
    }
}
