//! Gathers the facts of an email that is about to leave.

use super::{
    draft::{Draft, WritingContext},
    due::Due,
    secrets::Secrets,
};
use crate::{
    config::BaseUrl,
    domain::{EmailAddress, Settings, logo::Logos},
    mail::{CommonFacts, MailFacts, MailLink},
};

/// Gathers the facts of an email.
pub(super) fn mail_facts(due: &Due, secrets: &Secrets, context: &WritingContext<'_>) -> MailFacts {
    due.loaded.mail_facts(&Draft { mail: &due.mail, recipient: &due.recipient, secrets, context })
}

/// Returns what is on every email.
pub fn common_facts(settings: &Settings, base_url: &BaseUrl, logos: &Logos) -> CommonFacts {
    CommonFacts {
        product_name: settings.product_name.clone(),
        host: base_url.host().to_owned(),
        base_url: base_url.origin().to_owned(),
        support_unicode: settings.support_address.as_ref().and_then(EmailAddress::in_unicode),
        support_address: settings.support_address.as_ref().map(|address| address.as_str().to_owned()),
        accent: settings.accent_colour.to_string(),
        accent_text: settings.accent_colour.text_upon().to_owned(),
        logo: logos.light.is_some(),
        logo_dark: logos.dark.is_some(),
        links: settings.links().map(|(name, page)| MailLink { name, href: page.as_str().to_owned() }).collect(),
        code_in_subject: settings.code_in_subject,
    }
}
