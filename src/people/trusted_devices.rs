//! Remembered browsers, which skip the second factor.

use crate::{
    db::{self, Error, Tx},
    domain::{Account, TokenHash, trusted_device::TrustedDevice},
    people::gains::{Grant, record},
};

/// Remembers a browser by the secret that it keeps. The mailbox gets an email, and can undo it.
pub fn remember_browser(
    tx: &mut Tx<'_>,
    account: &Account,
    device: &TrustedDevice,
    secret: &TokenHash,
) -> Result<(), Error> {
    record(tx, account, &Grant::RememberedBrowser(device.id))?;
    db::trusted_devices::insert(tx.connection, device, secret)
}
