//! Options of `gatepost app add` for apps that speak OpenID Connect.

use super::{Ending, lifetimes::LifetimeOptions};
use crate::signing::ClientKeys;
use crate::{
    db::oidc_clients::Client,
    domain::{
        TokenHash,
        apps::{AppId, AppSlug, host::AppHost, preset::Preset},
        oidc::{
            ClientId, RedirectUri, SigningAlg, StatedLifetimes,
            client::{AccessTokens, ClientRules, MAX_URIS},
            client_secret::{self, NotASecret},
            redirect_uri::NotARedirectUri,
        },
        outbound::OutboundUri,
    },
};
use clap::Args;
use std::path::{Path, PathBuf};

/// Message about a wrong name of a claim.
pub(super) const NOT_A_CLAIM: &str =
    "--name-claim takes letters, digits and . _ - : /, and no name that tokens use for something else.";

const NOT_AN_ID: &str = "1 to 100 letters, digits and - . _ ~";

#[derive(Args)]
pub(super) struct ClientOptions {
    /// Address at which the app takes its answers by OpenID Connect, such as
    /// `https://wiki.example.com/callback`
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// Address to which its users may go after they sign out
    #[arg(long = "sign-out-uri", value_name = "URI")]
    sign_out_uris: Vec<String>,
    /// Address at which Gatepost tells the app that a user has signed out, such as
    /// `https://wiki.example.com/backchannel-logout`
    #[arg(long = "logout-uri", value_name = "URI")]
    pub logout_uri: Option<String>,
    /// A file with the public keys (JWKS) by which the app signs assertions, instead of a secret
    #[arg(long = "jwks", value_name = "FILE", conflicts_with_all = ["jwks_uri", "public"])]
    jwks: Option<PathBuf>,
    /// Address at which the app publishes these keys
    #[arg(long = "jwks-uri", value_name = "URI", conflicts_with = "public")]
    jwks_uri: Option<String>,
    /// Sign in devices without a browser (RFC 8628), such as a television or a program in a
    /// terminal
    #[arg(long = "device")]
    pub device: bool,
    /// The client id that the app has built in. Without it, the id is the app's short name
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// A file with the client secret that the app has built in: 32 to 256 random characters
    #[arg(long, value_name = "FILE", conflicts_with_all = ["jwks", "jwks_uri"])]
    secret_file: Option<PathBuf>,
    /// A program on users' devices, which cannot keep a secret
    #[arg(long)]
    public: bool,
    /// The app comes from a third party: users are asked before it reads anything
    #[arg(long)]
    third_party: bool,
    /// Sign its ID tokens by ES256 instead of RS256
    #[arg(long)]
    es256: bool,
    /// Make its access tokens JWTs (RFC 9068), for servers of the app that read them. They read a
    /// revoked one, too, until it expires
    #[arg(long)]
    jwt_access_tokens: bool,
    /// The name of another claim with the username, such as username, for an app that looks for it
    /// there
    #[arg(long, value_name = "NAME")]
    name_claim: Option<String>,
    #[command(flatten)]
    pub lifetimes: LifetimeOptions,
    /// Take redirect URIs and the rest from what is known of this app; docs/apps.md lists them
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// The app signs in in a popup, which must keep its opener
    #[arg(long)]
    popup: bool,
}

impl ClientOptions {
    /// Returns whether the app signs in in a popup, by its preset or by the option.
    pub(super) fn signs_in_in_a_popup(&self) -> bool {
        self.popup || self.preset.as_deref().and_then(Preset::find).is_some_and(|preset| preset.popup)
    }

    /// Returns the client, or `None` for an app that speaks no OpenID Connect.
    pub(super) fn judge(self, slug: &AppSlug, hosts: &[AppHost]) -> Result<Option<Client>, Ending> {
        let preset = self.preset.as_deref().map(find).transpose()?;
        let mut sign_in_uris = preset.map_or_else(|| Ok(Vec::new()), |preset| known(&preset, hosts))?;
        sign_in_uris.extend(self.redirect_uris.iter().map(|uri| address(uri)).collect::<Result<Vec<_>, _>>()?);
        if sign_in_uris.is_empty() {
            let has_more = self.public || self.third_party || self.es256;
            let has_more = has_more || self.device || self.jwks.is_some() || self.jwks_uri.is_some();
            let has_more = has_more || self.logout_uri.is_some() || !self.sign_out_uris.is_empty();
            let has_more = has_more || self.jwt_access_tokens || self.name_claim.is_some();
            let has_more = has_more || self.client_id.is_some() || self.secret_file.is_some();
            let has_more = has_more || self.lifetimes.stated() != StatedLifetimes::default();
            let why = "An app that speaks OpenID Connect needs --redirect-uri, or --preset with --host.";
            return if has_more || preset.is_some() { Err(Ending::Usage(why.to_owned())) } else { Ok(None) };
        }
        let mut rules = preset.map_or_else(|| ClientRules::new(self.public), |preset| preset.rules());
        if self.public && !rules.is_public {
            rules = rules.made_public();
        }
        if rules.is_public && (self.jwks.is_some() || self.jwks_uri.is_some()) {
            return Err(Ending::Usage("This preset makes the app public, and a public app has no keys.".to_owned()));
        }
        rules.is_third_party = self.third_party;
        rules.access_tokens = AccessTokens::of(self.jwt_access_tokens);
        rules.name_claim = self.name_claim;
        if !rules.names_claims_well() {
            return Err(Ending::Usage(NOT_A_CLAIM.to_owned()));
        }
        if self.es256 {
            rules.id_token_alg = SigningAlg::Es256;
        }
        if sign_in_uris.len() > MAX_URIS || self.sign_out_uris.len() > MAX_URIS {
            return Err(Ending::Usage(format!("An app takes at most {MAX_URIS} addresses of one kind.")));
        }
        let sign_out_uris = self.sign_out_uris.iter().map(|uri| address(uri)).collect::<Result<_, _>>()?;
        let id = self.client_id.as_deref().unwrap_or(slug.as_str());
        let id =
            ClientId::parse(id).map_err(|_| Ending::Usage(format!("{id:?} cannot be a client id: {NOT_AN_ID}.")))?;
        let preset = preset.map(|preset| preset.slug.to_owned());
        Ok(Some(Client { app: AppId::from_i64(0), id, rules, sign_in_uris, sign_out_uris, preset }))
    }
}

