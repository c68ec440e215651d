//! Noting a gain of power and telling the mailbox that can undo it.
//!
//! Everything that lets a user in, or lets them do more, goes through [`record`], in the
//! transaction that grants it. A test reads the sources for other grants.

use crate::{
    db::{self, Error, Tx},
    domain::{
        Account, AuthenticatorId, Gain, GainId, Gained, MailId, PasskeyId, SecurityEvent, TrustedDeviceId,
        account::AddressChange,
        mail::{MailKind, QueuedMail},
    },
    people::tell::mail_of,
};

/// Gain that the account is about to get.
pub(super) enum Grant<'a> {
    Passkey(PasskeyId),
    App(AuthenticatorId),
    RecoveryCodes,
    RememberedBrowser(TrustedDeviceId),
    PasswordSet,
    PasswordReset,
    Address(&'a AddressChange),
    /// For this account, by an admin. The act of that admin has the same id.
    AdminRights(&'a Account, GainId),
}

impl Grant<'_> {
    const fn kind(&self) -> Gain {
        match self {
            Self::Passkey(_) => Gain::Passkey,
            Self::App(_) => Gain::App,
            Self::RecoveryCodes => Gain::RecoveryCodes,
            Self::RememberedBrowser(_) => Gain::RememberedBrowser,
            Self::PasswordSet | Self::PasswordReset => Gain::Password,
            Self::Address(_) => Gain::Address,
            Self::AdminRights(..) => Gain::AdminRights,
        }
    }

    const fn thing(&self) -> Option<i64> {
        match self {
            Self::Passkey(id) => Some(id.as_i64()),
            Self::App(id) => Some(id.as_i64()),
            Self::RememberedBrowser(id) => Some(id.as_i64()),
            Self::AdminRights(account, _) => Some(account.id.as_i64()),
            Self::RecoveryCodes | Self::PasswordSet | Self::PasswordReset | Self::Address(_) => None,
        }
    }

    /// Returns what the owner is told. `None` for an address, which has an email of another kind.
    const fn event(&self) -> Option<SecurityEvent> {
        match self {
            Self::Passkey(_) => Some(SecurityEvent::PasskeyAdded),
            Self::App(_) => Some(SecurityEvent::AuthenticatorAdded),
            Self::RecoveryCodes => Some(SecurityEvent::RecoveryCodesMade),
            Self::RememberedBrowser(_) => Some(SecurityEvent::BrowserRemembered),
            Self::PasswordSet => Some(SecurityEvent::PasswordSet),
            Self::PasswordReset => Some(SecurityEvent::PasswordReset),
            Self::Address(_) => None,
            Self::AdminRights(..) => Some(SecurityEvent::AdminMade),
        }
    }

    /// Returns the email to `account` about it.
    fn mail(&self, tx: &Tx<'_>, account: &Account) -> QueuedMail {
        let told = self.event().map(|event| mail_of(tx, account, event));
        let mail = told.unwrap_or_else(|| QueuedMail {
            account_id: Some(account.id),
            ..QueuedMail::new(tx.entropy, MailKind::AddressChanged, account.email.clone(), tx.now)
        });
        match self {
            Self::Address(change) => QueuedMail { note: change.id.to_string(), ..mail },
            Self::AdminRights(admin, _) => {
                QueuedMail { note: SecurityEvent::AdminMade.note_about(admin.email.as_str()), ..mail }
            }
            _ => mail,
        }
    }
}

/// Notes what `account` is about to gain, and what it replaces, and tells the mailbox. Call it
/// before the grant, under the mailbox's lock.
pub(super) fn record(tx: &mut Tx<'_>, account: &Account, grant: &Grant<'_>) -> Result<(), Error> {
    let mail = grant.mail(tx, account);
    note(tx, account, grant, Some(mail.id))?;
    tx.mail(&mail)
}

/// Notes a gain that comes with another one, in the transaction of that and after it. The email
/// that tells of the other one undoes both, so the mailbox gets no second email.
pub(super) fn record_beside(tx: &mut Tx<'_>, account: &Account, grant: &Grant<'_>) -> Result<(), Error> {
    note(tx, account, grant, None)
}

fn note(tx: &mut Tx<'_>, account: &Account, grant: &Grant<'_>, told_by: Option<MailId>) -> Result<(), Error> {
    let id = match grant {
        Grant::Address(change) => GainId::from_i64(change.id.as_i64()),
        Grant::AdminRights(_, id) => *id,
        _ => GainId::issue(tx.entropy),
    };
    let gained = Gained {
        id,
        account_id: account.id,
        kind: grant.kind(),
        thing: grant.thing(),
        told: account.email.clone(),
        gained_at: db::gains::next_moment(tx.connection, account.id, tx.now)?,
        undone_at: None,
    };
    db::gains::insert(tx.connection, &gained, told_by)
}
