//! Refresh tokens. They are derived from the key file, so that nothing of them is stored.
//!
//! Each use may give another one. An app that lost the answer asks again with the one before. For a
//! short while, it gets the same successor. An older token was stolen, or its thief used it first.
//! So its family ends (RFC 9700, section 4.14).

use super::{Grant, GrantId};
use crate::{Lifetime, Timestamp};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::fmt;

/// Time in which an app that lost the answer may ask again. Ten seconds are often advised. A phone
/// that changes its network needs more, and would sign its user out. The family does not fork: the
/// app and a thief get the same successor.
pub const GRACE: Lifetime = Lifetime::seconds(30);
const PREFIX: &str = "gpr_";

/// A refresh token: its family, its place in it, and what only we can derive from both.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    pub family: GrantId,
    pub generation: i32,
    pub proof: [u8; 32],
}

impl RefreshToken {
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix(PREFIX)?.split('.');
        let (family, generation, proof) = (parts.next()?.parse().ok()?, parts.next()?, parts.next()?);
        let number: i32 = generation.parse().ok().filter(|n| *n >= 0)?;
        let is_plain = parts.next().is_none() && number.to_string() == generation;
        let proof = URL_SAFE_NO_PAD.decode(proof).ok()?.try_into().ok()?;
        is_plain.then_some(Self { family, generation: number, proof })
    }

    /// Returns the plain form, for the app.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}.{}.{}", self.family, self.generation, URL_SAFE_NO_PAD.encode(self.proof))
    }

    /// Returns what the proof is derived from.
    pub fn data(family: GrantId, generation: i32) -> Vec<u8> {
        [&family.as_i64().to_be_bytes()[..], &generation.to_be_bytes()].concat()
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RefreshToken({}, {}, …)", self.family, self.generation)
    }
}

/// Verdict on a refresh token of a living family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the newest, and stays so.
    Stays,
    /// It is the newest, and another one replaces it.
    Replace,
    /// It is the one before the newest, whose answer may have been lost.
    Again,
    /// It was replaced too long ago. The family ends.
    Reused,
    /// The family was unused for too long.
    Idle,
}

