//! Work that keeps a core busy, such as a slow hash. It runs on separate threads, at most one for
//! each core. More would not be faster. A flood of it would take every other blocking thread, and
//! memory for each hash.
//!
//! Each party has its own queue, so that one with many requests delays another by a single hash.

use crate::domain::turns::{Party, Turns};
use std::{
    num::NonZero,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::available_parallelism,
};
use tokio::{
    sync::oneshot,
    task::{JoinError, spawn_blocking},
};

/// Most jobs that wait: at ten milliseconds each and two cores, half a second's work.
const MAX_WAITING: usize = 100;

pub struct SlowWork(Arc<Mutex<State>>);

struct State {
    /// Cores without such work.
    free: usize,
    waiting: Turns<oneshot::Sender<Permit>>,
}

/// The right to keep one core busy. Dropping it passes it to the next in turn.
struct Permit(Option<Arc<Mutex<State>>>);

impl Default for SlowWork {
    fn default() -> Self {
        let free = available_parallelism().map_or(2, NonZero::get);
        Self(Arc::new(Mutex::new(State { free, waiting: Turns::new(MAX_WAITING) })))
    }
}

impl SlowWork {
    /// Runs `work` when it is its party's turn. Returns `None` at once if too many wait, or later
    /// if other parties need the room.
    ///
    /// # Errors
    ///
    /// Returns an error if `work` panics.
    pub async fn run_unless_busy<T: Send + 'static>(
        &self,
        party: Party,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Option<T>, JoinError> {
        let Some(permit) = self.permit(party).await else { return Ok(None) };
        let work = spawn_blocking(move || {
            // Until the work itself is done, even if its caller has left.
            let _permit = permit;
            work()
        });
        work.await.map(Some)
    }

    async fn permit(&self, party: Party) -> Option<Permit> {
        let (ticket, turn) = oneshot::channel();
        let displaced = {
            let mut state = lock(&self.0);
            if state.free > 0 {
                state.free -= 1;
                return Some(Permit(Some(Arc::clone(&self.0))));
            }
            state.waiting.push(party, ticket)
        };
        // Its caller finds that the ticket is gone.
        drop(displaced);
        turn.await.ok()
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let Some(state) = self.0.take() else { return };
        loop {
            let next = {
                let mut state = lock(&state);
                let next = state.waiting.pop();
                if next.is_none() {
                    state.free += 1;
                }
                next
            };
            let Some(ticket) = next else { return };
            match ticket.send(Self(Some(Arc::clone(&state)))) {
                Ok(()) => return,
                // Its caller has left, so that the next one gets the core.
                Err(mut unwanted) => drop(unwanted.0.take()),
            }
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AccountId;
    use rocket::futures::future::{FutureExt, join, join_all};
    use std::sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
    };
    use tokio::task::unconstrained;

    fn account(n: i64) -> Party {
        Party::Account(AccountId::from_i64(n))
    }

    fn with_cores(free: usize) -> SlowWork {
        SlowWork(Arc::new(Mutex::new(State { free, waiting: Turns::new(MAX_WAITING) })))
    }

    // In pairs: each job waits for the one beside it. No job yields or sleeps, because that takes
    // minutes on a busy machine.
    #[rocket::async_test]
    async fn slow_work_runs_a_few_at_a_time_and_all_of_it_in_the_end() {
        let (slow, running, most) = (with_cores(2), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let both = Arc::new(Barrier::new(2));
        let work = (0..100).map(|n| {
            let (running, most, both) = (Arc::clone(&running), Arc::clone(&most), Arc::clone(&both));
            slow.run_unless_busy(account(i64::from(n) % 7), move || {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                both.wait();
                running.fetch_sub(1, Ordering::SeqCst);
                n
            })
        });
        let done = join_all(work).await;
        assert!(done.into_iter().map(|done| done.unwrap().unwrap()).eq(0..100));
        assert_eq!(most.load(Ordering::SeqCst), 2);
    }

    // Checks permits, not finished work, because threads finish in any order. `unconstrained`,
    // because Tokio's budget would make a ready future look as if it waited.
    #[rocket::async_test]
    async fn one_party_fills_the_queue_and_another_is_served_all_the_same() {
        let slow = with_cores(2);
        let busy = (slow.permit(account(1)).await.unwrap(), slow.permit(account(1)).await.unwrap());
        let mut flood: Vec<_> = (0..1000).map(|_| Box::pin(unconstrained(slow.permit(account(1))))).collect();
        let refused = flood.iter_mut().filter_map(|one| one.now_or_never()).filter(Option::is_none).count();
        assert_eq!(refused, 1000 - MAX_WAITING);
        let mut other = Box::pin(unconstrained(slow.permit(account(2))));
        assert!((&mut other).now_or_never().is_none(), "both cores are busy");
        drop(busy);
        assert!(other.now_or_never().flatten().is_some(), "one turn each");
    }

    #[rocket::async_test]
    async fn a_caller_that_leaves_takes_no_turn() {
        let slow = SlowWork::default();
        for _ in 0..500 {
            let left = slow.run_unless_busy(account(1), || ());
            drop(left);
        }
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let wait = Arc::new(Mutex::new(wait));
        let cores = available_parallelism().map_or(2, NonZero::get);
        let busy = (0..cores).map(|_| {
            let wait = Arc::clone(&wait);
            slow.run_unless_busy(account(1), move || wait.lock().unwrap().recv().is_ok())
        });
        let leave = async {
            for _ in 0..20 {
                let waiting = slow.run_unless_busy(account(2), || ());
                let _ = tokio::time::timeout(std::time::Duration::ZERO, waiting).await;
            }
            (0..cores).for_each(|_| go.send(()).unwrap());
        };
        let (ended, ()) = join(join_all(busy), leave).await;
        assert!(ended.into_iter().all(|end| matches!(end, Ok(Some(true)))));
        assert_eq!(slow.run_unless_busy(account(3), || 5).await.unwrap(), Some(5));
        assert_eq!(lock(&slow.0).free, cores);
    }
}
