//! Groups of accounts. Apps learn their names and decide what a member may do.

use crate::Id;
use std::fmt;

pub type GroupId = Id<Group>;

pub const MAX_LENGTH: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub id: GroupId,
    pub name: GroupName,
    /// Note of an admin about it, for admins.
    pub note: String,
}

/// A name of small letters, digits, dots, hyphens and underscores, at most [`MAX_LENGTH`] long. It
/// begins with a letter or a digit.
///
/// It has no comma and no space, because proxies pass all names in one header, separated by commas.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupName(String);

/// Why a text is not the name of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAGroupName;

impl GroupName {
    pub fn parse(typed: &str) -> Result<Self, NotAGroupName> {
        let name = crate::typed::trimmed(typed).to_ascii_lowercase();
        let begins_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        if begins_well && is_plain && name.len() <= MAX_LENGTH { Ok(Self(name)) } else { Err(NotAGroupName) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_into_a_list_with_commas() {
        assert_eq!(GroupName::parse(" Family ").unwrap().as_str(), "family");
        assert!(GroupName::parse(&"a".repeat(64)).is_ok());
        for typed in ["", "a,b", "a b", "-a", "é", "a;b", "a\"b", &"a".repeat(65)] {
            assert_eq!(GroupName::parse(typed), Err(NotAGroupName), "{typed:?}");
        }
    }
}
