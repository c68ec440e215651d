//! The file that describes what there is.

use super::{client::reach, wanted_client::Reach};
use crate::{
    db::{self, DbConnection, Error, oidc_clients::Client},
    domain::{
        Lifetime, Settings,
        apps::{Registered, host::AppHost, path::PublicPath},
        group::GroupId,
        oidc::RedirectUri,
        outbound::OutboundUri,
        settings::{self, Kind},
    },
};
use std::collections::HashMap;

/// Returns settings that differ from `start`, all groups and all apps, as TOML. No secret is in it.
pub fn export(connection: &mut DbConnection, start: &Settings) -> Result<String, Error> {
    let mut file =
        String::from("# Made by `gatepost export`. `gatepost apply FILE --dry-run` says what it would change.\n");
    let current = db::settings::load(connection, start)?;
    file.push_str("\n[settings]\n");
    for setting in settings::all().filter(|setting| current.get(setting.name) != start.get(setting.name)) {
        let value = current.get(setting.name);
        match setting.kind {
            Kind::Switch(_) => put(&mut file, setting.name, if value == "on" { "true" } else { "false" }),
            Kind::Domains(_) => {
                put_list(&mut file, setting.name, &value.lines().map(str::to_owned).collect::<Vec<_>>());
            }
            _ => put(&mut file, setting.name, &quoted(&value)),
        }
    }
    let groups = db::groups::all(connection)?;
    for group in &groups {
        file.push_str("\n[[groups]]\n");
        put(&mut file, "name", &quoted(group.name.as_str()));
        put_text(&mut file, "note", &group.note);
    }
    let names = groups.into_iter().map(|group| (group.id, group.name.to_string())).collect();
    for app in db::apps::all(connection)? {
        let client = db::oidc_clients::of_app(connection, app.app.id)?;
        put_app(&mut file, &app, &names);
        if let Some(client) = client {
            put_client(&mut file, &client, &reach(connection, app.app.id)?);
        }
    }
    Ok(file)
}

fn put(file: &mut String, name: &str, value: &str) {
    file.push_str(&format!("{name} = {value}\n"));
}

/// Writes a basic string of TOML. Its escapes are those of JSON, and DEL.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

fn put_text(file: &mut String, name: &str, text: &str) {
    if !text.is_empty() {
        put(file, name, &quoted(text));
    }
}

fn put_list(file: &mut String, name: &str, texts: &[String]) {
    if !texts.is_empty() {
        let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
        put(file, name, &format!("[{}]", texts.join(", ")));
    }
}

fn put_switches(file: &mut String, switches: &[(&str, bool)]) {
    switches.iter().filter(|(_, is_on)| *is_on).for_each(|(name, _)| put(file, name, "true"));
}

fn put_app(file: &mut String, app: &Registered, names: &HashMap<GroupId, String>) {
    let access = &app.app.access;
    let mut groups: Vec<String> = access.groups.iter().filter_map(|id| names.get(id).cloned()).collect();
    groups.sort();
    file.push_str("\n[[apps]]\n");
    if !access.people.is_empty() {
        file.push_str("# Single users can open it, too. They are not part of this file, and stay.\n");
    }
    put(file, "slug", &quoted(app.app.slug.as_str()));
    put(file, "name", &quoted(app.app.name.as_str()));
    put_list(file, "hosts", &app.hosts.iter().map(AppHost::to_string).collect::<Vec<_>>());
    put_list(file, "groups", &groups);
    put_list(
        file,
        "public_paths",
        &app.public_paths.iter().map(|path: &PublicPath| path.as_str().to_owned()).collect::<Vec<_>>(),
    );
    put(file, "requires", &quoted(app.app.requires.strength.into_str()));
    put_text(file, "fresh_within", &app.app.requires.fresh_within.map(|span| span.to_string()).unwrap_or_default());
    put_text(file, "description", &app.look.description);
    put_text(file, "link", app.look.launch_url.as_ref().map_or("", |url| url.as_str()));
    if app.look.position != 0 {
        put(file, "position", &app.look.position.to_string());
    }
    let switches = [
        ("everyone", access.everyone),
        ("hidden", app.look.is_hidden),
        ("disabled", app.app.is_disabled),
        ("preflights", app.preflights),
    ];
    put_switches(file, &switches);
    // As it is, because a preset may say otherwise.
    put(file, "popup", if app.popup { "true" } else { "false" });
}

fn put_client(file: &mut String, client: &Client, reach: &Reach) {
    let rules = &client.rules;
    let texts = |uris: &[RedirectUri]| uris.iter().map(RedirectUri::to_string).collect::<Vec<_>>();
    file.push_str("[apps.oidc]\n");
    if !rules.is_public && !reach.has_keys() {
        file.push_str("# secret_file = \"FILE\" takes its secret from a file. Without it, the app keeps the secret that it has.\n");
    }
    put(file, "client_id", &quoted(client.id.as_str()));
    put_text(file, "preset", client.preset.as_deref().unwrap_or_default());
    put_list(file, "redirect_uris", &texts(&client.sign_in_uris));
    put_list(file, "sign_out_uris", &texts(&client.sign_out_uris));
    put_text(file, "logout_uri", reach.logout_uri.as_ref().map_or("", OutboundUri::as_str));
    put_text(file, "jwks", reach.keys.as_deref().unwrap_or_default());
    put_text(file, "jwks_uri", reach.keys_uri.as_ref().map_or("", OutboundUri::as_str));
    put_switches(file, &[("device", reach.signs_in_devices)]);
    // Each as it is, because a preset may say otherwise.
    let stated = [
        ("public", rules.is_public),
        ("third_party", rules.is_third_party),
        ("small_id_token", rules.id_token_small),
        ("jwt_access_tokens", rules.access_tokens.is_jwt()),
        ("pkce", rules.pkce_required),
        ("rotates", rules.rotates),
    ];
    stated.iter().for_each(|(name, is_on)| put(file, name, if *is_on { "true" } else { "false" }));
    put(file, "algorithm", &quoted(rules.id_token_alg.into_str()));
    put(file, "groups_claim", &quoted(&rules.groups_claim));
    put(file, "groups_shape", &quoted(rules.groups_shape.into_str()));
    put_text(file, "name_claim", rules.name_claim.as_deref().unwrap_or_default());
    put(file, "refresh", &quoted(rules.refreshes.into_str()));
    let lifetimes: [(&str, Lifetime); 3] = [
        ("access_lifetime", rules.access_lifetime),
        ("refresh_idle", rules.refresh_idle),
        ("refresh_absolute", rules.refresh_absolute),
    ];
    lifetimes.iter().for_each(|(name, span)| put(file, name, &quoted(&span.to_string())));
}
