//! Undoing a gain, by the link in the email about it. The table in `domain::gain` says what is
//! removed and what comes back.

use crate::{
    db::{self, DbConnection, Error, Tx},
    domain::{
        Account, AccountId, AuthenticatorId, EmailAddress, Gain, Gained, Lifetime, PasskeyId, SecurityEvent, Timestamp,
        TrustedDeviceId,
        admin_act::{Stay, Verdict, deeds_in_force, is_disabled_for_good},
        gain::{Claim, Newcomer, first_of, gives_way},
        ways_in::Loss,
    },
    people::{
        factors::{forgive_wrong_codes, recovery_codes_go_with_the_last},
        rights::{self, Returned, Withdrawal},
        tell::tell,
        ways_in::locked_by,
    },
};
use std::collections::BTreeSet;

/// User who presses the button.
#[derive(Clone, Debug)]
pub struct Presser {
    /// The user signed in in that browser, if any. [`undo`] needs it read after [`lock_for_undo`].
    pub signed_in: Option<AccountId>,
    /// Time at which the link was made, if known.
    pub link_made_at: Option<Timestamp>,
}

impl Presser {
    fn claim(&self, newcomer: &Account) -> Claim {
        Claim { is_signed_in: self.signed_in == Some(newcomer.id), link_made_at: self.link_made_at }
    }
}

#[derive(Clone, Debug)]
pub enum Undone {
    Done(Box<Outcome>),
    /// Too old, or undone before.
    TooLate,
    /// The former address belongs to another account now.
    Taken,
    /// These admin rights stay. The page says why.
    RightsStay,
}

#[derive(Clone, Debug)]
pub struct Outcome {
    /// The account after undoing.
    pub account: Account,
    /// Everything that went, oldest first.
    pub gone: Vec<Gained>,
    /// Former address of the account, if it has moved back.
    pub moved_from: Option<EmailAddress>,
    /// The account that had the former address and gave way.
    pub displaced: Option<Account>,
    /// Admins who lost their rights.
    pub demoted: Vec<EmailAddress>,
    /// Rights that the account got back, because admins whom it made took them.
    pub returned: Returned,
}

impl Outcome {
    /// Returns whether this ended the sessions of this account.
    pub fn ended(&self, account: AccountId) -> bool {
        account == self.account.id || self.displaced.as_ref().is_some_and(|displaced| displaced.id == account)
    }
}

/// Effect that undoing a gain would have, for the page that asks.
#[derive(Clone, Debug)]
pub struct Preview {
    pub account: Account,
    pub gone: Vec<Gained>,
    /// The other account that has the former address, and whether it gives way.
    pub newcomer: Option<(Account, bool)>,
    /// Why the gain stays, if it is admin rights that do.
    pub rights_stay: Option<Stay>,
    /// True if admin rights stay that came with the gain.
    pub keeps_later_rights: bool,
}

pub fn preview(tx: &mut Tx<'_>, gained: &Gained, by: &Presser) -> Result<Option<Preview>, Error> {
    if !gained.can_be_undone(tx.now) {
        return Ok(None);
    }
    let Some(account) = db::accounts::find(tx.connection, gained.account_id)? else { return Ok(None) };
    let mut gone = goes_with(tx.connection, gained)?;
    let newcomer = match first_of(&gone, Gain::Address) {
        Some(change) => newcomer(tx.connection, change)?,
        None => None,
    };
    let beside = newcomer.as_ref().map(|newcomer| newcomer.id);
    let withdrawal = rights::weigh(tx, &account, &gone, beside)?;
    let before = gone.len();
    let rights_stay = keep_what_stays(gained, &mut gone, withdrawal.as_ref());
    let keeps_later_rights = rights_stay.is_none() && gone.len() < before;
    let newcomer = match newcomer {
        Some(newcomer) => {
            let way = yields(tx, (&newcomer, &account), by)?;
            Some((newcomer, way))
        }
        None => None,
    };
    Ok(Some(Preview { account, gone, newcomer, rights_stay, keeps_later_rights }))
}

/// Leaves out the admin rights that stay. Returns why, if the gain is such rights itself.
fn keep_what_stays(gained: &Gained, gone: &mut Vec<Gained>, withdrawal: Option<&Withdrawal>) -> Option<Stay> {
    let Verdict::Stays(stay) = withdrawal?.verdict else { return None };
    gone.retain(|gone| gone.kind != Gain::AdminRights);
    (gained.kind == Gain::AdminRights).then_some(stay)
}

/// A gain about to be undone, under the locks of all mailboxes concerned.
#[derive(Clone, Debug)]
pub struct Undoing {
    gained: Gained,
    /// The account's address when the locks were taken.
    from: EmailAddress,
    /// The account's address afterwards.
    target: EmailAddress,
}

