//! Sign-ins at apps, and the access tokens that came of them.

use crate::{
    db::{
        DbConnection, Error,
        columns::Named,
        engine::kept::KeptDsl,
        logout_notices,
        schema::{oidc_access_tokens as tokens, oidc_consents as consents, oidc_grants as grants, sessions},
    },
    domain::{
        AccountId, AttemptId, KnownBrowserId, SessionId, Timestamp, TokenHash,
        apps::AppId,
        assurance::Strength,
        oidc::{ClaimScopes, Grant, GrantId, Scopes},
    },
};
use diesel::prelude::*;

/// Most sign-ins at one app that count: of one session, and of one account those that outlast their
/// sessions. Otherwise a loop would make more of them than can end while their user waits.
const MAX_AT_APP: i64 = 100;
/// Most access tokens of one sign-in. An app may use several at a time, one for each tab.
const MAX_TOKENS: i64 = 50;
/// Rows that one statement names, so that it stays below SQLite's limit of values.
const AT_ONCE: usize = 500;

#[derive(Queryable, Selectable)]
#[diesel(table_name = grants)]
struct Row {
    id: GrantId,
    app_id: AppId,
    account_id: AccountId,
    session_id: Option<SessionId>,
    scopes: String,
    claims: String,
    auth_time: Timestamp,
    acr: String,
    amr: String,
    strength: Named<Strength>,
    offline: bool,
    generation: i32,
    refreshed_at: Timestamp,
    created_at: Timestamp,
    ends_at: Timestamp,
    ended_at: Option<Timestamp>,
}

impl Row {
    fn read(self) -> Grant {
        Grant {
            id: self.id,
            app: self.app_id,
            account: self.account_id,
            session: self.session_id,
            scopes: Scopes::parse(&self.scopes),
            claims: ClaimScopes::parse(&self.claims),
            auth_time: self.auth_time,
            acr: self.acr,
            amr: self.amr,
            strength: self.strength.0,
            is_offline: self.offline,
            generation: self.generation,
            refreshed_at: self.refreshed_at,
            created_at: self.created_at,
            ends_at: self.ends_at,
            ended_at: self.ended_at,
        }
    }
}

/// Stores a grant, and where its session came from. Returns `false` if its code was used before,
/// also by another node at the same time.
pub fn insert(connection: &mut DbConnection, grant: &Grant, code: &[u8]) -> Result<bool, Error> {
    let session = sessions::table.filter(sessions::id.nullable().eq(grant.session));
    let origin: Option<(Option<AttemptId>, Option<KnownBrowserId>)> =
        session.select((sessions::attempt_id, sessions::known_browser_id)).first(connection).optional()?;
    let (attempt, browser) = origin.unwrap_or_default();
    let insert = diesel::insert_into(grants::table)
        .values((
            grants::id.eq(grant.id),
            grants::app_id.eq(grant.app),
            grants::account_id.eq(grant.account),
            grants::session_id.eq(grant.session),
            grants::code_id.eq(code),
            grants::scopes.eq(grant.scopes.text()),
            grants::claims.eq(grant.claims.text()),
            grants::auth_time.eq(grant.auth_time),
            grants::acr.eq(&grant.acr),
            grants::amr.eq(&grant.amr),
            grants::strength.eq(Named(grant.strength)),
            grants::offline.eq(grant.is_offline),
            grants::generation.eq(grant.generation),
            grants::refreshed_at.eq(grant.refreshed_at),
            grants::created_at.eq(grant.created_at),
            grants::ends_at.eq(grant.ends_at),
            grants::attempt_id.eq(attempt),
            grants::known_browser_id.eq(browser),
        ))
        .on_conflict_do_nothing();
    Ok(insert.execute_either(connection)? == 1)
}

/// Ends the grants that were unused for longest, if there is no room for a new one beside them.
/// Tells the app.
pub fn make_room(connection: &mut DbConnection, new: &Grant, now: Timestamp) -> Result<(), Error> {
    let others = grants::table
        .filter(grants::account_id.eq(new.account))
        .filter(grants::app_id.eq(new.app))
        .filter(grants::ended_at.is_null())
        .filter(grants::offline.eq(new.is_offline))
        .order((grants::refreshed_at.desc(), grants::id))
        .select(grants::id);
    let others = others.offset(MAX_AT_APP - 1);
    let surplus: Vec<GrantId> = if new.is_offline {
        others.load(connection)?
    } else {
        others.filter(grants::session_id.eq(new.session)).load(connection)?
    };
    end_all(connection, &surplus, (new.app, new.account), now)
}

