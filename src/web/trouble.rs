//! One log line for each answer that went wrong, of any kind of page.
//!
//! A route notes what was wrong. `web::headers` writes the line when the answer leaves, with user,
//! client and route. The operator sees failed sign-ins, refused permissions, limits and used links
//! (ASVS 5.0, 16.3). [`Floods`] shortens a flood of them.

use super::{client, request_id::RequestId};
use crate::{
    domain::{EmailAddress, Lifetime, Timestamp},
    services::Services,
};
use rocket::{Request, Response};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Facts that are noted of one request.
#[derive(Default)]
pub struct Trouble(Mutex<Facts>);

#[derive(Clone, Default)]
struct Facts {
    /// The signed-in user, masked.
    signed_in: Option<String>,
    wrong: Option<Wrong>,
}

#[derive(Clone)]
struct Wrong {
    what: &'static str,
    /// The requested account, masked.
    account: Option<String>,
}

impl Trouble {
    pub fn of<'r>(request: &'r Request<'_>) -> &'r Self {
        request.local_cache(Self::default)
    }

    /// Notes the signed-in user.
    pub fn signed_in(&self, email: &EmailAddress) {
        self.with(|facts| facts.signed_in = Some(email.masked()));
    }

    /// Notes what is wrong, and with whose account.
    pub fn wrong(&self, what: &'static str, account: Option<&EmailAddress>) {
        self.with(|facts| facts.wrong = Some(Wrong { what, account: account.map(EmailAddress::masked) }));
    }

    fn with<T>(&self, work: impl FnOnce(&mut Facts) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes the line of an answer that went wrong.
pub fn write(request: &Request<'_>, response: &Response<'_>, floods: &Floods) {
    let Facts { signed_in, wrong } = Trouble::of(request).with(|facts| facts.clone());
    let status = response.status().code;
    let wrong = wrong.or_else(|| {
        let what = match status {
            429 => "limited",
            403 => "forbidden",
            410 => "used or expired link",
            // A signed-in user gets 404 for a page that they may not see, and for another user's
            // id.
            404 if signed_in.is_some() && request.route().is_some() => "not found or not allowed",
            _ => return None,
        };
        Some(Wrong { what, account: None })
    });
    let (Some(wrong), Some(services)) = (wrong, request.rocket().state::<Arc<Services>>()) else { return };
    let address = client::address(request).ok();
    let from = address.map(|address| address.to_string()).unwrap_or_default();
    let key = (wrong.what, address.map(|address| address.household().to_string()).unwrap_or_default());
    let admitted = floods.admit(key, services.now());
    services.metrics.log_lines_left_out.inc_by(u64::from(!admitted.write));
    if admitted.left_out > 0 {
        tracing::warn!(lines = admitted.left_out, "left out similar refusals");
    }
    if admitted.write {
        let account = wrong.account.or(signed_in).unwrap_or_default();
        let route = request.route().map_or("-", |route| route.uri.path());
        let (method, id) = (request.method().as_str(), RequestId::of(request));
        tracing::warn!(request = %id, client = from, account, what = wrong.what, method, route, status, "refused");
    }
}

/// Most lines of one kind for one client in a minute.
const MAX: u32 = 20;
/// Most pairs of kind and client that are counted apart. The rest are counted together.
const MAX_APART: usize = 4096;
const WINDOW: Lifetime = Lifetime::minutes(1);

/// Keeps a flood of refusals out of the log. It writes some lines a minute for each kind and
/// client, and counts the rest.
#[derive(Default)]
pub struct Floods(Mutex<Window>);

#[derive(Default)]
struct Window {
    began: Option<Timestamp>,
    counts: HashMap<(&'static str, String), u32>,
    left_out: u64,
}

#[derive(Debug, PartialEq, Eq)]
struct Admitted {
    write: bool,
    /// Lines that the minute before left out.
    left_out: u64,
}

impl Floods {
    fn admit(&self, key: (&'static str, String), now: Timestamp) -> Admitted {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left_out = 0;
        if window.began.is_none_or(|began| now.since(began) >= WINDOW || began > now) {
            left_out = window.left_out;
            *window = Window { began: Some(now), ..Window::default() };
        }
        let full = window.counts.len() >= MAX_APART && !window.counts.contains_key(&key);
        let count = window.counts.entry(if full { ("", String::new()) } else { key }).or_default();
        *count = count.saturating_add(1);
        let write = *count <= MAX;
        window.left_out += u64::from(!write);
        Admitted { write, left_out }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_one_client_leaves_some_lines_and_a_count_and_others_keep_theirs() {
        let floods = Floods::default();
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        let write = |client: &str, now| floods.admit(("wrong password", client.to_owned()), now).write;
        assert_eq!((0..100).filter(|_| write("192.0.2.1", at(0))).count(), 20);
        assert!(write("192.0.2.2", at(0)), "another client");
        assert!(floods.admit(("limited", "192.0.2.1".to_owned()), at(0)).write, "another kind");
        assert_eq!(floods.admit(("limited", "x".to_owned()), at(61)), Admitted { write: true, left_out: 80 });
        assert!(write("192.0.2.1", at(61)), "another minute");
    }

    #[test]
    fn many_clients_take_no_more_memory_than_some() {
        let floods = Floods::default();
        let written = (0..10_000).filter(|n| floods.admit(("limited", n.to_string()), Timestamp::from_millis(0)).write);
        assert_eq!(written.count(), MAX_APART + MAX as usize);
        assert!(floods.0.lock().unwrap().counts.len() <= MAX_APART + 1);
    }

    #[test]
    fn a_clock_that_was_set_back_silences_nothing() {
        let floods = Floods::default();
        let write = |now: i64| floods.admit(("limited", "x".to_owned()), Timestamp::from_millis(now)).write;
        assert_eq!((0..100).filter(|_| write(86_400_000)).count(), 20);
        assert!(write(0));
    }
}
