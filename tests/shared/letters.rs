//! Every email that Gatepost can send, made as the outbox makes it.

use ::gatepost::{
    clock::SystemClock,
    config::{Dkim, Sender},
    domain::{Clock, EmailAddress, logo::Logo},
    entropy::SystemEntropy,
    mail::{Draft, Letter, Letterhead, MailTemplates, Outgoing, Samples, Stationery},
};
use std::sync::Arc;

pub const BASE_URL: &str = "https://login.lindenschule.org";
/// As long as many a school's.
pub const LONG_ADDRESS: &str = "maximilian.mustermann@lindenschule.hamburg.de";

/// What emails are made with.
pub struct Press {
    pub product_name: &'static str,
    pub dkim: Vec<Dkim>,
    pub support_address: Option<EmailAddress>,
    pub logo: Option<Arc<Logo>>,
}

impl Press {
    pub fn new(product_name: &'static str) -> Self {
        Self { product_name, dkim: Vec::new(), support_address: None, logo: None }
    }

    /// All kinds with all their events.
    pub fn all(&self) -> Vec<(Letter, Outgoing)> {
        let letters = Samples { base_url: BASE_URL, address: LONG_ADDRESS }.all();
        letters.into_iter().map(|letter| (letter.clone(), self.prints(&letter))).collect()
    }

    pub fn prints(&self, letter: &Letter) -> Outgoing {
        let support = self.support_address.as_ref();
        let letterhead = Letterhead {
            product_name: self.product_name.into(),
            host: "login.lindenschule.org".into(),
            base_url: BASE_URL.into(),
            support_address: support.map(|support| support.as_str().into()),
            support_unicode: support.and_then(EmailAddress::in_unicode),
            accent: "#1f5f4f".into(),
            accent_text: "#ffffff".into(),
            logo: self.logo.is_some(),
        };
        let wording = MailTemplates::embedded().unwrap().render(&letterhead, letter).unwrap();
        let sender = Sender::parse("login@lindenschule.org").unwrap();
        let stationery = Stationery::new(&sender, &self.dkim, Arc::new(SystemEntropy)).unwrap();
        let draft = Draft {
            recipient: &EmailAddress::parse(LONG_ADDRESS).unwrap(),
            wording,
            logo: self.logo.clone(),
            product_name: self.product_name,
            support_address: support,
        };
        // As of now: spam filters look at the date.
        stationery.write(draft, SystemClock.now()).unwrap()
    }
}
