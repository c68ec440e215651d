//! Which limits apply to what.

use crate::{
    db::limits::Counted,
    domain::{AccountId, ClientAddress, EmailAddress, Lifetime, Limit, PasskeyId, Settings},
};

/// Who asks, as far as limits care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    Stranger,
    /// Signed in as the account, or in a browser that was before. Has a budget of its own, which no stranger's flood can use up.
    Known,
}

/// Asking for a mail: per mailbox, per client, per domain, and for everybody together.
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
            Counted { name: format!("mail at {}", email.domain()), limit: settings.limits_per_domain },
            // Named to come last, so that it is held no longer than it must be.
            Counted { name: "total of mails".to_owned(), limit: settings.limits_global },
        ],
    };
    if let Some(client) = client {
        counted.push(Counted { name: format!("mail for {}", client.limit_key()), limit: settings.limits_per_client });
    }
    counted
}

/// Wrong codes for one mailbox, over all its attempts, whoever types them: ten an hour, and thirty a day, so that guessing for long gets slower.
/// It never stops a link.
pub fn of_wrong_codes(email: &EmailAddress) -> Option<Vec<Counted>> {
    let mailbox = email.mailbox();
    [("an hour", Limit::new(10, Lifetime::hours(1))), ("a day", Limit::new(30, Lifetime::hours(24)))]
        .into_iter()
        .map(|(span, limit)| Some(Counted { name: format!("wrong codes for {mailbox} in {span}"), limit: limit? }))
        .collect()
}

/// Codes typed by one client: each costs a slow hash.
pub fn of_codes(client: ClientAddress) -> Option<Counted> {
    let limit = Limit::new(60, Lifetime::minutes(15))?;
    Some(Counted { name: format!("codes from {}", client.limit_key()), limit })
}

/// Tries at an account's password: ten in a quarter of an hour for a mailbox, whoever tries, and thirty for a client. A browser that the account
/// has signed in with has ten of its own and no others, so that nobody's guessing keeps the owner out; mailed links go on in any case.
pub fn of_passwords(email: &EmailAddress, client: ClientAddress, known: bool) -> Option<Vec<Counted>> {
    let (mailbox, span) = (email.mailbox(), Lifetime::minutes(15));
    let (of_mailbox, of_client) = (Limit::new(10, span)?, Limit::new(30, span)?);
    Some(if known {
        vec![Counted { name: format!("passwords for {mailbox} by itself"), limit: of_mailbox }]
    } else {
        vec![
            Counted { name: format!("passwords for {mailbox}"), limit: of_mailbox },
            Counted { name: format!("passwords from {}", client.limit_key()), limit: of_client },
        ]
    })
}

/// New passwords of one account: each is a mail.
pub fn of_new_passwords(account: AccountId) -> Option<Counted> {
    Some(Counted { name: format!("new passwords of {account}"), limit: Limit::new(10, Lifetime::hours(1))? })
}

/// New recovery codes of one account, ten at a time: each time is a mail, and slow hashes.
pub fn of_new_recovery_codes(account: AccountId) -> Option<Counted> {
    Some(Counted { name: format!("new recovery codes of {account}"), limit: Limit::new(10, Lifetime::hours(1))? })
}

/// Recovery codes typed for one account, by somebody who has shown a first factor: each costs a slow hash. As with passwords, a browser that the
/// account has signed in with has ten of its own: whoever knows the password keeps the owner from no code.
pub fn of_recovery_codes(account: AccountId, known: bool) -> Option<Counted> {
    let whose = if known { " by itself" } else { "" };
    Some(Counted { name: format!("recovery codes of {account}{whose}"), limit: Limit::new(10, Lifetime::minutes(15))? })
}

/// Challenges for passkeys, each of which is a row. A stranger's browser asks at every look at the sign-in page, so a client gets eight for each
/// mail that it may usually ask for. An account has sixty of its own once something of it was shown, which no stranger's flood uses up; and a
/// browser that it has signed in with sixty more, which nobody's does who knows its password.
pub fn of_passkey_challenges(client: ClientAddress, account: Option<(AccountId, bool)>) -> Option<Counted> {
    let span = Lifetime::minutes(15);
    Some(match account {
        Some((account, known)) => {
            let whose = if known { " by itself" } else { "" };
            Counted { name: format!("passkey challenges of {account}{whose}"), limit: Limit::new(60, span)? }
        }
        None => {
            let name = format!("passkey challenges for {}", client.limit_key());
            Counted { name, limit: Limit::new(240, span)? }
        }
    })
}

/// Mails that say that a passkey may have been copied: one an hour says it.
pub fn of_copied_passkeys(passkey: PasskeyId) -> Option<Counted> {
    Some(Counted { name: format!("mails about a copy of {passkey}"), limit: Limit::new(1, Lifetime::hours(1))? })
}
