//! Connects to one of several addresses (RFC 8305, "Happy Eyeballs"). A route that swallows
//! everything, often that of IPv6, delays the next address by a moment only.

use rocket::futures::{StreamExt, stream::FuturesUnordered};
use std::{future::Future, io, net::SocketAddr, time::Duration};
use tokio::{net::TcpStream, time::timeout};

/// Time until the next address is tried beside the one before.
pub(crate) const STAGGER: Duration = Duration::from_millis(250);

/// Times of the tries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Longest time for each address.
    pub each: Duration,
    /// Time until the next address is tried beside the one before.
    pub stagger: Duration,
    /// Most addresses that are tried, of both families.
    pub most: usize,
}

/// Why no address was reached. It is the outcome of the address that ended last.
#[derive(Debug)]
pub(crate) enum Unreached {
    NoAddress,
    Late,
    Failed(io::Error),
}

/// Connects to the first of these addresses that answers.
pub(crate) async fn connect(addresses: Vec<SocketAddr>, pace: Pace) -> Result<TcpStream, Unreached> {
    first_of(by_turns(addresses), TcpStream::connect, pace).await
}

/// Alternates addresses of both families, in the order that the resolver prefers (RFC 8305 §4).
fn by_turns(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let six_first = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|address| address.is_ipv6() == six_first);
    let (mut first, mut second, mut mixed) = (first.into_iter(), second.into_iter(), Vec::new());
    loop {
        let pair = [first.next(), second.next()];
        if pair.iter().all(Option::is_none) {
            return mixed;
        }
        mixed.extend(pair.into_iter().flatten());
    }
}

/// Tries one address after the other, each a moment after the one before and each with its own
/// time. The first that connects wins.
async fn first_of<T, F>(
    addresses: Vec<SocketAddr>,
    connect: impl Fn(SocketAddr) -> F,
    pace: Pace,
) -> Result<T, Unreached>
where
    F: Future<Output = io::Result<T>>,
{
    let mut waiting = addresses.into_iter().take(pace.most);
    let mut under_way = FuturesUnordered::new();
    let mut failure = Unreached::NoAddress;
    loop {
        let next = waiting.next();
        let is_last = next.is_none();
        under_way.extend(next.map(|address| timeout(pace.each, connect(address))));
        let ended = if is_last {
            under_way.next().await
        } else {
            match timeout(pace.stagger, under_way.next()).await {
                Ok(ended) => ended,
                Err(_) => continue,
            }
        };
        match ended {
            Some(Ok(Ok(connected))) => return Ok(connected),
            Some(Ok(Err(error))) => failure = Unreached::Failed(error),
            Some(Err(_)) => failure = Unreached::Late,
            None if is_last => return Err(failure),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn both_families_are_tried_by_turns() {
        let found = addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "127.0.0.1:1"]);
        assert_eq!(by_turns(found), addresses(&["[::1]:1", "127.0.0.1:1", "[::2]:1", "[::3]:1"]));
        assert!(by_turns(Vec::new()).is_empty());
    }

    /// A route that swallows everything, before a good one.
    #[rocket::async_test]
    async fn an_address_that_never_answers_does_not_keep_the_next_one_from_being_tried() {
        // An hour for each address, so that a wait for the first one is noticed.
        let patient = Pace { each: Duration::from_secs(3600), stagger: Duration::from_millis(1), most: 9 };
        let connect =
            |address: SocketAddr| async move { if address.is_ipv6() { pending().await } else { Ok(address) } };
        let all = addresses(&["[::1]:1", "[::2]:1", "127.0.0.1:1"]);
        let found = timeout(Duration::from_secs(60), first_of(all, connect, patient)).await.unwrap();
        assert_eq!(found.unwrap(), "127.0.0.1:1".parse().unwrap());
        let short = Pace { each: Duration::from_millis(1), ..patient };
        let late = first_of(addresses(&["[::1]:1", "[::2]:1"]), connect, short).await;
        assert!(matches!(late, Err(Unreached::Late)), "{late:?}");
        let refuse = |_| async { Err::<SocketAddr, _>(io::Error::from(io::ErrorKind::ConnectionRefused)) };
        let refused = first_of(addresses(&["[::1]:1", "127.0.0.1:1"]), refuse, patient).await;
        assert!(matches!(refused, Err(Unreached::Failed(_))), "{refused:?}");
        // A name has many addresses of one family. One of the other is among the few tried.
        let many = by_turns(addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "127.0.0.1:1"]));
        let few = Pace { most: 2, ..patient };
        let found = timeout(Duration::from_secs(60), first_of(many, connect, few)).await.unwrap();
        assert_eq!(found.unwrap(), "127.0.0.1:1".parse().unwrap());
        let none = first_of(Vec::new(), refuse, patient).await;
        assert!(matches!(none, Err(Unreached::NoAddress)), "{none:?}");
    }
}
