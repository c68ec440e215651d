//! Limits for each kind of request.

use crate::{
    db::{self, DbConnection, Error, limits::Counted},
    domain::{
        AccountId, AttemptId, ClientAddress, EmailAddress, Limit, PasskeyId, Settings, Timestamp, oidc::ClientId,
    },
};

/// Kind of asker, as far as limits care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    Stranger,
    /// Signed in as the account, or in a browser that was before. It has a separate budget, which
    /// no stranger's flood can use up.
    Known,
}

/// Limits for asking for an email: per mailbox, per client, and for all together. The worker counts
/// the share of a domain, because only it knows which addresses have accounts. Who is known has one
/// limit: a stranger behind the same address could use up the others.
pub fn of_mails(
    settings: &Settings,
    email: &EmailAddress,
    client: Option<ClientAddress>,
    asker: Asker,
) -> Vec<Counted> {
    let mailbox = email.mailbox();
    if asker == Asker::Known {
        return vec![Counted { name: format!("mail to {mailbox} by itself"), limit: settings.limits_per_mailbox }];
    }
    let mut counted = vec![
        Counted { name: format!("mail to {mailbox}"), limit: settings.limits_per_mailbox },
        Counted { name: db::total::TOTAL_OF_MAILS.to_owned(), limit: settings.limits_global },
    ];
    if let Some(client) = client {
        counted.extend(of_client("mail for", client, settings.limits_per_client));
    }
    counted
}

/// Returns the limits of one client. For IPv6 its networks count, too, each with a larger share.
fn of_client(what: &str, client: ClientAddress, limit: Limit) -> impl Iterator<Item = Counted> {
    let keys = client.limit_keys().into_iter();
    keys.map(move |(key, share)| Counted { name: format!("{what} {key}"), limit: limit.times(share) })
}

/// Limits for wrong codes of one mailbox, over all its attempts and clients: ten an hour, and
/// thirty a day. So guessing for long gets slower. They never stop a link.
pub fn of_wrong_codes(email: &EmailAddress) -> Vec<Counted> {
    let mailbox = email.mailbox();
    [("an hour", Limit::in_hours::<10, 1>()), ("a day", Limit::in_hours::<30, 24>())]
        .into_iter()
        .map(|(span, limit)| Counted { name: format!("wrong codes for {mailbox} in {span}"), limit })
        .collect()
}

/// Limit for codes typed by one client, because each costs a slow hash.
pub fn of_codes(client: ClientAddress) -> Vec<Counted> {
    of_client("codes from", client, Limit::in_minutes::<60, 15>()).collect()
}

/// Limits for tries at an account's password in a quarter of an hour. A mailbox has ten, and a
/// client thirty. A browser that the account has signed in with has its own ten. Strangers' guesses
/// therefore cannot lock the owner out. Email links are not counted.
pub fn of_passwords(email: &EmailAddress, client: ClientAddress, known: bool) -> Vec<Counted> {
    let (mailbox, limit) = (email.mailbox(), Limit::in_minutes::<10, 15>());
    if known {
        vec![Counted { name: format!("passwords for {mailbox} by itself"), limit }]
    } else {
        let own = Counted { name: format!("passwords for {mailbox}"), limit };
        [own].into_iter().chain(of_client("passwords from", client, Limit::in_minutes::<30, 15>())).collect()
    }
}

/// Wrong passwords in a row before an account's password pauses (NIST SP 800-63B-4, 3.2.2).
pub const MAX_PASSWORDS_IN_A_ROW: u16 = 100;

/// Limits for wrong client secrets within 15 minutes. One network gets 20 for one app, and 60
/// for all apps. A right secret is not counted and always works, so that no
/// stranger locks an app out. An app that does not exist counts like another.
pub fn of_client_secrets(id: &ClientId, from: ClientAddress) -> Vec<Counted> {
    let name = format!("secrets of {id} from");
    let of_app = of_client(&name, from, Limit::in_minutes::<20, 15>());
    let of_all = of_client("client secrets from", from, Limit::in_minutes::<60, 15>());
    of_app.chain(of_all).collect()
}

/// Limits for devices that ask for their user from one network, because each is a row.
pub fn of_device_codes(from: ClientAddress) -> Vec<Counted> {
    of_client("devices from", from, Limit::in_minutes::<30, 15>()).collect()
}

/// Limits for codes of devices that a user types in a quarter of an hour. An account has ten, and a
/// network thirty. With 20⁸ codes, guessing is hopeless.
pub fn of_typed_device_codes(account: AccountId, from: ClientAddress) -> Vec<Counted> {
    let own = Counted { name: format!("codes of devices by {account}"), limit: Limit::in_minutes::<10, 15>() };
    [own].into_iter().chain(of_client("codes of devices from", from, Limit::in_minutes::<30, 15>())).collect()
}

