//! Letters with made-up facts, for trying templates and for previews.

use super::{
    Letter,
    letter::{
        AccountClosed, AddressChanged, Asked, Challenge, ConfirmAddress, Invitation, News, PasswordChanged, Place,
        RecoveryBegun, ResetPassword, SecurityChanged, Test,
    },
};
use crate::domain::{SecurityEvent, mail::MailKind, password, recovery::AskedBy};
use strum::VariantArray;

const ASKED_AT: &str = "22 November 2026, 14:03 UTC";
const BROWSER: &str = "Firefox on Windows";
const CLIENT: &str = "203.0.113.7";

/// Every kind in its order, with every event that it can tell of.
pub fn all(base_url: &str) -> Vec<Letter> {
    MailKind::VARIANTS.iter().flat_map(|&kind| of_kind(kind, base_url)).collect()
}

/// One kind, with every event that it can tell of.
pub fn of_kind(kind: MailKind, base_url: &str) -> Vec<Letter> {
    let link = |path: &str| format!("{base_url}{path}?token=0000000000000000000000000000000000000000000");
    vec![match kind {
        MailKind::SignIn => Letter::SignIn(challenge(link)),
        MailKind::StepUp => Letter::StepUp(challenge(link)),
        MailKind::ConfirmAddress => Letter::ConfirmAddress(ConfirmAddress {
            link: link("/auth/verify"),
            cancel_link: link("/auth/cancel"),
            old_address: "ana@example.com".into(),
            asked: asked(),
        }),
        MailKind::AddressChanged => Letter::AddressChanged(AddressChanged {
            new_address: "ana@example.org".into(),
            changed_at: ASKED_AT.into(),
            place: place(),
            undo_link: link("/auth/undo"),
            undo_lifetime: "7 days".into(),
        }),
        MailKind::ResetPassword => Letter::ResetPassword(ResetPassword {
            link: link("/auth/reset"),
            cancel_link: link("/auth/cancel"),
            asked: asked(),
        }),
        MailKind::PasswordChanged => return events(kind).map(|event| password_changed(event, base_url)).collect(),
        MailKind::SecurityChanged => return events(kind).map(|event| security_changed(event, base_url)).collect(),
        MailKind::RecoveryBegun => return AskedBy::VARIANTS.iter().map(|&by| recovery_begun(by, link)).collect(),
        MailKind::Invitation => Letter::Invitation(Invitation {
            inviter: "ben@example.com".into(),
            login_link: format!("{base_url}/login"),
        }),
        MailKind::AccountClosed => Letter::AccountClosed(AccountClosed { closed_at: ASKED_AT.into(), place: place() }),
        MailKind::Test => Letter::Test(Test { asked_by: "ben@example.com".into(), asked_at: ASKED_AT.into() }),
    }]
}

/// The events of a kind, and one that only a newer node knows.
fn events(kind: MailKind) -> impl Iterator<Item = Option<SecurityEvent>> {
    SecurityEvent::samples().filter(move |event| event.mail_kind() == kind).map(Some).chain([None])
}

fn challenge(link: impl Fn(&str) -> String) -> Challenge {
    Challenge { link: link("/auth/verify"), code: "K7M-2QX".into(), cancel_link: link("/auth/cancel"), asked: asked() }
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
    Place { browser: Some(BROWSER.into()), client: Some(CLIENT.into()) }
}

fn password_changed(event: Option<SecurityEvent>, base_url: &str) -> Letter {
    Letter::PasswordChanged(PasswordChanged {
        news: News::of(event),
        changed_at: ASKED_AT.into(),
        place: place(),
        reset_link: format!("{base_url}/password/forgot"),
        undo_link: undo_link(event, base_url),
        undo_lifetime: "7 days".into(),
    })
}

fn security_changed(event: Option<SecurityEvent>, base_url: &str) -> Letter {
    Letter::SecurityChanged(SecurityChanged {
        news: News::of(event),
        left: event.and_then(SecurityEvent::left),
        about: event.and_then(|event| event.about("x:1 passkey, 7 recovery codes")),
        least_password: event.filter(|event| event.removes_factor()).map(|_| password::MIN_LENGTH),
        changed_at: ASKED_AT.into(),
        place: place(),
        security_link: format!("{base_url}/account/security"),
        undo_link: undo_link(event, base_url),
        undo_lifetime: "7 days".into(),
    })
}

/// Where something was gained, a link undoes it.
fn undo_link(event: Option<SecurityEvent>, base_url: &str) -> Option<String> {
    let link = || format!("{base_url}/auth/undo?token=0000000000000000000000000000000000000000000");
    event.filter(|event| event.is_gain()).map(|_| link())
}

fn recovery_begun(asked_by: AskedBy, link: impl Fn(&str) -> String) -> Letter {
    Letter::RecoveryBegun(RecoveryBegun {
        asked_by: asked_by.as_str(),
        asked_at: ASKED_AT.into(),
        // An admin's browser is not the reader's business.
        place: if asked_by == AskedBy::Owner { place() } else { Place::default() },
        due_at: "23 November 2026, 14:03 UTC".into(),
        cancel_link: link("/auth/recovery"),
    })
}
