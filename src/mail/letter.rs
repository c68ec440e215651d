//! What each kind of mail says: the facts that its templates may use.
//!
//! Nothing that a requester typed is among them, and of the requester only what we say in our own words: a mail that carries a
//! stranger's text is the stranger's advertisement.

use crate::domain::mail::MailKind;
use serde::Serialize;

/// Facts in every mail.
#[derive(Clone, Debug, Serialize)]
pub struct Letterhead {
    pub product_name: String,
    /// The server's host name.
    pub host: String,
    pub support_address: Option<String>,
    /// The colour of the button, and of the text upon it.
    pub accent: String,
    pub accent_text: String,
    /// Whether the logo comes along, as `cid:logo`.
    pub logo: bool,
}

/// The facts of one mail.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Letter {
    SignIn(Challenge),
    StepUp(Challenge),
    ConfirmAddress(ConfirmAddress),
    AddressChanged(AddressChanged),
    ResetPassword(ResetPassword),
    PasswordChanged(PasswordChanged),
    SecurityChanged(SecurityChanged),
    RecoveryBegun(RecoveryBegun),
    Invitation(Invitation),
    AccountClosed(AccountClosed),
    Test(Test),
}

/// A link and a code that prove something.
#[derive(Clone, Serialize)]
pub struct Challenge {
    pub link: String,
    pub code: String,
    pub cancel_link: String,
    #[serde(flatten)]
    pub asked: Asked,
}

/// Who asked, from where, when, and how long the answer counts.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    pub browser: String,
    pub client: Option<String>,
    pub asked_at: String,
    pub lifetime: String,
}

#[derive(Clone, Serialize)]
pub struct ConfirmAddress {
    pub link: String,
    pub cancel_link: String,
    pub old_address: String,
    #[serde(flatten)]
    pub asked: Asked,
}

#[derive(Clone, Serialize)]
pub struct AddressChanged {
    pub new_address: String,
    pub changed_at: String,
    pub undo_link: String,
    pub undo_lifetime: String,
}

#[derive(Clone, Serialize)]
pub struct ResetPassword {
    pub link: String,
    pub cancel_link: String,
    #[serde(flatten)]
    pub asked: Asked,
}

