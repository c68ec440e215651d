//! Last times at which a client showed a secret, and signed a user in with PKCE and without it.

use crate::{
    db::{
        DbConnection, Error,
        schema::{oidc_clients, oidc_secrets},
    },
    domain::{Timestamp, TokenHash, apps::AppId},
};
use diesel::prelude::*;

/// Act of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Use {
    /// It showed the secret that has this hash.
    Secret(TokenHash),
    SignInWithPkce,
    SignInWithoutPkce,
}

/// Notes when a client did something. Changes nothing if it is gone.
pub fn note(connection: &mut DbConnection, (app, what): (AppId, Use), at: Timestamp) -> Result<(), Error> {
    let client = oidc_clients::table.find(app);
    match what {
        Use::Secret(hash) => {
            let of_app = oidc_secrets::table.filter(oidc_secrets::app_id.eq(app));
            let used = of_app.filter(oidc_secrets::secret_hash.eq(hash));
            diesel::update(used).set(oidc_secrets::last_used_at.eq(at)).execute(connection)?
        }
        Use::SignInWithPkce => diesel::update(client).set(oidc_clients::pkce_last_seen.eq(at)).execute(connection)?,
        Use::SignInWithoutPkce => {
            diesel::update(client).set(oidc_clients::pkce_last_missed.eq(at)).execute(connection)?
        }
    };
    Ok(())
}

/// Last times at which a client signed a user in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PkceUse {
    pub seen_at: Option<Timestamp>,
    pub missed_at: Option<Timestamp>,
}

impl PkceUse {
    /// Returns whether the client sends PKCE now, so that requiring it locks no one out.
    pub fn is_sent(&self) -> bool {
        self.seen_at.is_some_and(|seen| self.missed_at.is_none_or(|missed| missed < seen))
    }
}

pub fn pkce(connection: &mut DbConnection, app: AppId) -> Result<PkceUse, Error> {
    let columns = (oidc_clients::pkce_last_seen, oidc_clients::pkce_last_missed);
    let row: Option<(Option<Timestamp>, Option<Timestamp>)> =
        oidc_clients::table.find(app).select(columns).first(connection).optional()?;
    let (seen, missed) = row.unwrap_or_default();
    Ok(PkceUse { seen_at: seen, missed_at: missed })
}
