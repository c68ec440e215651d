//! Known facts about how apps speak OpenID Connect, so that an admin types only an app's address.

use crate::oidc::{
    RedirectUri, SigningAlg,
    client::{ClientRules, GroupsShape, Refreshes},
    redirect_uri::NotARedirectUri,
};

const DATA: &str = include_str!("presets.tsv");

/// Paths at which apps hear of sign-outs (back-channel logout), by slug, with the documents that
/// say so. The documents were read on 2026-11-28. Nextcloud's path ends with the name in its
/// configuration.
pub const LOGOUT_PATHS: [(&str, &str, &str); 3] = [
    (
        "nextcloud",
        "/apps/user_oidc/backchannel-logout/gatepost",
        "https://pocket-id.org/docs/client-examples/nextcloud",
    ),
    (
        "synapse",
        "/_synapse/client/oidc/backchannel_logout",
        "https://github.com/element-hq/synapse/blob/develop/docs/openid.md",
    ),
    (
        "zammad",
        "/auth/openid_connect/backchannel_logout",
        "https://admin-docs.zammad.org/en/pre-release/settings/security/third-party/openid-connect.html",
    ),
];

/// Documents with which the facts about an app were compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    None,
    /// The app's own documents.
    Own,
    /// Documents of another provider of OpenID Connect.
    Provider,
}

/// Facts about one app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The name on the command line.
    pub slug: &'static str,
    pub name: &'static str,
    paths: &'static str,
    others: &'static str,
    /// Way in which its server proves who it is: `basic`, `post`, or `none`.
    pub authentication: &'static str,
    pub pkce: bool,
    /// Algorithm that signs its ID tokens.
    pub algorithm: SigningAlg,
    /// Beside `openid`.
    pub scopes: &'static str,
    pub refreshes: Refreshes,
    /// True if it signs in in a popup.
    pub popup: bool,
    pub groups_claim: &'static str,
    pub groups_shape: GroupsShape,
    pub evidence: Evidence,
    /// Address of these documents, and when they were read.
    pub source: &'static str,
    pub read_on: &'static str,
}

impl Preset {
    fn read(line: &'static str) -> Option<Self> {
        let mut fields = line.split('\t');
        let mut next = || fields.next().map(|field| if field == "-" { "" } else { field });
        let preset = Self {
            slug: next()?,
            name: next()?,
            paths: next()?,
            others: next()?,
            authentication: next()?,
            pkce: next()? == "yes",
            algorithm: next()?.parse().ok()?,
            scopes: next()?,
            refreshes: next()?.parse().ok()?,
            popup: next()? == "yes",
            groups_claim: next()?,
            groups_shape: GroupsShape::List,
            evidence: match next()? {
                "own" => Evidence::Own,
                "provider" => Evidence::Provider,
                _ => Evidence::None,
            },
            source: next()?,
            read_on: next()?,
        };
        let Some((groups_claim, shape)) = preset.groups_claim.split_once(' ') else { return Some(preset) };
        Some(Self { groups_claim, groups_shape: shape.parse().ok()?, ..preset })
    }

    /// Returns all, by slug.
    pub fn all() -> impl Iterator<Item = Self> {
        DATA.lines().filter(|line| !line.starts_with('#')).filter_map(Self::read)
    }

    pub fn find(slug: &str) -> Option<Self> {
        Self::all().find(|preset| preset.slug == slug)
    }

    /// Returns the redirect URIs of the app at this address, such as `https://grafana.example.com`.
    pub fn redirect_uris(&self, address: &str) -> Result<Vec<RedirectUri>, NotARedirectUri> {
        let address = address.strip_suffix('/').unwrap_or(address);
        let authority = address.split_once("://").map_or(address, |(_, authority)| authority);
        // A second port cannot follow the first.
        let fits = |path: &&str| !(path.starts_with(':') && authority.contains(':'));
        let here = self.paths.split_whitespace().filter(fits).map(|path| {
            let path = if path == "." { "" } else { path };
            RedirectUri::parse(&format!("{address}{path}"))
        });
        here.chain(self.others.split_whitespace().map(RedirectUri::parse)).collect()
    }

    /// Returns where the app at this address hears of sign-outs, if that is known.
    pub fn logout_uri(&self, address: &str) -> Option<String> {
        let (_, path, _) = LOGOUT_PATHS.iter().find(|(slug, ..)| *slug == self.slug)?;
        Some(format!("{}{path}", address.strip_suffix('/').unwrap_or(address)))
    }

