//! Parts of a running Gatepost. `app` makes them once and hands them down; there is no global
//! state.

use crate::{
    breach_list::BreachList,
    config::{Config, MailUrl},
    db::{Committed, Db, Error, Tx, TxContext},
    domain::{
        Clock, Entropy, HashMemory, LanguageTag, RequestNames, Settings, Timestamp, apps::directory::Directory,
        audit::Actor, entropy::Consecutive, turns::Party,
    },
    live::{
        CircuitBreaker, Exports, LiveApps, LiveClientKeys, LiveClientUses, LiveLogo, LiveOpenings, LiveRefused,
        LiveSessions, LiveSettings, LiveSigners, LiveTroubles, LiveUses, Signers,
    },
    locale::{Catalogue, Locale},
    mail::{DevMailbox, MailTemplates, MessageBuilder},
    metrics::Metrics,
    outbound::Outbound,
    passkeys::Passkeys,
    places::Places,
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
    pub request_names: RequestNames,
    pub keys: Arc<KeyRing>,
    /// `None` if users come by an IP address. Call [`Services::passkeys`] instead.
    pub passkeys: Option<Passkeys>,
    pub breaker: CircuitBreaker,
    pub settings: LiveSettings,
    pub sessions: LiveSessions,
    pub apps: LiveApps,
    pub uses: LiveUses,
    /// Requests of apps that were refused.
    pub refused: LiveRefused,
    pub troubles: LiveTroubles,
    /// Secrets and PKCE.
    pub client_uses: LiveClientUses,
    pub openings: LiveOpenings,
    pub logo: LiveLogo,
    pub signers: LiveSigners,
    /// Keys that clients publish.
    pub client_keys: LiveClientKeys,
    /// Texts for users, in each language.
    pub catalogue: Catalogue,
    pub exports: Exports,
    pub templates: MailTemplates,
    pub message_builder: MessageBuilder,
    /// The only HTTP client.
    pub outbound: Outbound,
    pub dev_mailbox: DevMailbox,
    /// Rung when the outbox has a new email.
    pub bell: Notify,
    /// Set once the server is told to stop: it still serves, but is no longer ready.
    pub draining: AtomicBool,
    /// The log's own count, if there is a log.
    pub log_lines_dropped: OnceLock<Arc<AtomicU64>>,
    pub slow_work: SlowWork,
    /// Memory for slow hashes. [`SlowWork`] limits how many run at once, and so its size.
    pub hash_memory: Arc<HashMemory>,
    /// The operator's list of breached passwords, if there is one.
    pub breach_list: Option<BreachList>,
    /// The operator's file of places, once a Gatepost that serves has read it.
    pub places: OnceLock<Places>,
    /// Searches in that list, apart from the other slow work. A disk that hangs then keeps users
    /// from choosing a password, but not from signing in.
    pub slow_looks: SlowWork,
    pub metrics: Metrics,
    /// Failed sign-ins of this process that the database has.
    pub failed_stored: AtomicU64,
}

impl Services {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns whether emails are shown at `/dev/mailbox` to developers, and not sent.
    pub fn has_dev_mailbox(&self) -> bool {
        self.config.mail_url == MailUrl::Dev
    }

    /// Returns the settings as of at most a second ago.
    pub async fn settings(&self) -> Result<Arc<Settings>, Error> {
        self.settings.get(&self.db, &self.breaker).await
    }

    /// Returns the keys that sign tokens for apps.
    pub async fn signers(&self) -> Result<Arc<Signers>, Error> {
        self.signers.get(&self.db, &self.breaker, &self.keys).await
    }

    /// Returns all apps as of at most a second ago. Ask for the settings first.
    pub async fn apps(&self) -> Result<Arc<Directory>, Error> {
        self.apps.get(&self.db, &self.breaker).await
    }

    /// Returns the first of these languages that exists, or else the installation's.
    pub fn locale<'a>(&self, wanted: impl IntoIterator<Item = &'a LanguageTag>, settings: &'a Settings) -> Arc<Locale> {
        self.catalogue.first_of(wanted.into_iter().chain([&settings.language]))
    }

    /// Returns passkeys if they are possible and turned on.
    pub fn passkeys(&self, settings: &Settings) -> Option<&Passkeys> {
        self.passkeys.as_ref().filter(|_| settings.passkey_enabled)
    }

    /// Returns what a transaction without a browser needs to know.
    pub fn context(&self, actor: Actor) -> TxContext {
        TxContext {
            now: self.now(),
            entropy: Arc::new(Consecutive::over(Arc::clone(&self.entropy))),
            start: self.settings.start(),
            actor,
            client: None,
            request_id: None,
            from: None,
        }
    }

    /// Does `work` in one transaction, for Gatepost itself or the operator. Afterwards it tells the
    /// mail worker of emails, and memory forgets what changed.
    pub async fn transact<T, F>(&self, actor: Actor, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        Ok(self.settle(self.db.of(Party::Gatepost).transact(self.context(actor), work).await?))
    }

    /// Follows up on a transaction. Tells the mail worker if there is an email. Makes memory forget
    /// the accounts that changed.
    pub fn settle<T>(&self, committed: Committed<T>) -> T {
        for account in committed.changed {
            self.sessions.note_change(account);
        }
        if committed.has_mail {
            self.bell.notify_one();
        }
        committed.done
    }
}
