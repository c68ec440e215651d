//! Versions of forms that show stored values. An old form must not undo what changed since, such as
//! an app that was turned off.

use crate::web::{AppNote, AppProblem, Note, Visit};
use sha2::{Digest, Sha256};

/// The name of the hidden field.
pub(super) const FIELD: &str = "version";

/// Bytes of the hash that are kept. Only admins send it, and only to be told of a change.
const LENGTH: usize = 8;

/// Returns the version of these fields. It differs once any value differs.
pub(super) fn of(fields: &[(&'static str, String)]) -> String {
    let mut hash = Sha256::new();
    for (name, value) in fields.iter().filter(|(name, _)| *name != FIELD) {
        hash.update([name.as_bytes(), b"=", value.as_bytes(), b"\0"].concat());
    }
    hash.finalize().iter().take(LENGTH).map(|byte| format!("{byte:02x}")).collect()
}

/// Returns whether values have changed since a form was made. One without a version was not made by
/// a page, so that nothing has overtaken it.
pub(super) fn is_overtaken(sent: &str, stored: &str) -> bool {
    !sent.is_empty() && sent != stored
}

/// Returns whether the page says that its form was overtaken.
pub(super) fn is_told(visit: &Visit<'_>) -> bool {
    visit.said().is_some_and(|said| said.note == Note::OfApps(AppNote::Problem(AppProblem::Overtaken)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_tells_each_field_from_another_and_knows_nothing_of_itself() {
        let of = |fields: &[(&'static str, &str)]| {
            of(&fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect::<Vec<_>>())
        };
        let first = of(&[("a", "1"), ("b", "2")]);
        assert_eq!(first, of(&[("a", "1"), ("version", "x"), ("b", "2")]));
        for other in
            [of(&[("a", "1")]), of(&[("a", "2"), ("b", "1")]), of(&[("a", "1b=2")]), of(&[("b", "2"), ("a", "1")])]
        {
            assert_ne!(first, other);
        }
        assert!(is_overtaken("x", &first) && !is_overtaken(&first, &first) && !is_overtaken("", &first));
    }
}
