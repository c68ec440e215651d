//! Browsers in which an account has signed in before. Its owner is told of a sign-in in any other.
//!
//! A browser is known by a random secret in its cookie. Its network address and what it calls
//! itself do not count. So neither a journey nor an update raises a false alarm.

use crate::{
    db::{self, Error, Tx},
    domain::{
        Account, AskedFrom, KnownBrowserId, LanguageTag, Session, Token, TokenHash,
        known_browser::{FirstSignIn, KnownBrowser},
        mail::{MailKind, QueuedMail},
    },
};

/// A sign-in, and the browser in which it was made.
#[derive(Clone, Debug)]
pub struct SignIn<'a> {
    pub account: &'a Account,
    pub session: &'a Session,
    /// The secret by which the browser is known.
    pub secret: Option<TokenHash>,
    /// The secret by which the browser had its own tries before. The previous version knew a
    /// browser by it, once.
    pub former: Option<TokenHash>,
    /// The secret by which it has them from now on.
    pub device: TokenHash,
    pub language: &'a LanguageTag,
    /// Says that the owner is told of a new browser.
    pub tells: bool,
}

/// Notes the browser of a sign-in, and tells the owner if it is new. Returns the browser, and the
/// secret that it gets; `None` where it keeps its own.
pub fn note_browser(tx: &mut Tx<'_>, sign_in: &SignIn<'_>) -> Result<(KnownBrowserId, Option<Token>), Error> {
    let account = sign_in.account;
    let came_with: Vec<TokenHash> = sign_in.secret.iter().chain(&sign_in.former).cloned().collect();
    if let (Some(known), Some(former)) = (&sign_in.secret, &sign_in.former) {
        // For everyone who shares this browser.
        db::own_tries::change_secret(tx.connection, known, (former, &sign_in.device))?;
    }
    let known = db::known_browsers::find(tx.connection, account.id, &came_with)?;
    if let Some((id, secret)) = &known
        && Some(secret) == sign_in.secret.as_ref()
    {
        // It keeps its secret, so that an answer that gets lost on its way makes it no stranger.
        db::known_browsers::note_used(tx.connection, *id, &sign_in.device, tx.now)?;
        return Ok((*id, None));
    }
    // Never the secret that a stranger came with, because an attacker may have planted it. Accounts
    // that know the browser keep knowing it.
    let secret = Token::issue(tx.entropy);
    db::known_browsers::change_secret(tx.connection, &came_with, &secret.hash())?;
    let id = match known {
        Some((id, _)) => {
            db::known_browsers::note_used(tx.connection, id, &sign_in.device, tx.now)?;
            id
        }
        None => add(tx, sign_in, &secret.hash())?,
    };
    Ok((id, Some(secret)))
}

fn add(tx: &mut Tx<'_>, sign_in: &SignIn<'_>, secret: &TokenHash) -> Result<KnownBrowserId, Error> {
    let (account, session) = (sign_in.account, sign_in.session);
    let id = KnownBrowserId::issue_at(tx.entropy, tx.now);
    let browser = KnownBrowser {
        id,
        account_id: account.id,
        browser: session.browser.clone(),
        client: session.client,
        first_used_at: tx.now,
        last_used_at: tx.now,
        signed_out_at: None,
    };
    db::known_browsers::insert(tx.connection, &browser, (secret, &sign_in.device))?;
    if sign_in.tells {
        let told = FirstSignIn { browser: id, methods: session.proofs.iter().map(|proof| proof.method).collect() };
        let from = AskedFrom {
            browser: session.browser.clone(),
            client: session.client,
            language: Some(sign_in.language.clone()),
        };
        let mail = QueuedMail {
            account_id: Some(account.id),
            note: told.note(),
            from: Some(from),
            language: Some(sign_in.language.clone()),
            ..QueuedMail::new(tx.entropy, MailKind::NewBrowser, account.email.clone(), tx.now)
        };
        tx.mail(&mail)?;
    }
    Ok(id)
}
