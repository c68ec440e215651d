//! The one door from a proof to a session. Every way of signing in ends here; a test checks that no
//! other code makes a session.
//!
//! In the transaction in which the caller redeemed the proof, it does all of this or nothing:
//!
//! - decides whether the account may sign in, and makes it if the join policy allows;
//! - removes what strangers attached to an account whose address was never verified before;
//! - ends the account's other attempts;
//! - asks the policy in `domain::assurance` whether the proof suffices;
//! - starts a session under a new secret, or has the sign-in wait for a second factor.

use crate::{
    db::{self, Error, Stop, Tx},
    domain::{
        Account, AccountId, AttemptId, BrowserLabel, ClientAddress, Destination, EmailAddress, LanguageTag, Lifetime,
        Method, Pending, PendingId, Proof, Session, SessionId, Shown, Timestamp, Token,
        account::AccountOrigin,
        assurance::{self, Evidence, Part, SignInStage},
        audit::{Action, Actor},
        pending,
    },
    limits, people,
    web::{Visit, cookies::Name},
};

/// Most sessions of one account. The one unused for longest gives way. Enough for all devices of
/// one user.
const MAX_SESSIONS: i64 = 50;

/// The browser in which the user proves something.
#[derive(Clone, Debug)]
pub struct ThisBrowser {
    pub browser: BrowserLabel,
    pub client: ClientAddress,
    /// The session that this browser had. It ends.
    pub replaces: Option<(Account, SessionId)>,
    /// The secret by which this browser is recognised, if it has one.
    pub device: Option<Token>,
    /// The secret by which accounts that signed in here know it.
    pub known: Option<Token>,
    pub language: LanguageTag,
    /// The secret of the sign-in that waits in this browser.
    pub pending: Option<Token>,
    /// The secret of a remembered browser.
    pub trusted: Option<Token>,
}

impl ThisBrowser {
    pub fn of(visit: &Visit<'_>) -> Self {
        Self {
            browser: visit.browser(),
            client: visit.client,
            replaces: visit.signed_in().map(|known| (known.account.clone(), known.session.id)),
            device: visit.cookies.token(Name::Device),
            known: visit.cookies.token(Name::Known),
            language: visit.locale.tag().clone(),
            pending: visit.cookies.token(Name::Pending),
            trusted: visit.cookies.token(Name::Trusted),
        }
    }
}

/// A proof by `method`, in this browser, that the user owns `email`.
#[derive(Clone, Debug)]
pub struct Proven {
    pub method: Method,
    pub email: EmailAddress,
    /// Time at which the account enrolled it, for a second factor.
    pub factor_since: Option<Timestamp>,
    /// The attempt, for a proof by email.
    pub attempt: Option<AttemptId>,
    pub remember: bool,
    /// Place to which the sign-in leads if it has to wait.
    pub destination: Destination,
    pub this_browser: ThisBrowser,
}

/// Outcome of a proof.
pub enum Completion {
    SignedIn(Box<SignedIn>),
    /// A second factor comes first.
    Waits(Waiting),
}

/// A session has begun.
pub struct SignedIn {
    pub account: Account,
    pub session: Session,
    /// For the cookie. The database has only its hash.
    pub secret: Token,
    /// For the cookie that identifies the browser next time.
    pub device: Token,
    /// For the cookie by which accounts know the browser.
    pub known: Option<Token>,
    /// Time for which the browser may keep the cookie. `None` for a session that ends with the
    /// browser.
    pub keep_for: Option<Lifetime>,
    /// Place to which the sign-in leads.
    pub destination: Destination,
}

/// A sign-in that waits for a second factor.
pub struct Waiting {
    /// For the cookie. The database has only its hash.
    pub secret: Token,
    pub account: AccountId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInRefusal {
    /// The account is disabled.
    Disabled,
    /// There is no account, and the join policy makes none.
    NotAllowed,
    /// The sign-in that waited has ended, or its proofs no longer count.
    Over,
}

/// A sign-in before the policy decides whether its proofs suffice.
struct Candidate<'a> {
    proofs: Vec<Proof>,
    shown: Shown,
    attempt: Option<AttemptId>,
    remember: bool,
    destination: Destination,
    this_browser: &'a ThisBrowser,
}

