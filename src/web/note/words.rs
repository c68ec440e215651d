//! The sentences.

use super::Note;
use crate::domain::{Lifetime, Timestamp, password::MIN_LENGTH};

impl Note {
    /// What the page says. Empty where a page says it all by itself.
    pub fn words(&self, now: Timestamp) -> String {
        let minutes = || self.wait(now).unwrap_or(Lifetime::ZERO).in_minutes_up().for_people();
        let fixed = match self {
            Self::Typed
            | Self::RecoveryCodes(_)
            | Self::RecoveryEnded
            | Self::SettingsProblems
            | Self::SettingsOvertaken
            | Self::SettingsLockOut => "",
            Self::NotAnAddress(why) | Self::BadName(why) | Self::BadPassword(why) | Self::NotALogo(why) => why,
            Self::CodeNotWhole => "That’s not a whole code. Copy it from the email, or type all six characters.",
            Self::CodeWrong => "That code is wrong or has expired. Use the code from the newest email.",
            Self::CodesPaused { .. } => {
                return format!(
                    "Too many codes were tried for this address. Use the link in the email, or try a code again in {}.",
                    minutes()
                );
            }
            Self::WrongPassword { short } => return with_length("Wrong email address or password.", *short),
            Self::NotYourPassword { short } => return with_length("That’s not your password.", *short),
            Self::PasswordPauses => {
                "This password is paused: there were 100 wrong ones in a row for this address. Sign in with an emailed link or a passkey, or choose a new password. Then the password counts again."
            }
            Self::FactorNotWhole => {
                "That’s not a whole code. An app shows six digits; a recovery code has sixteen characters."
            }
            Self::FactorWrong { totp: true } => {
                "That code is wrong or has expired. Each code works once: wait for the app’s next one."
            }
            Self::FactorWrong { totp: false } => {
                "That code is wrong or was used before. Each code works once: use another one."
            }
            Self::FactorsPaused { .. } => {
                return format!("Several codes were wrong. Use another way, or try a code again in {}.", minutes());
            }
            Self::FactorsUsedUp => {
                "Too many wrong codes. Use a passkey or a recovery code instead. If you have neither, choose “I have lost my phone or my codes”."
            }
            Self::MayNotSignIn { email } => {
                return format!(
                    "You’ve shown that {email} is yours, but this address can’t sign in right now. Ask an admin."
                );
            }
            Self::TooManyEmails => "Too many emails were asked for. Use the newest one, or try again later.",
            Self::EmailAgainFrom { .. } => {
                let seconds = self.wait(now).unwrap_or(Lifetime::ZERO).as_seconds_up();
                return format!(
                    "You can ask for another email in {seconds} {}.",
                    if seconds == 1 { "second" } else { "seconds" }
                );
            }
            Self::AnotherEmail => "If the address can be used here, we’ve sent another email.",
            Self::PasswordReset => {
                "Your new password is in place, and all your browsers are signed out. Sign in with the new password."
            }
            Self::Cancelled { sessions: 1.., .. } => "Someone had signed in with it. We’ve signed them out.",
            Self::Cancelled { was_used: true, .. } => "Someone had used it before. No browser is signed in by it now.",
            Self::Cancelled { .. } => "No one had signed in with it.",
            Self::AccountClosed => {
                "Your account is closed and its data has been deleted. Audit log entries and the list of emails sent to you are deleted later. We’ve emailed you a confirmation."
            }
            Self::SessionEnded { kept: None } => "Your session has ended. Sign in to continue.",
            Self::SessionEnded { kept: Some(true) } => {
                "Your session has ended, so nothing was saved yet. Sign in again: we’ve kept what you typed."
            }
            Self::SessionEnded { kept: Some(false) } => {
                "Your session has ended, so nothing was saved. Sign in and fill in the form again."
            }
            Self::Confirmed => "Thanks for confirming it’s you. Nothing has been done yet: press the button once more.",
            Self::TooOften { .. } => {
                return format!("This was asked too often. Try again in {}.", minutes());
            }
            Self::LastWayIn => "This is the last way an admin can sign in here. Turn on another one first.",
            Self::SameAddress => "This is already your address.",
            Self::NoEmailLinks => "Email links are turned off, so no email can show that the new address is yours.",
            Self::AddressNotHere => "This address can’t be used here. Ask an admin which addresses can.",
            Self::NameSaved => "Your name is saved.",
            Self::PasswordSet => "Your password is in place. Your other browsers are signed out.",
            Self::PasswordRemoved => "Your password is removed. Your other browsers are signed out.",
            Self::RecoveryKept => "Your second factors stay as they are.",
            Self::RecoveryGoesOn => {
                "Your second factors are still going to be removed. To keep them, use the link in our email, or sign in again with a second factor that you have had for 7 days."
            }
            Self::BrowserSignedOut => "That browser is signed out.",
            Self::OthersSignedOut => "All your other browsers are signed out.",
            Self::AddressAsked => {
                "If the new address can be used, we’ve sent an email to it. Open its link in this browser; until then nothing changes."
            }
            Self::AddressChanged => "Your new address is in place. We’ve told the old one.",
            Self::AppNotWhole => "That’s not a whole code: the app shows six digits.",
            Self::AppWrong => "That code is wrong. Check that the phone sets its clock automatically.",
            Self::AppAdded => "The app is set up. From now on we ask for its code when you sign in.",
            Self::AppRemoved => "The app is removed. Your other browsers are signed out.",
            Self::AppLate => "That took a while, so the code on the screen has expired. Begin again.",
            Self::FactorAdded => {
                "Your second factor is in place. One thing is left: recovery codes, for the day you lose it."
            }
            Self::NoSecondFactor => "Recovery codes need a second factor that is turned on.",
            Self::RecoveryCodesRemoved => "Your recovery codes are removed. None of them works any more.",
            Self::PasskeyAdded => {
                "The passkey is added. It signs you in, and we ask for it after any other way of signing in."
            }
            Self::PasskeyRenamed => "The passkey has its new name.",
            Self::PasskeyRemoved => {
                "The passkey is removed. Your other browsers are signed out. Delete it on your device or in your password manager, too."
            }
            Self::BrowserForgotten => "We’ll ask for your second factor in that browser again.",
            Self::BrowsersForgotten => "We’ll ask for your second factor in every browser again.",
            Self::NotSure => "Tick the box if you are sure.",
            Self::LastAdmin => "You are the last admin. Make another user an admin first.",
            Self::Invited => "The invitation is on its way.",
            Self::HasAccount => "This address already has an account. Nothing was changed.",
            Self::AccountDisabled => "The account is disabled, and its sessions have ended.",
            Self::AccountEnabled => "The account is enabled again.",
            Self::MadeAdmin => "This user is now an admin.",
            Self::RemovedAdmin => "This user is no longer an admin.",
            Self::SignedOutEverywhere => "All sessions of this user have ended.",
            Self::LastAdminElsewhere => "This is the last admin. Make another user an admin first.",
            Self::LastAdminWayIn => {
                "This is the last admin who can sign in. First turn on a way of signing in that another admin has."
            }
            Self::RecoveryBegun => "The waiting period has begun, and we’ve told the owner.",
            Self::RecoveryCancelled => "The second factors stay, and we’ve told the owner.",
            Self::KeepByTheLink => {
                "This is your own account. Use the link in our email to keep your second factors, or ask another admin."
            }
            Self::AdminTooNewToCancel => {
                "You became an admin less than 7 days before this recovery began, so you cannot end it. Ask another admin."
            }
            Self::RecoveryOfYourOwn => {
                "This is your own account. Remove your second factors on your account page, or ask another admin."
            }
            Self::NothingToRecover => {
                "There is no second factor and no new password to remove, or the account is disabled."
            }
            Self::RecoveryTooOften => {
                "This was started and ended three times within a day. First find out who ended it."
            }
            Self::TestSent => "The test email is in the outbox. Open this page again to see the email server’s answer.",
            Self::EmailQueued => "The email is back in the outbox.",
            Self::EmailGone => "That email can’t be sent any more: it is gone, or no one is waiting for it.",
            Self::LogoSaved => "The logo is in place.",
            Self::LogoRemoved => "The logo is removed.",
            Self::SettingsSaved => "Saved.",
        };
        fixed.to_owned()
    }
}

/// Said by the length alone: of a wrong password as of a right one that no longer suffices.
fn with_length(words: &str, short: bool) -> String {
    if !short {
        return words.to_owned();
    }
    format!("{words} A password with fewer than {MIN_LENGTH} characters works only together with a second factor.")
}
