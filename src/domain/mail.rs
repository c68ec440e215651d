//! Mails that wait in the outbox: what kinds there are, how long they are worth sending, when to try again.

use super::{AccountId, AskedFrom, AttemptId, EmailAddress, Entropy, Lifetime, MailId, Timestamp, attempt};
use strum::VariantArray;

/// What a mail is about. Each kind is a folder of three templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum MailKind {
    SignIn,
    StepUp,
    ConfirmAddress,
    AddressChanged,
    ResetPassword,
    PasswordChanged,
    SecurityChanged,
    RecoveryBegun,
    Invitation,
    AccountClosed,
    Test,
}

impl MailKind {
    /// The stored form and the name of the template folder.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::StepUp => "step_up",
            Self::ConfirmAddress => "confirm_address",
            Self::AddressChanged => "address_changed",
            Self::ResetPassword => "reset_password",
            Self::PasswordChanged => "password_changed",
            Self::SecurityChanged => "security_changed",
            Self::RecoveryBegun => "recovery_begun",
            Self::Invitation => "invitation",
            Self::AccountClosed => "account_closed",
            Self::Test => "test",
        }
    }

    pub fn parse(stored: &str) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|kind| kind.as_str() == stored)
    }

    /// How long after it was accepted a mail is still worth sending. A link answers somebody who waits; news keeps.
    pub const fn worth_sending_for(self) -> Lifetime {
        match self {
            Self::SignIn | Self::StepUp | Self::ConfirmAddress | Self::ResetPassword | Self::Test => attempt::MAX_AGE,
            Self::AddressChanged
            | Self::PasswordChanged
            | Self::SecurityChanged
            | Self::RecoveryBegun
            | Self::Invitation
            | Self::AccountClosed => Lifetime::days(3),
        }
    }
}

/// What became of a mail, or has yet to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum MailState {
    /// Waits for its turn, or for its next try.
    Waiting,
    /// The mail server has it.
    Sent,
    /// There was nobody to send it to, or no longer any reason.
    Dropped,
    /// Refused for good, or given up; shown to admins.
    Dead,
}

impl MailState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Dropped => "dropped",
            Self::Dead => "dead",
        }
    }

    pub fn parse(stored: &str) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|state| state.as_str() == stored)
    }
}

/// A row of the outbox: what to send to whom. It never holds a token or a code; those are made when it is sent.
#[derive(Clone, Debug)]
pub struct QueuedMail {
    pub id: MailId,
    pub kind: MailKind,
    pub attempt_id: Option<AttemptId>,
    pub account_id: Option<AccountId>,
    /// The address asked for. Where an account has it, the account's own spelling is what is written to.
    pub recipient: EmailAddress,
    /// Facts for the template that are not secret, such as an old address.
    pub note: String,
    /// Where the change was made that it tells of. `None` where no browser of the recipient's made it.
    pub from: Option<AskedFrom>,
    pub created_at: Timestamp,
    /// Tries so far, the one under way not counted.
    pub tries: i32,
    /// Of those, the ones after which the mail server never said whether it has the email.
    pub unanswered: i32,
    /// When it is no longer worth sending.
    pub give_up_at: Timestamp,
}

impl QueuedMail {
    /// A mail that is about nothing but its recipient; what else it is about goes into the other fields.
    pub fn new(entropy: &dyn Entropy, kind: MailKind, recipient: EmailAddress, now: Timestamp) -> Self {
        Self {
            id: MailId::issue(entropy),
            kind,
            attempt_id: None,
            account_id: None,
            recipient,
            note: String::new(),
            from: None,
            created_at: now,
            tries: 0,
            unanswered: 0,
            give_up_at: now.plus(kind.worth_sending_for()),
        }
    }
}

/// How long to wait before an email is sent again that may have arrived. Its reader gets time to use it, and then no copy is sent.
pub const UNANSWERED_PAUSE: Lifetime = Lifetime::minutes(2);
/// How often an email may be handed over without a readable answer: so it arrives twice at most.
pub const MAX_UNANSWERED: i32 = 2;

/// How long to wait after the `tries`-th failure: 5 s, 10 s, 20 s, … up to a minute, later up to fifteen.
///
/// Somebody is looking at "check your inbox" during the first minutes, so these are tight; `spread` (any number) moves
/// each pause by up to a fifth, so that a thousand mails do not come back in the same second.
pub fn pause_after(tries: i32, spread: i64) -> Lifetime {
    let doublings = tries.clamp(1, 20) - 1;
    let ceiling: i64 = if tries <= 30 { 60_000 } else { 900_000 };
    let pause = (5_000i64 << doublings).min(ceiling);
    Lifetime::millis(pause + spread.rem_euclid(pause / 5))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pauses_grow_and_stay_within_reason(tries in i32::MIN..i32::MAX, spread: i64) {
            let pause = pause_after(tries, spread);
            prop_assert!(pause >= Lifetime::seconds(5));
            prop_assert!(pause <= Lifetime::minutes(18));
            prop_assert!(pause_after(tries.saturating_add(1), 0) >= pause_after(tries, 0));
        }
    }

    #[test]
    fn kinds_and_states_read_back_as_they_were_stored() {
        for &kind in MailKind::VARIANTS {
            assert_eq!(MailKind::parse(kind.as_str()), Some(kind));
        }
        for &state in MailState::VARIANTS {
            assert_eq!(MailState::parse(state.as_str()), Some(state));
        }
    }
}
