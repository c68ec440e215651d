//! Attempts: a sign-in, or another proof by email, in progress.

use crate::{
    AccountId, BrowserLabel, ClientAddress, Destination, EmailAddress, Id, LanguageTag, Lifetime, SessionId, Timestamp,
    TokenHash, mail_kind::MailKind,
};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// Wrong codes that end an attempt.
pub const MAX_WRONG_CODES: i32 = 5;
/// Longest time between a user's request and the sending of its email. If the email server is down
/// for hours, no link arrives the next day.
pub const MAX_AGE: Lifetime = Lifetime::minutes(30);
/// Pause between two emails of an attempt.
pub const RESEND_PAUSE: Lifetime = Lifetime::seconds(30);
/// Most emails of one attempt, with the first.
pub const MAX_MAILS: i32 = 6;
/// Lifetime of a set-up link: long enough to find it in the log of a newly installed machine.
pub const SET_UP_LIFETIME: Lifetime = Lifetime::hours(24);

/// The one purpose of an attempt's token. The token matrix test checks every token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Purpose {
    /// Signs in.
    SignIn,
    /// Freshens the one session that asked.
    StepUp,
    /// Verifies a new address before the account moves to it.
    ConfirmAddress,
    /// Lets the mailbox's reader choose a new password, and begins no session.
    ResetPassword,
    /// Signs in, printed by the command line.
    ConsoleLink,
    /// Names the first admin, printed by the first start.
    SetUp,
}

impl Purpose {
    /// Returns the email that carries its link. `None` if the link is printed.
    pub const fn mail_kind(self) -> Option<MailKind> {
        match self {
            Self::SignIn => Some(MailKind::SignIn),
            Self::StepUp => Some(MailKind::StepUp),
            Self::ConfirmAddress => Some(MailKind::ConfirmAddress),
            Self::ResetPassword => Some(MailKind::ResetPassword),
            Self::ConsoleLink | Self::SetUp => None,
        }
    }

    /// Returns whether a stranger may type the address. The answer must then not show who has an
    /// account.
    pub const fn is_typed(self) -> bool {
        match self {
            Self::SignIn | Self::ResetPassword => true,
            Self::StepUp | Self::ConfirmAddress | Self::ConsoleLink | Self::SetUp => false,
        }
    }

    /// Returns whether the email also has a code, which the browser that asked can type.
    pub const fn has_code(self) -> bool {
        match self {
            Self::SignIn | Self::StepUp => true,
            Self::ConfirmAddress | Self::ResetPassword | Self::ConsoleLink | Self::SetUp => false,
        }
    }

    /// Returns whether a browser waits for the email on the page that says it was sent.
    pub const fn is_waited_for(self) -> bool {
        match self {
            Self::SignIn | Self::StepUp | Self::ResetPassword => true,
            Self::ConfirmAddress | Self::ConsoleLink | Self::SetUp => false,
        }
    }

    /// Returns whether its link opens the page with the one button. The other links open pages with
    /// a form.
    pub const fn opens_button(self) -> bool {
        match self {
            Self::SignIn | Self::StepUp | Self::ConfirmAddress | Self::ConsoleLink => true,
            Self::ResetPassword | Self::SetUp => false,
        }
    }

    /// Returns whether redeeming it proves access to the mailbox of its address. A printed link
    /// proves access to the console.
    pub const fn proves_mailbox(self) -> bool {
        match self {
            Self::SignIn | Self::StepUp | Self::ConfirmAddress | Self::ResetPassword => true,
            Self::ConsoleLink | Self::SetUp => false,
        }
    }

    /// Returns whether it freshens the session that asked. That session alone may ask again, and
    /// "This wasn't me" ends it.
    pub const fn freshens_a_session(self) -> bool {
        match self {
            Self::StepUp => true,
            Self::SignIn | Self::ConfirmAddress | Self::ResetPassword | Self::ConsoleLink | Self::SetUp => false,
        }
    }

    /// Returns whether its effect depends on who is signed in where it is redeemed.
    pub const fn depends_on_the_user(self) -> bool {
        match self {
            Self::StepUp | Self::ConfirmAddress | Self::ConsoleLink => true,
            Self::SignIn | Self::ResetPassword | Self::SetUp => false,
        }
    }

    /// Returns whether the page of a link that has ended offers a new email.
    pub const fn offers_a_new_email(self) -> bool {
        match self {
            Self::SignIn => true,
            Self::StepUp | Self::ConfirmAddress | Self::ResetPassword | Self::ConsoleLink | Self::SetUp => false,
        }
    }

