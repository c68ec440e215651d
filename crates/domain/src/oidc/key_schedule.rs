//! Schedule of the signing keys: when each one signs, and when apps see it.
//!
//! Apps keep the set of keys for an hour or a day. So a new key is in the set before it signs. An
//! old one stays in it after the last token that it signed.

use super::SigningAlg;
use crate::{Lifetime, Timestamp};

/// Time for which a key signs.
pub const SIGNS_FOR: Lifetime = Lifetime::days(90);
/// Time for which a key is shown before it signs.
pub const SHOWN_BEFORE: Lifetime = Lifetime::days(3);
/// Time for which a key is shown after its successor has begun.
pub const SHOWN_AFTER: Lifetime = Lifetime::days(7);

/// Facts about a key that the schedule needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyTimes {
    pub alg: SigningAlg,
    pub signs_from: Timestamp,
}

/// Returns the place of the key that signs by `alg` now. It is the newest one that has begun, or
/// the first to begin. A clock that was set back leaves no time without a key.
pub fn signer(keys: &[KeyTimes], alg: SigningAlg, now: Timestamp) -> Option<usize> {
    let of_alg = || keys.iter().enumerate().filter(|(_, key)| key.alg == alg);
    let begun = of_alg().filter(|(_, key)| key.signs_from <= now).max_by_key(|(_, key)| key.signs_from);
    begun.or_else(|| of_alg().min_by_key(|(_, key)| key.signs_from)).map(|(place, _)| place)
}

/// Returns whether a key was made while the clock was ahead: no key is made so long before it
/// signs.
fn is_from_future(key: KeyTimes, now: Timestamp) -> bool {
    key.signs_from.is_ahead_of(now.plus(SHOWN_BEFORE))
}

/// Returns the newest time at which a key by `alg` begins, without keys from the future. Only where
/// there is no other, one of these counts: it has signed, and apps know it.
fn newest(keys: &[KeyTimes], alg: SigningAlg, now: Timestamp) -> Option<Timestamp> {
    let of_alg = || keys.iter().filter(|key| key.alg == alg);
    let near = of_alg().filter(|key| !is_from_future(**key, now)).map(|key| key.signs_from).max();
    near.or_else(|| of_alg().map(|key| key.signs_from).max())
}

/// Returns whether a key may go. It may if its successor began long enough ago, or if it is one
/// from the future beside others. That one would sign for longer than it should.
pub fn is_over(keys: &[KeyTimes], key: KeyTimes, now: Timestamp) -> bool {
    if is_from_future(key, now) && newest(keys, key.alg, now).is_some_and(|newest| newest < key.signs_from) {
        return true;
    }
    let newer = keys.iter().filter(|other| other.alg == key.alg && other.signs_from > key.signs_from);
    newer.map(|other| other.signs_from).min().is_some_and(|next| next <= now && now.since(next) > SHOWN_AFTER)
}

