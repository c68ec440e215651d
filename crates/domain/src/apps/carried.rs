//! Values that browsers carry for us between Gatepost and an app, before they are sealed.
//!
//! A [`Pass`] is in the app's cookie, a [`WayIn`] in the address that leads there. Each is sealed
//! for one purpose, one app and one origin ([`bound_to`]), so that it opens nowhere else.

use super::AppId;
use crate::{Lifetime, SessionId, Timestamp, TokenHash};

/// Time for which a way in counts: a redirect takes less than a second.
pub const WAY_IN_LIFETIME: Lifetime = Lifetime::seconds(30);

/// Purpose of a sealed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The cookie of an app.
    Pass,
    /// The code in the address that leads to an app.
    WayIn,
}

/// Returns what a value is sealed for. The origin comes last, so that no two look alike.
pub fn bound_to(purpose: Purpose, app: AppId, origin: &str) -> Vec<u8> {
    let purpose = match purpose {
        Purpose::Pass => "app",
        Purpose::WayIn => "way in",
    };
    format!("{purpose} {app} {origin}").into_bytes()
}

/// Names the session of an app's user. The rules of the session decide what it is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass {
    pub session: SessionId,
    pub made_at: Timestamp,
}

impl Pass {
    pub fn write(self) -> Vec<u8> {
        [self.session.as_i64().to_be_bytes(), self.made_at.as_millis().to_be_bytes()].concat()
    }

    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (session, rest) = bytes.split_first_chunk()?;
        let made_at = rest.try_into().ok()?;
        Some(Self {
            session: SessionId::from_i64(i64::from_be_bytes(*session)),
            made_at: Timestamp::from_millis(i64::from_be_bytes(made_at)),
        })
    }
}

/// Leads a user from Gatepost into an app. It counts for a moment, in the browser that began there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayIn {
    pub session: SessionId,
    pub made_at: Timestamp,
    /// Hash of the secret in the browser that began.
    pub way: TokenHash,
    /// Number of times that the browser came to the app without its secret.
    pub misses: u8,
    /// Path and query of the page that the user wanted.
    pub to: String,
}

/// As often as this, a browser may come to the app without its secret. A browser on another device
/// has none the first time, because the way began elsewhere. One that has none again keeps no
/// cookies.
pub const MAX_MISSES: u8 = 1;

