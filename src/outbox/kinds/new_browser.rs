//! A sign-in in a browser not seen before.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Method,
        gain::UNDO_LIFETIME,
        known_browser::FirstSignIn,
        mail::{MailKind, MailReason},
    },
    locale::Locale,
    mail::{
        Facts, MailFacts, Samples,
        words::{self, Place},
    },
    outbox::{
        decision_context::DecisionContext,
        draft::Draft,
        due::Verdict,
        kind::{Decide, Kind},
        loaded_mail::{Link, LoadedMail},
    },
};
use serde::Serialize;

pub(super) const KIND: Kind = Kind { samples, decide: Decide::Own(decide) };

#[derive(Clone, Serialize)]
pub struct NewBrowser {
    pub signed_in_at: String,
    #[serde(flatten)]
    pub place: Place,
    /// By what the user signed in, in words.
    pub methods: String,
    /// Signs that browser out.
    pub end_link: String,
    pub end_lifetime: String,
    /// Other sign-ins in new browsers that the same email tells, each in lines of words.
    pub others: Vec<String>,
}

impl Facts for NewBrowser {
    fn essentials(&self) -> Vec<&str> {
        vec![&self.end_link]
    }

    fn without_place(self) -> Self {
        Self { place: Place::default(), others: Vec::new(), ..self }
    }

    fn in_a_line(&self, locale: &Locale) -> Option<String> {
        let browser = self.place.browser.iter().map(|browser| locale.say("mail-browser").with("browser", browser));
        let client = self.place.client_place.iter().map(|client| locale.say("mail-address").with("address", client));
        let time = locale.say("mail-time").with("at", &self.signed_in_at);
        let methods = locale.say("mail-methods").with("methods", &self.methods);
        let facts: Vec<_> = browser.chain(client).chain([time, methods]).map(|fact| fact.to_string()).collect();
        Some(facts.join("\n"))
    }

    fn telling(self, others: &[String], _locale: &Locale) -> Self {
        Self { others: others.to_vec(), ..self }
    }
}

fn samples(of: Samples<'_>) -> Vec<MailFacts> {
    let one = |place| {
        let new = NewBrowser {
            signed_in_at: of.now(),
            place,
            methods: words::methods(&[Method::Password, Method::Totp], of.locale),
            end_link: of.link("/auth/new-browser"),
            end_lifetime: of.locale.span(UNDO_LIFETIME),
            others: Vec::new(),
        };
        MailFacts::new(MailKind::NewBrowser, new)
    };
    let mut several = one(of.place());
    several.tell_also(&[one(of.known_place())], of.locale);
    vec![one(of.place()), several]
}

fn decide(context: &mut DecisionContext<'_>) -> Result<Verdict, Error> {
    let told = FirstSignIn::parse(&context.mail.note).ok_or_else(|| Error::unreadable("first sign-in"))?;
    if !context.settings.browser_emails_enabled {
        return Ok(Verdict::Drop(MailReason::BrowserEmailsOff));
    }
    Ok(match db::known_browsers::get(context.connection, told.browser)? {
        Some(_) => context.send_as_queued(SignedIn(told)),
        None => Verdict::Drop(MailReason::BrowserForgotten),
    })
}

struct SignedIn(FirstSignIn);

impl LoadedMail for SignedIn {
    fn mail_facts(&self, draft: &Draft<'_>) -> MailFacts {
        draft.mail_facts(NewBrowser {
            signed_in_at: draft.happened_at(),
            place: draft.place(),
            methods: words::methods(&self.0.methods, draft.context.locale),
            end_link: draft.open_link("/auth/new-browser"),
            end_lifetime: draft.undo_lifetime(),
            others: Vec::new(),
        })
    }

    fn store(&self, connection: &mut DbConnection, link: &Link<'_>) -> Result<bool, Error> {
        db::known_browsers::mint(connection, self.0.browser, &link.token)
    }
}
