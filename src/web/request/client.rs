//! Origin of a request: the peer's address, or the address that the operator's trusted proxies
//! report.

use crate::{
    domain::{
        ClientAddress,
        client::{MalformedForwarding, Network, client_behind},
    },
    services::Services,
};
use rocket::Request;
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

/// Returns the client's address. Rocket's own notion is not used, because by default it trusts a
/// header from every client.
pub fn address(request: &Request<'_>) -> Result<ClientAddress, MalformedForwarding> {
    // Only Rocket's local client, in tests, has no peer.
    let peer = request.remote().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |remote| remote.ip());
    let trusted: &[Network] =
        request.rocket().state::<Arc<Services>>().map_or(&[], |services| &services.config.trusted_proxies);
    let forwarded: Vec<&str> = request.headers().get("X-Forwarded-For").collect();
    client_behind(peer, &forwarded, trusted)
}

/// Returns what the browser calls itself.
pub fn user_agent<'r>(request: &'r Request<'_>) -> &'r str {
    request.headers().get_one("User-Agent").unwrap_or("")
}
