//! The sentence of each note: its key in the catalogue, with its values.

use super::{AppNote, Note, Several, UsedEmail};
use crate::{
    domain::{
        Lifetime, Timestamp,
        account::NotAName,
        account::NotAnEnd,
        email_address::NotAnAddress,
        logo::NotALogo,
        password::{MAX_LENGTH, MIN_LENGTH, Unfit, Weakness},
    },
    locale::Locale,
};

impl Note {
    /// Returns what the page says, in its language. `None` where the page itself says it.
    pub fn words(&self, locale: &Locale, now: Timestamp) -> Option<String> {
        let sentence = locale.say(self.key()?);
        let wait = self.wait(now).unwrap_or(Lifetime::ZERO);
        let sentence = match self {
            // A wait in seconds would be over before it is read.
            Self::CodesPaused { .. } | Self::FactorsPaused { .. } | Self::TooOften { .. } => {
                sentence.with("wait", wait.in_minutes_up())
            }
            Self::EmailAgainFrom { .. } => sentence.with("wait", wait),
            Self::MayNotSignIn { email } | Self::AddressAsked { email } | Self::Invited { email, .. } => {
                sentence.address("email", email)
            }
            Self::WrongPassword { .. } | Self::NotYourPassword { .. } => sentence.with("least", MIN_LENGTH),
            Self::BadPassword { least, .. } => sentence.with("least", *least).with("most", MAX_LENGTH),
            Self::Several { done, kept, .. } => sentence.with("done", *done).with("kept", *kept),
            Self::InvitedSeveral { invited, known, bad } => {
                sentence.with("invited", *invited).with("known", *known).with("bad", *bad)
            }
            Self::TooManyAddresses { most } => sentence.with("most", *most),
            Self::BadName { most, .. } => sentence.with("most", *most),
            Self::OfApps(note) => note.with_values(sentence),
            _ => sentence,
        };
        Some(sentence.to_string())
    }

