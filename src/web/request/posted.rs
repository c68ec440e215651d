//! Fields and facts of a request, for an answer that is made after its form and guard are gone.

use crate::{
    domain::{AccountId, SessionId},
    web::query,
};
use std::sync::{
    OnceLock,
    atomic::{AtomicBool, Ordering},
};

/// Fields that never travel in the cookie.
const SECRETS: [&str; 4] = ["password", "new_password", "code", "client_secret"];

/// Fields that a page fills in itself: users type none of them.
const NOT_TYPED: [&str; 11] =
    ["account", "answer", "app", "device", "domain", "first", "resume", "return_to", "session", "then", "ticket"];

/// Facts about a request for an answer that is made after its form and guard are gone. Kept in the
/// request's cache.
#[derive(Debug, Default)]
pub struct Posted {
    fields: OnceLock<Vec<(String, String)>>,
    has_secret: AtomicBool,
    /// Set when the browser's session has ended. Holds the account, if it is known.
    pub ended: OnceLock<Option<AccountId>>,
    /// The signed-in user when the request came.
    pub signed_in: OnceLock<(SessionId, AccountId)>,
    /// True if the session ended during this request.
    pub signed_out: AtomicBool,
}

impl Posted {
    /// Notes a form without its secrets.
    pub fn note(&self, fields: &[(String, String)]) {
        let is_secret = |(name, value): &(String, String)| SECRETS.contains(&name.as_str()) && !value.is_empty();
        self.has_secret.store(fields.iter().any(is_secret), Ordering::Relaxed);
        let plain = fields.iter().filter(|(name, _)| !SECRETS.contains(&name.as_str())).cloned().collect();
        // A request has one form.
        let _ = self.fields.set(plain);
    }

    pub fn fields(&self) -> &[(String, String)] {
        self.fields.get().map_or(&[], Vec::as_slice)
    }

    /// Returns whether the user typed anything, a secret included. Hidden fields do not count.
    pub fn has_something_typed(&self) -> bool {
        let is_typed = |(name, value): &(String, String)| !NOT_TYPED.contains(&name.as_str()) && !value.is_empty();
        self.has_secret.load(Ordering::Relaxed) || self.fields().iter().any(is_typed)
    }

    /// Returns whose session has ended, before or during this request.
    pub fn whose_ended(&self) -> Option<Option<AccountId>> {
        if let Some((_, account)) = self.signed_in.get() {
            self.signed_out.store(true, Ordering::Relaxed);
            return Some(Some(*account));
        }
        self.ended.get().copied()
    }

    /// Returns what a note is bound to, so that no other session shows it.
    pub(in crate::web) fn whose(&self) -> String {
        match self.signed_in.get().filter(|_| !self.signed_out.load(Ordering::Relaxed)) {
            Some((session, _)) => format!("flash of session {session}"),
            None => "flash of no session".to_owned(),
        }
    }

    /// Returns where a form leads back to: its page, with the query that the page was opened with.
    pub fn back_to(&self, page: &str) -> String {
        let field = |name: &str| self.fields().iter().find(|(field, _)| field == name);
        match field("return_to").or_else(|| field("then")) {
            Some((name, value)) => format!("{page}?{name}={}", query::encode(value)),
            None => page.to_owned(),
        }
    }
}
