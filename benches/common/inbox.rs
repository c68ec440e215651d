//! The emails to each recipient, and when they arrived.

use std::{
    collections::HashMap,
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

#[derive(Clone, Default)]
pub struct Inbox(Arc<(Mutex<Emails>, Condvar)>);

type Emails = HashMap<String, Vec<Email>>;

/// Arrival of an email, and its text.
type Email = (Instant, String);

impl Inbox {
    pub fn take(&self, recipient: &str, text: &str) {
        let (emails, arrival) = &*self.0;
        let email = (Instant::now(), text.to_owned());
        emails.lock().expect("a lock").entry(recipient.to_owned()).or_default().push(email);
        arrival.notify_all();
    }

    /// Waits for an email that has all these words, and removes it.
    pub fn wait_for(&self, recipient: &str, words: &[&str]) -> Option<Email> {
        let (emails, arrival) = &*self.0;
        let find = |emails: &Emails| {
            emails.get(recipient)?.iter().position(|(_, text)| words.iter().all(|word| text.contains(word)))
        };
        let emails = emails.lock().expect("a lock");
        let is_missing = |emails: &mut Emails| find(emails).is_none();
        let (mut emails, _) = arrival.wait_timeout_while(emails, Duration::from_secs(20), is_missing).expect("a lock");
        let found = find(&emails)?;
        Some(emails.get_mut(recipient)?.swap_remove(found))
    }
}
