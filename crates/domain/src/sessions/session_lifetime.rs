//! Lifetime of sessions.

use crate::Lifetime;

/// A session ends when it is unused for `idle`, and at the latest after `absolute`. NIST SP
/// 800-63B-4 asks for at most 30 days at AAL1. The default here is 90, which an admin can shorten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLifetime {
    pub idle: Lifetime,
    pub absolute: Lifetime,
}