/// Limit for tries at the password of an address since the last sign-in. A browser that the account
/// has signed in with has a separate count. Other ways of signing in are not counted. Strangers
/// therefore pause the password only for other strangers.
///
/// The count belongs to the password that was set at this moment. A new one begins its own, and one
/// that returns by an undo has the count that it had. Otherwise an attacker who reads the mailbox
/// could clear the count by a reset and its undo.
pub fn of_passwords_in_a_row(email: &EmailAddress, known: bool, set_at: Option<Timestamp>) -> Counted {
    Counted { name: passwords_in_a_row(email, known, set_at), limit: Limit::in_a_row(MAX_PASSWORDS_IN_A_ROW) }
}

/// Clears the count of [`of_passwords_in_a_row`], because the owner has typed the password or has
/// signed in.
pub fn forgive_passwords(connection: &mut DbConnection, email: &EmailAddress) -> Result<(), Error> {
    let set_at = db::passwords::set_at(connection, email)?;
    db::limits::forget(connection, &[true, false].map(|known| passwords_in_a_row(email, known, set_at)))
}

/// Names the address and not the mailbox. Otherwise the count of another address of the same
/// mailbox would tell which of them has a password.
fn passwords_in_a_row(email: &EmailAddress, known: bool, set_at: Option<Timestamp>) -> String {
    let whose = if known { " by itself" } else { "" };
    let which = set_at.map(|at| format!(" set at {}", at.as_millis())).unwrap_or_default();
    format!("{}{}{whose}{which}", db::limits::IN_A_ROW, email.as_str())
}

/// Limit for passwords set by one email link, because each costs a slow hash. A link sets one,
/// and others can only come at the same moment.
pub fn of_resets(attempt: AttemptId) -> Counted {
    Counted { name: format!("resets by {attempt}"), limit: Limit::in_hours::<10, 1>() }
}

/// Limit for passwords judged for one email link. Estimating a password's strength keeps a core
/// busy for up to 70 ms.
pub fn of_resets_to_judge(attempt: AttemptId) -> Counted {
    Counted { name: format!("passwords judged by {attempt}"), limit: Limit::in_hours::<60, 1>() }
}

/// Limit for passwords judged for one account. It is higher than the limit for new ones, because
/// refused passwords count, too.
pub fn of_passwords_to_judge(account: AccountId) -> Counted {
    Counted { name: format!("passwords judged for {account}"), limit: Limit::in_hours::<60, 1>() }
}

/// Limit for new passwords of one account, because each causes an email.
pub fn of_new_passwords(account: AccountId) -> Counted {
    Counted { name: format!("new passwords of {account}"), limit: Limit::in_hours::<10, 1>() }
}

/// Limit for new recovery codes of one account, ten at a time. Each time causes an email and slow
/// hashes.
pub fn of_new_recovery_codes(account: AccountId) -> Counted {
    Counted { name: format!("new recovery codes of {account}"), limit: Limit::in_hours::<10, 1>() }
}

/// Limit for recovery codes typed for one account, by a client that has shown a first factor. Each
/// costs a slow hash. A browser that the account has signed in with has its own ten. An attacker
/// who knows the password then cannot keep the owner from using a code.
pub fn of_recovery_codes(account: AccountId, known: bool) -> Counted {
    let whose = if known { " by itself" } else { "" };
    Counted { name: format!("recovery codes of {account}{whose}"), limit: Limit::in_minutes::<10, 15>() }
}

/// Limits for challenges of passkeys, each of which is a row.
///
/// A stranger's browser asks each time that it opens the sign-in page. A client therefore gets
/// eight for each email that it may ask for. After a first factor, an account has its own sixty,
/// which no stranger's flood uses up. A browser that it has signed in with has sixty more. An
/// attacker who knows the password does not get those.
pub fn of_passkey_challenges(client: ClientAddress, account: Option<(AccountId, bool)>) -> Vec<Counted> {
    match account {
        Some((account, known)) => {
            let whose = if known { " by itself" } else { "" };
            let name = format!("passkey challenges of {account}{whose}");
            vec![Counted { name, limit: Limit::in_minutes::<60, 15>() }]
        }
        None => of_client("passkey challenges for", client, Limit::in_minutes::<240, 15>()).collect(),
    }
}

/// Limit for sign-ins to one account by a passkey alone, in browsers that it does not know. Each is
/// a row, a line and an email. No email and no password limits them.
pub fn of_passkey_sign_ins(account: AccountId) -> Counted {
    Counted { name: format!("passkey sign-ins of {account}"), limit: Limit::in_minutes::<60, 15>() }
}

/// Limit for emails about a passkey that may have been copied: one an hour is enough.
pub fn of_copied_passkeys(passkey: PasskeyId) -> Counted {
    Counted { name: format!("mails about a copy of {passkey}"), limit: Limit::in_hours::<1, 1>() }
}
