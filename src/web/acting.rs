//! The door for everything that a signed-in user does: session, account, role and freshness are read again in the transaction that does it.
//!
//! A [`Visit`] knows from memory who is signed in, as of at most a second ago. That is enough to choose a page, and never to change anything:
//! an admin who was disabled, or a thief whose session was ended, would have that second. So work that writes gets a [`Me`], which only
//! this file makes, and only from the rows of the transaction in which the work runs.

use super::{Failure, Visit, step_up::Stale};
use crate::{
    db::{self, Error, Tx, TxContext},
    domain::{
        Account, AccountId, AskedFrom, EmailAddress, Enrolled, Session, SessionId, Timestamp, TokenHash,
        assurance::{self, Standing},
        audit::Actor,
    },
    live::Known,
};
use std::sync::Arc;

/// What somebody has to be, and to have shown, for one piece of work; and what the work locks.
#[derive(Clone)]
pub struct Need {
    /// Also before a second factor is enrolled that is required here.
    may_be_enrolling: bool,
    is_admin: bool,
    /// A fresh proof; and how the user comes back from giving one.
    fresh: Option<Stale>,
    /// Mailboxes that the work locks beside that of the acting account.
    mailboxes: Vec<String>,
    /// Accounts that the work changes beside the acting one.
    others: Vec<AccountId>,
    changes_settings: bool,
}

impl Need {
    /// Signed in, with the second factor enrolled that may be required here.
    pub const fn signed_in() -> Self {
        Self {
            may_be_enrolling: false,
            is_admin: false,
            fresh: None,
            mailboxes: Vec::new(),
            others: Vec::new(),
            changes_settings: false,
        }
    }

    /// The same, or on the way to enrolling that factor.
    pub fn enrolling() -> Self {
        Self { may_be_enrolling: true, ..Self::signed_in() }
    }

    /// And a fresh proof. Without one nothing is done, and `stale` says how the user comes back with one.
    #[must_use]
    pub fn fresh(mut self, stale: Stale) -> Self {
        self.fresh = Some(stale);
        self
    }

    /// The work is about this account, too.
    #[must_use]
    pub fn about(mut self, account: &Account) -> Self {
        self.others.push(account.id);
        self.locking(&account.email)
    }

    /// The work locks this mailbox, too. All are taken in one order, so that no two pieces of work wait for each other.
    #[must_use]
    pub fn locking(mut self, email: &EmailAddress) -> Self {
        self.mailboxes.push(email.mailbox());
        self
    }

    /// The work changes settings: nobody else does until it is done.
    #[must_use]
    pub const fn changing_settings(mut self) -> Self {
        self.changes_settings = true;
        self
    }
}

/// The acting account and its session, as the rows of this transaction have them: the session lives, the account is active and has the
/// address that it had when the request came, and what was shown is enough under the settings as they are now.
#[derive(Debug)]
pub struct Me {
    pub account: Account,
    pub session: Session,
    /// What counts of what the account has enrolled.
    pub enrolled: Enrolled,
    is_fresh: bool,
}

impl Me {
    /// Whether the session was proven within the time that sensitive changes ask for.
    pub const fn is_fresh(&self) -> bool {
        self.is_fresh
    }
}

/// What a browser showed to be taken for somebody: for looking again who that is, inside a transaction.
#[derive(Clone)]
pub struct Bearer {
    secret: TokenHash,
    account: AccountId,
    /// The address that the account had when the request came.
    email: EmailAddress,
    /// When the session was last seen before this request.
    seen_at: Timestamp,
}

/// What looking again came to.
pub enum Looked {
    Fine(Box<Me>),
    SignedOut,
    MustEnrol,
    NotAdmin,
    Stale(SessionId),
}

impl Bearer {
    pub const fn email(&self) -> &EmailAddress {
        &self.email
    }

    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// Takes the locks that `need` names, and that of the account's mailbox: until the end of the transaction nobody disables the account,
    /// ends its sessions or moves it.
    pub fn lock(&self, tx: &mut Tx<'_>, need: &Need) -> Result<(), Error> {
        let mut mailboxes = need.mailboxes.clone();
        mailboxes.push(self.email.mailbox());
        mailboxes.sort();
        mailboxes.dedup();
        mailboxes.iter().try_for_each(|mailbox| db::serialise(tx.connection, mailbox))?;
        if need.changes_settings {
            db::serialise(tx.connection, "settings")?;
        }
        Ok(())
    }

