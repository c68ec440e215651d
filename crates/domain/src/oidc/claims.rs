//! Claims by which an app learns about a user.

use super::{
    Scope, Scopes,
    client::{ClientRules, GroupsShape},
};
use crate::{AccountId, EmailAddress};

/// A user, as apps may learn of them.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: AccountId,
    pub email: EmailAddress,
    /// True if the user has proven access to the mailbox.
    pub is_verified: bool,
    /// The name that the user gave. Empty without one.
    pub name: String,
    /// The name by which apps know the account. It has no `@`.
    pub handle: Option<String>,
    pub groups: Vec<String>,
}

/// The value of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    Text(String),
    Flag(bool),
    Texts(Vec<String>),
}

/// Claims that the standard reserves for the token itself. A claim that an app names cannot take
/// their names.
const OF_THE_TOKEN: [&str; 20] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "azp",
    "nonce",
    "acr",
    "amr",
    "auth_time",
    "at_hash",
    "c_hash",
    "sid",
    "email",
    "email_verified",
    "name",
    "preferred_username",
    "events",
];

/// Returns whether a claim that an app names may have this name.
pub fn is_free(name: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':' | b'/');
    (1..=100).contains(&name.len()) && name.bytes().all(is_plain) && !OF_THE_TOKEN.contains(&name)
}

/// Claims under which apps look for groups (RFC 9068, section 2.2.3.1).
const OF_GROUPS: [&str; 3] = ["groups", "roles", "entitlements"];

impl ClientRules {
    /// Returns whether the claims of its choice have names that mean nothing else.
    pub fn names_claims_well(&self) -> bool {
        // An app that finds a name where it looks for groups could take it for one.
        let is_of_groups = |name: &str| name == self.groups_claim || OF_GROUPS.contains(&name);
        let is_other = |name: &String| is_free(name) && !is_of_groups(name);
        is_free(&self.groups_claim) && self.name_claim.as_ref().is_none_or(is_other)
    }
}

impl Person {
    /// Returns the subject: the account's id for ever. An address may move to another account, an
    /// id never does.
    pub fn subject(&self) -> String {
        self.id.to_string()
    }

    /// Returns the claims that these scopes release, without the subject.
    pub fn claims(&self, scopes: &Scopes, rules: &ClientRules) -> Vec<(String, Claim)> {
        let mut claims = Vec::new();
        let handle = self.handle.clone().unwrap_or_else(|| self.subject());
        if scopes.has(Scope::Profile) {
            let name = if self.name.is_empty() { handle.clone() } else { self.name.clone() };
            claims.push(("name".to_owned(), Claim::Text(name)));
            claims.extend(rules.name_claim.clone().map(|name| (name, Claim::Text(handle.clone()))));
            claims.push(("preferred_username".to_owned(), Claim::Text(handle)));
        }
        if scopes.has(Scope::Email) {
            claims.push(("email".to_owned(), Claim::Text(self.email.as_str().to_owned())));
            claims.push(("email_verified".to_owned(), Claim::Flag(self.is_verified)));
        }
        if scopes.has(Scope::Groups) {
            let groups = match rules.groups_shape {
                GroupsShape::List => Claim::Texts(self.groups.clone()),
                GroupsShape::Spaces => Claim::Text(self.groups.join(" ")),
                GroupsShape::Commas => Claim::Text(self.groups.join(",")),
            };
            claims.push((rules.groups_claim.clone(), groups));
        }
        claims
    }
}

/// The longest list of groups in an ID token, as it is written there. Apps bring a token back in an
/// address, which proxies and Gatepost itself bound.
const MAX_GROUPS: usize = 2048;

/// Returns whether an ID token has room for a claim. It holds all groups or none. An app that knew
/// some of them would take the user out of the others. Userinfo has room for all.
pub fn fits_into_id_token(claim: &Claim) -> bool {
    MAX_GROUPS
        >= match claim {
            // Quotes and a comma around each.
            Claim::Texts(texts) => texts.iter().map(|text| text.len() + 3).sum(),
            Claim::Text(text) => text.len(),
            Claim::Flag(_) => 0,
        }
}

