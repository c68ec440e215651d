//! The certificate of a mail server.

use crate::domain::Timestamp;

/// When a certificate is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    pub start: Timestamp,
    pub end: Timestamp,
}

impl Validity {
    /// Reads it from a certificate in DER. `None` if that cannot be read.
    pub fn of(certificate: &[u8]) -> Option<Self> {
        let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
        let of = |seconds: i64| seconds.checked_mul(1000).map(Timestamp::from_millis);
        let validity = certificate.validity();
        Some(Self { start: of(validity.not_before.timestamp())?, end: of(validity.not_after.timestamp())? })
    }
}
