//! Answer of the other side to an email, as pages show it.

use crate::mail::DevMailbox;

/// An answer of more characters is folded.
const MOST: usize = 110;

pub(super) enum MailReply {
    None,
    /// Kept in the test mailbox, under this number.
    Kept(u64),
    /// The server's words, in its own language.
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
        match DevMailbox::number_in(reply) {
            _ if reply.is_empty() => Self::None,
            Some(number) => Self::Kept(number),
            None if reply.chars().count() <= MOST => Self::Short(reply.to_owned()),
            None => Self::Long(beginning(reply), reply.to_owned()),
        }
    }
}

/// Returns the first sentence, or what fits of it.
fn beginning(reply: &str) -> String {
    let sentence = reply.split_once(". ").map_or(reply, |(sentence, _)| sentence);
    if sentence.chars().count() < MOST {
        return format!("{sentence} …");
    }
    let fits: String = sentence.chars().take(MOST).collect();
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
}
