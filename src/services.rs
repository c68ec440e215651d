//! What a running Gatepost consists of, handed to whoever needs it. There is one, made in `app`, and no global state beside it.

use crate::{
    config::{Config, MailUrl},
    db::{Db, DbConnection, Error},
    domain::{Clock, Entropy, Settings, Timestamp},
    live::{LiveLogo, LiveSessions, LiveSettings, Pulse},
    mail::{DevMailbox, MailTemplates, Stationery},
    metrics::Metrics,
};
use std::sync::Arc;
use tokio::sync::Notify;

pub struct Services {
    pub config: Config,
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub pulse: Pulse,
    pub settings: LiveSettings,
    pub sessions: LiveSessions,
    pub logo: LiveLogo,
    pub templates: MailTemplates,
    pub stationery: Stationery,
    pub dev_mailbox: DevMailbox,
    /// Rung when there is a new mail in the outbox.
    pub bell: Notify,
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