/// Returns the scope that releases a claim, for apps that ask for claims one by one.
pub fn scope_of(claim: &str, rules: &ClientRules) -> Option<Scope> {
    match claim {
        "name" | "preferred_username" => Some(Scope::Profile),
        "email" | "email_verified" => Some(Scope::Email),
        claim if claim == rules.groups_claim => Some(Scope::Groups),
        claim if rules.name_claim.as_deref() == Some(claim) => Some(Scope::Profile),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ana() -> Person {
        Person {
            id: AccountId::from_i64(0x1234),
            email: EmailAddress::parse("ana@example.com").unwrap(),
            is_verified: false,
            name: "Ana".to_owned(),
            handle: Some("ana".to_owned()),
            groups: vec!["family".to_owned()],
        }
    }

    fn roles() -> ClientRules {
        ClientRules { groups_claim: "roles".to_owned(), ..ClientRules::new(false) }
    }

    fn names(person: &Person, scopes: &str) -> Vec<String> {
        person.claims(&Scopes::parse(scopes), &roles()).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn a_scope_releases_its_claims_and_no_others() {
        assert_eq!(names(&ana(), "openid"), Vec::<String>::new());
        assert_eq!(names(&ana(), "openid profile"), ["name", "preferred_username"]);
        assert_eq!(names(&ana(), "email groups"), ["email", "email_verified", "roles"]);
        assert_eq!(ana().subject(), "0000000000001234");
        let claims = ana().claims(&Scopes::parse("email"), &roles());
        assert!(
            claims.contains(&("email_verified".to_owned(), Claim::Flag(false))),
            "it is there, also if it is false"
        );
    }

    #[test]
    fn groups_are_a_list_or_one_text() {
        let scopes = Scopes::parse("groups");
        for (shape, expected) in [
            (GroupsShape::List, Claim::Texts(vec!["admins".to_owned(), "family".to_owned()])),
            (GroupsShape::Spaces, Claim::Text("admins family".to_owned())),
            (GroupsShape::Commas, Claim::Text("admins,family".to_owned())),
        ] {
            let rules = ClientRules { groups_shape: shape, ..roles() };
            let two = Person { groups: vec!["admins".to_owned(), "family".to_owned()], ..ana() };
            assert_eq!(two.claims(&scopes, &rules), [("roles".to_owned(), expected)]);
            // Without a group it is an empty list or text, and still there.
            assert_eq!(Person { groups: Vec::new(), ..ana() }.claims(&scopes, &rules).len(), 1);
            assert_eq!(shape.into_str().parse(), Ok(shape));
        }
        assert_eq!("tabs".parse::<GroupsShape>().ok(), None);
    }

    #[test]
    fn an_app_never_takes_an_address_for_a_user_name() {
        let without = Person { handle: None, name: String::new(), ..ana() };
        let named = ClientRules { name_claim: Some("upn".to_owned()), ..roles() };
        let claims = without.claims(&Scopes::parse("profile"), &named);
        assert_eq!(claims.len(), 3);
        assert!(claims.iter().all(|(_, claim)| *claim == Claim::Text("0000000000001234".to_owned())));
    }

    #[test]
    fn a_claim_of_the_app_s_choice_holds_the_username_and_comes_with_the_profile() {
        let rules = ClientRules { name_claim: Some("username".to_owned()), ..roles() };
        let own = ("username".to_owned(), Claim::Text("ana".to_owned()));
        for (scopes, is_released) in [("openid", false), ("email groups", false), ("profile", true)] {
            assert_eq!(ana().claims(&Scopes::parse(scopes), &rules).contains(&own), is_released, "{scopes}");
        }
        assert_eq!(scope_of("username", &rules), Some(Scope::Profile));
        assert_eq!(scope_of("username", &roles()), None);
        for (name, is_well) in
            [("username", true), ("roles", false), ("groups", false), ("sub", false), ("email", false), ("a b", false)]
        {
            let rules = ClientRules { name_claim: Some(name.to_owned()), ..roles() };
            assert_eq!(rules.names_claims_well(), is_well, "{name}");
        }
        assert!(roles().names_claims_well());
        assert!(!ClientRules { groups_claim: "sub".to_owned(), ..roles() }.names_claims_well());
    }

    #[test]
    fn the_claim_of_groups_takes_no_name_that_means_something_else() {
        assert!(is_free("groups") && is_free("roles") && is_free("https://example.com/groups"));
        assert!(is_free(&"x".repeat(100)));
        for taken in ["sub", "email", "", "a b", "é", &"x".repeat(101)] {
            assert!(!is_free(taken), "{taken}");
        }
        assert_eq!(scope_of("roles", &roles()), Some(Scope::Groups));
        assert_eq!(scope_of("groups", &roles()), None);
    }

    #[test]
    fn a_claim_of_the_app_s_choice_is_none_of_the_token_s_own() {
        for taken in [
            "iss",
            "sub",
            "aud",
            "exp",
            "nbf",
            "iat",
            "jti",
            "azp",
            "nonce",
            "acr",
            "amr",
            "auth_time",
            "at_hash",
            "c_hash",
            "sid",
            "email",
            "email_verified",
            "name",
            "preferred_username",
            "events",
        ] {
            assert!(!is_free(taken), "{taken}");
        }
    }

    /// A user could name themself like a group of admins.
    #[test]
    fn a_username_is_never_where_an_app_looks_for_groups() {
        for name in ["groups", "roles", "entitlements", "teams"] {
            let (groups_claim, name_claim) = ("teams".to_owned(), Some(name.to_owned()));
            let rules = ClientRules { groups_claim, name_claim, ..ClientRules::new(false) };
            assert!(!rules.names_claims_well(), "{name}");
        }
    }
}
