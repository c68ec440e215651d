//! A proxy's request: as the server in front has read it, or as Rocket has.
//!
//! A proxy asks for each request of each app. So the server in front judges it before Rocket copies
//! its headers, and answers an admitted one by itself.

use crate::{
    domain::{
        ClientAddress, carried_lists,
        client::{Network, client_behind},
    },
    web::cookies,
};
use hyper::header::{COOKIE, HeaderMap};
use rocket::Request;
use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

/// Parts of a proxy's request that a check reads.
pub(crate) trait ProxyRequest: Sync {
    /// Returns the address of the machine that asks. Only tests have none.
    fn peer(&self) -> Option<IpAddr>;

    /// Returns all values of a header that are text.
    fn values(&self, header: &str) -> impl Iterator<Item = &str>;

    /// Returns the value of a cookie: of several with this name, the last one.
    fn cookie(&self, name: &str) -> Option<Cow<'_, str>>;

    fn value(&self, header: &str) -> Option<&str> {
        self.values(header).next()
    }

    /// Returns whether one of the operator's proxies asks.
    fn is_of_a_proxy(&self, trusted: &[Network]) -> bool {
        self.peer().is_some_and(|peer| trusted.iter().any(|network| network.contains(peer)))
    }

    /// Returns the visitor's address, or the proxy's if it tells none.
    fn client(&self, trusted: &[Network]) -> ClientAddress {
        let peer = self.peer().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let forwarded: Vec<&str> = self.values("X-Forwarded-For").collect();
        client_behind(peer, &forwarded, trusted).unwrap_or_else(|_| ClientAddress::new(peer))
    }
}

impl ProxyRequest for Request<'_> {
    fn peer(&self) -> Option<IpAddr> {
        self.remote().map(|remote| remote.ip())
    }

    fn values(&self, header: &str) -> impl Iterator<Item = &str> {
        self.headers().get(header)
    }

    fn cookie(&self, name: &str) -> Option<Cow<'_, str>> {
        self.cookies().get(name).map(|cookie| Cow::Borrowed(cookie.value()))
    }
}

/// The head of a request, as the server in front has read it.
pub(crate) struct OnWire<'a> {
    pub remote: SocketAddr,
    pub headers: &'a HeaderMap,
}

impl ProxyRequest for OnWire<'_> {
    fn peer(&self) -> Option<IpAddr> {
        Some(self.remote.ip())
    }

    fn values(&self, header: &str) -> impl Iterator<Item = &str> {
        self.headers.get_all(header).iter().filter_map(|value| str::from_utf8(value.as_bytes()).ok())
    }

    fn cookie(&self, name: &str) -> Option<Cow<'_, str>> {
        let lines = self.headers.get_all(COOKIE).iter();
        let texts = lines.flat_map(|line| carried_lists::cookies(line.as_bytes()));
        let named = texts.filter(|text| text.starts_with(name));
        let read = named.filter_map(cookies::read).filter(|cookie| cookie.name() == name);
        read.last().map(|cookie| Cow::Owned(cookie.value().to_owned()))
    }
}
