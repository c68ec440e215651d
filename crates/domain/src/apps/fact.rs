//! Facts about an app in the audit log, with names and values. Each reader gets them in their own
//! language, so that a line keeps no sentence.

use strum::VariantArray;

/// Something that the audit log can say of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum AppFact {
    Name,
    Hosts,
    Everyone,
    Groups,
    /// Number of users who may open it beside the groups.
    Users,
    Requires,
    FreshWithin,
    PublicPaths,
    Description,
    Link,
    Hidden,
    Icon,
    Preflights,
    Popup,
    Disabled,
    Position,
    RedirectUris,
    SignOutUris,
    Public,
    PkceRequired,
    IdToken,
    SmallIdToken,
    JwtAccessTokens,
    GroupsClaim,
    GroupsShape,
    NameClaim,
    RefreshTokens,
    ThirdParty,
    SignOutMessages,
    SignsInDevices,
    ProvesItselfBy,
    PreviousSecret,
    ClientId,
    Preset,
    Rotates,
    AccessLifetime,
    RefreshIdle,
    RefreshAbsolute,
    Keys,
    KeysUri,
}

/// Form in which the value of a fact is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// As an admin typed it, or as a standard names it.
    Text,
    /// `yes`. A fact that is not so is left out.
    Switch,
    Strength,
    Refreshes,
    /// `spaces` or `commas`. A list is left out.
    GroupsShape,
    Lifetime,
    /// `secret`, `keys`, or `keys at` and an address.
    Proof,
    /// `counts` or `ended`.
    Secret,
}

impl AppFact {
    /// The stored form; never changes once released.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Hosts => "hosts",
            Self::Everyone => "everyone",
            Self::Groups => "groups",
            Self::Users => "users",
            Self::Requires => "requires",
            Self::FreshWithin => "fresh within",
            Self::PublicPaths => "public paths",
            Self::Description => "description",
            Self::Link => "link",
            Self::Hidden => "hidden",
            Self::Icon => "icon",
            Self::Preflights => "preflights",
            Self::Popup => "popup",
            Self::Disabled => "disabled",
            Self::Position => "position",
            Self::RedirectUris => "redirect URIs",
            Self::SignOutUris => "sign-out URIs",
            Self::Public => "public",
            Self::PkceRequired => "PKCE required",
            Self::IdToken => "ID token",
            Self::SmallIdToken => "small ID token",
            Self::JwtAccessTokens => "JWT access tokens",
            Self::GroupsClaim => "groups claim",
            Self::GroupsShape => "groups shape",
            Self::NameClaim => "name claim",
            Self::RefreshTokens => "refresh tokens",
            Self::ThirdParty => "third party",
            Self::SignOutMessages => "sign-out messages",
            Self::SignsInDevices => "signs in devices",
            Self::ProvesItselfBy => "proves itself by",
            Self::PreviousSecret => "previous secret",
            Self::ClientId => "client id",
            Self::Preset => "preset",
            Self::Rotates => "rotates",
            Self::AccessLifetime => "access lifetime",
            Self::RefreshIdle => "refresh idle",
            Self::RefreshAbsolute => "refresh absolute",
            Self::Keys => "keys",
            Self::KeysUri => "keys URI",
        }
    }

    fn parse(stored: &str) -> Option<Self> {
        match stored {
            // Two names that earlier versions gave to the same.
            "logout URI" => Some(Self::SignOutMessages),
            "devices" => Some(Self::SignsInDevices),
            _ => Self::VARIANTS.iter().copied().find(|fact| fact.as_str() == stored),
        }
    }

    pub const fn kind(self) -> FactKind {
        match self {
            Self::Everyone
            | Self::Hidden
            | Self::Preflights
            | Self::Popup
            | Self::Disabled
            | Self::Public
            | Self::PkceRequired
            | Self::SmallIdToken
            | Self::JwtAccessTokens
            | Self::ThirdParty
            | Self::SignsInDevices
            | Self::Rotates => FactKind::Switch,
            Self::Requires => FactKind::Strength,
            Self::RefreshTokens => FactKind::Refreshes,
            Self::GroupsShape => FactKind::GroupsShape,
            Self::FreshWithin | Self::AccessLifetime | Self::RefreshIdle | Self::RefreshAbsolute => FactKind::Lifetime,
            Self::ProvesItselfBy => FactKind::Proof,
            Self::PreviousSecret => FactKind::Secret,
            Self::Name
            | Self::Hosts
            | Self::Groups
            | Self::Users
            | Self::PublicPaths
            | Self::Description
            | Self::Link
            | Self::Icon
            | Self::Position
            | Self::RedirectUris
            | Self::SignOutUris
            | Self::IdToken
            | Self::GroupsClaim
            | Self::NameClaim
            | Self::SignOutMessages
            | Self::ClientId
            | Self::Preset
            | Self::Keys
            | Self::KeysUri => FactKind::Text,
        }
    }
}

/// Facts about one app, in their order. A fact without a value is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts(Vec<(AppFact, String)>);

/// Text for the case that no fact differs.
const NONE: &str = "–";
const BETWEEN: &str = "; ";

