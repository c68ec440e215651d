//! Gatepost's own reasons for what becomes of an email.

use strum::VariantArray;

/// Why Gatepost drops an email, gives it up, puts it off, or sends none. Stored where a mail
/// server's answer would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum MailReason {
    AttemptForgotten,
    AttemptEnded,
    /// While it was being made ready, its reason ended or a newer email replaced it.
    EndedSince,
    OverLimit,
    /// The reason was valid, but time ran out.
    TooLate,
    /// The command line printed its link instead.
    LinkIsPrinted,
    PasswordsOff,
    EmailLinksOff,
    BrowserEmailsOff,
    AccountGone,
    AccountDisabled,
    /// The account is gone, is disabled or has another address.
    AccountMoved,
    NoAccount,
    /// The address has no account, and the settings allow it none.
    MayNotJoin,
    NewAddressMayNotJoin,
    NewAddressTaken,
    NoGuest,
    NoAdmin,
    ChangeForgotten,
    RecoveryEnded,
    BrowserForgotten,
    AskAnswered,
    /// The ask is gone, or a newer one took its place.
    AskGone,
    AppGone,
    AppOrAskerGone,
    AccessEnded,
    /// Its stored facts are not those of this version.
    Unreadable,
    /// Its domain has had its share of emails to addresses without an account.
    PutOff,
    /// Another email told its news.
    Together,
}

impl MailReason {
    /// The table of reasons: each one's stored code, and the key of its sentence.
    const fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::AttemptForgotten => ("attempt_forgotten", "email-reason.attempt-forgotten"),
            Self::AttemptEnded => ("attempt_ended", "email-reason.attempt-ended"),
            Self::EndedSince => ("ended_since", "email-reason.ended-since"),
            Self::OverLimit => ("over_limit", "email-reason.over-limit"),
            Self::TooLate => ("too_late", "email-reason.too-late"),
            Self::LinkIsPrinted => ("link_printed", "email-reason.link-printed"),
            Self::PasswordsOff => ("passwords_off", "email-reason.passwords-off"),
            Self::EmailLinksOff => ("email_links_off", "email-reason.email-links-off"),
            Self::BrowserEmailsOff => ("browser_emails_off", "email-reason.browser-emails-off"),
            Self::AccountGone => ("account_gone", "email-reason.account-gone"),
            Self::AccountDisabled => ("account_disabled", "email-reason.account-disabled"),
            Self::AccountMoved => ("account_moved", "email-reason.account-moved"),
            Self::NoAccount => ("no_account", "email-reason.no-account"),
            Self::MayNotJoin => ("may_not_join", "email-reason.may-not-join"),
            Self::NewAddressMayNotJoin => ("new_address_may_not_join", "email-reason.new-address-may-not-join"),
            Self::NewAddressTaken => ("new_address_taken", "email-reason.new-address-taken"),
            Self::NoGuest => ("no_guest", "email-reason.no-guest"),
            Self::NoAdmin => ("no_admin", "email-reason.no-admin"),
            Self::ChangeForgotten => ("change_forgotten", "email-reason.change-forgotten"),
            Self::RecoveryEnded => ("recovery_ended", "email-reason.recovery-ended"),
            Self::BrowserForgotten => ("browser_forgotten", "email-reason.browser-forgotten"),
            Self::AskAnswered => ("ask_answered", "email-reason.ask-answered"),
            Self::AskGone => ("ask_gone", "email-reason.ask-gone"),
            Self::AppGone => ("app_gone", "email-reason.app-gone"),
            Self::AppOrAskerGone => ("app_or_asker_gone", "email-reason.app-or-asker-gone"),
            Self::AccessEnded => ("access_ended", "email-reason.access-ended"),
            Self::Unreadable => ("unreadable", "email-reason.unreadable"),
            // Queries compare these two. A node of the previous version writes and seeks them as
            // words, so that they stay so.
            Self::PutOff => ("the domain has had its share", "email-reason.put-off"),
            Self::Together => ("told in one email with others", "email-reason.together"),
        }
    }

    /// The code, as it is stored. Never changes once released.
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The key of its sentence for admins.
    pub const fn label(self) -> &'static str {
        self.row().1
    }

    /// Reads a code back. `None` for a mail server's answer, and for the words of an older version.
    pub fn parse(stored: &str) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|reason| reason.as_str() == stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn each_reason_has_its_own_code_and_sentence_and_is_read_back() {
        for &reason in MailReason::VARIANTS {
            assert_eq!(MailReason::parse(reason.as_str()), Some(reason));
        }
        let labels: HashSet<_> = MailReason::VARIANTS.iter().map(|reason| reason.label()).collect();
        assert_eq!(labels.len(), MailReason::VARIANTS.len());
    }

    #[test]
    fn what_a_server_or_an_older_version_wrote_is_no_reason() {
        for words in ["", "250 2.0.0 OK", "Unreadable", "the account is gone or disabled", "account_gone "] {
            assert_eq!(MailReason::parse(words), None, "{words}");
        }
    }
}
