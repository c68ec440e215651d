//! Sessions. [`insert`] has one caller, the door in `signin::complete`; a test holds that.

use crate::{
    db::{
        DbConnection, Error, accounts,
        columns::Named,
        engine::kept::KeptDsl,
        oidc_grants, row,
        schema::{self, session_proofs, sessions},
    },
    domain::{
        Account, AccountId, AttemptId, BrowserLabel, KnownBrowserId, Method, Proof, Session, SessionId, Timestamp,
        TokenHash,
    },
};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct Row {
    id: SessionId,
    account_id: AccountId,
    remember: bool,
    created_at: Timestamp,
    last_seen_at: Timestamp,
    ends_at: Timestamp,
    browser: String,
    client_address: Option<String>,
}

impl Row {
    fn read(self, proofs: Vec<Proof>) -> Result<Session, Error> {
        Ok(Session {
            id: self.id,
            account_id: self.account_id,
            remember: self.remember,
            created_at: self.created_at,
            last_seen_at: self.last_seen_at,
            ends_at: self.ends_at,
            browser: BrowserLabel::from_stored(self.browser),
            client: row::client(self.client_address)?,
            proofs,
        })
    }
}

/// Stores a new session under the hash of its secret. The row names the attempt that made it, and
/// its browser.
pub fn insert(
    connection: &mut DbConnection,
    session: &Session,
    secret: &TokenHash,
    (attempt, browser): (Option<AttemptId>, Option<KnownBrowserId>),
) -> Result<(), Error> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(session.id),
            sessions::secret_hash.eq(secret),
            sessions::account_id.eq(session.account_id),
            sessions::attempt_id.eq(attempt),
            sessions::remember.eq(session.remember),
            sessions::created_at.eq(session.created_at),
            sessions::last_seen_at.eq(session.last_seen_at),
            sessions::ends_at.eq(session.ends_at),
            sessions::browser.eq(session.browser.as_str()),
            sessions::client_address.eq(session.client.map(|client| client.to_string())),
            sessions::known_browser_id.eq(browser),
        ))
        .run_kept(connection)?;
    session.proofs.iter().try_for_each(|proof| note_proof(connection, session.id, *proof))
}

/// Notes that a session was proven by a method, replacing the method's older proof.
pub fn note_proof(connection: &mut DbConnection, id: SessionId, proof: Proof) -> Result<(), Error> {
    let upsert = diesel::insert_into(session_proofs::table)
        .values((
            session_proofs::session_id.eq(id),
            session_proofs::method.eq(Named(proof.method)),
            session_proofs::proven_at.eq(proof.at),
        ))
        .on_conflict((session_proofs::session_id, session_proofs::method))
        .do_update()
        .set(session_proofs::proven_at.eq(proof.at));
    upsert.run_kept(connection)?;
    Ok(())
}

/// Gives a session a new secret; the old one no longer works. Returns `false` if there is no such
/// session.
pub fn rotate(connection: &mut DbConnection, id: SessionId, secret: &TokenHash) -> Result<bool, Error> {
    let rotated =
        diesel::update(sessions::table.find(id)).set(sessions::secret_hash.eq(secret)).execute_either(connection)?;
    Ok(rotated == 1)
}

/// Answers "who is this?": returns the session with this secret, and its account. The rules decide
/// whether it counts.
pub fn find_by_secret(connection: &mut DbConnection, secret: &TokenHash) -> Result<Option<(Session, Account)>, Error> {
    let found: Option<(Row, accounts::Row)> = sessions::table
        .inner_join(schema::accounts::table)
        .filter(sessions::secret_hash.eq(secret))
        .select((row::columns::<Row>(), row::columns::<accounts::Row>()))
        .one_kept(connection)
        .optional()?;
    with_proofs(connection, found)
}

/// Returns the session with this id, and its account. The rules decide whether it counts.
pub fn find(connection: &mut DbConnection, id: SessionId) -> Result<Option<(Session, Account)>, Error> {
    let found: Option<(Row, accounts::Row)> = sessions::table
        .inner_join(schema::accounts::table)
        .filter(sessions::id.eq(id))
        .select((row::columns::<Row>(), row::columns::<accounts::Row>()))
        .one_kept(connection)
        .optional()?;
    with_proofs(connection, found)
}

