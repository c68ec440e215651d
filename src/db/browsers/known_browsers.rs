//! Browsers in which accounts have signed in, and the links that sign one out.

use crate::{
    db::{
        DbConnection, Error,
        engine::kept::KeptDsl,
        news, oidc_grants, row,
        schema::{known_browser_links as links, known_browsers},
        sessions,
    },
    domain::{
        AccountId, BrowserLabel, KnownBrowserId, Timestamp, TokenHash,
        gain::UNDO_LIFETIME,
        known_browser::{KnownBrowser, LIFETIME},
    },
};
use diesel::prelude::*;

/// Browsers of one account; the one longest unused gives way. Twice the sessions of an account, so
/// that enough are not signed in.
const MAX: i64 = 100;

#[derive(Queryable, Selectable)]
#[diesel(table_name = known_browsers)]
struct Row {
    id: KnownBrowserId,
    account_id: AccountId,
    browser: String,
    client_address: Option<String>,
    first_used_at: Timestamp,
    last_used_at: Timestamp,
    signed_out_at: Option<Timestamp>,
}

impl Row {
    fn read(self) -> Result<KnownBrowser, Error> {
        Ok(KnownBrowser {
            id: self.id,
            account_id: self.account_id,
            browser: BrowserLabel::from_stored(self.browser),
            client: row::client(self.client_address)?,
            first_used_at: self.first_used_at,
            last_used_at: self.last_used_at,
            signed_out_at: self.signed_out_at,
        })
    }
}

/// Stores a browser after its first sign-in, with two secrets: one identifies it, one grants
/// its own tries.
pub fn insert(
    connection: &mut DbConnection,
    browser: &KnownBrowser,
    (secret, device): (&TokenHash, &TokenHash),
) -> Result<(), Error> {
    make_room(connection, browser.account_id, browser.first_used_at)?;
    diesel::insert_into(known_browsers::table)
        .values((
            known_browsers::id.eq(browser.id),
            known_browsers::account_id.eq(browser.account_id),
            known_browsers::secret_hash.eq(secret),
            known_browsers::browser.eq(browser.browser.as_str()),
            known_browsers::client_address.eq(browser.client.map(|client| client.to_string())),
            known_browsers::first_used_at.eq(browser.first_used_at),
            known_browsers::last_used_at.eq(browser.last_used_at),
            known_browsers::device_hash.eq(device),
        ))
        .run_kept(connection)?;
    Ok(())
}

/// Deletes the account's browsers that were unused for longest, so that one more has room.
///
/// One that is signed in stays, because its link has to sign it out. So does one that an email is
/// yet to tell. What apps got there to keep lets it stay longer than others.
fn make_room(connection: &mut DbConnection, account: AccountId, now: Timestamp) -> Result<(), Error> {
    let own = known_browsers::table.filter(known_browsers::account_id.eq(account));
    // Asked first, because most accounts have few.
    let count: i64 = own.count().one_kept(connection)?;
    let Ok(surplus @ 1..) = usize::try_from(count - MAX + 1) else { return Ok(()) };
    let mut needed = sessions::browsers_of(connection, account)?;
    needed.extend(news::untold_browsers(connection, account)?);
    let held = oidc_grants::browsers_of(connection, account, now)?;
    let mut ids: Vec<KnownBrowserId> =
        own.order((known_browsers::last_used_at, known_browsers::id)).select(known_browsers::id).load(connection)?;
    ids.retain(|id| !needed.contains(id));
    // Keeps the order by use among equals.
    ids.sort_by_key(|id| held.contains(id));
    ids.truncate(surplus);
    diesel::delete(known_browsers::table.filter(known_browsers::id.eq_any(ids))).execute(connection)?;
    Ok(())
}

/// Returns the account's browser with one of these secrets, and which of them it is. One that was
/// signed out is not among them.
pub fn find(
    connection: &mut DbConnection,
    account: AccountId,
    secrets: &[TokenHash],
) -> Result<Option<(KnownBrowserId, TokenHash)>, Error> {
    if secrets.is_empty() {
        return Ok(None);
    }
    let found: Vec<(KnownBrowserId, TokenHash)> = known_browsers::table
        .filter(known_browsers::secret_hash.eq_any(secrets))
        .filter(known_browsers::account_id.eq(account))
        .filter(known_browsers::signed_out_at.is_null())
        .select((known_browsers::id, known_browsers::secret_hash))
        .load_kept(connection)?;
    Ok(found.into_iter().next())
}

/// Gives a browser another secret, for every account that it is known to.
pub fn change_secret(connection: &mut DbConnection, from: &[TokenHash], to: &TokenHash) -> Result<(), Error> {
    if !from.is_empty() {
        diesel::update(known_browsers::table.filter(known_browsers::secret_hash.eq_any(from)))
            .set(known_browsers::secret_hash.eq(to))
            .run_kept(connection)?;
    }
    Ok(())
}

