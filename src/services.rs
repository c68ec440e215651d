//! What a running Gatepost consists of. `app` makes it once and hands it down; there is no global state.

use crate::{
    breach_list::BreachList,
    config::{Config, MailUrl},
    db::{Db, DbConnection, Error},
    domain::{Clock, Entropy, HashMemory, LanguageTag, Settings, Timestamp, turns::Party},
    live::{Exports, LiveLogo, LiveSessions, LiveSettings, Pulse},
    locale::{Catalogue, Locale},
    mail::{DevMailbox, MailTemplates, Stationery},
    metrics::Metrics,
    passkeys::Passkeys,
    sealing::KeyRing,
};
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, AtomicU64},
};
use tokio::sync::Notify;

pub use crate::slow_work::SlowWork;

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
    /// What users read, in each language.
    pub catalogue: Catalogue,
    pub exports: Exports,
    pub templates: MailTemplates,
    pub stationery: Stationery,
    pub dev_mailbox: DevMailbox,
    /// Rung when there is a new mail in the outbox.
    pub bell: Notify,
    /// Set once the server is told to stop: it still serves, and is not ready any more.
    pub draining: AtomicBool,
    /// The log's own count, where there is one.
    pub log_lines_dropped: OnceLock<Arc<AtomicU64>>,
    pub slow_work: SlowWork,
    /// What slow hashes work in. Its size is bounded by how many [`SlowWork`] lets run at once.
    pub hash_memory: Arc<HashMemory>,
    /// The operator's list of breached passwords, if there is one.
    pub breach_list: Option<BreachList>,
    /// Looks into that list. Apart from the other slow work, so that a disk that hangs keeps users from choosing a password, and no user from
    /// signing in.
    pub slow_looks: SlowWork,
    pub metrics: Metrics,
}

impl Services {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns whether emails are shown at `/dev/mailbox` to developers, and not sent.
    pub fn has_dev_mailbox(&self) -> bool {
        self.config.mail_url == MailUrl::Dev
    }

    /// The settings, as of at most a second ago.
    pub async fn settings(&self) -> Result<Arc<Settings>, Error> {
        self.settings.get(&self.db, &self.pulse).await
    }

    /// The first of these languages that there is, or else the installation's.
    pub fn locale<'a>(&self, wanted: impl IntoIterator<Item = &'a LanguageTag>, settings: &'a Settings) -> Arc<Locale> {
        self.catalogue.first_of(wanted.into_iter().chain([&settings.language]))
    }

    /// Passkeys, where they are possible and switched on.
    pub fn passkeys(&self, settings: &Settings) -> Option<&Passkeys> {
        self.passkeys.as_ref().filter(|_| settings.passkey_enabled)
    }

    /// A write that puts mail into the outbox, and the bell for it.
    pub async fn write_and_ring<T, F>(&self, party: Party, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
    {
        let result = self.db.of(party).write(work).await?;
        self.bell.notify_one();
        Ok(result)
    }
}
