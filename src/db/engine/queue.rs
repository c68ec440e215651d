//! The bounded queue of a lane, and the state of its workers: connected, trying to connect, or busy
//! since when.

use crate::domain::turns::{Party, Turns};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

pub(in crate::db) type WorkerId = u64;

pub(in crate::db) struct Queue<J> {
    state: Mutex<State<J>>,
    /// Rung for connected workers when there is work.
    work: Condvar,
    /// Rung for workers that wait for their turn to connect.
    turn: Condvar,
}

struct State<J> {
    jobs: Turns<J>,
    /// Jobs that their worker could not do. They come first.
    returned: VecDeque<J>,
    is_closed: bool,
    workers: BTreeMap<WorkerId, WorkerState>,
    /// The one worker that may try to connect.
    connecting: Option<WorkerId>,
    next_id: WorkerId,
    /// Workers that were given up and have not ended yet.
    away: usize,
}

#[derive(Default)]
struct WorkerState {
    is_connected: bool,
    busy_since: Option<Instant>,
    /// The party whose job it works on.
    serves: Option<Party>,
}

/// Result of a worker's look for work.
pub(in crate::db) enum Taken<J> {
    Jobs(Vec<J>),
    /// No job for a while.
    Nothing,
    /// There will be no more jobs for this worker.
    Ended,
}

impl<J> Queue<J> {
    pub(in crate::db) fn new(room: usize) -> Self {
        let state = State {
            jobs: Turns::new(room),
            returned: VecDeque::new(),
            is_closed: false,
            workers: BTreeMap::new(),
            connecting: None,
            next_id: 0,
            away: 0,
        };
        Self { state: Mutex::new(state), work: Condvar::new(), turn: Condvar::new() }
    }

    /// Adds a job at the end of its party's queue. Returns the job that has to give way, which may
    /// be `job` itself.
    #[must_use = "its caller has to be told"]
    pub(in crate::db) fn push(&self, party: Party, job: J) -> Option<J> {
        let mut state = self.lock();
        if state.is_closed {
            return Some(job);
        }
        let displaced = state.jobs.push(party, job);
        self.ring(&state);
        displaced
    }

    /// Puts jobs back that another worker can do, in front of the others.
    pub(in crate::db) fn put_back(&self, jobs: Vec<J>) {
        let mut state = self.lock();
        jobs.into_iter().rev().for_each(|job| state.returned.push_front(job));
        self.ring(&state);
        drop(state);
        self.work.notify_all();
    }

    /// Closes the queue. The workers end once it is empty.
    pub(in crate::db) fn close(&self) {
        self.lock().is_closed = true;
        self.work.notify_all();
        self.turn.notify_all();
    }

    pub(in crate::db) fn enter(&self) -> WorkerId {
        let mut state = self.lock();
        let id = state.next_id;
        state.next_id += 1;
        state.workers.insert(id, WorkerState::default());
        id
    }

    pub(in crate::db) fn leave(&self, id: WorkerId) {
        let mut state = self.lock();
        if state.workers.remove(&id).is_none() {
            state.away = state.away.saturating_sub(1);
        }
        state.free_turn_of(id);
        drop(state);
        self.turn.notify_all();
    }

    /// Waits for jobs, `idle` at most, and takes up to `most` of them.
    pub(in crate::db) fn take(&self, id: WorkerId, most: usize, idle: Duration) -> Taken<J> {
        let mut state = self.lock();
        let mut has_waited = false;
        loop {
            if !state.workers.contains_key(&id) {
                return Taken::Ended;
            }
            let jobs = state.pop_for(id, most);
            state.note_busy(id, !jobs.is_empty());
            if !jobs.is_empty() {
                return Taken::Jobs(jobs);
            }
            if state.is_closed {
                return Taken::Ended;
            }
            if has_waited {
                return Taken::Nothing;
            }
            let (woken, timeout) = self.work.wait_timeout(state, idle).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            has_waited = timeout.timed_out();
        }
    }

