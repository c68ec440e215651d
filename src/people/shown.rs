//! Consequences of showing a second factor.

use crate::{
    db::{self, Error, Tx},
    domain::{
        Account, AuditEntry, Shown,
        audit::{Action, Actor},
        gain::is_settled,
    },
    people::{
        factors::{forgive_all_wrong_codes, forgive_wrong_codes},
        recovery::cancel_recovery,
    },
};

/// Notes that the account's second factor was shown after a first method. A recovery in progress
/// ends, because the lost factor is there.
///
/// A factor that was young when the recovery began does not end it. An attacker may have planted
/// that, and it must not lock the owner out.
pub fn second_factor_was_shown(tx: &mut Tx<'_>, account: &Account, shown: Shown) -> Result<(), Error> {
    // Without a date it counts as gained now.
    let since = shown.since.unwrap_or(tx.now);
    if is_settled(since, tx.now) {
        forgive_all_wrong_codes(tx.connection, account.id)?;
    } else {
        forgive_wrong_codes(tx.connection, account.id, since)?;
    }
    let Some(recovery) = db::recoveries::under_way(tx.connection, account.id)? else { return Ok(()) };
    if !is_settled(since, recovery.asked_at) {
        return Ok(());
    }
    if cancel_recovery(tx, account)? {
        let line = AuditEntry::new(tx.entropy, tx.now, Actor::of(account), Action::RecoveryCancelled);
        tx.log(&line.about(account.email.as_str()).to("second factor shown"))?;
    }
    Ok(())
}