/// The keys by which an app signs assertions.
#[derive(Clone)]
pub(super) struct OwnKeys {
    pub set: Option<String>,
    pub uri: Option<OutboundUri>,
}

/// Reads the keys of an app, if it has some.
pub(super) fn keys(options: &ClientOptions) -> Result<Option<OwnKeys>, Ending> {
    if let Some(file) = &options.jwks {
        let unreadable = |error| Ending::Failed(format!("Cannot read {}: {error}.", file.display()));
        let set = std::fs::read_to_string(file).map_err(unreadable)?;
        if ClientKeys::parse(&set).is_none_or(|keys| keys.is_empty()) {
            let why = "it is not a set of public keys for RS256 or ES256";
            return Err(Ending::Usage(format!("{} cannot be used: {why}.", file.display())));
        }
        return Ok(Some(OwnKeys { set: Some(set), uri: None }));
    }
    let uri = options.jwks_uri.as_deref().map(outbound).transpose()?;
    Ok(uri.map(|uri| OwnKeys { set: None, uri: Some(uri) }))
}

/// Reads the secret that an app has built in, if it has one.
pub(super) fn secret(options: &ClientOptions) -> Result<Option<TokenHash>, Ending> {
    options.secret_file.as_deref().map(secret_in).transpose()
}

/// Reads a secret that an app has built in, from a file.
pub(super) fn secret_in(file: &Path) -> Result<TokenHash, Ending> {
    let shown = file.display();
    let text =
        std::fs::read_to_string(file).map_err(|error| Ending::Failed(format!("Cannot read {shown}: {error}.")))?;
    client_secret::judge(text.trim()).map_err(|why| {
        let why = match why {
            NotASecret::Length => "it needs 32 to 256 characters",
            NotASecret::Character => "it has a space, or a character that is not ASCII",
            NotASecret::Guessable => "it can be guessed. Gatepost stores a fast hash, which hides only random secrets",
        };
        Ending::Usage(format!("{shown} holds no client secret: {why}."))
    })
}

/// Reads where an app hears of sign-outs.
pub(super) fn logout_uri(typed: &str) -> Result<OutboundUri, Ending> {
    outbound(typed)
}

fn outbound(typed: &str) -> Result<OutboundUri, Ending> {
    OutboundUri::parse(typed).map_err(|_| {
        let why = "it begins with https:// or http://, and has no # and no name or password";
        Ending::Usage(format!("{typed:?} cannot be an address that Gatepost asks: {why}."))
    })
}

fn find(slug: &str) -> Result<Preset, Ending> {
    Preset::find(slug).ok_or_else(|| {
        let names: Vec<&str> = Preset::all().map(|preset| preset.slug).collect();
        Ending::Usage(format!("There is no preset {slug:?}. Known apps: {}.", names.join(", ")))
    })
}

/// Returns the redirect URIs of a known app at its first host.
fn known(preset: &Preset, hosts: &[AppHost]) -> Result<Vec<RedirectUri>, Ending> {
    let Some(host) = hosts.iter().find(|host| !host.is_wildcard) else { return Ok(Vec::new()) };
    let address = host.to_string();
    let address = if address.contains("://") { address } else { format!("https://{address}") };
    preset.redirect_uris(&address).map_err(|why| refusal(&address, why))
}

pub(super) fn address(typed: &str) -> Result<RedirectUri, Ending> {
    RedirectUri::parse(typed).map_err(|why| refusal(typed, why))
}

fn refusal(typed: &str, why: NotARedirectUri) -> Ending {
    let why = match why {
        NotARedirectUri::Unreadable => "it is not an address, or too long",
        NotARedirectUri::Wildcard => "it has a *; name each address separately",
        NotARedirectUri::Fragment => "it has a #",
        NotARedirectUri::UserInfo => "it holds a user's name or password",
        NotARedirectUri::Unencrypted => {
            "plain http is only for this machine: http://127.0.0.1, http://[::1], http://localhost"
        }
        NotARedirectUri::Scheme => "its scheme is not an app's own, such as app.immich:///oauth-callback",
        NotARedirectUri::Spelling => {
            "browsers would spell it differently: use lowercase letters for the host, and no dots between slashes"
        }
    };
    Ending::Usage(format!("{typed:?} cannot be an address for answers: {why}."))
}
