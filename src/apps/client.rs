//! Apps as clients of OpenID Connect.

use super::app::LOCK;
use crate::{
    db::{
        self, Error, Tx,
        oidc_clients::{Client, SecretId},
    },
    domain::{Lifetime, Token, apps::AppSlug, audit::Action},
};

/// Makes an app a client. Returns its secret, which is shown once. A public client has none.
pub fn add_client(tx: &mut Tx<'_>, client: &Client, slug: &AppSlug) -> Result<Option<Token>, Error> {
    tx.lock_name(LOCK)?;
    db::oidc_clients::insert(tx.connection, client)?;
    if client.rules.is_public { Ok(None) } else { add_secret(tx, client, slug).map(Some) }
}

/// Makes another secret. Those from before count for `keep` longer. Returns `None` if there is no such
/// app, or it has no secret.
pub fn new_secret(tx: &mut Tx<'_>, slug: &AppSlug, keep: Lifetime) -> Result<Option<Token>, Error> {
    tx.lock_name(LOCK)?;
    let Some(app) = db::apps::find_by_slug(tx.connection, slug)? else { return Ok(None) };
    let client = db::oidc_clients::of_app(tx.connection, app.app.id)?.filter(|client| !client.rules.is_public);
    let Some(client) = client else { return Ok(None) };
    db::oidc_clients::end_secrets(tx.connection, app.app.id, tx.now.plus(keep))?;
    add_secret(tx, &client, slug).map(Some)
}

fn add_secret(tx: &mut Tx<'_>, client: &Client, slug: &AppSlug) -> Result<Token, Error> {
    let secret = Token::issue(tx.entropy);
    let id = SecretId::issue(tx.entropy);
    db::oidc_clients::add_secret(tx.connection, (id, client.app), &secret.hash(), tx.now)?;
    tx.log(&tx.line(Action::AppSecretMade, slug.as_str()))?;
    Ok(secret)
}
