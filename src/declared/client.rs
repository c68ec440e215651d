//! Makes an app speak OpenID Connect as a file wants it.

use super::{
    outcome::{Applied, ApplyRefusal},
    wanted::WantedApp,
    wanted_client::Reach,
};
use crate::{
    apps,
    db::{
        self, DbConnection, Error, Stop, Tx,
        declared::Kind,
        oidc_clients::{Client, SecretId},
    },
    domain::{
        Lifetime, TokenHash,
        apps::{
            AppId,
            fact::{AppFact, Facts, differences},
        },
        audit::Action,
        outbound::OutboundUri,
    },
};

/// Time for which the previous secret counts.
const KEEP: Lifetime = Lifetime::hours(24);

/// Returns whether the app's secret comes from a file.
pub(super) fn owns_secret(app: &&WantedApp) -> bool {
    app.client.as_ref().is_some_and(|client| client.secret.is_some())
}

pub(super) fn client(
    tx: &mut Tx<'_>,
    (wanted, app): (&WantedApp, AppId),
    applied: &mut Applied,
) -> Result<(), Stop<ApplyRefusal>> {
    let about = (Kind::App, wanted.app.app.slug.as_str());
    let before = db::oidc_clients::of_app(tx.connection, app)?;
    let Some(new) = &wanted.client else {
        if before.is_some() {
            db::oidc_clients::delete(tx.connection, app)?;
            tx.log(&tx.line(Action::AppChanged, about.1).from_to("OpenID Connect", ""))?;
            applied.note(about, "OpenID Connect", "");
        }
        return Ok(());
    };
    // With those that this file has just set.
    let settings = tx.settings()?;
    let rules = new.lifetimes.over(new.client.rules.clone(), &settings);
    let client = Client { app, rules, ..new.client.clone() };
    if db::oidc_clients::find(tx.connection, &client.id)?.is_some_and(|other| other.app != app) {
        return Err(Stop::Refused(ApplyRefusal::ClientIdTaken(wanted.app.app.slug.clone())));
    }
    let was = match &before {
        Some(before) => facts(before, &reach(tx.connection, app)?),
        None => Facts::default(),
    };
    let is = facts(&client, &new.reach);
    if was != is {
        store(tx, &client, (&new.reach, before.is_some()))?;
        let (was, is) = differences(&was, &is);
        tx.log(&tx.line(Action::AppChanged, about.1).from_to(was.clone(), is.clone()))?;
        applied.note(about, was, is);
    }
    let needs_secret = !client.rules.is_public && !new.reach.has_keys();
    if !has_secret(tx, app, (about, new.secret.as_ref()), applied)? && needs_secret {
        applied.without_secret.push(wanted.app.app.slug.clone());
    }
    Ok(())
}

/// Gives the app the secret of the file, unless it has it. Returns whether the app has one now.
fn has_secret(
    tx: &mut Tx<'_>,
    app: AppId,
    (about, secret): ((Kind, &str), Option<&TokenHash>),
    applied: &mut Applied,
) -> Result<bool, Error> {
    let known = db::oidc_clients::secrets(tx.connection, app, tx.now)?;
    let Some(secret) = secret else { return Ok(!known.is_empty()) };
    if !known.iter().any(|known| known.hash == *secret && known.expires_at.is_none()) {
        db::oidc_clients::end_secrets(tx.connection, app, tx.now.plus(KEEP))?;
        let id = SecretId::issue(tx.entropy);
        db::oidc_clients::add_secret(tx.connection, (id, app), (secret, ""), tx.now)?;
        tx.log(&tx.line(Action::AppSecretMade, about.1))?;
        applied.note(about, "", "another secret");
    }
    Ok(true)
}

fn store(tx: &mut Tx<'_>, client: &Client, (reach, is_there): (&Reach, bool)) -> Result<(), Error> {
    let app = client.app;
    if is_there {
        db::oidc_clients::replace(tx.connection, client)?;
    } else {
        db::oidc_clients::insert(tx.connection, client)?;
    }
    if reach.has_keys() {
        // Taking the keys away must not bring an old secret back.
        db::oidc_clients::end_secrets(tx.connection, app, tx.now)?;
    }
    db::apps::forget_refusals(tx.connection, app)?;
    db::oidc_reach::set_logout_uri(tx.connection, app, reach.logout_uri.as_ref())?;
    db::oidc_reach::set_keys(tx.connection, app, reach.keys.as_deref(), reach.keys_uri.as_ref())?;
    db::oidc_devices::allow(tx.connection, app, reach.signs_in_devices)
}

/// Returns what is stored beside a client's rules.
pub(super) fn reach(connection: &mut DbConnection, app: AppId) -> Result<Reach, Error> {
    let db::oidc_reach::OwnKeys { set: keys, uri: keys_uri } = db::oidc_reach::own_keys(connection, app)?;
    Ok(Reach {
        logout_uri: db::oidc_reach::logout_uri(connection, app)?,
        signs_in_devices: db::oidc_devices::are_allowed(connection, app)?,
        keys,
        keys_uri,
    })
}

fn facts(client: &Client, reach: &Reach) -> Facts {
    // The database returns addresses in an order that is not the file's.
    let mut client = client.clone();
    client.sign_in_uris.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    client.sign_in_uris.dedup();
    client.sign_out_uris.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    client.sign_out_uris.dedup();
    let rules = &client.rules;
    let uri = |uri: &Option<OutboundUri>| uri.as_ref().map(|uri| uri.as_str().to_owned()).unwrap_or_default();
    let mut facts = apps::client_facts(&client);
    facts.push(AppFact::ClientId, client.id.to_string());
    facts.push(AppFact::Preset, client.preset.clone().unwrap_or_default());
    facts.switch(AppFact::Rotates, rules.rotates);
    apps::push_lifetimes(&mut facts, rules);
    facts.push(AppFact::SignOutMessages, uri(&reach.logout_uri));
    facts.switch(AppFact::SignsInDevices, reach.signs_in_devices);
    facts.push(AppFact::Keys, reach.keys.clone().unwrap_or_default());
    facts.push(AppFact::KeysUri, uri(&reach.keys_uri));
    facts
}