    /// Returns how the app wants to be treated.
    pub fn rules(&self) -> ClientRules {
        let rules = ClientRules::new(self.authentication == "none");
        ClientRules {
            pkce_required: self.pkce || rules.is_public,
            refreshes: self.refreshes,
            id_token_alg: self.algorithm,
            groups_claim: self.groups_claim.to_owned(),
            groups_shape: self.groups_shape,
            ..rules
        }
    }

    /// Returns the paths of its redirect URIs, for documents.
    pub fn paths(&self) -> impl Iterator<Item = &'static str> {
        self.paths.split_whitespace().chain(self.others.split_whitespace())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::AppSlug;

    #[test]
    fn every_line_is_a_whole_preset() {
        let lines = DATA.lines().filter(|line| !line.starts_with('#'));
        let mut slugs: Vec<&str> = Vec::new();
        for line in lines {
            assert_eq!(line.split('\t').count(), 14, "{line}");
            let preset = Preset::read(line).unwrap_or_else(|| panic!("{line}"));
            assert!(AppSlug::parse(preset.slug).is_ok(), "{line}");
            assert!(["basic", "post", "none"].contains(&preset.authentication), "{line}");
            let uris = preset.redirect_uris("https://app.example.com").unwrap();
            assert!(!uris.is_empty() && uris.len() == preset.paths().count(), "{line}");
            let is_compared = preset.evidence != Evidence::None;
            assert!(preset.source.starts_with("https://") == is_compared && preset.read_on.is_empty() != is_compared);
            assert!(!line.contains("example.com"), "{line}");
            slugs.push(preset.slug);
        }
        assert!(slugs.len() >= 40, "{}", slugs.len());
        assert!(slugs.is_sorted_by(|one, next| one < next), "{slugs:?}");
    }

    #[test]
    fn a_line_may_say_in_which_shape_its_app_reads_groups() {
        let line = |claim: &str| format!("a\tA\t/cb\t-\tbasic\tno\tRS256\tgroups\tnever\tno\t{claim}\t-\t-\t-");
        let read = |claim: &str| Preset::read(line(claim).leak()).map(|preset| preset.rules());
        for (claim, shape) in [("roles", GroupsShape::List), ("roles spaces", GroupsShape::Spaces)] {
            let rules = read(claim).unwrap();
            assert_eq!((rules.groups_claim.as_str(), rules.groups_shape), ("roles", shape));
        }
        assert_eq!(read("roles tabs"), None);
    }

    /// Those that most people run.
    #[test]
    fn the_best_known_apps_are_there() {
        for slug in [
            "grafana",
            "gitea",
            "forgejo",
            "nextcloud",
            "immich",
            "paperless",
            "jellyfin",
            "vaultwarden",
            "home-assistant",
            "proxmox",
            "portainer",
            "outline",
            "mattermost",
            "gitlab",
            "miniflux",
            "audiobookshelf",
            "open-webui",
        ] {
            assert!(Preset::find(slug).is_some(), "{slug}");
        }
    }

    #[test]
    fn an_app_needs_only_its_address() {
        let immich = Preset::find("immich").unwrap();
        let uris: Vec<String> =
            immich.redirect_uris("https://photos.example.com/").unwrap().iter().map(ToString::to_string).collect();
        let expected = [
            "https://photos.example.com/auth/login",
            "https://photos.example.com/user-settings",
            "app.immich:///oauth-callback",
        ];
        assert_eq!(uris, expected);
        assert!(!immich.rules().pkce_required && Preset::find("grafana").unwrap().rules().pkce_required);
        assert!(Preset::find("unknown").is_none());
        let of = |slug, address| -> Vec<String> {
            Preset::find(slug).unwrap().redirect_uris(address).unwrap().iter().map(ToString::to_string).collect()
        };
        assert_eq!(of("proxmox", "https://pve.elm.test:8006"), ["https://pve.elm.test:8006"]);
        let both = ["https://rss.elm.test/i/oidc/", "https://rss.elm.test:443/i/oidc/"];
        assert_eq!(of("freshrss", "https://rss.elm.test"), both);
        assert_eq!(of("freshrss", "https://rss.elm.test:8443"), ["https://rss.elm.test:8443/i/oidc/"]);
        let heard = |slug| Preset::find(slug).unwrap().logout_uri("https://im.elm.test/");
        assert_eq!(heard("synapse").as_deref(), Some("https://im.elm.test/_synapse/client/oidc/backchannel_logout"));
        assert_eq!(heard("grafana"), None);
        assert!(LOGOUT_PATHS.iter().all(|(slug, ..)| Preset::find(slug).is_some()));
    }
}
