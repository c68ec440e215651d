//! Replies of a mail server, read as octets: the three digits alone decide (RFC 5321 §4.2).
//!
//! Servers send replies without text, without the space after the code, in Latin-1, with a bare
//! line feed. The code means the same in all of them.

use crate::domain::account::is_deceptive;

/// Most octets of one reply. A server that sends more is not answering.
const MAX: usize = 16 * 1024;

/// A whole reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub code: u16,
    /// The text of each line, without control characters.
    pub lines: Vec<String>,
}

/// Why octets cannot become a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// A line does not begin with three digits from 200 to 599.
    NoCode,
    /// The codes of one reply mean different things.
    Contradiction,
    /// It has no end.
    Endless,
}

impl Flaw {
    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Self::NoCode => "its answer has no code",
            Self::Contradiction => "its answer contradicts itself",
            Self::Endless => "its answer has no end",
        }
    }
}

impl Reply {
    pub(super) const fn is_done(&self) -> bool {
        matches!(self.code, 200..=299)
    }

    pub(super) const fn is_more_wanted(&self) -> bool {
        matches!(self.code, 300..=399)
    }

    pub(super) const fn is_later(&self) -> bool {
        matches!(self.code, 400..=499)
    }

    pub(super) const fn is_never(&self) -> bool {
        matches!(self.code, 500..=599)
    }

    /// Returns whether the server refuses by its own rules, not because of the mailbox (RFC 3463
    /// §3.8). The rule against relaying is one.
    pub(super) fn is_never_by_policy(&self) -> bool {
        self.is_never() && self.lines.first().is_some_and(|line| line.trim_start().starts_with("5.7."))
    }

    /// Returns whether the server closes the connection.
    pub(super) const fn is_closing(&self) -> bool {
        self.code == 421
    }

    /// Returns the text on one line, or the code without a text.
    pub(super) fn in_words(&self) -> String {
        let text = self.lines.join(" ").trim().to_owned();
        if text.is_empty() { self.code.to_string() } else { text }
    }
}

/// Reads the reply at the beginning of `octets`. Returns it with its length, or `None` while its
/// end is missing.
pub(super) fn read(octets: &[u8]) -> Result<Option<(Reply, usize)>, Flaw> {
    let mut lines: Vec<String> = Vec::new();
    let mut kind = None;
    let mut start = 0;
    loop {
        let rest = octets.get(start..).unwrap_or_default();
        // Checked before the line is complete, so that another kind of server is recognised at
        // once.
        let code = code(rest)?;
        let Some(end) = rest.iter().position(|octet| *octet == b'\n') else {
            return if octets.len() > MAX { Err(Flaw::Endless) } else { Ok(None) };
        };
        let code = code.ok_or(Flaw::NoCode)?;
        // Lines may differ in the code, but not in its meaning.
        if *kind.get_or_insert(code / 100) != code / 100 {
            return Err(Flaw::Contradiction);
        }
        let line = rest.get(3..end).unwrap_or_default();
        lines.push(text(line.get(1..).unwrap_or_default()));
        start += end + 1;
        if line.first() != Some(&b'-') {
            return Ok(Some((Reply { code, lines }, start)));
        }
        if start > MAX {
            return Err(Flaw::Endless);
        }
    }
}

/// Reads the code at the beginning of a line. Returns `None` if more octets are needed.
fn code(line: &[u8]) -> Result<Option<u16>, Flaw> {
    let digits = line.get(..line.len().min(3)).unwrap_or_default();
    let plausible = digits.iter().enumerate().all(|(at, octet)| match at {
        0 => matches!(octet, b'2'..=b'5'),
        _ => octet.is_ascii_digit(),
    });
    match digits {
        _ if !plausible => Err(Flaw::NoCode),
        [a, b, c] => Ok(Some(digits_to_code([*a, *b, *c]))),
        _ => Ok(None),
    }
}

fn digits_to_code(digits: [u8; 3]) -> u16 {
    digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit.saturating_sub(b'0')))
}

