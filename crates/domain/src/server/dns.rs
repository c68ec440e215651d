//! Questions to a DNS resolver and its answers (RFC 1035), as far as the check of emails needs
//! them.

/// Type of record that a question asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordType {
    A,
    Txt,
    Aaaa,
}

impl RecordType {
    const fn code(self) -> u16 {
        match self {
            Self::A => 1,
            Self::Txt => 16,
            Self::Aaaa => 28,
        }
    }
}

/// Answer of a resolver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DnsAnswer {
    /// The data of each record. None if there is no such name, or it has no such record.
    Records(Vec<Vec<u8>>),
    /// It does not fit into a datagram. Ask by TCP.
    Truncated,
    /// The resolver could not find out. Its code.
    Failed(u8),
}

/// The longest name in a question.
const MAX_NAME: usize = 255;

/// Writes a question. Returns `None` if the name is not one.
pub fn question(id: u16, name: &str, kind: RecordType) -> Option<Vec<u8>> {
    let mut bytes = id.to_be_bytes().to_vec();
    // Recursion desired; one question, one additional record.
    bytes.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
    let start = bytes.len();
    for label in name.trim_end_matches('.').split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length))?;
        if !label.is_ascii() {
            return None;
        }
        bytes.push(length);
        bytes.extend(label.bytes());
    }
    bytes.push(0);
    if bytes.len() - start > MAX_NAME {
        return None;
    }
    bytes.extend(kind.code().to_be_bytes());
    bytes.extend([0, 1]);
    // EDNS: a datagram of 1,232 octets fits through every network.
    bytes.extend([0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]);
    Some(bytes)
}

/// Reads an answer. Returns `None` if it is not the answer to this question.
pub fn answer(id: u16, kind: RecordType, bytes: &[u8]) -> Option<DnsAnswer> {
    let mut reader = Reader { rest: bytes };
    if reader.number()? != id {
        return None;
    }
    let flags = reader.number()?;
    let (questions, answers) = (reader.number()?, reader.number()?);
    reader.take(4)?;
    if flags & 0x8000 == 0 {
        return None;
    }
    if flags & 0x0200 != 0 {
        return Some(DnsAnswer::Truncated);
    }
    match flags.to_be_bytes() {
        // Done, or there is no such name.
        [_, low] if matches!(low & 0x0f, 0 | 3) => {}
        [_, low] => return Some(DnsAnswer::Failed(low & 0x0f)),
    }
    for _ in 0..questions {
        reader.skip_name()?;
        reader.take(4)?;
    }
    let mut records = Vec::new();
    for _ in 0..answers {
        reader.skip_name()?;
        let found = reader.number()?;
        reader.take(6)?;
        let length = reader.number()?;
        let data = reader.take(length.into())?;
        // An alias comes before what it leads to.
        if found == kind.code() {
            records.push(data.to_vec());
        }
    }
    Some(DnsAnswer::Records(records))
}

/// Returns the text of a TXT record. Its parts belong together without a space.
pub fn text(data: &[u8]) -> Option<String> {
    let mut reader = Reader { rest: data };
    let mut text = Vec::new();
    while !reader.rest.is_empty() {
        let length = reader.octet()?;
        text.extend_from_slice(reader.take(length.into())?);
    }
    Some(String::from_utf8_lossy(&text).into_owned())
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn octet(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn number(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_be_bytes)
    }

    /// Skips a name, which may end by a pointer.
    fn skip_name(&mut self) -> Option<()> {
        loop {
            match self.octet()? {
                0 => return Some(()),
                length if length & 0xc0 == 0xc0 => return self.take(1).map(drop),
                length => self.take(length.into())?,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// An answer to the question with these records, after an alias.
    fn reply(question: &[u8], texts: &[&str]) -> Vec<u8> {
        let mut bytes = question.to_vec();
        bytes[2] = 0x81;
        bytes[7] = u8::try_from(texts.len() + 1).unwrap();
        bytes.truncate(bytes.len() - 11);
        bytes.extend([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 12]);
        for text in texts {
            let length = u8::try_from(text.len()).unwrap();
            bytes.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 9, 0, length + 1, length]);
            bytes.extend(text.bytes());
        }
        bytes
    }

    #[test]
    fn an_answer_is_read_after_an_alias() {
        let question = question(7, "_dmarc.example.com.", RecordType::Txt).unwrap();
        let bytes = reply(&question, &["v=DMARC1; p=none", "other"]);
        let Some(DnsAnswer::Records(records)) = answer(7, RecordType::Txt, &bytes) else { panic!("{bytes:?}") };
        let texts: Vec<_> = records.iter().filter_map(|data| text(data)).collect();
        assert_eq!(texts, ["v=DMARC1; p=none", "other"]);
        assert_eq!(answer(7, RecordType::A, &bytes), Some(DnsAnswer::Records(Vec::new())));
        assert_eq!(answer(8, RecordType::Txt, &bytes), None, "another question's");
        assert_eq!(answer(7, RecordType::Txt, &question), None, "the question itself");
        let with = |at: usize, value: u8| {
            let mut bytes = bytes.clone();
            bytes[at] = value;
            answer(7, RecordType::Txt, &bytes)
        };
        assert_eq!(with(3, 2), Some(DnsAnswer::Failed(2)));
        assert!(matches!(with(3, 3), Some(DnsAnswer::Records(_))), "there is no such name");
        assert_eq!(with(2, 0x83), Some(DnsAnswer::Truncated));
        assert_eq!(text(b"\x03abc\x02de"), Some("abcde".to_owned()));
        assert_eq!(text(b"\x04abc"), None);
    }

    #[test]
    fn only_names_are_asked_for() {
        for name in ["", "a..b", "é.example", &"a".repeat(64), &["abcdefgh"; 32].join(".")] {
            assert_eq!(question(1, name, RecordType::Txt), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn reading_anything_at_all_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            let _ = answer(0, RecordType::Txt, &bytes);
            let _ = text(&bytes);
            let question = question(7, "a.example", RecordType::Txt).unwrap();
            let cut = reply(&question, &["text"]);
            for length in 0..cut.len() {
                prop_assert_eq!(answer(7, RecordType::Txt, &cut[..length]), None);
            }
        }
    }
}