impl WayIn {
    /// A way without a miss has no octet for it, as nodes of an earlier version expect.
    pub fn write(&self) -> Vec<u8> {
        let pass = Pass { session: self.session, made_at: self.made_at };
        let misses = [self.misses];
        let misses = if self.misses == 0 { &[][..] } else { &misses[..] };
        [&pass.write(), &self.way.as_bytes()[..], misses, self.to.as_bytes()].concat()
    }

    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (pass, rest) = bytes.split_at_checked(16)?;
        let (way, rest) = rest.split_at_checked(32)?;
        let Pass { session, made_at } = Pass::read(pass)?;
        let (misses, to) = match rest.split_first()? {
            (b'/', _) => (0, rest),
            // Without a miss there is no octet: one value has one form.
            (0, _) => return None,
            (misses, to) => (*misses, to),
        };
        let to = String::from_utf8(to.to_vec()).ok().filter(|to| to.starts_with('/'))?;
        Some(Self { session, made_at, way: TokenHash::from_slice(way)?, misses, to })
    }

    /// Returns whether it leads in: now, in the browser with this secret.
    pub fn counts(&self, way: Option<TokenHash>, now: Timestamp) -> bool {
        self.is_young(now) && way == Some(self.way)
    }

    /// Returns how often the browser has missed its secret, of a way in with which it came without
    /// one. An older way tells nothing: the user may have allowed cookies since.
    pub fn missed(&self, session: SessionId, now: Timestamp) -> u8 {
        if self.session != session || !self.is_young(now) {
            return 0;
        }
        self.misses.saturating_add(1).min(MAX_MISSES + 1)
    }

    pub fn is_young(&self, now: Timestamp) -> bool {
        now.since(self.made_at) <= WAY_IN_LIFETIME && !self.made_at.is_ahead_of(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn hash(byte: u8) -> TokenHash {
        TokenHash::from_slice(&[byte; 32]).unwrap()
    }

    fn way_in() -> WayIn {
        WayIn { session: SessionId::from_i64(7), made_at: NOW, way: hash(1), misses: 0, to: "/page?x=1".to_owned() }
    }

    #[test]
    fn a_way_in_counts_for_half_a_minute_in_the_browser_that_began() {
        let later = |seconds| NOW.plus(Lifetime::seconds(seconds));
        assert!(way_in().counts(Some(hash(1)), NOW) && way_in().counts(Some(hash(1)), later(30)));
        assert!(!way_in().counts(Some(hash(1)), later(31)));
        assert!(!way_in().counts(Some(hash(2)), NOW) && !way_in().counts(None, NOW));
        assert!(!way_in().counts(Some(hash(1)), NOW.minus(Lifetime::seconds(6))), "made in the future");
    }

    #[test]
    fn misses_count_for_the_session_that_had_them_and_the_count_stays_small() {
        let again = |misses| WayIn { misses, ..way_in() };
        let (session, later) = (way_in().session, NOW.plus(Lifetime::seconds(31)));
        assert_eq!((again(0).missed(session, NOW), again(1).missed(session, NOW)), (1, 2));
        assert_eq!(again(200).missed(session, NOW), 2);
        let written = again(1).write();
        let with_zero: Vec<u8> =
            written.iter().enumerate().map(|(at, byte)| if at == 48 { 0 } else { *byte }).collect();
        assert_eq!((WayIn::read(&written), WayIn::read(&with_zero)), (Some(again(1)), None));
        assert_eq!(again(1).missed(SessionId::from_i64(8), NOW), 0, "another user's link");
        assert_eq!(again(1).missed(session, later), 0, "an old address, such as one of the history");
    }

    #[test]
    fn each_is_sealed_for_one_purpose_one_app_and_one_origin() {
        let (a, b) = (AppId::from_i64(1), AppId::from_i64(2));
        let all = [
            bound_to(Purpose::Pass, a, "https://wiki.example.com"),
            bound_to(Purpose::WayIn, a, "https://wiki.example.com"),
            bound_to(Purpose::Pass, b, "https://wiki.example.com"),
            bound_to(Purpose::Pass, a, "https://wiki.example.org"),
            bound_to(Purpose::Pass, a, "http://wiki.example.com"),
        ];
        for (n, one) in all.iter().enumerate() {
            assert!(all.iter().skip(n + 1).all(|other| other != one));
        }
    }

    #[test]
    fn the_words_that_cookies_are_sealed_with_stay() {
        for (purpose, words) in [
            (Purpose::Pass, "app 0000000000000001 https://a.example"),
            (Purpose::WayIn, "way in 0000000000000001 https://a.example"),
        ] {
            assert_eq!(bound_to(purpose, AppId::from_i64(1), "https://a.example"), words.as_bytes(), "{purpose:?}");
        }
    }

    proptest! {
        #[test]
        fn each_reads_back_as_it_was_written(session: i64, millis: i64, byte: u8, path in "/[ -~]{0,40}") {
            let (session, made_at) = (SessionId::from_i64(session), Timestamp::from_millis(millis));
            let pass = Pass { session, made_at };
            prop_assert_eq!(Pass::read(&pass.write()), Some(pass));
            let misses = if byte == b'/' { 0 } else { byte };
            let way_in = WayIn { session, made_at, way: hash(byte), misses, to: path };
            prop_assert_eq!(WayIn::read(&way_in.write()), Some(way_in));
        }

        #[test]
        fn no_octets_are_read_as_both(bytes: Vec<u8>) {
            prop_assert!(Pass::read(&bytes).is_none() || WayIn::read(&bytes).is_none());
            prop_assert!(WayIn::read(&bytes).is_none_or(|way_in| way_in.to.starts_with('/')));
        }
    }
}
