//! The handle of an account.

use crate::{
    db::{self, Error, Tx},
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

/// Gives an account another handle. The former one stays reserved for it.
pub fn change_handle(tx: &mut Tx<'_>, account: &Account, handle: &Handle, by: By) -> Result<Handled, Error> {
    let before = db::handles::of_account(tx.connection, account.id)?;
    if before.as_ref().is_some_and(|given| given.handle == *handle) {
        return Ok(Handled::Unchanged);
    }
    if by == By::Owner {
        if before.as_ref().is_some_and(|given| given.chosen_at.is_some()) {
            return Ok(Handled::ChosenBefore);
        }
        if handle.is_reserved() {
            return Ok(Handled::Reserved);
        }
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
