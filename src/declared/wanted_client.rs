//! Client of OpenID Connect that a file wants for an app.

use super::{
    file::ClientEntry,
    reading::{Problem, each, span},
};
use crate::{
    db::oidc_clients::Client,
    domain::{
        TokenHash,
        apps::{AppId, AppSlug, host::AppHost, preset::Preset},
        oidc::{
            ClientId, RedirectUri, StatedLifetimes,
            client::{AccessTokens, ClientRules},
            client_secret::{self, NotASecret},
        },
        outbound::OutboundUri,
        settings::{ACCESS_LIFETIMES, REFRESH_LIFETIMES},
    },
    signing::ClientKeys,
};
use std::{fs, path::Path};

#[derive(Clone, Debug)]
pub(super) struct WantedClient {
    /// Without an app.
    pub client: Client,
    pub lifetimes: StatedLifetimes,
    pub reach: Reach,
    pub secret: Option<TokenHash>,
}

/// Properties of a client beside its rules and addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reach {
    pub logout_uri: Option<OutboundUri>,
    pub signs_in_devices: bool,
    /// Public keys by which it signs, or where they are. With either, it has no secret.
    pub keys: Option<String>,
    pub keys_uri: Option<OutboundUri>,
}

impl Reach {
    pub(super) const fn has_keys(&self) -> bool {
        self.keys.is_some() || self.keys_uri.is_some()
    }
}

pub(super) fn client(
    entry: &ClientEntry,
    (slug, hosts): (&AppSlug, &[AppHost]),
    folder: &Path,
) -> Result<WantedClient, Problem> {
    let preset = match entry.preset.as_deref() {
        Some(name) => Some(Preset::find(name).ok_or_else(|| format!("there is no preset {name:?}"))?),
        None => None,
    };
    let uris = |texts: &[String]| each(texts, "an address for answers", |typed| RedirectUri::parse(typed).ok());
    let (mut sign_in_uris, sign_out_uris) = (uris(&entry.redirect_uris)?, uris(&entry.sign_out_uris)?);
    if let (Some(preset), true, Some(host)) =
        (&preset, sign_in_uris.is_empty(), hosts.iter().find(|host| !host.is_wildcard))
    {
        let address = host.to_string();
        let address = if address.contains("://") { address } else { format!("https://{address}") };
        let known = preset.redirect_uris(&address);
        sign_in_uris = known.map_err(|_| format!("the preset has no address for answers at {host}"))?;
    }
    if sign_in_uris.is_empty() {
        return Err("OpenID Connect needs redirect_uris, or a preset and a host".to_owned());
    }
    let id = entry.client_id.as_deref().unwrap_or(slug.as_str());
    let id = ClientId::parse(id).map_err(|_| format!("{id:?} cannot be a client id"))?;
    let (rules, lifetimes, reach) = (rules(entry, preset.as_ref())?, lifetimes(entry)?, reach(entry)?);
    if rules.is_public && reach.has_keys() {
        // The preset may make it public.
        return Err("of public, jwks and jwks_uri an app has one".to_owned());
    }
    let secret = match &entry.secret_file {
        Some(_) if reach.has_keys() => return Err("a client that signs by its own keys has no secret".to_owned()),
        Some(file) => Some(secret(&folder.join(file))?),
        None => None,
    };
    let preset = preset.map(|preset| preset.slug.to_owned());
    let client = Client { app: AppId::from_i64(0), id, rules, sign_in_uris, sign_out_uris, preset };
    Ok(WantedClient { client, lifetimes, reach, secret })
}

