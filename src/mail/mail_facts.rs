//! One email before it is in words: its kind, its facts, and what is on every email.

use super::facts::Facts;
use crate::{domain::mail::MailKind, locale::Locale};
use rocket_dyn_templates::minijinja::Value;
use serde::Serialize;
use std::{any::Any, fmt, sync::Arc};

/// Facts in every email.
#[derive(Clone, Debug, Serialize)]
pub struct CommonFacts {
    pub product_name: String,
    /// The server's host name.
    pub host: String,
    /// The server's address, without a slash at its end.
    pub base_url: String,
    pub support_address: Option<String>,
    /// The same with its domain in the reader's own script, if that differs.
    pub support_unicode: Option<String>,
    /// Colour of the button, and of the text on it.
    pub accent: String,
    pub accent_text: String,
    /// True if the logo comes along, as `cid:logo`.
    pub logo: bool,
    /// True if one for a dark ground comes along, too, as `cid:logo-dark`.
    pub logo_dark: bool,
    /// Further pages: terms, privacy, and such.
    pub links: Vec<MailLink>,
    /// True if the subject names the code, if there is one.
    pub code_in_subject: bool,
}

/// A link below every email.
#[derive(Clone, Debug, Serialize)]
pub struct MailLink {
    /// The key of its name.
    pub name: &'static str,
    pub href: String,
}

/// The kind and the facts of one email. They hold links and codes that work, so `Debug` names only
/// the kind.
#[derive(Clone)]
pub struct MailFacts {
    kind: MailKind,
    facts: Arc<dyn Content>,
}

/// The facts of any kind.
trait Content: Any + Send + Sync {
    fn value(&self) -> Value;
    fn essentials(&self) -> Vec<&str>;
    fn without_place(&self) -> Arc<dyn Content>;
    fn in_a_line(&self, locale: &Locale) -> Option<String>;
    fn telling(&self, others: &[String], locale: &Locale) -> Arc<dyn Content>;
}

impl<F: Facts> Content for F {
    fn value(&self) -> Value {
        Value::from_serialize(self)
    }

    fn essentials(&self) -> Vec<&str> {
        Facts::essentials(self)
    }

    fn without_place(&self) -> Arc<dyn Content> {
        Arc::new(Facts::without_place(self.clone()))
    }

    fn in_a_line(&self, locale: &Locale) -> Option<String> {
        Facts::in_a_line(self, locale)
    }

    fn telling(&self, others: &[String], locale: &Locale) -> Arc<dyn Content> {
        Arc::new(Facts::telling(self.clone(), others, locale))
    }
}

impl MailFacts {
    pub fn new(kind: MailKind, facts: impl Facts) -> Self {
        Self { kind, facts: Arc::new(facts) }
    }

    pub const fn kind(&self) -> MailKind {
        self.kind
    }

    /// Returns the facts, if they are of this type.
    pub fn facts<F: Facts>(&self) -> Option<&F> {
        let facts: &dyn Any = &*self.facts;
        facts.downcast_ref()
    }

    /// Returns the facts for templates.
    pub fn value(&self) -> Value {
        self.facts.value()
    }

    /// Adds other events of its line, each with its time and place.
    pub fn tell_also(&mut self, others: &[Self], locale: &Locale) {
        let told: Vec<String> = others.iter().filter_map(|other| other.facts.in_a_line(locale)).collect();
        if !told.is_empty() {
            self.facts = self.facts.telling(&told, locale);
        }
    }

    /// Returns the purpose of the email: its links and its code.
    pub fn essentials(&self) -> Vec<&str> {
        self.facts.essentials()
    }

    /// Returns the same with fewer facts: see [`Facts::without_place`].
    #[must_use]
    pub fn without_place(&self) -> Self {
        Self { facts: self.facts.without_place(), ..self.clone() }
    }
}

// Without the facts, because they hold secrets.
impl fmt::Debug for MailFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailFacts({:?}, …)", self.kind)
    }
}