    /// Who that is now. The caller has called [`Bearer::lock`], unless it only reads.
    pub fn look(&self, tx: &mut Tx<'_>, need: &Need) -> Result<Looked, Error> {
        // Whatever comes of it: if it is a refusal, memory had it wrong.
        tx.changes(self.account);
        need.others.iter().for_each(|other| tx.changes(*other));
        // By the secret: one that was replaced a moment ago is worth nothing.
        let Some(known) = Known::read(tx.connection, &self.secret)? else { return Ok(Looked::SignedOut) };
        let settings = tx.settings()?;
        let lifetime = settings.session_lifetime(known.session.remember);
        let seen_at = known.session.last_seen_at.max(self.seen_at);
        let is_same = known.account.id == self.account && known.account.email == self.email;
        if !is_same || !known.account.is_active() || !known.session.is_alive(seen_at, lifetime, tx.now) {
            return Ok(Looked::SignedOut);
        }
        match known.standing(&settings) {
            Standing::NeedsSecondFactor => return Ok(Looked::SignedOut),
            Standing::MustEnrol if !need.may_be_enrolling => return Ok(Looked::MustEnrol),
            Standing::MustEnrol | Standing::SignedIn => {}
        }
        if need.is_admin && !known.account.is_admin {
            return Ok(Looked::NotAdmin);
        }
        let enrolled = known.enrolled.under(&settings);
        let is_fresh = assurance::is_fresh(enrolled, &known.session.proofs, settings.step_up_lifetime, tx.now);
        if need.fresh.is_some() && !is_fresh {
            return Ok(Looked::Stale(known.session.id));
        }
        tx.act_as(&known.account);
        Ok(Looked::Fine(Box::new(Me { account: known.account, session: known.session, enrolled, is_fresh })))
    }
}

impl Bearer {
    /// Who that is, for work that asks for no user and yet treats one otherwise. The caller has locked the mailbox of the account, where more
    /// than its name depends on the answer.
    pub fn is_still(&self, tx: &mut Tx<'_>) -> Result<Option<AccountId>, Error> {
        Ok(match self.look(tx, &Need::enrolling())? {
            Looked::Fine(me) => Some(me.account.id),
            Looked::SignedOut | Looked::MustEnrol | Looked::NotAdmin | Looked::Stale(_) => None,
        })
    }
}

/// Why a change needs nobody signed in.
#[derive(Clone, Copy, Debug)]
pub enum Stranger {
    /// An email is asked for, to an address that was typed.
    AsksForEmail,
    /// A link was opened that was emailed or printed: its token is what counts.
    HoldsALink,
    /// What signs in is shown or asked for.
    SignsIn,
}

/// What became of work by a signed-in user.
enum Acted<T> {
    Done(T),
    /// Nothing but holding a form: where the user comes back to with a fresh proof.
    StepUp(String),
    /// Nothing: they are no longer what the work needs.
    Refused(Looked),
}

