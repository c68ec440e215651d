//! `gatepost app list` and `gatepost app show`.

use super::{Ending, Out, find, people::People};
use crate::{
    db::{self, oidc_clients::Client},
    domain::{
        Lifetime, Token,
        apps::{Access, App, AppSlug, Registered, fact::FactKind, host::AppHost, name::LaunchUrl, path::PublicPath},
        group::GroupId,
        oidc::RedirectUri,
    },
    services::Services,
};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Address at which an app reads the rest.
const DISCOVERY: &str = "/.well-known/openid-configuration";

type Names = HashMap<GroupId, String>;

async fn names(services: &Services) -> Result<Names, Ending> {
    let groups = services.db.read(db::groups::all).await?;
    Ok(groups.into_iter().map(|group| (group.id, group.name.to_string())).collect())
}

pub(super) async fn list(services: &Services, out: Out) -> Result<(), Ending> {
    let (apps, names) = (services.db.read(db::apps::all).await?, names(services).await?);
    out.tell(&apps.iter().map(|app| in_json(app, &names)).collect::<Value>())?;
    apps.iter().try_for_each(|app| {
        let hosts: Vec<String> = app.hosts.iter().map(AppHost::to_string).collect();
        let who = who(app, &names);
        let App { slug, name, requires, .. } = &app.app;
        out.say(format!("{slug}\t{name}\t{}\t{who}\t{}", hosts.join(","), requires.strength.into_str()))
    })
}

/// Returns everything about an app, and what it has to know to speak OpenID Connect.
async fn value(services: &Services, slug: &AppSlug) -> Result<Value, Ending> {
    let (app, names) = (find(services, slug).await?, names(services).await?);
    let mut value = in_json(&app, &names);
    if let (Some(client), Some(members)) = (client(services, &app).await?, value.as_object_mut()) {
        let issuer = services.config.base_url.origin();
        members.insert("client_id".to_owned(), client.id.as_str().into());
        members.insert("public".to_owned(), client.rules.is_public.into());
        members.insert("access_tokens".to_owned(), client.rules.access_tokens.into_str().into());
        members.insert("issuer".to_owned(), issuer.into());
        members.insert("discovery".to_owned(), services.config.base_url.join(DISCOVERY).into());
        members.insert("redirect_uris".to_owned(), texts(&client.sign_in_uris).into());
        members.insert("sign_out_uris".to_owned(), texts(&client.sign_out_uris).into());
    }
    Ok(value)
}

/// Shows a secret that was just made, for scripts with everything else about the app. It is shown
/// once, also if the rest cannot be read any more.
pub(super) async fn secret(
    services: &Services,
    (slug, secret): (&AppSlug, Option<&Token>),
    out: Out,
) -> Result<(), Ending> {
    let Some(secret) = secret else { return out.tell(&value(services, slug).await?) };
    let (mut value, read) = match value(services, slug).await {
        Ok(value) => (value, Ok(())),
        Err(ending) => (json!({ "slug": slug.as_str() }), Err(ending)),
    };
    if let Some(members) = value.as_object_mut() {
        members.insert("client_secret".to_owned(), secret.reveal().into());
    }
    out.tell(&value)?;
    out.say(format!("client secret, shown once: {}", secret.reveal()))?;
    read
}

fn texts(uris: &[RedirectUri]) -> Vec<String> {
    uris.iter().map(RedirectUri::to_string).collect()
}

async fn client(services: &Services, app: &Registered) -> Result<Option<Client>, Ending> {
    let id = app.app.id;
    Ok(services.db.read(move |connection| db::oidc_clients::of_app(connection, id)).await?)
}

pub(super) async fn one(services: &Services, slug: &AppSlug, out: Out) -> Result<(), Ending> {
    let people = People::of(services, find(services, slug).await?.app.id).await?;
    let mut value = value(services, slug).await?;
    if let Some(members) = value.as_object_mut() {
        members.insert("people".to_owned(), people.named());
        members.insert("asks".to_owned(), people.asks());
    }
    out.tell(&value)?;
    for_people(services, slug, out).await?;
    people.say(out)
}

pub(super) async fn for_people(services: &Services, slug: &AppSlug, out: Out) -> Result<(), Ending> {
    let (app, names) = (find(services, slug).await?, names(services).await?);
    for (fact, value) in app.facts(&names).iter() {
        let span = value.parse::<Lifetime>().ok().filter(|_| fact.kind() == FactKind::Lifetime);
        let value = span.map_or_else(|| value.to_owned(), Lifetime::for_people);
        out.say(format!("{}: {value}", fact.as_str()))?;
    }
    if let Some(client) = client(services, &app).await? {
        let base_url = &services.config.base_url;
        out.say(format!("issuer: {}", base_url.origin()))?;
        out.say(format!("discovery: {}", base_url.join(DISCOVERY)))?;
        out.say(format!("client id: {}", client.id))?;
        out.say(format!("access tokens: {}", client.rules.access_tokens.into_str()))?;
        texts(&client.sign_in_uris).iter().try_for_each(|uri| out.say(format!("redirect URI: {uri}")))?;
        texts(&client.sign_out_uris).iter().try_for_each(|uri| out.say(format!("address after signing out: {uri}")))?;
    }
    if app.app.access == Access::default() {
        out.say("No one can open it yet.")?;
    }
    Ok(())
}

/// Returns who can open an app: `everyone`, or the names of groups and a number of users.
fn who(app: &Registered, names: &Names) -> String {
    let access = &app.app.access;
    let mut parts: Vec<String> = groups(app, names);
    if access.everyone {
        parts.insert(0, "everyone".to_owned());
    }
    if !access.people.is_empty() {
        parts.push(format!("{} users", access.people.len()));
    }
    if parts.is_empty() { "no one".to_owned() } else { parts.join(",") }
}

fn groups(app: &Registered, names: &Names) -> Vec<String> {
    let mut groups: Vec<String> = app.app.access.groups.iter().filter_map(|id| names.get(id).cloned()).collect();
    groups.sort();
    groups
}

fn in_json(app: &Registered, names: &Names) -> Value {
    json!({
        "id": app.app.id.to_string(),
        "slug": app.app.slug.as_str(),
        "name": app.app.name.as_str(),
        "hosts": app.hosts.iter().map(AppHost::to_string).collect::<Vec<_>>(),
        "everyone": app.app.access.everyone,
        "groups": groups(app, names),
        "users": app.app.access.people.len(),
        "public_paths": app.public_paths.iter().map(PublicPath::as_str).collect::<Vec<_>>(),
        "requires": app.app.requires.strength.into_str(),
        "fresh_within": app.app.requires.fresh_within.map(|span| span.to_string()),
        "description": app.look.description,
        "link": app.look.launch_url.as_ref().map(LaunchUrl::as_str),
        "hidden": app.look.is_hidden,
        "preflights": app.preflights,
        "popup": app.popup,
        "disabled": app.app.is_disabled,
    })
}