    /// Returns whether its link lets the reader choose a new password.
    pub const fn resets_a_password(self) -> bool {
        match self {
            Self::ResetPassword => true,
            Self::SignIn | Self::StepUp | Self::ConfirmAddress | Self::ConsoleLink | Self::SetUp => false,
        }
    }

    /// Returns whether its link names the first admin.
    pub const fn names_the_first_admin(self) -> bool {
        match self {
            Self::SetUp => true,
            Self::SignIn | Self::StepUp | Self::ConfirmAddress | Self::ResetPassword | Self::ConsoleLink => false,
        }
    }
}

/// Outcome of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Outcome {
    /// Redeemed, by link or by code.
    Used,
    /// "This wasn't me."
    Cancelled,
    /// Five wrong codes.
    GuessedOut,
    /// The account signed in by another attempt, was disabled, or moved to another address.
    Superseded,
}

pub type AttemptId = Id<Attempt>;

/// One attempt, as stored. It does not say whether the address has an account. The worker looks
/// only when it is about to send the email. Asking therefore costs the same for every address.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub id: AttemptId,
    pub purpose: Purpose,
    pub email: EmailAddress,
    /// Set if a signed-in user or the command line started it, never for a typed address.
    pub account_id: Option<AccountId>,
    /// The session to freshen, for a step-up.
    pub session_id: Option<SessionId>,
    /// Hash of the requesting browser's verifier. `None` without a browser.
    pub verifier: Option<TokenHash>,
    pub browser: BrowserLabel,
    pub client: Option<ClientAddress>,
    /// The language of the answer to the browser.
    pub language: Option<LanguageTag>,
    pub requested_at: Timestamp,
    /// Over a limit: everything else happens as usual, but no email is sent.
    pub muted: bool,
    pub remember: bool,
    pub destination: Destination,
    /// Hash of the newest link's token. Older links of the attempt are invalid. `None` until the
    /// mail server has accepted an email.
    pub token: Option<TokenHash>,
    /// Time at which the newest link expires, counted from the mail server's acceptance.
    pub expires_at: Option<Timestamp>,
    /// The token of an email that may have arrived, and until when it counts. An email can be
    /// opened before the mail server's answer is stored, and some answers never come.
    pub leaving: Option<(TokenHash, Timestamp)>,
    pub wrong_codes: i32,
    pub mails: i32,
    pub mail_asked_at: Timestamp,
    pub ended: Option<(Timestamp, Outcome)>,
}

/// Says whether an attempt can still be redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    Open,
    /// No email has left yet.
    Unsent,
    Expired,
    Ended(Outcome),
}

/// Details of a printed link.
#[derive(Clone, Debug)]
pub struct Printed {
    pub purpose: Purpose,
    pub email: EmailAddress,
    pub account_id: Option<AccountId>,
    pub token: TokenHash,
    pub lifetime: Lifetime,
    pub destination: Destination,
}

impl Attempt {
    /// Makes an attempt whose link is printed on the console. No browser asked, and its lifetime
    /// begins now.
    pub fn printed(id: AttemptId, printed: Printed, now: Timestamp) -> Self {
        Self {
            id,
            purpose: printed.purpose,
            email: printed.email,
            account_id: printed.account_id,
            session_id: None,
            verifier: None,
            browser: BrowserLabel::command_line(),
            client: None,
            language: None,
            requested_at: now,
            muted: false,
            remember: false,
            destination: printed.destination,
            token: Some(printed.token),
            expires_at: Some(now.plus(printed.lifetime)),
            leaving: None,
            wrong_codes: 0,
            mails: 0,
            mail_asked_at: now,
            ended: None,
        }
    }

    pub fn life(&self, now: Timestamp) -> Life {
        match (self.ended, self.expires_at) {
            (Some((_, outcome)), _) => Life::Ended(outcome),
            (None, Some(end)) if now < end => Life::Open,
            (None, Some(_)) => Life::Expired,
            (None, None) if self.is_too_old_to_send(now) => Life::Expired,
            (None, None) => Life::Unsent,
        }
    }

    /// Returns whether `link` would redeem it now. It is the link of the newest email that arrived,
    /// or of one that may have. Both are hashes, so that comparing them reveals nothing.
    pub fn is_opened_by(&self, link: &TokenHash, now: Timestamp) -> bool {
        let is_newest = self.token.as_ref() == Some(link) && self.life(now) == Life::Open;
        let is_leaving = self.leaving.is_some_and(|(leaving, until)| leaving == *link && now < until);
        is_newest || (is_leaving && self.ended.is_none())
    }

    pub fn is_too_old_to_send(&self, now: Timestamp) -> bool {
        now >= self.mail_asked_at.plus(MAX_AGE)
    }

