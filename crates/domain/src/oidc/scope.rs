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

    /// Returns these and others.
    #[must_use]
    pub fn and(&self, others: &Self) -> Self {
        let is_in = |scope: &Scope| self.has(*scope) || others.has(*scope);
        Self(Scope::VARIANTS.iter().copied().filter(is_in).collect())
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

/// Scopes whose claims an app asks for one by one, by the parameter `claims`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimScopes {
    pub all: Scopes,
    /// Those of them whose claims it wants in the ID token.
    pub in_id_token: Scopes,
}

/// Follows a name whose claims are wanted in the ID token.
const IN_ID_TOKEN: char = '!';

impl ClaimScopes {
    pub fn parse(text: &str) -> Self {
        let marked: Vec<&str> = text.split(' ').filter_map(|word| word.strip_suffix(IN_ID_TOKEN)).collect();
        Self { all: Scopes::parse(text), in_id_token: Scopes::parse(&marked.join(" ")) }
    }

    /// Returns the stored form. A node of the version before reads the plain names, and drops the
    /// others.
    pub fn text(&self) -> String {
        let marked = self.in_id_token.iter().map(|scope| format!("{}{IN_ID_TOKEN}", scope.as_str()));
        let plain = self.all.iter().map(|scope| scope.as_str().to_owned());
        plain.chain(marked).collect::<Vec<_>>().join(" ")
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

    #[test]
    fn what_is_wanted_in_the_id_token_is_marked_and_an_older_version_reads_the_rest() {
        let asked = ClaimScopes { all: Scopes::parse("email groups"), in_id_token: Scopes::parse("email") };
        assert_eq!(asked.text(), "email groups email!");
        assert_eq!(ClaimScopes::parse(&asked.text()), asked);
        assert_eq!(Scopes::parse(&asked.text()), asked.all);
        assert_eq!(ClaimScopes::parse("email groups").in_id_token, Scopes::default());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(text in "(openid|email|groups|x| ){0,8}") {
            let scopes = Scopes::parse(&text);
            prop_assert_eq!(Scopes::parse(&scopes.text()), scopes);
        }
    }
}