/// Ends grants with their access tokens, and tells the app. Takes few statements, because their
/// user waits.
fn end_all(
    connection: &mut DbConnection,
    ids: &[GrantId],
    (app, account): (AppId, AccountId),
    now: Timestamp,
) -> Result<(), Error> {
    for some in ids.chunks(AT_ONCE) {
        diesel::delete(tokens::table.filter(tokens::grant_id.eq_any(some))).execute(connection)?;
        diesel::update(grants::table.filter(grants::id.eq_any(some)))
            .set(grants::ended_at.eq(now))
            .execute(connection)?;
    }
    logout_notices::queue(connection, ids, (app, account))
}

pub fn find(connection: &mut DbConnection, id: GrantId) -> Result<Option<Grant>, Error> {
    let row: Option<Row> = grants::table.find(id).select(Row::as_select()).first(connection).optional()?;
    Ok(row.map(Row::read))
}

/// Returns the grant that a code gave.
pub fn of_code(connection: &mut DbConnection, code: &[u8]) -> Result<Option<Grant>, Error> {
    let row = grants::table.filter(grants::code_id.eq(code)).select(Row::as_select());
    Ok(row.first(connection).optional()?.map(Row::read))
}

/// Counts a refresh. Returns `false` if another one came first, or the grant has ended.
pub fn replace_token(
    connection: &mut DbConnection,
    id: GrantId,
    generation: i32,
    now: Timestamp,
) -> Result<bool, Error> {
    let row = grants::table.find(id).filter(grants::generation.eq(generation)).filter(grants::ended_at.is_null());
    let replaced = diesel::update(row)
        .set((grants::generation.eq(generation.saturating_add(1)), grants::refreshed_at.eq(now)))
        .execute_either(connection)?;
    Ok(replaced == 1)
}

/// Notes that a grant was used by a refresh token that stays.
pub fn note_refresh(connection: &mut DbConnection, id: GrantId, now: Timestamp) -> Result<(), Error> {
    let row = grants::table.find(id);
    diesel::update(row).set(grants::refreshed_at.eq(now)).run_kept(connection)?;
    Ok(())
}

/// Ends a grant and its access tokens. Returns `false` if it had ended.
pub fn end(connection: &mut DbConnection, id: GrantId, now: Timestamp) -> Result<bool, Error> {
    diesel::delete(tokens::table.filter(tokens::grant_id.eq(id))).run_kept(connection)?;
    let ended = diesel::update(grants::table.find(id).filter(grants::ended_at.is_null()))
        .set(grants::ended_at.eq(now))
        .execute_either(connection)?;
    Ok(ended == 1)
}

/// Ends the grants of an account that outlast their sessions, except those of one session.
///
/// The others end with their sessions. Codes cannot come back, because they need their session.
pub fn end_offline(connection: &mut DbConnection, account: AccountId, keep: Option<SessionId>) -> Result<(), Error> {
    let offline = grants::table.filter(grants::account_id.eq(account)).filter(grants::offline);
    match keep {
        None => diesel::delete(offline).execute_either(connection)?,
        Some(keep) => {
            let others = grants::session_id.is_null().or(grants::session_id.ne(keep));
            diesel::delete(offline.filter(others)).execute_either(connection)?
        }
    };
    Ok(())
}

/// Ends what a session gave to one app, and tells the app. The grants stay for a while, so that no
/// code counts twice while the session goes on.
pub fn end_of_session_at_app(
    connection: &mut DbConnection,
    (session, app): (SessionId, AppId),
    now: Timestamp,
) -> Result<(), Error> {
    let of_both = grants::table
        .filter(grants::session_id.eq(session))
        .filter(grants::app_id.eq(app))
        .filter(grants::ended_at.is_null());
    let rows: Vec<(GrantId, AccountId)> = of_both.select((grants::id, grants::account_id)).load(connection)?;
    // A session has one account.
    let Some((_, account)) = rows.first().copied() else { return Ok(()) };
    let ids: Vec<GrantId> = rows.into_iter().map(|(id, _)| id).collect();
    end_all(connection, &ids, (app, account), now)
}

