//! Names of variants in the database. The code derives them from the names in Rust.

use gatepost::{
    db::attempts::LinkKind,
    domain::{Outcome, Purpose},
};
use strum::VariantArray;

fn names<E: Copy + Into<&'static str> + VariantArray>() -> Vec<&'static str> {
    E::VARIANTS.iter().map(|variant| (*variant).into()).collect()
}

#[test]
fn the_stored_names_of_variants_stay_as_they_were_released() {
    assert_eq!(names::<LinkKind>(), ["open", "cancel"]);
    assert_eq!(names::<Outcome>(), ["used", "cancelled", "guessed_out", "superseded"]);
    assert_eq!(
        names::<Purpose>(),
        ["sign_in", "step_up", "confirm_address", "reset_password", "console_link", "set_up"]
    );
}
