//! Attempts, their email links, and the conditional updates that redeem them.

pub use crate::db::attempt_links::{
    Leaving, LinkKind, forget_leaving, is_overtaken, keep_leaving, note_leaving, note_link, start_life,
};

use crate::{
    db::{
        DbConnection, Error,
        columns::Named,
        engine::kept::KeptDsl,
        pending_sign_ins, row,
        schema::{attempt_links, attempts, oidc_grants, outbox, sessions},
    },
    domain::{
        AccountId, Attempt, AttemptId, BrowserLabel, ClientAddress, Destination, EmailAddress, KnownBrowserId,
        LanguageTag, Outcome, Purpose, SessionId, Timestamp, TokenHash, attempt::MAX_WRONG_CODES, code::CodeHash,
    },
};
use diesel::{
    dsl::{case_when, exists, not},
    prelude::*,
};

/// Most attempts over a limit that are kept for one network. With one more, the oldest goes.
pub const MUTED_KEPT: i64 = 100;
/// Number of them that go at once.
const MUTED_REMOVED_AT_ONCE: i64 = 20;

#[derive(Queryable, Selectable)]
#[diesel(table_name = attempts)]
struct Row {
    id: AttemptId,
    purpose: Named<Purpose>,
    email: EmailAddress,
    account_id: Option<AccountId>,
    session_id: Option<SessionId>,
    verifier_hash: Option<TokenHash>,
    browser: String,
    client_address: Option<String>,
    requested_at: Timestamp,
    muted: bool,
    remember: bool,
    return_to: String,
    token_hash: Option<TokenHash>,
    expires_at: Option<Timestamp>,
    leaving_token_hash: Option<TokenHash>,
    leaving_until: Option<Timestamp>,
    wrong_codes: i32,
    mails: i32,
    mail_asked_at: Timestamp,
    ended_at: Option<Timestamp>,
    outcome: Option<Named<Outcome>>,
    language: Option<String>,
}

impl Row {
    fn read(self) -> Result<Attempt, Error> {
        Ok(Attempt {
            id: self.id,
            purpose: self.purpose.0,
            email: self.email,
            account_id: self.account_id,
            session_id: self.session_id,
            verifier: self.verifier_hash,
            browser: BrowserLabel::from_stored(self.browser),
            client: row::client(self.client_address)?,
            language: self.language.as_deref().and_then(LanguageTag::parse),
            requested_at: self.requested_at,
            muted: self.muted,
            remember: self.remember,
            destination: Destination::from_stored(&self.return_to),
            token: self.token_hash,
            expires_at: self.expires_at,
            leaving: self.leaving_token_hash.zip(self.leaving_until),
            wrong_codes: self.wrong_codes,
            mails: self.mails,
            mail_asked_at: self.mail_asked_at,
            ended: match self.ended_at {
                Some(at) => Some((at, self.outcome.ok_or_else(|| Error::unreadable("outcome"))?.0)),
                None => None,
            },
        })
    }
}

pub fn insert(connection: &mut DbConnection, attempt: &Attempt) -> Result<(), Error> {
    diesel::insert_into(attempts::table)
        .values((
            (
                attempts::id.eq(attempt.id),
                attempts::purpose.eq(Named(attempt.purpose)),
                attempts::email.eq(attempt.email.as_str()),
                attempts::account_id.eq(attempt.account_id),
                attempts::session_id.eq(attempt.session_id),
                attempts::verifier_hash.eq(attempt.verifier),
                attempts::browser.eq(attempt.browser.as_str()),
                attempts::client_address.eq(attempt.client.map(|client| client.to_string())),
                attempts::requested_at.eq(attempt.requested_at),
                attempts::muted.eq(attempt.muted),
                attempts::language.eq(attempt.language.as_ref().map(LanguageTag::as_str)),
            ),
            (
                attempts::remember.eq(attempt.remember),
                attempts::return_to.eq(attempt.destination.stored()),
                attempts::token_hash.eq(attempt.token),
                attempts::expires_at.eq(attempt.expires_at),
                attempts::wrong_codes.eq(attempt.wrong_codes),
                attempts::mails.eq(attempt.mails),
                attempts::mail_asked_at.eq(attempt.mail_asked_at),
                attempts::muted_by.eq(attempt.client.filter(|_| attempt.muted).map(ClientAddress::widest_network)),
            ),
        ))
        .run_kept(connection)?;
    Ok(())
}

pub fn find(connection: &mut DbConnection, id: AttemptId) -> Result<Option<Attempt>, Error> {
    let row: Option<Row> = attempts::table.find(id).select(row::columns::<Row>()).one_kept(connection).optional()?;
    row.map(Row::read).transpose()
}