fn with_proofs(
    connection: &mut DbConnection,
    found: Option<(Row, accounts::Row)>,
) -> Result<Option<(Session, Account)>, Error> {
    let Some((row, account)) = found else { return Ok(None) };
    let proofs = proofs(connection, row.id)?;
    Ok(Some((row.read(proofs)?, account.read()?)))
}

fn proofs(connection: &mut DbConnection, id: SessionId) -> Result<Vec<Proof>, Error> {
    let rows: Vec<(Named<Method>, Timestamp)> = session_proofs::table
        .filter(session_proofs::session_id.eq(id))
        .order(session_proofs::proven_at)
        .select((session_proofs::method, session_proofs::proven_at))
        .load_kept(connection)?;
    Ok(rows.into_iter().map(|(Named(method), at)| Proof { method, at }).collect())
}

/// Returns an account's sessions, the most recently used first.
pub fn of_account(connection: &mut DbConnection, account: AccountId) -> Result<Vec<Session>, Error> {
    let rows: Vec<Row> = sessions::table
        .filter(sessions::account_id.eq(account))
        .order((sessions::last_seen_at.desc(), sessions::id))
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter()
        .map(|row| {
            let proofs = proofs(connection, row.id)?;
            row.read(proofs)
        })
        .collect()
}

/// Ends one session of an account. Returns `false` if the account has no such session.
pub fn delete(connection: &mut DbConnection, account: AccountId, id: SessionId) -> Result<bool, Error> {
    let gone =
        diesel::delete(sessions::table.find(id).filter(sessions::account_id.eq(account))).execute_either(connection)?;
    Ok(gone == 1)
}

/// Ends one session of an account that its owner no longer trusts, and all that it gave to apps.
/// Also what earlier sessions in its browser left there. Returns `false` if the account has no such
/// session.
pub fn revoke(connection: &mut DbConnection, account: AccountId, id: SessionId) -> Result<bool, Error> {
    let own = sessions::table.filter(sessions::id.eq(id)).filter(sessions::account_id.eq(account));
    let ids: Vec<SessionId> = own.select(sessions::id).load(connection)?;
    oidc_grants::end_of_sessions(connection, &ids)?;
    if let Some(browser) = browser_of(connection, account, id)? {
        oidc_grants::end_left_in_browser(connection, account, browser)?;
    }
    delete(connection, account, id)
}

/// Ends all sessions of an account but one, and what apps have beyond them. Returns how many there
/// were.
pub fn delete_others(connection: &mut DbConnection, account: AccountId, keep: SessionId) -> Result<usize, Error> {
    oidc_grants::end_offline(connection, account, Some(keep))?;
    Ok(diesel::delete(sessions::table.filter(sessions::account_id.eq(account)).filter(sessions::id.ne(keep)))
        .execute_either(connection)?)
}

/// Ends all sessions of an account, and what apps have beyond them. Returns how many there were.
pub fn delete_all(connection: &mut DbConnection, account: AccountId) -> Result<usize, Error> {
    oidc_grants::end_offline(connection, account, None)?;
    Ok(diesel::delete(sessions::table.filter(sessions::account_id.eq(account))).execute_either(connection)?)
}

/// Returns whether a browser has a session of the account.
pub fn are_in_browser(
    connection: &mut DbConnection,
    account: AccountId,
    browser: KnownBrowserId,
) -> Result<bool, Error> {
    let found: i64 = sessions::table
        .filter(sessions::account_id.eq(account))
        .filter(sessions::known_browser_id.eq(browser))
        .count()
        .get_result(connection)?;
    Ok(found > 0)
}

/// Ends an account's sessions in one browser, and all that apps have from them. Returns which
/// sessions they were.
pub fn delete_in_browser(
    connection: &mut DbConnection,
    account: AccountId,
    browser: KnownBrowserId,
) -> Result<Vec<SessionId>, Error> {
    let ids: Vec<SessionId> = sessions::table
        .filter(sessions::account_id.eq(account))
        .filter(sessions::known_browser_id.eq(browser))
        .select(sessions::id)
        .load(connection)?;
    oidc_grants::end_in_browser(connection, account, browser)?;
    diesel::delete(sessions::table.filter(sessions::id.eq_any(&ids))).execute(connection)?;
    Ok(ids)
}