    /// Waits for this worker's turn to connect. Returns `false` if it has to end.
    pub(in crate::db) fn begin_connecting(&self, id: WorkerId) -> bool {
        let mut state = self.lock();
        loop {
            let is_needed = !state.is_closed || state.has_jobs() && !state.is_any_connected();
            if !state.workers.contains_key(&id) || !is_needed {
                return false;
            }
            if state.connecting.is_none() {
                state.connecting = Some(id);
                state.note_busy(id, true);
                return true;
            }
            state = self.turn.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Notes that this worker can serve. Returns `false` if it was given up.
    pub(in crate::db) fn connected(&self, id: WorkerId) -> bool {
        let mut state = self.lock();
        state.free_turn_of(id);
        let known = state.workers.get_mut(&id).map(|worker| worker.is_connected = true).is_some();
        drop(state);
        self.turn.notify_all();
        known
    }

    /// Notes that this worker cannot connect. If no other can serve either, it gets the waiting
    /// jobs, to tell their callers.
    pub(in crate::db) fn failed(&self, id: WorkerId) -> Vec<J> {
        let mut state = self.lock();
        state.note_busy(id, false);
        if state.is_any_connected() { Vec::new() } else { state.pop_for(id, usize::MAX) }
    }

    /// Keeps the turn and waits before the next try. It waits `least`, and then until `most` is
    /// over or a job needs this worker. Returns `false` if this worker has to end.
    pub(in crate::db) fn wait_to_try_again(&self, id: WorkerId, least: Duration, most: Duration) -> bool {
        let begun = moment();
        let mut state = self.lock();
        loop {
            let is_known = state.workers.contains_key(&id);
            if !is_known || state.is_closed && !state.has_jobs() {
                state.free_turn_of(id);
                return false;
            }
            let is_wanted = state.has_jobs() && !state.is_any_connected();
            let pause = if is_wanted || state.is_closed { least } else { most };
            let passed = begun.elapsed();
            if passed >= pause {
                state.note_busy(id, true);
                return true;
            }
            state = self.turn.wait_timeout(state, pause - passed).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Notes that this worker has lost its connection.
    pub(in crate::db) fn disconnected(&self, id: WorkerId) {
        let mut state = self.lock();
        if let Some(worker) = state.workers.get_mut(&id) {
            worker.is_connected = false;
            worker.serves = None;
        }
        drop(state);
        // Its party may have further jobs that it was to do.
        self.work.notify_all();
        self.turn.notify_all();
    }

    /// Returns whether a worker is connected.
    pub(in crate::db) fn is_served(&self) -> bool {
        self.lock().is_any_connected()
    }

    /// Gives up workers that have been busy for longer than `limit`, while no more than `most_away`
    /// are away. Returns how many.
    pub(in crate::db) fn give_up_stuck(&self, limit: Duration, most_away: usize) -> usize {
        self.give_up_busy_before(moment().checked_sub(limit), most_away)
    }

    /// Gives up workers that have been busy since before that moment. A machine that has just
    /// started has no such moment.
    fn give_up_busy_before(&self, then: Option<Instant>, most_away: usize) -> usize {
        let Some(then) = then else { return 0 };
        let mut state = self.lock();
        let stuck: Vec<WorkerId> = state
            .workers
            .iter()
            .filter(|(_, worker)| worker.busy_since.is_some_and(|since| since < then))
            .map(|(id, _)| *id)
            .take(most_away.saturating_sub(state.away))
            .collect();
        for id in &stuck {
            state.workers.remove(id);
            state.free_turn_of(*id);
            state.away += 1;
        }
        drop(state);
        if !stuck.is_empty() {
            self.turn.notify_all();
        }
        stuck.len()
    }

    fn ring(&self, state: &State<J>) {
        self.work.notify_one();
        if !state.is_any_connected() {
            self.turn.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        // No code that holds this lock can panic during a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<J> State<J> {
    fn has_jobs(&self) -> bool {
        !self.returned.is_empty() || !self.jobs.is_empty()
    }

    /// Takes up to `most` jobs for a worker. If there are several workers, a party leaves one free,
    /// because its jobs may all wait for one lock.
    fn pop_for(&mut self, id: WorkerId, most: usize) -> Vec<J> {
        let share = self.workers.len().saturating_sub(1).max(1);
        let others = self.workers.iter().filter(|(other, _)| **other != id);
        let served: Vec<Party> = others.filter_map(|(_, worker)| worker.serves).collect();
        let may = |party: &Party| served.iter().filter(|served| *served == party).count() < share;
        let mut last = None;
        let mut jobs = Vec::new();
        while jobs.len() < most {
            if let Some(job) = self.returned.pop_front() {
                jobs.push(job);
            } else if let Some((party, job)) = self.jobs.pop_of(may) {
                last = Some(party);
                jobs.push(job);
            } else {
                break;
            }
        }
        if let Some(worker) = self.workers.get_mut(&id) {
            worker.serves = last;
        }
        jobs
    }

    fn is_any_connected(&self) -> bool {
        self.workers.values().any(|worker| worker.is_connected)
    }

    fn free_turn_of(&mut self, id: WorkerId) {
        if self.connecting == Some(id) {
            self.connecting = None;
        }
    }

    fn note_busy(&mut self, id: WorkerId, is_busy: bool) {
        if let Some(worker) = self.workers.get_mut(&id) {
            worker.busy_since = is_busy.then(moment);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "measures how long a worker is busy; no rule depends on it")]
pub(in crate::db) fn moment() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AccountId;

    const MOMENT: Duration = Duration::from_millis(1);
    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn one_worker_at_a_time_tries_to_connect_and_fails_no_job_that_another_can_do() {
        let queue = Queue::new(4);
        let (one, two) = (queue.enter(), queue.enter());
        assert!(queue.begin_connecting(one) && queue.connected(one));
        assert!(queue.begin_connecting(two));
        assert_eq!(queue.push(Party::Gatepost, 'a'), None);
        assert!(queue.failed(two).is_empty(), "the other can do it");
        queue.disconnected(one);
        assert_eq!(queue.failed(two), ['a'], "none can");
        assert!(queue.wait_to_try_again(two, MOMENT, MOMENT));
    }

    #[test]
    fn a_party_whose_jobs_all_wait_leaves_a_worker_for_others() {
        let queue = Queue::new(9);
        let (one, two, three) = (queue.enter(), queue.enter(), queue.enter());
        let flood = Party::Account(AccountId::from_i64(1));
        for job in ['a', 'b', 'c', 'd'] {
            assert_eq!(queue.push(flood, job), None);
        }
        assert!(matches!(queue.take(one, 1, MOMENT), Taken::Jobs(jobs) if jobs == ['a']));
        assert!(matches!(queue.take(two, 1, MOMENT), Taken::Jobs(jobs) if jobs == ['b']));
        assert!(matches!(queue.take(three, 1, MOMENT), Taken::Nothing), "the third is for others");
        assert_eq!(queue.push(Party::Gatepost, 'x'), None);
        assert!(matches!(queue.take(three, 1, MOMENT), Taken::Jobs(jobs) if jobs == ['x']));
        assert!(matches!(queue.take(one, 1, MOMENT), Taken::Jobs(jobs) if jobs == ['c']), "it is free again");
        queue.disconnected(two);
        assert!(matches!(queue.take(three, 1, MOMENT), Taken::Jobs(jobs) if jobs == ['d']), "its worker is gone");
    }

    #[test]
    fn a_worker_that_is_stuck_is_given_up_and_its_turn_is_free() {
        let queue: Queue<char> = Queue::new(4);
        let stuck = queue.enter();
        assert!(queue.begin_connecting(stuck));
        assert_eq!(queue.give_up_stuck(HOUR, 1), 0, "it has not been busy for long");
        let later = moment().checked_add(MOMENT);
        assert_eq!(queue.give_up_busy_before(later, 1), 1);
        let next = queue.enter();
        assert!(queue.begin_connecting(next), "its turn is free");
        assert!(!queue.connected(stuck), "it learns that it was given up");
        assert!(matches!(queue.take(stuck, 1, MOMENT), Taken::Ended));
        let later = moment().checked_add(MOMENT);
        assert_eq!(queue.give_up_busy_before(later, 1), 0, "no more than one is away");
        queue.leave(stuck);
        assert_eq!(queue.give_up_busy_before(later, 1), 1, "it has ended");
    }

    #[test]
    fn jobs_given_back_come_first_and_a_full_or_closed_queue_takes_none() {
        let queue = Queue::new(1);
        let worker = queue.enter();
        assert_eq!(queue.push(Party::Gatepost, 'c'), None);
        queue.put_back(vec!['a', 'b']);
        assert_eq!(queue.push(Party::Gatepost, 'd'), Some('d'));
        queue.close();
        assert_eq!(queue.push(Party::Gatepost, 'd'), Some('d'));
        assert!(matches!(queue.take(worker, 9, MOMENT), Taken::Jobs(jobs) if jobs == ['a', 'b', 'c']));
        assert!(matches!(queue.take(worker, 9, MOMENT), Taken::Ended));
    }
}
