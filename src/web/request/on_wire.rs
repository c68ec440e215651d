//! Part of an answer that goes to the server in front without a detour through Rocket.
//!
//! Rocket hashes and copies each header of an answer, and the server in front would do both once
//! more. A check for a proxy is asked for every request of every app, and consists of headers.

use crate::web::{guarding::Guarding, request_id::RequestId};
use rocket::Request;
use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Between the parts of Rocket that make an answer and the server in front, for one request.
pub struct OnWire(Mutex<Left>);

/// Work that is left to the server in front.
#[derive(Debug)]
pub struct Left {
    /// Headers that it adds. An answer that says nothing gets all.
    pub guarding: Guarding,
    /// The name of the request, for the answer's header.
    pub request_id: Option<RequestId>,
    /// The answer's own headers.
    pub own: Vec<(&'static str, String)>,
}

/// Rocket's client in tests has no server in front.
struct Front(Option<Arc<OnWire>>);

impl OnWire {
    /// Lets the parts of Rocket that answer this request leave headers to the server in front.
    pub fn begin(request: &Request<'_>) -> Arc<Self> {
        let begun = Arc::new(Self(Mutex::new(Left { guarding: Guarding::All, request_id: None, own: Vec::new() })));
        request.local_cache(|| Front(Some(Arc::clone(&begun))));
        begun
    }

    pub(in crate::web) fn of<'r>(request: &'r Request<'_>) -> Option<&'r Self> {
        request.local_cache(|| Front(None)).0.as_deref()
    }

    /// Leaves an answer's own headers. An earlier answer to the same request was given up.
    pub(in crate::web) fn leave(&self, own: Vec<(&'static str, String)>) {
        self.lock().own = own;
    }

    pub(in crate::web) fn leave_guarding(&self, guarding: Guarding, request_id: RequestId) {
        let mut left = self.lock();
        left.guarding = guarding;
        left.request_id = Some(request_id);
    }

    /// Returns what was left.
    pub fn take(&self) -> Left {
        mem::replace(&mut *self.lock(), Left { guarding: Guarding::All, request_id: None, own: Vec::new() })
    }

    fn lock(&self) -> MutexGuard<'_, Left> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