/// Deletes the oldest of a network's attempts over a limit, beyond [`MUTED_KEPT`]. More requests
/// then take no more room.
pub fn thin_out_muted(connection: &mut DbConnection, client: ClientAddress) -> Result<(), Error> {
    // Asked first, because SQLite parses a statement with a LIMIT anew each time.
    let kept: i64 =
        attempts::table.filter(attempts::muted_by.eq(client.widest_network())).count().one_kept(connection)?;
    if kept <= MUTED_KEPT {
        return Ok(());
    }
    let surplus: Vec<AttemptId> = attempts::table
        .filter(attempts::muted_by.eq(client.widest_network()))
        .order(attempts::requested_at.desc())
        .offset(MUTED_KEPT)
        .limit(MUTED_REMOVED_AT_ONCE)
        .select(attempts::id)
        .load(connection)?;
    diesel::delete(outbox::table.filter(outbox::attempt_id.eq_any(&surplus))).execute(connection)?;
    diesel::delete(attempts::table.filter(attempts::id.eq_any(surplus))).execute(connection)?;
    Ok(())
}

/// Returns how many attempts over a limit are kept.
pub fn count_muted(connection: &mut DbConnection) -> Result<i64, Error> {
    Ok(attempts::table.filter(attempts::muted_by.is_not_null()).count().get_result(connection)?)
}

/// Returns whether an attempt has not ended.
pub fn is_open(connection: &mut DbConnection, id: AttemptId) -> Result<bool, Error> {
    let open: i64 = attempts::table.find(id).filter(attempts::ended_at.is_null()).count().get_result(connection)?;
    Ok(open > 0)
}

/// Returns the attempt that a link was once emailed for, even if the link is no longer valid.
pub fn find_by_link(
    connection: &mut DbConnection,
    token: &TokenHash,
    kind: LinkKind,
) -> Result<Option<Attempt>, Error> {
    let found: Option<(AttemptId, Option<Timestamp>)> = attempt_links::table
        .filter(attempt_links::token_hash.eq(token))
        .filter(attempt_links::kind.eq(Named(kind)))
        .select((attempt_links::attempt_id, attempt_links::good_until))
        .one_kept(connection)
        .optional()?;
    let Some((id, good_until)) = found else { return Ok(None) };
    let attempt = find(connection, id)?;
    Ok(attempt
        .map(|attempt| Attempt { leaving: good_until.map(|until| (*token, until)).or(attempt.leaving), ..attempt }))
}

/// Asks for one more email of the attempt. Returns `false` if it has had another since `mails` was
/// read.
///
/// An ended attempt begins anew: its earlier emails stay invalid, and only the newest one opens it.
/// The same statement runs for all. The browser that asked then cannot tell by the time whether its
/// attempt has ended elsewhere.
pub fn ask_again(connection: &mut DbConnection, id: AttemptId, mails: i32, now: Timestamp) -> Result<bool, Error> {
    crate::db::attempt_links::forget_if_ended(connection, id)?;
    let is_open = || attempts::ended_at.is_null();
    let asked = diesel::update(attempts::table.find(id).filter(attempts::mails.eq(mails)))
        .set((
            attempts::mails.eq(mails + 1),
            attempts::muted.eq(false),
            attempts::muted_by.eq(None::<String>),
            attempts::mail_asked_at.eq(now),
            attempts::ended_at.eq(None::<Timestamp>),
            attempts::outcome.eq(None::<Named<Outcome>>),
            attempts::token_hash.eq(case_when(is_open(), attempts::token_hash)),
            attempts::code_hash.eq(case_when(is_open(), attempts::code_hash)),
            attempts::expires_at.eq(case_when(is_open(), attempts::expires_at)),
            attempts::leaving_token_hash.eq(case_when(is_open(), attempts::leaving_token_hash)),
            attempts::leaving_code_hash.eq(case_when(is_open(), attempts::leaving_code_hash)),
            attempts::leaving_until.eq(case_when(is_open(), attempts::leaving_until)),
            // An email that was made before the end and arrives only now counts as overtaken.
            attempts::token_made_at.eq(case_when(is_open(), attempts::token_made_at).otherwise(Some(now))),
            // By the count alone: the browser knows how many wrong codes it sent, and nothing else
            // may show.
            attempts::wrong_codes
                .eq(case_when(attempts::wrong_codes.lt(MAX_WRONG_CODES), attempts::wrong_codes).otherwise(0)),
        ))
        .execute_either(connection)?;
    Ok(asked == 1)
}

