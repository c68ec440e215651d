//! Guesses that an attacker needs who knows how people choose passwords. The list of common
//! passwords has whole ones only, so that `password123456789` is on none.

use super::{Enrolled, MIN_LENGTH};
use serde::{Deserialize, Serialize};
use zxcvbn::{feedback::Warning, zxcvbn};

/// Characters that the estimate reads. It tries every reading of `4`, `@` and the like. A hostile
/// password of 60 characters took a third of a second.
const MAX_LOOKED_AT: usize = 30;

/// Least number of guesses, as a power of ten, for a password that suffices alone.
const LEAST_ALONE: f64 = 10.0;
/// The same for a password before a second factor.
const LEAST_BESIDE: f64 = 7.0;

/// Weakness that makes a password easy to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Weakness {
    /// Neighbours on a keyboard, such as `qwertyuiop`.
    Keyboard,
    /// The same characters or words again and again.
    Repetition,
    /// Text such as `abcdef` or `345678`.
    Sequence,
    /// A year or a date.
    Date,
    /// A common password with something before or behind it.
    Common,
    /// A few words or names that come to mind first.
    Words,
}

/// Returns the weakness of a password that takes too few guesses. `own` is what an attacker knows
/// of its owner.
pub(super) fn weakness(password: &str, enrolled: Enrolled, own: &[&str]) -> Option<Weakness> {
    let looked_at: String = password.chars().take(MAX_LOOKED_AT).collect();
    let estimate = zxcvbn(&looked_at, own);
    let least = if enrolled.has_second_factor() { LEAST_BESIDE } else { LEAST_ALONE };
    if estimate.guesses_log10() >= least {
        return None;
    }
    let warning = estimate.feedback().and_then(|feedback| feedback.warning());
    Some(warning.map_or_else(|| what_stands_out(&estimate), named))
}

/// Returns the weakness of the longest part, which the user should change. The library gives no
/// warning for a passable password.
fn what_stands_out(estimate: &zxcvbn::Entropy) -> Weakness {
    use zxcvbn::matching::patterns::MatchPattern;
    let longest = estimate.sequence().iter().max_by_key(|part| part.j.saturating_sub(part.i));
    match longest.map(|part| &part.pattern) {
        Some(MatchPattern::Spatial(_)) => Weakness::Keyboard,
        Some(MatchPattern::Repeat(_)) => Weakness::Repetition,
        Some(MatchPattern::Sequence(_)) => Weakness::Sequence,
        Some(MatchPattern::Date(_) | MatchPattern::Regex(_)) => Weakness::Date,
        _ => Weakness::Words,
    }
}

fn named(warning: Warning) -> Weakness {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => Weakness::Keyboard,
        Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            Weakness::Repetition
        }
        Warning::SequencesLikeAbcAreEasyToGuess => Weakness::Sequence,
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => Weakness::Date,
        Warning::ThisIsATop10Password
        | Warning::ThisIsATop100Password
        | Warning::ThisIsACommonPassword
        | Warning::ThisIsSimilarToACommonlyUsedPassword => Weakness::Common,
        Warning::AWordByItselfIsEasyToGuess
        | Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
        | Warning::CommonNamesAndSurnamesAreEasyToGuess => Weakness::Words,
    }
}

const _: () = assert!(MAX_LOOKED_AT > MIN_LENGTH);

#[cfg(test)]
mod tests {
    use super::*;

    const ALONE: Enrolled = Enrolled { password: false, totp: false, passkey: false, recovery_codes: false };
    const BESIDE: Enrolled = Enrolled { totp: true, ..ALONE };

    #[test]
    fn what_people_build_from_common_parts_is_refused_by_its_weakness() {
        for password in [
            "password123456789",
            "qwertyuiopasdfgh",
            "iloveyou12345678",
            "qwerty1234567890",
            "123456789abcdefgh",
            "1q2w3e4r5t6y7u8i",
            "asdfghjklqwertyuiop",
            "monkeymonkey123",
            "michael19851985",
            "letmeinletmein1",
            "sunshine20252026",
            "p@ssw0rdp@ssw0rd",
            "welcome2welcome2",
        ] {
            assert!(weakness(password, ALONE, &[]).is_some(), "{password}");
        }
    }

    #[test]
    fn a_passphrase_of_four_words_and_a_random_password_pass() {
        for password in [
            "correct horse battery staple",
            "the cat sat on the mat",
            "wandering otter plays chess",
            "vier müde Katzen tanzen",
            "x7Kq9vLm2TzRw4p",
            "zażółć gęślą jaźń",
        ] {
            assert_eq!(weakness(password, ALONE, &[]), None, "{password}");
        }
        assert_eq!(weakness("tq7#Lw2x", BESIDE, &[]), None);
        assert!(weakness("summer24", BESIDE, &[]).is_some());
    }

    /// The library warns of the first thirteen. Of the others, the longest part counts.
    #[test]
    fn a_user_is_told_what_makes_a_password_weak() {
        use Weakness::{Common, Date, Keyboard, Repetition, Sequence, Words};
        for (password, told) in [
            ("sdfghjkl;'", Keyboard),
            ("sxdcfvg", Keyboard),
            ("kqzzzzzzzzzzzzz", Repetition),
            ("wxywxywxywxy", Repetition),
            ("mbefghijklmnopq", Sequence),
            ("2019", Date),
            ("11.12.1985", Date),
            ("password", Common),
            ("sunshine", Common),
            ("hamster", Common),
            ("p4ssword1", Common),
            ("elizabeth", Words),
            ("elizabethq7", Words),
            ("sxdcfvgbhnj", Keyboard),
            ("qvnct xyxyxyxyxyxy", Repetition),
            ("vpqkr fghijklmnop", Sequence),
            ("qx 11.12.1985", Date),
            ("tkq2019wvz", Date),
            ("hamster wonderful", Words),
        ] {
            assert_eq!(weakness(password, ALONE, &[]), Some(told), "{password}");
        }
    }
}