impl Facts {
    pub fn one(fact: AppFact, value: impl Into<String>) -> Self {
        Self(vec![(fact, value.into())])
    }

    pub fn push(&mut self, fact: AppFact, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.0.push((fact, value));
        }
    }

    /// Adds a fact that is so or not.
    pub fn switch(&mut self, fact: AppFact, is_on: bool) {
        self.push(fact, if is_on { "yes" } else { "" });
    }

    pub fn iter(&self) -> impl Iterator<Item = (AppFact, &str)> {
        self.0.iter().map(|(fact, value)| (*fact, value.as_str()))
    }

    /// Returns the stored form: one line, such as `everyone: yes; requires: two`. An admin chooses
    /// some of the values. None of them can pass for another fact, because a semicolon in it is
    /// marked.
    pub fn told(&self) -> String {
        if self.0.is_empty() {
            return NONE.to_owned();
        }
        let marked = |value: &str| value.replace('\\', "\\\\").replace(';', "\\;");
        let facts = self.0.iter().map(|(fact, value)| format!("{}: {}", fact.as_str(), marked(value)));
        facts.collect::<Vec<_>>().join(BETWEEN)
    }

    /// Reads the stored form. `None` if it has another form, of an earlier version or a newer one.
    pub fn read(stored: &str) -> Option<Self> {
        let mut facts = Self::default();
        for part in stored.split(BETWEEN) {
            match (named(part), facts.0.last_mut()) {
                (_, Some((_, value))) if ends_in_mark(value) => value.push_str(&format!("{BETWEEN}{part}")),
                (Some((fact, value)), _) => facts.0.push((fact, value.to_owned())),
                // Earlier versions marked no semicolons.
                (None, Some((_, value))) => value.push_str(&format!("{BETWEEN}{part}")),
                (None, None) => return None,
            }
        }
        facts.0.iter_mut().for_each(|(_, value)| *value = unmarked(value));
        Some(facts)
    }
}

fn named(part: &str) -> Option<(AppFact, &str)> {
    let (name, value) = part.split_once(": ")?;
    Some((AppFact::parse(name)?, value))
}

/// Returns whether the semicolon after this text is a part of the value.
fn ends_in_mark(text: &str) -> bool {
    text.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

fn unmarked(value: &str) -> String {
    let (mut text, mut characters) = (String::new(), value.chars().peekable());
    while let Some(character) = characters.next() {
        match (character, characters.peek()) {
            ('\\', Some(&marked @ (';' | '\\'))) => {
                characters.next();
                text.push(marked);
            }
            _ => text.push(character),
        }
    }
    text
}

/// Returns the facts that differ, as they were and as they are, in the stored form.
pub fn differences(before: &Facts, after: &Facts) -> (String, String) {
    let only = |these: &Facts, those: &Facts| {
        Facts(these.0.iter().filter(|fact| !those.0.contains(fact)).cloned().collect()).told()
    };
    (only(before, after), only(after, before))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn facts(given: &[(AppFact, &str)]) -> Facts {
        Facts(given.iter().map(|(fact, value)| (*fact, (*value).to_owned())).collect())
    }

    #[test]
    fn a_change_is_told_by_the_facts_that_differ() {
        let before = facts(&[(AppFact::Name, "Wiki"), (AppFact::Requires, "one")]);
        let after = facts(&[(AppFact::Name, "Wiki"), (AppFact::Requires, "two"), (AppFact::Hidden, "yes")]);
        assert_eq!(differences(&before, &after), ("requires: one".to_owned(), "requires: two; hidden: yes".to_owned()));
        let less = facts(&[(AppFact::Name, "Wiki")]);
        assert_eq!(differences(&less, &before), ("–".to_owned(), "requires: one".to_owned()));
    }

    #[test]
    fn a_value_cannot_pass_for_another_fact() {
        let sly = facts(&[(AppFact::Description, "Recipes; everyone: yes"), (AppFact::Requires, "two")]);
        assert_eq!(sly.told(), "description: Recipes\\; everyone: yes; requires: two");
        assert_eq!(Facts::read(&sly.told()), Some(sly));
    }

    #[test]
    fn lines_of_earlier_versions_are_read() {
        let old = facts(&[(AppFact::Description, "Recipes; and more"), (AppFact::SignsInDevices, "yes")]);
        assert_eq!(Facts::read("description: Recipes; and more; devices: yes"), Some(old));
        for stored in ["", "–", "OpenID Connect", "colour: red"] {
            assert_eq!(Facts::read(stored), None, "{stored}");
        }
    }

    #[test]
    fn every_fact_reads_back_as_it_was_stored() {
        for &fact in AppFact::VARIANTS {
            assert_eq!(AppFact::parse(fact.as_str()), Some(fact));
        }
    }

    proptest! {
        #[test]
        fn facts_read_back_as_they_were_stored(values in prop::collection::vec("[a; \\\\:]{1,12}", 1..5)) {
            let some = Facts(AppFact::VARIANTS.iter().copied().zip(values).collect());
            prop_assert_eq!(Facts::read(&some.told()), Some(some));
        }
    }
}
