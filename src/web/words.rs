//! Why what was typed is not taken, in a sentence.

use crate::domain::{
    account::NotAName,
    password::{MAX_LENGTH, MIN_LENGTH, Unfit, Weakness},
};

/// Of an authenticator app or a passkey.
pub const fn not_a_factor_name(problem: NotAName) -> &'static str {
    match problem {
        NotAName::TooLong => "A name has up to 50 characters.",
        NotAName::Unprintable => "There is a character in it that cannot be shown.",
    }
}

/// Said of any text that is no email address, where the reason is told nowhere else.
pub const NOT_AN_ADDRESS: &str = "Type an email address, like ana@example.com.";

/// `min_length` is that of the account it is for.
pub fn unfit(problem: Unfit, min_length: usize) -> String {
    match problem {
        Unfit::TooShort => format!("A password has at least {min_length} characters. A few words in a row are fine."),
        Unfit::TooLong => format!("A password has at most {MAX_LENGTH} characters."),
        Unfit::Common => "Many people use this one, or it is one pattern over and over. Choose another.".to_owned(),
        Unfit::Guessable(weakness) => easy_to_guess(weakness).to_owned(),
        Unfit::ContainsAddress => "Your address is in it, and is what anybody would try. Choose another.".to_owned(),
        Unfit::ContainsName => {
            "The name of this place is in it, and is what anybody would try. Choose another.".to_owned()
        }
        Unfit::Breached => {
            "This password is known from a data breach somewhere, so it is among the first that anybody tries. Choose another."
                .to_owned()
        }
    }
}

const fn easy_to_guess(weakness: Weakness) -> &'static str {
    match weakness {
        Weakness::Keyboard => {
            "Keys that lie side by side are easy to guess. Choose four words that have nothing to do with each other."
        }
        Weakness::Repetition => {
            "Repeating a part makes a password longer, not harder to guess. Add different words instead."
        }
        Weakness::Sequence => {
            "Sequences like abc or 1234 are easy to guess. Choose four words that have nothing to do with each other."
        }
        Weakness::Date => {
            "Years and dates are easy to guess. Choose four words that have nothing to do with each other."
        }
        Weakness::Common => {
            "This is close to a password that many people use. Choose four words that have nothing to do with each other."
        }
        Weakness::Words => {
            "A few common words or names are easy to guess. Add another word or two that have nothing to do with them."
        }
    }
}

/// Returns whether a password is so short that it counts only beside a second factor.
pub fn is_short(typed: &str) -> bool {
    typed.chars().count() < MIN_LENGTH
}
