//! The configuration of a known app, filled in: what an admin copies into it.

use crate::oidc::{ClientId, SigningAlg};

const DATA: &str = include_str!("setups.txt");

/// What is filled in.
#[derive(Clone, Copy)]
pub struct Values<'a> {
    pub issuer: &'a str,
    /// Where the app's server asks, which may be another address.
    pub servers: &'a str,
    pub client_id: &'a ClientId,
    /// Where nothing more is known of the secret, words for it.
    pub client_secret: &'a str,
    /// How the app's ID tokens are signed.
    pub algorithm: SigningAlg,
    /// The app's address, without a slash at its end.
    pub app: &'a str,
}

/// A configuration for one app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Where it goes: a file, the environment, a page of the app.
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
        ("@logout@", at("/oidc/logout")),
        ("@client_id@", values.client_id.as_str().to_owned()),
        ("@client_secret@", values.client_secret.to_owned()),
        ("@algorithm@", values.algorithm.as_str().to_owned()),
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

    #[test]
    fn every_configuration_is_of_a_known_app_and_wholly_filled_in() {
        let id = ClientId::parse("our-app").unwrap();
        let values = Values {
            issuer: "https://login.elm.test",
            servers: "https://inside.elm.test",
            client_id: &id,
            client_secret: "s3cret",
            algorithm: SigningAlg::Es256,
            app: "https://app.elm.test",
        };
        let mut slugs: Vec<&str> = sections().map(|(slug, ..)| slug).collect();
        for slug in &slugs {
            let preset = Preset::find(slug).unwrap_or_else(|| panic!("{slug} is no preset"));
            let Setup { place, text } = of(slug, &values).unwrap();
            assert!(!place.is_empty() && !text.contains('@'), "{slug}: {text}");
            assert!(text.contains("our-app") && text.contains("https://login.elm.test"), "{slug}: {text}");
            for path in ["/oidc/token", "/oidc/userinfo"] {
                assert!(!text.contains(&format!("login.elm.test{path}")), "{slug}: {text}");
            }
            // An app that names it has to name that of this client.
            assert!(!text.contains("RS256"), "{slug}: {text}");
            assert!(text.contains("s3cret") || preset.authentication == "none", "{slug}: {text}");
            let foreign = text.split("https://").skip(1).find(|rest| !rest.contains(".elm.test"));
            assert_eq!(foreign, None, "{slug}: {text}");
        }
        let count = slugs.len();
        slugs.sort_unstable();
        slugs.dedup();
        assert!(slugs.len() == count && count >= 16, "{slugs:?}");
        assert_eq!(of("unknown", &values), None);
    }
}
