//! The audit log's vocabulary: who did what to whom, when, from where, with what before and after.

use crate::{Account, AccountId, BrowserLabel, ClientAddress, EmailAddress, Entropy, Id, Limit, Timestamp};
use strum::{EnumString, IntoStaticStr, VariantArray};

pub type AuditId = Id<AuditEntry>;

/// One line of the audit log. Lines are only ever added.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    pub id: AuditId,
    pub at: Timestamp,
    pub actor: Actor,
    pub action: Action,
    /// The name of an action that only a newer version knows; see [`Action::Newer`].
    pub newer: Option<String>,
    /// Target of the action: an account's address, a setting's name, an app's slug, a group's name.
    pub subject: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub client: Option<ClientAddress>,
    /// The browser that asked for it. `None` without one, and in lines of older versions.
    pub browser: Option<BrowserLabel>,
    pub request_id: Option<String>,
}

impl AuditEntry {
    /// A line about nothing in particular yet; see [`Self::about`].
    pub fn new(entropy: &dyn Entropy, at: Timestamp, actor: Actor, action: Action) -> Self {
        Self {
            id: AuditId::issue_at(entropy, at),
            at,
            actor,
            action,
            newer: None,
            subject: String::new(),
            before: None,
            after: None,
            client: None,
            browser: None,
            request_id: None,
        }
    }

    /// Returns the stored name of the action.
    pub fn action_name(&self) -> &str {
        self.newer.as_deref().unwrap_or_else(|| self.action.into_str())
    }

    /// The same, with what it was and what it is.
    #[must_use]
    pub fn from_to(mut self, before: impl Into<String>, after: impl Into<String>) -> Self {
        (self.before, self.after) = (Some(before.into()), Some(after.into()));
        self
    }

    /// The same, with what it is now.
    #[must_use]
    pub fn to(mut self, after: impl Into<String>) -> Self {
        self.after = Some(after.into());
        self
    }

    /// Names what it was done to.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }
}

/// Actor of a line in the audit log. The address is kept as it was then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    Account {
        id: AccountId,
        email: EmailAddress,
    },
    CommandLine,
    /// No one at that moment: what was asked for before became due.
    Gatepost,
    /// A visitor who is not signed in.
    Visitor,
}

impl Actor {
    /// The owner of this account, by the address that it has now.
    pub fn of(account: &Account) -> Self {
        Self::Account { id: account.id, email: account.email.clone() }
    }

    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Account { id, .. } => Some(*id),
            Self::CommandLine | Self::Gatepost | Self::Visitor => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Action {
    SetUp,
    SignedIn,
    SteppedUp,
    SignedOut,
    SessionRevoked,
    OtherSessionsRevoked,
    AttemptCancelled,
    CodeGuessedTooOften,
    AccountAdded,
    AccountDisabled,
    AccountEnabled,
    AccountClosed,
    AccountEndChanged,
    AccountEnded,
    InvitationSent,
    InvitationWithdrawn,
    AdminGranted,
    AdminRevoked,
    SignedOutEverywhere,
    NameChanged,
    LanguageChanged,
    TimeZoneChanged,
    AddressChangeAsked,
    AddressChanged,
    AddressChangeUndone,
    GainUndone,
    PasswordSet,
    PasswordRemoved,
    PasswordReset,
    TotpAdded,
    TotpRemoved,
    TotpGuessedTooOften,
    RecoveryCodesMade,
    RecoveryCodesRemoved,
    RecoveryCodeUsed,
    PasskeyAdded,
    PasskeyRenamed,
    PasskeyRemoved,
    PasskeyCounterWentBack,
    DeviceTrusted,
    DeviceDistrusted,
    RecoveryBegun,
    RecoveryCancelled,
    RecoveryDone,
    KeyRotated,
    DatabaseRestored,
    SettingChanged,
    ConsoleLinkPrinted,
    TestMailSent,
    MailRetried,
    SigningKeysRotated,
    AppSecretMade,
    SignedInToApp,
    SignedOutOfApp,
    AppConsentGiven,
    AppAccessEnded,
    AppTokenReplayed,
    /// An app could not be told for a day that its user had signed out.
    LogoutNotDelivered,
    AppAccessAsked,
    AppAccessGiven,
    AppAccessRefused,
    AppAccessTaken,
    GuestForgotten,
    AppAdded,
    AppChanged,
    AppRemoved,
    GroupAdded,
    GroupChanged,
    GroupRemoved,
    GroupJoined,
    GroupLeft,
    HandleChanged,
    /// A line that a newer version wrote. During an upgrade, nodes of two versions share a
    /// database.
    Newer,
}

impl Action {
    /// Returns how often one account may do this.
    pub const fn budget(self) -> Budget {
        match self {
            Self::AddressChangeAsked
            | Self::PasswordSet
            | Self::TotpAdded
            | Self::RecoveryCodesMade
            | Self::PasskeyAdded
            | Self::AppAccessAsked
            | Self::TestMailSent => Budget::Emails,
            Self::NameChanged
            | Self::LanguageChanged
            | Self::TimeZoneChanged
            | Self::PasskeyRenamed
            | Self::AccountAdded
            | Self::AccountEnabled
            | Self::AccountEndChanged
            | Self::AccountEnded
            | Self::InvitationSent
            | Self::AdminGranted
            | Self::SignedOutEverywhere
            | Self::SettingChanged
            | Self::MailRetried
            | Self::AppConsentGiven
            | Self::SignedOutOfApp
            | Self::AppAccessGiven
            | Self::AppAdded
            | Self::AppChanged
            | Self::GroupAdded
            | Self::GroupChanged
            | Self::GroupJoined
            | Self::HandleChanged => Budget::Acts,
            Self::SignedInToApp => Budget::AppSignIns,
            Self::SetUp
            | Self::SignedIn
            | Self::SteppedUp
            | Self::SignedOut
            | Self::SessionRevoked
            | Self::OtherSessionsRevoked
            | Self::AttemptCancelled
            | Self::CodeGuessedTooOften
            | Self::AccountClosed
            | Self::AddressChanged
            | Self::AddressChangeUndone
            | Self::GainUndone
            // What takes away what a thief added never waits: the thief could use up its budget by
            // a copied session. Each had to be added before, which has a budget.
            | Self::PasswordRemoved
            | Self::TotpRemoved
            | Self::RecoveryCodesRemoved
            | Self::PasskeyRemoved
            | Self::AccountDisabled
            | Self::AdminRevoked
            | Self::InvitationWithdrawn
            | Self::AppAccessEnded
            | Self::AppAccessRefused
            | Self::AppAccessTaken
            | Self::AppRemoved
            | Self::GroupRemoved
            | Self::GroupLeft
            | Self::PasswordReset
            | Self::TotpGuessedTooOften
            | Self::RecoveryCodeUsed
            | Self::PasskeyCounterWentBack
            | Self::DeviceTrusted
            | Self::DeviceDistrusted
            | Self::RecoveryBegun
            | Self::RecoveryCancelled
            | Self::RecoveryDone
            | Self::KeyRotated
            | Self::DatabaseRestored
            | Self::ConsoleLinkPrinted
            | Self::SigningKeysRotated
            | Self::AppSecretMade
            | Self::AppTokenReplayed
            | Self::LogoutNotDelivered
            | Self::GuestForgotten
            | Self::Newer => Budget::BoundedOtherwise,
        }
    }
}

/// Bound on how often one account may write a line of some kind. Over the limit, the act itself is
/// refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// An email follows from it.
    Emails,
    Acts,
    /// Sign-ins at apps, which take no more than a session. Apart from the others, so that no thief
    /// keeps a user out of all apps by changing a name.
    AppSignIns,
    /// Each such line uses up what another limit gave: an email link, a proof, a session, a
    /// remembered browser. A refusal would undo the count of a wrong code. It could also keep an
    /// owner from ending what an attacker has begun.
    BoundedOtherwise,
}