    const fn key(&self) -> Option<&'static str> {
        Some(match self {
            Self::Typed
            | Self::Continues
            | Self::RecoveryCodes(_)
            | Self::OfApps(AppNote::SecretMade(_) | AppNote::OwnKeysAsked | AppNote::HandleAsked)
            | Self::RecoveryEnded
            | Self::SettingsProblems
            | Self::SettingsOvertaken
            | Self::SettingsLockOut => return None,
            Self::NotAnAddress(why) => not_an_address(*why),
            Self::BadName { why, .. } => not_a_name(*why),
            Self::NoName => "name-missing",
            Self::BadPassword { why, .. } => unfit(*why),
            Self::NotALogo(why) => not_a_logo(*why),
            Self::CodeNotWhole => "code-not-whole",
            Self::DeviceCodeWrong => "device-code-wrong",
            Self::DeviceNotForYou => "device-not-for-you",
            Self::CodeWrong => "code-wrong",
            Self::CodesPaused { .. } => "codes-paused",
            Self::WrongPassword { short: false } => "password-wrong",
            // Depends on the typed length alone, because a right password may also be too short.
            Self::WrongPassword { short: true } => "password-wrong-and-short",
            Self::NotYourPassword { short: false } => "own-password-wrong",
            Self::NotYourPassword { short: true } => "own-password-wrong-and-short",
            Self::PasswordPauses => "password-pauses",
            Self::FactorNotWhole => "factor-not-whole",
            Self::FactorWrong { totp: true } => "app-code-wrong",
            Self::FactorWrong { totp: false } => "recovery-code-wrong",
            Self::FactorsPaused { .. } => "factors-paused",
            Self::FactorsUsedUp => "factors-used-up",
            Self::MayNotSignIn { .. } => "may-not-sign-in",
            Self::TooManyEmails => "too-many-emails",
            Self::EmailAgainFrom { .. } => "email-again-in",
            Self::AnotherEmail => "another-email-asked",
            Self::PasswordReset => "password-reset-done",
            Self::Cancelled(used) => cancelled(*used),
            Self::SignedOut => "signed-out",
            Self::AccountClosed => "account-closed",
            Self::SessionEnded { kept: None } => "session-ended",
            Self::SessionEnded { kept: Some(true) } => "session-ended-kept",
            Self::SessionEnded { kept: Some(false) } => "session-ended-lost",
            Self::Confirmed | Self::Pressed => "confirmed",
            Self::TooOften { .. } => "too-often",
            Self::LastWayIn => "last-way-in",
            Self::SameAddress => "same-address",
            Self::NoEmailLinks => "no-email-links",
            Self::AddressNotHere => "address-not-here",
            Self::NameSaved => "name-saved",
            Self::LanguageSaved => "language-saved",
            Self::TimeZoneSaved => "time-zone-saved",
            Self::PasswordSet => "password-set",
            Self::PasswordRemoved => "password-removed",
            Self::RecoveryKept => "recovery-kept",
            Self::RecoveryGoesOn => "recovery-continues",
            Self::BrowserSignedOut => "browser-signed-out",
            Self::OthersSignedOut => "others-signed-out",
            Self::AddressAsked { .. } => "address-asked",
            Self::AddressChanged => "address-changed",
            Self::AddressVerified => "address-verified",
            Self::AppNotWhole => "app-not-whole",
            Self::AppWrong => "app-wrong",
            Self::AppAdded => "app-added",
            Self::AppRemoved => "app-removed",
            Self::AppLate => "app-late",
            Self::FactorAdded => "factor-added",
            Self::NoSecondFactor => "no-second-factor",
            Self::RecoveryCodesRemoved => "recovery-codes-removed",
            Self::PasskeyAdded => "passkey-added",
            Self::PasskeyRenamed => "passkey-renamed",
            Self::PasskeyRemoved => "passkey-removed",
            Self::BrowserForgotten => "browser-forgotten",
            Self::BrowsersForgotten => "browsers-forgotten",
            Self::NotSure => "not-sure",
            Self::LastAdmin => "last-admin",
            Self::GaveRights => "gave-rights",
            Self::Invited { is_kept: false, .. } => "invited",
            Self::Invited { is_kept: true, .. } => "invited.kept",
            Self::InvitedSeveral { bad: 0, known: 0, .. } => "invited-several",
            Self::InvitedSeveral { bad: 0, .. } => "invited-several-but-known",
            Self::InvitedSeveral { .. } => "invited-several-but-bad",
            Self::TooManyAddresses { .. } => "too-many-addresses",
            Self::NoAddresses => "no-addresses",
            Self::InvitationWithdrawn => "invitation-withdrawn",
            Self::NotWaiting => "not-waiting",
            Self::HasAccount => "has-account",
            Self::NoUserChosen => "no-user-chosen",
            Self::Several { deed: Several::EndSet, kept: 1.., .. } => several_but_some(Several::EndSet),
            Self::Several { done: 0, .. } => "several-unchanged",
            Self::Several { deed, kept: 0, .. } => several(*deed),
            Self::Several { deed, .. } => several_but_some(*deed),
            Self::AccountDisabled => "account-disabled",
            Self::AccountEnabled => "account-enabled",
            Self::EndSaved => "account-end-saved",
            Self::EndRemoved => "account-end-removed",
            Self::NotAnEnd(NotAnEnd::NotADate) => "account-end-no-date",
            Self::NotAnEnd(NotAnEnd::Past) => "account-end-past",
            Self::NotAnEnd(NotAnEnd::AfterGuest) => "account-end-after-guest",
            Self::AdminHasNoEnd => "account-end-admin",
            Self::MadeAdmin => "made-admin",
            Self::RemovedAdmin => "removed-admin",
            Self::SignedOutEverywhere => "signed-out-everywhere",
            Self::LastAdminElsewhere => "last-admin-elsewhere",
            Self::LastAdminWayIn => "last-admin-way-in",
            Self::RecoveryBegun => "recovery-begun",
            Self::RecoveryCancelled => "recovery-cancelled",
            Self::KeepByTheLink => "keep-by-the-link",
            Self::AdminTooNewToCancel => "admin-too-new-to-cancel",
            Self::RecoveryOfYourOwn => "recovery-of-your-own",
            Self::NothingToRecover => "nothing-to-recover",
            Self::RecoveryTooOften => "recovery-too-often",
            Self::TestSent => "test-sent",
            Self::TestArrived => "test-arrived-noted",
            Self::EmailQueued => "email-queued",
            Self::CodeFirst => "code-first",
            Self::LinkFirst => "link-first",
            Self::EmailGone => "email-gone",
            Self::LogoSaved => "logo-saved",
            Self::LogoRemoved => "logo-removed",
            Self::SettingsSaved => "settings-saved",
            Self::SettingsPartSaved => "settings-part-saved",
            Self::SettingsPreviewed => "settings-previewed",
            Self::OfApps(note) => note.key(),
        })
    }
}

