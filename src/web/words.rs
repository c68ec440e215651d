//! Why a password cannot be chosen, in a sentence.

use crate::domain::password::{MAX_LENGTH, MIN_LENGTH, Unfit};

pub fn unfit(problem: Unfit) -> String {
    match problem {
        Unfit::TooShort => format!("A password has at least {MIN_LENGTH} characters. A few words in a row are fine."),
        Unfit::TooLong => format!("A password has at most {MAX_LENGTH} characters."),
        Unfit::Common => "Many people use this one, or it is one pattern over and over. Choose another.".to_owned(),
        Unfit::ContainsAddress => "Your address is in it, and is what anybody would try. Choose another.".to_owned(),
        Unfit::ContainsName => {
            "The name of this place is in it, and is what anybody would try. Choose another.".to_owned()
        }
    }
}