/// Takes the locks that undoing a gain needs. Returns `None` if the account is gone.
pub fn lock_for_undo(tx: &mut Tx<'_>, gained: &Gained) -> Result<Option<Undoing>, Error> {
    let Some(before) = db::accounts::find(tx.connection, gained.account_id)? else { return Ok(None) };
    let target = target(&goes_with(tx.connection, gained)?, &before);
    let mut locked = BTreeSet::new();
    loop {
        // An admin about to lose their rights makes no other one, once their mailbox is locked.
        // Those made before that come in the next round.
        let gone = goes_with(tx.connection, gained)?;
        let holders = rights::holders(tx.connection, before.id, &gone)?;
        let mailboxes: BTreeSet<_> =
            holders.iter().map(|holder| &holder.email).chain([&before.email, &target]).collect();
        let mailboxes: BTreeSet<_> = mailboxes.into_iter().map(EmailAddress::mailbox).collect();
        if mailboxes.is_subset(&locked) {
            break;
        }
        lock_more(tx, &locked, &mailboxes)?;
        locked.extend(mailboxes);
    }
    Ok(Some(Undoing { gained: gained.clone(), from: before.email, target }))
}

/// Locks mailboxes beside those that are locked. Only the first round waits, in the one order of
/// all locks: waiting in a later one could deadlock.
fn lock_more(tx: &mut Tx<'_>, locked: &BTreeSet<String>, all: &BTreeSet<String>) -> Result<(), Error> {
    for mailbox in all.difference(locked) {
        if locked.is_empty() {
            tx.lock_name(mailbox)?;
        } else if !tx.try_lock_name(mailbox)? {
            return Err(Error::unavailable("an admin about to lose their rights is at work"));
        }
    }
    Ok(())
}

/// Undoes a gain and everything after it, and ends everything in progress. Of any number of
/// callers, one does it.
pub fn undo(tx: &mut Tx<'_>, undoing: &Undoing, by: &Presser) -> Result<Undone, Error> {
    let Undoing { gained, from, target } = undoing;
    // Read again: a gain made while this waited goes, too.
    let Some(account) = db::accounts::find(tx.connection, gained.account_id)? else { return Ok(Undone::TooLate) };
    let mut gone = goes_with(tx.connection, gained)?;
    if account.email != *from || self::target(&gone, &account) != *target {
        // The account moved at this moment. Nothing may count, so that the link can be used again.
        return Err(Error::unavailable("the account was being moved"));
    }
    if !gained.can_be_undone(tx.now) {
        return Ok(Undone::TooLate);
    }
    let displaced = match first_of(&gone, Gain::Address) {
        Some(change) => newcomer(tx.connection, change)?,
        None => None,
    };
    if let Some(newcomer) = &displaced
        && (!yields(tx, (newcomer, &account), by)? || is_needed(tx, newcomer)?)
    {
        return Ok(Undone::Taken);
    }
    if gone.iter().any(|gone| gone.kind == Gain::AdminRights) {
        tx.lock_admins()?;
        db::admin_acts::catch_up(tx.connection)?;
    }
    let beside = displaced.as_ref().map(|newcomer| newcomer.id);
    let withdrawal = rights::weigh(tx, &account, &gone, beside)?;
    if keep_what_stays(gained, &mut gone, withdrawal.as_ref()).is_some() {
        return Ok(Undone::RightsStay);
    }
    let withdrawal = withdrawal.filter(|withdrawal| withdrawal.verdict == Verdict::Withdrawn);
    if !db::gains::undo(tx.connection, gained, tx.now)? {
        return Ok(Undone::TooLate);
    }
    db::gains::mark_undone(tx.connection, &gone, tx.now)?;
    if let Some(newcomer) = &displaced {
        db::accounts::delete(tx.connection, newcomer.id)?;
    }
    take_away(tx.connection, gained, &gone)?;
    end_all(tx, &account, gained.gained_at)?;
    let moved_from = (account.email != *target).then(|| account.email.clone());
    if moved_from.is_some() {
        if !db::accounts::move_address(tx.connection, account.id, (&account.email, target), tx.now)? {
            return Err(Error::unavailable("the account was being moved"));
        }
        db::attempts::end_all_of_address(tx.connection, target, tx.now)?;
    }
    let account = Account { email: target.clone(), ..account };
    if let Some(withdrawal) = &withdrawal {
        rights::withdraw(tx, &account, withdrawal)?;
    }
    tell(tx, &account, SecurityEvent::Undone)?;
    let (demoted, returned) = withdrawal.map_or_else(Default::default, Withdrawal::into_outcome);
    Ok(Undone::Done(Box::new(Outcome { account, gone, moved_from, displaced, demoted, returned })))
}

/// Returns what goes when a gain is undone. A gain that only a node of the previous version noted
/// goes alone.
fn goes_with(connection: &mut DbConnection, gained: &Gained) -> Result<Vec<Gained>, Error> {
    let mut all = db::gains::open_of(connection, gained.account_id)?;
    if gained.undone_at.is_none() && !all.iter().any(|other| other.id == gained.id) {
        all.push(gained.clone());
    }
    Ok(gained.takes_along(&all))
}

