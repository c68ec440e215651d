//! One name for each request. It is in the request's log lines, on its error page, in the audit
//! log, and in a header.

use crate::services::Services;
use rocket::Request;
use std::{fmt, sync::Arc};

/// Sixteen hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId([u8; 16]);

impl RequestId {
    /// Returns the request's name, made at its first use.
    pub fn of<'r>(request: &'r Request<'_>) -> &'r Self {
        request.local_cache(|| {
            let services = request.rocket().state::<Arc<Services>>();
            services.map_or_else(|| Self::from_number(0), |services| Self::next(services))
        })
    }

    /// Returns a name for a request that Rocket does not see.
    pub fn next(services: &Services) -> Self {
        Self::from_number(services.request_names.next())
    }

    fn from_number(number: u64) -> Self {
        const DIGITS: [u8; 16] = *b"0123456789abcdef";
        let mut text = [b'0'; 16];
        let nibbles = number.to_be_bytes().into_iter().flat_map(|octet| [octet >> 4, octet & 15]);
        for (place, nibble) in text.iter_mut().zip(nibbles) {
            *place = DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
        }
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        // Digits are text.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_sixteen_digits_as_a_number_is_written() {
        for number in [0, 1, 0x0123_4567_89ab_cdef, u64::MAX] {
            assert_eq!(RequestId::from_number(number).to_string(), format!("{number:016x}"));
        }
    }
}
