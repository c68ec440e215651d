//! Crockford's base32, in which users see and type codes: no I, L, O, U.

use crate::{
    entropy::{self, Entropy},
    typed,
};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Returns random characters.
pub(crate) fn issue<const LENGTH: usize>(entropy: &dyn Entropy) -> [u8; LENGTH] {
    let bytes: [u8; LENGTH] = entropy::bytes(entropy);
    // 256 is a multiple of 32, so every character is equally likely.
    bytes.map(|b| ALPHABET.get(usize::from(b % 32)).copied().unwrap_or(b'0'))
}

/// Reads a typed code, in any case, with dashes and spaces. It accepts digits of any script, O for
/// 0, I and L for 1. Returns `None` unless it has exactly this length.
pub(crate) fn read<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    let mut code = [0; LENGTH];
    let mut length = 0;
    for c in typed::plain_code(text).chars() {
        let c = match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        };
        let c = u8::try_from(c).ok().filter(|c| ALPHABET.contains(c))?;
        *code.get_mut(length)? = c;
        length += 1;
    }
    (length == LENGTH).then_some(code)
}
