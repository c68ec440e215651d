//! Invitations, one for each account: what became of the newest email.

use crate::{
    db::{
        DbConnection, Error, accounts,
        columns::Named,
        schema::{accounts as users, invitations, outbox},
    },
    domain::{
        Account, AccountId, EmailAddress, MailId, Timestamp, TokenHash,
        invitation::Invitation,
        mail::{MailKind, MailState, QueuedMail},
    },
};
use diesel::prelude::*;

#[derive(Queryable, Selectable)]
#[diesel(table_name = invitations)]
struct Row {
    account_id: AccountId,
    email: EmailAddress,
    inviter: String,
    asked_at: Timestamp,
    accepted_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    opened_at: Option<Timestamp>,
}

impl Row {
    fn read(self) -> Invitation {
        Invitation {
            account: self.account_id,
            email: self.email,
            inviter: self.inviter,
            asked_at: self.asked_at,
            accepted_at: self.accepted_at,
            expires_at: self.expires_at,
            opened_at: self.opened_at,
        }
    }
}

/// An invitation with its account.
#[derive(Clone, Debug)]
pub struct Invited {
    pub invitation: Invitation,
    pub account: Account,
    /// The email server refused the email for good.
    pub is_refused: bool,
}

/// Replaces the account's invitation. The former link ends.
pub fn put(connection: &mut DbConnection, invitation: &Invitation, mail: MailId) -> Result<(), Error> {
    diesel::delete(invitations::table.find(invitation.account)).execute(connection)?;
    diesel::insert_into(invitations::table)
        .values((
            invitations::account_id.eq(invitation.account),
            invitations::email.eq(invitation.email.as_str()),
            invitations::inviter.eq(&invitation.inviter),
            invitations::mail_id.eq(mail),
            invitations::asked_at.eq(invitation.asked_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Gives the invitation of this email its link. Returns `false` if a newer email has taken its
/// place.
pub fn mint(
    connection: &mut DbConnection,
    mail: &QueuedMail,
    link: &TokenHash,
    until: Timestamp,
) -> Result<bool, Error> {
    if let Some(account) = mail.account_id.filter(|_| mail.kind == MailKind::Invitation)
        && !has_one(connection, account)?
    {
        // Asked for by a node of the previous version.
        put(connection, &Invitation::of_mail(account, mail), mail.id)?;
    }
    // After a crash the email leaves again with another link, and its reader may open either.
    let other = invitations::token_hash.is_not_null().and(invitations::token_hash.ne(link));
    diesel::update(invitations::table.filter(invitations::mail_id.eq(mail.id)).filter(other))
        .set(invitations::earlier_token_hash.eq(invitations::token_hash))
        .execute(connection)?;
    let minted = diesel::update(invitations::table.filter(invitations::mail_id.eq(mail.id)))
        .set((invitations::token_hash.eq(link), invitations::expires_at.eq(until)))
        .execute(connection)?;
    Ok(minted == 1)
}

/// Starts the lifetime of a link, because the email server has accepted its email.
pub fn start_life(
    connection: &mut DbConnection,
    link: &TokenHash,
    (now, until): (Timestamp, Timestamp),
) -> Result<(), Error> {
    diesel::update(by_link(link))
        .set((invitations::accepted_at.eq(now), invitations::expires_at.eq(until)))
        .execute(connection)?;
    Ok(())
}

/// Ends a link, because the email server does not have its email. One of an earlier copy stays.
pub fn take_back(connection: &mut DbConnection, link: &TokenHash) -> Result<(), Error> {
    diesel::update(invitations::table.filter(invitations::earlier_token_hash.eq(link)))
        .set(invitations::earlier_token_hash.eq(None::<TokenHash>))
        .execute(connection)?;
    let newest = || invitations::table.filter(invitations::token_hash.eq(link));
    diesel::update(newest().filter(invitations::earlier_token_hash.is_null()))
        .set((invitations::token_hash.eq(None::<TokenHash>), invitations::expires_at.eq(None::<Timestamp>)))
        .execute(connection)?;
    diesel::update(newest())
        .set((
            invitations::token_hash.eq(invitations::earlier_token_hash),
            invitations::earlier_token_hash.eq(None::<TokenHash>),
        ))
        .execute(connection)?;
    Ok(())
}

#[diesel::dsl::auto_type]
fn by_link(link: &TokenHash) -> _ {
    let (newest, earlier): (TokenHash, TokenHash) = (*link, *link);
    invitations::table.filter(invitations::token_hash.eq(newest).or(invitations::earlier_token_hash.eq(earlier)))
}

/// Returns the invitation with this link, and its account.
pub fn find_by_link(connection: &mut DbConnection, link: &TokenHash) -> Result<Option<(Invitation, Account)>, Error> {
    let row: Option<Row> = by_link(link).select(Row::as_select()).first(connection).optional()?;
    let Some(invitation) = row.map(Row::read) else { return Ok(None) };
    let account = accounts::find(connection, invitation.account)?;
    Ok(account.map(|account| (invitation, account)))
}

/// Returns whether the account has an invitation.
pub fn has_one(connection: &mut DbConnection, account: AccountId) -> Result<bool, Error> {
    let found: i64 = invitations::table.find(account).count().get_result(connection)?;
    Ok(found > 0)
}

/// Notes that a browser showed the page of the link. Returns whether it was the first one.
pub fn note_opened(connection: &mut DbConnection, link: &TokenHash, now: Timestamp) -> Result<bool, Error> {
    let first = diesel::update(by_link(link).filter(invitations::opened_at.is_null()))
        .set(invitations::opened_at.eq(now))
        .execute(connection)?;
    Ok(first == 1)
}

/// Uses up the link. Returns `false` if another request was quicker.
pub fn use_up(connection: &mut DbConnection, link: &TokenHash) -> Result<bool, Error> {
    let used = diesel::update(by_link(link)).set(invitations::expires_at.eq(Timestamp::EPOCH)).execute(connection)?;
    Ok(used == 1)
}

/// A place in the list of invitations.
pub type Place = (Timestamp, AccountId);

/// Returns up to `most` invitations, newest first, that are older than a place.
pub fn page(connection: &mut DbConnection, before: Option<Place>, most: usize) -> Result<Vec<Invited>, Error> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let query = invitations::table.inner_join(users::table).into_boxed();
    let query = match before {
        Some((at, id)) => query
            .filter(invitations::asked_at.lt(at).or(invitations::asked_at.eq(at).and(invitations::account_id.lt(id)))),
        None => query,
    };
    let rows: Vec<(Row, accounts::Row, MailId)> = query
        .order((invitations::asked_at.desc(), invitations::account_id.desc()))
        .limit(most)
        .select((Row::as_select(), accounts::Row::as_select(), invitations::mail_id))
        .load(connection)?;
    let mails: Vec<MailId> = rows.iter().map(|(_, _, mail)| *mail).collect();
    let dead: Vec<MailId> = outbox::table
        .filter(outbox::id.eq_any(mails))
        .filter(outbox::state.eq(Named(MailState::Dead)))
        .select(outbox::id)
        .load(connection)?;
    let read = |(row, account, mail): (Row, accounts::Row, MailId)| {
        Ok(Invited { invitation: row.read(), account: account.read()?, is_refused: dead.contains(&mail) })
    };
    rows.into_iter().map(read).collect()
}

/// Deletes invitations whose users have signed in, if their emails were asked for before a moment.
pub fn purge(connection: &mut DbConnection, before: Timestamp) -> Result<usize, Error> {
    let signed_in =
        users::table.filter(users::id.eq(invitations::account_id)).filter(users::last_signed_in_at.is_not_null());
    let old = invitations::table.filter(invitations::asked_at.lt(before)).filter(diesel::dsl::exists(signed_in));
    Ok(diesel::delete(old).execute(connection)?)
}

/// Returns the account's invitation.
pub fn of_account(connection: &mut DbConnection, account: AccountId) -> Result<Option<Invitation>, Error> {
    let row: Option<Row> = invitations::table.find(account).select(Row::as_select()).first(connection).optional()?;
    Ok(row.map(Row::read))
}
