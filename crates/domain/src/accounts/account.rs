//! Accounts: users, each with one verified email address.

use crate::{EmailAddress, Id, LanguageTag, Lifetime, TimeZone, Timestamp, typed};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

pub type AccountId = Id<Account>;

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    /// The one address. Emails always go here and never to a typed spelling.
    pub email: EmailAddress,
    pub name: AccountName,
    pub is_admin: bool,
    pub disabled_at: Option<Timestamp>,
    /// Time at which the mailbox, this one or an earlier one, was first verified. Until then,
    /// everything attached to the account may be a stranger's.
    pub proven_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub last_signed_in_at: Option<Timestamp>,
    /// The language that its owner chose. `None` means the browser's.
    pub language: Option<LanguageTag>,
    /// The time zone that its owner chose.
    pub time_zone: Option<TimeZone>,
    /// Time at which a guest's account is deleted. `None`: the account is no guest's. It is not
    /// `ends_at`, because the address of a deleted account is free again. An admin may end a
    /// guest's account before that.
    pub guest_until: Option<Timestamp>,
    /// Time at which it ends by itself. See [`Account::end`]. It is not `guest_until`. An account
    /// that has ended stays, with its history, and an admin can give it a later end.
    pub ends_at: Option<Timestamp>,
}

impl Account {
    /// Returns whether it is not disabled. It may have ended: see [`Account::is_usable`].
    pub const fn is_active(&self) -> bool {
        self.disabled_at.is_none()
    }

    /// Returns whether an admin invited the user to an app, until a moment.
    pub const fn is_guest(&self) -> bool {
        self.guest_until.is_some()
    }

    /// Returns when it ends. The account of an admin does not, because the last admin would be
    /// locked out by a date.
    pub fn end(&self) -> Option<Timestamp> {
        self.ends_at.filter(|_| !self.is_admin)
    }

    /// Returns when it ends, or is deleted as a guest's. Neither happens to an admin's.
    pub fn over_at(&self) -> Option<Timestamp> {
        self.ends_at.into_iter().chain(self.guest_until).min().filter(|_| !self.is_admin)
    }

    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.end().is_some_and(|end| end <= now)
    }

    /// Returns whether a guest's account is deleted before the last day of this end. An admin would
    /// take such an end for more time.
    pub fn is_deleted_before(&self, end: Timestamp) -> bool {
        self.is_guest() && self.guest_until.is_some_and(|until| until <= end.minus(Lifetime::days(1)))
    }

    /// Returns whether its user may sign in now, and stay signed in. A guest's account that is over
    /// is no more usable, even before housekeeping deletes it.
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.is_active() && self.over_at().is_none_or(|end| now < end)
    }
}

/// Time before the end of an account at which its user is told.
pub const END_NOTICE: Lifetime = Lifetime::days(7);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotAnEnd {
    NotADate,
    Past,
    /// A guest's account is deleted before that day.
    AfterGuest,
}

/// Reads the last day of an account, as a date field sends it. The account ends after that day, in
/// UTC. Empty for an account without an end.
pub fn parse_last_day(typed: &str, now: Timestamp) -> Result<Option<Timestamp>, NotAnEnd> {
    let typed = typed::trimmed(typed);
    if typed.is_empty() {
        return Ok(None);
    }
    let is_date = typed.len() == 10 && typed.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let first = Timestamp::parse_rfc3339(&format!("{typed}T00:00:00Z")).filter(|_| is_date);
    let end = first.ok_or(NotAnEnd::NotADate)?.plus(Lifetime::days(1));
    if end <= now { Err(NotAnEnd::Past) } else { Ok(Some(end)) }
}

/// Returns the last day of an account as a date field shows it.
pub fn last_day(end: Timestamp) -> String {
    end.minus(Lifetime::days(1)).rfc3339().chars().take(10).collect()
}

/// Way in which an account was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum AccountOrigin {
    SetUp,
    CommandLine,
    Invited,
    Joined,
}

