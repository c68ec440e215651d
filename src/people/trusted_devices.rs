//! Remembered browsers, which skip the second factor.

use crate::{
    db::{self, DbConnection, Error},
    domain::{Account, Entropy, TokenHash, trusted_device::TrustedDevice},
    people::gains::{Grant, record},
};

/// Remembers a browser by the secret that it keeps. The mailbox gets an email, and can undo it.
pub fn remember_browser(
    connection: &mut DbConnection,
    entropy: &dyn Entropy,
    account: &Account,
    (device, secret): (&TrustedDevice, &TokenHash),
) -> Result<(), Error> {
    record(connection, entropy, account, (&Grant::RememberedBrowser(device.id), device.trusted_at))?;
    db::trusted_devices::insert(connection, device, secret)
}