/// Turns a proof into a session, or a sign-in that waits.
pub fn complete(tx: &mut Tx<'_>, proven: &Proven) -> Result<Completion, Stop<SignInRefusal>> {
    let account = find_or_make(tx, proven)?;
    // Finish a recovery that is due now, without waiting for housekeeping. A user who shows a
    // second factor has not lost it, so that this ends the recovery instead.
    if proven.method.part() == Part::First {
        people::finish_recovery(tx, &account)?;
    }
    if proven.method.proves_mailbox()
        && account.proven_at.is_none()
        && db::accounts::mark_proven(tx.connection, account.id, tx.now)?
    {
        db::sessions::delete_all(tx.connection, account.id)?;
        forget_strangers(tx, account.id)?;
    }
    // Not for a password: an attacker who knows it could keep its owner from choosing another one
    // by email.
    if !proven.method.is_memorised() {
        db::attempts::end_all_of_address(tx.connection, &account.email, tx.now)?;
    }
    // Another first method forgives only once the user has shown all that a sign-in asks for: see
    // `start`. Otherwise an attacker who reads the mailbox could guess on and on.
    if proven.method.forgives_wrong_passwords() {
        limits::forgive_passwords(tx.connection, &account.email)?;
    }
    let (mut proofs, former_attempt) = shown_before(tx, account.id, &proven.this_browser)?;
    proofs.retain(|proof| proof.method != proven.method);
    proofs.push(Proof { method: proven.method, at: tx.now });
    let candidate = Candidate {
        proofs,
        shown: Shown { method: proven.method, since: proven.factor_since },
        // Keep the attempt. "This wasn't me" in its email then also ends a sign-in to which a
        // password was added.
        attempt: proven.attempt.or(former_attempt),
        remember: proven.remember,
        destination: proven.destination.clone(),
        this_browser: &proven.this_browser,
    };
    Ok(decide(tx, account, candidate)?)
}

/// Does the same for a second factor, shown in the browser whose sign-in waits for it. Lock the
/// account's mailbox first.
pub fn complete_second(
    tx: &mut Tx<'_>,
    pending: &Pending,
    shown: Shown,
    this_browser: &ThisBrowser,
) -> Result<Completion, Stop<SignInRefusal>> {
    if !pending.is_alive(tx.now)
        || !pending.counts_under(&*tx.settings()?)
        || !db::pending_sign_ins::take(tx.connection, pending.id)?
    {
        return Err(Stop::Refused(SignInRefusal::Over));
    }
    let account = db::accounts::find(tx.connection, pending.account_id)?.filter(|account| account.is_usable(tx.now));
    let account = account.ok_or(Stop::Refused(SignInRefusal::Disabled))?;
    let mut proofs = pending.proofs.clone();
    proofs.push(Proof { method: shown.method, at: tx.now });
    let candidate = Candidate {
        proofs,
        shown,
        attempt: pending.attempt,
        remember: pending.remember,
        destination: pending.destination.clone(),
        this_browser,
    };
    Ok(decide(tx, account, candidate)?)
}

/// Returns what this browser has recently shown for the same account in a sign-in that waits, with
/// its attempt. That sign-in ends, because the new one replaces it.
fn shown_before(
    tx: &mut Tx<'_>,
    account: AccountId,
    this_browser: &ThisBrowser,
) -> Result<(Vec<Proof>, Option<AttemptId>), Error> {
    let nothing = (Vec::new(), None);
    let Some(secret) = &this_browser.pending else { return Ok(nothing) };
    let Some(pending) = db::pending_sign_ins::find(tx.connection, &secret.hash())? else { return Ok(nothing) };
    if pending.account_id != account || !db::pending_sign_ins::take(tx.connection, pending.id)? {
        return Ok(nothing);
    }
    // Each proof lasts as long as a sign-in may wait. Adding another one does not extend it.
    let now = tx.now;
    let is_young = |proof: &Proof| !proof.at.is_ahead_of(now) && now.since(proof.at) < pending::LIFETIME;
    Ok((pending.proofs.into_iter().filter(is_young).collect(), pending.attempt))
}