/// Redeems a link by one conditional update, whose row count decides. Of any number of parallel
/// clicks, exactly one gets `true`.
pub fn redeem_link(
    connection: &mut DbConnection,
    id: AttemptId,
    token: &TokenHash,
    now: Timestamp,
) -> Result<bool, Error> {
    let newest = attempts::token_hash.eq(token).and(attempts::expires_at.gt(now));
    let leaving = attempts::leaving_token_hash.eq(token).and(attempts::leaving_until.gt(now));
    let link = attempt_links::table
        .filter(attempt_links::token_hash.eq(token))
        .filter(attempt_links::attempt_id.eq(id))
        .filter(attempt_links::good_until.gt(now));
    let good = newest.or(leaving).or(exists(link));
    let redeemed = diesel::update(attempts::table.find(id).filter(good).filter(attempts::ended_at.is_null()))
        .set((attempts::ended_at.eq(now), attempts::outcome.eq(Named(Outcome::Used))))
        .execute_either(connection)?;
    Ok(redeemed == 1)
}

/// Redeems a code, for the browser that asked and holds the verifier: like [`redeem_link`].
pub fn redeem_code(
    connection: &mut DbConnection,
    (id, verifier): (AttemptId, &TokenHash),
    code: &CodeHash,
    now: Timestamp,
) -> Result<bool, Error> {
    let code = code.as_bytes().to_vec();
    let newest = attempts::code_hash.eq(code.clone()).and(attempts::expires_at.gt(now));
    let leaving = attempts::leaving_code_hash.eq(code.clone()).and(attempts::leaving_until.gt(now));
    let link = attempt_links::table
        .filter(attempt_links::attempt_id.eq(id))
        .filter(attempt_links::code_hash.eq(code))
        .filter(attempt_links::good_until.gt(now));
    let redeemed = diesel::update(
        attempts::table
            .find(id)
            .filter(attempts::verifier_hash.eq(verifier))
            .filter(newest.or(leaving).or(exists(link)))
            .filter(attempts::wrong_codes.lt(MAX_WRONG_CODES))
            .filter(attempts::ended_at.is_null()),
    )
    .set((attempts::ended_at.eq(now), attempts::outcome.eq(Named(Outcome::Used))))
    .execute_either(connection)?;
    Ok(redeemed == 1)
}

/// Counts a wrong code. The last allowed one ends the attempt. Also counts on an attempt that ended
/// elsewhere, because its browser must not be able to tell.
///
/// Returns `false` for the same wrong code as before, which counts once.
pub fn count_wrong_code(
    connection: &mut DbConnection,
    id: AttemptId,
    code: &CodeHash,
    now: Timestamp,
) -> Result<bool, Error> {
    let code = code.as_bytes().to_vec();
    let last: Option<Vec<u8>> =
        attempts::table.find(id).select(attempts::last_wrong_code_hash).get_result(connection).optional()?.flatten();
    if last.as_ref() == Some(&code) {
        return Ok(false);
    }
    diesel::update(attempts::table.find(id).filter(attempts::wrong_codes.lt(MAX_WRONG_CODES)))
        .set((attempts::wrong_codes.eq(attempts::wrong_codes + 1), attempts::last_wrong_code_hash.eq(code)))
        .run_kept(connection)?;
    diesel::update(
        attempts::table.find(id).filter(attempts::ended_at.is_null()).filter(attempts::wrong_codes.ge(MAX_WRONG_CODES)),
    )
    .set((attempts::ended_at.eq(now), attempts::outcome.eq(Named(Outcome::GuessedOut))))
    .run_kept(connection)?;
    Ok(true)
}

/// Ends an attempt. Returns `true` if it had not ended before.
pub fn end(connection: &mut DbConnection, id: AttemptId, outcome: Outcome, now: Timestamp) -> Result<bool, Error> {
    let ended = diesel::update(attempts::table.find(id).filter(attempts::ended_at.is_null()))
        .set((attempts::ended_at.eq(now), attempts::outcome.eq(Named(outcome))))
        .execute_either(connection)?;
    Ok(ended == 1)
}

/// Notes the browser that used an attempt.
pub fn note_browser(connection: &mut DbConnection, id: AttemptId, browser: KnownBrowserId) -> Result<(), Error> {
    diesel::update(attempts::table.find(id)).set(attempts::known_browser_id.eq(browser)).run_kept(connection)?;
    Ok(())
}

/// Returns the browser that used an attempt, if it is known.
pub fn browser_of(connection: &mut DbConnection, id: AttemptId) -> Result<Option<KnownBrowserId>, Error> {
    let found: Option<Option<KnownBrowserId>> =
        attempts::table.find(id).select(attempts::known_browser_id).first(connection).optional()?;
    Ok(found.flatten())
}

/// Ends every open attempt of an address for which an email was due. Those over a limit have
/// nothing to redeem, and strangers can make any number of them.
pub fn end_all_of_address(connection: &mut DbConnection, email: &EmailAddress, now: Timestamp) -> Result<(), Error> {
    let open = attempts::ended_at.is_null().and(attempts::muted_by.is_null());
    diesel::update(attempts::table.filter(attempts::email.eq(email.as_str())).filter(open))
        .set((attempts::ended_at.eq(now), attempts::outcome.eq(Named(Outcome::Superseded))))
        .run_kept(connection)?;
    Ok(())
}

