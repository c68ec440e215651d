//! Access that apps have to an account by OpenID Connect: what it agreed to, and its sign-ins that
//! last.

use crate::{
    db::{
        DbConnection, Error,
        engine::kept::KeptDsl,
        oidc_grants,
        schema::{known_browsers, oidc_consents as consents, oidc_grants as grants, sessions},
    },
    domain::{
        AccountId, BrowserLabel, KnownBrowserId, SessionId, Timestamp,
        apps::AppId,
        oidc::{Grant, GrantId, Scopes},
    },
};
use diesel::prelude::*;
use std::collections::HashMap;

/// A sign-in at an app that counts, and the browser in which it was made.
#[derive(Clone, Debug)]
pub struct Held {
    pub grant: Grant,
    /// `None` if nothing is known of it any more.
    pub browser: Option<BrowserLabel>,
}

/// Consent of a user to what an app may know.
#[derive(Clone, Debug)]
pub struct Consent {
    pub app: AppId,
    pub scopes: Scopes,
    pub given_at: Timestamp,
}

/// Returns the sign-ins of an account that count now, the newest first.
pub fn grants_of(connection: &mut DbConnection, account: AccountId, now: Timestamp) -> Result<Vec<Held>, Error> {
    let ids: Vec<(GrantId, Option<SessionId>, Option<KnownBrowserId>)> = grants::table
        .filter(grants::account_id.eq(account))
        .filter(grants::ended_at.is_null())
        .filter(grants::ends_at.gt(now))
        .order((grants::created_at.desc(), grants::id))
        .select((grants::id, grants::session_id, grants::known_browser_id))
        .load(connection)?;
    let sessions: HashMap<SessionId, String> = sessions::table
        .filter(sessions::account_id.eq(account))
        .select((sessions::id, sessions::browser))
        .load(connection)?
        .into_iter()
        .collect();
    let browsers: HashMap<KnownBrowserId, String> = known_browsers::table
        .filter(known_browsers::account_id.eq(account))
        .select((known_browsers::id, known_browsers::browser))
        .load(connection)?
        .into_iter()
        .collect();
    let mut held = Vec::new();
    for (id, session, browser) in ids {
        let Some(grant) = oidc_grants::find(connection, id)? else { continue };
        if grant.is_alive(now) {
            let of_session = session.and_then(|session| sessions.get(&session));
            let label = of_session.or_else(|| browser.and_then(|browser| browsers.get(&browser)));
            held.push(Held { grant, browser: label.cloned().map(BrowserLabel::from_stored) });
        }
    }
    Ok(held)
}

/// Returns what an account agreed to.
pub fn consents_of(connection: &mut DbConnection, account: AccountId) -> Result<Vec<Consent>, Error> {
    let rows: Vec<(AppId, String, Timestamp)> = consents::table
        .filter(consents::account_id.eq(account))
        .select((consents::app_id, consents::scopes, consents::given_at))
        .load(connection)?;
    let read =
        |(app, scopes, at): (AppId, String, Timestamp)| Consent { app, scopes: Scopes::parse(&scopes), given_at: at };
    Ok(rows.into_iter().map(read).collect())
}

/// Takes back what an account agreed to. Returns `false` if that was nothing.
pub fn withdraw_consent(connection: &mut DbConnection, account: AccountId, app: AppId) -> Result<bool, Error> {
    Ok(diesel::delete(consents::table.find((account, app))).execute(connection)? == 1)
}

/// Takes back what an account agreed to since a moment, because someone else may have agreed.
pub fn withdraw_consents_since(
    connection: &mut DbConnection,
    account: AccountId,
    since: Timestamp,
) -> Result<(), Error> {
    let own = consents::table.filter(consents::account_id.eq(account));
    diesel::delete(own.filter(consents::given_at.ge(since))).run_kept(connection)?;
    Ok(())
}
