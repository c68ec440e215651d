//! Which limits apply to what.

use crate::{
    db::{self, DbConnection, Error, limits::Counted},
    domain::{AccountId, AttemptId, ClientAddress, EmailAddress, Lifetime, Limit, PasskeyId, Settings},
};

/// Who asks, as far as limits care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    Stranger,
    /// Signed in as the account, or in a browser that was before. Has a separate budget, which no stranger's flood can use up.
    Known,
}

/// Asking for an email: per mailbox, per client, and for everyone together. What a domain gets is counted where it is known whether there is
/// an account: by the worker, of emails to addresses that have none.
pub fn of_mails(
    settings: &Settings,
    email: &EmailAddress,
    client: Option<ClientAddress>,
    asker: Asker,
) -> Vec<Counted> {
    let mailbox = email.mailbox();
    let mut counted = match asker {
        Asker::Known => {
            vec![Counted { name: format!("mail to {mailbox} by itself"), limit: settings.limits_per_mailbox }]
        }
        Asker::Stranger => vec![
            Counted { name: format!("mail to {mailbox}"), limit: settings.limits_per_mailbox },
            // Named to come last, so that it is held no longer than it must be.
            Counted { name: "total of mails".to_owned(), limit: settings.limits_global },
        ],
    };
    if let Some(client) = client {
        counted.extend(of_client("mail for", client, settings.limits_per_client));
    }
    counted
}

/// What one client may do: for IPv6 its networks are counted, too, each with a larger share.
fn of_client(what: &str, client: ClientAddress, limit: Limit) -> impl Iterator<Item = Counted> {
    let keys = client.limit_keys().into_iter();
    keys.map(move |(key, share)| Counted { name: format!("{what} {key}"), limit: limit.times(share) })
}

/// Wrong codes for one mailbox, over all its attempts and clients: ten an hour, and thirty a day, so that guessing for long gets slower.
/// It never stops a link.
pub fn of_wrong_codes(email: &EmailAddress) -> Option<Vec<Counted>> {
    let mailbox = email.mailbox();
    [("an hour", Limit::new(10, Lifetime::hours(1))), ("a day", Limit::new(30, Lifetime::hours(24)))]
        .into_iter()
        .map(|(span, limit)| Some(Counted { name: format!("wrong codes for {mailbox} in {span}"), limit: limit? }))
        .collect()
}

/// Codes typed by one client: each costs a slow hash.
pub fn of_codes(client: ClientAddress) -> Option<Vec<Counted>> {
    Some(of_client("codes from", client, Limit::new(60, Lifetime::minutes(15))?).collect())
}

/// Tries at an account's password: ten in a quarter of an hour for a mailbox, and thirty for a client. A browser that the account
/// has signed in with has its own ten, so that no stranger's guesses keep the owner out. Email links are not counted.
pub fn of_passwords(email: &EmailAddress, client: ClientAddress, known: bool) -> Option<Vec<Counted>> {
    let (mailbox, span) = (email.mailbox(), Lifetime::minutes(15));
    let (of_mailbox, client_limit) = (Limit::new(10, span)?, Limit::new(30, span)?);
    Some(if known {
        vec![Counted { name: format!("passwords for {mailbox} by itself"), limit: of_mailbox }]
    } else {
        let own = Counted { name: format!("passwords for {mailbox}"), limit: of_mailbox };
        [own].into_iter().chain(of_client("passwords from", client, client_limit)).collect()
    })
}

/// Wrong passwords in a row before an account's password pauses (NIST SP 800-63B-4, 3.2.2).
pub const MOST_PASSWORDS_IN_A_ROW: u16 = 100;

/// Tries at the password of an address since the last sign-in or new password. As above, a browser that the account has signed in with has a
/// separate count, and other ways of signing in are not counted: strangers pause the password for other strangers only.
pub fn of_passwords_in_a_row(email: &EmailAddress, known: bool) -> Counted {
    Counted { name: passwords_in_a_row(email, known), limit: Limit::in_a_row(MOST_PASSWORDS_IN_A_ROW) }
}

/// What is counted by [`of_passwords_in_a_row`] ends: the owner has signed in, or has chosen another password.
pub fn forgive_passwords(connection: &mut DbConnection, email: &EmailAddress) -> Result<(), Error> {
    db::limits::forget(connection, &[true, false].map(|known| passwords_in_a_row(email, known)))
}

fn passwords_in_a_row(email: &EmailAddress, known: bool) -> String {
    let whose = if known { " by itself" } else { "" };
    format!("passwords in a row for {}{whose}", email.mailbox())
}

/// Passwords chosen by one emailed link, which sets one: what is more than that comes at the same moment, and each costs a slow hash.
pub fn of_resets(attempt: AttemptId) -> Option<Counted> {
    Some(Counted { name: format!("resets by {attempt}"), limit: Limit::new(10, Lifetime::hours(1))? })
}

/// Passwords judged for one emailed link. The estimate of a password's strength keeps a core busy for up to 70 ms.
pub fn of_resets_to_judge(attempt: AttemptId) -> Option<Counted> {
    Some(Counted { name: format!("passwords judged by {attempt}"), limit: Limit::new(60, Lifetime::hours(1))? })
}

/// The same for the password of one account. More than it may choose, because those that are refused count, too.
pub fn of_passwords_to_judge(account: AccountId) -> Option<Counted> {
    Some(Counted { name: format!("passwords judged for {account}"), limit: Limit::new(60, Lifetime::hours(1))? })
}

/// New passwords of one account: each is a mail.
pub fn of_new_passwords(account: AccountId) -> Option<Counted> {
    Some(Counted { name: format!("new passwords of {account}"), limit: Limit::new(10, Lifetime::hours(1))? })
}

/// New recovery codes of one account, ten at a time: each time is a mail, and slow hashes.
pub fn of_new_recovery_codes(account: AccountId) -> Option<Counted> {
    Some(Counted { name: format!("new recovery codes of {account}"), limit: Limit::new(10, Lifetime::hours(1))? })
}

/// Recovery codes typed for one account, by a client that has shown a first factor: each costs a slow hash. As with passwords, a browser that the
/// account has signed in with has its own ten, so that an attacker who knows the password keeps the owner from no code.
pub fn of_recovery_codes(account: AccountId, known: bool) -> Option<Counted> {
    let whose = if known { " by itself" } else { "" };
    Some(Counted { name: format!("recovery codes of {account}{whose}"), limit: Limit::new(10, Lifetime::minutes(15))? })
}

/// Challenges for passkeys, each of which is a row. A stranger's browser asks at every look at the sign-in page, so a client gets eight for each
/// mail that it may usually ask for. An account has its own sixty once a factor of it was shown, which no stranger's flood uses up; and a
/// browser that it has signed in with sixty more, which an attacker who knows the password does not get.
pub fn of_passkey_challenges(client: ClientAddress, account: Option<(AccountId, bool)>) -> Option<Vec<Counted>> {
    let span = Lifetime::minutes(15);
    Some(match account {
        Some((account, known)) => {
            let whose = if known { " by itself" } else { "" };
            vec![Counted { name: format!("passkey challenges of {account}{whose}"), limit: Limit::new(60, span)? }]
        }
        None => of_client("passkey challenges for", client, Limit::new(240, span)?).collect(),
    })
}

/// Mails that say that a passkey may have been copied: one an hour says it.
pub fn of_copied_passkeys(passkey: PasskeyId) -> Option<Counted> {
    Some(Counted { name: format!("mails about a copy of {passkey}"), limit: Limit::new(1, Lifetime::hours(1))? })
}
