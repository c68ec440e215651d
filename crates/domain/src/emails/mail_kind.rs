//! The kinds of emails: how each is named, who reads it, and what it waits for.

use strum::VariantArray;

/// Topic of an email. Each kind is a folder of three templates.
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

/// Properties of every email of a kind.
struct Row {
    /// Name of the template folder. Never changes once released.
    name: &'static str,
    /// Key of its name for admins.
    label: &'static str,
    recipient: Recipient,
    occasion: Occasion,
    /// Begins the note of a kind that is stored as news about security.
    mark: Option<&'static str>,
}

impl Row {
    const fn new(name: &'static str, label: &'static str, recipient: Recipient, occasion: Occasion) -> Self {
        Self { name, label, recipient, occasion, mark: None }
    }

    /// Stores the kind as news about security, with a mark in its note.
    ///
    /// A node of the previous version does not know the kind. So it finds news about security that
    /// it cannot name, and sends those. The mark begins with [`APART`], unless the email may leave
    /// with others of its kind as one. It never changes once released.
    const fn marked(self, mark: &'static str) -> Self {
        Self { mark: Some(mark), ..self }
    }
}

/// Begins the note of each email that is stored as news about security but tells of something else.
/// No change of an account's security is called so.
pub const APART: &str = "app:";

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
        match self {
            Self::SignIn => Row::new("sign_in", "email-kind-sign-in", Typed, Waited),
            Self::StepUp => Row::new("step_up", "email-kind-step-up", Own, Waited),
            Self::ConfirmAddress => Row::new("confirm_address", "email-kind-confirm-address", Typed, Waited),
            Self::AddressChanged => Row::new("address_changed", "email-kind-address-changed", Own, News),
            Self::ResetPassword => Row::new("reset_password", "email-kind-reset-password", Typed, Waited),
            Self::PasswordChanged => Row::new("password_changed", "email-kind-password-changed", Own, News),
            Self::SecurityChanged => Row::new("security_changed", "email-kind-security-changed", Own, News),
            Self::NewBrowser => Row::new("new_browser", "email-kind-new-browser", Own, News).marked("new_browser"),
            Self::RecoveryBegun => Row::new("recovery_begun", "email-kind-recovery-begun", Own, News),
            Self::Invitation => Row::new("invitation", "email-kind-invitation", Own, Invitation),
            Self::AccountClosed => Row::new("account_closed", "email-kind-account-closed", Own, News),
            Self::AccessAsked => Row::new("access_asked", "email-kind-access-asked", Own, OfApp).marked("app:asked"),
            Self::AccessAnswered => {
                Row::new("access_answered", "email-kind-access-answered", Own, OfApp).marked("app:answered")
            }
            Self::GuestEnds => Row::new("guest_ends", "email-kind-guest-ends", Own, OfApp).marked("app:guest_ends"),
            Self::Test => Row::new("test", "email-kind-test", Own, Waited),
        }
    }

    /// The name of the template folder. Also the stored form, except where [`Self::stored`] says
    /// otherwise.
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

    /// The stored form: news about security, if the kind has a mark.
    pub const fn stored(self) -> &'static str {
        if self.row().mark.is_some() { Self::SecurityChanged.as_str() } else { self.as_str() }
    }

    /// Reads the stored form, with the note beside it.
    pub fn of_stored(stored: &str, note: &str) -> Option<Self> {
        let kind = Self::parse(stored)?;
        let marked = || Self::VARIANTS.iter().copied().find(|marked| marked.fact(note).is_some());
        if kind == Self::SecurityChanged { marked().or(Some(kind)) } else { Some(kind) }
    }

    /// Returns the note of an email with this fact, which may be empty: the kind's mark comes
    /// first.
    pub fn note(self, fact: &str) -> String {
        match self.row().mark {
            Some(mark) if fact.is_empty() => mark.to_owned(),
            Some(mark) => format!("{mark}:{fact}"),
            None => fact.to_owned(),
        }
    }

    /// Returns the fact in a note with the kind's mark.
    pub fn fact(self, note: &str) -> Option<&str> {
        let rest = note.strip_prefix(self.row().mark?)?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix(':') }
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

/// Source of the address to which an email goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// Someone typed the address. It need not be theirs, and it must not show who has an account.
    Typed,
    /// An account's own address, or one that an admin or the account itself is known to have.
    Own,
}

/// Urgency of an email, the most urgent first.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_of_apps_reads_back_as_it_was_stored() {
        let id = "0000000000000007";
        for (kind, fact, note) in [
            (MailKind::AccessAsked, id, "app:asked:0000000000000007"),
            (MailKind::AccessAnswered, id, "app:answered:0000000000000007"),
            (MailKind::GuestEnds, "", "app:guest_ends"),
        ] {
            assert_eq!((kind.note(fact).as_str(), kind.fact(note)), (note, Some(fact)));
            assert_eq!(MailKind::of_stored(kind.stored(), note), Some(kind));
        }
        for note in ["", "app:", "app:guest_ends_soon", "app:told:0000000000000007", "asked:0000000000000007"] {
            assert_eq!(MailKind::of_stored("security_changed", note), Some(MailKind::SecurityChanged), "{note}");
        }
    }

    #[test]
    fn no_mark_begins_another_and_only_first_sign_ins_leave_together() {
        let marks = MailKind::VARIANTS.iter().filter_map(|kind| kind.row().mark.map(|mark| (*kind, mark)));
        let marks: Vec<_> = marks.collect();
        assert!(marks.len() > 3);
        for (kind, mark) in &marks {
            assert_eq!(marks.iter().filter(|(_, other)| mark.starts_with(other)).count(), 1, "{mark}");
            assert_eq!(mark.starts_with(APART), *kind != MailKind::NewBrowser, "{mark}");
        }
    }
}
