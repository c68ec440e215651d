//! Emails that wait in the outbox: their kinds, how long they are worth sending, when to try again.

pub use crate::{
    mail_kind::{MailKind, Recipient, Urgency},
    mail_reason::MailReason,
};

use crate::{
    AccountId, AskedFrom, AttemptId, EmailAddress, Entropy, Id, LanguageTag, Lifetime, SecurityEvent, Timestamp,
    attempt::{self, Purpose},
};
use strum::{EnumString, IntoStaticStr, VariantArray};

impl MailKind {
    /// Returns whether it carries the link of an attempt.
    pub fn is_of_attempt(self) -> bool {
        Purpose::VARIANTS.iter().any(|purpose| purpose.mail_kind() == Some(self))
    }

    /// Returns how long after its acceptance an email is still worth sending. A user waits for a
    /// link; security emails keep.
    pub const fn worth_sending_for(self) -> Lifetime {
        match self.urgency() {
            Urgency::WaitedFor => attempt::MAX_AGE,
            Urgency::News => Lifetime::days(3),
        }
    }
}

/// State of an email in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum MailState {
    /// Waits for its turn, or for its next try.
    Waiting,
    /// The mail server has it.
    Sent,
    /// It had no recipient, or its reason was gone.
    Dropped,
    /// Refused permanently, or given up. Admins see it.
    Dead,
}

pub type MailId = Id<QueuedMail>;

/// A row of the outbox: message and recipient. It never holds a token or a code, which are made
/// when it is sent.
#[derive(Clone, Debug)]
pub struct QueuedMail {
    pub id: MailId,
    pub kind: MailKind,
    pub attempt_id: Option<AttemptId>,
    pub account_id: Option<AccountId>,
    /// The requested address. If an account has it, the email goes to the account's own spelling.
    pub recipient: EmailAddress,
    /// Facts for the template that are not secret, such as an old address.
    pub note: String,
    /// Browser that made the change that it is about. `None` if no browser of the recipient's made
    /// it.
    pub from: Option<AskedFrom>,
    /// The language of the browser that asked. `None`: the installation's.
    pub language: Option<LanguageTag>,
    pub created_at: Timestamp,
    /// Bucket of the asker, for taking turns.
    pub asker: AskerBucket,
    /// Tries so far, without the current one.
    pub tries: i32,
    /// Number of tries that the mail server never confirmed.
    pub unanswered: i32,
    /// Time at which it is no longer worth sending.
    pub give_up_at: Timestamp,
    /// True if it waits only because its domain has had its share.
    pub was_put_off: bool,
    /// True if it has taken from its domain's share. It takes once, however often it is tried.
    pub is_counted: bool,
}

impl QueuedMail {
    /// Returns the line in which it waits. `None` if no email with others to the same mailbox can
    /// tell it.
    pub fn line(&self) -> Option<Line> {
        if self.kind == MailKind::NewBrowser {
            return Some(Line::SignIns);
        }
        let event = SecurityEvent::parse(self.kind, &self.note)?;
        event.can_be_gathered().then_some(Line::Changes)
    }

    /// Makes an email that is only about its recipient. Other facts go into the other fields.
    pub fn new(entropy: &dyn Entropy, kind: MailKind, recipient: EmailAddress, now: Timestamp) -> Self {
        Self {
            id: MailId::issue_at(entropy, now),
            kind,
            attempt_id: None,
            account_id: None,
            recipient,
            note: String::new(),
            from: None,
            language: None,
            created_at: now,
            asker: AskerBucket::default(),
            tries: 0,
            unanswered: 0,
            give_up_at: now.plus(kind.worth_sending_for()),
            was_put_off: false,
            is_counted: false,
        }
    }
}

/// News to one mailbox that can leave together. Each line has its own pace, so that sign-ins hold
/// up no news of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Changes,
    /// Sign-ins in new browsers.
    SignIns,
}

/// Asker of emails, as one of 65,536 buckets. Two askers in one bucket take turns as one. A bucket
/// does not reveal the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AskerBucket(i32);

