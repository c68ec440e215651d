//! One transaction: its connection, and everything else that work inside it needs.

use super::{
    Db, DbConnection, DbOf, Error, Stop, audit,
    engine::{
        dialect::{Savepoint, savepoint, serialise, try_serialise},
        job::Done,
    },
    outbox, settings, where_done,
};
use crate::domain::{
    Account, AccountId, AskedFrom, AuditEntry, ClientAddress, EmailAddress, Entropy, MailId, Settings, Timestamp,
    audit::{Action, Actor},
    mail::{MailKind, QueuedMail},
    turns::Party,
};
use std::{collections::BTreeSet, sync::Arc};

/// Facts for a transaction from outside. Cheap to clone, because a job may run twice.
#[derive(Clone)]
pub struct TxContext {
    pub now: Timestamp,
    pub entropy: Arc<dyn Entropy>,
    /// The settings before an admin changes any.
    pub start: Arc<Settings>,
    /// The user who acts, as the audit log names them.
    pub actor: Actor,
    pub client: Option<ClientAddress>,
    pub request_id: Option<String>,
    /// The browser, for the emails about the change. `None` without a browser.
    pub from: Option<AskedFrom>,
}

/// Result of a committed transaction.
pub struct Committed<T> {
    pub done: T,
    /// The accounts that it changed.
    pub changed: Vec<AccountId>,
    /// True if it put an email into the outbox that can leave now.
    pub has_mail: bool,
}

/// A transaction at work. Its parts are fields, so that a function of `people` can take connection
/// and entropy at once.
pub struct Tx<'a> {
    pub connection: &'a mut DbConnection,
    pub now: Timestamp,
    pub entropy: &'a dyn Entropy,
    /// The settings before an admin changes any. [`Tx::settings`] has those in force.
    pub start: &'a Settings,
    context: &'a TxContext,
    actor: Actor,
    settings: Option<Arc<Settings>>,
    /// Names of the locks that it holds.
    locks: BTreeSet<String>,
    changed: Vec<AccountId>,
    has_mail: bool,
    /// Lines of the audit log so far.
    lines: Vec<AuditEntry>,
}

impl<'a> Tx<'a> {
    fn new(connection: &'a mut DbConnection, context: &'a TxContext) -> Self {
        Self {
            connection,
            now: context.now,
            entropy: &*context.entropy,
            start: &context.start,
            context,
            actor: context.actor.clone(),
            settings: None,
            locks: BTreeSet::new(),
            changed: Vec::new(),
            has_mail: false,
            lines: Vec::new(),
        }
    }