/// Judges a genuine refresh token by its family. The caller has checked that the grant counts.
pub fn judge(grant: &Grant, generation: i32, (rotates, idle): (bool, Lifetime), now: Timestamp) -> Verdict {
    if now.since(grant.refreshed_at) >= idle {
        return Verdict::Idle;
    }
    // A refresh far in the future was made before the clock was set back. A small lead is normal:
    // another node's clock, or the wait for the lock.
    let is_young = !grant.refreshed_at.is_ahead_of(now) && now.since(grant.refreshed_at) <= GRACE;
    match generation {
        n if n == grant.generation && rotates => Verdict::Replace,
        n if n == grant.generation => Verdict::Stays,
        n if n.checked_add(1) == Some(grant.generation) && is_young => Verdict::Again,
        // Also one that is newer than ours: the database is a copy from before.
        _ => Verdict::Reused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        AccountId, Enrolled, SessionId,
        apps::AppId,
        assurance::Strength,
        oidc::{ClaimScopes, Scopes},
    };
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn grant(generation: i32, refreshed: i64) -> Grant {
        Grant {
            id: GrantId::from_i64(7),
            app: AppId::from_i64(1),
            account: AccountId::from_i64(2),
            session: Some(SessionId::from_i64(3)),
            scopes: Scopes::parse("openid"),
            claims: ClaimScopes::default(),
            auth_time: at(0),
            acr: String::new(),
            amr: String::new(),
            strength: Strength::One,
            is_offline: false,
            generation,
            refreshed_at: at(refreshed),
            created_at: at(0),
            ends_at: at(10_000),
            ended_at: None,
        }
    }

    const DAY: Lifetime = Lifetime::days(1);

    #[test]
    fn a_lost_answer_is_healed_for_half_a_minute_and_anything_older_ends_the_family() {
        let judged = |generation, now| judge(&grant(3, 100), generation, (true, DAY), at(now));
        assert_eq!(judged(3, 100), Verdict::Replace);
        assert_eq!((judged(2, 100), judged(2, 130)), (Verdict::Again, Verdict::Again));
        assert_eq!(judged(2, 131), Verdict::Reused);
        assert_eq!((judged(2, 99), judged(2, 95)), (Verdict::Again, Verdict::Again), "another node is ahead");
        assert_eq!(judged(2, 94), Verdict::Reused, "the clock was set back");
        assert_eq!(
            (judged(1, 100), judged(0, 100), judged(4, 100)),
            (Verdict::Reused, Verdict::Reused, Verdict::Reused)
        );
        assert_eq!(judged(3, 100 + 86_400), Verdict::Idle);
        assert_eq!(judge(&grant(0, 100), 0, (false, DAY), at(50_000)), Verdict::Stays);
        assert_eq!(judge(&grant(i32::MAX, 0), i32::MIN, (true, DAY), at(0)), Verdict::Reused);
    }

    #[test]
    fn a_grant_ends_with_its_session_unless_it_outlasts_it() {
        let now = at(5);
        assert!(grant(0, 0).is_alive(now));
        assert!(!Grant { session: None, ..grant(0, 0) }.is_alive(now));
        assert!(Grant { session: None, is_offline: true, ..grant(0, 0) }.is_alive(now));
        assert!(!Grant { ended_at: Some(now), is_offline: true, ..grant(0, 0) }.is_alive(now));
        assert!(!Grant { ends_at: now, ..grant(0, 0) }.is_alive(now));
    }

    #[test]
    fn every_cell_of_what_a_grant_without_a_session_needs_to_have_shown() {
        use Strength::{One, Passkey, Two};
        let nothing = Enrolled::default();
        let (app, key) = (Enrolled { totp: true, ..nothing }, Enrolled { passkey: true, ..nothing });
        // What was shown, what the app requires, what is enrolled, whether a second factor is
        // required.
        for (shown, required, enrolled, is_required, expected) in [
            (One, One, nothing, false, true),
            (One, One, nothing, true, false),
            (One, One, app, false, false),
            (One, Two, nothing, false, false),
            (Two, One, app, true, true),
            (Two, Two, app, false, true),
            (Two, Two, key, true, true),
            (Two, Two, nothing, false, true),
            (Two, Two, nothing, true, false),
            (Two, Passkey, key, false, false),
            (Passkey, Passkey, key, true, true),
            (Passkey, One, nothing, true, false),
        ] {
            let grant = Grant { strength: shown, session: None, is_offline: true, ..grant(0, 0) };
            let answer = grant.is_strong(required, enrolled, is_required);
            assert_eq!(answer, expected, "{shown:?} for {required:?}, {enrolled:?}, {is_required}");
        }
    }

    fn token() -> RefreshToken {
        RefreshToken { family: GrantId::from_i64(7), generation: 3, proof: [9; 32] }
    }

    #[test]
    fn what_proves_one_token_proves_none_of_another_family_or_another_place() {
        let data = |family, generation| RefreshToken::data(GrantId::from_i64(family), generation);
        assert_eq!(data(7, 3), [0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 3]);
        assert!(data(7, 3) != data(8, 3) && data(7, 3) != data(7, 4));
    }

    #[test]
    fn a_token_that_an_app_holds_is_still_read_and_cannot_be_printed() {
        let held = "gpr_0000000000000007.3.CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk";
        assert_eq!((token().reveal().as_str(), RefreshToken::parse(held)), (held, Some(token())));
        assert_eq!(format!("{:?}", token()), "RefreshToken(0000000000000007, 3, …)");
    }

    #[test]
    fn a_token_has_one_spelling() {
        let held = token().reveal();
        for generation in [".03.", ".+3.", ".-3.", ".-1.", ". 3.", ".3 .", "..", ".3.3."] {
            let other = held.replacen(".3.", generation, 1);
            assert_eq!(RefreshToken::parse(&other), None, "{generation}");
        }
    }

    proptest! {
        #[test]
        fn a_token_is_read_as_it_was_written(family in 0i64.., generation in 0i32.., proof: [u8; 32]) {
            let token = RefreshToken { family: GrantId::from_i64(family), generation, proof };
            prop_assert_eq!(RefreshToken::parse(&token.reveal()), Some(token.clone()));
            let text = token.reveal();
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)));
            prop_assert_eq!(RefreshToken::parse(&format!("{text}.x")), None);
            prop_assert_eq!(RefreshToken::parse(&text[1..]), None);
        }

        #[test]
        fn of_two_uses_of_one_token_at_most_one_replaces_it(now in 0i64..200) {
            let before = grant(3, 0);
            prop_assert_eq!(judge(&before, 3, (true, DAY), at(now)), Verdict::Replace);
            let after = Grant { generation: 4, refreshed_at: at(now), ..before };
            prop_assert_ne!(judge(&after, 3, (true, DAY), at(now)), Verdict::Replace);
        }
    }
}