fn rules(entry: &ClientEntry, preset: Option<&Preset>) -> Result<ClientRules, Problem> {
    let known = preset.map(Preset::rules);
    let is_public = entry.public.or_else(|| known.as_ref().map(|rules| rules.is_public)).unwrap_or_default();
    let new = match known {
        Some(known) if known.is_public == is_public => known,
        Some(known) if is_public => known.made_public(),
        Some(known) => known.made_confidential(),
        None => ClientRules::new(is_public),
    };
    let algorithm = entry.algorithm.as_deref().map_or(Some(new.id_token_alg), |name| name.parse().ok());
    let refreshes = entry.refresh.as_deref().map_or(Some(new.refreshes), |name| name.parse().ok());
    let groups_shape = entry.groups_shape.as_deref().map_or(Some(new.groups_shape), |name| name.parse().ok());
    let groups_claim = entry.groups_claim.clone().unwrap_or_else(|| new.groups_claim.clone());
    let rules = ClientRules {
        is_public,
        pkce_required: entry.pkce.unwrap_or(new.pkce_required) || is_public,
        id_token_alg: algorithm.ok_or("algorithm takes RS256 or ES256")?,
        id_token_small: entry.small_id_token.unwrap_or(new.id_token_small),
        groups_claim,
        groups_shape: groups_shape.ok_or("groups_shape takes list, spaces or commas")?,
        name_claim: entry.name_claim.clone(),
        access_tokens: entry.jwt_access_tokens.map_or(new.access_tokens, AccessTokens::of),
        refreshes: refreshes.ok_or("refresh takes never, asked or always")?,
        rotates: entry.rotates.unwrap_or(new.rotates) || is_public,
        is_third_party: entry.third_party.unwrap_or(new.is_third_party),
        ..new
    };
    if !rules.names_claims_well() {
        let (groups, name) = (&rules.groups_claim, rules.name_claim.as_deref().unwrap_or_default());
        return Err(format!("groups_claim {groups:?} and name_claim {name:?} need two names of their own"));
    }
    Ok(rules)
}

fn lifetimes(entry: &ClientEntry) -> Result<StatedLifetimes, Problem> {
    let stated =
        |name: &str, text: &Option<String>, (least, _)| text.as_deref().map(|text| span(name, text, least)).transpose();
    Ok(StatedLifetimes {
        access: stated("access_lifetime", &entry.access_lifetime, ACCESS_LIFETIMES)?,
        refresh_idle: stated("refresh_idle", &entry.refresh_idle, REFRESH_LIFETIMES)?,
        refresh_absolute: stated("refresh_absolute", &entry.refresh_absolute, REFRESH_LIFETIMES)?,
    })
}

fn reach(entry: &ClientEntry) -> Result<Reach, Problem> {
    let uri = |text: &Option<String>| {
        let read = |text: &str| OutboundUri::parse(text).map_err(|_| format!("{text:?} is not a web address"));
        text.as_deref().map(read).transpose()
    };
    let reach = Reach {
        logout_uri: uri(&entry.logout_uri)?,
        signs_in_devices: entry.device,
        keys: entry.jwks.clone(),
        keys_uri: uri(&entry.jwks_uri)?,
    };
    if let Some(set) = &reach.keys
        && ClientKeys::parse(set).is_none_or(|keys| keys.is_empty())
    {
        return Err("jwks is not a set of public keys for RS256 or ES256".to_owned());
    }
    if reach.keys.is_some() && reach.keys_uri.is_some() {
        return Err("of public, jwks and jwks_uri an app has one".to_owned());
    }
    Ok(reach)
}