/// Ends all that these sessions gave to apps, also what would outlast them. Call it when their
/// owner says that another person used them.
pub fn end_of_sessions(connection: &mut DbConnection, sessions: &[SessionId]) -> Result<(), Error> {
    diesel::delete(grants::table.filter(grants::session_id.eq_any(sessions))).execute(connection)?;
    Ok(())
}

/// Ends all that the sessions of an attempt gave to apps, also after a sign-out.
pub fn end_of_attempt(connection: &mut DbConnection, attempt: AttemptId) -> Result<(), Error> {
    diesel::delete(grants::table.filter(grants::attempt_id.eq(attempt))).run_kept(connection)?;
    Ok(())
}

/// Ends all that an account gave to apps in one browser, also after a sign-out.
pub fn end_in_browser(connection: &mut DbConnection, account: AccountId, browser: KnownBrowserId) -> Result<(), Error> {
    let own = grants::table.filter(grants::account_id.eq(account));
    diesel::delete(own.filter(grants::known_browser_id.eq(browser))).run_kept(connection)?;
    Ok(())
}

/// Ends what an account gave to apps in one browser, in sessions that have ended.
pub fn end_left_in_browser(
    connection: &mut DbConnection,
    account: AccountId,
    browser: KnownBrowserId,
) -> Result<(), Error> {
    let left = grants::table.filter(grants::account_id.eq(account)).filter(grants::session_id.is_null());
    diesel::delete(left.filter(grants::known_browser_id.eq(browser))).run_kept(connection)?;
    Ok(())
}

/// Returns whether something that an account gave to apps in a browser would outlast a sign-out.
pub fn outlast_in_browser(
    connection: &mut DbConnection,
    (account, browser): (AccountId, KnownBrowserId),
    now: Timestamp,
) -> Result<bool, Error> {
    let found: i64 = grants::table
        .filter(grants::account_id.eq(account))
        .filter(grants::known_browser_id.eq(browser))
        .filter(grants::offline)
        .filter(grants::ended_at.is_null())
        .filter(grants::ends_at.gt(now))
        .count()
        .get_result(connection)?;
    Ok(found > 0)
}

/// Returns the browsers in which an account gave something to apps that would outlast a sign-out.
pub fn browsers_of(
    connection: &mut DbConnection,
    account: AccountId,
    now: Timestamp,
) -> Result<Vec<KnownBrowserId>, Error> {
    Ok(grants::table
        .filter(grants::account_id.eq(account))
        .filter(grants::known_browser_id.is_not_null())
        .filter(grants::offline)
        .filter(grants::ended_at.is_null())
        .filter(grants::ends_at.gt(now))
        .select(grants::known_browser_id.assume_not_null())
        .load(connection)?)
}

/// Ends what an account has at one app, and tells the app. The rows stay, so that no code counts
/// again. Returns how many grants there were.
pub fn end_at_app(
    connection: &mut DbConnection,
    (account, app): (AccountId, AppId),
    now: Timestamp,
) -> Result<usize, Error> {
    let of_both = grants::table.filter(grants::account_id.eq(account)).filter(grants::app_id.eq(app));
    let alive = grants::session_id.is_not_null().or(grants::offline);
    let ids: Vec<GrantId> =
        of_both.filter(grants::ended_at.is_null()).filter(alive).select(grants::id).load(connection)?;
    end_all(connection, &ids, (app, account), now)?;
    Ok(ids.len())
}

/// Returns the apps that a session has signed in to, each with the newest grant.
pub fn of_session(connection: &mut DbConnection, session: SessionId) -> Result<Vec<(GrantId, AppId)>, Error> {
    let of_session = grants::table.filter(grants::session_id.eq(session)).order(grants::created_at.desc());
    let rows: Vec<(GrantId, AppId)> = of_session.select((grants::id, grants::app_id)).load(connection)?;
    let mut newest: Vec<(GrantId, AppId)> = Vec::new();
    for (grant, app) in rows {
        if !newest.iter().any(|(_, known)| *known == app) {
            newest.push((grant, app));
        }
    }
    Ok(newest)
}

/// An access token, as it is stored.
#[derive(Clone, Debug)]
pub struct AccessToken {
    pub grant: Grant,
    pub scopes: Scopes,
    pub expires_at: Timestamp,
}

