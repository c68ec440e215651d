//! Options of `gatepost app change` for apps that speak OpenID Connect.

use super::{Ending, client, lifetimes::LifetimeOptions};
use crate::{
    apps,
    db::{self, Error, Tx},
    domain::{
        apps::Registered,
        oidc::{
            RedirectUri, StatedLifetimes,
            claims::is_free,
            client::{AccessTokens, MAX_URIS},
        },
        outbound::OutboundUri,
    },
};
use clap::Args;

#[derive(Args)]
pub(super) struct ClientChangeOptions {
    /// Address at which it takes its answers by OpenID Connect, in place of all such addresses
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// Address to which its users may go after they sign out, in place of all such addresses
    #[arg(long = "sign-out-uri", value_name = "URI")]
    sign_out_uris: Vec<String>,
    /// Address at which Gatepost tells the app that a user has signed out
    #[arg(long = "logout-uri", value_name = "URI", conflicts_with = "no_logout_uri")]
    logout_uri: Option<String>,
    /// Tell the app of no sign-out
    #[arg(long)]
    no_logout_uri: bool,
    /// Make its access tokens JWTs (RFC 9068), for servers of the app that read them
    #[arg(long, conflicts_with = "opaque_access_tokens")]
    jwt_access_tokens: bool,
    /// Make its access tokens random again
    #[arg(long)]
    opaque_access_tokens: bool,
    /// The name of another claim with the username, for an app that looks for it there
    #[arg(long, value_name = "NAME", conflicts_with = "no_name_claim")]
    name_claim: Option<String>,
    /// Have no such claim
    #[arg(long)]
    no_name_claim: bool,
    /// Have each of its refresh tokens work once
    #[arg(long, conflicts_with = "keep_refresh_tokens")]
    rotate_refresh_tokens: bool,
    /// Have a refresh token work until it expires. Those of a program on users' devices work once
    /// all the same
    #[arg(long)]
    keep_refresh_tokens: bool,
    #[command(flatten)]
    lifetimes: LifetimeOptions,
}

/// Changes of an app as a client of OpenID Connect.
#[derive(Clone)]
pub(super) struct ClientChange {
    redirect_uris: Vec<RedirectUri>,
    sign_out_uris: Vec<RedirectUri>,
    /// The inner `None` takes the address away.
    logout_uri: Option<Option<OutboundUri>>,
    access_tokens: Option<AccessTokens>,
    /// The inner `None` takes the claim away.
    name_claim: Option<Option<String>>,
    rotates: Option<bool>,
    lifetimes: StatedLifetimes,
}

/// Outcome of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    Done,
    /// The app speaks no OpenID Connect.
    NoClient,
    /// The claim has the name of the one for groups.
    ClaimTaken,
}

impl ClientChangeOptions {
    fn name_claim(&self) -> Result<Option<Option<String>>, Ending> {
        match &self.name_claim {
            Some(name) if !is_free(name) => Err(Ending::Usage(client::NOT_A_CLAIM.to_owned())),
            name => Ok((self.no_name_claim || name.is_some()).then(|| name.clone())),
        }
    }

    pub(super) fn judge(&self) -> Result<ClientChange, Ending> {
        let logout_uri = self.logout_uri.as_deref().map(client::logout_uri).transpose()?;
        let has_rotation = self.rotate_refresh_tokens || self.keep_refresh_tokens;
        let has_kind = self.jwt_access_tokens || self.opaque_access_tokens;
        Ok(ClientChange {
            redirect_uris: addresses(&self.redirect_uris)?,
            sign_out_uris: addresses(&self.sign_out_uris)?,
            logout_uri: (self.no_logout_uri || logout_uri.is_some()).then_some(logout_uri),
            name_claim: self.name_claim()?,
            access_tokens: has_kind.then_some(AccessTokens::of(self.jwt_access_tokens)),
            rotates: has_rotation.then_some(self.rotate_refresh_tokens),
            lifetimes: self.lifetimes.stated(),
        })
    }
}

impl ClientChange {
    pub(super) fn is_none(&self) -> bool {
        let has_addresses = !self.redirect_uris.is_empty() || !self.sign_out_uris.is_empty();
        let has_more = self.logout_uri.is_some() || self.access_tokens.is_some() || self.name_claim.is_some();
        !has_addresses && !has_more && self.rotates.is_none() && self.lifetimes == StatedLifetimes::default()
    }

    pub(super) fn store(&self, tx: &mut Tx<'_>, app: &Registered) -> Result<Stored, Error> {
        let Some(mut client) = db::oidc_clients::of_app(tx.connection, app.app.id)? else {
            return Ok(Stored::NoClient);
        };
        if !self.redirect_uris.is_empty() {
            client.sign_in_uris.clone_from(&self.redirect_uris);
        }
        if !self.sign_out_uris.is_empty() {
            client.sign_out_uris.clone_from(&self.sign_out_uris);
        }
        if let Some(kind) = self.access_tokens {
            client.rules.access_tokens = kind;
        }
        if let Some(rotates) = self.rotates {
            client.rules.rotates = rotates || client.rules.is_public;
        }
        if let Some(name) = &self.name_claim {
            client.rules.name_claim.clone_from(name);
        }
        if !client.rules.names_claims_well() {
            return Ok(Stored::ClaimTaken);
        }
        client.rules = self.lifetimes.instead(client.rules);
        let mut reach = db::oidc_reach::reach(tx.connection, app.app.id)?;
        if let Some(uri) = &self.logout_uri {
            reach.logout_uri.clone_from(uri);
        }
        let is_there = apps::change_client(tx, (&client, Some(&reach)), &app.app.slug)?;
        Ok(if is_there { Stored::Done } else { Stored::NoClient })
    }
}

/// Reads addresses of one kind, each once.
fn addresses(typed: &[String]) -> Result<Vec<RedirectUri>, Ending> {
    let mut all: Vec<RedirectUri> = Vec::new();
    for typed in typed {
        let uri = client::address(typed)?;
        if !all.contains(&uri) {
            all.push(uri);
        }
    }
    if all.len() > MAX_URIS {
        return Err(Ending::Usage(format!("An app takes at most {MAX_URIS} addresses of one kind.")));
    }
    Ok(all)
}
