//! The offer of a passkey: a card after a sign-in by email. After a sign-in by password, a passkey
//! that the browser makes by itself. Both end with the first passkey, and with the user's "no".
//!
//! Also the time when a browser is told which passkeys there are.

use crate::{Enrolled, Lifetime, Method, Proof, Timestamp};

/// Period for which "Not now" holds.
pub const PAUSE: Lifetime = Lifetime::days(30);
/// Time after a sign-in during which the card is shown.
const CARD: Lifetime = Lifetime::hours(1);
/// Time after a password during which the browser may make a passkey by itself. It suffices to load
/// the next page.
const SILENT: Lifetime = Lifetime::minutes(2);
/// Time after a sign-in during which the account page tells the browser of the passkeys.
const TOLD: Lifetime = Lifetime::hours(1);

/// Answer of the user to the offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum No {
    NotNow,
    Never,
}

impl No {
    pub fn parse(typed: &str) -> Option<Self> {
        match typed {
            "later" => Some(Self::NotNow),
            "never" => Some(Self::Never),
            _ => None,
        }
    }

    /// Returns when the page may offer it again.
    pub const fn again_at(self, now: Timestamp) -> Timestamp {
        match self {
            Self::NotNow => now.plus(PAUSE),
            Self::Never => Timestamp::from_millis(i64::MAX),
        }
    }
}

/// Way in which a page offers a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    Card,
    /// The browser makes a passkey by itself, if it can. This needs a second factor, because a
    /// first one changes every sign-in and must not come unasked.
    Silent,
}

/// Returns the offer for the page after a sign-in. `enrolled` is what counts of the account.
pub fn due(enrolled: Enrolled, proofs: &[Proof], again_at: Option<Timestamp>, now: Timestamp) -> Option<Offer> {
    if enrolled.passkey || again_at.is_some_and(|at| at > now) {
        return None;
    }
    let shown = |is_one: fn(Method) -> bool, within: Lifetime| {
        proofs.iter().any(|proof| is_one(proof.method) && !proof.at.is_ahead_of(now) && now.since(proof.at) < within)
    };
    if enrolled.has_second_factor() && shown(|method| method == Method::Password, SILENT) {
        return Some(Offer::Silent);
    }
    shown(Method::proves_mailbox, CARD).then_some(Offer::Card)
}

/// Returns whether the account page tells the browser of the passkeys and the name. They may have
/// changed while this browser was signed out, as by the undo link of an email.
pub fn is_to_be_told(signed_in_at: Timestamp, now: Timestamp) -> bool {
    now.since(signed_in_at) < TOLD
}

#[cfg(test)]
mod tests {
    use super::*;
    use Method::{ConsoleLink, EmailCode, EmailLink, Password, Totp};

    const NOW: Timestamp = Timestamp::from_millis(100_000_000_000);
    const NOTHING: Enrolled = Enrolled { password: true, totp: false, passkey: false, recovery_codes: false };
    const APP: Enrolled = Enrolled { totp: true, ..NOTHING };
    const PASSKEY: Enrolled = Enrolled { passkey: true, ..NOTHING };

    fn by(method: Method, ago: Lifetime) -> [Proof; 1] {
        [Proof { method, at: NOW.minus(ago) }]
    }

    #[test]
    fn a_card_follows_a_sign_in_by_email_for_an_hour_and_no_other() {
        for method in [EmailLink, EmailCode] {
            assert_eq!(due(NOTHING, &by(method, Lifetime::ZERO), None, NOW), Some(Offer::Card));
            assert_eq!(due(APP, &by(method, Lifetime::minutes(59)), None, NOW), Some(Offer::Card));
            assert_eq!(due(NOTHING, &by(method, CARD), None, NOW), None);
            assert_eq!(due(PASSKEY, &by(method, Lifetime::ZERO), None, NOW), None);
        }
        for method in [Password, ConsoleLink, Totp] {
            assert_eq!(due(NOTHING, &by(method, Lifetime::ZERO), None, NOW), None, "{method:?}");
        }
    }

    #[test]
    fn a_browser_makes_one_only_beside_a_second_factor_and_right_after_a_password() {
        assert_eq!(due(APP, &by(Password, Lifetime::ZERO), None, NOW), Some(Offer::Silent));
        assert_eq!(due(APP, &by(Password, SILENT), None, NOW), None);
        assert_eq!(due(PASSKEY, &by(Password, Lifetime::ZERO), None, NOW), None);
        assert_eq!(due(Enrolled { passkey: true, ..APP }, &by(Password, Lifetime::ZERO), None, NOW), None);
    }

    #[test]
    fn a_no_holds_for_thirty_days_or_for_ever() {
        let (card, silent) = (by(EmailLink, Lifetime::ZERO), by(Password, Lifetime::ZERO));
        for (no, until) in [(No::NotNow, PAUSE), (No::Never, Lifetime::days(36_500))] {
            let again_at = Some(no.again_at(NOW.minus(until).plus(Lifetime::millis(1))));
            assert_eq!(due(NOTHING, &card, again_at, NOW), None, "{no:?}");
            assert_eq!(due(APP, &silent, again_at, NOW), None, "{no:?}");
        }
        assert_eq!(due(NOTHING, &card, Some(No::NotNow.again_at(NOW.minus(PAUSE))), NOW), Some(Offer::Card));
        assert_eq!((No::parse("later"), No::parse("never")), (Some(No::NotNow), Some(No::Never)));
        assert_eq!(No::parse("yes"), None);
    }
}