impl AskerBucket {
    /// The bucket of a name, by FNV-1a.
    pub fn named(name: &str) -> Self {
        let fold = |hash: u64, octet: u8| (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3);
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, fold);
        // Folded, because the last letters of a name reach only the lower bits.
        let folded = hash ^ (hash >> 16) ^ (hash >> 32) ^ (hash >> 48);
        Self((folded & 0xffff) as i32)
    }

    pub const fn as_i32(self) -> i32 {
        self.0
    }
}

/// Returns when an email's turn is: a second after the last of the asker's emails that still wait.
/// So emails of others who ask in that time leave in between. Never more than half a minute from
/// now, so that a flood in another client's name costs little.
pub fn turn_after(last: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let next = last.map_or(now, |last| last.plus(Lifetime::seconds(1)).max(now));
    next.min(now.plus(Lifetime::seconds(30)))
}

/// News of one line to one mailbox that leave at once. Later ones wait and leave together.
pub const NEWS_AT_ONCE: usize = 6;
/// Over how long [`NEWS_AT_ONCE`] counts.
pub const NEWS_SPAN: Lifetime = Lifetime::hours(1);
/// Pause between later emails with news.
pub const NEWS_PAUSE: Lifetime = Lifetime::minutes(10);

/// Pause before an email is sent again that may have arrived. Its reader gets time to use it, and
/// then no copy is sent.
pub const UNANSWERED_PAUSE: Lifetime = Lifetime::minutes(2);
/// Most times that an email is handed over without a readable answer: so it arrives twice at most.
pub const MAX_UNANSWERED: i32 = 2;

/// Returns how long to wait after the `tries`-th failure. That is 5 s, 10 s, 20 s, … up to a
/// minute, and later up to 15 minutes.
///
/// A user looks at "Check your inbox" during the first minutes, so these pauses are short. `spread`
/// (any number) lengthens each by up to a fifth. So a thousand emails do not come back in the same
/// second.
pub fn pause_after(tries: i32, spread: i64) -> Lifetime {
    let doublings = tries.clamp(1, 20) - 1;
    let ceiling: i64 = if tries <= 30 { 60_000 } else { 900_000 };
    let pause = (5_000i64 << doublings).min(ceiling);
    Lifetime::millis(pause + spread.rem_euclid(pause / 5))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pauses_grow_and_stay_within_reason(tries in i32::MIN..i32::MAX, spread: i64) {
            let pause = pause_after(tries, spread);
            prop_assert!(pause >= Lifetime::seconds(5));
            prop_assert!(pause <= Lifetime::minutes(18));
            prop_assert!(pause_after(tries.saturating_add(1), 0) >= pause_after(tries, 0));
        }
    }

    #[test]
    fn an_asker_of_many_emails_lets_others_go_first_and_never_waits_for_long() {
        let now = Timestamp::from_millis(100_000);
        assert_eq!(turn_after(None, now), now);
        assert_eq!(turn_after(Some(Timestamp::from_millis(1)), now), now);
        assert_eq!(turn_after(Some(now), now), now.plus(Lifetime::seconds(1)));
        let flood = (0..1000).fold(now, |last, _| turn_after(Some(last), now));
        assert_eq!(flood, now.plus(Lifetime::seconds(30)));
        let buckets: std::collections::HashSet<i32> =
            (0..=255).map(|n| AskerBucket::named(&format!("192.0.2.{n}")).as_i32()).collect();
        assert!(buckets.len() > 250, "{} buckets for 256 neighbours", buckets.len());
    }

    #[test]
    fn kinds_and_states_read_back_as_they_were_stored() {
        for &kind in MailKind::VARIANTS {
            assert_eq!(MailKind::parse(kind.as_str()), Some(kind));
        }
        for &state in MailState::VARIANTS {
            assert_eq!(state.into_str().parse(), Ok(state));
        }
    }

    #[test]
    fn pauses_are_short_for_half_an_hour_and_then_a_quarter_of_one() {
        let seconds = |tries| pause_after(tries, 0).as_millis() / 1000;
        assert_eq!([1, 2, 3, 4, 5, 6].map(seconds), [5, 10, 20, 40, 60, 60]);
        assert_eq!([29, 30, 31, 1000].map(seconds), [60, 60, 900, 900]);
        assert_eq!([999, 1000, -1].map(|spread| pause_after(1, spread).as_millis()), [5999, 5000, 5999]);
    }
}
