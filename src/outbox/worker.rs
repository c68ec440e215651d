//! A worker: leases mails, sends them over its own connection, notes what became of them.

use super::{
    decide::{Due, Verdict, decide},
    mint::{Secrets, letterhead},
    stop::Stop,
};
use crate::{
    db::{self, Error, outbox::Lease},
    domain::{
        Entropy, Lifetime, MailId, Settings, Timestamp, entropy,
        logo::Logo,
        mail::{MailState, pause_after},
    },
    mail::{NotSent, Outgoing, Transport, Trouble},
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
const LEASE: Lifetime = Lifetime::seconds(20);
/// How often a lease is renewed while its mails are being worked on.
const RENEW: Lifetime = Lifetime::seconds(6);
/// What one mail may take at the very most.
const LONGEST_SEND: Duration = Duration::from_secs(120);
/// The longest sleep between two looks, in case a bell was not heard: another node's mail, a mail of the command line.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// The longest pause after the mail server could not be used. Somebody is waiting in front of a page.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Characters of a mail server's answer that are kept.
const MOST_OF_A_REPLY: usize = 500;

pub struct Worker {
    services: Arc<Services>,
    transport: Transport,
    /// Rounds in a row that ended at the mail server's door.
    closed_doors: u32,
    /// The mail that is being sent.
    at_hand: Option<MailId>,
    stop: Stop,
}

/// A mail with its secrets, ready to be sent.
struct Ready {
    due: Due,
    secrets: Arc<Secrets>,
}

impl Worker {
    pub fn new(services: Arc<Services>) -> Result<Self, String> {
        let transport = Transport::new(&services.config, &services.dev_mailbox)?;
        Ok(Self { services, transport, closed_doors: 0, at_hand: None, stop: Stop::never() })
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
                tracing::warn!(error = %error, "the outbox cannot be read");
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
                self.renew(lease).await?;
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
    async fn make_ready(&self, due: Vec<Due>, lease: Lease, settings: &Arc<Settings>) -> Result<Vec<Ready>, Error> {
        let entropy: Arc<dyn Entropy> = Arc::clone(&self.services.entropy);
        let (memory, now) = (Arc::clone(&self.services.hash_memory), self.services.now());
        let made = tokio::task::spawn_blocking(move || {
            due.into_iter()
                .map(|due| {
                    let secrets = Secrets::make(&due, &*entropy, &memory, now)?;
                    Ok::<_, crate::domain::code::HashFault>(Ready { due, secrets: Arc::new(secrets) })
                })
                .collect::<Result<Vec<_>, _>>()
        });
        let made = made.await.map_err(Error::fault)?.map_err(|_| Error::fault("a code could not be hashed"))?;
        let settings = Arc::clone(settings);
        let keys: Vec<_> = made.iter().map(|ready| (ready.due.clone(), Arc::clone(&ready.secrets))).collect();
        let stored = self
            .services
            .db
            .write(move |connection| {
                keys.iter()
                    .map(|(due, secrets)| {
                        let held = db::outbox::holds(connection, due.mail.id, lease)?;
                        let stored = held && secrets.store(connection, due, &settings)?;
                        if held && !stored {
                            db::outbox::settle(
                                connection,
                                due.mail.id,
                                lease,
                                MailState::Dropped,
                                "ended meanwhile",
                                now,
                            )?;
                        }
                        Ok(stored)
                    })
                    .collect::<Result<Vec<_>, Error>>()
            })
            .await?;
        Ok(made.into_iter().zip(stored).filter_map(|(ready, stored)| stored.then_some(ready)).collect())
    }

    /// Sends one mail and notes what became of it; `false` if the mail server cannot be used.
    async fn see_through(&mut self, ready: Ready, lease: Lease, settings: &Arc<Settings>) -> bool {
        let logo = self.logo(settings).await;
        let sent = match self.compose(&ready, settings, logo.as_deref()) {
            Ok(_) if ready.due.pretended.is_some() => Ok(String::new()),
            Ok(outgoing) => self.send(&outgoing, lease).await,
            // Nothing that waiting would mend; an admin sees it among the dead.
            Err(reply) => Err(NotSent { kind: Trouble::Lasting, reply }),
        };
        // First struck, then cut: half a secret is a secret.
        let kept = |reply: String| ready.secrets.struck_from(&reply).chars().take(MOST_OF_A_REPLY).collect::<String>();
        let sent = sent.map(kept).map_err(|NotSent { kind, reply }| NotSent { kind, reply: kept(reply) });
        let (mail, recipient) = (&ready.due.mail, &ready.due.recipient);
        match &sent {
            Ok(_) if ready.due.pretended.is_some() => {}
            Ok(_) => tracing::info!(mail = %mail.id, kind = mail.kind.as_str(), to = %recipient, "mail sent"),
            Err(error) => {
                tracing::warn!(mail = %mail.id, kind = mail.kind.as_str(), to = %recipient, reply = %error, "mail not sent");
            }
        }
        let server_is_usable = !matches!(&sent, Err(NotSent { kind: Trouble::Server, .. }));
        // A mail that was not sent says nothing of the mail server.
        if ready.due.pretended.is_none() {
            self.closed_doors = if server_is_usable { 0 } else { self.closed_doors.saturating_add(1) };
        }
        self.note(ready, sent, lease, settings).await;
        server_is_usable
    }

    /// Sends a mail, renewing the lease while the mail server takes its time.
    async fn send(&mut self, outgoing: &Outgoing, lease: Lease) -> Result<String, NotSent> {
        let services = Arc::clone(&self.services);
        let sending = tokio::time::timeout(LONGEST_SEND, self.transport.send(outgoing));
        tokio::pin!(sending);
        loop {
            tokio::select! {
                sent = &mut sending => {
                    return sent.unwrap_or_else(|_| Err(NotSent { kind: Trouble::Server, reply: "not done in time".to_owned() }));
                }
                () = tokio::time::sleep(RENEW.to_std()) => {
                    if let Err(error) = renew(&services, lease).await {
                        tracing::warn!(error = %error, "a lease cannot be renewed; its mails may be sent twice");
                    }
                }
            }
        }
    }

    async fn renew(&self, lease: Lease) -> Result<(), Error> {
        renew(&self.services, lease).await
    }

    /// The logo, if it is at hand: no mail waits for a picture.
    async fn logo(&self, settings: &Settings) -> Option<Arc<Logo>> {
        let version = settings.logo.as_ref()?;
        self.services.logo.get(&self.services.db, version).await.unwrap_or_default()
    }

    fn compose(&self, ready: &Ready, settings: &Settings, logo: Option<&Logo>) -> Result<Outgoing, String> {
        let services = &*self.services;
        let base_url = &services.config.base_url;
        let now = services.now();
        let letter = ready.secrets.letter(&ready.due, settings, base_url, now);
        let wording = services
            .templates
            .render(&letterhead(settings, base_url, logo), &letter)
            .map_err(|error| error.to_string())?;
        services.stationery.write(&ready.due.recipient, wording, logo, now).map_err(|error| error.to_string())
    }

    /// Writes down what became of a mail, for a minute if need be: what is not noted will be sent again.
    async fn note(&self, ready: Ready, sent: Result<String, NotSent>, lease: Lease, settings: &Arc<Settings>) {
        let now = self.services.now();
        let ready = Arc::new(ready);
        let sent = Arc::new(sent);
        loop {
            let (ready, sent, settings) = (Arc::clone(&ready), Arc::clone(&sent), Arc::clone(settings));
            let noted =
                self.services.db.write(move |connection| note(connection, &ready, &sent, lease, &settings, now)).await;
            match noted {
                Ok(state) => {
                    let label = if state == MailState::Waiting { "put_back" } else { state.as_str() };
                    self.services.metrics.mails.get_or_create(&kind(label)).inc();
                    return;
                }
                Err(error) if self.services.now().since(now) < Lifetime::minutes(1) => {
                    tracing::warn!(error = %error, "what became of a mail cannot be noted yet");
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
                Err(error) => {
                    tracing::error!(error = %error, "what became of a mail could not be noted; it may be sent twice");
                    return;
                }
            }
        }
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

fn note(
    connection: &mut db::DbConnection,
    ready: &Ready,
    sent: &Result<String, NotSent>,
    lease: Lease,
    settings: &Settings,
    now: Timestamp,
) -> Result<MailState, Error> {
    let mail = &ready.due.mail;
    let domain = ready.due.recipient.domain();
    match sent {
        Ok(reply) => {
            let (state, reply) =
                ready.due.pretended.map_or((MailState::Sent, reply.as_str()), |reason| (MailState::Dropped, reason));
            // Not if the lease ran out: then another worker has made secrets of its own for this mail.
            if db::outbox::settle(connection, mail.id, lease, state, reply, now)? {
                ready.secrets.start_life(connection, &ready.due, settings, now)?;
            }
            if state == MailState::Sent {
                db::outbox::forgive(connection, domain)?;
            }
            Ok(state)
        }
        Err(NotSent { kind: Trouble::Lasting, reply }) => {
            ready.secrets.take_back(connection, &ready.due)?;
            db::outbox::settle(connection, mail.id, lease, MailState::Dead, reply, now)?;
            Ok(MailState::Dead)
        }
        Err(NotSent { kind, reply }) => {
            ready.secrets.take_back(connection, &ready.due)?;
            // Only by people who have an account: a domain is not to be paused by whoever types its addresses.
            if *kind == Trouble::Passing && ready.due.is_known {
                db::outbox::be_patient_with(connection, domain, patience, now)?;
            }
            let due_at = now.plus(pause_after(mail.tries.saturating_add(1), mail.id.as_i64()));
            db::outbox::put_back(connection, mail.id, lease, due_at, reply, now)
        }
    }
}

/// One full mailbox says nothing of its neighbours. Three in a row, and the whole domain is left alone for a while.
fn patience(failures: i32) -> Lifetime {
    if failures < 3 { Lifetime::ZERO } else { pause_after(failures - 2, 0) }
}
