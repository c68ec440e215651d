//! Invitations: the link in the email signs in by itself, once, because it proves the mailbox.

use crate::{Account, AccountId, EmailAddress, Timestamp, mail::QueuedMail};

/// The newest invitation of an account.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub account: AccountId,
    /// Address to which the email went. The link proves only this mailbox.
    pub email: EmailAddress,
    /// Address of the admin who invited.
    pub inviter: String,
    /// Time of the last request for the email.
    pub asked_at: Timestamp,
    /// Time at which the email server accepted it.
    pub accepted_at: Option<Timestamp>,
    /// `None` until the email leaves.
    pub expires_at: Option<Timestamp>,
    /// Time at which a browser first showed the page behind the link.
    pub opened_at: Option<Timestamp>,
}

/// Progress of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The email has not left.
    Queued,
    /// The email server refused the email.
    Refused,
    /// The email server accepted the email.
    Accepted,
    /// A browser showed the page behind the link.
    Opened,
    /// The link no longer works, and the user has never signed in.
    Expired,
    SignedIn,
    Disabled,
}

/// State of an opened link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    Ready,
    /// The user has signed in since, by this link or otherwise.
    Used,
    Expired,
    /// The account has another address than the email.
    Moved,
}

impl Invitation {
    /// Returns the invitation that an email begins.
    pub fn of_mail(account: AccountId, mail: &QueuedMail) -> Self {
        Self {
            account,
            email: mail.recipient.clone(),
            inviter: mail.note.clone(),
            asked_at: mail.created_at,
            accepted_at: None,
            expires_at: None,
            opened_at: None,
        }
    }

    /// Returns how far it has come. `is_dead` says whether the email server refused the email for
    /// good.
    pub fn progress(&self, account: &Account, is_dead: bool, now: Timestamp) -> Progress {
        if account.last_signed_in_at.is_some() {
            return Progress::SignedIn;
        }
        if !account.is_usable(now) {
            return Progress::Disabled;
        }
        if self.expires_at.is_some_and(|end| end <= now) {
            return Progress::Expired;
        }
        match (self.opened_at, self.accepted_at) {
            (Some(_), _) => Progress::Opened,
            (None, Some(_)) => Progress::Accepted,
            (None, None) if is_dead => Progress::Refused,
            (None, None) => Progress::Queued,
        }
    }

    /// Returns what its link is good for now.
    pub fn link_state(&self, account: &Account, now: Timestamp) -> LinkState {
        if account.last_signed_in_at.is_some() {
            LinkState::Used
        } else if account.email != self.email {
            LinkState::Moved
        } else if self.expires_at.is_none_or(|end| end <= now) {
            LinkState::Expired
        } else {
            LinkState::Ready
        }
    }
}

/// Returns the addresses of a pasted list, and the rest. A line may name the user, as in `Ana
/// <ana@example.com>`.
pub fn addresses(text: &str) -> (Vec<EmailAddress>, Vec<String>) {
    let (mut good, mut bad): (Vec<EmailAddress>, Vec<String>) = (Vec::new(), Vec::new());
    let mut is_quoted = false;
    let separates = |character: char| {
        // A name in quotes may have a comma, and ends with its line.
        is_quoted = (is_quoted != (character == '"')) && !matches!(character, '\n' | '\r');
        matches!(character, '\n' | '\r') || !is_quoted && matches!(character, ',' | ';')
    };
    for entry in text.split(separates).map(str::trim).filter(|entry| !entry.is_empty()) {
        let address = entry.rsplit_once('<').map_or(entry, |(_, rest)| rest.trim_end_matches('>'));
        match EmailAddress::parse(address.trim()) {
            Ok(email) if good.contains(&email) => {}
            Ok(email) => good.push(email),
            Err(_) => bad.push(entry.to_owned()),
        }
    }
    (good, bad)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lifetime, account::AccountName};

    const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

    fn email(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn account() -> Account {
        Account {
            id: AccountId::from_i64(1),
            email: email("ana@example.com"),
            name: AccountName::default(),
            is_admin: false,
            disabled_at: None,
            proven_at: None,
            created_at: NOW,
            last_signed_in_at: None,
            language: None,
            time_zone: None,
            guest_until: None,
            ends_at: None,
        }
    }

    fn accepted() -> Invitation {
        Invitation {
            account: AccountId::from_i64(1),
            email: email("ana@example.com"),
            inviter: "boss@example.com".to_owned(),
            asked_at: NOW,
            accepted_at: Some(NOW),
            expires_at: Some(NOW.plus(Lifetime::days(7))),
            opened_at: None,
        }
    }

    #[test]
    fn a_link_is_good_until_it_expires_or_its_user_signs_in_or_moves() {
        let (it, ana) = (accepted(), account());
        assert_eq!(it.link_state(&ana, NOW), LinkState::Ready);
        assert_eq!(it.link_state(&ana, NOW.plus(Lifetime::days(7))), LinkState::Expired);
        assert_eq!(Invitation { expires_at: None, ..accepted() }.link_state(&ana, NOW), LinkState::Expired);
        let signed_in = Account { last_signed_in_at: Some(NOW), ..account() };
        assert_eq!(it.link_state(&signed_in, NOW), LinkState::Used);
        let moved = Account { email: email("ben@example.com"), ..account() };
        assert_eq!(it.link_state(&moved, NOW), LinkState::Moved);
    }

    #[test]
    fn progress_is_the_furthest_that_has_happened() {
        let (queued, ana) = (Invitation { accepted_at: None, expires_at: None, ..accepted() }, account());
        assert_eq!(queued.progress(&ana, false, NOW), Progress::Queued);
        assert_eq!(queued.progress(&ana, true, NOW), Progress::Refused);
        assert_eq!(accepted().progress(&ana, true, NOW), Progress::Accepted);
        let opened = Invitation { opened_at: Some(NOW), ..accepted() };
        assert_eq!(opened.progress(&ana, false, NOW), Progress::Opened);
        assert_eq!(opened.progress(&ana, false, NOW.plus(Lifetime::days(8))), Progress::Expired);
        let disabled = Account { disabled_at: Some(NOW), ..account() };
        assert_eq!(opened.progress(&disabled, false, NOW), Progress::Disabled);
        let signed_in = Account { last_signed_in_at: Some(NOW), ..account() };
        assert_eq!(opened.progress(&signed_in, false, NOW.plus(Lifetime::days(8))), Progress::SignedIn);
    }

    #[test]
    fn a_pasted_list_is_read_by_line_comma_and_semicolon() {
        let text =
            "ana@example.com, Ben <ben@example.com>;\r\n\"Carl, C.\" <carl@example.com>\nana@example.com\n ben@ \n";
        let (good, bad) = addresses(text);
        assert_eq!(
            good.iter().map(EmailAddress::as_str).collect::<Vec<_>>(),
            ["ana@example.com", "ben@example.com", "carl@example.com"]
        );
        assert_eq!(bad, ["ben@"]);
        assert_eq!(addresses("\"a, b\nben@example.com").1, ["\"a, b"]);
        assert_eq!(addresses(" \n,;").0.len() + addresses("").1.len(), 0);
    }
}
