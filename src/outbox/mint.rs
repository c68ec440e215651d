//! Making the secrets of a mail that is about to leave, and the letter that carries them.

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
    mail::{
        Letter, Letterhead,
        letter::{
            AccountClosed, AddressChanged, Asked, Challenge, ConfirmAddress, Invitation, News, PasswordChanged, Place,
            RecoveryBegun, ResetPassword, SAMPLE_CODE, SecurityChanged, Test,
        },
    },
};

/// Characters of a token that are too many to be told.
const PIECE: usize = 8;

/// The secrets of one mail, in plain form; they live from here to the mail server and nowhere else.
pub struct Secrets {
    open: Token,
    cancel: Token,
    code: Option<(Code, CodeHash)>,
    made_at: Timestamp,
}

impl Secrets {
    /// Takes a few milliseconds for the code's hash: not for a thread that serves requests.
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

    /// Notes whose links these are, so that they open what they are for even if the email is read before [`Self::start_life`]. `false` if the
    /// email has lost its point.
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
            Matter::RecoveryBegun(recovery) => db::recoveries::mint_cancel(connection, recovery.id, &self.open.hash()),
            Matter::PasswordChanged(_) | Matter::SecurityChanged { .. } => match due.undoes {
                Some(gain) => db::gains::mint(connection, gain, &self.open.hash()),
                None => Ok(true),
            },
            Matter::Invitation { .. } | Matter::AccountClosed | Matter::Test { .. } => Ok(true),
        }
    }

    /// Whether a newer email of the same attempt has arrived, so that a copy of this one would carry a dead link.
    pub fn are_overtaken(&self, connection: &mut DbConnection, due: &Due) -> Result<bool, Error> {
        let Some(attempt) = due.attempt() else { return Ok(false) };
        db::attempts::is_overtaken(connection, attempt.id, self.made_at)
    }

    /// The mail server has it: from now on the link's life is counted.
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

    /// The mail server may have it, or is taking its time: the link and the code count on.
    pub fn keep(&self, connection: &mut DbConnection, due: &Due, until: Timestamp) -> Result<(), Error> {
        let Some(attempt) = due.attempt() else { return Ok(()) };
        db::attempts::keep_leaving(connection, attempt.id, &self.open.hash(), until)
    }

    /// The mail server does not have it: what it carried opens nothing, wherever it was left.
    pub fn take_back(&self, connection: &mut DbConnection, due: &Due) -> Result<(), Error> {
        let Some(attempt) = due.attempt() else { return Ok(()) };
        db::attempts::forget_leaving(connection, attempt.id, &self.open.hash())
    }

    fn leaving<'a>(&'a self, token: &'a TokenHash) -> Leaving<'a> {
        Leaving { token, code: self.code.as_ref().map(|(_, hash)| hash), made_at: self.made_at }
    }

    /// What a mail server said, without the secrets: a refusal may quote the mail that it refuses.
    pub fn struck_from(&self, reply: &str) -> String {
        let mut reply = reply.to_owned();
        for token in [self.open.reveal(), self.cancel.reveal()] {
            reply = reply.replace(&token, "…");
            // Or pieces of it, where the server cut a line or put an escape in between.
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

    pub fn letter(&self, due: &Due, settings: &Settings, base_url: &BaseUrl, now: Timestamp) -> Letter {
        let link = |path: &str, token: &Token| base_url.join(&format!("{path}?token={}", token.reveal()));
        let challenge = |attempt: &Attempt| Challenge {
            link: link("/auth/verify", &self.open),
            cancel_link: link("/auth/cancel", &self.cancel),
            code: self.code.as_ref().map(|(code, _)| code.reveal()).unwrap_or_default(),
            asked: asked(attempt, settings),
        };
        let undo_link = due.undoes.map(|_| link("/auth/undo", &self.open));
        match &due.matter {
            Matter::SignIn(attempt) => Letter::SignIn(challenge(attempt)),
            Matter::StepUp(attempt) => Letter::StepUp(challenge(attempt)),
            Matter::ConfirmAddress { attempt, old_address } => Letter::ConfirmAddress(ConfirmAddress {
                link: link("/auth/verify", &self.open),
                cancel_link: link("/auth/cancel", &self.cancel),
                old: old_address.into(),
                asked: asked(attempt, settings),
            }),
            Matter::AddressChanged(change) => Letter::AddressChanged(AddressChanged {
                new: (&change.new_email).into(),
                changed_at: change.changed_at.for_people(),
                place: Place::of(due.mail.from.as_ref()),
                undo_link: link("/auth/undo", &self.open),
                undo_lifetime: UNDO_LIFETIME.for_people(),
            }),
            Matter::ResetPassword(attempt) => Letter::ResetPassword(ResetPassword {
                link: link("/auth/reset", &self.open),
                cancel_link: link("/auth/cancel", &self.cancel),
                asked: asked(attempt, settings),
            }),
            Matter::PasswordChanged(event) => Letter::PasswordChanged(PasswordChanged {
                news: News::of(*event),
                changed_at: due.mail.created_at.for_people(),
                place: Place::of(due.mail.from.as_ref()),
                reset_link: base_url.join("/password/forgot"),
                undo_link,
                undo_lifetime: UNDO_LIFETIME.for_people(),
            }),
            Matter::SecurityChanged { event, about, least_password } => Letter::SecurityChanged(SecurityChanged {
                news: News::of(*event),
                left: event.and_then(SecurityEvent::left),
                about: about.clone(),
                least_password: *least_password,
                changed_at: due.mail.created_at.for_people(),
                place: Place::of(due.mail.from.as_ref()),
                security_link: base_url.join("/account/security"),
                undo_link,
                undo_lifetime: UNDO_LIFETIME.for_people(),
            }),
            Matter::RecoveryBegun(recovery) => Letter::RecoveryBegun(RecoveryBegun {
                asked_by: recovery.asked_by.as_str(),
                asked_at: recovery.asked_at.for_people(),
                place: Place::of(due.mail.from.as_ref()),
                due_at: recovery.due_at.for_people(),
                cancel_link: link("/auth/recovery", &self.open),
            }),
            Matter::Invitation { inviter } => {
                Letter::Invitation(Invitation { inviter: unlinked(inviter), login_link: base_url.join("/login") })
            }
            Matter::AccountClosed => Letter::AccountClosed(AccountClosed {
                closed_at: due.mail.created_at.for_people(),
                place: Place::of(due.mail.from.as_ref()),
            }),
            Matter::Test { asked_by } => Letter::Test(Test {
                asked_by: unlinked(asked_by),
                asked_at: now.for_people(),
                login_link: base_url.join("/login"),
                code: SAMPLE_CODE,
            }),
        }
    }
}

/// Lets a letter with news tell of others, too: each with its time and place.
pub fn tell_also(letter: &mut Letter, others: &[Letter]) {
    let told: Vec<String> = others.iter().filter_map(in_a_line).collect();
    let news = match letter {
        Letter::PasswordChanged(changed) => &mut changed.news,
        Letter::SecurityChanged(changed) => &mut changed.news,
        _ => return,
    };
    if !told.is_empty() {
        let more = format!("Other changes since the last email: {}.", told.join("; "));
        news.detail = if news.detail.is_empty() { more } else { format!("{} {more}", news.detail) };
    }
}

fn in_a_line(letter: &Letter) -> Option<String> {
    let (news, changed_at, place) = match letter {
        Letter::PasswordChanged(changed) => (&changed.news, &changed.changed_at, &changed.place),
        Letter::SecurityChanged(changed) => (&changed.news, &changed.changed_at, &changed.place),
        _ => return None,
    };
    let browser = place.browser.as_ref().map(|browser| format!(" in {browser}")).unwrap_or_default();
    let client = place.client.as_ref().map(|client| format!(" from {client}")).unwrap_or_default();
    Some(format!("{} ({changed_at}{browser}{client})", news.title))
}

/// A stored address as an email to someone else may show it.
fn unlinked(address: &str) -> String {
    EmailAddress::parse(address).map_or_else(|_| address.to_owned(), |address| address.unlinked())
}

fn asked(attempt: &Attempt, settings: &Settings) -> Asked {
    Asked {
        browser: attempt.browser.to_string(),
        client: attempt.client.map(|client| client.to_string()),
        asked_at: attempt.mail_asked_at.for_people(),
        lifetime: settings.link_lifetime.for_people(),
    }
}

/// What stands on every mail.
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
    }
}
