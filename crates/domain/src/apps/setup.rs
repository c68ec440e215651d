//! The configuration of a known app, filled in: what an admin copies into it.

use crate::oidc::{ClientId, SigningAlg};

const DATA: &str = include_str!("setups.txt");

/// Values for the blanks of a configuration.
#[derive(Clone, Copy)]
pub struct Values<'a> {
    pub issuer: &'a str,
    /// Address that the app's server asks. It may differ from the issuer.
    pub servers: &'a str,
    pub client_id: &'a ClientId,
    /// Secret of the client, or words for it where nothing more is known of it.
    pub client_secret: &'a str,
    /// Words for a random value that the admin makes.
    pub own_secret: &'a str,
    /// Algorithm that signs the app's ID tokens.
    pub algorithm: SigningAlg,
    /// The app's address, without a slash at its end.
    pub app: &'a str,
}

/// A configuration for one app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Place for the text: a file, the environment, a page of the app.
    pub place: &'static str,
    pub text: String,
}

/// Returns the configuration of the app with this preset, if its format is known.
pub fn of(preset: &str, values: &Values<'_>) -> Option<Setup> {
    let (place, text) = sections().find(|(slug, ..)| *slug == preset).map(|(_, place, text)| (place, text))?;
    let at = |path: &str| format!("{}{path}", values.issuer);
    let behind = |path: &str| format!("{}{path}", values.servers);
    let filled = [
        ("@issuer@", values.issuer.to_owned()),
        ("@discovery@", at("/.well-known/openid-configuration")),
        ("@authorize@", at("/oidc/authorize")),
        ("@token@", behind("/oidc/token")),
        ("@userinfo@", behind("/oidc/userinfo")),
        ("@keys@", behind("/oidc/jwks.json")),
        ("@logout@", at("/oidc/logout")),
        ("@client_id@", values.client_id.as_str().to_owned()),
        ("@client_secret@", values.client_secret.to_owned()),
        ("@own_secret@", values.own_secret.to_owned()),
        ("@algorithm@", values.algorithm.into_str().to_owned()),
        ("@app@", values.app.to_owned()),
    ];
    let text = filled.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
    Some(Setup { place, text })
}

/// Returns slug, place and text of every configuration.
fn sections() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    DATA.split("\n== ").skip(1).filter_map(|section| {
        let (head, text) = section.split_once('\n')?;
        let (slug, place) = head.split_once(": ")?;
        Some((slug, place, text.trim_end()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::preset::Preset;

    /// Returns every preset that has a configuration, with it.
    fn filled() -> Vec<(Preset, Setup)> {
        let id = ClientId::parse("our-app").unwrap();
        let values = Values {
            issuer: "https://login.elm.test",
            servers: "https://inside.elm.test",
            client_id: &id,
            client_secret: "s3cret",
            own_secret: "OWN",
            algorithm: SigningAlg::Es256,
            app: "https://app.elm.test",
        };
        let filled = |slug| {
            let preset = Preset::find(slug).unwrap_or_else(|| panic!("{slug} is no preset"));
            (preset, of(slug, &values).unwrap())
        };
        assert_eq!(of("unknown", &values), None);
        sections().map(|(slug, ..)| filled(slug)).collect()
    }

    #[test]
    fn every_known_app_has_a_configuration_and_it_is_wholly_filled_in() {
        let all = filled();
        for (preset, Setup { place, text }) in &all {
            let slug = preset.slug;
            assert!(!place.is_empty() && !text.contains('@'), "{slug}: {text}");
            assert!(text.contains("our-app") && text.contains("https://login.elm.test"), "{slug}: {text}");
            for path in ["/oidc/token", "/oidc/userinfo", "/oidc/jwks.json"] {
                assert!(!text.contains(&format!("login.elm.test{path}")), "{slug}: {text}");
            }
            // An app that names it has to name that of this client.
            assert!(!text.contains("RS256"), "{slug}: {text}");
            assert!(text.contains("s3cret") || preset.authentication == "none", "{slug}: {text}");
            let foreign = text.split("https://").skip(1).find(|rest| !rest.contains(".elm.test"));
            assert_eq!(foreign, None, "{slug}: {text}");
        }
        let slugs: Vec<&str> = all.iter().map(|(preset, _)| preset.slug).collect();
        let known: Vec<&str> = Preset::all().map(|preset| preset.slug).collect();
        assert_eq!(slugs, known);
    }

    #[test]
    fn a_configuration_names_only_redirect_uris_that_its_app_registers() {
        for (preset, Setup { text, .. }) in filled() {
            let registered = preset.redirect_uris("https://app.elm.test").unwrap();
            let is_registered = |uri: &str| registered.iter().any(|known| known.as_str() == uri);
            let (mut named, mut wanted) = (Vec::new(), false);
            for line in text.lines() {
                let is_redirect = line.to_lowercase().contains("redirect") && !line.contains("BASE_URL");
                let uris = line
                    .match_indices("https://app.elm.test")
                    .map(|(at, _)| line[at..].split(['"', '\'', ' ', '\\']).next().unwrap_or_default());
                // Another address of the app is its front.
                let is_one = |uri: &&str| is_redirect || !["", "/"].contains(&&uri["https://app.elm.test".len()..]);
                named.extend(uris.filter(is_one));
                wanted |= is_redirect && line.contains("elm.test");
            }
            assert!(named.iter().all(|uri| is_registered(uri)), "{}: {named:?}", preset.slug);
            assert!(!wanted || !named.is_empty(), "{}: {text}", preset.slug);
        }
    }

    #[test]
    fn a_configuration_asks_only_for_what_its_preset_lists() {
        for (preset, Setup { text, .. }) in filled() {
            let listed: Vec<&str> = preset.scopes.split_whitespace().collect();
            for scope in ["groups", "offline_access"] {
                let is_asked = text.lines().any(|line| line.contains(scope) && line.to_lowercase().contains("scope"));
                assert!(!is_asked || listed.contains(&scope), "{}: {scope}", preset.slug);
            }
        }
    }

    /// Returns whether each line is a variable: a name in capitals, and its value.
    fn is_environment(text: &str) -> bool {
        let is_name = |name: &str| name.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_'));
        text.lines().all(|line| line.split_once('=').is_some_and(|(name, _)| !name.is_empty() && is_name(name)))
    }

    #[test]
    fn a_configuration_has_the_form_of_its_place() {
        for (preset, Setup { place, text }) in filled() {
            let has_form = match place {
                "environment" => is_environment(&text),
                "ConfigMap argocd-cm › data" => text.contains("oidc.config: |\n"),
                // Each field of a page.
                _ if place.contains('›') => text.lines().all(|line| line.contains(": ")),
                // A line of the shell that begins with a space goes on from the one before.
                "shell" => text.replace("\\\n  ", "").lines().all(|line| line.starts_with(char::is_alphabetic)),
                _ => true,
            };
            assert!(has_form, "{}, {place}: {text}", preset.slug);
        }
    }
}
