//! Recovery when all second factors are lost: they are removed after a waiting period in which the
//! owner can cancel.
//!
//! The attacker to think of reads the mailbox and knows the password. They can ask like the owner,
//! and delete the emails about it. They lack the time: until it is over, the owner's next sign-in
//! with the second factor ends the recovery.

use crate::{
    AccountId, BrowserLabel, ClientAddress, Id, Lifetime, Limit, Method, Proof, Settings, Timestamp,
    assurance::{self, Evidence},
    pending,
};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// Time within which the owner can cancel: a user who signs in once a day sees the notice.
pub const WAITING_PERIOD: Lifetime = Lifetime::hours(24);

pub type RecoveryId = Id<Recovery>;

/// A recovery in progress, or one that has ended.
#[derive(Clone, Debug)]
pub struct Recovery {
    pub id: RecoveryId,
    pub account_id: AccountId,
    pub asked_by: AskedBy,
    pub asked_at: Timestamp,
    pub due_at: Timestamp,
    pub ended: Option<(Timestamp, Outcome)>,
    /// The browser that asked, and its address, where the owner's page names them.
    pub browser: Option<BrowserLabel>,
    pub client: Option<ClientAddress>,
}

impl Recovery {
    pub const fn new(id: RecoveryId, account_id: AccountId, asked_by: AskedBy, now: Timestamp) -> Self {
        let due_at = now.plus(WAITING_PERIOD);
        Self { id, account_id, asked_by, asked_at: now, due_at, ended: None, browser: None, client: None }
    }
}

/// Requester of a recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum AskedBy {
    /// A visitor who has shown two different proofs.
    Owner,
    Admin,
    #[strum(serialize = "command line")]
    CommandLine,
}

/// Outcome of a recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Outcome {
    /// The owner cancelled it, or showed the lost factor.
    Cancelled,
    Done,
}

impl AskedBy {
    /// Number of times that each of them may begin one for the same account. Beginning and ending
    /// one are two emails, so that an attacker can cause at most six a day. The owner has a try
    /// left after a press by mistake. Each has a separate budget, so that a thief who uses up the
    /// owner's keeps no admin from helping.
    pub const LIMIT: Limit = Limit::in_hours::<3, 24>();
}

/// Progress that a visitor whose sign-in waits has made towards a recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryProgress {
    /// True if two different proofs were shown.
    pub is_enough: bool,
    /// True if the mailbox was proven.
    pub has_mailbox: bool,
    /// True if an email link would make it enough.
    pub mail_helps: bool,
    /// True if the password would make it enough.
    pub password_helps: bool,
}

impl RecoveryProgress {
    /// Returns whether nothing that the visitor could show here makes it enough.
    pub const fn is_impossible(self) -> bool {
        !self.is_enough && !self.mail_helps && !self.password_helps
    }
}

