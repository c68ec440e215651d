//! Name of this server in the subject of an email.

use super::mail_facts::CommonFacts;
use crate::locale::Locale;

/// Returns the product's name, or the host if spam filters would mind the name there.
///
/// In a text whose language has no accented letters, rspamd counts those of the subject and of the
/// sender's name. The sender keeps the product's name, so the subject does without it.
pub(super) fn name_in_subject<'a>(common_facts: &'a CommonFacts, locale: &Locale) -> &'a str {
    let minded = !locale.has_accents() && common_facts.product_name.chars().any(is_accented);
    if minded { &common_facts.host } else { &common_facts.product_name }
}

/// Returns whether a letter is Latin with an accent, or an accent by itself.
const fn is_accented(letter: char) -> bool {
    matches!(letter, '\u{c0}'..='\u{24f}' | '\u{300}'..='\u{36f}' | '\u{1e00}'..='\u{1eff}')
}