/// Reads a secret: Gatepost's own, or one that the app has built in.
fn secret(file: &Path) -> Result<TokenHash, Problem> {
    let text = fs::read_to_string(file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    client_secret::judge(text.trim()).map_err(|why| {
        let why = match why {
            NotASecret::Length => "it needs 32 to 256 characters",
            NotASecret::Character => "it has a space, or a character that is not ASCII",
            NotASecret::Guessable => "it can be guessed",
        };
        format!("{} holds no client secret: {why}. Make one: openssl rand -hex 32", file.display())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declared::file::File;
    use crate::domain::oidc::{
        SigningAlg,
        client::{GroupsShape, Refreshes},
    };
    use crate::{entropy::SystemEntropy, signing};

    /// Returns the first app of a file, as a client.
    fn entry(fields: &str) -> ClientEntry {
        let file = format!("[[apps]]\nslug = \"a\"\nname = \"A\"\n[apps.oidc]\n{fields}");
        File::parse(&file).unwrap().apps.remove(0).oidc.unwrap()
    }

    fn judge(fields: &str) -> Result<WantedClient, Problem> {
        let host = AppHost::parse("a.example").unwrap();
        client(&entry(fields), (&AppSlug::parse("a").unwrap(), std::slice::from_ref(&host)), Path::new("."))
    }

    #[test]
    fn a_token_that_ends_at_once_and_keys_of_a_public_app_are_refused() {
        assert!(judge("preset = \"zammad\"").is_ok());
        for (fields, why) in [
            ("jwks_uri = \"https://a.example/keys\"", "of public, jwks and jwks_uri an app has one"),
            ("refresh_idle = \"0s\"", "refresh_idle takes at least 1h, not \"0s\""),
            ("access_lifetime = \"59s\"", "access_lifetime takes at least 1m, not \"59s\""),
        ] {
            let refused = judge(&format!("preset = \"zammad\"\n{fields}"));
            assert_eq!(refused.err().as_deref(), Some(why));
        }
    }

    #[test]
    fn an_app_proves_itself_in_one_way() {
        let key = signing::make(SigningAlg::Es256, &SystemEntropy).unwrap();
        let jwks = format!("jwks = '{{\"keys\":[{}]}}'", key.jwk);
        let jwks_uri = "jwks_uri = \"https://a.example/keys\"";
        let judge = |fields: &str| judge(&format!("redirect_uris = [\"https://a.example/b\"]\n{fields}"));
        for good in [jwks.as_str(), jwks_uri] {
            assert!(judge(good).is_ok_and(|wanted| wanted.reach.has_keys()), "{good}");
        }
        for (fields, why) in [
            ("jwks = '{\"keys\":[]}'".to_owned(), "jwks is not a set of public keys for RS256 or ES256"),
            ("jwks = 'x'".to_owned(), "jwks is not a set of public keys for RS256 or ES256"),
            (format!("{jwks}\n{jwks_uri}"), "of public, jwks and jwks_uri an app has one"),
            (format!("{jwks}\npublic = true"), "of public, jwks and jwks_uri an app has one"),
            (format!("{jwks}\nsecret_file = \"x\""), "a client that signs by its own keys has no secret"),
            (format!("{jwks_uri}\nsecret_file = \"x\""), "a client that signs by its own keys has no secret"),
        ] {
            assert_eq!(judge(&fields).err().as_deref(), Some(why), "{fields}");
        }
    }

    #[test]
    fn a_file_cannot_take_pkce_and_rotation_from_a_public_app() {
        let judged = |fields: &str| rules(&entry(&format!("{fields}pkce = false\nrotates = false")), None).unwrap();
        let (public, confidential) = (judged("public = true\n"), judged(""));
        assert!(public.pkce_required && public.rotates);
        assert!(!confidential.pkce_required && !confidential.rotates);
    }

    #[test]
    fn an_app_that_differs_from_what_is_known_by_its_secret_alone_keeps_the_rest() {
        for (name, public) in [("grafana", true), ("zammad", false)] {
            let mut preset = Preset::find(name).unwrap();
            preset.algorithm = SigningAlg::Es256;
            preset.groups_claim = "roles";
            preset.groups_shape = GroupsShape::Commas;
            preset.refreshes = Refreshes::Always;
            assert_ne!(preset.rules().is_public, public);
            let rules = rules(&entry(&format!("preset = \"{name}\"\npublic = {public}")), Some(&preset)).unwrap();
            assert_eq!((rules.is_public, rules.rotates), (public, public), "{name}");
            assert!(rules.pkce_required, "{name}");
            let rest = (rules.id_token_alg, &*rules.groups_claim, rules.groups_shape, rules.refreshes);
            assert_eq!(rest, (SigningAlg::Es256, "roles", GroupsShape::Commas, Refreshes::Always), "{name}");
        }
    }
}
