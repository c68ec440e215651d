//! Signing in a device without a keyboard or a browser (RFC 8628).
//!
//! The device shows a short code. The user types it in a browser, sees which app asks, and agrees.

use crate::{Entropy, Lifetime, Timestamp, entropy, typed};
use std::fmt;
use strum::{EnumString, IntoStaticStr, VariantArray};

/// Time for which a device waits for its user.
pub const DEVICE_CODE_LIFETIME: Lifetime = Lifetime::minutes(10);
/// Pause of a device between two questions.
pub const PAUSE: Lifetime = Lifetime::seconds(5);
/// By how much the pause grows when a device asks too soon (section 3.5).
const LONGER: Lifetime = Lifetime::seconds(5);
/// The grant type of the standard.
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

const LENGTH: usize = 8;
/// Consonants, so that no word comes out, and none that looks like another (section 6.1).
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// The code that a device shows. Over the network, limits stop guesses. The database keeps a keyed
/// hash of it.
#[derive(Clone, PartialEq, Eq)]
pub struct UserCode([u8; LENGTH]);

impl UserCode {
    pub fn issue(source: &dyn Entropy) -> Self {
        let mut code = [0; LENGTH];
        let mut length = 0;
        while length < LENGTH {
            for byte in entropy::bytes::<16>(source) {
                // 240 is a multiple of 20, so that every letter is equally likely.
                let letter = ALPHABET.get(usize::from(byte % 20)).filter(|_| byte < 240);
                if let (Some(letter), Some(place)) = (letter, code.get_mut(length)) {
                    *place = *letter;
                    length += 1;
                }
            }
        }
        Self(code)
    }

    /// Reads a typed code: any case, dashes and spaces.
    pub fn read(text: &str) -> Option<Self> {
        let mut code = [0; LENGTH];
        let mut length = 0;
        for c in typed::plain_code(text).chars() {
            let c = u8::try_from(c.to_ascii_uppercase()).ok().filter(|c| ALPHABET.contains(c))?;
            *code.get_mut(length)? = c;
            length += 1;
        }
        (length == LENGTH).then_some(Self(code))
    }

    /// Returns the code as the device shows it: `WDJB-MJHT`.
    pub fn reveal(&self) -> String {
        let text: String = self.0.iter().map(|&b| char::from(b)).collect();
        format!("{}-{}", &text[..4], &text[4..])
    }

    /// Returns what is hashed.
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCode(…)")
    }
}

/// State of the user's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Decision {
    Waiting,
    Allowed,
    Denied,
}

/// Facts about a device's code, as far as the rule needs them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub decision: Decision,
    pub expires_at: Timestamp,
    pub polled_at: Option<Timestamp>,
    pub pause: Lifetime,
}

/// Answer to a device that asks (section 3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poll {
    Pending,
    /// It asked too soon. From now on it pauses this long.
    SlowDown(Lifetime),
    Denied,
    Expired,
    Allowed,
}

pub fn poll(asked: Asked, now: Timestamp) -> Poll {
    if now >= asked.expires_at {
        return Poll::Expired;
    }
    match asked.decision {
        Decision::Denied => Poll::Denied,
        Decision::Allowed => Poll::Allowed,
        Decision::Waiting => match asked.polled_at {
            // A moment in the future is one from before the clock was set back.
            Some(at) if at <= now && now.since(at) < asked.pause => {
                Poll::SlowDown(Lifetime::millis(asked.pause.as_millis().saturating_add(LONGER.as_millis())))
            }
            _ => Poll::Pending,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0.fetch_add(37, std::sync::atomic::Ordering::Relaxed);
            }
        }
    }

    #[test]
    fn a_code_is_read_as_users_type_it() {
        let code = UserCode::issue(&Counting(7.into()));
        let shown = code.reveal();
        assert_eq!(shown.len(), 9);
        for typed in
            [shown.clone(), shown.to_lowercase(), shown.replace('-', " "), shown.replace('-', ""), format!(" {shown} ")]
        {
            assert_eq!(UserCode::read(&typed), Some(code.clone()), "{typed}");
        }
        for odd in ["", "WDJB", "WDJB-MJHTT", "WDJB-MJHA", "WDJB-MJH1", "ÄDJB-MJHT"] {
            assert_eq!(UserCode::read(odd), None, "{odd}");
        }
        assert!(!format!("{code:?}").contains(&shown[..4]));
    }

    #[test]
    fn every_letter_is_equally_likely() {
        struct All(u8, u8);
        impl Entropy for All {
            fn fill(&self, bytes: &mut [u8]) {
                bytes.fill(self.0);
                if let Some(byte) = bytes.last_mut() {
                    *byte = self.1;
                }
            }
        }
        for (all, last) in [(255, 19), (240, 19), (239, 0)] {
            let code = UserCode::issue(&All(all, last)).reveal();
            assert_eq!(code, "ZZZZ-ZZZZ", "bytes from 240 on are passed over, and no others");
        }
    }

    #[test]
    fn a_device_hears_what_its_user_said_and_slows_down_when_it_hurries() {
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        let asked = |decision, polled_at| Asked { decision, expires_at: at(600), polled_at, pause: PAUSE };
        use Decision::{Allowed, Denied, Waiting};
        for (decision, polled_at, now, expected) in [
            (Waiting, None, 0, Poll::Pending),
            (Waiting, Some(at(0)), 4, Poll::SlowDown(Lifetime::seconds(10))),
            (Waiting, Some(at(0)), 5, Poll::Pending),
            (Waiting, Some(at(9)), 5, Poll::Pending),
            (Allowed, Some(at(0)), 1, Poll::Allowed),
            (Denied, Some(at(0)), 1, Poll::Denied),
            (Waiting, None, 600, Poll::Expired),
            (Allowed, None, 600, Poll::Expired),
            (Denied, None, 601, Poll::Expired),
        ] {
            assert_eq!(poll(asked(decision, polled_at), at(now)), expected, "{decision:?} {now}");
        }
        for decision in Decision::VARIANTS {
            assert_eq!(decision.into_str().parse(), Ok(*decision));
        }
    }
}
