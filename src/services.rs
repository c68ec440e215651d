//! What a running Gatepost consists of, handed to whoever needs it. There is one, made in `app`, and no global state beside it.

use crate::{
    breach_list::BreachList,
    config::{Config, MailUrl},
    db::{Db, DbConnection, Error},
    domain::{Clock, Entropy, Settings, Timestamp},
    live::{LiveLogo, LiveSessions, LiveSettings, Pulse},
    mail::{DevMailbox, MailTemplates, Stationery},
    metrics::Metrics,
    passkeys::Passkeys,
    sealing::KeyRing,
};
use std::{
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};
use tokio::{
    sync::{Notify, Semaphore},
    task::{JoinError, spawn_blocking},
};

pub struct Services {
    pub config: Config,
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub keys: Arc<KeyRing>,
    /// None where people come by an IP address. Ask [`Services::passkeys`].
    pub passkeys: Option<Passkeys>,
    pub pulse: Pulse,
    pub settings: LiveSettings,
    pub sessions: LiveSessions,
    pub logo: LiveLogo,
    pub templates: MailTemplates,
    pub stationery: Stationery,
    pub dev_mailbox: DevMailbox,
    /// Rung when there is a new mail in the outbox.
    pub bell: Notify,
    pub slow_work: SlowWork,
    /// The operator's list of breached passwords, if there is one.
    pub breach_list: Option<BreachList>,
    /// Looks into that list. Apart from the other slow work, so that a disk that hangs keeps people from choosing a password and nobody from
    /// signing in.
    pub slow_looks: SlowWork,
    pub metrics: Metrics,
}

impl Services {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether mail is not sent but shown at `/dev/mailbox`, to whoever tries things out.
    pub fn has_dev_mailbox(&self) -> bool {
        self.config.mail_url == MailUrl::Dev
    }

    /// The settings, as of at most a second ago.
    pub async fn settings(&self) -> Result<Arc<Settings>, Error> {
        self.settings.get(&self.db, &self.pulse).await
    }

    /// Passkeys, where they are possible and switched on.
    pub fn passkeys(&self, settings: &Settings) -> Option<&Passkeys> {
        self.passkeys.as_ref().filter(|_| settings.passkey_enabled)
    }

    /// A write that puts mail into the outbox, and the bell for it.
    pub async fn write_and_ring<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
    {
        let result = self.db.write(work).await?;
        self.bell.notify_one();
        Ok(result)
    }
}

/// Work that keeps a core busy, such as a slow hash: away from the threads that serve requests, and no more at once than there are
/// cores. More would be no faster, and a flood of it would take every other blocking thread, and the memory that each hash needs.
pub struct SlowWork {
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// How many may wait for slow work that somebody else is waiting for, too: at ten milliseconds each and two cores, a quarter of a second's.
const MOST_WAITING: usize = 50;

impl Default for SlowWork {
    fn default() -> Self {
        let cores = available_parallelism().map_or(2, NonZero::get);
        Self { permits: Arc::new(Semaphore::new(cores)), waiting: AtomicUsize::new(0) }
    }
}

impl SlowWork {
    /// # Errors
    /// If `work` panics.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, JoinError> {
        // The semaphore is never closed, so there is always a permit in the end.
        let permit = Arc::clone(&self.permits).acquire_owned().await.ok();
        spawn_blocking(move || {
            // Until the work itself is done, not merely until its caller has left.
            let _permit = permit;
            work()
        })
        .await
    }
}

impl SlowWork {
    /// The same; `None` at once where too many wait already.
    ///
    /// # Errors
    /// If `work` panics.
    pub async fn run_unless_busy<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Option<T>, JoinError> {
        let Some(_waiting) = Waiting::begin(&self.waiting) else { return Ok(None) };
        self.run(work).await.map(Some)
    }
}

/// One who waits; no longer when dropped, however that comes about.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize) -> Option<Self> {
        let waiting = Self(count);
        (count.fetch_add(1, Ordering::Relaxed) < MOST_WAITING).then_some(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rocket::async_test]
    async fn slow_work_runs_a_few_at_a_time_and_all_of_it_in_the_end() {
        let (slow, running, most) = (SlowWork::default(), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let work = (0..200).map(|n| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            slow.run(move || {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                (0..50).for_each(|_| std::thread::yield_now());
                running.fetch_sub(1, Ordering::SeqCst);
                n
            })
        });
        let done = rocket::futures::future::join_all(work).await;
        assert!(done.into_iter().map(Result::unwrap).eq(0..200));
        assert!(most.load(Ordering::SeqCst) <= available_parallelism().map_or(2, NonZero::get));
    }
}