/// Returns the visitor's progress. `has_own_password`: there is one, and it was not chosen through
/// an email link. Such a password proves only mailbox access. A reader of the mailbox could
/// otherwise choose a password first and then have "two proofs".
pub fn progress(proofs: &[Proof], has_own_password: bool, settings: &Settings, now: Timestamp) -> RecoveryProgress {
    let counts = |method: Method| match method.evidence() {
        Some(Evidence::Mailbox) => settings.email_link_enabled,
        Some(Evidence::Password) => settings.password_enabled && has_own_password,
        Some(Evidence::Console) => true,
        None => false,
    };
    // As long as a sign-in may wait, even if another proof was added since.
    let is_young = |proof: &&Proof| !proof.at.is_ahead_of(now) && now.since(proof.at) < pending::LIFETIME;
    let shown: Vec<Method> =
        proofs.iter().filter(is_young).map(|proof| proof.method).filter(|&method| counts(method)).collect();
    let is_enough = assurance::may_recover(&shown);
    let helps = |method| !is_enough && counts(method) && assurance::may_recover(&[&shown[..], &[method]].concat());
    RecoveryProgress {
        is_enough,
        has_mailbox: shown.iter().any(|method| method.proves_mailbox()),
        mail_helps: helps(Method::EmailLink),
        password_helps: helps(Method::Password),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::tests::settings;
    use crate::time::SKEW;
    use Method::{ConsoleLink, EmailCode, EmailLink, Password, Totp, TrustedDevice};

    const NOW: Timestamp = Timestamp::from_millis(100_000_000);

    fn shown(methods: &[Method]) -> Vec<Proof> {
        methods.iter().map(|&method| Proof { method, at: NOW }).collect()
    }

    fn of(methods: &[Method], has_own_password: bool) -> RecoveryProgress {
        let settings = Settings { password_enabled: true, ..settings() };
        progress(&shown(methods), has_own_password, &settings, NOW)
    }

    #[test]
    fn each_thing_that_was_shown_asks_for_the_other_one() {
        let only = RecoveryProgress { is_enough: false, has_mailbox: false, mail_helps: false, password_helps: false };
        assert_eq!(of(&[], true), only);
        assert_eq!(of(&[EmailLink], true), RecoveryProgress { has_mailbox: true, password_helps: true, ..only });
        assert_eq!(of(&[EmailLink], false), RecoveryProgress { has_mailbox: true, ..only });
        assert_eq!(of(&[Password], true), RecoveryProgress { mail_helps: true, ..only });
        assert_eq!(of(&[ConsoleLink], true), RecoveryProgress { mail_helps: true, password_helps: true, ..only });
        assert_eq!(of(&[EmailLink, EmailCode], true), of(&[EmailLink], true));
        assert_eq!(of(&[Password, Totp, TrustedDevice], true), of(&[Password], true));
        for enough in [&[EmailLink, Password][..], &[Password, EmailCode], &[ConsoleLink, EmailLink]] {
            let progress = of(enough, true);
            assert!(progress.is_enough && !progress.mail_helps && !progress.password_helps, "{enough:?}");
        }
    }

    #[test]
    fn a_password_that_was_chosen_by_mail_is_no_second_thing() {
        assert_eq!(of(&[EmailLink, Password], false), of(&[EmailLink], false));
        assert_eq!(of(&[Password], false), of(&[], false));
    }

    #[test]
    fn what_is_switched_off_counts_for_nothing() {
        let both = shown(&[EmailLink, Password]);
        for (links, passwords, expected) in [(true, true, true), (true, false, false), (false, true, false)] {
            let settings = Settings { email_link_enabled: links, password_enabled: passwords, ..settings() };
            let progress = progress(&both, true, &settings, NOW);
            assert_eq!(progress.is_enough, expected, "{links} {passwords}");
            assert!(!progress.mail_helps || links, "{links} {passwords}");
            assert!(!progress.password_helps || passwords, "{links} {passwords}");
        }
    }

    #[test]
    fn a_proof_counts_as_long_as_a_sign_in_may_wait_and_none_from_the_future_does() {
        let settings = Settings { password_enabled: true, ..settings() };
        let at = |at| [Proof { method: EmailLink, at }, Proof { method: Password, at: NOW }];
        let just = NOW.minus(pending::LIFETIME).plus(Lifetime::millis(1));
        assert!(progress(&at(just), true, &settings, NOW).is_enough);
        assert!(!progress(&at(NOW.minus(pending::LIFETIME)), true, &settings, NOW).is_enough);
        assert!(progress(&at(NOW.plus(SKEW)), true, &settings, NOW).is_enough, "from a node that is a little ahead");
        assert!(!progress(&at(NOW.plus(SKEW).plus(Lifetime::millis(1))), true, &settings, NOW).is_enough);
    }

    #[test]
    fn who_asked_and_how_it_ended_read_back_as_they_were_stored() {
        for &asked_by in AskedBy::VARIANTS {
            assert_eq!(asked_by.into_str().parse(), Ok(asked_by));
        }
        for &outcome in Outcome::VARIANTS {
            assert_eq!(outcome.into_str().parse(), Ok(outcome));
        }
        assert_eq!(("cat".parse::<AskedBy>().ok(), "cat".parse::<Outcome>().ok()), (None, None));
    }
}