/// Ends everything that the account has in progress: step-ups, address changes, sign-ins that wait
/// for a second factor.
pub fn end_all_of_account(connection: &mut DbConnection, account: AccountId, now: Timestamp) -> Result<(), Error> {
    pending_sign_ins::delete_all(connection, account)?;
    diesel::update(attempts::table.filter(attempts::account_id.eq(account)).filter(attempts::ended_at.is_null()))
        .set((attempts::ended_at.eq(now), attempts::outcome.eq(Named(Outcome::Superseded))))
        .run_kept(connection)?;
    Ok(())
}

/// Ends every open attempt of one purpose.
pub fn end_all_for(connection: &mut DbConnection, purpose: Purpose, now: Timestamp) -> Result<(), Error> {
    diesel::update(attempts::table.filter(attempts::purpose.eq(Named(purpose))).filter(attempts::ended_at.is_null()))
        .set((attempts::ended_at.eq(now), attempts::outcome.eq(Named(Outcome::Superseded))))
        .run_kept(connection)?;
    Ok(())
}

/// Returns the newest attempts that an account asked for itself, or that its sessions came from,
/// newest first. Chosen by its id: what strangers or a former owner asked for at its address is not
/// its own.
pub fn of_account(connection: &mut DbConnection, account: AccountId, most: i64) -> Result<Vec<Attempt>, Error> {
    let asked = attempts::table
        .filter(attempts::account_id.eq(account))
        .order(attempts::requested_at.desc())
        .limit(most)
        .select(Row::as_select())
        .load(connection)?;
    let made = sessions::table
        .filter(sessions::account_id.eq(account))
        .inner_join(attempts::table.on(sessions::attempt_id.eq(attempts::id.nullable())))
        .select(Row::as_select())
        .limit(most)
        .load(connection)?;
    let mut rows: Vec<Row> = asked.into_iter().chain(made).collect();
    rows.sort_unstable_by_key(|row| (std::cmp::Reverse(row.requested_at), row.id.as_i64()));
    rows.dedup_by_key(|row| row.id);
    rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    rows.into_iter().map(Row::read).collect()
}

/// Returns up to `most` attempts from before `before` that [`purge`] deletes. Reads each attempt
/// that is kept for a session, so that it is work for a reader.
pub fn over(
    connection: &mut DbConnection,
    before: Timestamp,
    now: Timestamp,
    most: i64,
) -> Result<Vec<AttemptId>, Error> {
    // Ids in time order need no index of their age, which each ask would write. Earlier versions
    // issued random ids. Nearly all of those are below the ids of today, or above them.
    let (lowest, highest) = (AttemptId::from_i64(i64::MIN), AttemptId::from_i64(i64::MAX));
    let mut over = over_between(connection, (lowest, AttemptId::first_at(before)), before, most)?;
    let left = most.saturating_sub(i64::try_from(over.len()).unwrap_or(most));
    over.extend(over_between(connection, (AttemptId::first_at(now), highest), before, left)?);
    Ok(over)
}

fn over_between(
    connection: &mut DbConnection,
    (first, last): (AttemptId, AttemptId),
    before: Timestamp,
    most: i64,
) -> Result<Vec<AttemptId>, Error> {
    let old = attempts::table
        .filter(attempts::id.ge(first).and(attempts::id.le(last)))
        .filter(attempts::requested_at.lt(before))
        .filter(no_session_or_grant());
    Ok(old.order(attempts::id).limit(most).select(attempts::id).load(connection)?)
}

/// Deletes these attempts. It keeps those with a session, or with a grant of an app that outlasts
/// the session. Their owner may still find the email and say "this wasn't me". A thief who signs
/// out must not end that. Returns how many there were.
pub fn purge(connection: &mut DbConnection, ids: &[AttemptId]) -> Result<usize, Error> {
    let these = attempts::table.filter(attempts::id.eq_any(ids)).filter(no_session_or_grant());
    Ok(diesel::delete(these).execute(connection)?)
}

/// Attempts that no session and no lasting grant keeps.
#[diesel::dsl::auto_type]
fn no_session_or_grant() -> _ {
    let its_session = sessions::table.filter(sessions::attempt_id.eq(attempts::id.nullable()));
    let its_grant = oidc_grants::table
        .filter(oidc_grants::attempt_id.eq(attempts::id.nullable()))
        .filter(oidc_grants::offline.eq(true))
        .filter(oidc_grants::ended_at.is_null());
    not(exists(its_session)).and(not(exists(its_grant)))
}
