//! What the workers of one process share.

use super::{mint::Secrets, worker::Worker};
use crate::{
    domain::{Lifetime, MailId, Timestamp},
    mail::{Patience, Transport},
    services::Services,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Secrets kept for another try. Beyond, a copy gets new ones and the first email's link stays good beside them.
const MOST_KEPT: usize = 1000;
/// How often a trouble that lasts is logged.
const A_LINE_EACH: Lifetime = Lifetime::minutes(1);

pub struct Crew {
    pub(super) services: Arc<Services>,
    patience: Patience,
    kept: Mutex<HashMap<MailId, Arc<Secrets>>>,
    said: Mutex<HashMap<&'static str, Said>>,
}

/// When a kind of trouble was last logged, and how often it was met since.
struct Said {
    at: Timestamp,
    unsaid: u64,
}

impl Crew {
    pub fn new(services: Arc<Services>) -> Arc<Self> {
        Self::with_patience(services, Patience::default())
    }

    /// With time limits of one's own towards the mail server.
    pub fn with_patience(services: Arc<Services>, patience: Patience) -> Arc<Self> {
        Arc::new(Self { services, patience, kept: Mutex::default(), said: Mutex::default() })
    }

    /// One more worker.
    pub fn worker(self: &Arc<Self>) -> Result<Worker, String> {
        let services = &self.services;
        let transport = Transport::with(&services.config, &services.dev_mailbox, self.patience)?;
        Ok(Worker::of(Arc::clone(self), transport))
    }

    /// Keeps the secrets of an email that may have arrived, so that a copy of it carries the same.
    pub(super) fn keep(&self, mail: MailId, secrets: &Arc<Secrets>) {
        let mut kept = lock(&self.kept);
        if kept.len() < MOST_KEPT {
            kept.insert(mail, Arc::clone(secrets));
        }
    }

    pub(super) fn take_kept(&self, mail: MailId) -> Option<Arc<Secrets>> {
        lock(&self.kept).remove(&mail)
    }

    /// Whether a lasting trouble is to be logged now, and how often it was met since the last line about it.
    pub(super) fn may_say(&self, what: &'static str) -> Option<u64> {
        let now = self.services.now();
        let mut said = lock(&self.said);
        let last = said.get_mut(what);
        match last {
            Some(last) if now.since(last.at) < A_LINE_EACH && now >= last.at => {
                last.unsaid += 1;
                None
            }
            _ => said.insert(what, Said { at: now, unsaid: 0 }).map_or(Some(0), |last| Some(last.unsaid)),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
