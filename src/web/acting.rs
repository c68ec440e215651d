//! The door for every change by a signed-in user: it re-reads session, account, role and freshness
//! in the same transaction.
//!
//! A [`Visit`] knows the user from memory, at most a second old. That is enough to choose a page,
//! but not to change anything. A disabled admin, or a thief whose session has ended, could
//! otherwise use that second. Work that writes therefore needs a [`Me`]. Only this file makes one,
//! and only from rows of the transaction that does the work.

use super::{Failure, Visit, held_form::Stale};
use crate::{
    db::{self, Error, Tx, TxContext},
    domain::{
        Account, AccountId, AskedFrom, EmailAddress, Enrolled, Session, SessionId, Timestamp, TokenHash,
        assurance::{self, SignInStage},
        audit::Actor,
    },
    live::StoredUser,
    people::Owner,
};

/// Conditions on the user for one piece of work, and the locks that it takes.
#[derive(Clone)]
pub struct Need {
    /// True if the user may still have to enrol a required second factor.
    may_be_enrolling: bool,
    is_admin: bool,
    /// The way back from a step-up, for work that needs a fresh proof.
    fresh: Option<Stale>,
    /// Mailboxes to lock beside that of the acting account.
    mailboxes: Vec<String>,
    /// Accounts that the work changes beside the acting one, with their addresses when the request
    /// came.
    others: Vec<(AccountId, EmailAddress)>,
    changes_settings: bool,
}

impl Need {
    /// Requires a signed-in user who has enrolled the required second factor, if there is one.
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

    /// Requires a signed-in user, who may still have to enrol the required second factor.
    pub fn enrolling() -> Self {
        Self { may_be_enrolling: true, ..Self::signed_in() }
    }

    /// Requires a fresh proof, too. Without one, nothing changes and `stale` leads the user through
    /// a step-up and back.
    #[must_use]
    pub fn fresh(mut self, stale: Stale) -> Self {
        self.fresh = Some(stale);
        self
    }

    /// Declares that the work changes this account, too. The transaction locks and re-reads it, and
    /// changes nothing if it has just moved or is gone.
    #[must_use]
    pub fn about(mut self, account: &Account) -> Self {
        self.others.push((account.id, account.email.clone()));
        self.locking(&account.email)
    }

    /// Locks this mailbox, too. All work takes its locks in one order, which rules out deadlocks.
    #[must_use]
    pub fn locking(mut self, email: &EmailAddress) -> Self {
        self.mailboxes.push(email.mailbox());
        self
    }

    /// Locks the settings, so that changes to them take turns.
    #[must_use]
    pub const fn changing_settings(mut self) -> Self {
        self.changes_settings = true;
        self
    }
}

/// The acting account and its session, as this transaction reads them.
///
/// The session is valid, and the account is active under the address that it had when the request
/// came. The session's proofs satisfy the current settings.
#[derive(Debug)]
pub struct Me {
    pub account: Account,
    pub session: Session,
    /// The second factors of the account that count.
    pub enrolled: Enrolled,
    is_fresh: bool,
}

impl Me {
    /// Returns whether the user verified recently enough for sensitive changes.
    pub const fn is_fresh(&self) -> bool {
        self.is_fresh
    }

    /// Returns the user as the owner who changes their own account.
    pub const fn owner(&self) -> Owner<'_> {
        Owner { account: &self.account, session: self.session.id, enrolled: self.enrolled }
    }
}

/// Credential that a browser presented to identify its user, kept so that a transaction can check
/// it again.
#[derive(Clone)]
pub struct Bearer {
    secret: TokenHash,
    account: AccountId,
    /// Address of the account when the request came.
    email: EmailAddress,
    /// Time at which the session was last seen before this request.
    seen_at: Timestamp,
}

/// Outcome of the check inside the transaction.
pub enum Looked {
    Fine(Box<Me>),
    SignedOut,
    MustEnrol,
    NotAdmin,
    /// The account that the work is about no longer exists.
    OtherGone,
    Stale(SessionId),
}

impl Bearer {
    pub const fn email(&self) -> &EmailAddress {
        &self.email
    }

    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// Takes the locks that `need` names and the lock of the account's mailbox. Until the
    /// transaction ends, no other one disables the account, ends its sessions or moves it.
    pub fn lock(&self, tx: &mut Tx<'_>, need: &Need) -> Result<(), Error> {
        let mut mailboxes = need.mailboxes.clone();
        mailboxes.push(self.email.mailbox());
        tx.lock_all(mailboxes)?;
        if need.changes_settings { tx.lock_name("settings") } else { Ok(()) }
    }

    /// Re-reads the user. Call [`Bearer::lock`] first, unless the transaction only reads.
    pub fn look(&self, tx: &mut Tx<'_>, need: &Need) -> Result<Looked, Error> {
        // Memory forgets the account in any case, because a refusal means that memory was wrong.
        tx.changes(self.account);
        need.others.iter().for_each(|(other, _)| tx.changes(*other));
        // Look up by the secret, so that one that was replaced a moment ago is refused.
        let Some(known) = StoredUser::read(tx.connection, &self.secret)? else { return Ok(Looked::SignedOut) };
        let settings = tx.settings()?;
        let lifetime = settings.session_lifetime(known.session.remember);
        let seen_at = known.session.last_seen_at.max(self.seen_at);
        let is_same = known.account.id == self.account && known.account.email == self.email;
        if !is_same || !known.account.is_usable(tx.now) || !known.session.is_alive(seen_at, lifetime, tx.now) {
            return Ok(Looked::SignedOut);
        }
        match known.stage(&settings) {
            SignInStage::NeedsSecondFactor => return Ok(Looked::SignedOut),
            SignInStage::MustEnrol if !need.may_be_enrolling => return Ok(Looked::MustEnrol),
            SignInStage::MustEnrol | SignInStage::SignedIn => {}
        }
        if need.is_admin && !known.account.is_admin {
            return Ok(Looked::NotAdmin);
        }
        let enrolled = known.enrolled.under(&settings);
        let is_fresh = assurance::is_fresh(enrolled, &known.session.proofs, settings.step_up_lifetime, tx.now);
        if need.fresh.is_some() && !is_fresh {
            return Ok(Looked::Stale(known.session.id));
        }
        for (other, email) in &need.others {
            if db::accounts::find_unmoved(tx.connection, *other, email)?.is_none() {
                return Ok(Looked::OtherGone);
            }
        }
        tx.act_as(&known.account);
        Ok(Looked::Fine(Box::new(Me { account: known.account, session: known.session, enrolled, is_fresh })))
    }
}