/// Returns the browser that a session of the account is in, if it is known.
pub fn browser_of(
    connection: &mut DbConnection,
    account: AccountId,
    id: SessionId,
) -> Result<Option<KnownBrowserId>, Error> {
    let found: Option<Option<KnownBrowserId>> = sessions::table
        .find(id)
        .filter(sessions::account_id.eq(account))
        .select(sessions::known_browser_id)
        .first(connection)
        .optional()?;
    Ok(found.flatten())
}

/// Returns the browsers that are signed in to an account.
pub fn browsers_of(connection: &mut DbConnection, account: AccountId) -> Result<Vec<KnownBrowserId>, Error> {
    Ok(sessions::table
        .filter(sessions::account_id.eq(account))
        .filter(sessions::known_browser_id.is_not_null())
        .select(sessions::known_browser_id.assume_not_null())
        .load(connection)?)
}

/// Returns the attempt that a session comes from.
pub fn attempt_of(connection: &mut DbConnection, id: SessionId) -> Result<Option<AttemptId>, Error> {
    let found: Option<Option<AttemptId>> =
        sessions::table.find(id).select(sessions::attempt_id).first(connection).optional()?;
    Ok(found.flatten())
}

/// Leaves an account at most `keep` sessions, the most recently used.
pub fn make_room(connection: &mut DbConnection, account: AccountId, keep: i64) -> Result<(), Error> {
    let own = sessions::table.filter(sessions::account_id.eq(account));
    // Asked first, because SQLite parses a statement with a LIMIT anew each time.
    if own.count().one_kept::<i64>(connection)? <= keep {
        return Ok(());
    }
    let surplus: Vec<SessionId> =
        own.order(sessions::last_seen_at.desc()).offset(keep).limit(keep).select(sessions::id).load(connection)?;
    diesel::delete(sessions::table.filter(sessions::id.eq_any(surplus))).execute(connection)?;
    Ok(())
}

/// Ends the sessions that an attempt made, and all that apps have from them. Call it when the owner
/// says it wasn't them. Returns how many sessions there were.
pub fn delete_made_by(connection: &mut DbConnection, attempt: AttemptId) -> Result<usize, Error> {
    oidc_grants::end_of_attempt(connection, attempt)?;
    Ok(diesel::delete(sessions::table.filter(sessions::attempt_id.eq(attempt))).execute_either(connection)?)
}

/// Notes when sessions were last seen, never moving back.
pub fn note_seen(connection: &mut DbConnection, seen: &[(SessionId, Timestamp)]) -> Result<(), Error> {
    for (id, at) in seen {
        diesel::update(sessions::table.find(id).filter(sessions::last_seen_at.lt(at)))
            .set(sessions::last_seen_at.eq(at))
            .run_kept(connection)?;
    }
    Ok(())
}

/// Returns how many sessions there are.
pub fn count(connection: &mut DbConnection) -> Result<i64, Error> {
    Ok(sessions::table.count().get_result(connection)?)
}

/// Returns up to `most` expired sessions: past their absolute end, or unused since `idle_since`.
/// Reads all rows, so that it is work for a reader. An index would cost each sign-in a write.
pub fn over(
    connection: &mut DbConnection,
    (now, idle_since): (Timestamp, Timestamp),
    most: i64,
) -> Result<Vec<SessionId>, Error> {
    let expired = sessions::ends_at.le(now).or(sessions::last_seen_at.lt(idle_since));
    let ids: Vec<SessionId> = sessions::table.filter(expired).limit(most).select(sessions::id).load(connection)?;
    Ok(ids)
}

/// Deletes those of `ids` that have expired.
pub fn purge(
    connection: &mut DbConnection,
    (now, idle_since): (Timestamp, Timestamp),
    ids: &[SessionId],
) -> Result<usize, Error> {
    let expired = sessions::ends_at.le(now).or(sessions::last_seen_at.lt(idle_since));
    Ok(diesel::delete(sessions::table.filter(sessions::id.eq_any(ids)).filter(expired)).execute(connection)?)
}

pub fn exists(connection: &mut DbConnection, id: SessionId) -> Result<bool, Error> {
    let found: Option<SessionId> = sessions::table.find(id).select(sessions::id).first(connection).optional()?;
    Ok(found.is_some())
}
