//! A worker: leases mails, sends them over its own connection, notes what became of them.

use super::{
    crew::Crew,
    decide::{Due, Verdict, decide},
    mint::Secrets,
    stop::Stop,
};
use crate::{
    db::{self, Error, outbox::Lease},
    domain::{Entropy, Lifetime, MailId, Settings, Timestamp, code::HashFault, entropy, mail::MailState},
    mail::Transport,
    metrics::kind,
    services::Services,
};
use rocket::futures::FutureExt;
use std::{
    panic::{AssertUnwindSafe, resume_unwind},
    sync::Arc,
    time::Duration,
};

/// Mails leased at once.
const BATCH: i64 = 4;
/// How long a lease lasts. If the process dies, its mails are taken over after this long.
pub(super) const LEASE: Lifetime = Lifetime::seconds(20);
/// How often a lease is renewed while its mails are being worked on.
pub(super) const RENEW: Lifetime = Lifetime::seconds(6);
/// The longest sleep between two looks, in case a bell was not heard: another node's mail, a mail of the command line.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// The longest pause after the mail server could not be used. Somebody is waiting in front of a page.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

pub struct Worker {
    pub(super) crew: Arc<Crew>,
    pub(super) services: Arc<Services>,
    pub(super) transport: Transport,
    /// Rounds in a row that ended at the mail server's door.
    pub(super) closed_doors: u32,
    /// The mail that is being sent.
    at_hand: Option<MailId>,
    stop: Stop,
}

/// A mail with its secrets, ready to be sent.
pub struct Ready {
    pub due: Due,
    pub secrets: Arc<Secrets>,
    /// An email with these very secrets may have arrived.
    pub is_copy: bool,
}

impl Worker {
    /// A worker that works alone.
    pub fn new(services: Arc<Services>) -> Result<Self, String> {
        Crew::new(services).worker()
    }

    pub(super) fn of(crew: Arc<Crew>, transport: Transport) -> Self {
        let services = Arc::clone(&crew.services);
        Self { crew, services, transport, closed_doors: 0, at_hand: None, stop: Stop::never() }
    }

