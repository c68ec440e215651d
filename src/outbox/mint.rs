//! Makes the secrets of an email that is about to leave, and the letter that carries them.

use super::decide::{Due, Matter};
use crate::{
    config::BaseUrl,
    db::{
        self, DbConnection, Error,
        attempts::{Leaving, LinkKind},
    },
    domain::{
        Attempt, Code, EmailAddress, Entropy, HashMemory, SecurityEvent, Settings, Timestamp, Token, TokenHash,
        code::{CodeHash, HashFault},
        gain::UNDO_LIFETIME,
        logo::Logo,
    },
    locale::Locale,
    mail::{
        Letter, Letterhead,
        letter::{
            self, AccountClosed, AddressChanged, Asked, Challenge, ConfirmAddress, Invitation, NewBrowser, News,
            PasswordChanged, Place, RecoveryBegun, ResetPassword, SAMPLE_CODE, SecurityChanged, Test,
        },
    },
};

/// A piece of a token with this many characters reveals too much.
const PIECE: usize = 8;

/// The secrets of one email, in plain form. They exist from here to the mail server and nowhere
/// else.
pub struct Secrets {
    open: Token,
    cancel: Token,
    code: Option<(Code, CodeHash)>,
    made_at: Timestamp,
}

/// What emails are written with.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    pub settings: &'a Settings,
    pub base_url: &'a BaseUrl,
    /// The language of the email.
    pub locale: &'a Locale,
    pub now: Timestamp,
}

impl Secrets {
    /// Makes the secrets. Hashing the code takes a few milliseconds, so that threads that serve
    /// requests must not call this.
    pub fn make(due: &Due, entropy: &dyn Entropy, memory: &HashMemory, now: Timestamp) -> Result<Self, HashFault> {
        let code = match &due.matter {
            Matter::SignIn(attempt) | Matter::StepUp(attempt) => match &attempt.verifier {
                Some(verifier) => {
                    let code = Code::issue(entropy);
                    let hash = code.hash(verifier, memory)?;
                    Some((code, hash))
                }
                None => None,
            },
            _ => None,
        };
        Ok(Self { open: Token::issue(entropy), cancel: Token::issue(entropy), code, made_at: now })
    }

