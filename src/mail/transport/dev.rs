//! For developers: emails stay in memory, and `/dev/mailbox` shows them. Only on a loopback base
//! URL.

use crate::{
    domain::logo::Logos,
    mail::{
        message::{Outgoing, with_pictures},
        templates::Wording,
    },
};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Beginning of the answer to a kept email.
const KEPT_AS: &str = "kept as number ";
/// Most emails that are kept.
const MAX: usize = 200;

/// The newest emails, newest first.
#[derive(Clone, Default)]
pub struct DevMailbox(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    mails: VecDeque<DevMail>,
    count: u64,
}

#[derive(Clone)]
pub struct DevMail {
    /// Counts from one, in the order of sending.
    pub number: u64,
    pub recipient: String,
    pub wording: Wording,
    pub logos: Logos,
    pub source: Vec<u8>,
}

impl DevMail {
    /// Returns the HTML part with its logos, as a page.
    pub fn page(&self) -> String {
        with_pictures(&self.wording.html, &self.logos)
    }
}

impl DevMailbox {
    pub fn mails(&self) -> Vec<DevMail> {
        self.lock().mails.iter().cloned().collect()
    }

    pub fn mail(&self, number: u64) -> Option<DevMail> {
        self.lock().mails.iter().find(|mail| mail.number == number).cloned()
    }

    /// Deletes all emails. The next one gets the next number.
    pub fn clear(&self) {
        self.lock().mails.clear();
    }

    /// Returns the number in an answer of this mailbox.
    pub fn number_in(answer: &str) -> Option<u64> {
        answer.strip_prefix(KEPT_AS)?.parse().ok()
    }

    pub(super) fn keep(&self, mail: &Outgoing) -> String {
        let mut kept = self.lock();
        kept.count += 1;
        let number = kept.count;
        kept.mails.push_front(DevMail {
            number,
            recipient: mail.recipient.as_str().to_owned(),
            wording: mail.wording.clone(),
            logos: mail.logos.clone(),
            source: mail.bytes.clone(),
        });
        kept.mails.truncate(MAX);
        format!("{KEPT_AS}{number}")
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
