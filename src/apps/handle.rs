//! The handle of an account.

use crate::{
    db::{self, Error, Tx, handles::Given},
    domain::{Account, audit::Action, handle::Handle},
};

/// Actor that changes a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Once, and not to a reserved one.
    Owner,
    Admin,
}

/// Outcome of changing a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    Done,
    /// The account has it.
    Unchanged,
    /// Another account has it, or had it.
    Taken,
    /// Only an admin gives it.
    Reserved,
    /// The owner has chosen before.
    ChosenBefore,
}

/// Returns what [`change_handle`] would come to, without changing anything.
pub fn would_change_handle(tx: &mut Tx<'_>, account: &Account, handle: &Handle, by: By) -> Result<Handled, Error> {
    let before = db::handles::of_account(tx.connection, account.id)?;
    if let Some(refusal) = refusal(before.as_ref(), handle, by) {
        return Ok(refusal);
    }
    let owner = db::handles::account_of(tx.connection, handle)?;
    Ok(if owner.is_none_or(|owner| owner == account.id) { Handled::Done } else { Handled::Taken })
}

fn refusal(before: Option<&Given>, handle: &Handle, by: By) -> Option<Handled> {
    if before.is_some_and(|given| given.handle == *handle) {
        return Some(Handled::Unchanged);
    }
    match by {
        By::Owner if before.is_some_and(|given| given.chosen_at.is_some()) => Some(Handled::ChosenBefore),
        By::Owner if handle.is_reserved() => Some(Handled::Reserved),
        By::Owner | By::Admin => None,
    }
}

/// Gives an account another handle. The former one stays reserved for it.
pub fn change_handle(tx: &mut Tx<'_>, account: &Account, handle: &Handle, by: By) -> Result<Handled, Error> {
    let before = db::handles::of_account(tx.connection, account.id)?;
    if let Some(refusal) = refusal(before.as_ref(), handle, by) {
        return Ok(refusal);
    }
    if !db::handles::give(tx.connection, account.id, handle)? {
        return Ok(Handled::Taken);
    }
    if by == By::Owner {
        db::handles::note_choice(tx.connection, account.id, tx.now)?;
    }
    tx.changes(account.id);
    let before = before.map(|given| given.handle.to_string()).unwrap_or_default();
    tx.log(&tx.line(Action::HandleChanged, account.email.as_str()).from_to(before, handle.as_str()))?;
    Ok(Handled::Done)
}
