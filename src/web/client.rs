//! Where a request comes from: the peer's address, or behind proxies that the operator trusts, the one they vouch for.

use crate::{
    domain::{
        BrowserLabel, ClientAddress,
        client::{MalformedForwarding, Network, client_behind},
    },
    services::Services,
};
use rocket::Request;
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

/// The client's address. Rocket's own idea of it is not used: by default that believes a header from anybody.
pub fn address(request: &Request<'_>) -> Result<ClientAddress, MalformedForwarding> {
    // Only Rocket's local client, in tests, has no peer.
    let peer = request.remote().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |remote| remote.ip());
    let trusted: &[Network] =
        request.rocket().state::<Arc<Services>>().map_or(&[], |services| &services.config.trusted_proxies);
    let forwarded: Vec<&str> = request.headers().get("X-Forwarded-For").collect();
    client_behind(peer, &forwarded, trusted)
}

/// The browser, in words of ours.
pub fn browser(request: &Request<'_>) -> BrowserLabel {
    BrowserLabel::from_user_agent(request.headers().get_one("User-Agent").unwrap_or(""))
}