fn decide(tx: &mut Tx<'_>, account: Account, mut candidate: Candidate<'_>) -> Result<Completion, Error> {
    let settings = tx.settings()?;
    // Read the rows again, so that a factor enrolled a moment ago is required.
    let enrolled = db::enrolled::of(tx.connection, account.id)?.under(&settings);
    if enrolled.has_second_factor() && remembers(tx, &account, candidate.this_browser)? {
        candidate.proofs.push(Proof { method: Method::TrustedDevice, at: tx.now });
    }
    let used: Vec<_> = candidate.proofs.iter().map(|proof| proof.method).collect();
    match assurance::stage(enrolled, &used, settings.requires_second_factor_of(&account)) {
        SignInStage::NeedsSecondFactor => wait(tx, &account, candidate).map(Completion::Waits),
        SignInStage::SignedIn | SignInStage::MustEnrol => {
            if used.iter().any(|method| method.part() != Part::First && method.proves_presence()) {
                people::second_factor_was_shown(tx, &account, candidate.shown)?;
                // The user who chose it by email also has a second factor: from now on it is
                // separate evidence.
                if used.iter().any(|method| method.evidence() == Some(Evidence::Password)) {
                    db::passwords::note_from_mail(tx.connection, account.id, false)?;
                }
            }
            start(tx, account, candidate).map(|signed_in| Completion::SignedIn(Box::new(signed_in)))
        }
    }
}

fn remembers(tx: &mut Tx<'_>, account: &Account, this_browser: &ThisBrowser) -> Result<bool, Error> {
    let is_on = tx.settings()?.trusted_devices_enabled;
    let Some(secret) = this_browser.trusted.as_ref().filter(|_| is_on) else { return Ok(false) };
    let device = db::trusted_devices::find(tx.connection, &secret.hash(), account.id)?;
    let Some(device) = device.filter(|device| device.is_alive(tx.now)) else { return Ok(false) };
    db::trusted_devices::note_used(tx.connection, device.id, tx.now)?;
    Ok(true)
}

fn wait(tx: &mut Tx<'_>, account: &Account, candidate: Candidate<'_>) -> Result<Waiting, Error> {
    let pending = Pending {
        id: PendingId::issue(tx.entropy),
        account_id: account.id,
        attempt: candidate.attempt,
        remember: candidate.remember,
        destination: candidate.destination,
        begun_at: tx.now,
        proofs: candidate.proofs,
    };
    let secret = Token::issue(tx.entropy);
    db::pending_sign_ins::insert(tx.connection, &pending, &secret.hash())?;
    Ok(Waiting { secret, account: account.id })
}

fn start(tx: &mut Tx<'_>, account: Account, candidate: Candidate<'_>) -> Result<SignedIn, Error> {
    let settings = tx.settings()?;
    let this_browser = candidate.this_browser;
    if !db::accounts::mark_signed_in(tx.connection, account.id, tx.now)? {
        // At the first sign-in, and not before: invitations to made-up addresses would take
        // handles.
        db::handles::ensure(tx.connection, account.id, &account.email)?;
    }
    limits::forgive_passwords(tx.connection, &account.email)?;
    let attempt = attempt_behind(tx, &account, &candidate)?;
    if let Some((former, session)) = &this_browser.replaces {
        db::sessions::delete(tx.connection, former.id, *session)?;
    }
    db::sessions::make_room(tx.connection, account.id, MAX_SESSIONS - 1)?;

    let lifetime = settings.session_lifetime(candidate.remember);
    let session = Session {
        id: SessionId::issue_at(tx.entropy, tx.now),
        account_id: account.id,
        remember: candidate.remember,
        created_at: tx.now,
        last_seen_at: tx.now,
        ends_at: tx.now.plus(lifetime.absolute),
        browser: this_browser.browser.clone(),
        client: Some(this_browser.client),
        proofs: candidate.proofs,
    };
    // Never the secret that the browser sent, because an attacker may have planted it.
    let device = Token::issue(tx.entropy);
    if let Some(former) = &this_browser.device {
        db::devices::forget(tx.connection, &former.hash())?;
    }
    db::devices::note(tx.connection, &device.hash(), account.id, tx.now)?;
    let proves_mailbox = session.proofs.iter().any(|proof| proof.method.proves_mailbox());
    let is_first = account.last_signed_in_at.is_none() || account.proven_at.is_none() && proves_mailbox;
    let sign_in = people::SignIn {
        account: &account,
        session: &session,
        secret: this_browser.known.as_ref().map(Token::hash),
        former: this_browser.device.as_ref().map(Token::hash),
        device: device.hash(),
        language: &this_browser.language,
        tells: settings.browser_emails_enabled && !is_first,
    };
    let (browser, known) = people::note_browser(tx, &sign_in)?;
    let secret = Token::issue(tx.entropy);
    db::sessions::insert(tx.connection, &session, &secret.hash(), (attempt, Some(browser)))?;
    if let Some(used) = candidate.attempt {
        db::attempts::note_browser(tx.connection, used, browser)?;
    }
    let known = known.or_else(|| this_browser.known.clone());
    let methods: Vec<_> = session.proofs.iter().map(|proof| proof.method.into_str()).collect();
    let line = tx.line_by(Actor::of(&account), Action::SignedIn, account.email.as_str());
    tx.log(&line.to(methods.join(" + ")))?;
    let keep_for = candidate.remember.then_some(lifetime.absolute);
    Ok(SignedIn { account, session, secret, device, known, keep_for, destination: candidate.destination })
}

