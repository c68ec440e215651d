//! The one door. Every way of signing in ends here, with a proof; nothing else makes a session, and a test holds that.
//!
//! It decides whether the account may sign in, makes the account where the join policy allows it, takes away from an account whatever a
//! stranger attached to it before its mailbox was first proven, ends the account's other attempts, and starts a session under
//! a new secret. All of it within the transaction in which the caller redeemed the proof, so that either everything has happened
//! or nothing.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, AccountId, AttemptId, AuditEntry, BrowserLabel, ClientAddress, EmailAddress, Entropy, Lifetime,
        Method, Proof, Session, SessionId, Settings, Timestamp, Token,
        account::AccountOrigin,
        audit::{Action, Actor},
    },
    people,
};

/// Sessions that one account may have; the one longest unused gives way. Enough for every device of a household of one.
const MOST_SESSIONS: i64 = 50;

/// Somebody proved by `method` to be whoever has `email`, in this browser.
#[derive(Clone, Debug)]
pub struct Proven {
    pub method: Method,
    pub email: EmailAddress,
    /// The attempt that it was proven in, if it was by mail.
    pub attempt: Option<AttemptId>,
    pub remember: bool,
    pub browser: BrowserLabel,
    pub client: ClientAddress,
    pub request_id: String,
    /// The session that this browser had, which ends.
    pub replaces: Option<(Account, SessionId)>,
    /// The secret by which this browser is known from before, if it has one.
    pub device: Option<Token>,
}

/// What came out of a proof.
pub enum Completion {
    SignedIn(Box<SignedIn>),
    Refused(Refusal),
}

/// A session has begun.
pub struct SignedIn {
    pub account: Account,
    pub session: Session,
    /// For the cookie; the database has only its hash.
    pub secret: Token,
    /// For the cookie by which the browser is known next time.
    pub device: Token,
    /// How long the cookie may be kept; none for a session that ends with the browser.
    pub keep_for: Option<Lifetime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The account is disabled.
    Disabled,
    /// There is no account, and the join policy makes none.
    NotAllowed,
}

/// From a proof to a session, or to why not.
pub fn complete(
    connection: &mut DbConnection,
    settings: &Settings,
    entropy: &dyn Entropy,
    proven: &Proven,
    now: Timestamp,
) -> Result<Completion, Error> {
    let account = match find_or_make(connection, settings, entropy, proven, now)? {
        Ok(account) => account,
        Err(refusal) => return Ok(Completion::Refused(refusal)),
    };
    if proven.method.proves_mailbox() && db::accounts::mark_proven(connection, account.id, now)? {
        db::sessions::delete_all(connection, account.id)?;
        forget_strangers(connection, account.id, now)?;
    }
    // Not by a password: whoever knows it could keep its owner from choosing another one by mail.
    if proven.method != Method::Password {
        db::attempts::end_all_of_address(connection, &account.email, now)?;
    }
    db::accounts::mark_signed_in(connection, account.id, now)?;
    if let Some((former, session)) = &proven.replaces {
        db::sessions::delete(connection, former.id, *session)?;
    }
    db::sessions::make_room(connection, account.id, MOST_SESSIONS - 1)?;

    let lifetime = settings.session_lifetime(proven.remember);
    let session = Session {
        id: SessionId::issue(entropy),
        account_id: account.id,
        remember: proven.remember,
        created_at: now,
        last_seen_at: now,
        ends_at: now.plus(lifetime.absolute),
        browser: proven.browser.clone(),
        client: Some(proven.client),
        proofs: vec![Proof { method: proven.method, at: now }],
    };
    let secret = Token::issue(entropy);
    db::sessions::insert(connection, &session, &secret.hash(), proven.attempt)?;
    // Never the secret that the browser came with: somebody may have planted it.
    let device = Token::issue(entropy);
    if let Some(former) = &proven.device {
        db::devices::forget(connection, &former.hash())?;
    }
    db::devices::note(connection, &device.hash(), account.id, now)?;
    db::audit::insert(connection, &entry(proven, &account, entropy, now))?;
    let keep_for = proven.remember.then_some(lifetime.absolute);
    Ok(Completion::SignedIn(Box::new(SignedIn { account, session, secret, device, keep_for })))
}

fn find_or_make(
    connection: &mut DbConnection,
    settings: &Settings,
    entropy: &dyn Entropy,
    proven: &Proven,
    now: Timestamp,
) -> Result<Result<Account, Refusal>, Error> {
    db::serialise(connection, &proven.email.mailbox())?;
    match db::accounts::find_by_email(connection, &proven.email)? {
        Some(account) if account.is_active() => Ok(Ok(account)),
        Some(_) => Ok(Err(Refusal::Disabled)),
        None if proven.method.proves_mailbox() && settings.may_join(&proven.email) => {
            let added = people::add(connection, entropy, &proven.email, false, AccountOrigin::Joined, now)?;
            Ok(Ok(added.account()))
        }
        None => Ok(Err(Refusal::NotAllowed)),
    }
}

/// Whoever reads the mailbox is here for the first time. What was attached to the account before, beside sessions, was attached by somebody
/// who had not shown that (the pre-hijacking attacks of Sudhodanan and Paverd, 2022).
fn forget_strangers(connection: &mut DbConnection, account: AccountId, now: Timestamp) -> Result<(), Error> {
    db::attempts::end_all_of_account(connection, account, now)?;
    db::passwords::remove(connection, account)?;
    db::devices::forget_all(connection, account)
}

/// Freshens a session by another proof, under a new secret. `None` if there is no such session any more.
pub fn freshen(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    session: &Session,
    method: Method,
    now: Timestamp,
) -> Result<Option<Token>, Error> {
    let secret = Token::issue(entropy);
    if !db::sessions::rotate(connection, session.id, &secret.hash())? {
        return Ok(None);
    }
    if method.proves_mailbox() && db::accounts::mark_proven(connection, session.account_id, now)? {
        db::sessions::delete_others(connection, session.account_id, session.id)?;
        forget_strangers(connection, session.account_id, now)?;
    }
    db::sessions::note_proof(connection, session.id, Proof { method, at: now })?;
    Ok(Some(secret))
}

fn entry(proven: &Proven, account: &Account, entropy: &dyn Entropy, now: Timestamp) -> AuditEntry {
    let actor = Actor::Account { id: account.id, email: account.email.clone() };
    AuditEntry {
        client: Some(proven.client),
        request_id: Some(proven.request_id.clone()),
        ..AuditEntry::new(entropy, now, actor, Action::SignedIn, account.email.as_str()).to(proven.method.as_str())
    }
}