    /// Returns the first moment at which this attempt alone would allow another email. `None` once
    /// it has had its share. An ended attempt gives the same answer, because the requester must not
    /// learn what happened elsewhere.
    pub fn resend_from(&self) -> Option<Timestamp> {
        (self.mails < MAX_MAILS).then(|| self.mail_asked_at.plus(RESEND_PAUSE))
    }

    /// Returns whether `verifier` is the requesting browser's. Both are hashes, so that comparing
    /// them reveals nothing.
    pub fn was_asked_by(&self, verifier: Option<&TokenHash>) -> bool {
        matches!((&self.verifier, verifier), (Some(asked), Some(shown)) if asked == shown)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn an_attempt() -> Attempt {
        Attempt {
            id: AttemptId::from_i64(1),
            purpose: Purpose::SignIn,
            email: EmailAddress::parse("ana@example.com").unwrap(),
            account_id: None,
            session_id: None,
            verifier: TokenHash::from_slice(&[1; 32]),
            browser: BrowserLabel::from_user_agent(""),
            client: None,
            language: None,
            requested_at: Timestamp::from_millis(0),
            muted: false,
            remember: false,
            destination: Destination::home(),
            token: TokenHash::from_slice(&[2; 32]),
            expires_at: Some(Timestamp::from_millis(600_000)),
            leaving: None,
            wrong_codes: 0,
            mails: 1,
            mail_asked_at: Timestamp::from_millis(0),
            ended: None,
        }
    }

    proptest! {
        #[test]
        fn a_link_lives_until_its_end_and_not_a_millisecond_longer(now in 0i64..1_200_000) {
            let life = an_attempt().life(Timestamp::from_millis(now));
            prop_assert_eq!(life == Life::Open, now < 600_000);
        }

        #[test]
        fn what_has_ended_stays_ended(now: i64, outcome in prop::sample::select(Outcome::VARIANTS)) {
            let attempt = Attempt { ended: Some((Timestamp::from_millis(5), outcome)), ..an_attempt() };
            prop_assert_eq!(attempt.life(Timestamp::from_millis(now)), Life::Ended(outcome));
            prop_assert_eq!(attempt.resend_from(), an_attempt().resend_from(), "and its browser cannot tell");
        }
    }

    #[test]
    fn an_attempt_whose_mail_never_left_expires_with_its_age() {
        let attempt = Attempt { expires_at: None, token: None, ..an_attempt() };
        assert_eq!(attempt.life(Timestamp::from_millis(0)), Life::Unsent);
        assert_eq!(attempt.life(Timestamp::from_millis(0).plus(MAX_AGE)), Life::Expired);
    }

    #[test]
    fn only_the_browser_that_asked_matches() {
        let attempt = an_attempt();
        assert!(attempt.was_asked_by(TokenHash::from_slice(&[1; 32]).as_ref()));
        assert!(!attempt.was_asked_by(TokenHash::from_slice(&[3; 32]).as_ref()));
        assert!(!attempt.was_asked_by(None));
        let unasked = Attempt { verifier: None, ..an_attempt() };
        assert!(!unasked.was_asked_by(None), "two absent verifiers are not a match");
    }

    #[test]
    fn each_purpose_allows_what_it_is_for_and_no_more() {
        for &purpose in Purpose::VARIANTS {
            assert_eq!(purpose.proves_mailbox(), purpose.mail_kind().is_some(), "{purpose:?}");
            assert_eq!(purpose.freshens_a_session(), purpose == Purpose::StepUp, "{purpose:?}");
            assert_eq!(purpose.offers_a_new_email(), purpose == Purpose::SignIn, "{purpose:?}");
            assert_eq!(purpose.resets_a_password(), purpose == Purpose::ResetPassword, "{purpose:?}");
            assert_eq!(purpose.names_the_first_admin(), purpose == Purpose::SetUp, "{purpose:?}");
            let has_own_page = purpose.resets_a_password() || purpose.names_the_first_admin();
            assert_eq!(purpose.opens_button(), !has_own_page, "{purpose:?}");
            // A stranger who types an address has no user here.
            assert!(!(purpose.is_typed() && purpose.depends_on_the_user()), "{purpose:?}");
            assert!(!purpose.freshens_a_session() || purpose.depends_on_the_user(), "{purpose:?}");
        }
    }

    #[test]
    fn purposes_and_outcomes_read_back_as_they_were_stored() {
        for &purpose in Purpose::VARIANTS {
            assert_eq!(purpose.into_str().parse(), Ok(purpose));
        }
        for &outcome in Outcome::VARIANTS {
            assert_eq!(outcome.into_str().parse(), Ok(outcome));
        }
    }
}