/// Stores an access token. The grant's oldest ones give way to it.
pub fn add_token(
    connection: &mut DbConnection,
    hash: &TokenHash,
    grant: GrantId,
    (scopes, expires_at): (&Scopes, Timestamp),
) -> Result<(), Error> {
    let newest = tokens::table.filter(tokens::grant_id.eq(grant)).order(tokens::expires_at.desc());
    let surplus: Vec<TokenHash> = newest.offset(MAX_TOKENS - 1).select(tokens::token_hash).load(connection)?;
    if !surplus.is_empty() {
        diesel::delete(tokens::table.filter(tokens::token_hash.eq_any(surplus))).execute(connection)?;
    }
    diesel::insert_into(tokens::table)
        .values((
            tokens::token_hash.eq(hash),
            tokens::grant_id.eq(grant),
            tokens::scopes.eq(scopes.text()),
            tokens::expires_at.eq(expires_at),
        ))
        .run_kept(connection)?;
    Ok(())
}

pub fn token(connection: &mut DbConnection, hash: &TokenHash) -> Result<Option<AccessToken>, Error> {
    let found: Option<(Row, String, Timestamp)> = tokens::table
        .inner_join(grants::table)
        .filter(tokens::token_hash.eq(hash))
        .select((Row::as_select(), tokens::scopes, tokens::expires_at))
        .first(connection)
        .optional()?;
    let Some((row, scopes, expires_at)) = found else { return Ok(None) };
    Ok(Some(AccessToken { grant: row.read(), scopes: Scopes::parse(&scopes), expires_at }))
}

pub fn remove_token(connection: &mut DbConnection, hash: &TokenHash) -> Result<(), Error> {
    diesel::delete(tokens::table.find(hash)).run_kept(connection)?;
    Ok(())
}

/// Returns what a user has agreed to let an app know. `None` if they were never asked: agreeing to
/// nothing more than their id is an answer, too.
pub fn consent(connection: &mut DbConnection, account: AccountId, app: AppId) -> Result<Option<Scopes>, Error> {
    let row = consents::table.find((account, app));
    let scopes: Option<String> = row.select(consents::scopes).first(connection).optional()?;
    Ok(scopes.map(|scopes| Scopes::parse(&scopes)))
}

/// Adds to what a user has agreed to. Agreeing to less takes nothing back, because older grants
/// that have more still count. The caller holds the account's lock.
pub fn note_consent(
    connection: &mut DbConnection,
    (account, app): (AccountId, AppId),
    scopes: &Scopes,
    now: Timestamp,
) -> Result<(), Error> {
    let before = consent(connection, account, app)?.unwrap_or_default();
    let all = Scopes::parse(&format!("{} {}", before.text(), scopes.text()));
    let scopes = all.text();
    let upsert = diesel::insert_into(consents::table)
        .values((
            consents::account_id.eq(account),
            consents::app_id.eq(app),
            consents::scopes.eq(&scopes),
            consents::given_at.eq(now),
        ))
        .on_conflict((consents::account_id, consents::app_id))
        .do_update()
        .set((consents::scopes.eq(&scopes), consents::given_at.eq(now)));
    upsert.run_kept(connection)?;
    Ok(())
}

/// Deletes access tokens that have expired.
pub fn purge_tokens(connection: &mut DbConnection, now: Timestamp) -> Result<usize, Error> {
    Ok(diesel::delete(tokens::table.filter(tokens::expires_at.lt(now))).execute_either(connection)?)
}

/// Deletes grants that ended, or could not be used any more, before a moment. Until then their
/// codes stay used. Apps are told of ends when they happen, so that this tells them nothing. A
/// grant whose session goes on stays: the app hears of that session's end.
pub fn purge(connection: &mut DbConnection, before: Timestamp) -> Result<usize, Error> {
    let over = grants::table
        .filter(grants::ended_at.is_null())
        .filter(grants::session_id.is_null())
        .filter(grants::ends_at.lt(before));
    diesel::update(over).set(grants::ended_at.eq(grants::ends_at.nullable())).execute_either(connection)?;
    let unusable = grants::session_id.is_null().and(grants::offline.eq(false));
    let old = grants::table.filter(grants::created_at.lt(before));
    let gone = diesel::delete(old.filter(unusable)).execute_either(connection)?;
    let ended = grants::table.filter(grants::ended_at.lt(before));
    Ok(gone + diesel::delete(ended).execute_either(connection)?)
}