/// Returns the attempt of a sign-in, or that of the session that it replaces. "This wasn't me" in
/// the email of that one also ends this one.
fn attempt_behind(tx: &mut Tx<'_>, account: &Account, candidate: &Candidate<'_>) -> Result<Option<AttemptId>, Error> {
    match &candidate.this_browser.replaces {
        Some((former, session)) if candidate.attempt.is_none() && former.id == account.id => {
            db::sessions::attempt_of(tx.connection, *session)
        }
        _ => Ok(candidate.attempt),
    }
}

fn find_or_make(tx: &mut Tx<'_>, proven: &Proven) -> Result<Account, Stop<SignInRefusal>> {
    tx.lock(&proven.email)?;
    match db::accounts::find_by_email(tx.connection, &proven.email)? {
        Some(account) if account.is_usable(tx.now) => Ok(account),
        Some(_) => Err(Stop::Refused(SignInRefusal::Disabled)),
        None if proven.method.proves_mailbox() && tx.settings()?.may_join(&proven.email) => {
            // The user has just shown that the address is theirs. No stranger can have attached
            // anything to the account.
            Ok(people::add(tx, &proven.email, None, AccountOrigin::Joined)?.account())
        }
        None => Err(Stop::Refused(SignInRefusal::NotAllowed)),
    }
}

/// Removes what was attached to an account before its address is first verified, beside sessions. A
/// stranger may have attached it: these are the pre-hijacking attacks of Sudhodanan and Paverd,
/// 2022.
fn forget_strangers(tx: &mut Tx<'_>, account: AccountId) -> Result<(), Error> {
    db::attempts::end_all_of_account(tx.connection, account, tx.now)?;
    db::passwords::remove(tx.connection, account)?;
    people::remove_factors(tx.connection, account, None)?;
    db::devices::forget_all(tx.connection, account)?;
    db::known_browsers::sign_out_others(tx.connection, account, None, tx.now)
}

/// Freshens a session by another proof, under a new secret. Returns `None` if the session has
/// ended.
pub fn freshen(tx: &mut Tx<'_>, session: &Session, shown: Shown) -> Result<Option<Token>, Error> {
    let method = shown.method;
    let secret = Token::issue(tx.entropy);
    if !db::sessions::rotate(tx.connection, session.id, &secret.hash())? {
        return Ok(None);
    }
    if method.proves_mailbox() && db::accounts::mark_proven(tx.connection, session.account_id, tx.now)? {
        db::sessions::delete_others(tx.connection, session.account_id, session.id)?;
        forget_strangers(tx, session.account_id)?;
    }
    if let Some(account) = db::accounts::find(tx.connection, session.account_id)? {
        if method.forgives_wrong_passwords() {
            limits::forgive_passwords(tx.connection, &account.email)?;
        }
        if method.part() != Part::First {
            people::second_factor_was_shown(tx, &account, shown)?;
        }
    }
    db::sessions::note_proof(tx.connection, session.id, Proof { method, at: tx.now })?;
    Ok(Some(secret))
}
