//! Letters with made-up facts, for testing templates and for previews.

use super::{
    Letter,
    letter::{
        self, AccountClosed, AddressChanged, Asked, Challenge, ConfirmAddress, Invitation, NewAddress, NewBrowser,
        News, OldAddress, PasswordChanged, Place, RecoveryBegun, ResetPassword, SAMPLE_CODE, SecurityChanged, Test,
    },
};
use crate::{
    domain::{
        AskedFrom, BrowserLabel, ClientAddress, EmailAddress, Lifetime, Method, SecurityEvent, Timestamp,
        gain::UNDO_LIFETIME,
        mail::MailKind,
        password,
        recovery::{AskedBy, WAITING_PERIOD},
    },
    locale::Locale,
};
use std::net::{IpAddr, Ipv4Addr};
use strum::VariantArray;

/// 22 November 2026, 14:03 UTC.
const ASKED_AT: Timestamp = Timestamp::from_millis(1_795_356_180_000);
const USER_AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";
const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));

/// Where the made-up facts come from.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    pub base_url: &'a str,
    /// Everyone's address in them.
    pub address: &'a str,
    pub locale: &'a Locale,
}

impl Samples<'_> {
    /// Returns every kind in its order, with every event that it can tell.
    pub fn all(self) -> Vec<Letter> {
        MailKind::VARIANTS.iter().flat_map(|&kind| self.of_kind(kind)).collect()
    }

    /// Returns one kind, with every event that it can tell.
    pub fn of_kind(self, kind: MailKind) -> Vec<Letter> {
        vec![match kind {
            MailKind::SignIn => Letter::SignIn(self.challenge()),
            MailKind::StepUp => Letter::StepUp(self.challenge()),
            MailKind::ConfirmAddress => Letter::ConfirmAddress(self.confirm_address()),
            MailKind::AddressChanged => Letter::AddressChanged(self.address_changed()),
            MailKind::ResetPassword => Letter::ResetPassword(ResetPassword {
                link: self.link("/auth/reset"),
                cancel_link: self.link("/auth/cancel"),
                asked: self.asked(),
            }),
            MailKind::PasswordChanged => return events(kind).map(|event| self.password_changed(event)).collect(),
            MailKind::SecurityChanged => return events(kind).map(|event| self.security_changed(event)).collect(),
            MailKind::NewBrowser => return vec![Letter::NewBrowser(self.new_browser()), self.new_browsers()],
            MailKind::RecoveryBegun => return AskedBy::VARIANTS.iter().map(|&by| self.recovery_begun(by)).collect(),
            MailKind::Invitation => {
                Letter::Invitation(Invitation { inviter: self.address.to_owned(), login_link: self.page("/login") })
            }
            MailKind::AccountClosed => {
                Letter::AccountClosed(AccountClosed { closed_at: self.locale.moment(ASKED_AT), place: self.place() })
            }
            MailKind::Test => Letter::Test(Test {
                asked_by: self.address.to_owned(),
                asked_at: self.locale.moment(ASKED_AT),
                login_link: self.page("/login"),
                code: SAMPLE_CODE,
            }),
        }]
    }

    fn asked(self) -> Asked {
        let Place { browser, client, .. } = self.place();
        let lifetime = self.locale.span(Lifetime::minutes(10));
        Asked { browser: browser.unwrap_or_default(), client, asked_at: self.locale.moment(ASKED_AT), lifetime }
    }

    fn place(self) -> Place {
        let browser = BrowserLabel::from_user_agent(USER_AGENT);
        Place::of(Some(&AskedFrom { browser, client: Some(ClientAddress::new(CLIENT)), language: None }), self.locale)
    }

    /// Returns what an event is about, as its email stores it.
    fn what(self, event: SecurityEvent) -> &'static str {
        match event {
            SecurityEvent::AdminMade => "ben@example.com",
            _ => "1 passkey, 7 recovery codes, the new password",
        }
    }

    fn page(self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    fn link(self, path: &str) -> String {
        self.page(&format!("{path}?token=0000000000000000000000000000000000000000000"))
    }

    fn challenge(self) -> Challenge {
        Challenge {
            link: self.link("/auth/verify"),
            code: SAMPLE_CODE.into(),
            cancel_link: self.link("/auth/cancel"),
            asked: self.asked(),
        }
    }

    /// Returns the address in Unicode only if it differs, as in a real letter.
    fn in_unicode(self) -> Option<String> {
        EmailAddress::parse(self.address).ok()?.in_unicode()
    }

    fn confirm_address(self) -> ConfirmAddress {
        ConfirmAddress {
            link: self.link("/auth/verify"),
            cancel_link: self.link("/auth/cancel"),
            old: OldAddress { old_address: self.address.to_owned(), old_address_unicode: self.in_unicode() },
            asked: self.asked(),
        }
    }

    fn address_changed(self) -> AddressChanged {
        AddressChanged {
            new: NewAddress { new_address: self.address.to_owned(), new_address_unicode: self.in_unicode() },
            changed_at: self.locale.moment(ASKED_AT),
            place: self.place(),
            undo_link: self.link("/auth/undo"),
            undo_lifetime: self.locale.span(UNDO_LIFETIME),
        }
    }

    fn password_changed(self, event: Option<SecurityEvent>) -> Letter {
        Letter::PasswordChanged(PasswordChanged {
            news: News::of(event, self.locale),
            changed_at: self.locale.moment(ASKED_AT),
            place: self.place(),
            reset_link: self.page("/password/forgot"),
            undo_link: self.undo_link(event),
            undo_lifetime: self.locale.span(UNDO_LIFETIME),
        })
    }

    fn security_changed(self, event: Option<SecurityEvent>) -> Letter {
        Letter::SecurityChanged(SecurityChanged {
            news: News::of(event, self.locale),
            left: event.and_then(SecurityEvent::left),
            about: event
                .and_then(|event| event.about(&event.note_about(self.what(event))))
                .map(|about| letter::about(&about, self.locale)),
            least_password: event.filter(|event| event.removes_factor()).map(|_| password::MIN_LENGTH),
            changed_at: self.locale.moment(ASKED_AT),
            place: self.place(),
            security_link: self.page("/account/security"),
            undo_link: self.undo_link(event),
            undo_lifetime: self.locale.span(UNDO_LIFETIME),
        })
    }

    /// Returns the link that undoes the event, if it is a gain.
    fn undo_link(self, event: Option<SecurityEvent>) -> Option<String> {
        event.filter(|event| event.is_gain()).map(|_| self.link("/auth/undo"))
    }

    fn new_browser(self) -> NewBrowser {
        NewBrowser {
            signed_in_at: self.locale.moment(ASKED_AT),
            place: self.place(),
            methods: letter::methods(&[Method::Password, Method::Totp], self.locale),
            end_link: self.link("/auth/new-browser"),
            end_lifetime: self.locale.span(UNDO_LIFETIME),
            others: Vec::new(),
        }
    }

    /// Returns the email that tells several sign-ins.
    fn new_browsers(self) -> Letter {
        let mut letter = Letter::NewBrowser(self.new_browser());
        letter.tell_also(&[Letter::NewBrowser(self.new_browser())], self.locale);
        letter
    }

    fn recovery_begun(self, asked_by: AskedBy) -> Letter {
        Letter::RecoveryBegun(RecoveryBegun {
            asked_by: asked_by.as_str(),
            asked_at: self.locale.moment(ASKED_AT),
            // An admin's browser is not the reader's business.
            place: if asked_by == AskedBy::Owner { self.place() } else { Place::default() },
            due_at: self.locale.moment(ASKED_AT.plus(WAITING_PERIOD)),
            cancel_link: self.link("/auth/recovery"),
        })
    }
}

/// Returns the events of a kind, and one that only a newer node knows.
fn events(kind: MailKind) -> impl Iterator<Item = Option<SecurityEvent>> {
    SecurityEvent::samples().filter(move |event| event.mail_kind() == kind).map(Some).chain([None])
}
