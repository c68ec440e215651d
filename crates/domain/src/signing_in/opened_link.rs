//! Rules for a browser that has opened an email link.

use crate::{AccountId, Attempt, Lifetime, Purpose, SessionId, Settings, Timestamp, TokenHash};

/// The browser that shows a link.
#[derive(Clone, Copy, Debug)]
pub struct Viewer<'a> {
    /// Hash of the token of the link that it opened.
    pub link: &'a TokenHash,
    /// Hash of the verifier that it keeps for this attempt.
    pub verifier: Option<&'a TokenHash>,
    /// The signed-in user: account, the account's address, session.
    pub signed_in: Option<(AccountId, &'a str, SessionId)>,
    pub consent: Consent,
}

impl<'a> Viewer<'a> {
    /// A browser that has opened this link, and of which nothing else is known.
    pub const fn of(link: &'a TokenHash) -> Self {
        Self { link, verifier: None, signed_in: None, consent: Consent { this_device: false, switch: false } }
    }
}

/// Consents of the user, each given on a page that explained it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// "Sign in on this device", although another browser asked.
    pub this_device: bool,
    /// "Sign in as …", although another user is signed in here.
    pub switch: bool,
}

impl Consent {
    pub const EVERYTHING: Self = Self { this_device: true, switch: true };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenedLinkState {
    /// One button away.
    Ready,
    /// Another browser asked.
    Elsewhere,
    /// Another user is signed in here.
    SomeoneElse,
    /// The session or account that asked is not signed in here.
    NotHere,
    /// Expired, used, cancelled, or replaced by a newer email.
    Over,
    /// An admin has turned email links off.
    Off,
}

/// Returns the state of an attempt's link. The browser may redeem only [`OpenedLinkState::Ready`],
/// and the redeeming update checks the rest again.
pub fn state(attempt: &Attempt, viewer: Viewer<'_>, settings: &Settings, now: Timestamp) -> OpenedLinkState {
    if is_switched_off(attempt.purpose, settings) {
        return OpenedLinkState::Off;
    }
    if !attempt.is_opened_by(viewer.link, now) {
        return OpenedLinkState::Over;
    }
    match attempt.purpose {
        Purpose::SignIn => sign_in(attempt, viewer),
        Purpose::ConsoleLink => someone_else(attempt, viewer),
        Purpose::StepUp => {
            let same = viewer.signed_in.is_some_and(|(_, _, session)| Some(session) == attempt.session_id);
            if same { OpenedLinkState::Ready } else { OpenedLinkState::NotHere }
        }
        Purpose::ConfirmAddress => {
            let same = viewer.signed_in.is_some_and(|(account, _, _)| Some(account) == attempt.account_id);
            if same { OpenedLinkState::Ready } else { OpenedLinkState::NotHere }
        }
        // Their links lead to pages of their own.
        Purpose::ResetPassword | Purpose::SetUp => OpenedLinkState::Over,
    }
}

/// Returns whether the setting for email links turns this purpose off. It covers everything that
/// opens an email link.
pub const fn is_switched_off(purpose: Purpose, settings: &Settings) -> bool {
    match purpose {
        Purpose::SignIn | Purpose::StepUp | Purpose::ConfirmAddress => !settings.email_link_enabled,
        Purpose::ResetPassword => !settings.password_enabled,
        Purpose::ConsoleLink | Purpose::SetUp => false,
    }
}

fn sign_in(attempt: &Attempt, viewer: Viewer<'_>) -> OpenedLinkState {
    if !attempt.was_asked_by(viewer.verifier) && !viewer.consent.this_device {
        return OpenedLinkState::Elsewhere;
    }
    someone_else(attempt, viewer)
}

fn someone_else(attempt: &Attempt, viewer: Viewer<'_>) -> OpenedLinkState {
    match viewer.signed_in {
        Some((_, email, _)) if email != attempt.email.as_str() && !viewer.consent.switch => {
            OpenedLinkState::SomeoneElse
        }
        _ => OpenedLinkState::Ready,
    }
}

/// Users take longer to open an email. Scanners of email servers do not.
const SCANNERS_TAKE: Lifetime = Lifetime::seconds(10);

/// Returns whether a scanner opened a link. It did if a browser that had not asked opened the link
/// soon after the email server accepted the email. An opening before that counts, too.
pub fn is_scanned(is_own: bool, opened_at: Timestamp, arrived_at: Option<Timestamp>) -> bool {
    !is_own && arrived_at.is_none_or(|arrived| opened_at < arrived.plus(SCANNERS_TAKE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EmailAddress, Outcome, attempt::tests::an_attempt, settings::tests::settings};
    use proptest::prelude::*;
    use strum::VariantArray;

    const NOW: Timestamp = Timestamp::from_millis(1000);

    fn hash(n: u8) -> TokenHash {
        TokenHash::from_slice(&[n; 32]).unwrap()
    }

    fn session(account: i64, email: &str, session: i64) -> Option<(AccountId, &str, SessionId)> {
        Some((AccountId::from_i64(account), email, SessionId::from_i64(session)))
    }

    fn viewing(
        attempt: &Attempt,
        verifier: u8,
        signed_in: Option<(AccountId, &str, SessionId)>,
        consent: Consent,
    ) -> OpenedLinkState {
        let (link, verifier) = (hash(2), hash(verifier));
        let viewer = Viewer { link: &link, verifier: Some(&verifier), signed_in, consent };
        state(attempt, viewer, &settings(), NOW)
    }

    #[test]
    fn another_browser_within_ten_seconds_is_a_scanner() {
        let after = |millis| NOW.plus(Lifetime::millis(millis));
        assert!(is_scanned(false, after(0), Some(NOW)) && is_scanned(false, after(9_999), Some(NOW)));
        assert!(is_scanned(false, NOW, Some(after(500))) && is_scanned(false, NOW, None));
        assert!(!is_scanned(false, after(10_000), Some(NOW)));
        assert!(!is_scanned(true, after(0), Some(NOW)) && !is_scanned(true, NOW, None));
    }

    #[test]
    fn the_browser_that_asked_is_one_button_away() {
        assert_eq!(viewing(&an_attempt(), 1, None, Consent::default()), OpenedLinkState::Ready);
        assert_eq!(
            viewing(&an_attempt(), 1, session(1, "ana@example.com", 1), Consent::default()),
            OpenedLinkState::Ready
        );
    }

    #[test]
    fn any_other_browser_needs_a_second_step() {
        assert_eq!(viewing(&an_attempt(), 9, None, Consent::default()), OpenedLinkState::Elsewhere);
        assert_eq!(
            viewing(&an_attempt(), 9, None, Consent { this_device: true, switch: false }),
            OpenedLinkState::Ready
        );
        let without_cookie = state(&an_attempt(), Viewer::of(&hash(2)), &settings(), NOW);
        assert_eq!(without_cookie, OpenedLinkState::Elsewhere);
    }

    #[test]
    fn nobody_is_swapped_silently() {
        let ben = session(2, "ben@example.com", 1);
        assert_eq!(viewing(&an_attempt(), 1, ben, Consent::default()), OpenedLinkState::SomeoneElse);
        assert_eq!(
            viewing(&an_attempt(), 1, ben, Consent { this_device: true, switch: false }),
            OpenedLinkState::SomeoneElse
        );
        assert_eq!(
            viewing(&an_attempt(), 9, ben, Consent { this_device: true, switch: false }),
            OpenedLinkState::SomeoneElse
        );
        assert_eq!(
            viewing(&an_attempt(), 1, ben, Consent { this_device: false, switch: true }),
            OpenedLinkState::Ready
        );
    }

    #[test]
    fn a_step_up_is_for_the_session_that_asked_and_no_other() {
        let attempt = Attempt {
            purpose: Purpose::StepUp,
            account_id: Some(AccountId::from_i64(1)),
            session_id: Some(SessionId::from_i64(7)),
            ..an_attempt()
        };
        assert_eq!(viewing(&attempt, 1, session(1, "ana@example.com", 7), Consent::default()), OpenedLinkState::Ready);
        for signed_in in [None, session(1, "ana@example.com", 8), session(2, "ben@example.com", 9)] {
            assert_eq!(viewing(&attempt, 1, signed_in, Consent::EVERYTHING), OpenedLinkState::NotHere);
        }
        let no_session = Attempt { session_id: None, ..attempt };
        assert_eq!(viewing(&no_session, 1, None, Consent::EVERYTHING), OpenedLinkState::NotHere);
    }

    #[test]
    fn a_new_address_is_confirmed_by_the_account_that_asked_and_no_other() {
        let attempt =
            Attempt { purpose: Purpose::ConfirmAddress, account_id: Some(AccountId::from_i64(1)), ..an_attempt() };
        assert_eq!(viewing(&attempt, 9, session(1, "old@example.com", 7), Consent::default()), OpenedLinkState::Ready);
        for signed_in in [None, session(2, "ben@example.com", 9)] {
            assert_eq!(viewing(&attempt, 1, signed_in, Consent::EVERYTHING), OpenedLinkState::NotHere);
        }
    }

    #[test]
    fn a_console_link_needs_no_browser_but_asks_before_it_swaps() {
        let attempt = Attempt { purpose: Purpose::ConsoleLink, verifier: None, ..an_attempt() };
        assert_eq!(viewing(&attempt, 9, None, Consent::default()), OpenedLinkState::Ready);
        assert_eq!(
            viewing(&attempt, 9, session(2, "ben@example.com", 1), Consent::default()),
            OpenedLinkState::SomeoneElse
        );
    }

    #[test]
    fn switched_off_means_every_link_of_that_switch() {
        for &purpose in Purpose::VARIANTS {
            let by = |email_link_enabled, password_enabled| {
                is_switched_off(purpose, &Settings { email_link_enabled, password_enabled, ..settings() })
            };
            let printed = matches!(purpose, Purpose::ConsoleLink | Purpose::SetUp);
            let resets = purpose == Purpose::ResetPassword;
            assert_eq!(by(false, true), !printed && !resets, "{purpose:?}");
            assert_eq!(by(true, false), resets, "{purpose:?}");
            assert!(!by(true, true), "{purpose:?}");
        }
        let off = Settings { email_link_enabled: false, ..settings() };
        let link = hash(2);
        let viewer = Viewer { consent: Consent::EVERYTHING, ..Viewer::of(&link) };
        let state = state(&an_attempt(), viewer, &off, NOW);
        assert_eq!(state, OpenedLinkState::Off);
    }

    proptest! {
        /// No consent, user or browser revives a link that has ended.
        #[test]
        fn nothing_brings_back_a_link_that_is_over(
            purpose in prop::sample::select(Purpose::VARIANTS),
            outcome in prop::sample::select(Outcome::VARIANTS),
            how in 0..4u8,
            this_device: bool,
            switch: bool,
            verifier in 0u8..3,
        ) {
            let mut attempt = Attempt { purpose, ..an_attempt() };
            let mut link = hash(2);
            match how {
                0 => attempt.ended = Some((NOW, outcome)),
                1 => attempt.expires_at = Some(NOW),
                2 => link = hash(5),
                _ => { attempt.token = None; attempt.expires_at = None; }
            }
            let email = EmailAddress::parse("ana@example.com").unwrap();
            let (verifier, signed_in) = (hash(verifier), session(1, email.as_str(), 1));
            let consent = Consent { this_device, switch };
            let viewer = Viewer { link: &link, verifier: Some(&verifier), signed_in, consent };
            let settings = Settings { password_enabled: true, ..settings() };
            let state = state(&attempt, viewer, &settings, NOW);
            prop_assert_eq!(state, OpenedLinkState::Over);
        }
    }
}