/// Name that a user chooses: up to 100 characters on one line. It may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountName(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotAName {
    TooLong,
    /// It has control characters, line ends, or characters that reverse or hide their neighbours.
    Unprintable,
}

impl AccountName {
    pub const MAX_LENGTH: usize = 100;

    pub fn parse(typed: &str) -> Result<Self, NotAName> {
        let typed = typed::trimmed(typed);
        if typed.chars().count() > Self::MAX_LENGTH {
            return Err(NotAName::TooLong);
        }
        if deceives(typed) {
            return Err(NotAName::Unprintable);
        }
        Ok(Self(typed.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns whether a character changes how its neighbours are shown, or is not shown at all. These
/// are controls, separators of lines and paragraphs, zero-width characters and bidirectional
/// overrides (UTS #39 and the "trojan source" attack).
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{ffa0}' | '\u{e0000}'..='\u{e007f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Returns whether a line of text has a deceptive character that its script or picture does not
/// need. Persian, Urdu, Kurdish and the scripts of India spell names with joiners (U+200C, U+200D).
/// Emoji are composed with them (UTS #51).
pub fn deceives(text: &str) -> bool {
    // Plain ASCII hides nothing. Each check for a proxy judges a name, and most are such.
    if text.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
        return false;
    }
    let characters: Vec<char> = text.chars().collect();
    let at = |index: Option<usize>| index.and_then(|index| characters.get(index)).copied();
    let mut flag = false;
    characters.iter().enumerate().any(|(index, &c)| {
        let allowed = match c {
            '\u{200c}' | '\u{200d}' => joins(at(index.checked_sub(1)), at(index.checked_add(1))),
            // The flags of England, Scotland and Wales: a black flag, letters as tags, the end tag.
            '\u{e0020}'..='\u{e007f}' => flag,
            c => !is_deceptive(c),
        };
        flag = c == '\u{1f3f4}' || flag && matches!(c, '\u{e0020}'..='\u{e007e}');
        !allowed
    })
}

/// Returns whether a joiner joins something: a visible character outside ASCII on both sides.
/// Between Latin letters it would only make two different names look alike.
fn joins(before: Option<char>, after: Option<char>) -> bool {
    let visible = |c: char| !c.is_ascii() && !c.is_whitespace() && !is_deceptive(c);
    before.is_some_and(visible) && after.is_some_and(visible)
}

pub type AddressChangeId = Id<AddressChange>;

/// A change of an account's address. The old mailbox can undo it for a week.
#[derive(Clone, Debug)]
pub struct AddressChange {
    pub id: AddressChangeId,
    pub account_id: AccountId,
    pub old_email: EmailAddress,
    pub new_email: EmailAddress,
    pub changed_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_ends_after_its_last_day_and_an_admin_does_not() {
        let now = Timestamp::parse_rfc3339("2026-11-26T12:00:00Z").unwrap();
        let end = parse_last_day(" 2026-11-26 ", now).unwrap().unwrap();
        assert_eq!((end.rfc3339().as_str(), last_day(end).as_str()), ("2026-11-27T00:00:00Z", "2026-11-26"));
        assert_eq!(parse_last_day("", now), Ok(None));
        assert_eq!(parse_last_day("2026-11-25", now), Err(NotAnEnd::Past));
        for wrong in ["tomorrow", "2026-13-01", "2026-02-30", "26-11-2026", "2026-11-26T10:00:00Z", "+026-11-26"] {
            assert_eq!(parse_last_day(wrong, now), Err(NotAnEnd::NotADate), "{wrong}");
        }
        let account = Account {
            id: AccountId::from_i64(1),
            email: EmailAddress::parse("ana@example.com").unwrap(),
            name: AccountName::default(),
            is_admin: false,
            disabled_at: None,
            proven_at: None,
            created_at: now,
            last_signed_in_at: None,
            language: None,
            time_zone: None,
            guest_until: None,
            ends_at: Some(end),
        };
        assert!(account.is_usable(now) && account.is_usable(end.minus(Lifetime::millis(1))));
        assert!(!account.is_usable(end) && account.has_ended(end));
        assert!(Account { is_admin: true, ..account.clone() }.is_usable(end));
        let guest = Account { guest_until: Some(now), ..account.clone() };
        assert_eq!((account.over_at(), guest.over_at()), (Some(end), Some(now)));
        assert!(guest.is_usable(now.minus(Lifetime::millis(1))) && !guest.is_usable(now) && !guest.has_ended(now));
        assert_eq!(Account { is_admin: true, ..guest }.over_at(), None);
        assert!(!Account { disabled_at: Some(now), ..account }.is_usable(now));
    }

    #[test]
    fn names_are_one_honest_line() {
        assert_eq!(AccountName::parse("  Ana María 🙂 ").map(|n| n.0), Ok("Ana María 🙂".into()));
        assert_eq!(AccountName::parse("").map(|n| n.0), Ok(String::new()));
        assert_eq!(AccountName::parse(&"é".repeat(101)), Err(NotAName::TooLong));
        assert!(AccountName::parse(&"é".repeat(100)).is_ok());
        for typed in [
            "نوشین\u{200c}دخت",
            "ශ්\u{200d}රී",
            "👨\u{200d}👩\u{200d}👧",
            "❤\u{fe0f}\u{200d}🔥",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
        ] {
            assert_eq!(AccountName::parse(typed).map(|n| n.0), Ok(typed.into()), "{typed:?}");
        }
        for typed in ["an\u{200d}a", "ana\u{200c}b", "é\u{200d}a", "👨\u{200d}\u{200d}👩", "a\u{e0067}b", "é\u{e007f}x"]
        {
            assert_eq!(AccountName::parse(typed), Err(NotAName::Unprintable), "{typed:?}");
        }
        for typed in ["a\nb", "a\0b", "a\u{202e}b", "a\u{2066}b", "a\u{200b}b", "\u{1b}[31m"] {
            assert_eq!(AccountName::parse(typed), Err(NotAName::Unprintable), "{typed:?}");
        }
    }

    #[test]
    fn nothing_invisible_and_nothing_that_turns_text_round_is_in_a_name() {
        let alone = ['\u{ad}', '\u{61c}', '\u{115f}', '\u{1160}', '\u{180e}', '\u{3164}', '\u{ffa0}', '\u{feff}'];
        let controls = ['\u{7f}', '\u{80}', '\u{85}', '\u{9f}'];
        let ends = ['\u{200b}', '\u{200f}', '\u{2028}', '\u{202e}', '\u{2060}', '\u{206f}', '\u{fff9}', '\u{fffb}'];
        let between = ['\u{200e}', '\u{2029}', '\u{202a}', '\u{202c}', '\u{2064}', '\u{2066}', '\u{2069}', '\u{fffa}'];
        let tags = ['\u{e0000}', '\u{e0001}', '\u{e001f}', '\u{e0020}', '\u{e007f}'];
        for c in [&alone[..], &controls, &ends, &between, &tags].concat() {
            assert_eq!(AccountName::parse(&format!("a{c}b")), Err(NotAName::Unprintable), "{c:?}");
            assert!(is_deceptive(c), "{c:?}");
        }
        for c in ['\u{ac}', '\u{ae}', '\u{2010}', '\u{2027}', '\u{2070}', '\u{fffc}', '\u{e0100}'] {
            assert!(!is_deceptive(c), "{c:?}");
        }
        assert_eq!(AccountName::parse("🏴\u{e0067}\u{e007f}\u{e0067}"), Err(NotAName::Unprintable), "a flag ends");
    }

    #[test]
    fn a_user_is_told_a_week_before_the_account_ends() {
        assert_eq!(END_NOTICE, Lifetime::days(7));
    }
}
