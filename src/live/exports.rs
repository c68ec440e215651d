//! Limits how often an account downloads its data: one at a time, and a few an hour on each node.
//! In memory, because a GET changes no row.

use crate::domain::{AccountId, Lifetime, Limit, Timestamp};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Exports of one account in an hour.
pub(super) const AN_HOUR: u16 = 10;
/// Time to wait while another one runs.
const A_MOMENT: Lifetime = Lifetime::seconds(10);
/// With more accounts than this, those whose hour is over are dropped.
const MANY: usize = 1000;

#[derive(Default)]
pub struct Exports(Mutex<HashMap<AccountId, Recent>>);

#[derive(Default)]
struct Recent {
    is_under_way: bool,
    begun: Vec<Timestamp>,
}

/// An export in progress, until this is dropped.
pub struct Export<'a> {
    exports: &'a Exports,
    account: AccountId,
}

impl Exports {
    /// Begins an export.
    ///
    /// # Errors
    ///
    /// Returns the time to wait, if one is in progress or the hour has had its share.
    pub fn begin(&self, account: AccountId, now: Timestamp) -> Result<Export<'_>, Lifetime> {
        let limit = Limit::in_hours::<AN_HOUR, 1>();
        let mut all = self.lock();
        if all.len() > MANY {
            all.retain(|_, recent| recent.is_under_way || !limit.is_forgotten(&recent.begun, now));
        }
        let recent = all.entry(account).or_default();
        if recent.is_under_way {
            return Err(A_MOMENT);
        }
        limit.decide(&recent.begun, now).allowed(now)?;
        recent.begun = limit.remember(&recent.begun, now);
        recent.is_under_way = true;
        Ok(Export { exports: self, account })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, Recent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Export<'_> {
    fn drop(&mut self) {
        if let Some(recent) = self.exports.lock().get_mut(&self.account) {
            recent.is_under_way = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_so_many_an_hour() {
        let (exports, account) = (Exports::default(), AccountId::from_i64(1));
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        let first = exports.begin(account, at(0)).ok();
        assert!(first.is_some());
        assert!(exports.begin(account, at(1)).is_err(), "one is under way");
        assert!(exports.begin(AccountId::from_i64(2), at(1)).is_ok(), "another account waits for nothing");
        drop(first);
        for n in 1..i64::from(AN_HOUR) {
            assert!(exports.begin(account, at(n)).is_ok());
        }
        assert_eq!(exports.begin(account, at(100)).err(), Some(Lifetime::seconds(3500)));
        assert!(exports.begin(account, at(3600)).is_ok());
    }

    #[test]
    fn among_many_accounts_neither_one_under_way_nor_a_used_up_hour_is_forgotten() {
        let exports = Exports::default();
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        let (busy, greedy) = (AccountId::from_i64(-1), AccountId::from_i64(-2));
        let under_way = exports.begin(busy, at(0)).ok();
        assert!(under_way.is_some());
        for n in 0..=1000 {
            assert!(exports.begin(AccountId::from_i64(n), at(0)).is_ok());
        }
        for _ in 0..AN_HOUR {
            assert!(exports.begin(greedy, at(3000)).is_ok());
        }
        assert!(exports.begin(AccountId::from_i64(5000), at(4000)).is_ok());
        assert!(exports.lock().len() < 10, "those whose hour is over are dropped");
        assert!(exports.begin(busy, at(4000)).is_err() && exports.begin(greedy, at(4000)).is_err());
        drop(under_way);
        assert!(exports.begin(busy, at(4000)).is_ok());
    }
}
