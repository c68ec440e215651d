//! The kinds of emails: how each is named, who reads it, and what it waits for.

use strum::VariantArray;

/// What an email is about. Each kind is a folder of three templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum MailKind {
    SignIn,
    StepUp,
    ConfirmAddress,
    AddressChanged,
    ResetPassword,
    PasswordChanged,
    SecurityChanged,
    NewBrowser,
    RecoveryBegun,
    Invitation,
    AccountClosed,
    AccessAsked,
    AccessAnswered,
    GuestEnds,
    Test,
}

/// What holds for every email of a kind.
struct Row {
    /// Name of the template folder. Never changes once released.
    name: &'static str,
    /// Key of its name for admins.
    label: &'static str,
    recipient: Recipient,
    occasion: Occasion,
}

/// Why an email is sent.
#[derive(Clone, Copy)]
enum Occasion {
    /// A user waits for it in front of a page.
    Waited,
    /// It tells an account's owner of a change.
    News,
    Invitation,
    /// It tells of an app.
    OfApp,
}

impl MailKind {
    /// The table of kinds.
    const fn row(self) -> Row {
        use Occasion::{Invitation, News, OfApp, Waited};
        use Recipient::{Own, Typed};
        let (name, label, recipient, occasion) = match self {
            Self::SignIn => ("sign_in", "email-kind-sign-in", Typed, Waited),
            Self::StepUp => ("step_up", "email-kind-step-up", Own, Waited),
            Self::ConfirmAddress => ("confirm_address", "email-kind-confirm-address", Typed, Waited),
            Self::AddressChanged => ("address_changed", "email-kind-address-changed", Own, News),
            Self::ResetPassword => ("reset_password", "email-kind-reset-password", Typed, Waited),
            Self::PasswordChanged => ("password_changed", "email-kind-password-changed", Own, News),
            Self::SecurityChanged => ("security_changed", "email-kind-security-changed", Own, News),
            Self::NewBrowser => ("new_browser", "email-kind-new-browser", Own, News),
            Self::RecoveryBegun => ("recovery_begun", "email-kind-recovery-begun", Own, News),
            Self::Invitation => ("invitation", "email-kind-invitation", Own, Invitation),
            Self::AccountClosed => ("account_closed", "email-kind-account-closed", Own, News),
            Self::AccessAsked => ("access_asked", "email-kind-access-asked", Own, OfApp),
            Self::AccessAnswered => ("access_answered", "email-kind-access-answered", Own, OfApp),
            Self::GuestEnds => ("guest_ends", "email-kind-guest-ends", Own, OfApp),
            Self::Test => ("test", "email-kind-test", Own, Waited),
        };
        Row { name, label, recipient, occasion }
    }

    /// The name of the template folder. Also the stored form, except where [`Self::stored`] says otherwise.
    pub const fn as_str(self) -> &'static str {
        self.row().name
    }

    /// The key of its name for admins.
    pub const fn label(self) -> &'static str {
        self.row().label
    }

    pub fn parse(stored: &str) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|kind| kind.as_str() == stored)
    }

    /// The stored form. A node of the previous version knows no email about a new browser or an
    /// app. So it finds news about security that it cannot name, and sends those.
    pub const fn stored(self) -> &'static str {
        match self {
            Self::NewBrowser | Self::AccessAsked | Self::AccessAnswered | Self::GuestEnds => {
                Self::SecurityChanged.as_str()
            }
            Self::SignIn
            | Self::StepUp
            | Self::ConfirmAddress
            | Self::AddressChanged
            | Self::ResetPassword
            | Self::PasswordChanged
            | Self::SecurityChanged
            | Self::RecoveryBegun
            | Self::Invitation
            | Self::AccountClosed
            | Self::Test => self.as_str(),
        }
    }

    /// Returns how its recipient is known. A new kind has to choose, so that none forgets to keep
    /// the secret of who has an account.
    pub const fn recipient(self) -> Recipient {
        self.row().recipient
    }

    pub const fn urgency(self) -> Urgency {
        match self.row().occasion {
            Occasion::Waited => Urgency::WaitedFor,
            Occasion::News | Occasion::Invitation | Occasion::OfApp => Urgency::News,
        }
    }

    /// Returns whether it tells an account's owner of a change.
    pub const fn is_news(self) -> bool {
        match self.row().occasion {
            Occasion::News => true,
            Occasion::Waited | Occasion::Invitation | Occasion::OfApp => false,
        }
    }
}

/// How the recipient of an email is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// Someone typed the address. It need not be theirs, and it must not show who has an account.
    Typed,
    /// An account's own address, or one that an admin or the account itself is known to have.
    Own,
}

/// What an email waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// A user sits in front of a page and waits for it.
    WaitedFor,
    News,
}

impl Urgency {
    /// The stored form, which is also the order of leaving.
    pub const fn as_i32(self) -> i32 {
        match self {
            Self::WaitedFor => 0,
            Self::News => 1,
        }
    }
}
