//! Writes the letter of an email that is about to leave.

use super::{
    due::{Due, Matter},
    mint::Secrets,
};
use crate::{
    config::BaseUrl,
    domain::{
        Attempt, EmailAddress, SecurityEvent, Settings, Timestamp, Token,
        account::AddressChange,
        apps::{
            AppName, AppSlug,
            asking::{Answer, Ask},
        },
        gain::UNDO_LIFETIME,
        known_browser::FirstSignIn,
        logo::Logos,
        news::About,
        recovery::Recovery,
    },
    locale::Locale,
    mail::{
        Letter, Letterhead, MailLink,
        kinds::{
            access_answered::AccessAnswered, access_asked::AccessAsked, account_closed::AccountClosed,
            address_changed::AddressChanged, challenge::Challenge, confirm_address::ConfirmAddress,
            guest_ends::GuestEnds, invitation::Invitation, new_browser::NewBrowser, password_changed::PasswordChanged,
            recovery_begun::RecoveryBegun, reset_password::ResetPassword, security_changed::SecurityChanged,
            test::Test,
        },
        words::{self, Asked, News, Place, SAMPLE_CODE},
    },
};

/// What emails are written with.
#[derive(Clone, Copy)]
pub(super) struct Desk<'a> {
    pub settings: &'a Settings,
    pub base_url: &'a BaseUrl,
    /// The language of the email.
    pub locale: &'a Locale,
    pub now: Timestamp,
}

/// An email with its secrets, as it is written.
struct Draft<'a> {
    due: &'a Due,
    secrets: &'a Secrets,
    desk: &'a Desk<'a>,
}

/// Puts an email into words.
pub(super) fn letter(due: &Due, secrets: &Secrets, desk: &Desk<'_>) -> Letter {
    let (draft, kind) = (Draft { due, secrets, desk }, due.mail.kind);
    match &due.matter {
        Matter::SignIn(attempt) | Matter::StepUp(attempt) => Letter::new(kind, draft.challenge(attempt)),
        Matter::ConfirmAddress { attempt, old_address } => {
            Letter::new(kind, draft.confirm_address(attempt, old_address))
        }
        Matter::AddressChanged(change) => Letter::new(kind, draft.address_changed(change)),
        Matter::ResetPassword(attempt) => Letter::new(kind, draft.reset_password(attempt)),
        Matter::PasswordChanged(event) => Letter::new(kind, draft.password_changed(*event)),
        Matter::SecurityChanged { event, about, least_password } => {
            Letter::new(kind, draft.security_changed(*event, about.as_ref(), *least_password))
        }
        Matter::NewBrowser(told) => Letter::new(kind, draft.new_browser(told)),
        Matter::RecoveryBegun(recovery) => Letter::new(kind, draft.recovery_begun(recovery)),
        Matter::Invitation { inviter, guest } => Letter::new(kind, draft.invitation(inviter, guest.as_ref())),
        Matter::AccountClosed => Letter::new(kind, draft.account_closed()),
        Matter::AccessAsked { ask, app, asker } => Letter::new(kind, draft.access_asked(ask, app, asker)),
        Matter::AccessAnswered { app, slug, answer, until } => {
            Letter::new(kind, draft.access_answered((app, slug), (*answer, *until)))
        }
        Matter::GuestEnds(until) => Letter::new(kind, GuestEnds { until: desk.locale.moment(*until) }),
        Matter::Test { asked_by } => Letter::new(kind, draft.test(asked_by)),
    }
}

