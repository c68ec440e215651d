//! Every email that Gatepost can send, made as the outbox makes it.

use ::gatepost::{
    clock::SystemClock,
    config::{Dkim, Sender},
    domain::{Clock, EmailAddress, logo::Logos},
    entropy::SystemEntropy,
    locale::{Catalogue, Locale},
    mail::{CommonFacts, Draft, MailFacts, MailTemplates, MessageBuilder, Outgoing, Samples},
};
use std::sync::{Arc, LazyLock};

pub const BASE_URL: &str = "https://login.lindenschule.org";
/// As long as many a school's.
pub const LONG_ADDRESS: &str = "maximilian.mustermann@lindenschule.hamburg.de";

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());
static TEMPLATES: LazyLock<MailTemplates> = LazyLock::new(|| MailTemplates::embedded(CATALOGUE.clone()).unwrap());

/// Returns every language.
pub fn languages() -> &'static [Arc<Locale>] {
    CATALOGUE.locales()
}

/// Things that emails are made with.
pub struct Press {
    pub product_name: &'static str,
    pub locale: Arc<Locale>,
    pub code_in_subject: bool,
    pub dkim: Vec<Dkim>,
    pub support_address: Option<EmailAddress>,
    pub logos: Logos,
}

impl Press {
    /// Returns one for each language, English first.
    pub fn each(product_name: &'static str) -> impl Iterator<Item = Self> {
        languages().iter().map(move |locale| Self::of(product_name, locale))
    }

    fn of(product_name: &'static str, locale: &Arc<Locale>) -> Self {
        let locale = Arc::clone(locale);
        Self {
            product_name,
            locale,
            code_in_subject: false,
            dkim: Vec::new(),
            support_address: None,
            logos: Logos::default(),
        }
    }

    /// Returns all kinds with all their events.
    pub fn all(&self) -> Vec<(MailFacts, Outgoing)> {
        let letters = Samples { base_url: BASE_URL, address: LONG_ADDRESS, locale: &self.locale }.all();
        letters.into_iter().map(|mail_facts| (mail_facts.clone(), self.prints(&mail_facts))).collect()
    }

    pub fn prints(&self, mail_facts: &MailFacts) -> Outgoing {
        let support = self.support_address.as_ref();
        let common_facts = CommonFacts {
            product_name: self.product_name.into(),
            host: "login.lindenschule.org".into(),
            base_url: BASE_URL.into(),
            support_address: support.map(|support| support.as_str().into()),
            support_unicode: support.and_then(EmailAddress::in_unicode),
            accent: "#1f5f4f".into(),
            accent_text: "#ffffff".into(),
            logo: self.logos.light.is_some(),
            logo_dark: self.logos.dark.is_some(),
            links: Vec::new(),
            code_in_subject: self.code_in_subject,
        };
        let wording = TEMPLATES.render(&self.locale, &common_facts, mail_facts).unwrap();
        let sender = Sender::parse("login@lindenschule.org").unwrap();
        let message_builder = MessageBuilder::new(&sender, &self.dkim, Arc::new(SystemEntropy)).unwrap();
        let draft = Draft {
            recipient: &EmailAddress::parse(LONG_ADDRESS).unwrap(),
            wording,
            logos: self.logos.clone(),
            product_name: self.product_name,
            support_address: support,
        };
        // Dated now, because spam filters look at the date.
        message_builder.write(draft, SystemClock.now()).unwrap()
    }
}
