//! Changes since memory read a value. This node follows the database's log of changes, and notes
//! its own changes at once.
//!
//! A value in memory carries the [`Stamp`] of the moment before it was read. It counts until a
//! change of what it is about gets a later one. A value whose reading overlaps with a change is
//! therefore read again, also if the reading saw it.

use super::cached_value::{CachedValue, CircuitBreaker};
use crate::{
    db::{
        Db, Error,
        change_log::{self, Change, Position},
    },
    domain::{AccountId, Lifetime},
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Time between two reads of the log while requests come. A second is the limit.
const OFTEN: Lifetime = Lifetime::millis(250);
/// Number of groups in which accounts are kept. A change of one account makes the others of its
/// group be read once more.
const GROUPS: u64 = 16_384;

/// A moment among the changes that this node has noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(pub(super) u64);

pub struct Changes {
    log: CachedValue<Arc<Position>>,
    count: AtomicU64,
    of_all: AtomicU64,
    of_settings: AtomicU64,
    of_apps: AtomicU64,
    of_accounts: Box<[AtomicU64]>,
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            log: CachedValue::new(OFTEN),
            count: AtomicU64::new(0),
            of_all: AtomicU64::new(0),
            of_settings: AtomicU64::new(0),
            of_apps: AtomicU64::new(0),
            of_accounts: (0..GROUPS).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

impl Changes {
    /// Reads the log unless that was done within the last second. Afterwards, what memory holds is
    /// at most a second old. While the database is unavailable, it is as old as the grace at most.
    ///
    /// # Errors
    ///
    /// Memory may not be trusted: the log cannot be read, and the grace is over.
    pub async fn follow(&self, db: &Db, breaker: &CircuitBreaker) -> Result<(), Error> {
        let read = async {
            let last = self.log.latest();
            let (position, changes) = db.read(move |connection| change_log::since(connection, last.as_deref())).await?;
            self.note(&changes);
            Ok(Arc::new(position))
        };
        self.log.get(breaker, read).await.map(drop)
    }

    /// Returns the stamp for a value that is read from now on.
    pub fn stamp(&self) -> Stamp {
        Stamp(self.count.load(Ordering::SeqCst))
    }

    pub fn note_account(&self, account: AccountId) {
        if let Some(group) = self.group(account) {
            self.count_in(group);
        }
    }

    pub fn note_settings(&self) {
        self.count_in(&self.of_settings);
    }

    pub fn note_apps(&self) {
        self.count_in(&self.of_apps);
    }

    /// Returns whether the account has changed since a value got its stamp.
    pub fn changed_account(&self, account: AccountId, since: Stamp) -> bool {
        self.group(account).is_none_or(|group| is_later(group, since)) || is_later(&self.of_all, since)
    }

    pub fn changed_settings(&self, since: Stamp) -> bool {
        is_later(&self.of_settings, since) || is_later(&self.of_all, since)
    }

    /// Returns whether an app or a group has changed.
    pub fn changed_apps(&self, since: Stamp) -> bool {
        is_later(&self.of_apps, since) || is_later(&self.of_all, since)
    }

    fn note(&self, changes: &change_log::Changes) {
        match changes {
            change_log::Changes::Unknown => self.count_in(&self.of_all),
            change_log::Changes::These(changes) => changes.iter().for_each(|change| match change {
                Change::Settings => self.note_settings(),
                Change::Apps => self.note_apps(),
                Change::Account(account) => self.note_account(*account),
            }),
        }
    }

    fn group(&self, account: AccountId) -> Option<&AtomicU64> {
        // The lowest bits of ids are random, as good as any hash.
        self.of_accounts.get(usize::try_from(account.as_i64().cast_unsigned() % GROUPS).ok()?)
    }

    fn count_in(&self, group: &AtomicU64) {
        let count = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        group.fetch_max(count, Ordering::SeqCst);
    }
}

fn is_later(group: &AtomicU64, since: Stamp) -> bool {
    group.load(Ordering::SeqCst) > since.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_ends_what_was_read_before_it_and_nothing_else() {
        let changes = Changes::default();
        let (ana, ben) = (AccountId::from_i64(1), AccountId::from_i64(2));
        let before = changes.stamp();
        changes.note_account(ana);
        let after = changes.stamp();
        assert!(changes.changed_account(ana, before) && !changes.changed_account(ana, after));
        assert!(!changes.changed_account(ben, before) && !changes.changed_settings(before));
        changes.note_settings();
        assert!(changes.changed_settings(after) && !changes.changed_account(ana, after));
        let last = changes.stamp();
        changes.note(&change_log::Changes::These(vec![Change::Apps]));
        assert!(changes.changed_apps(last) && !changes.changed_settings(last) && !changes.changed_account(ana, last));
        let last = changes.stamp();
        changes.note(&change_log::Changes::Unknown);
        assert!(changes.changed_settings(last) && changes.changed_apps(last) && changes.changed_account(ana, last));
        assert!(changes.changed_account(ben, last) && !changes.changed_account(ben, changes.stamp()));
    }
}
