//! State that the workers of one process share.

use super::{log_throttle::LogThrottle, secrets::Secrets};
use crate::{
    domain::{Lifetime, MailId, Timestamp, entropy},
    mail::Timeouts,
    services::Services,
};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicU64},
    time::Duration,
};

/// Most secrets that are kept for another try. Beyond that, a copy gets new ones, and the first
/// email's link stays valid beside them.
const MAX_KEPT: usize = 1000;
/// An email that takes longer holds its worker up, so that a spare one takes over.
pub(super) const STUCK: Lifetime = Lifetime::seconds(5);
/// Most emails whose times are remembered.
const MAX_TIMES: usize = 64;
/// Time for the emails that a worker takes at once, so that the last one does not wait long.
const BATCH_TIME: Duration = Duration::from_millis(100);
/// The longest pretence. It limits how long an attacker who asks for unknown addresses occupies a
/// worker.
const LONGEST_PRETENCE: Duration = Duration::from_secs(10);
/// The pretence before any real email has left.
const FIRST_PRETENCE: Duration = Duration::from_millis(150);

pub struct WorkerPool {
    pub(super) services: Arc<Services>,
    pub(super) timeouts: Timeouts,
    kept: Mutex<HashMap<MailId, Arc<Secrets>>>,
    log_throttle: LogThrottle,
    pub(super) next_number: AtomicU64,
    /// Time at which each busy worker began its email.
    busy: Mutex<HashMap<Number, Timestamp>>,
    /// Workers that hold a connection.
    connected: Mutex<HashSet<Number>>,
    /// Times that the last emails took from MAIL to the final answer, and the domains that they
    /// went to.
    times: Mutex<VecDeque<(String, Duration)>>,
}

/// A worker. Spare ones work only while others are held up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Number {
    number: u64,
    pub is_spare: bool,
}

impl Number {
    pub(super) const fn new(number: u64, is_spare: bool) -> Self {
        Self { number, is_spare }
    }
}

/// Marks a worker as busy until it is dropped.
pub(super) struct Busy<'a> {
    pool: &'a WorkerPool,
    number: Number,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        lock(&self.pool.busy).remove(&self.number);
    }
}

impl WorkerPool {
    pub fn new(services: Arc<Services>) -> Arc<Self> {
        Self::with_timeouts(services, Timeouts::default())
    }

    /// Makes a pool with its own time limits for the mail server.
    pub fn with_timeouts(services: Arc<Services>, timeouts: Timeouts) -> Arc<Self> {
        Arc::new(Self {
            services,
            timeouts,
            kept: Mutex::default(),
            log_throttle: LogThrottle::default(),
            next_number: AtomicU64::new(0),
            busy: Mutex::default(),
            connected: Mutex::default(),
            times: Mutex::default(),
        })
    }

    /// Returns how often an email under way is renewed.
    pub(super) const fn renewal(&self) -> Duration {
        self.timeouts.renew
    }

    /// Notes that a worker begins an email.
    pub(super) fn begin(&self, number: Number) -> Busy<'_> {
        lock(&self.busy).insert(number, self.services.now());
        Busy { pool: self, number }
    }

    /// Returns whether more workers are held up than spare ones are at work.
    pub(super) fn needs_spare(&self) -> bool {
        let now = self.services.now();
        let busy = lock(&self.busy);
        let stuck = busy.iter().filter(|(number, since)| !number.is_spare && now.since(**since) >= STUCK).count();
        stuck > busy.keys().filter(|number| number.is_spare).count()
    }

    pub(super) fn note_connection(&self, number: Number, is_open: bool) {
        let mut connected = lock(&self.connected);
        if is_open {
            connected.insert(number);
        } else {
            connected.remove(&number);
        }
    }

    /// Returns whether another worker holds a connection. If this one gets none, the server allows
    /// fewer.
    pub(super) fn another_is_connected(&self, number: Number) -> bool {
        lock(&self.connected).iter().any(|other| *other != number)
    }

    /// Remembers how long a real email took.
    pub(super) fn note_time(&self, domain: &str, span: Duration) {
        let mut times = lock(&self.times);
        times.push_front((domain.to_owned(), span));
        times.truncate(MAX_TIMES);
    }

    /// Draws how long a pretended email takes. It takes as long as a recent real one, to the same
    /// domain if possible.
    pub(super) fn pretence(&self, domain: &str) -> Duration {
        let draw = u32::from_be_bytes(entropy::bytes(&*self.services.entropy)) as usize;
        let times = lock(&self.times);
        let same: Vec<Duration> = times.iter().filter(|(to, _)| to == domain).map(|(_, span)| *span).collect();
        let of = if same.is_empty() { times.iter().map(|(_, span)| *span).collect() } else { same };
        pretence_like(&of, draw)
    }

    /// Returns how many emails a worker may take at once. The slower they are, the fewer, so that
    /// none waits behind a slow one while another worker is free.
    pub(super) fn batch(&self) -> i64 {
        let times = lock(&self.times);
        let total: Duration = times.iter().map(|(_, span)| *span).sum();
        let mean = total / u32::try_from(times.len().max(1)).unwrap_or(1);
        if mean * 4 <= BATCH_TIME { 4 } else { 1 }
    }

    /// Keeps the secrets of an email that may have arrived, so that a copy carries the same ones.
    pub(super) fn keep(&self, mail: MailId, secrets: &Arc<Secrets>) {
        let mut kept = lock(&self.kept);
        if kept.len() < MAX_KEPT {
            kept.insert(mail, Arc::clone(secrets));
        }
    }

    /// Returns the secrets of an email that perhaps arrived.
    pub(super) fn kept(&self, mail: MailId) -> Option<Arc<Secrets>> {
        lock(&self.kept).get(&mail).cloned()
    }

    pub(super) fn forget_kept(&self, mail: MailId) {
        lock(&self.kept).remove(&mail);
    }

    /// Returns whether to log a lasting trouble now, and how often it occurred since the last line.
    pub(super) fn may_log(&self, what: &'static str) -> Option<u64> {
        self.log_throttle.may_log(what, self.services.now())
    }
}

/// Returns how long a pretended email takes: as long as one of these real ones, within limits.
fn pretence_like(times: &[Duration], draw: usize) -> Duration {
    let drawn = draw.checked_rem(times.len()).and_then(|at| times.get(at).copied());
    drawn.unwrap_or(FIRST_PRETENCE).min(LONGEST_PRETENCE)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pretence_takes_as_long_as_a_real_email_and_never_for_ever() {
        let seconds = Duration::from_secs;
        let drawn = |times: &[Duration]| (0..3).map(|draw| pretence_like(times, draw)).collect::<Vec<_>>();
        assert_eq!(drawn(&[seconds(1), seconds(2)]), [seconds(1), seconds(2), seconds(1)]);
        assert_eq!(drawn(&[seconds(600)]), [LONGEST_PRETENCE; 3]);
        assert_eq!(drawn(&[]), [FIRST_PRETENCE; 3]);
    }
}
