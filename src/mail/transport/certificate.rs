//! The certificate of an email server.

use crate::domain::Timestamp;

/// Certificate of the other side, as far as a conversation shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// Nothing is encrypted, or there is no server.
    Absent,
    /// TLS accepts it, and its end cannot be read.
    Unreadable,
    Good(Validity),
}

/// Period in which a certificate is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    pub start: Timestamp,
    pub end: Timestamp,
}

impl Certificate {
    /// Reads a certificate in DER.
    pub fn of(der: &[u8]) -> Self {
        Validity::of(der).map_or(Self::Unreadable, Self::Good)
    }
}

impl Validity {
    fn of(certificate: &[u8]) -> Option<Self> {
        let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
        let of = |seconds: i64| seconds.checked_mul(1000).map(Timestamp::from_millis);
        let validity = certificate.validity();
        Some(Self { start: of(validity.not_before.timestamp())?, end: of(validity.not_after.timestamp())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_cannot_be_read_is_there_all_the_same() {
        assert_eq!(Certificate::of(b"no certificate"), Certificate::Unreadable);
    }
}