const fn cancelled(used: UsedEmail) -> &'static str {
    match used {
        UsedEmail::SignedOut => "cancelled-someone-signed-out",
        UsedEmail::OwnSignedOut => "cancelled-own-signed-out",
        UsedEmail::AskerSignedOut => "cancelled-asker-signed-out",
        UsedEmail::Before => "cancelled-used-before",
        UsedEmail::Somewhere => "cancelled-used-somewhere",
        UsedEmail::Never => "cancelled-unused",
    }
}

const fn several(deed: Several) -> &'static str {
    match deed {
        Several::Disabled => "several-disabled",
        Several::Enabled => "several-enabled",
        Several::SignedOut => "several-signed-out",
        Several::EndSet => "several-end-set",
    }
}

const fn several_but_some(deed: Several) -> &'static str {
    match deed {
        Several::Disabled => "several-disabled-but-some",
        Several::Enabled => "several-enabled-but-some",
        Several::SignedOut => "several-signed-out-but-some",
        Several::EndSet => "several-end-set-but-some",
    }
}

const fn not_an_address(why: NotAnAddress) -> &'static str {
    match why {
        NotAnAddress::Empty => "address-missing",
        NotAnAddress::TooLong => "address-too-long",
        NotAnAddress::Shape => "address-shape",
        NotAnAddress::LocalPart => "address-local-part",
        NotAnAddress::Domain => "address-domain",
    }
}

const fn not_a_name(why: NotAName) -> &'static str {
    match why {
        NotAName::TooLong => "name-too-long",
        NotAName::Unprintable => "name-unprintable",
    }
}

const fn not_a_logo(why: NotALogo) -> &'static str {
    match why {
        NotALogo::TooLarge => "logo-too-large",
        NotALogo::TooLargeAsPng => "logo-too-large-as-png",
        NotALogo::NotAPicture => "logo-not-a-picture",
        NotALogo::TooManyPixels => "logo-too-many-pixels",
    }
}

const fn unfit(why: Unfit) -> &'static str {
    match why {
        Unfit::TooShort => "password-too-short",
        Unfit::TooLong => "password-too-long",
        Unfit::Common => "password-common",
        Unfit::ContainsAddress => "password-has-address",
        Unfit::ContainsName => "password-has-product",
        Unfit::Breached => "password-breached",
        Unfit::Guessable(Weakness::Keyboard) => "password-of-neighbours",
        Unfit::Guessable(Weakness::Repetition) => "password-of-repeats",
        Unfit::Guessable(Weakness::Sequence) => "password-of-sequences",
        Unfit::Guessable(Weakness::Date) => "password-of-dates",
        Unfit::Guessable(Weakness::Common) => "password-near-common",
        Unfit::Guessable(Weakness::Words) => "password-of-words",
    }
}
