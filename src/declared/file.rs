//! The file as it is written.

use rocket::figment::{
    Figment,
    providers::{Format, Toml},
};
use serde::Deserialize;
use std::{collections::BTreeMap, path::PathBuf};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub settings: BTreeMap<String, Plain>,
    #[serde(default)]
    pub groups: Vec<GroupEntry>,
    #[serde(default)]
    pub apps: Vec<AppEntry>,
}

/// A value as TOML writes it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Plain {
    Truth(bool),
    Number(i64),
    Text(String),
    List(Vec<String>),
}

impl Plain {
    /// Returns the form in which settings are stored.
    pub(super) fn stored(&self) -> String {
        match self {
            Self::Truth(true) => "on".to_owned(),
            Self::Truth(false) => "off".to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::List(lines) => lines.join("\n"),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupEntry {
    pub name: String,
    #[serde(default)]
    pub note: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AppEntry {
    pub slug: String,
    pub name: String,
    #[serde(default)]
    pub hosts: Vec<String>,
    #[serde(default)]
    pub everyone: bool,
    #[serde(default)]
    pub groups: Vec<String>,
    #[serde(default)]
    pub public_paths: Vec<String>,
    pub requires: Option<String>,
    pub fresh_within: Option<String>,
    #[serde(default)]
    pub description: String,
    pub link: Option<String>,
    #[serde(default)]
    pub hidden: bool,
    #[serde(default)]
    pub position: i32,
    #[serde(default)]
    pub disabled: bool,
    #[serde(default)]
    pub preflights: bool,
    /// `None`: as its preset says.
    pub popup: Option<bool>,
    pub oidc: Option<ClientEntry>,
}

/// Settings by which an app speaks OpenID Connect. Omitted ones are as for a new client, or as its
/// preset says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClientEntry {
    pub client_id: Option<String>,
    pub preset: Option<String>,
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    #[serde(default)]
    pub sign_out_uris: Vec<String>,
    /// Address at which the app hears of sign-outs.
    pub logout_uri: Option<String>,
    pub public: Option<bool>,
    #[serde(default)]
    pub device: bool,
    pub pkce: Option<bool>,
    pub algorithm: Option<String>,
    pub small_id_token: Option<bool>,
    pub jwt_access_tokens: Option<bool>,
    pub groups_claim: Option<String>,
    pub groups_shape: Option<String>,
    pub name_claim: Option<String>,
    pub refresh: Option<String>,
    pub rotates: Option<bool>,
    pub third_party: Option<bool>,
    pub access_lifetime: Option<String>,
    pub refresh_idle: Option<String>,
    pub refresh_absolute: Option<String>,
    /// The public keys (JWKS) by which the app signs assertions.
    pub jwks: Option<String>,
    pub jwks_uri: Option<String>,
    /// A file that holds the secret and nothing else.
    pub secret_file: Option<PathBuf>,
}

impl File {
    /// Reads it. `Err` says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        Figment::from(Toml::string(text)).extract().map_err(|error| error.to_string())
    }
}
