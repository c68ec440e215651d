//! Scopes: what an app asks to learn.

use strum::VariantArray;

/// A scope that we know. Others are dropped (OpenID Connect Core, section 3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum Scope {
    /// The request is one of OpenID Connect: the app gets an ID token.
    OpenId,
    Profile,
    Email,
    Groups,
    /// The grant outlasts the session.
    OfflineAccess,
}

impl Scope {
    /// The name in requests, and the stored form; never changes once released.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Groups => "groups",
            Self::OfflineAccess => "offline_access",
        }
    }
}

/// A set of scopes, in one order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// Reads a list with spaces. Unknown names are dropped.
    pub fn parse(text: &str) -> Self {
        let names: Vec<&str> = text.split(' ').collect();
        Self(Scope::VARIANTS.iter().copied().filter(|scope| names.contains(&scope.as_str())).collect())
    }

    pub fn has(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether these are among others: a refresh may ask for less, never for more (RFC
    /// 6749, section 6).
    pub fn are_within(&self, granted: &Self) -> bool {
        self.0.iter().all(|scope| granted.has(*scope))
    }

    /// Returns the same without one.
    #[must_use]
    pub fn without(&self, scope: Scope) -> Self {
        Self(self.0.iter().copied().filter(|own| *own != scope).collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }

    /// Returns the list with spaces.
    pub fn text(&self) -> String {
        self.0.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scopes_are_a_set_of_known_names() {
        let scopes = Scopes::parse("email address openid phone email  OPENID offline_access");
        assert_eq!(scopes.text(), "openid email offline_access");
        assert!(scopes.has(Scope::Email) && !scopes.has(Scope::Profile));
        assert!(Scopes::parse("").is_empty() && Scopes::parse("openid,email").is_empty());
        assert!(Scopes::parse("openid").are_within(&scopes) && !Scopes::parse("groups").are_within(&scopes));
        assert!(!scopes.are_within(&scopes.without(Scope::OfflineAccess)));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(text in "(openid|email|groups|x| ){0,8}") {
            let scopes = Scopes::parse(&text);
            prop_assert_eq!(Scopes::parse(&scopes.text()), scopes);
        }
    }
}