impl Draft<'_> {
    fn link(&self, path: &str, token: &Token) -> String {
        self.desk.base_url.join(&format!("{path}?token={}", token.reveal()))
    }

    /// Returns the link of the email's first token.
    fn open_link(&self, path: &str) -> String {
        self.link(path, self.secrets.open())
    }

    fn cancel_link(&self) -> String {
        self.link("/auth/cancel", self.secrets.cancel())
    }

    fn undo_link(&self) -> Option<String> {
        self.due.undoes.map(|_| self.open_link("/auth/undo"))
    }

    fn undo_lifetime(&self) -> String {
        self.desk.locale.span(UNDO_LIFETIME)
    }

    fn place(&self) -> Place {
        Place::of(self.due.mail.from.as_ref(), self.desk.locale)
    }

    /// Returns when the event happened that the email tells.
    fn happened_at(&self) -> String {
        self.desk.locale.moment(self.due.mail.created_at)
    }

    fn asked(&self, attempt: &Attempt) -> Asked {
        Asked {
            browser: self.desk.locale.browser(&attempt.browser),
            client: attempt.client.map(|client| client.to_string()),
            asked_at: self.desk.locale.moment(attempt.mail_asked_at),
            lifetime: self.desk.locale.span(self.desk.settings.link_lifetime),
        }
    }

    fn challenge(&self, attempt: &Attempt) -> Challenge {
        Challenge {
            link: self.open_link("/auth/verify"),
            code: self.secrets.code(),
            cancel_link: self.cancel_link(),
            code_first: self.desk.settings.has_code_first(self.due.recipient.domain()),
            asked: self.asked(attempt),
        }
    }

    fn confirm_address(&self, attempt: &Attempt, old_address: &EmailAddress) -> ConfirmAddress {
        ConfirmAddress {
            link: self.open_link("/auth/verify"),
            cancel_link: self.cancel_link(),
            old: old_address.into(),
            asked: self.asked(attempt),
        }
    }

    fn address_changed(&self, change: &AddressChange) -> AddressChanged {
        AddressChanged {
            new: (&change.new_email).into(),
            changed_at: self.desk.locale.moment(change.changed_at),
            place: self.place(),
            undo_link: self.open_link("/auth/undo"),
            undo_lifetime: self.undo_lifetime(),
        }
    }

    fn reset_password(&self, attempt: &Attempt) -> ResetPassword {
        ResetPassword {
            link: self.open_link("/auth/reset"),
            cancel_link: self.cancel_link(),
            asked: self.asked(attempt),
        }
    }

    fn password_changed(&self, event: Option<SecurityEvent>) -> PasswordChanged {
        PasswordChanged {
            news: News::of(event, self.desk.locale),
            changed_at: self.happened_at(),
            place: self.place(),
            reset_link: self.desk.base_url.join("/password/forgot"),
            undo_link: self.undo_link(),
            undo_lifetime: self.undo_lifetime(),
        }
    }

    fn security_changed(
        &self,
        event: Option<SecurityEvent>,
        about: Option<&About>,
        least_password: Option<usize>,
    ) -> SecurityChanged {
        SecurityChanged {
            news: News::of(event, self.desk.locale),
            left: event.and_then(SecurityEvent::left),
            about: about.map(|about| words::about(about, self.desk.locale)),
            least_password,
            changed_at: self.happened_at(),
            place: self.place(),
            security_link: self.desk.base_url.join("/account/security"),
            undo_link: self.undo_link(),
            undo_lifetime: self.undo_lifetime(),
        }
    }

    fn new_browser(&self, told: &FirstSignIn) -> NewBrowser {
        NewBrowser {
            signed_in_at: self.happened_at(),
            place: self.place(),
            methods: words::methods(&told.methods, self.desk.locale),
            end_link: self.open_link("/auth/new-browser"),
            end_lifetime: self.undo_lifetime(),
            others: Vec::new(),
        }
    }

    fn recovery_begun(&self, recovery: &Recovery) -> RecoveryBegun {
        RecoveryBegun {
            asked_by: recovery.asked_by.as_str(),
            asked_at: self.desk.locale.moment(recovery.asked_at),
            place: self.place(),
            due_at: self.desk.locale.moment(recovery.due_at),
            cancel_link: self.open_link("/auth/recovery"),
        }
    }

    fn invitation(&self, inviter: &str, guest: Option<&(AppName, Timestamp)>) -> Invitation {
        Invitation {
            inviter: unlinked(inviter),
            login_link: self.open_link("/auth/invitation"),
            lifetime: self.desk.locale.span(self.desk.settings.invitation_lifetime),
            app: guest.map(|(app, _)| app.to_string()),
            until: guest.map(|(_, until)| self.desk.locale.moment(*until)),
        }
    }

    fn access_asked(&self, ask: &Ask, app: &AppName, asker: &EmailAddress) -> AccessAsked {
        let page = |answer| self.desk.base_url.join(&format!("/admin/asks/{}/{answer}", ask.id));
        AccessAsked {
            app: app.to_string(),
            asker: asker.unlinked(),
            asked_at: self.desk.locale.moment(ask.asked_at),
            yes_link: page("yes"),
            until_link: page("until"),
            no_link: page("no"),
        }
    }

    fn access_answered(
        &self,
        (app, slug): (&AppName, &AppSlug),
        (answer, until): (Answer, Option<Timestamp>),
    ) -> AccessAnswered {
        AccessAnswered {
            app: app.to_string(),
            is_yes: answer == Answer::Yes,
            until: until.map(|until| self.desk.locale.moment(until)),
            app_link: self.desk.base_url.join(&format!("/apps/access?app={slug}")),
        }
    }

    fn account_closed(&self) -> AccountClosed {
        AccountClosed { closed_at: self.happened_at(), place: self.place() }
    }

    fn test(&self, asked_by: &str) -> Test {
        Test {
            asked_by: unlinked(asked_by),
            asked_at: self.desk.locale.moment(self.desk.now),
            login_link: self.desk.base_url.join("/admin/mail/arrived"),
            code: SAMPLE_CODE,
        }
    }
}

/// Returns a stored address as an email to another user may show it.
fn unlinked(address: &str) -> String {
    EmailAddress::parse(address).map_or_else(|_| address.to_owned(), |address| address.unlinked())
}

/// Returns what is on every email.
pub fn letterhead(settings: &Settings, base_url: &BaseUrl, logos: &Logos) -> Letterhead {
    Letterhead {
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