impl Visit<'_> {
    /// Does `work` in one transaction, by the signed-in user as they are then. Everything that a signed-in user changes goes through here or
    /// [`Visit::as_admin`]; the mail worker is told, and this node forgets what it knew of the account.
    pub async fn as_account<T, F>(&self, need: Need, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Me) -> Result<T, Error> + Send + 'static,
    {
        let bearer = self.bearer_for(&need)?;
        let changes_settings = need.changes_settings;
        let acted = self.transact(move |tx| {
            bearer.lock(tx, &need)?;
            Ok(match (bearer.look(tx, &need)?, &need.fresh) {
                (Looked::Fine(me), _) => {
                    let done = work(tx, &me)?;
                    tx.note_from(&me.account.email)?;
                    Acted::Done(done)
                }
                (Looked::Stale(session), Some(stale)) => Acted::StepUp(stale.hold(tx, session)?),
                (looked, _) => Acted::Refused(looked),
            })
        });
        let acted = acted.await?;
        if changes_settings {
            self.services.settings.forget();
        }
        self.finish(acted)
    }

    /// The same by an admin. For anybody else there is no such page as far as they can tell.
    pub async fn as_admin<T, F>(&self, need: Need, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Me) -> Result<T, Error> + Send + 'static,
    {
        self.as_account(Need { is_admin: true, ..need }, work).await
    }

    /// Reads what only this user may see, and looks in the same breath whether they still may.
    pub async fn read_as_account<T, F>(&self, need: Need, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Me) -> Result<T, Error> + Send + 'static,
    {
        let bearer = self.bearer_for(&need)?;
        let acting = bearer.account;
        self.expect_database()?;
        let look = self.services.db.of(self.party()).look(self.context(), move |tx| {
            Ok(match (bearer.look(tx, &need)?, &need.fresh) {
                (Looked::Fine(me), _) => Acted::Done(work(tx, &me)?),
                (Looked::Stale(_), Some(stale)) => Acted::StepUp(stale.back().to_owned()),
                (looked, _) => Acted::Refused(looked),
            })
        });
        let acted = look.await?;
        if matches!(acted, Acted::Refused(_)) {
            self.services.sessions.note_change(acting);
        }
        self.finish(acted)
    }

    /// The same for an admin.
    pub async fn read_as_admin<T, F>(&self, need: Need, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Me) -> Result<T, Error> + Send + 'static,
    {
        self.read_as_account(Need { is_admin: true, ..need }, work).await
    }

    /// What this browser showed to be taken for whoever is signed in here.
    pub fn bearer(&self) -> Option<Bearer> {
        let found = self.found()?;
        Some(Bearer {
            secret: self.session_secret()?,
            account: found.known.account.id,
            email: found.known.account.email.clone(),
            seen_at: found.seen_at,
        })
    }

    /// From memory, before slow work that the transaction after it would refuse.
    pub fn require_fresh(&self, stale: &Stale) -> Result<(), Failure> {
        if self.is_fresh() { Ok(()) } else { Err(Failure::StepUpFirst { then: stale.back().to_owned() }) }
    }

    /// From memory, so that what is refused anyway costs no transaction.
    fn bearer_for(&self, need: &Need) -> Result<Bearer, Failure> {
        if need.is_admin {
            self.require_admin()?;
        } else if need.may_be_enrolling {
            self.require_enrolling()?;
        } else {
            self.require()?;
        }
        self.bearer().ok_or_else(|| self.sign_in_first())
    }

    /// What a transaction of this request is given.
    pub(super) fn context(&self) -> TxContext {
        TxContext {
            now: self.now,
            entropy: Arc::clone(&self.services.entropy),
            start: self.services.settings.start(),
            actor: self.signed_in().map_or(Actor::Visitor, |known| Actor::of(&known.account)),
            client: Some(self.client),
            request_id: Some(self.request_id.to_string()),
            from: Some(AskedFrom {
                browser: self.browser.clone(),
                client: Some(self.client),
                language: Some(self.locale.tag().clone()),
            }),
        }
    }

    /// Does `work` in one transaction for a browser in which nobody has to be signed in. A change by a signed-in user belongs into
    /// [`Visit::as_account`], also where this would do.
    pub async fn as_stranger<T, F>(&self, why: Stranger, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        tracing::debug!(request = %self.request_id, ?why, "a change that needs nobody signed in");
        self.transact(work).await
    }

    /// The same. `work` holds the lock of this mailbox, and news for it say that this browser made the change.
    pub async fn as_stranger_of<T, F>(&self, why: Stranger, recipient: EmailAddress, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.as_stranger(why, move |tx| {
            let done = work(tx)?;
            tx.note_from(&recipient)?;
            Ok(done)
        })
        .await
    }

    /// A transaction. After it the mail worker is told, so that no email waits for its next round, and memory forgets what has changed.
    async fn transact<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.expect_database()?;
        let (done, changed) = self.services.db.of(self.party()).transact(self.context(), work).await?;
        for account in changed {
            self.services.sessions.note_change(account);
        }
        self.services.bell.notify_one();
        Ok(done)
    }

    fn finish<T>(&self, acted: Acted<T>) -> Result<T, Failure> {
        match acted {
            Acted::Done(done) => Ok(done),
            Acted::StepUp(then) => Err(Failure::StepUpFirst { then }),
            Acted::Refused(Looked::MustEnrol) => Err(Failure::EnrolFirst),
            Acted::Refused(Looked::NotAdmin) => Err(Failure::NotFound),
            Acted::Refused(Looked::SignedOut | Looked::Stale(_) | Looked::Fine(_)) => Err(self.sign_in_first()),
        }
    }
}