/// Returns when the next key by `alg` signs, if it has to be made now. The first one signs at once.
pub fn next_from(keys: &[KeyTimes], alg: SigningAlg, now: Timestamp) -> Option<Timestamp> {
    match newest(keys, alg, now) {
        None => Some(now),
        Some(newest) if newest.plus(SIGNS_FOR) <= now.plus(SHOWN_BEFORE) => Some(now.plus(SHOWN_BEFORE)),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(days: i64) -> KeyTimes {
        KeyTimes { alg: SigningAlg::Rs256, signs_from: at(days) }
    }

    fn at(days: i64) -> Timestamp {
        Timestamp::from_millis(0).plus(Lifetime::days(days))
    }

    #[test]
    fn a_year_of_rotation_has_a_signer_each_day_and_never_signs_by_a_key_that_is_young_in_the_set() {
        let mut keys: Vec<(i64, KeyTimes)> = Vec::new();
        for today in 0..365 {
            let times: Vec<KeyTimes> = keys.iter().map(|(_, key)| *key).collect();
            if let Some(from) = next_from(&times, SigningAlg::Rs256, at(today)) {
                keys.push((today, KeyTimes { alg: SigningAlg::Rs256, signs_from: from }));
            }
            let times: Vec<KeyTimes> = keys.iter().map(|(_, key)| *key).collect();
            keys.retain(|(_, key)| !is_over(&times, *key, at(today)));
            let times: Vec<KeyTimes> = keys.iter().map(|(_, key)| *key).collect();
            let place = signer(&times, SigningAlg::Rs256, at(today)).unwrap();
            assert!(keys[place].0 == 0 || today - keys[place].0 >= 3, "day {today}");
            assert!(keys.len() <= 2, "day {today}: {}", keys.len());
        }
    }

    #[test]
    fn a_key_that_was_made_while_the_clock_was_ahead_goes_unless_it_is_the_only_one() {
        let keys = [key(0), key(400)];
        assert!(is_over(&keys, keys[1], at(10)) && !is_over(&keys, keys[0], at(10)));
        assert!(!is_over(&keys, keys[1], at(397)), "a successor is as far ahead");
        let behind = Timestamp::from_millis(at(397).as_millis() - 4_000);
        assert!(!is_over(&keys, keys[1], behind), "another node, a little ahead, has just made it");
        assert_eq!(next_from(&keys, SigningAlg::Rs256, at(10)), None);
        assert_eq!(next_from(&keys, SigningAlg::Rs256, at(88)), Some(at(91)), "the far one delays no successor");
        assert!(!is_over(&keys[1..], keys[1], at(10)));
        assert_eq!(next_from(&keys[1..], SigningAlg::Rs256, at(10)), None);
    }

    #[test]
    fn an_old_key_is_shown_for_a_week_after_its_successor_began() {
        let keys = [key(0), key(90)];
        assert!(!is_over(&keys, keys[0], at(97)) && is_over(&keys, keys[0], at(98)));
        assert!(!is_over(&keys, keys[1], at(1000)));
        assert_eq!(signer(&keys, SigningAlg::Rs256, at(89)), Some(0));
        assert_eq!(signer(&keys, SigningAlg::Rs256, at(90)), Some(1));
        assert_eq!(signer(&keys, SigningAlg::Es256, at(90)), None);
    }

    #[test]
    fn a_key_of_one_algorithm_neither_ends_nor_delays_one_of_another() {
        let other = |days| KeyTimes { alg: SigningAlg::Es256, ..key(days) };
        let keys = [key(0), other(90)];
        assert!(!is_over(&keys, keys[0], at(1000)) && !is_over(&keys, keys[1], at(1000)));
        assert_eq!(next_from(&keys[1..], SigningAlg::Rs256, at(90)), Some(at(90)), "the first signs at once");
        assert_eq!(next_from(&keys, SigningAlg::Rs256, at(95)), Some(at(98)));
        assert!(!is_over(&[key(0), other(400)], other(400), at(10)), "it is the only one of its algorithm");
        assert_eq!(signer(&keys, SigningAlg::Rs256, at(95)), Some(0));
    }

    #[test]
    fn a_key_signs_for_ninety_days_and_the_first_to_begin_signs_before_its_time() {
        assert_eq!(next_from(&[key(0)], SigningAlg::Rs256, at(86)), None);
        assert_eq!(next_from(&[key(0)], SigningAlg::Rs256, at(87)), Some(at(90)));
        assert_eq!(signer(&[key(5), key(10)], SigningAlg::Rs256, at(0)), Some(0));
        assert_eq!(signer(&[key(10), key(5)], SigningAlg::Rs256, at(0)), Some(1));
    }

    proptest! {
        #[test]
        fn there_is_a_signer_at_every_time(days in prop::collection::vec(-50i64..50, 1..5), now in -100i64..100) {
            let keys: Vec<KeyTimes> = days.into_iter().map(key).collect();
            prop_assert!(signer(&keys, SigningAlg::Rs256, at(now)).is_some());
        }
    }
}
