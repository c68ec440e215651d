//! Declares the reader of an answer, and so the headers that guard it.

use rocket::Request;

pub(in crate::web) const OPENER: &str = "Cross-Origin-Opener-Policy";

/// Headers that an answer gets beside its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guarding {
    All,
    /// The page is of a sign-in in a window that an app opened. The app's page could not hear from
    /// its window without this.
    InPopup,
    /// The answer reaches a browser on the host of an app. Gatepost does not decide for that host
    /// whether it is on HTTPS for years, nor which pages may frame it.
    ForApp,
    /// Only a proxy reads the answer.
    ForProxy,
}

impl Guarding {
    /// Declares who reads the answer. Without it, the answer gets all headers.
    pub fn declare(self, request: &Request<'_>) {
        request.local_cache(|| self);
    }

    pub(in crate::web) fn declared(request: &Request<'_>) -> Self {
        *request.local_cache(|| Self::All)
    }

    pub fn has(self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::InPopup => name != OPENER,
            Self::ForApp => name != "Strict-Transport-Security" && name != "X-Frame-Options",
            Self::ForProxy => name == "Cache-Control",
        }
    }
}
