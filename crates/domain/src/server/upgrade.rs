//! Changes since the start before: the version and the database's migrations.

use crate::Timestamp;

/// Version and migrations that a server found when it started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    pub at: Timestamp,
    pub version: String,
    /// The commit, or `unknown`.
    pub built_from: String,
    /// Names of all migrations that were applied.
    pub migrations: Vec<String>,
}

impl Start {
    /// Returns whether this is the same Gatepost on the same schema.
    pub fn is_like(&self, other: &Self) -> bool {
        (&self.version, &self.built_from, &self.migrations) == (&other.version, &other.built_from, &other.migrations)
    }

    /// Returns the version, and the commit where it is known.
    pub fn name(&self) -> String {
        match self.built_from.as_str() {
            "unknown" => self.version.clone(),
            commit => format!("{} ({commit})", self.version),
        }
    }
}

/// The newest change from one Gatepost to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrade {
    pub at: Timestamp,
    pub from: String,
    pub to: String,
    /// Names of the migrations that came with it.
    pub migrations: Vec<String>,
}

impl Upgrade {
    /// Finds it among starts, the newest first. Two nodes may note the same start.
    pub fn newest_of(starts: &[Start]) -> Option<Self> {
        let newest = starts.first()?;
        let before = starts.iter().position(|start| !start.is_like(newest))?;
        let at = starts.get(before.checked_sub(1)?)?.at;
        let before = starts.get(before)?;
        let is_new = |name: &&String| !before.migrations.contains(name);
        let migrations = newest.migrations.iter().filter(is_new).cloned().collect();
        Some(Self { at, from: before.name(), to: newest.name(), migrations })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(at: i64, version: &str, migrations: &[&str]) -> Start {
        Start {
            at: Timestamp::from_millis(at),
            version: version.to_owned(),
            built_from: "unknown".to_owned(),
            migrations: migrations.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn the_newest_upgrade_is_what_the_last_two_starts_that_differ_say() {
        assert_eq!(Upgrade::newest_of(&[]), None);
        let first = start(1, "0.1.0", &["a"]);
        assert_eq!(Upgrade::newest_of(std::slice::from_ref(&first)), None, "the first start is no upgrade");
        let second = start(2, "0.2.0", &["a", "b", "c"]);
        let expected = Upgrade {
            at: second.at,
            from: "0.1.0".to_owned(),
            to: "0.2.0".to_owned(),
            migrations: vec!["b".to_owned(), "c".to_owned()],
        };
        let mut starts = vec![second.clone(), first];
        assert_eq!(Upgrade::newest_of(&starts).as_ref(), Some(&expected));
        // A second node notes the same a moment later.
        starts.insert(0, Start { at: Timestamp::from_millis(3), ..second });
        assert_eq!(Upgrade::newest_of(&starts), Some(expected));
    }

    #[test]
    fn a_commit_is_named_where_it_is_known() {
        let mut start = start(1, "0.1.0", &[]);
        assert_eq!(start.name(), "0.1.0");
        start.built_from = "0123456789ab".to_owned();
        assert_eq!(start.name(), "0.1.0 (0123456789ab)");
    }
}