impl Budget {
    /// Returns its name among the limits, and the limit.
    pub fn limit(self) -> Option<(&'static str, Limit)> {
        match self {
            Self::Emails => Some(("acts with an email", Limit::in_hours::<30, 1>())),
            Self::Acts => Some(("acts", Limit::in_hours::<500, 1>())),
            Self::AppSignIns => Some(("sign-ins at apps", Limit::in_hours::<1000, 1>())),
            Self::BoundedOtherwise => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_away_what_a_thief_added_never_waits() {
        for (added, taken_away) in [
            (Action::AdminGranted, Action::AdminRevoked),
            (Action::AccountEnabled, Action::AccountDisabled),
            (Action::InvitationSent, Action::InvitationWithdrawn),
            (Action::AppAccessGiven, Action::AppAccessTaken),
            (Action::AppAdded, Action::AppRemoved),
            (Action::GroupAdded, Action::GroupRemoved),
            (Action::GroupJoined, Action::GroupLeft),
            (Action::PasskeyAdded, Action::PasskeyRemoved),
            (Action::TotpAdded, Action::TotpRemoved),
            (Action::RecoveryCodesMade, Action::RecoveryCodesRemoved),
            (Action::PasswordSet, Action::PasswordRemoved),
        ] {
            assert_eq!(taken_away.budget(), Budget::BoundedOtherwise, "{taken_away:?}");
            assert_ne!(added.budget(), Budget::BoundedOtherwise, "{added:?} bounds how often");
        }
    }

    #[test]
    fn every_action_reads_back_as_it_was_stored() {
        for &action in Action::VARIANTS {
            assert_eq!(action.into_str().parse(), Ok(action));
        }
    }

    #[test]
    fn acts_that_send_an_email_have_the_small_budget() {
        let of = |budget| -> Vec<&str> {
            Action::VARIANTS.iter().filter(|action| action.budget() == budget).map(|action| action.into_str()).collect()
        };
        assert_eq!(
            of(Budget::Emails),
            [
                "address_change_asked",
                "password_set",
                "totp_added",
                "recovery_codes_made",
                "passkey_added",
                "test_mail_sent",
                "app_access_asked",
            ]
        );
        assert_eq!(
            of(Budget::Acts),
            [
                "account_added",
                "account_enabled",
                "account_end_changed",
                "account_ended",
                "invitation_sent",
                "admin_granted",
                "signed_out_everywhere",
                "name_changed",
                "language_changed",
                "time_zone_changed",
                "passkey_renamed",
                "setting_changed",
                "mail_retried",
                "signed_out_of_app",
                "app_consent_given",
                "app_access_given",
                "app_added",
                "app_changed",
                "group_added",
                "group_changed",
                "group_joined",
                "handle_changed",
            ]
        );
        assert_eq!(of(Budget::AppSignIns), ["signed_in_to_app"]);
    }

    #[test]
    fn every_budget_has_its_limit() {
        let limit = |budget: Budget| budget.limit().map(|(_, limit)| limit.to_string());
        assert_eq!(limit(Budget::Emails).as_deref(), Some("30/1h"));
        assert_eq!(limit(Budget::Acts).as_deref(), Some("500/1h"));
        assert_eq!(limit(Budget::AppSignIns).as_deref(), Some("1000/1h"));
        assert_eq!(limit(Budget::BoundedOtherwise), None);
    }
}
