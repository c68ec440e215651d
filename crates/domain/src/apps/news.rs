//! Emails about apps: what each is about, as the outbox stores it.

use super::asking::AskId;
use crate::mail_kind::MailKind;

/// Begins every note. No change of an account's security is called so.
pub const PREFIX: &str = "app:";

/// What an email about an app tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppNews {
    /// To each admin: a user asks for access.
    Asked(AskId),
    /// To that user: an admin has answered.
    Answered(AskId),
    /// To a guest: the account is about to be deleted.
    GuestEnds,
}

impl AppNews {
    pub const fn mail_kind(self) -> MailKind {
        match self {
            Self::Asked(_) => MailKind::AccessAsked,
            Self::Answered(_) => MailKind::AccessAnswered,
            Self::GuestEnds => MailKind::GuestEnds,
        }
    }

    /// Returns the stored form.
    pub fn note(self) -> String {
        match self {
            Self::Asked(ask) => format!("{PREFIX}asked:{ask}"),
            Self::Answered(ask) => format!("{PREFIX}answered:{ask}"),
            Self::GuestEnds => format!("{PREFIX}guest_ends"),
        }
    }

    pub fn parse(note: &str) -> Option<Self> {
        let rest = note.strip_prefix(PREFIX)?;
        match rest.split_once(':') {
            Some(("asked", id)) => Some(Self::Asked(id.parse().ok()?)),
            Some(("answered", id)) => Some(Self::Answered(id.parse().ok()?)),
            None if rest == "guest_ends" => Some(Self::GuestEnds),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::MailKind;

    #[test]
    fn news_of_apps_reads_back_as_it_was_stored() {
        let id = AskId::from_i64(7);
        for news in [AppNews::Asked(id), AppNews::Answered(id), AppNews::GuestEnds] {
            assert_eq!(AppNews::parse(&news.note()), Some(news));
            let stored = news.mail_kind().stored();
            assert_eq!(MailKind::of_stored(stored, &news.note()), Some(news.mail_kind()));
        }
        for note in ["", "app:", "app:asked", "app:asked:x", "asked:0000000000000007"] {
            assert_eq!(AppNews::parse(note), None, "{note}");
        }
    }
}
