//! Apps behind Gatepost: what they are, who may open them, and how strongly.

pub mod forwarded;
pub mod host;
pub mod path;
pub mod strength;

use crate::{AccountId, Id, group::GroupId};
use std::fmt;
use strength::Required;

pub type AppId = Id<App>;

pub const MAX_SLUG_LENGTH: usize = 40;

/// An app, as rules need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    pub id: AppId,
    pub slug: AppSlug,
    pub name: String,
    pub requires: Required,
    pub access: Access,
    pub is_disabled: bool,
}

/// The short name of an app in addresses and on the command line: small letters, digits and
/// hyphens, at most [`MAX_SLUG_LENGTH`] long.
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

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AppSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who may open an app. An app without any of these lets no one in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    pub everyone: bool,
    pub groups: Vec<GroupId>,
    pub people: Vec<AccountId>,
}

impl App {
    /// Returns whether this account may open the app, how strong its proofs are aside. Admins are no
    /// exception: they can give themselves access, which the audit log shows.
    pub fn may_be_opened_by(&self, account: AccountId, groups: &[GroupId]) -> bool {
        let Access { everyone, groups: allowed, people } = &self.access;
        !self.is_disabled
            && (*everyone || people.contains(&account) || groups.iter().any(|group| allowed.contains(group)))
    }
}

#[cfg(test)]
mod tests {
    use super::{strength::Strength, *};

    const ANA: AccountId = AccountId::from_i64(1);
    const FAMILY: GroupId = GroupId::from_i64(7);

    fn app(access: Access) -> App {
        App {
            id: AppId::from_i64(1),
            slug: AppSlug::parse("wiki").unwrap(),
            name: "Wiki".to_owned(),
            requires: Required { strength: Strength::One, fresh_within: None },
            access,
            is_disabled: false,
        }
    }

    #[test]
    fn an_app_that_names_no_one_lets_no_one_in() {
        assert!(!app(Access::default()).may_be_opened_by(ANA, &[FAMILY]));
    }

    #[test]
    fn everyone_a_group_or_a_name_lets_a_user_in_and_a_disabled_app_none() {
        let by = [
            Access { everyone: true, ..Access::default() },
            Access { groups: [FAMILY].into(), ..Access::default() },
            Access { people: [ANA].into(), ..Access::default() },
        ];
        for access in by {
            let app = app(access);
            assert!(app.may_be_opened_by(ANA, &[FAMILY]));
            assert!(!App { is_disabled: true, ..app }.may_be_opened_by(ANA, &[FAMILY]));
        }
        let family = app(Access { groups: [FAMILY].into(), ..Access::default() });
        assert!(!family.may_be_opened_by(ANA, &[GroupId::from_i64(8)]));
    }

    #[test]
    fn a_slug_is_a_part_of_an_address_as_it_is() {
        assert!(AppSlug::parse("wiki-2").is_ok());
        for typed in ["", "Wiki", "a b", "a/b", "-a", "a-", "é", "a.b", &"a".repeat(41)] {
            assert_eq!(AppSlug::parse(typed), Err(NotASlug), "{typed:?}");
        }
    }
}
