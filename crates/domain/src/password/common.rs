//! Passwords that many people use. Both lists are sorted and in lower case. The licence of each is
//! beside it.

/// Entries of zxcvbn's list (MIT, Dan Wheeler, Dropbox and the zxcvbn-ts authors) with at least 8
/// characters.
const LIST: &str = include_str!("common.txt");

/// Entries with at least 15 characters among the million most used passwords, a length that few
/// other sites ask for. The source is SecLists (MIT, Daniel Miessler), after Mark Burnett's ten
/// million. Entries with an @ are left out, because they may be addresses.
const LONG_LIST: &str = include_str!("common_long.txt");

/// Different characters that a password needs, so that it is not one repeated pattern.
const LEAST_VARIETY: usize = 5;

/// Returns whether many people use this password, or would soon think of it. It is in lower case.
pub(super) fn is_common(password: &str) -> bool {
    is_listed(password) || has_little_variety(password) || is_a_sequence(password) || is_one_part_repeated(password)
}

fn is_listed(password: &str) -> bool {
    is_in(LIST, password) || is_in(LONG_LIST, password)
}

/// Bisects the list as one text: the middle moves back to the start of its line.
fn is_in(list: &str, password: &str) -> bool {
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let Some(before) = list.as_bytes().get(..middle) else { return false };
        let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let Some(rest) = list.get(start..) else { return false };
        let line = rest.split_once('\n').map_or(rest, |(line, _)| line);
        match line.cmp(password) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = start + line.len() + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

fn has_little_variety(password: &str) -> bool {
    let mut seen: Vec<char> = password.chars().collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len() < LEAST_VARIETY
}

/// Returns whether it is like `abcdefgh…` or `9876543210987…`: nearly each character is a neighbour
/// of the one before.
fn is_a_sequence(password: &str) -> bool {
    let characters: Vec<u32> = password.chars().map(u32::from).collect();
    let strangers = characters
        .windows(2)
        .filter(|pair| match pair {
            [a, b] => a.abs_diff(*b) > 1 && a.abs_diff(*b) != 9,
            _ => false,
        })
        .count();
    strangers * 8 < characters.len()
}

/// Returns whether it is like `qwertyqwertyqwerty`.
fn is_one_part_repeated(password: &str) -> bool {
    let length = password.len();
    (4..=length / 2).filter(|unit| length.is_multiple_of(*unit)).any(|unit| {
        let Some((first, rest)) = password.split_at_checked(unit) else { return false };
        rest.as_bytes().chunks(unit).all(|chunk| chunk == first.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::password::MIN_LENGTH;

    #[test]
    fn every_line_of_the_lists_is_found_and_nothing_between_them() {
        for (list, least) in [(LIST, 8), (LONG_LIST, MIN_LENGTH)] {
            assert!(list.lines().is_sorted() && list.lines().all(|line| line.chars().count() >= least));
            for line in list.lines() {
                assert!(is_listed(line), "{line}");
                assert!(!is_listed(&format!("{line}\u{1}")), "{line}");
                assert_eq!(line.to_lowercase(), line);
            }
        }
        for other in ["", "\0", "zzzzzzzzzzzzzzzzzzzzzzzzz", "\u{10ffff}"] {
            assert!(!is_listed(other), "{other:?}");
        }
    }

    /// ASVS 6.2.4 asks for the 3,000 most used passwords that the length rule allows.
    #[test]
    fn three_thousand_common_passwords_are_long_enough_to_be_chosen_and_listed() {
        let long = |list: &'static str| list.lines().filter(|line| line.chars().count() >= MIN_LENGTH).count();
        assert!(long(LIST) + long(LONG_LIST) >= 3_000);
        for password in ["passwordstandard", "30secondstomars", "perasperaadastra", "hd764nw5d7e1vb1"] {
            assert!(is_common(password), "{password}");
        }
    }

    #[test]
    fn a_sentence_is_neither_listed_nor_a_pattern() {
        for password in ["correct horse battery", "the cat sat on the mat", "zażółć gęślą jaźń"] {
            assert!(!is_common(password), "{password}");
        }
    }

    #[test]
    fn a_password_of_four_letters_is_common() {
        assert!(is_common("adgjjgdagajdgjda") && !has_little_variety("adgjm"));
    }

    #[test]
    fn digits_that_begin_anew_are_a_sequence_and_one_stranger_in_eight_is_forgiven() {
        assert!(is_a_sequence("8901234567890123"), "it begins anew twice");
        assert!(is_a_sequence("abcdefstuvwx") && !is_a_sequence("abcdnopqwxyz"), "one stranger, and two");
    }
}
