//! Ends sessions and other access when an older database takes the place of a newer one. Otherwise
//! access that had ended since would be valid again.

use crate::{
    db::{
        DbConnection, Error, audit,
        columns::Named,
        engine::dialect,
        schema::{
            accounts, attempts, held_forms, invitations, oidc_device_codes, oidc_grants, passkey_ceremonies,
            pending_sign_ins, recoveries, sessions, trusted_devices,
        },
    },
    domain::{AuditEntry, Timestamp, TokenHash, recovery::Outcome},
};
use diesel::{Connection as _, prelude::*};

/// Ends it in one transaction, and notes the restore in the audit log. Returns how many accounts
/// there are.
pub(in crate::db) fn end_all(connection: &mut DbConnection, line: &AuditEntry) -> Result<i64, Error> {
    connection.transaction::<_, Error, _>(|connection| {
        diesel::delete(sessions::table).execute(connection)?;
        diesel::delete(attempts::table).execute(connection)?;
        diesel::delete(pending_sign_ins::table).execute(connection)?;
        diesel::delete(held_forms::table).execute(connection)?;
        diesel::delete(passkey_ceremonies::table).execute(connection)?;
        diesel::delete(trusted_devices::table).execute(connection)?;
        diesel::delete(oidc_grants::table).execute(connection)?;
        diesel::delete(oidc_device_codes::table).execute(connection)?;
        // It would be due at once, although its owner may have cancelled it since. The owner may
        // also have had no day to do so. A user who has lost a second factor asks again.
        diesel::update(recoveries::table.filter(recoveries::ended_at.is_null()))
            .set((recoveries::ended_at.eq(line.at), recoveries::outcome.eq(Named(Outcome::Cancelled))))
            .execute(connection)?;
        // An admin can send the invitation again.
        diesel::update(invitations::table)
            .set((
                invitations::token_hash.eq(None::<TokenHash>),
                invitations::earlier_token_hash.eq(None::<TokenHash>),
                invitations::expires_at.eq(Timestamp::EPOCH),
            ))
            .execute(connection)?;
        // Changes that came along from another server would count as new for ever.
        dialect::delete_strange_changes(connection)?;
        audit::insert(connection, line)?;
        Ok(accounts::table.count().get_result(connection)?)
    })
}
