//! The end of an email, as pages show it: the answer of the other side, or our own reason.

use crate::{domain::mail::MailReason, mail::DevMailbox};

/// An answer of more characters is folded.
const MAX: usize = 110;

pub(super) enum MailReply {
    None,
    /// Kept in the test mailbox, under this number.
    Kept(u64),
    /// The key of our own reason.
    Own(&'static str),
    /// The server's words in its own language, or those of an older version.
    Short(String),
    /// The beginning and the whole.
    Long(String, String),
}

impl MailReply {
    /// Returns whether the email is in the test mailbox, so that no server has it.
    pub(super) const fn is_kept(&self) -> bool {
        matches!(self, Self::Kept(_))
    }

    pub(super) fn new(reply: &str) -> Self {
        match (MailReason::parse(reply), DevMailbox::number_in(reply)) {
            _ if reply.is_empty() => Self::None,
            (Some(reason), _) => Self::Own(reason.label()),
            (None, Some(number)) => Self::Kept(number),
            (None, None) if reply.chars().count() <= MAX => Self::Short(reply.to_owned()),
            (None, None) => Self::Long(beginning(reply), reply.to_owned()),
        }
    }
}

/// Returns the first sentence, or what fits of it.
fn beginning(reply: &str) -> String {
    let sentence = reply.split_once(". ").map_or(reply, |(sentence, _)| sentence);
    if sentence.chars().count() < MAX {
        return format!("{sentence} …");
    }
    let fits: String = sentence.chars().take(MAX).collect();
    format!("{} …", fits.rsplit_once(' ').map_or(fits.as_str(), |(words, _)| words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_answer_begins_with_its_first_sentence_or_with_whole_words() {
        let said = format!("550-5.1.1 No such account. {}", "Check its spelling. ".repeat(9));
        assert!(matches!(MailReply::new(&said), MailReply::Long(start, whole)
            if start == "550-5.1.1 No such account …" && whole == said));
        let endless = "wörter ".repeat(40);
        assert!(matches!(MailReply::new(&endless), MailReply::Long(start, _) if start.ends_with("wörter …")));
        assert!(matches!(MailReply::new("250 OK"), MailReply::Short(_)));
        assert!(matches!(MailReply::new("kept as number 7"), MailReply::Kept(7)));
        assert!(matches!(MailReply::new("kept as number 7 of 8"), MailReply::Short(_)));
        assert!(matches!(MailReply::new(""), MailReply::None));
    }

    #[test]
    fn a_reason_of_ours_has_a_key_and_that_of_an_older_version_is_shown_as_it_is() {
        assert!(matches!(MailReply::new("account_gone"), MailReply::Own("email-reason.account-gone")));
        let older = "the account is gone or disabled";
        assert!(matches!(MailReply::new(older), MailReply::Short(words) if words == older));
    }
}