    /// Sends mail until `stop`; then finishes the mail at hand and puts down the others that it had leased.
    pub async fn run(mut self, stop: Stop) {
        self.stop = stop.clone();
        let mut stop = stop;
        let services = Arc::clone(&self.services);
        loop {
            let pause = self.round_and_pause().await;
            tokio::select! {
                biased;
                () = stop.wanted() => return,
                () = services.bell.notified(), if self.closed_doors == 0 => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// One round, and how long to sleep after it.
    async fn round_and_pause(&mut self) -> Duration {
        match self.round().await {
            Ok(0) => self.until_next().await,
            Ok(_) if self.closed_doors == 0 => Duration::ZERO,
            Ok(_) => Duration::from_millis(500 << self.closed_doors.min(6)).min(LONGEST_PAUSE),
            Err(error) => {
                if let Some(unsaid) = self.crew.may_say("outbox") {
                    tracing::warn!(error = %error, unsaid, "the outbox cannot be read");
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

    /// Leases what is due and sees each of them through; how many there were. However it goes, what was not begun can be leased again at once.
    pub async fn round(&mut self) -> Result<usize, Error> {
        let lease = Lease(i64::from_be_bytes(entropy::bytes(&*self.services.entropy)));
        // Nothing of this worker is used after a panic but what puts the mails down: another one takes its place.
        let worked = AssertUnwindSafe(self.work_off(lease)).catch_unwind().await;
        if !matches!(worked, Ok(Ok(_))) {
            self.put_down(lease).await;
        }
        worked.unwrap_or_else(|panic| resume_unwind(panic))
    }

    async fn work_off(&mut self, lease: Lease) -> Result<usize, Error> {
        let services = Arc::clone(&self.services);
        let mut renewed_at = services.now();
        let settings = services.settings().await?;
        let (leased, due) = self.lease(lease, renewed_at).await?;
        if due.is_empty() {
            return Ok(leased);
        }
        let ready = self.make_ready(due, lease, &settings).await?;
        let mut ready = ready.into_iter();
        while !self.stop.is_wanted()
            && let Some(mail) = ready.next()
        {
            let now = services.now();
            if now.since(renewed_at) >= RENEW {
                renew(&services, lease).await?;
                renewed_at = now;
            }
            self.at_hand = Some(mail.due.mail.id);
            let server_is_usable = self.see_through(mail, lease, &settings).await;
            self.at_hand = None;
            if !server_is_usable {
                break;
            }
        }
        if ready.len() > 0 {
            self.put_down(lease).await;
        }
        Ok(leased)
    }

    /// Leases a batch, settles at once what need not be sent, and returns the rest.
    async fn lease(&self, lease: Lease, now: Timestamp) -> Result<(usize, Vec<Due>), Error> {
        let until = now.plus(LEASE);
        let start = self.services.settings.start();
        let (leased, due, settled) = self
            .services
            .db
            .write(move |connection| {
                // Within the transaction, so that a switch turned off a moment ago is off.
                let settings = db::settings::load(connection, &start)?;
                let mails = db::outbox::lease(connection, lease, now, until, BATCH)?;
                let (mut due, mut settled) = (Vec::new(), Vec::new());
                for mail in &mails {
                    let (state, reason) = match decide(connection, mail, &settings, now)? {
                        Verdict::Send(mail) => {
                            due.push(*mail);
                            continue;
                        }
                        Verdict::Drop(reason) => (MailState::Dropped, reason),
                        Verdict::GiveUp(reason) => (MailState::Dead, reason),
                    };
                    db::outbox::settle(connection, mail.id, lease, state, reason, now)?;
                    settled.push(state);
                }
                Ok((mails.len(), due, settled))
            })
            .await?;
        for state in settled {
            self.services.metrics.mails.get_or_create(&kind(state.as_str())).inc();
        }
        Ok((leased, due))
    }

    /// Makes and stores the secrets of all, in one transaction.
    async fn make_ready(
        &self,
        due: Vec<Due>,
        lease: Lease,
        settings: &Arc<Settings>,
    ) -> Result<Vec<Arc<Ready>>, Error> {
        let entropy: Arc<dyn Entropy> = Arc::clone(&self.services.entropy);
        let (memory, now) = (Arc::clone(&self.services.hash_memory), self.services.now());
        let crew = Arc::clone(&self.crew);
        let made = tokio::task::spawn_blocking(move || {
            let make_ready = |due: Due| {
                let kept = crew.take_kept(due.mail.id);
                let is_copy = kept.is_some();
                let secrets = kept.map_or_else(|| Secrets::make(&due, &*entropy, &memory, now).map(Arc::new), Ok)?;
                Ok(Arc::new(Ready { due, secrets, is_copy }))
            };
            due.into_iter().map(make_ready).collect::<Result<Vec<_>, HashFault>>()
        });
        let made = made.await.map_err(Error::fault)?.map_err(|_| Error::fault("a code could not be hashed"))?;
        let settings = Arc::clone(settings);
        let all = made.clone();
        let stored = self
            .services
            .db
            .write(move |connection| {
                let stored = all
                    .iter()
                    .map(|ready| {
                        let id = ready.due.mail.id;
                        if !db::outbox::holds(connection, id, lease)? {
                            return Ok(false);
                        }
                        let overtaken = ready.is_copy && ready.secrets.are_overtaken(connection, &ready.due)?;
                        if overtaken || !ready.secrets.store(connection, &ready.due, &settings, now)? {
                            db::outbox::settle(connection, id, lease, MailState::Dropped, "ended meanwhile", now)?;
                            return Ok(false);
                        }
                        Ok(true)
                    })
                    .collect::<Result<Vec<_>, Error>>()?;
                let leaving = |(ready, stored): (&Arc<Ready>, &bool)| stored.then_some(ready.due.mail.id);
                let leaving: Vec<_> = all.iter().zip(&stored).filter_map(leaving).collect();
                db::outbox::note_handing(connection, &leaving, now)?;
                Ok(stored)
            })
            .await?;
        Ok(made.into_iter().zip(stored).filter_map(|(ready, stored)| stored.then_some(ready)).collect())
    }

    /// Gives back whatever is still under a lease, but for the mail at hand: if it is one that makes workers panic, others get their turn before
    /// it comes again.
    async fn put_down(&self, lease: Lease) {
        let but = self.at_hand;
        let released = self.services.db.write(move |connection| db::outbox::release(connection, lease, but)).await;
        if let Err(error) = released {
            tracing::warn!(error = %error, "mails stay leased until their lease runs out");
        }
    }
}

async fn renew(services: &Services, lease: Lease) -> Result<(), Error> {
    let until = services.now().plus(LEASE);
    services.db.write(move |connection| db::outbox::renew(connection, lease, until)).await
}
