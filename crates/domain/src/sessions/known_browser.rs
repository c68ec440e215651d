//! Browsers in which an account has signed in before. Gatepost emails its owner about a sign-in in
//! any other browser.

use crate::{AccountId, BrowserLabel, ClientAddress, Id, Lifetime, Method, Timestamp, gain::UNDO_LIFETIME};

/// Time that a browser stays known after its last sign-in. Browsers keep no cookie for longer.
pub const LIFETIME: Lifetime = Lifetime::days(400);

pub type KnownBrowserId = Id<KnownBrowser>;

/// A browser of an account. The browser's cookie has its secret, the database has the hash.
#[derive(Clone, Debug)]
pub struct KnownBrowser {
    pub id: KnownBrowserId,
    pub account_id: AccountId,
    /// The browser's label at its first sign-in, and where that came from.
    pub browser: BrowserLabel,
    pub client: Option<ClientAddress>,
    pub first_used_at: Timestamp,
    pub last_used_at: Timestamp,
    /// Time at which it was signed out from elsewhere. It counts as new since then.
    pub signed_out_at: Option<Timestamp>,
}

impl KnownBrowser {
    /// Returns whether the link in the email about its first sign-in still works.
    pub fn has_link(&self, now: Timestamp) -> bool {
        now.since(self.first_used_at) < UNDO_LIFETIME
    }
}

/// Facts of the email about a first sign-in: the browser and the methods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstSignIn {
    pub browser: KnownBrowserId,
    pub methods: Vec<Method>,
}

impl FirstSignIn {
    /// Beginning of the stored form.
    pub const PREFIX: &str = "new_browser:";

    /// Returns the stored form.
    pub fn note(&self) -> String {
        let methods: Vec<_> = self.methods.iter().map(|method| method.into_str()).collect();
        format!("{}{}:{}", Self::PREFIX, self.browser, methods.join("+"))
    }

    /// Reads the stored form, without methods that only a newer version knows.
    pub fn parse(note: &str) -> Option<Self> {
        let (browser, methods) = note.strip_prefix(Self::PREFIX)?.split_once(':')?;
        Some(Self {
            browser: browser.parse().ok()?,
            methods: methods.split('+').filter_map(|name| name.parse().ok()).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SecurityEvent, mail::MailKind};

    #[test]
    fn a_first_sign_in_reads_back_as_it_was_stored() {
        let told = FirstSignIn { browser: KnownBrowserId::from_i64(7), methods: vec![Method::Password, Method::Totp] };
        assert_eq!(told.note(), "new_browser:0000000000000007:password+totp");
        assert_eq!(FirstSignIn::parse(&told.note()), Some(told.clone()));
        let newer = FirstSignIn::parse("new_browser:0000000000000007:password+telepathy");
        assert_eq!(newer.map(|newer| newer.methods), Some(vec![Method::Password]));
        for note in ["", "new_browser:", "new_browser:7:password", "totp_added"] {
            assert_eq!(FirstSignIn::parse(note), None, "{note}");
        }
    }

    #[test]
    fn a_node_of_the_version_before_reads_news_about_security_that_it_does_not_know() {
        let told = FirstSignIn { browser: KnownBrowserId::from_i64(7), methods: vec![Method::Passkey] };
        let stored = MailKind::NewBrowser.stored();
        assert_eq!(MailKind::parse(stored), Some(MailKind::SecurityChanged));
        assert_eq!(SecurityEvent::parse(MailKind::SecurityChanged, &told.note()), None);
        assert_eq!(MailKind::of_stored(stored, &told.note()), Some(MailKind::NewBrowser));
        for &kind in <MailKind as strum::VariantArray>::VARIANTS {
            let is_marked = kind.stored() != kind.as_str();
            let note = if is_marked { kind.note("0000000000000001:password") } else { "totp_added".into() };
            assert_eq!(MailKind::of_stored(kind.stored(), &note), Some(kind));
        }
    }

    #[test]
    fn its_link_works_for_seven_days() {
        let at = Timestamp::from_millis(1_000_000);
        let browser = KnownBrowser {
            id: KnownBrowserId::from_i64(1),
            account_id: AccountId::from_i64(2),
            browser: BrowserLabel::from_user_agent("Firefox"),
            client: None,
            first_used_at: at,
            last_used_at: at.plus(Lifetime::days(100)),
            signed_out_at: None,
        };
        let end = at.plus(Lifetime::days(7));
        assert!(browser.has_link(at) && browser.has_link(end.minus(Lifetime::millis(1))) && !browser.has_link(end));
    }
}
