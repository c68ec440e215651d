//! Asking for an email.
//!
//! Asking never reads accounts. In one transaction it takes from the limits and writes an attempt
//! and an outbox row. The statements are the same for every address. The mail worker finds out
//! later, elsewhere, whether there is a recipient. Neither the answer nor its timing can therefore
//! reveal an account.

use crate::{
    db::{self, DbConnection, Error, Tx},
    domain::{
        AccountId, Attempt, AttemptId, BrowserLabel, ClientAddress, Destination, EmailAddress, LanguageTag, Purpose,
        SessionId, Settings, TokenHash,
        limit::Decision,
        mail::{AskerBucket, QueuedMail},
    },
    limits::{self, Asker},
};

/// The browser that asks.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Hash of the verifier in its cookie.
    pub verifier: TokenHash,
    pub browser: BrowserLabel,
    pub client: ClientAddress,
    /// Hash of the secret by which a browser is recognised that has signed in before.
    pub device: Option<TokenHash>,
    /// The language of the answer.
    pub language: Option<LanguageTag>,
}

/// Email that is asked for, and the circumstances.
#[derive(Clone, Debug)]
pub struct NewAttempt {
    pub purpose: Purpose,
    pub email: EmailAddress,
    /// Set if a signed-in user asks.
    pub account: Option<(AccountId, SessionId)>,
    pub origin: Origin,
    pub remember: bool,
    pub destination: Destination,
}

/// Writes the attempt and its email. Over a limit it writes the same, but nothing is sent. Of
/// those, a network keeps the newest hundred.
pub fn write(tx: &mut Tx<'_>, settings: &Settings, new_attempt: &NewAttempt) -> Result<Attempt, Error> {
    let asker = asker(tx.connection, new_attempt.purpose, new_attempt.origin.device.as_ref(), &new_attempt.email)?;
    let counted = limits::of_mails(settings, &new_attempt.email, Some(new_attempt.origin.client), asker);
    let decision = db::limits::take(tx.connection, &counted, tx.now)?;
    let attempt = Attempt {
        id: AttemptId::issue_at(tx.entropy, tx.now),
        purpose: new_attempt.purpose,
        email: new_attempt.email.clone(),
        account_id: new_attempt.account.map(|(account, _)| account),
        session_id: new_attempt.account.map(|(_, session)| session),
        verifier: Some(new_attempt.origin.verifier),
        browser: new_attempt.origin.browser.clone(),
        client: Some(new_attempt.origin.client),
        language: new_attempt.origin.language.clone(),
        requested_at: tx.now,
        muted: decision != Decision::Allowed,
        remember: new_attempt.remember,
        destination: new_attempt.destination.clone(),
        token: None,
        expires_at: None,
        leaving: None,
        wrong_codes: 0,
        mails: 1,
        mail_asked_at: tx.now,
        ended: None,
    };
    db::attempts::insert(tx.connection, &attempt)?;
    let mail = mail(tx, &attempt)?;
    if attempt.muted {
        db::outbox::note_muted(tx.connection, &mail)?;
    } else {
        tx.mail(&mail)?;
    }
    db::attempts::thin_out_muted(tx.connection, new_attempt.origin.client)?;
    Ok(attempt)
}

/// Returns who asks. The account itself asks for a step-up. It asks for a sign-in or a new password
/// only in a browser that it has signed in with before. The email that confirms a new address goes
/// to a stranger's mailbox until the user verifies it.
pub(super) fn asker(
    connection: &mut DbConnection,
    purpose: Purpose,
    device: Option<&TokenHash>,
    email: &EmailAddress,
) -> Result<Asker, Error> {
    let known = match purpose {
        Purpose::StepUp => true,
        Purpose::SignIn | Purpose::ResetPassword => db::own_tries::are_of(connection, device, email)?,
        Purpose::ConfirmAddress | Purpose::ConsoleLink | Purpose::SetUp => false,
    };
    Ok(if known { Asker::Known } else { Asker::Stranger })
}

pub(super) fn mail(tx: &Tx<'_>, attempt: &Attempt) -> Result<QueuedMail, Error> {
    let kind = attempt.purpose.mail_kind().ok_or_else(|| Error::fault("an attempt of this purpose is never mailed"))?;
    Ok(QueuedMail {
        attempt_id: Some(attempt.id),
        account_id: attempt.account_id,
        language: attempt.language.clone(),
        asker: attempt
            .client
            .map_or_else(AskerBucket::default, |client| AskerBucket::named(&client.household().to_string())),
        ..QueuedMail::new(tx.entropy, kind, attempt.email.clone(), tx.now)
    })
}