    /// Stores the hashes of the links. They work even if the email is read before
    /// [`Self::start_life`]. Returns `false` if the email has lost its point.
    pub fn store(
        &self,
        connection: &mut DbConnection,
        due: &Due,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<bool, Error> {
        match &due.matter {
            Matter::SignIn(attempt)
            | Matter::StepUp(attempt)
            | Matter::ResetPassword(attempt)
            | Matter::ConfirmAddress { attempt, .. } => {
                let (open, cancel) = (self.open.hash(), self.cancel.hash());
                let until = now.plus(settings.link_lifetime);
                let stored = db::attempts::note_leaving(connection, attempt.id, self.leaving(&open), until)?;
                if stored {
                    db::attempts::note_link(connection, attempt.id, &cancel, LinkKind::Cancel)?;
                }
                Ok(stored)
            }
            Matter::AddressChanged(change) => {
                db::address_changes::mint_undo(connection, change.id, &self.open.hash(), now)
            }
            Matter::NewBrowser(told) => db::known_browsers::mint(connection, told.browser, &self.open.hash()),
            Matter::RecoveryBegun(recovery) => db::recoveries::mint_cancel(connection, recovery.id, &self.open.hash()),
            Matter::PasswordChanged(_) | Matter::SecurityChanged { .. } => match due.undoes {
                Some(gain) => db::gains::mint(connection, gain, &self.open.hash()),
                None => Ok(true),
            },
            Matter::Invitation { .. } | Matter::AccountClosed | Matter::Test { .. } => Ok(true),
        }
    }

    /// Returns whether a newer email of the same attempt has arrived. A copy of this one would then
    /// carry an invalid link.
    pub fn are_overtaken(&self, connection: &mut DbConnection, due: &Due) -> Result<bool, Error> {
        let Some(attempt) = due.attempt() else { return Ok(false) };
        db::attempts::is_overtaken(connection, attempt.id, self.made_at)
    }

    /// Starts the link's lifetime, because the mail server has accepted the email.
    pub fn start_life(
        &self,
        connection: &mut DbConnection,
        due: &Due,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some(attempt) = due.attempt() else { return Ok(()) };
        let until = now.plus(settings.link_lifetime);
        db::attempts::start_life(connection, attempt.id, self.leaving(&self.open.hash()), until)
    }

    /// Keeps link and code valid while the mail server is slow or may have the email.
    pub fn keep(&self, connection: &mut DbConnection, due: &Due, until: Timestamp) -> Result<(), Error> {
        let Some(attempt) = due.attempt() else { return Ok(()) };
        db::attempts::keep_leaving(connection, attempt.id, &self.open.hash(), until)
    }

    /// Invalidates what the email carried, because the mail server does not have it.
    pub fn take_back(&self, connection: &mut DbConnection, due: &Due) -> Result<(), Error> {
        let Some(attempt) = due.attempt() else { return Ok(()) };
        db::attempts::forget_leaving(connection, attempt.id, &self.open.hash())
    }

    fn leaving<'a>(&'a self, token: &'a TokenHash) -> Leaving<'a> {
        Leaving { token, code: self.code.as_ref().map(|(_, hash)| hash), made_at: self.made_at }
    }

    /// Returns the mail server's answer without the secrets, because a refusal may quote the email.
    pub fn struck_from(&self, reply: &str) -> String {
        let mut reply = reply.to_owned();
        for token in [self.open.reveal(), self.cancel.reveal()] {
            reply = reply.replace(&token, "…");
            // Also pieces, where the server cut a line or inserted an escape.
            for start in 0..=token.len().saturating_sub(PIECE) {
                if let Some(piece) = token.get(start..start + PIECE) {
                    reply = reply.replace(piece, "…");
                }
            }
        }
        if let Some((code, _)) = &self.code {
            let dashed = code.reveal();
            reply = reply.replace(&dashed, "…").replace(&dashed.replace('-', ""), "…");
        }
        reply
    }

    /// Puts the email into words.
    pub fn letter(&self, due: &Due, desk: &Desk<'_>) -> Letter {
        let Desk { base_url, locale, .. } = *desk;
        let place = || Place::of(due.mail.from.as_ref(), locale);
        let link = |path: &str, token: &Token| base_url.join(&format!("{path}?token={}", token.reveal()));
        let challenge = |attempt: &Attempt| Challenge {
            link: link("/auth/verify", &self.open),
            cancel_link: link("/auth/cancel", &self.cancel),
            code: self.code.as_ref().map(|(code, _)| code.reveal()).unwrap_or_default(),
            asked: asked(attempt, desk),
        };
        let undo_link = due.undoes.map(|_| link("/auth/undo", &self.open));
        match &due.matter {
            Matter::SignIn(attempt) => Letter::SignIn(challenge(attempt)),
            Matter::StepUp(attempt) => Letter::StepUp(challenge(attempt)),
            Matter::ConfirmAddress { attempt, old_address } => Letter::ConfirmAddress(ConfirmAddress {
                link: link("/auth/verify", &self.open),
                cancel_link: link("/auth/cancel", &self.cancel),
                old: old_address.into(),
                asked: asked(attempt, desk),
            }),
            Matter::AddressChanged(change) => Letter::AddressChanged(AddressChanged {
                new: (&change.new_email).into(),
                changed_at: locale.moment(change.changed_at),
                place: place(),
                undo_link: link("/auth/undo", &self.open),
                undo_lifetime: locale.span(UNDO_LIFETIME),
            }),
            Matter::ResetPassword(attempt) => Letter::ResetPassword(ResetPassword {
                link: link("/auth/reset", &self.open),
                cancel_link: link("/auth/cancel", &self.cancel),
                asked: asked(attempt, desk),
            }),
            Matter::PasswordChanged(event) => Letter::PasswordChanged(PasswordChanged {
                news: News::of(*event, locale),
                changed_at: locale.moment(due.mail.created_at),
                place: place(),
                reset_link: base_url.join("/password/forgot"),
                undo_link,
                undo_lifetime: locale.span(UNDO_LIFETIME),
            }),
            Matter::SecurityChanged { event, about, least_password } => Letter::SecurityChanged(SecurityChanged {
                news: News::of(*event, locale),
                left: event.and_then(SecurityEvent::left),
                about: about.as_ref().map(|about| letter::about(about, locale)),
                least_password: *least_password,
                changed_at: locale.moment(due.mail.created_at),
                place: place(),
                security_link: base_url.join("/account/security"),
                undo_link,
                undo_lifetime: locale.span(UNDO_LIFETIME),
            }),
            Matter::NewBrowser(told) => Letter::NewBrowser(NewBrowser {
                signed_in_at: locale.moment(due.mail.created_at),
                place: place(),
                methods: letter::methods(&told.methods, locale),
                end_link: link("/auth/new-browser", &self.open),
                end_lifetime: locale.span(UNDO_LIFETIME),
                others: Vec::new(),
            }),
            Matter::RecoveryBegun(recovery) => Letter::RecoveryBegun(RecoveryBegun {
                asked_by: recovery.asked_by.as_str(),
                asked_at: locale.moment(recovery.asked_at),
                place: place(),
                due_at: locale.moment(recovery.due_at),
                cancel_link: link("/auth/recovery", &self.open),
            }),
            Matter::Invitation { inviter } => {
                Letter::Invitation(Invitation { inviter: unlinked(inviter), login_link: base_url.join("/login") })
            }
            Matter::AccountClosed => {
                Letter::AccountClosed(AccountClosed { closed_at: locale.moment(due.mail.created_at), place: place() })
            }
            Matter::Test { asked_by } => Letter::Test(Test {
                asked_by: unlinked(asked_by),
                asked_at: locale.moment(desk.now),
                login_link: base_url.join("/login"),
                code: SAMPLE_CODE,
            }),
        }
    }
}

/// Returns a stored address as an email to another user may show it.
fn unlinked(address: &str) -> String {
    EmailAddress::parse(address).map_or_else(|_| address.to_owned(), |address| address.unlinked())
}

fn asked(attempt: &Attempt, desk: &Desk<'_>) -> Asked {
    Asked {
        browser: desk.locale.browser(&attempt.browser),
        client: attempt.client.map(|client| client.to_string()),
        asked_at: desk.locale.moment(attempt.mail_asked_at),
        lifetime: desk.locale.span(desk.settings.link_lifetime),
    }
}

/// Returns what is on every email.
pub fn letterhead(settings: &Settings, base_url: &BaseUrl, logo: Option<&Logo>) -> Letterhead {
    Letterhead {
        product_name: settings.product_name.clone(),
        host: base_url.host().to_owned(),
        base_url: base_url.origin().to_owned(),
        support_unicode: settings.support_address.as_ref().and_then(EmailAddress::in_unicode),
        support_address: settings.support_address.as_ref().map(|address| address.as_str().to_owned()),
        accent: settings.accent_colour.to_string(),
        accent_text: settings.accent_colour.text_upon().to_owned(),
        logo: logo.is_some(),
        code_in_subject: settings.code_in_subject,
    }
}