/// Notes a further sign-in in a browser, and the secret by which it has its own tries from now on.
pub fn note_used(
    connection: &mut DbConnection,
    id: KnownBrowserId,
    device: &TokenHash,
    now: Timestamp,
) -> Result<(), Error> {
    diesel::update(known_browsers::table.find(id))
        .set((
            known_browsers::last_used_at.eq(now),
            known_browsers::device_hash.eq(device),
            known_browsers::tries_ended_at.eq(None::<Timestamp>),
        ))
        .run_kept(connection)?;
    Ok(())
}

/// Returns an account's browsers, the one used last first.
pub fn of_account(connection: &mut DbConnection, account: AccountId) -> Result<Vec<KnownBrowser>, Error> {
    let rows: Vec<Row> = known_browsers::table
        .filter(known_browsers::account_id.eq(account))
        .order((known_browsers::last_used_at.desc(), known_browsers::id))
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter().map(Row::read).collect()
}

pub fn get(connection: &mut DbConnection, id: KnownBrowserId) -> Result<Option<KnownBrowser>, Error> {
    let row: Option<Row> = known_browsers::table.find(id).select(Row::as_select()).first(connection).optional()?;
    row.map(Row::read).transpose()
}

/// Gives a browser one more link that signs it out, for the email about to leave. Returns `false`
/// if the browser is forgotten. The links of earlier tries stay valid, because one of them may have
/// arrived.
pub fn mint(connection: &mut DbConnection, id: KnownBrowserId, link: &TokenHash) -> Result<bool, Error> {
    if get(connection, id)?.is_none() {
        return Ok(false);
    }
    diesel::insert_into(links::table)
        .values((links::token_hash.eq(link), links::browser_id.eq(id)))
        .run_kept(connection)?;
    Ok(true)
}

pub fn find_by_link(connection: &mut DbConnection, link: &TokenHash) -> Result<Option<KnownBrowser>, Error> {
    let row: Option<Row> = links::table
        .inner_join(known_browsers::table)
        .filter(links::token_hash.eq(link))
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    row.map(Row::read).transpose()
}

/// Lets a browser count as new.
pub fn sign_out(connection: &mut DbConnection, id: KnownBrowserId, now: Timestamp) -> Result<(), Error> {
    diesel::update(known_browsers::table.find(id).filter(known_browsers::signed_out_at.is_null()))
        .set((known_browsers::signed_out_at.eq(now), known_browsers::device_hash.eq(None::<TokenHash>)))
        .run_kept(connection)?;
    Ok(())
}

/// Lets the account's browsers count as new that it first used at a moment or later.
pub fn sign_out_since(
    connection: &mut DbConnection,
    account: AccountId,
    since: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    diesel::update(
        known_browsers::table
            .filter(known_browsers::account_id.eq(account))
            .filter(known_browsers::first_used_at.ge(since))
            .filter(known_browsers::signed_out_at.is_null()),
    )
    .set((known_browsers::signed_out_at.eq(now), known_browsers::device_hash.eq(None::<TokenHash>)))
    .run_kept(connection)?;
    Ok(())
}

/// The account's browsers but one.
#[diesel::dsl::auto_type]
pub(in crate::db) fn others(account: AccountId, keep: Option<KnownBrowserId>) -> _ {
    let keep: KnownBrowserId = keep.unwrap_or(KnownBrowserId::from_i64(-1));
    known_browsers::table.filter(known_browsers::account_id.eq(account)).filter(known_browsers::id.ne(keep))
}

/// Lets all of the account's browsers but one count as new.
pub fn sign_out_others(
    connection: &mut DbConnection,
    account: AccountId,
    keep: Option<KnownBrowserId>,
    now: Timestamp,
) -> Result<(), Error> {
    diesel::update(others(account, keep).filter(known_browsers::signed_out_at.is_null()))
        .set((known_browsers::signed_out_at.eq(now), known_browsers::device_hash.eq(None::<TokenHash>)))
        .run_kept(connection)?;
    Ok(())
}

/// Forgets browsers that have not been used for long. Forgets signed-out browsers, too, once their
/// link has ended.
pub fn purge(connection: &mut DbConnection, now: Timestamp) -> Result<usize, Error> {
    let unused = now.minus(LIFETIME);
    let signed_out = now.minus(UNDO_LIFETIME);
    let is_over = known_browsers::last_used_at.lt(unused).or(known_browsers::signed_out_at
        .is_not_null()
        .and(known_browsers::signed_out_at.assume_not_null().lt(signed_out)));
    Ok(diesel::delete(known_browsers::table.filter(is_over)).execute_either(connection)?)
}