/// Returns the account's address afterwards.
fn target(gone: &[Gained], account: &Account) -> EmailAddress {
    first_of(gone, Gain::Address).map_or_else(|| account.email.clone(), |change| change.told.clone())
}

/// Returns another account that has the former address.
fn newcomer(connection: &mut DbConnection, change: &Gained) -> Result<Option<Account>, Error> {
    Ok(db::accounts::find_by_email(connection, &change.told)?.filter(|other| other.id != change.account_id))
}

/// Returns whether the newcomer gives way to this user.
fn yields(tx: &mut Tx<'_>, (newcomer, mover): (&Account, &Account), by: &Presser) -> Result<bool, Error> {
    let since = db::accounts::mailbox_since(tx.connection, newcomer.id)?;
    let acts = db::admin_acts::all(tx.connection)?;
    let in_force = deeds_in_force(newcomer, tx.now);
    let is_disabled_for_good = is_disabled_for_good(&acts, newcomer.id, &in_force, mover.id);
    Ok(gives_way(Newcomer { account: newcomer, since, is_disabled_for_good }, by.claim(newcomer), tx.now))
}

/// Returns whether the newcomer must stay: it is the last admin who can sign in, or it gave admin
/// rights. One that never verified its address did neither.
fn is_needed(tx: &mut Tx<'_>, newcomer: &Account) -> Result<bool, Error> {
    if newcomer.proven_at.is_none() {
        return Ok(false);
    }
    Ok(locked_by(tx, Loss::Admin(newcomer.id))?.is_some() || rights::must_stay(tx, newcomer)?)
}

/// Removes the gain and everything that replaced it since, and puts back what was there before.
fn take_away(connection: &mut DbConnection, undone: &Gained, gone: &[Gained]) -> Result<(), Error> {
    let (account, since) = (undone.account_id, undone.gained_at);
    for gained in gone {
        match (gained.kind, gained.thing) {
            (Gain::Passkey, Some(id)) => {
                db::passkeys::remove(connection, account, PasskeyId::from_i64(id))?;
            }
            (Gain::App, Some(id)) => {
                db::totp::remove(connection, account, AuthenticatorId::from_i64(id))?;
            }
            (Gain::RememberedBrowser, Some(id)) => {
                db::trusted_devices::delete(connection, account, TrustedDeviceId::from_i64(id))?;
            }
            // Done below, once for each kind. `people::rights` handles admin rights.
            (Gain::RecoveryCodes | Gain::Password | Gain::Address | Gain::AdminRights, _) | (_, None) => {}
        }
    }
    // Nodes of the previous version note no gain for what they add.
    let after = since.plus(Lifetime::millis(1));
    db::passkeys::remove_all(connection, account, Some(after))?;
    db::totp::remove_all(connection, account, Some(after))?;
    db::trusted_devices::delete_since(connection, account, since)?;
    match first_of(gone, Gain::RecoveryCodes) {
        Some(first) => {
            db::recovery_codes::remove_all(connection, account, None)?;
            db::former::put_back(connection, first)?;
        }
        None => {
            db::recovery_codes::remove_all(connection, account, Some(after))?;
        }
    }
    match first_of(gone, Gain::Password) {
        Some(first) => db::former::return_password(connection, first)?,
        None => {
            // Removed even if it is the last admin's last way in. A way in that an attacker may
            // have is worse than none, and a console link remains.
            if db::passwords::find(connection, account)?.is_some_and(|(_, set_at)| set_at >= after) {
                db::passwords::remove(connection, account)?;
            }
        }
    }
    // Otherwise what an attacker chose and removed again could return with the owner's next choice.
    db::former::forget_set_aside(connection, account)?;
    // Wrong codes of removed apps must not count against the next one.
    forgive_wrong_codes(connection, account, after)?;
    recovery_codes_go_with_the_last(connection, account)
}

/// Ends all sessions and everything in progress, and forgets recent browsers. Browsers from before
/// stay known and remembered.
fn end_all(tx: &mut Tx<'_>, account: &Account, since: Timestamp) -> Result<(), Error> {
    db::sessions::delete_all(tx.connection, account.id)?;
    db::attempts::end_all_of_address(tx.connection, &account.email, tx.now)?;
    db::attempts::end_all_of_account(tx.connection, account.id, tx.now)?;
    db::devices::forget_since(tx.connection, account.id, since)?;
    db::own_tries::turn_back(tx.connection, account.id, since, tx.now)?;
    db::known_browsers::sign_out_since(tx.connection, account.id, since, tx.now)?;
    db::oidc_held::withdraw_consents_since(tx.connection, account.id, since)?;
    db::recoveries::cancel_of_owner(tx.connection, account.id, since, tx.now)
}