/// Decodes UTF-8, or else Latin-1.
fn text(octets: &[u8]) -> String {
    let octets = octets.trim_ascii_end();
    let text = std::str::from_utf8(octets)
        .map_or_else(|_| octets.iter().map(|octet| char::from(*octet)).collect(), ToOwned::to_owned);
    one_line(&text)
}

/// Cleans text from outside: no control characters, limited length.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if is_deceptive(c) { ' ' } else { c }).take(4000).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(octets: &[u8]) -> (u16, String) {
        let (reply, used) = read(octets).unwrap().unwrap();
        assert_eq!(used, octets.len());
        (reply.code, reply.in_words())
    }

    #[test]
    fn the_code_alone_decides() {
        for (octets, code, text) in [
            (&b"250 ok\r\n"[..], 250, "ok"),
            (b"250\r\n", 250, "250"),
            (b"250 \r\n", 250, "250"),
            (b"250\n", 250, "250"),
            (b"250ok\r\n", 250, "k"),
            (b"250\tok\r\n", 250, "ok"),
            (b"250 angenommen f\xfcr Ana\r\n", 250, "angenommen für Ana"),
            ("250 angenommen für Ana\r\n".as_bytes(), 250, "angenommen für Ana"),
            (b"250-one\r\n250 two\r\n", 250, "one two"),
            (b"250-one\n250-\n250\n", 250, "one"),
            (b"250-one\r\n251 two\r\n", 251, "one two"),
            (b"250 a\0b\r\n", 250, "a b"),
            (b"554 5.7.1 no\x1b[31m\r\n", 554, "5.7.1 no [31m"),
        ] {
            assert_eq!(whole(octets), (code, text.to_owned()), "{octets:?}");
        }
        let long = [&b"250 "[..], &[b'x'; 2000], b"\r\n"].concat();
        assert_eq!(whole(&long).0, 250);
    }

    #[test]
    fn what_is_no_reply_is_found_out_as_soon_as_it_can_be() {
        for octets in
            [&b"SSH-2.0"[..], b"\0", b"ok\r\n", b"2x", b"\r\n", b"199 x\r\n", b"650 x\r\n", b"25\r\n", b" 250 ok"]
        {
            assert_eq!(read(octets), Err(Flaw::NoCode), "{octets:?}");
        }
        assert_eq!(read(b"250-ok\r\n550 no\r\n"), Err(Flaw::Contradiction));
        assert_eq!(read(b"250-ok\r\nno\r\n"), Err(Flaw::NoCode));
        for octets in [&b""[..], b"2", b"250", b"250 ok", b"250-ok\r\n", b"250-ok\r\n2"] {
            assert_eq!(read(octets), Ok(None), "{octets:?}");
        }
        assert_eq!(read(&[b"250 ".to_vec(), vec![b'x'; MAX]].concat()), Err(Flaw::Endless));
        assert_eq!(read(&b"250-x\r\n".repeat(MAX)), Err(Flaw::Endless));
    }

    proptest! {
        #[test]
        fn any_octets_can_be_read(octets: Vec<u8>) {
            if let Ok(Some((reply, used))) = read(&octets) {
                prop_assert!(used <= octets.len());
                prop_assert!((200..600).contains(&reply.code));
                prop_assert!(reply.lines.iter().flat_map(|line| line.chars()).all(|c| !is_deceptive(c)));
            }
        }

        /// A reply means the same with any text and any split by the network.
        #[test]
        fn a_reply_is_read_the_same_in_pieces(code in 200u16..600, text in "[^\\n]{0,60}", cut: prop::sample::Index) {
            let line = format!("{code} {text}\r\n");
            let octets = line.as_bytes();
            let (reply, used) = read(octets).unwrap().unwrap();
            prop_assert_eq!((reply.code, used), (code, octets.len()));
            prop_assert_eq!(read(&octets[..cut.index(octets.len())]), Ok(None));
            // What follows it belongs to another reply.
            let two = [octets, b"550 no\r\n"].concat();
            prop_assert_eq!(read(&two), Ok(Some((reply, used))));
        }
    }
}
