//! Letters with made-up facts, for trying templates and for previews.

use super::{
    Letter,
    letter::{
        AccountClosed, AddressChanged, Asked, Challenge, ConfirmAddress, Invitation, NewAddress, News, OldAddress,
        PasswordChanged, Place, RecoveryBegun, ResetPassword, SAMPLE_CODE, SecurityChanged, Test,
    },
};
use crate::domain::{EmailAddress, SecurityEvent, mail::MailKind, password, recovery::AskedBy};
use strum::VariantArray;

const ASKED_AT: &str = "22 November 2026, 14:03 UTC";
const BROWSER: &str = "Firefox on Windows";
const CLIENT: &str = "203.0.113.7";

/// What letters are made up from.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    pub base_url: &'a str,
    /// The address of everyone in them.
    pub address: &'a str,
}

impl Samples<'_> {
    /// Every kind in its order, with every event that it can tell of.
    pub fn all(self) -> Vec<Letter> {
        MailKind::VARIANTS.iter().flat_map(|&kind| self.of_kind(kind)).collect()
    }

    /// One kind, with every event that it can tell of.
    pub fn of_kind(self, kind: MailKind) -> Vec<Letter> {
        vec![match kind {
            MailKind::SignIn => Letter::SignIn(self.challenge()),
            MailKind::StepUp => Letter::StepUp(self.challenge()),
            MailKind::ConfirmAddress => Letter::ConfirmAddress(self.confirm_address()),
            MailKind::AddressChanged => Letter::AddressChanged(self.address_changed()),
            MailKind::ResetPassword => Letter::ResetPassword(ResetPassword {
                link: self.link("/auth/reset"),
                cancel_link: self.link("/auth/cancel"),
                asked: asked(),
            }),
            MailKind::PasswordChanged => return events(kind).map(|event| self.password_changed(event)).collect(),
            MailKind::SecurityChanged => return events(kind).map(|event| self.security_changed(event)).collect(),
            MailKind::RecoveryBegun => return AskedBy::VARIANTS.iter().map(|&by| self.recovery_begun(by)).collect(),
            MailKind::Invitation => {
                Letter::Invitation(Invitation { inviter: self.address.to_owned(), login_link: self.page("/login") })
            }
            MailKind::AccountClosed => {
                Letter::AccountClosed(AccountClosed { closed_at: ASKED_AT.into(), place: place() })
            }
            MailKind::Test => Letter::Test(Test {
                asked_by: self.address.to_owned(),
                asked_at: ASKED_AT.into(),
                login_link: self.page("/login"),
                code: SAMPLE_CODE,
            }),
        }]
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
            asked: asked(),
        }
    }

    /// As a real letter has it: only where it differs.
    fn in_unicode(self) -> Option<String> {
        EmailAddress::parse(self.address).ok()?.in_unicode()
    }

    fn confirm_address(self) -> ConfirmAddress {
        ConfirmAddress {
            link: self.link("/auth/verify"),
            cancel_link: self.link("/auth/cancel"),
            old: OldAddress { old_address: self.address.to_owned(), old_address_unicode: self.in_unicode() },
            asked: asked(),
        }
    }

    fn address_changed(self) -> AddressChanged {
        AddressChanged {
            new: NewAddress { new_address: self.address.to_owned(), new_address_unicode: self.in_unicode() },
            changed_at: ASKED_AT.into(),
            place: place(),
            undo_link: self.link("/auth/undo"),
            undo_lifetime: "7 days".into(),
        }
    }

    fn password_changed(self, event: Option<SecurityEvent>) -> Letter {
        Letter::PasswordChanged(PasswordChanged {
            news: News::of(event),
            changed_at: ASKED_AT.into(),
            place: place(),
            reset_link: self.page("/password/forgot"),
            undo_link: self.undo_link(event),
            undo_lifetime: "7 days".into(),
        })
    }

    fn security_changed(self, event: Option<SecurityEvent>) -> Letter {
        Letter::SecurityChanged(SecurityChanged {
            news: News::of(event),
            left: event.and_then(SecurityEvent::left),
            about: event.and_then(|event| event.about("x:1 passkey, 7 recovery codes")),
            least_password: event.filter(|event| event.removes_factor()).map(|_| password::MIN_LENGTH),
            changed_at: ASKED_AT.into(),
            place: place(),
            security_link: self.page("/account/security"),
            undo_link: self.undo_link(event),
            undo_lifetime: "7 days".into(),
        })
    }

    /// Where something was gained, a link undoes it.
    fn undo_link(self, event: Option<SecurityEvent>) -> Option<String> {
        event.filter(|event| event.is_gain()).map(|_| self.link("/auth/undo"))
    }

    fn recovery_begun(self, asked_by: AskedBy) -> Letter {
        Letter::RecoveryBegun(RecoveryBegun {
            asked_by: asked_by.as_str(),
            asked_at: ASKED_AT.into(),
            // An admin's browser is not the reader's business.
            place: if asked_by == AskedBy::Owner { place() } else { Place::default() },
            due_at: "23 November 2026, 14:03 UTC".into(),
            cancel_link: self.link("/auth/recovery"),
        })
    }
}

/// The events of a kind, and one that only a newer node knows.
fn events(kind: MailKind) -> impl Iterator<Item = Option<SecurityEvent>> {
    SecurityEvent::samples().filter(move |event| event.mail_kind() == kind).map(Some).chain([None])
}

fn asked() -> Asked {
    Asked {
        browser: BROWSER.into(),
        client: Some(CLIENT.into()),
        asked_at: ASKED_AT.into(),
        lifetime: "10 minutes".into(),
    }
}

fn place() -> Place {
    Place {
        browser: Some(BROWSER.into()),
        client: Some(CLIENT.into()),
        place: Some(format!("{BROWSER} from {CLIENT}")),
    }
}