#[derive(Clone, Debug, Serialize)]
pub struct PasswordChanged {
    /// "set", "removed" or "reset".
    pub what: String,
    pub changed_at: String,
    pub reset_link: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct SecurityChanged {
    /// What happened: "totp_added", "recovery_code_used" and so on.
    pub what: String,
    /// How many recovery codes are left, where one was used.
    pub left: Option<u32>,
    /// Characters that the password needs from now on, where a second factor is gone and it has become all that is asked for.
    pub least_password: Option<usize>,
    pub changed_at: String,
    pub security_link: String,
}

#[derive(Clone, Serialize)]
pub struct RecoveryBegun {
    pub asked_at: String,
    pub due_at: String,
    pub cancel_link: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Invitation {
    pub inviter: String,
    pub login_link: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct AccountClosed {
    pub closed_at: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Test {
    pub asked_by: String,
    pub asked_at: String,
}

impl Letter {
    pub const fn kind(&self) -> MailKind {
        match self {
            Self::SignIn(_) => MailKind::SignIn,
            Self::StepUp(_) => MailKind::StepUp,
            Self::ConfirmAddress(_) => MailKind::ConfirmAddress,
            Self::AddressChanged(_) => MailKind::AddressChanged,
            Self::ResetPassword(_) => MailKind::ResetPassword,
            Self::PasswordChanged(_) => MailKind::PasswordChanged,
            Self::SecurityChanged(_) => MailKind::SecurityChanged,
            Self::RecoveryBegun(_) => MailKind::RecoveryBegun,
            Self::Invitation(_) => MailKind::Invitation,
            Self::AccountClosed(_) => MailKind::AccountClosed,
            Self::Test(_) => MailKind::Test,
        }
    }

    /// What it was sent for: its links and its code. A mail that leaves one of them out is worth nothing to somebody.
    pub fn essentials(&self) -> Vec<&str> {
        match self {
            Self::SignIn(challenge) | Self::StepUp(challenge) => {
                vec![&challenge.link, &challenge.code, &challenge.cancel_link]
            }
            Self::ConfirmAddress(confirm) => vec![&confirm.link, &confirm.cancel_link],
            Self::AddressChanged(changed) => vec![&changed.undo_link],
            Self::ResetPassword(reset) => vec![&reset.link, &reset.cancel_link],
            Self::PasswordChanged(changed) => vec![&changed.reset_link],
            Self::SecurityChanged(changed) => vec![&changed.security_link],
            Self::RecoveryBegun(begun) => vec![&begun.cancel_link],
            Self::Invitation(invitation) => vec![&invitation.login_link],
            Self::AccountClosed(_) | Self::Test(_) => Vec::new(),
        }
    }

    /// The same, asked for from nobody knows where.
    pub fn without_client(mut self) -> Self {
        match &mut self {
            Self::SignIn(Challenge { asked, .. })
            | Self::StepUp(Challenge { asked, .. })
            | Self::ConfirmAddress(ConfirmAddress { asked, .. })
            | Self::ResetPassword(ResetPassword { asked, .. }) => asked.client = None,
            Self::AddressChanged(_)
            | Self::PasswordChanged(_)
            | Self::SecurityChanged(_)
            | Self::RecoveryBegun(_)
            | Self::Invitation(_)
            | Self::AccountClosed(_)
            | Self::Test(_) => {}
        }
        self
    }

    /// One of each kind with made-up facts, for trying templates and for previews.
    pub fn samples(base_url: &str) -> Vec<Self> {
        let asked = Asked {
            browser: "Firefox on Windows".into(),
            client: Some("203.0.113.7".into()),
            asked_at: "22 November 2026, 14:03 UTC".into(),
            lifetime: "10 minutes".into(),
        };
        let link = |path: &str| format!("{base_url}{path}?token=0000000000000000000000000000000000000000000");
        let challenge = Challenge {
            link: link("/auth/verify"),
            code: "K7M-2QX".into(),
            cancel_link: link("/auth/cancel"),
            asked: asked.clone(),
        };
        vec![
            Self::SignIn(challenge.clone()),
            Self::StepUp(challenge),
            Self::ConfirmAddress(ConfirmAddress {
                link: link("/auth/verify"),
                cancel_link: link("/auth/cancel"),
                old_address: "ana@example.com".into(),
                asked: asked.clone(),
            }),
            Self::AddressChanged(AddressChanged {
                new_address: "ana@example.org".into(),
                changed_at: asked.asked_at.clone(),
                undo_link: link("/auth/undo"),
                undo_lifetime: "7 days".into(),
            }),
            Self::ResetPassword(ResetPassword {
                link: link("/auth/reset"),
                cancel_link: link("/auth/cancel"),
                asked: asked.clone(),
            }),
            Self::PasswordChanged(PasswordChanged {
                what: "set".into(),
                changed_at: asked.asked_at.clone(),
                reset_link: format!("{base_url}/password/forgot"),
            }),
            Self::SecurityChanged(SecurityChanged {
                what: "recovery_code_used".into(),
                left: Some(3),
                least_password: None,
                changed_at: asked.asked_at.clone(),
                security_link: format!("{base_url}/account/security"),
            }),
            Self::RecoveryBegun(RecoveryBegun {
                asked_at: asked.asked_at.clone(),
                due_at: "23 November 2026, 14:03 UTC".into(),
                cancel_link: link("/auth/recovery"),
            }),
            Self::Invitation(Invitation { inviter: "ben@example.com".into(), login_link: format!("{base_url}/login") }),
            Self::AccountClosed(AccountClosed { closed_at: asked.asked_at.clone() }),
            Self::Test(Test { asked_by: "ben@example.com".into(), asked_at: asked.asked_at }),
        ]
    }
}

// By hand, because these hold secrets.
impl std::fmt::Debug for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Challenge(…)")
    }
}
impl std::fmt::Debug for ConfirmAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ConfirmAddress(…)")
    }
}
impl std::fmt::Debug for ResetPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ResetPassword(…)")
    }
}
impl std::fmt::Debug for RecoveryBegun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryBegun(…)")
    }
}
impl std::fmt::Debug for AddressChanged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AddressChanged(…)")
    }
}
