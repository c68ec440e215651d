//! `gatepost app list` and `gatepost app show`.

use super::{Ending, find, say};
use crate::{
    db,
    domain::{
        apps::{Access, App, AppSlug, Registered, host::AppHost, path::PublicPath},
        group::GroupId,
    },
    services::Services,
};
use serde_json::{Value, json};
use std::collections::HashMap;

type Names = HashMap<GroupId, String>;

async fn names(services: &Services) -> Result<Names, Ending> {
    let groups = services.db.read(db::groups::all).await?;
    Ok(groups.into_iter().map(|group| (group.id, group.name.to_string())).collect())
}

pub async fn list(services: &Services, as_json: bool) -> Result<(), Ending> {
    let (apps, names) = (services.db.read(db::apps::all).await?, names(services).await?);
    if as_json {
        return say(Value::Array(apps.iter().map(|app| in_json(app, &names)).collect()));
    }
    apps.iter().try_for_each(|app| {
        let hosts: Vec<String> = app.hosts.iter().map(AppHost::to_string).collect();
        let who = who(app, &names);
        let App { slug, name, requires, .. } = &app.app;
        say(format!("{slug}\t{name}\t{}\t{who}\t{}", hosts.join(","), requires.strength.as_str()))
    })
}

pub async fn one(services: &Services, slug: &AppSlug, as_json: bool) -> Result<(), Ending> {
    let (app, names) = (find(services, slug).await?, names(services).await?);
    if as_json {
        return say(in_json(&app, &names));
    }
    app.facts(&names).into_iter().try_for_each(|(name, value)| say(format!("{name}: {value}")))?;
    if app.app.access == Access::default() {
        say("No one can open it yet.")?;
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
        "requires": app.app.requires.strength.as_str(),
        "disabled": app.app.is_disabled,
    })
}
