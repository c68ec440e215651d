//! Tells apps that a user has signed out (OpenID Connect Back-Channel Logout 1.0).
//!
//! The database holds what is to be told, so that a restart forgets nothing. A row is leased while
//! an app is told, so that two servers do not do it twice.

use crate::{
    db::{self, DbConnection, Error, Tx, logout_notices::Notice},
    domain::{
        Lifetime, Timestamp,
        audit::{Action, Actor},
        entropy,
        oidc::{ClientId, SigningAlg, notice::LOGOUT_TOKEN_LIFETIME},
        outbound::OutboundUri,
    },
    metrics::kind,
    outbound::{Host, Silence},
    services::Services,
    signing::TokenKind,
};
use rocket::futures::future::join_all;
use serde_json::json;
use std::{future::Future, sync::Arc, time::Duration};

/// Interval at which a server looks for due notices.
const EVERY: Duration = Duration::from_secs(2);
/// Number of apps that are told at once.
const AT_ONCE: i64 = 16;
/// Longer than telling an app takes.
const LEASE: Lifetime = Lifetime::seconds(60);
/// The longest reply that is kept.
const MAX_REPLY: usize = 200;
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Address at which an app is told, with its client id and the algorithm of the signature.
struct Target {
    client: ClientId,
    alg: SigningAlg,
    uri: OutboundUri,
    host: Host,
}

/// Runs until `stop` resolves.
pub async fn run(services: Arc<Services>, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    // One line for each outage, because it is tried every two seconds.
    let mut is_told = false;
    loop {
        tokio::select! {
            biased;
            () = &mut stop => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        if services.breaker.is_away() {
            continue;
        }
        match round(&services).await {
            Ok(()) => is_told = false,
            Err(error) if !is_told => {
                is_told = true;
                tracing::warn!(error = %error, "could not tell apps of sign-outs; it tries again");
            }
            Err(_) => {}
        }
    }
}

/// Tells the apps that are due.
pub async fn round(services: &Services) -> Result<(), Error> {
    let now = services.now();
    let due = services.db.read(move |connection| db::logout_notices::due(connection, now, AT_ONCE)).await?;
    let told = join_all(due.into_iter().map(|notice| tell(services, notice))).await;
    told.into_iter().collect()
}

async fn tell(services: &Services, notice: Notice) -> Result<(), Error> {
    let now = services.now();
    let taking = move |connection: &mut DbConnection| take(connection, &notice, now);
    let Some((notice, target)) = services.db.write(taking).await? else { return Ok(()) };
    let (has_ended, reply) = match send(services, &notice, &target).await {
        Ok(status @ 200..=299) => (true, format!("HTTP {status}")),
        Ok(status) => (false, format!("HTTP {status}")),
        Err(silence) => (false, silence.in_words().chars().take(MAX_REPLY).collect()),
    };
    if !has_ended {
        tracing::warn!(client = %target.client, tries = notice.tries, reply, "an app did not end a session");
    }
    let note = move |tx: &mut Tx<'_>| {
        let outcome = (has_ended, reply.as_str());
        let is_given_up = db::logout_notices::note(tx.connection, &notice, outcome, tx.now)?;
        if is_given_up {
            log(tx, &notice)?;
        }
        Ok(is_given_up)
    };
    let outcome = match (has_ended, services.transact(Actor::Gatepost, note).await?) {
        (true, _) => "ended",
        (false, false) => "failed",
        (false, true) => "given_up",
    };
    services.metrics.logout_notices.get_or_create(&kind(outcome)).inc();
    Ok(())
}

/// Says in the audit log that an app never heard of a sign-out.
fn log(tx: &mut Tx<'_>, notice: &Notice) -> Result<(), Error> {
    let account = db::accounts::find(tx.connection, notice.account)?;
    let subject = account.map(|account| account.email.as_str().to_owned()).unwrap_or_default();
    let app = db::apps::find(tx.connection, notice.app)?;
    let slug = app.map(|app| app.app.slug.to_string()).unwrap_or_default();
    tx.log(&tx.line(Action::LogoutNotDelivered, subject).to(slug))
}

/// Takes a notice, with where it goes. `None` if it goes nowhere, or another server has it.
fn take(connection: &mut DbConnection, notice: &Notice, now: Timestamp) -> Result<Option<(Notice, Target)>, Error> {
    let client = db::oidc_clients::of_app(connection, notice.app)?;
    let uri = db::oidc_reach::logout_uri(connection, notice.app)?;
    let (Some(client), Some(uri)) = (client, uri) else {
        db::logout_notices::drop(connection, notice.grant)?;
        return Ok(None);
    };
    let is_own = db::oidc_reach::is_host_of(connection, notice.app, uri.host())?;
    let host = if is_own { Host::OfTheApp } else { Host::Another };
    let target = Target { client: client.id, alg: client.rules.id_token_alg, uri, host };
    Ok(db::logout_notices::take(connection, notice, (now, LEASE))?.map(|notice| (notice, target)))
}

async fn send(services: &Services, notice: &Notice, target: &Target) -> Result<u16, Silence> {
    let token = token(services, notice, target).await.map_err(|error| Silence::Lost(error.to_string()))?;
    let form = url::form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", &token).finish();
    services.outbound.post(&target.uri, target.host, form).await
}

/// Makes a logout token (section 2.4). It names the user and the app's session, and has no nonce.
async fn token(services: &Services, notice: &Notice, target: &Target) -> Result<String, Error> {
    let now = services.now();
    let jti: [u8; 16] = entropy::bytes(&*services.entropy);
    let claims = json!({
        "iss": services.config.base_url.origin(),
        "aud": target.client.as_str(),
        "sub": notice.account.to_string(),
        "sid": notice.grant.to_string(),
        "iat": now.as_seconds(),
        "exp": now.plus(LOGOUT_TOKEN_LIFETIME).as_seconds(),
        "jti": u128::from_be_bytes(jti).to_string(),
        "events": { EVENT: {} },
    });
    let signers = services.signers().await?;
    let signer = signers.signer(target.alg, now).ok_or_else(|| Error::fault("no signing key can be used"))?;
    signer.sign(TokenKind::LogoutToken, &claims).map_err(Error::fault)
}
