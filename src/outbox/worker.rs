//! A worker: leases emails, sends them over its own connection, and notes the outcomes.

use super::{
    due::{Due, Pretence},
    round::{LEASE, RENEW, Round},
    secrets::Secrets,
    stop::StopSignal,
    take::{Bundle, Taken, take},
    worker_pool::{Number, STUCK, WorkerPool},
};
use crate::{
    db::{
        self, DbConnection, Error,
        outbox::{Lease, Unread, Wanted},
    },
    domain::{
        Entropy, MailId, Timestamp, entropy,
        mail::{MailReason, MailState, QueuedMail, Recipient, Urgency},
    },
    mail::Transport,
    metrics::kind,
    services::Services,
};
use rocket::futures::FutureExt;
use std::{
    panic::{AssertUnwindSafe, resume_unwind},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

/// One round in this many takes security emails first, so that a flood of others cannot delay them
/// forever.
const NEWS_FIRST: u64 = 8;
/// Time for which a worker rests when the mail server has room for others only.
const REST: Duration = Duration::from_secs(30);
/// Interval at which a spare worker checks whether it is needed.
const LOOK_FOR_STUCK: Duration = Duration::from_secs(1);
/// The longest sleep between two rounds. Emails from another node or the command line ring no bell
/// here.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// The longest pause while the mail server cannot be used, because users wait in front of a page.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

pub struct Worker {
    pub(super) pool: Arc<WorkerPool>,
    pub(super) services: Arc<Services>,
    pub(super) transport: Transport,
    /// Rounds in a row in which the mail server could not be used.
    pub(super) failed_rounds: u32,
    pub(super) number: Number,
    /// True if the worker rests because the mail server allows fewer connections.
    pub(super) is_resting: bool,
    rounds: u64,
    /// The email that is being sent.
    current: Option<MailId>,
    /// True if this round has leased any.
    has_leased: bool,
    stop: StopSignal,
}

/// An email with its secrets, ready to send.
pub(super) struct Ready {
    pub due: Due,
    pub secrets: Arc<Secrets>,
    /// True if an email with these same secrets may have arrived.
    pub is_copy: bool,
    /// Security events that the same email tells.
    pub others: Vec<(Due, Secrets)>,
}

impl Ready {
    /// Returns the rows of the outbox that it covers, its own first.
    pub(super) fn mails(&self) -> impl Iterator<Item = &QueuedMail> {
        std::iter::once(&self.due.mail).chain(self.others.iter().map(|(due, _)| &due.mail))
    }
}

impl WorkerPool {
    /// Makes one more worker.
    pub fn worker(self: &Arc<Self>) -> Result<Worker, String> {
        self.make_worker(false)
    }

    /// Makes a worker for when others are held up.
    pub fn spare_worker(self: &Arc<Self>) -> Result<Worker, String> {
        self.make_worker(true)
    }

    fn make_worker(self: &Arc<Self>, is_spare: bool) -> Result<Worker, String> {
        let services = &self.services;
        let transport = Transport::with(&services.config, &services.dev_mailbox, self.timeouts)?;
        let number = Number::new(self.next_number.fetch_add(1, Ordering::Relaxed), is_spare);
        Ok(Worker::of(Arc::clone(self), transport, number))
    }
}

impl Worker {
    /// Makes a worker that works alone.
    pub fn new(services: Arc<Services>) -> Result<Self, String> {
        WorkerPool::new(services).worker()
    }

    pub(super) fn of(pool: Arc<WorkerPool>, transport: Transport, number: Number) -> Self {
        let services = Arc::clone(&pool.services);
        Self {
            pool,
            services,
            transport,
            failed_rounds: 0,
            number,
            is_resting: false,
            rounds: 0,
            current: None,
            has_leased: false,
            stop: StopSignal::never(),
        }
    }

    /// Sends emails until `stop`. Then it finishes the current one and puts the other leased ones
    /// back.
    pub async fn run(mut self, stop: StopSignal) {
        self.stop = stop.clone();
        let mut stop = stop;
        let services = Arc::clone(&self.services);
        loop {
            let is_idle = self.number.is_spare && !self.pool.needs_spare();
            let pause = if is_idle { LOOK_FOR_STUCK } else { self.round_and_pause().await };
            let pause = if self.is_resting { REST } else { pause };
            let listens = self.failed_rounds == 0 && !self.number.is_spare && !self.is_resting;
            tokio::select! {
                biased;
                () = stop.wanted() => return,
                () = services.bell.notified(), if listens => {}
                () = tokio::time::sleep(pause) => {
                    self.transport.rest().await;
                    self.pool.note_connection(self.number, self.transport.is_open());
                }
            }
            self.is_resting = false;
        }
    }

    /// Runs one round. Returns how long to sleep after it.
    async fn round_and_pause(&mut self) -> Duration {
        match self.round().await {
            Ok(0) => self.until_next().await,
            Ok(_) if self.failed_rounds == 0 => Duration::ZERO,
            Ok(_) => Duration::from_millis(500 << self.failed_rounds.min(6)).min(LONGEST_PAUSE),
            Err(error) => {
                if !error.is_unavailable() {
                    if let Some(unsaid) = self.pool.may_log("batch") {
                        tracing::error!(error = %error, unsaid, "cannot prepare emails");
                    }
                } else if let Some(unsaid) = self.pool.may_log("outbox") {
                    tracing::warn!(error = %error, unsaid, "cannot read the outbox");
                }
                Duration::from_secs(1)
            }
        }
    }

    async fn until_next(&self) -> Duration {
        match self.services.db.read(db::outbox::next_due).await {
            Ok(Some(due)) => due.since(self.services.now()).to_std().clamp(Duration::from_millis(50), LOOK_AGAIN),
            _ => LOOK_AGAIN,
        }
    }

    /// Leases what is due, sends each, and returns how many there were. In any case, others can
    /// lease at once what was not begun.
    pub async fn round(&mut self) -> Result<usize, Error> {
        let lease = Lease(i64::from_be_bytes(entropy::bytes(&*self.services.entropy)));
        // After a panic this worker only puts its emails back, and another one replaces it.
        let worked = AssertUnwindSafe(self.work_off(lease)).catch_unwind().await;
        if !matches!(worked, Ok(Ok(_))) {
            self.release_leases(lease).await;
        }
        worked.unwrap_or_else(|panic| resume_unwind(panic))
    }

    async fn work_off(&mut self, lease: Lease) -> Result<usize, Error> {
        let services = Arc::clone(&self.services);
        let mut renewed_at = services.now();
        self.has_leased = false;
        let settings = services.settings().await?;
        let Taken { leased, bundles, .. } = self.take(lease, renewed_at).await?;
        self.has_leased = leased > 0;
        if bundles.is_empty() {
            return Ok(leased);
        }
        let round = Round { lease, settings, now: services.now() };
        let ready = self.make_ready(bundles, round.clone()).await?;
        let mut ready = ready.into_iter();
        while !self.stop.is_wanted()
            && let Some(mail) = ready.next()
        {
            let now = services.now();
            if now.since(renewed_at) >= RENEW {
                renew(&services, lease).await?;
                renewed_at = now;
            }
            self.current = Some(mail.due.mail.id);
            let server_is_usable = self.deliver(mail, &round).await;
            self.current = None;
            if !server_is_usable {
                break;
            }
        }
        if ready.len() > 0 || self.is_resting {
            self.release_leases(lease).await;
        }
        if self.is_resting {
            // For a worker that has a connection.
            services.bell.notify_one();
        }
        Ok(leased)
    }

    /// Takes a batch.
    async fn take(&mut self, lease: Lease, now: Timestamp) -> Result<Taken, Error> {
        let start = self.services.settings.start();
        self.rounds = self.rounds.wrapping_add(1);
        let first = if self.rounds.is_multiple_of(NEWS_FIRST) { Urgency::News } else { Urgency::WaitedFor };
        let (most, share) = (self.pool.batch(), self.services.config.mail_connections);
        let write = move |connection: &mut DbConnection| {
            // Inside the transaction, so that a setting turned off a moment ago counts.
            let settings = db::settings::load(connection, &start)?;
            let pass_over = db::outbox::stuck(connection, now.minus(STUCK), now)?.with_at_least(share);
            take(connection, &settings, (lease, now), &Wanted { most, first, pass_over })
        };
        let taken = self.services.db.write(write).await?;
        for state in &taken.settled {
            self.services.metrics.mails.get_or_create(&kind(state.into_str())).inc();
        }
        if taken.left_to_newer > 0
            && let Some(unsaid) = self.pool.may_log("newer")
        {
            tracing::warn!(
                emails = taken.left_to_newer,
                unsaid,
                "emails of an unknown kind wait for a node of a newer version"
            );
        }
        for Unread { id, kind, why, .. } in &taken.unreadable {
            tracing::error!(mail = %id, kind, error = %why, "email not sent: its stored facts cannot be read");
        }
        Ok(taken)
    }

    /// Makes and stores the secrets of all, in one transaction.
    async fn make_ready(&self, bundles: Vec<Bundle>, round: Round) -> Result<Vec<Arc<Ready>>, Error> {
        let entropy: Arc<dyn Entropy> = Arc::clone(&self.services.entropy);
        let (memory, now) = (Arc::clone(&self.services.hash_memory), round.now);
        let keys = Arc::clone(&self.services.keys);
        let pool = Arc::clone(&self.pool);
        let asked: Vec<MailId> = bundles.iter().map(|bundle| bundle.due.mail.id).collect();
        let made = tokio::task::spawn_blocking(move || {
            let secrets_of = |due: &Due| {
                let salt = due.code_salt(&keys).map_err(Error::fault)?;
                Secrets::make(salt.as_ref(), &*entropy, &memory, now)
                    .map_err(|_| Error::fault("a code could not be hashed"))
            };
            let make_ready = |Bundle { due, others }: Bundle| {
                let kept = pool.kept(due.mail.id);
                let is_copy = kept.is_some();
                let secrets = kept.map_or_else(|| secrets_of(&due).map(Arc::new), Ok)?;
                let with_secrets = |due: Due| secrets_of(&due).map(|secrets| (due, secrets));
                let others = others.into_iter().map(with_secrets).collect::<Result<Vec<_>, _>>()?;
                Ok(Arc::new(Ready { due, secrets, is_copy, others }))
            };
            bundles.into_iter().map(make_ready).collect::<Result<Vec<_>, Error>>()
        });
        let made = made.await.map_err(Error::fault)??;
        let leaving = self
            .services
            .db
            .write(move |connection| {
                let mut leaving = Vec::new();
                for ready in &made {
                    leaving.extend(store(connection, ready, &round)?);
                }
                let ids: Vec<_> = leaving.iter().flat_map(|ready| ready.mails().map(|mail| mail.id)).collect();
                db::outbox::note_handing(connection, &ids, now)?;
                Ok(leaving)
            })
            .await?;
        // Only once they are stored: a copy after a failed write needs them again.
        asked.into_iter().for_each(|mail| self.pool.forget_kept(mail));
        Ok(leaving)
    }

    /// Puts back everything that is still leased, except the current email. If that one makes
    /// workers panic, others get their turn first.
    async fn release_leases(&self, lease: Lease) {
        let but = self.current;
        let released = self.services.db.write(move |connection| db::outbox::release(connection, lease, but)).await;
        if let Err(error) = released
            && self.has_leased
            && let Some(unsaid) = self.pool.may_log("leases")
        {
            tracing::warn!(error = %error, unsaid, "leased emails wait until their lease expires");
        }
    }
}

/// Stores the secrets of an email. Returns the email if it still leaves.
fn store(connection: &mut DbConnection, ready: &Arc<Ready>, round: &Round) -> Result<Option<Arc<Ready>>, Error> {
    let ended = MailReason::EndedSince;
    let (due, id) = (&ready.due, ready.due.mail.id);
    if !db::outbox::holds(connection, id, round.lease)? {
        return Ok(None);
    }
    let overtaken = ready.is_copy && ready.secrets.are_overtaken(connection, due)?;
    if !overtaken && ready.secrets.store(connection, due, round)? {
        for (due, secrets) in &ready.others {
            secrets.store(connection, due, round)?;
        }
        return Ok(Some(Arc::clone(ready)));
    }
    if due.mail.kind.recipient() == Recipient::Typed && !overtaken {
        let pretended = due.pretended.or(Some(Pretence::Ends(ended)));
        let due = Due { pretended, ..due.clone() };
        return Ok(Some(Arc::new(Ready {
            due,
            secrets: Arc::clone(&ready.secrets),
            is_copy: ready.is_copy,
            others: Vec::new(),
        })));
    }
    db::outbox::settle(connection, round.leased(id), MailState::Dropped, ended.as_str())?;
    Ok(None)
}

async fn renew(services: &Services, lease: Lease) -> Result<(), Error> {
    let until = services.now().plus(LEASE);
    services.db.write(move |connection| db::outbox::renew(connection, lease, until)).await
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.pool.note_connection(self.number, false);
    }
}
