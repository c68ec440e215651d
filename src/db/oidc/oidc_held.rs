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
        AccountId, BrowserLabel, Timestamp,
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
    let ids: Vec<(i64, Option<i64>, Option<i64>)> = grants::table
        .filter(grants::account_id.eq(account.as_i64()))
        .filter(grants::ended_at.is_null())
        .filter(grants::ends_at.gt(now.as_millis()))
        .order((grants::created_at.desc(), grants::id))
        .select((grants::id, grants::session_id, grants::known_browser_id))
        .load(connection)?;
    let sessions: HashMap<i64, String> = sessions::table
        .filter(sessions::account_id.eq(account.as_i64()))
        .select((sessions::id, sessions::browser))
        .load(connection)?
        .into_iter()
        .collect();
    let browsers: HashMap<i64, String> = known_browsers::table
        .filter(known_browsers::account_id.eq(account.as_i64()))
        .select((known_browsers::id, known_browsers::browser))
        .load(connection)?
        .into_iter()
        .collect();
    let mut held = Vec::new();
    for (id, session, browser) in ids {
        let Some(grant) = oidc_grants::find(connection, GrantId::from_i64(id))? else { continue };
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
    let rows: Vec<(i64, String, i64)> = consents::table
        .filter(consents::account_id.eq(account.as_i64()))
        .select((consents::app_id, consents::scopes, consents::given_at))
        .load(connection)?;
    let read = |(app, scopes, at): (i64, String, i64)| Consent {
        app: AppId::from_i64(app),
        scopes: Scopes::parse(&scopes),
        given_at: Timestamp::from_millis(at),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Takes back what an account agreed to. Returns `false` if that was nothing.
pub fn withdraw_consent(connection: &mut DbConnection, account: AccountId, app: AppId) -> Result<bool, Error> {
    Ok(diesel::delete(consents::table.find((account.as_i64(), app.as_i64()))).execute(connection)? == 1)
}

/// Takes back what an account agreed to since a moment, because someone else may have agreed.
pub fn withdraw_consents_since(
    connection: &mut DbConnection,
    account: AccountId,
    since: Timestamp,
) -> Result<(), Error> {
    let own = consents::table.filter(consents::account_id.eq(account.as_i64()));
    diesel::delete(own.filter(consents::given_at.ge(since.as_millis()))).run_kept(connection)?;
    Ok(())
}