    /// Does `work`. Returns with its result what it changed, and its lines of the audit log.
    fn run<T>(
        connection: &'a mut DbConnection,
        context: &'a TxContext,
        work: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<Done<Committed<T>>, Error> {
        let mut tx = Self::new(connection, context);
        let done = work(&mut tx)?;
        Ok(Done { answer: Committed { done, changed: tx.changed, has_mail: tx.has_mail }, lines: tx.lines })
    }

    /// Returns the settings as this transaction sees them, read once after its last lock and after
    /// the last [`Tx::store_setting`].
    pub fn settings(&mut self) -> Result<Arc<Settings>, Error> {
        if let Some(settings) = &self.settings {
            return Ok(Arc::clone(settings));
        }
        let settings = Arc::new(settings::load(self.connection, self.start)?);
        self.settings = Some(Arc::clone(&settings));
        Ok(settings)
    }

    /// Stores a setting. [`Tx::settings`] has it from then on.
    pub fn store_setting(&mut self, name: &str, value: &str) -> Result<(), Error> {
        self.settings = None;
        settings::store(self.connection, name, value, self.now)
    }

    /// Does `work` in full or not at all. A refusal undoes what it wrote, although other refusals
    /// commit. A rehearsal is undone, too, and is otherwise the same.
    pub fn all_or_nothing<T, R>(
        &mut self,
        is_rehearsal: bool,
        work: impl FnOnce(&mut Self) -> Result<T, Stop<R>>,
    ) -> Result<T, Stop<R>> {
        let (actor, locks) = (self.actor.clone(), self.locks.clone());
        let (changed, has_mail, lines) = (self.changed.len(), self.has_mail, self.lines.len());
        savepoint(self.connection, Savepoint::SetPart).map_err(Error::from)?;
        let ended = work(self);
        match &ended {
            // It undoes the whole job, and this savepoint with it.
            Err(Stop::Fault(_)) => return ended,
            Ok(_) if !is_rehearsal => {
                savepoint(self.connection, Savepoint::ReleasePart).map_err(Error::from)?;
                return ended;
            }
            Ok(_) | Err(Stop::Refused(_)) => {}
        }
        savepoint(self.connection, Savepoint::ReturnPart).map_err(Error::from)?;
        // PostgreSQL has released the locks that it took.
        (self.settings, self.actor, self.locks, self.has_mail) = (None, actor, locks, has_mail);
        self.changed.truncate(changed);
        self.lines.truncate(lines);
        ended
    }

    /// Makes this account, by its current address, the actor of further lines of the audit log.
    pub fn act_as(&mut self, account: &Account) {
        self.actor = Actor::of(account);
    }

    /// Makes the visitor the actor of further lines, although the browser may be signed in.
    pub fn act_as_visitor(&mut self) {
        self.actor = Actor::Visitor;
    }

    /// Notes that this account, its sessions or its factors change. After the commit, this node no
    /// longer answers for them from memory.
    pub fn changes(&mut self, account: AccountId) {
        self.changed.push(account);
    }

    /// Locks this mailbox until the end of the transaction.
    pub fn lock(&mut self, email: &EmailAddress) -> Result<(), Error> {
        self.lock_name(&email.mailbox())
    }

    /// Locks these mailboxes in the one order of all locks, which rules out deadlocks.
    pub fn lock_all(&mut self, mut mailboxes: Vec<String>) -> Result<(), Error> {
        mailboxes.sort();
        mailboxes.iter().try_for_each(|mailbox| self.lock_name(mailbox))
    }

    /// Locks who is an admin. Lock mailboxes before.
    pub fn lock_admins(&mut self) -> Result<(), Error> {
        self.lock_name("admins")
    }

    /// Locks something else that has this name.
    pub fn lock_name(&mut self, name: &str) -> Result<(), Error> {
        if !self.locks.contains(name) {
            serialise(self.connection, name)?;
            self.note_lock(name);
        }
        Ok(())
    }

    /// Locks this name if no other transaction holds it. Returns whether it did.
    pub fn try_lock_name(&mut self, name: &str) -> Result<bool, Error> {
        let is_held = self.locks.contains(name) || try_serialise(self.connection, name)?;
        if is_held {
            self.note_lock(name);
        }
        Ok(is_held)
    }

    /// Forgets settings that were read before the wait for a lock. An admin may have changed them
    /// since.
    fn note_lock(&mut self, name: &str) {
        if self.locks.insert(name.to_owned()) {
            self.settings = None;
        }
    }

    /// Returns a line for the audit log by the acting account. [`Tx::log`] writes it.
    pub fn line(&self, action: Action, subject: impl Into<String>) -> AuditEntry {
        self.line_by(self.actor.clone(), action, subject)
    }

    /// Returns a line by another actor, from the same browser.
    pub fn line_by(&self, actor: Actor, action: Action, subject: impl Into<String>) -> AuditEntry {
        AuditEntry {
            client: self.context.client,
            browser: self.context.from.as_ref().map(|from| from.browser.clone()),
            request_id: self.context.request_id.clone(),
            ..AuditEntry::new(self.entropy, self.now, actor, action).about(subject)
        }
    }

    /// Adds the browser to the security emails that this transaction has put into the outbox for
    /// this recipient.
    pub fn note_from(&mut self, recipient: &EmailAddress) -> Result<(), Error> {
        match &self.context.from {
            Some(from) => where_done::note_from(self.connection, recipient, self.now, from),
            None => Ok(()),
        }
    }

    /// Writes a line into the audit log. The process's log repeats it after the commit.
    pub fn log(&mut self, line: &AuditEntry) -> Result<(), Error> {
        audit::insert(self.connection, line)?;
        self.lines.push(line.clone());
        Ok(())
    }

    /// Puts an email into the outbox. The worker hears of it after the commit.
    pub fn mail(&mut self, mail: &QueuedMail) -> Result<(), Error> {
        self.has_mail = true;
        outbox::enqueue(self.connection, mail)
    }

    /// Lets an email that was given up be sent after all. Returns `false` if it has not been.
    pub fn revive_mail(&mut self, id: MailId, kind: MailKind) -> Result<bool, Error> {
        self.has_mail = true;
        outbox::revive(self.connection, id, kind, self.now)
    }
}

impl Db {
    /// Runs [`Db::write_at_leisure`] with everything that work inside a transaction needs.
    pub async fn transact_at_leisure<T, F>(&self, context: TxContext, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        let work = move |connection: &mut DbConnection| {
            Ok(Tx::run(connection, &context, &work)?.map(|committed| committed.done))
        };
        self.writers.run(Party::Gatepost, self.patience.at_leisure(), work).await
    }
}

impl DbOf<'_> {
    /// Runs [`DbOf::write`] with everything that work inside a transaction needs. Returns what it
    /// changed, too.
    pub async fn transact<T, F>(self, context: TxContext, work: F) -> Result<Committed<T>, Error>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        let work = move |connection: &mut DbConnection| Tx::run(connection, &context, &work);
        self.db.writers.run(self.party, self.db.patience.of_visitors(), work).await
    }

    /// Runs [`DbOf::read`] with the same.
    pub async fn look<T, F>(self, context: TxContext, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.read(move |connection| work(&mut Tx::new(connection, &context))).await
    }
}
