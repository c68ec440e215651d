//! Apps behind Gatepost: what they are, who may open them, and how strongly.

pub mod asking;
pub mod carried;
pub mod directory;
pub mod exit;
pub mod fact;
pub mod forwarded;
pub mod host;
pub mod identity;
pub mod name;
pub mod part;
pub mod path;
pub mod preset;
pub mod registered;
pub mod setup;
pub mod trouble;
pub mod verdict;

pub use name::AppName;
pub use registered::Registered;

use crate::{Account, AccountId, Id, Timestamp, assurance::Required, group::GroupId};
use std::fmt;

pub type AppId = Id<App>;

pub const MAX_SLUG_LENGTH: usize = 40;

/// An app, as rules need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    pub id: AppId,
    pub slug: AppSlug,
    pub name: AppName,
    pub requires: Required,
    pub access: Access,
    pub is_disabled: bool,
}

/// The short name of an app in addresses and on the command line. It has small letters, digits and
/// hyphens, at most [`MAX_SLUG_LENGTH`] of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AppSlug(String);

/// Why a text is not a slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotASlug;

impl AppSlug {
    pub fn parse(typed: &str) -> Result<Self, NotASlug> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let ends_well = !typed.starts_with('-') && !typed.ends_with('-');
        if (1..=MAX_SLUG_LENGTH).contains(&typed.len()) && ends_well && typed.chars().all(plain) {
            Ok(Self(typed.to_owned()))
        } else {
            Err(NotASlug)
        }
    }

    /// Proposes a slug for a name. `n` counts the proposals that were taken, from 0.
    pub fn propose(name: &AppName, n: u32) -> Self {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let mut base: String = name.as_str().chars().map(plain).collect();
        base.truncate(MAX_SLUG_LENGTH - 6);
        let words: Vec<&str> = base.split('-').filter(|word| !word.is_empty()).collect();
        let base = if words.is_empty() { "app".to_owned() } else { words.join("-") };
        Self(if n == 0 { base } else { format!("{base}-{}", n.saturating_add(1)) })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AppSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Users who may open an app. An app without any of these lets no one in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    pub everyone: bool,
    pub groups: Vec<GroupId>,
    pub people: Vec<AllowedPerson>,
}

/// A user who may open an app without being in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllowedPerson {
    pub account: AccountId,
    /// Time at which this ends. `None`: never.
    pub ends_at: Option<Timestamp>,
}

impl AllowedPerson {
    fn lets_in(&self, account: AccountId, now: Timestamp) -> bool {
        self.account == account && self.ends_at.is_none_or(|end| now < end)
    }
}

impl App {
    /// Returns whether this account may open the app, how strong its proofs are aside. Admins are
    /// no exception: they can give themselves access, which the audit log shows. A guest opens only
    /// apps that name the guest: neither "everyone" nor a group lets one in.
    pub fn may_be_opened_by(&self, account: &Account, groups: &[GroupId], now: Timestamp) -> bool {
        let Access { everyone, groups: allowed, people } = &self.access;
        let is_member = *everyone || groups.iter().any(|group| allowed.contains(group));
        let is_named = || people.iter().any(|person| person.lets_in(account.id, now));
        !self.is_disabled && (is_member && !account.is_guest() || is_named())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assurance::Strength;
    use crate::{EmailAddress, account::AccountName};

    const ANA: AccountId = AccountId::from_i64(1);
    const NOW: Timestamp = Timestamp::from_millis(1_000);
    const FAMILY: GroupId = GroupId::from_i64(7);

    fn ana() -> Account {
        Account {
            id: ANA,
            email: EmailAddress::parse("ana@example.com").unwrap(),
            name: AccountName::default(),
            is_admin: false,
            disabled_at: None,
            proven_at: None,
            created_at: NOW,
            last_signed_in_at: None,
            language: None,
            time_zone: None,
            guest_until: None,
            ends_at: None,
        }
    }

    fn app(access: Access) -> App {
        App {
            id: AppId::from_i64(1),
            slug: AppSlug::parse("wiki").unwrap(),
            name: AppName::parse("Wiki").unwrap(),
            requires: Required { strength: Strength::One, fresh_within: None },
            access,
            is_disabled: false,
        }
    }

    #[test]
    fn an_app_that_names_no_one_lets_no_one_in() {
        assert!(!app(Access::default()).may_be_opened_by(&ana(), &[FAMILY], NOW));
    }

    #[test]
    fn everyone_a_group_or_a_name_lets_a_user_in_and_a_disabled_app_none() {
        let by = [
            Access { everyone: true, ..Access::default() },
            Access { groups: [FAMILY].into(), ..Access::default() },
            Access { people: [AllowedPerson { account: ANA, ends_at: None }].into(), ..Access::default() },
        ];
        for access in by {
            let app = app(access);
            assert!(app.may_be_opened_by(&ana(), &[FAMILY], NOW));
            assert!(!App { is_disabled: true, ..app }.may_be_opened_by(&ana(), &[FAMILY], NOW));
        }
        let family = app(Access { groups: [FAMILY].into(), ..Access::default() });
        assert!(!family.may_be_opened_by(&ana(), &[GroupId::from_i64(8)], NOW));
    }

    #[test]
    fn a_guest_opens_only_what_names_the_guest() {
        let guest = Account { guest_until: Some(NOW), ..ana() };
        assert!(!app(Access { everyone: true, ..Access::default() }).may_be_opened_by(&guest, &[], NOW));
        let person = AllowedPerson { account: ANA, ends_at: None };
        assert!(app(Access { people: [person].into(), ..Access::default() }).may_be_opened_by(&guest, &[], NOW));
        let family = Access { groups: [FAMILY].into(), ..Access::default() };
        assert!(!app(family).may_be_opened_by(&guest, &[FAMILY], NOW));
    }

    #[test]
    fn access_until_a_moment_ends_at_that_moment() {
        for (ends_at, is_allowed) in [(999, false), (1_000, false), (1_001, true)] {
            let person = AllowedPerson { account: ANA, ends_at: Some(Timestamp::from_millis(ends_at)) };
            let app = app(Access { people: [person].into(), ..Access::default() });
            assert_eq!(app.may_be_opened_by(&ana(), &[], NOW), is_allowed, "{ends_at}");
        }
    }

    #[test]
    fn a_slug_is_proposed_from_the_name() {
        for (name, n, slug) in
            [("Our Wiki!", 0, "our-wiki"), ("Our Wiki!", 1, "our-wiki-2"), ("日本", 0, "app"), ("–a–", 0, "a")]
        {
            let proposed = AppSlug::propose(&AppName::parse(name).unwrap(), n);
            assert_eq!(proposed.as_str(), slug);
            assert_eq!(AppSlug::parse(slug), Ok(proposed));
        }
    }

    #[test]
    fn a_slug_is_a_part_of_an_address_as_it_is() {
        assert!(AppSlug::parse("wiki-2").is_ok());
        for typed in ["", "Wiki", "a b", "a/b", "-a", "a-", "é", "a.b", &"a".repeat(41)] {
            assert_eq!(AppSlug::parse(typed), Err(NotASlug), "{typed:?}");
        }
    }
}
