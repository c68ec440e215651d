//! Giving admin rights, noting who takes them, and withdrawing them down the chain when a grant is
//! undone. `domain::admin_act` has the rules.

use crate::{
    db::{self, DbConnection, Error, Tx, admin_acts::NewAct},
    domain::{
        Account, AccountId, EmailAddress, Gain, GainId, Gained,
        admin_act::{AdminAct, AdminActKind, Chain, Lost, Verdict, keeps_giver, verdict},
        ways_in::Loss,
    },
    people::{
        gains::{Grant, record},
        recovery::restart_recovery_if_back,
        ways_in::would_lock,
    },
};

/// The admin who changes the rights of an account, or the operator.
#[derive(Clone, Copy, Debug)]
pub enum Giver<'a> {
    /// The admin whose mailbox can undo what they give.
    Admin(&'a Account),
    /// The command line. The operator controls the machine, so that no email can undo this.
    Operator,
}

impl Giver<'_> {
    const fn id(&self) -> Option<AccountId> {
        match self {
            Self::Admin(admin) => Some(admin.id),
            Self::Operator => None,
        }
    }
}

/// Gives an account admin rights, notes who gave them, and tells that admin. Hold the locks of both
/// mailboxes.
///
/// # Errors
///
/// [`Error::Unavailable`] if the giver is no admin any more. Nothing may count then.
pub(super) fn grant(tx: &mut Tx<'_>, account: &Account, giver: Giver<'_>) -> Result<(), Error> {
    tx.lock_admins()?;
    let act = NewAct { deed: AdminActKind::Granted, by: giver.id(), account: account.id, gain: None, done_at: tx.now };
    if let Giver::Admin(admin) = giver {
        // Read under the lock, because an undo may have dismissed the admin since the request came.
        let admin = db::accounts::find(tx.connection, admin.id)?.filter(|admin| admin.is_admin && admin.is_active());
        let Some(admin) = admin else { return Err(Error::unavailable("the giver is no admin any more")) };
        let id = GainId::issue(tx.entropy);
        // Before the gain, which would otherwise look like one of a node of the previous version.
        db::admin_acts::insert(tx.connection, &NewAct { gain: Some(id), ..act })?;
        record(tx, &admin, &Grant::AdminRights(account, id))?;
    } else {
        db::admin_acts::insert(tx.connection, &act)?;
    }
    // An admin is no guest: the account stays.
    if account.is_guest() {
        db::accounts::set_guest(tx.connection, account.id, None)?;
    }
    db::accounts::set_admin(tx.connection, account.id, true)
}

/// Notes who takes admin rights from an account, disables it, or sets its end. Hold the lock
/// "admins".
pub(super) fn note_dismissal(
    tx: &mut Tx<'_>,
    account: AccountId,
    deed: AdminActKind,
    by: Giver<'_>,
) -> Result<(), Error> {
    db::admin_acts::insert(tx.connection, &NewAct { deed, by: by.id(), account, gain: None, done_at: tx.now })
}

/// Effect of undoing grants of admin rights.
#[derive(Clone, Debug)]
pub(super) struct Withdrawal {
    pub verdict: Verdict,
    /// Loss of the giver since the grant.
    lost: Lost,
    /// Admins who lose their rights.
    pub demoted: Vec<Account>,
    pub returned: Returned,
    /// Acts that are undone.
    places: Vec<i64>,
}

impl Withdrawal {
    pub(super) fn into_outcome(self) -> (Vec<EmailAddress>, Returned) {
        (self.demoted.into_iter().map(|admin| admin.email).collect(), self.returned)
    }
}

/// Rights that the giver gets back, because the chain took them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Returned {
    pub is_enabled: bool,
    pub is_admin: bool,
}

/// Returns the accounts whose rights hang on what is about to be undone, if they still exist.
pub(super) fn holders(connection: &mut DbConnection, giver: AccountId, gone: &[Gained]) -> Result<Vec<Account>, Error> {
    let acts = db::admin_acts::open(connection)?;
    let mut found = Vec::new();
    for id in chain(&acts, giver, gone).into_iter().flat_map(|chain| chain.holders) {
        found.extend(db::accounts::find(connection, id)?);
    }
    Ok(found)
}

fn chain(acts: &[AdminAct], giver: AccountId, gone: &[Gained]) -> Option<Chain> {
    let gains: Vec<_> = gone.iter().filter(|gained| gained.kind == Gain::AdminRights).map(|gained| gained.id).collect();
    Chain::follow(acts, giver, &gains)
}

/// Returns what undoing these gains of `giver` does to admin rights. `None` if there are none among
/// them. `beside` is an account that goes, too. Changes nothing.
pub(super) fn weigh(
    tx: &mut Tx<'_>,
    giver: &Account,
    gone: &[Gained],
    beside: Option<AccountId>,
) -> Result<Option<Withdrawal>, Error> {
    let acts = db::admin_acts::open(tx.connection)?;
    let Some(chain) = chain(&acts, giver.id, gone) else { return Ok(None) };
    let mut demoted = holders(tx.connection, giver.id, gone)?;
    demoted.retain(|account| account.is_admin);
    let mut places = chain.grants.clone();
    let mut who_took = |is_missing, deed| {
        let (lost, place) = if is_missing { chain.who_took(&acts, deed) } else { (Lost::Nothing, None) };
        places.extend(place);
        lost
    };
    let (disabled, revoked) =
        (who_took(!giver.is_active(), AdminActKind::Disabled), who_took(!giver.is_admin, AdminActKind::Revoked));
    let losses: Vec<_> = demoted.iter().map(|account| account.id).chain(beside).map(Loss::Admin).collect();
    let leaves_admin = would_lock(tx, &losses)?.is_none();
    let returned = Returned { is_enabled: disabled == Lost::ToChain, is_admin: revoked == Lost::ToChain };
    let lost = disabled.max(revoked);
    Ok(Some(Withdrawal { verdict: verdict(lost, leaves_admin), lost, demoted, returned, places }))
}

/// Returns whether links in the account's mailbox can still take away admin rights that it gave.
/// Such an account stays.
pub(super) fn must_stay(tx: &mut Tx<'_>, giver: &Account) -> Result<bool, Error> {
    tx.lock_admins()?;
    db::admin_acts::catch_up(tx.connection)?;
    let mut open = db::gains::open_of(tx.connection, giver.id)?;
    open.retain(|gained| gained.can_be_undone(tx.now));
    let withdrawal = weigh(tx, giver, &open, None)?;
    Ok(withdrawal.is_some_and(|withdrawal| keeps_giver(withdrawal.lost, !withdrawal.demoted.is_empty())))
}

/// Takes the rights away, and gives the giver back what the chain took. Hold the locks of the
/// mailboxes of all of them.
pub(super) fn withdraw(tx: &mut Tx<'_>, giver: &Account, withdrawal: &Withdrawal) -> Result<(), Error> {
    for admin in &withdrawal.demoted {
        db::accounts::set_admin(tx.connection, admin.id, false)?;
    }
    db::admin_acts::mark_undone(tx.connection, &withdrawal.places, tx.now)?;
    if withdrawal.returned.is_admin {
        db::accounts::set_admin(tx.connection, giver.id, true)?;
    }
    if withdrawal.returned.is_enabled {
        db::accounts::set_disabled(tx.connection, giver.id, None)?;
    }
    restart_recovery_if_back(tx, giver)
}