impl Bearer {
    /// Re-reads the user for work that needs no user but treats one differently. Lock the account's
    /// mailbox first if more than the displayed name depends on the answer.
    pub fn is_still(&self, tx: &mut Tx<'_>) -> Result<Option<AccountId>, Error> {
        Ok(match self.look(tx, &Need::enrolling())? {
            Looked::Fine(me) => Some(me.account.id),
            Looked::SignedOut | Looked::MustEnrol | Looked::NotAdmin | Looked::OtherGone | Looked::Stale(_) => None,
        })
    }
}

/// Why a change needs no signed-in user.
#[derive(Clone, Copy, Debug)]
pub enum Stranger {
    /// Asks for an email to a typed address.
    AsksForEmail,
    /// Opened a link from an email or a print-out: its token authorises the change.
    HoldsALink,
    /// Presents or asks for what signs in.
    SignsIn,
}

/// Outcome of work by a signed-in user.
enum Acted<T> {
    Done(T),
    /// Nothing changed, except that a form may be held. Where the user comes back to with a fresh
    /// proof.
    StepUp(String),
    /// Nothing changed, because the user no longer meets the conditions.
    Refused(Looked),
}

impl Visit<'_> {
    /// Does `work` in one transaction, as the user whom that transaction reads.
    ///
    /// Every change by a signed-in user goes through here or [`Visit::as_admin`]. It also tells the
    /// mail worker, and makes this node forget what it knew of the account.
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

    /// Does the same for an admin. Everyone else gets "not found".
    pub async fn as_admin<T, F>(&self, need: Need, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Me) -> Result<T, Error> + Send + 'static,
    {
        self.as_account(Need { is_admin: true, ..need }, work).await
    }

    /// Reads what only this user may see, and checks in the same transaction that they still may.
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

    /// Reads for a browser that needs no signed-in user.
    pub async fn look<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.expect_database()?;
        Ok(self.services.db.of(self.party()).look(self.context(), work).await?)
    }

    /// Reads what only an admin may see, and checks in the same transaction that they still may.
    pub async fn read_as_admin<T, F>(&self, need: Need, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Me) -> Result<T, Error> + Send + 'static,
    {
        self.read_as_account(Need { is_admin: true, ..need }, work).await
    }

    /// Returns what this browser presented to identify its signed-in user.
    pub fn bearer(&self) -> Option<Bearer> {
        let known = self.signed_in()?;
        Some(Bearer {
            secret: self.session_secret()?,
            account: known.account.id,
            email: known.account.email.clone(),
            seen_at: known.session.seen_at,
        })
    }

    /// Checks freshness from memory, so that a request that the transaction would refuse causes no
    /// slow work.
    pub fn require_fresh(&self, stale: &Stale) -> Result<(), Failure> {
        if self.is_fresh() { Ok(()) } else { Err(Failure::StepUpFirst { then: stale.back().to_owned() }) }
    }

    /// Checks the user from memory, so that a request that is refused anyway costs no transaction.
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

    /// Returns the facts of this request that a transaction needs.
    pub(super) fn context(&self) -> TxContext {
        let actor = self.signed_in().map_or(Actor::Visitor, |known| Actor::of(&known.account));
        TxContext {
            now: self.now,
            client: Some(self.client),
            request_id: Some(self.request_id.to_string()),
            from: Some(AskedFrom {
                browser: self.browser(),
                client: Some(self.client),
                language: Some(self.locale.tag().clone()),
            }),
            ..self.services.context(actor)
        }
    }

    /// Does `work` in one transaction for a browser that needs no signed-in user. Use
    /// [`Visit::as_account`] for every change by a signed-in user, even where this would do.
    pub async fn as_stranger<T, F>(&self, why: Stranger, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        tracing::debug!(request = %self.request_id, ?why, "a change without a signed-in user");
        self.transact(work).await
    }

    /// Does the same for work that locks this mailbox. Security emails to it say that this browser
    /// made the change.
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

    /// Runs a transaction. Afterwards it tells the mail worker of emails, so that none waits for
    /// the next round. Memory forgets what changed.
    async fn transact<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.expect_database()?;
        Ok(self.services.settle(self.services.db.of(self.party()).transact(self.context(), work).await?))
    }

    fn finish<T>(&self, acted: Acted<T>) -> Result<T, Failure> {
        match acted {
            Acted::Done(done) => Ok(done),
            Acted::StepUp(then) => Err(Failure::StepUpFirst { then }),
            Acted::Refused(Looked::MustEnrol) => Err(Failure::EnrolFirst),
            Acted::Refused(Looked::NotAdmin | Looked::OtherGone) => Err(Failure::NotFound),
            Acted::Refused(Looked::SignedOut | Looked::Stale(_) | Looked::Fine(_)) => Err(self.sign_in_first()),
        }
    }
}
