//! Notes about apps as clients of OpenID Connect.

use crate::domain::oidc::redirect_uri::NotARedirectUri;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A new secret of an app, on its way to the one page that shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownSecret(pub String);

impl fmt::Debug for ShownSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShownSecret(…)")
    }
}

/// Why a text cannot be a redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UriProblem {
    Unreadable,
    Wildcard,
    Fragment,
    UserInfo,
    Unencrypted,
    Scheme,
    Spelling,
}

impl UriProblem {
    pub const fn of(why: NotARedirectUri) -> Self {
        match why {
            NotARedirectUri::Unreadable => Self::Unreadable,
            NotARedirectUri::Wildcard => Self::Wildcard,
            NotARedirectUri::Fragment => Self::Fragment,
            NotARedirectUri::UserInfo => Self::UserInfo,
            NotARedirectUri::Unencrypted => Self::Unencrypted,
            NotARedirectUri::Scheme => Self::Scheme,
            NotARedirectUri::Spelling => Self::Spelling,
        }
    }

    pub const fn key(self) -> &'static str {
        match self {
            Self::Unreadable => "client-uri-unreadable",
            Self::Wildcard => "client-uri-wildcard",
            Self::Fragment => "client-uri-fragment",
            Self::UserInfo => "client-uri-user-info",
            Self::Unencrypted => "client-uri-unencrypted",
            Self::Scheme => "client-uri-scheme",
            Self::Spelling => "client-uri-spelling",
        }
    }
}
