//! Turns: a queue that serves each party in its turn. A party that asks a thousand times delays the
//! others by one job.

use crate::{AccountId, ClientAddress};
use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
};

/// Party that a job is done for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Party {
    /// Gatepost itself: the email worker, housekeeping, the command line.
    Gatepost,
    /// A signed-in account, from wherever its requests come.
    Account(AccountId),
    /// A client without a session, counted as limits count an address.
    Client(IpAddr),
}

impl Party {
    pub fn of(account: Option<AccountId>, client: ClientAddress) -> Self {
        account.map_or_else(|| Self::Client(client.household()), Self::Account)
    }
}

/// Jobs that wait, in one line for each party. Its room is bounded. When it is full, the newest job
/// in the longest line gives way.
///
/// Every second turn is Gatepost's own, if it has a job. An email takes three transactions, and its
/// reader would wait for a whole round of a flood before each.
#[derive(Debug)]
pub struct Turns<T> {
    room: usize,
    waiting: usize,
    lines: HashMap<Party, VecDeque<T>>,
    /// Parties that wait, in the order of their turns.
    order: VecDeque<Party>,
    /// True if the last turn was Gatepost's.
    was_gatepost: bool,
}

impl<T> Turns<T> {
    pub fn new(room: usize) -> Self {
        Self { room, waiting: 0, lines: HashMap::new(), order: VecDeque::new(), was_gatepost: false }
    }

    /// Adds a job at the end of its party's line. Returns the job that gives way for it, which may
    /// be `work` itself.
    #[must_use = "its caller has to be told"]
    pub fn push(&mut self, party: Party, work: T) -> Option<T> {
        if self.waiting < self.room {
            self.add(party, work);
            return None;
        }
        let own = self.lines.get(&party).map_or(0, VecDeque::len);
        // Only a full queue looks at every line.
        let longest = self.lines.iter().max_by_key(|(_, line)| line.len()).filter(|(_, line)| line.len() > own + 1);
        let Some(longest) = longest.map(|(party, _)| *party) else { return Some(work) };
        let displaced = self.lines.get_mut(&longest).and_then(VecDeque::pop_back);
        self.waiting -= usize::from(displaced.is_some());
        self.add(party, work);
        displaced
    }

    pub const fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// Takes the job whose turn it is.
    pub fn pop(&mut self) -> Option<T> {
        self.pop_of(|_| true).map(|(_, work)| work)
    }

    /// Takes the job whose turn it is among the parties that `may` be served now.
    pub fn pop_of(&mut self, may: impl Fn(&Party) -> bool) -> Option<(Party, T)> {
        let at = self.gatepost(&may).or_else(|| self.order.iter().position(may))?;
        let party = self.order.remove(at)?;
        let line = self.lines.get_mut(&party)?;
        let work = line.pop_front();
        if line.is_empty() {
            self.lines.remove(&party);
        } else {
            self.order.push_back(party);
        }
        self.waiting -= usize::from(work.is_some());
        self.was_gatepost = party == Party::Gatepost;
        work.map(|work| (party, work))
    }

    /// Returns Gatepost's place in the order, if its turn is now.
    fn gatepost(&self, may: impl Fn(&Party) -> bool) -> Option<usize> {
        if self.was_gatepost || !self.lines.contains_key(&Party::Gatepost) || !may(&Party::Gatepost) {
            return None;
        }
        self.order.iter().position(|party| *party == Party::Gatepost)
    }

    fn add(&mut self, party: Party, work: T) {
        let line = self.lines.entry(party).or_default();
        if line.is_empty() {
            self.order.push_back(party);
        }
        line.push_back(work);
        self.waiting += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn account(n: i64) -> Party {
        Party::Account(AccountId::from_i64(n))
    }

    #[test]
    fn a_party_with_a_thousand_jobs_delays_another_by_one() {
        let mut turns = Turns::new(2000);
        for n in 0..1000 {
            assert_eq!(turns.push(account(1), n), None);
        }
        assert_eq!(turns.push(account(2), 5000), None);
        assert_eq!(turns.pop(), Some(0));
        assert_eq!(turns.pop(), Some(5000));
        assert_eq!(turns.pop(), Some(1));
    }

    #[test]
    fn every_second_turn_is_gateposts() {
        let mut turns = Turns::new(100);
        for n in 0..4 {
            assert_eq!(turns.push(account(n), 0), None);
        }
        for _ in 0..3 {
            assert_eq!(turns.push(Party::Gatepost, 9), None);
        }
        let all: Vec<_> = std::iter::from_fn(|| turns.pop()).collect();
        assert_eq!(all, [9, 0, 9, 0, 9, 0, 0]);
    }

    #[test]
    fn a_full_queue_has_room_for_another_party() {
        let mut turns = Turns::new(10);
        for n in 0..10 {
            assert_eq!(turns.push(account(1), n), None);
        }
        assert_eq!(turns.push(account(1), 10), Some(10), "the longest line is its own");
        assert_eq!(turns.push(account(2), 20), Some(9), "the newest of the longest line gives way");
        assert_eq!(turns.push(account(3), 30), Some(8));
        let all: Vec<_> = std::iter::from_fn(|| turns.pop()).collect();
        assert_eq!(all, [0, 20, 30, 1, 2, 3, 4, 5, 6, 7]);
    }

    /// Two parties would otherwise push each other's jobs out in turn.
    #[test]
    fn a_job_takes_no_place_of_a_line_that_is_longer_by_one() {
        let mut turns = Turns::new(3);
        for (party, job) in [(1, 1), (1, 2), (2, 3)] {
            assert_eq!(turns.push(account(party), job), None);
        }
        assert_eq!(turns.push(account(2), 4), Some(4));
    }

    #[test]
    fn gateposts_turn_passes_if_it_may_not_be_served_now() {
        let mut turns = Turns::new(9);
        assert_eq!((turns.push(Party::Gatepost, 9), turns.push(account(1), 1)), (None, None));
        assert_eq!(turns.pop_of(|party| *party != Party::Gatepost), Some((account(1), 1)));
        assert_eq!(turns.pop(), Some(9));
    }

    #[test]
    fn two_addresses_of_one_household_are_one_party() {
        let at = |ip: &str| ClientAddress::new(ip.parse().unwrap());
        assert_eq!(Party::of(None, at("2001:db8:1:2::1")), Party::of(None, at("2001:db8:1:2::2")));
        assert_ne!(Party::of(None, at("2001:db8:1:2::1")), Party::of(None, at("2001:db8:1:3::1")));
        assert_eq!(Party::of(Some(AccountId::from_i64(1)), at("192.0.2.1")), account(1));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_each_party_keeps_its_order(pushes in prop::collection::vec((0i64..5, any::<bool>()), 1..200)) {
            let mut turns = Turns::new(12);
            let (mut given, mut back) = (0, Vec::new());
            for (n, (party, pops)) in pushes.into_iter().enumerate() {
                given += 1;
                back.extend(turns.push(account(party), (party, n)).map(|work| (false, work)));
                if pops {
                    back.extend(turns.pop().map(|work| (true, work)));
                }
                prop_assert!(turns.waiting <= 12);
            }
            back.extend(std::iter::from_fn(|| turns.pop()).map(|work| (true, work)));
            prop_assert_eq!(back.len(), given);
            for party in 0..5 {
                let served: Vec<_> = back.iter().filter(|(served, (of, _))| *served && *of == party).map(|(_, (_, n))| *n).collect();
                prop_assert!(served.is_sorted());
            }
        }
    }
}
