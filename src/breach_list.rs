//! The operator's list of breached passwords. It is a sorted text file of SHA-1 hashes in
//! hexadecimal, one per line. Each may have `:count` after it.
//!
//! "Pwned Passwords" comes in this form when it is ordered by hash. It has some 40 GB, so that a
//! search bisects the file and never reads it whole.
//!
//! Each search opens the file again. That costs microseconds, and hashing the password afterwards
//! costs milliseconds. There is no state that could be wrong, and a replaced file counts from the
//! next search.

use crate::{config::Problem, domain::password::BreachHash};
use std::{
    cmp::Ordering,
    error::Error,
    fmt,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// Bytes of the longest line. Forty digits, a colon, a count of 64 bits, and the end of a line (CR,
/// LF) make 63.
const LONGEST_LINE: u64 = 64;
/// Lines at the beginning that are checked before the list is trusted. A short list made by hand is
/// checked whole.
const FIRST_LINES: usize = 1000;
/// Places over the whole length that are checked. A list in any other order passes with odds of one
/// in 64 factorial.
const PLACES: u64 = 64;

const HASH: usize = 20;

/// Path of the list.
#[derive(Clone, Debug)]
pub struct BreachList(PathBuf);

/// The list could not be read, or is malformed. The message never quotes the file, because it may
/// hold a user's password.
#[derive(Debug)]
pub struct Unreadable {
    path: PathBuf,
    source: io::Error,
}

impl BreachList {
    pub const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Checks some places of the file, and returns what it found. Blocks.
    pub fn check(&self) -> Result<String, Problem> {
        let checked = open(&self.0).and_then(|(mut file, length)| check(&mut file, length));
        let lines = checked.map_err(|error| Problem {
            key: "GATEPOST_BREACHED_PASSWORDS".to_owned(),
            value: Some(self.0.display().to_string()),
            problem: format!("it cannot be used as a list of breached passwords ({error})"),
            remedy: "Name a file of SHA-1 hashes in hexadecimal, one per line, sorted by LC_ALL=C sort; or unset it."
                .to_owned(),
        })?;
        Ok(format!("{}, {lines}", self.0.display()))
    }

    /// Returns whether a password is in the list. Takes some thirty short reads in the largest
    /// list. Blocks.
    pub fn holds(&self, wanted: &BreachHash) -> Result<bool, Unreadable> {
        let found = open(&self.0).and_then(|(mut file, length)| holds(&mut file, length, wanted.as_bytes()));
        found.map_err(|source| Unreadable { path: self.0.clone(), source })
    }
}

/// Returns the file and its length.
fn open(path: &Path) -> io::Result<(File, u64)> {
    // Opening a pipe would wait for a writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    if length == 0 {
        // An empty list is a failed download. It must not be ignored silently.
        return Err(invalid("it is empty"));
    }
    Ok((file, length))
}

struct Line {
    start: u64,
    /// Offset at which the next line starts.
    end: u64,
    hash: [u8; HASH],
}

/// Checks some lines, and returns roughly how many there are.
fn check(list: &mut (impl Read + Seek), length: u64) -> io::Result<String> {
    let mut last = Line { start: 0, end: 0, hash: [0; HASH] };
    let mut lines = 0;
    while last.end < length && lines < FIRST_LINES {
        last = next(list, length, last.end, &last)?;
        lines += 1;
    }
    if last.end == length {
        return Ok(format!("{lines} hashes"));
    }
    let from = last.end;
    for place in 0..PLACES {
        last = next(list, length, from + (length - from) / PLACES * place, &last)?;
    }
    next(list, length, length - 1, &last)?;
    Ok(format!("{length} bytes, in order at every place checked"))
}

/// Reads the line at a place after another line.
fn next(list: &mut (impl Read + Seek), length: u64, at: u64, before: &Line) -> io::Result<Line> {
    let line = line_at(list, length, at)?;
    if line.hash < before.hash { Err(not_in_order(line.start)) } else { Ok(line) }
}

fn holds(list: &mut (impl Read + Seek), length: u64, wanted: &[u8]) -> io::Result<bool> {
    let (mut low, mut high) = (0, length);
    // A hash between two places must lie between their hashes. Otherwise a failed search would mean
    // nothing.
    let (mut least, mut most) = ([0; HASH], [u8::MAX; HASH]);
    while low < high {
        let line = line_at(list, length, low + (high - low) / 2)?;
        if line.hash < least || line.hash > most {
            return Err(not_in_order(line.start));
        }
        match line.hash.as_slice().cmp(wanted) {
            Ordering::Equal => return Ok(true),
            Ordering::Less => (low, least) = (line.end, line.hash),
            Ordering::Greater => (high, most) = (line.start, line.hash),
        }
    }
    Ok(false)
}

/// Reads the line that contains the byte at `at`. `at` is before the end.
fn line_at(list: &mut (impl Read + Seek), length: u64, at: u64) -> io::Result<Line> {
    let back = at.min(LONGEST_LINE);
    let from = at - back;
    let mut window = Vec::with_capacity(2 * LONGEST_LINE as usize);
    list.seek(SeekFrom::Start(from))?;
    list.by_ref().take(back + LONGEST_LINE).read_to_end(&mut window)?;
    let is_feed = |byte: &u8| *byte == b'\n';
    let (before, after) = window.split_at_checked(back as usize).ok_or_else(|| no_hash(at))?;
    let start = before.iter().rposition(is_feed).map(|feed| feed + 1).or((from == 0).then_some(0));
    let is_last = from + window.len() as u64 >= length;
    let end = after.iter().position(is_feed).map(|feed| before.len() + feed + 1).or(is_last.then_some(window.len()));
    let (Some(start), Some(end)) = (start, end) else { return Err(no_hash(at)) };
    let hash = window.get(start..end).and_then(hash_of).ok_or_else(|| no_hash(from + start as u64))?;
    Ok(Line { start: from + start as u64, end: from + end as u64, hash })
}

/// Parses 40 digits, perhaps a colon and a count, perhaps the end of a line.
fn hash_of(line: &[u8]) -> Option<[u8; HASH]> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (digits, rest) = line.split_at_checked(2 * HASH)?;
    let is_count = |count: &[u8]| !count.is_empty() && count.iter().all(u8::is_ascii_digit);
    if !rest.is_empty() && !rest.strip_prefix(b":").is_some_and(is_count) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut hash = [0; HASH];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        let &[high, low] = pair else { return None };
        *byte = digit(high)? << 4 | digit(low)?;
    }
    Some(hash)
}

fn invalid(problem: impl Into<Box<dyn Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

fn no_hash(at: u64) -> io::Error {
    invalid(format!("the line at byte {at} is not a SHA-1 hash"))
}

fn not_in_order(at: u64) -> io::Error {
    invalid(format!("it is not in order at byte {at}"))
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot use the list of breached passwords, {}", self.path.display())
    }
}

impl Error for Unreadable {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Password;
    use proptest::prelude::*;
    use std::{collections::BTreeSet, fmt::Write, io::Cursor};
    use tempfile::TempDir;

    type Hash = [u8; HASH];

    fn holds_in(text: &str, hash: &Hash) -> io::Result<bool> {
        holds(&mut Cursor::new(text), text.len() as u64, hash)
    }

    fn check_of(text: &str) -> io::Result<String> {
        check(&mut Cursor::new(text), text.len() as u64)
    }

    fn hex(hash: &[u8]) -> String {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns `n` hashes in order, alike except for their last bytes, or spread evenly.
    fn many(n: u32) -> Vec<Hash> {
        let hash = |n: u32| {
            let mut hash = [0; HASH];
            hash[..4].copy_from_slice(&n.wrapping_mul(2_654_435_761).to_be_bytes());
            hash
        };
        let hashes: BTreeSet<Hash> = (1..=n).map(hash).collect();
        hashes.into_iter().collect()
    }

    fn lines(hashes: &[Hash]) -> String {
        hashes.iter().map(|hash| hex(hash) + "\n").collect()
    }

    /// Close together in their first or in their last bytes, or far apart.
    fn hashes() -> impl Strategy<Value = BTreeSet<Hash>> {
        let near = (any::<u8>(), any::<u8>()).prop_map(|(first, last)| {
            let mut hash = [7; HASH];
            (hash[0], hash[HASH - 1]) = (first, last);
            hash
        });
        prop::collection::btree_set(prop_oneof![any::<Hash>(), near], 1..200)
    }

    /// Returns one more and one less, as a number.
    fn neighbours(hash: &Hash) -> [Hash; 2] {
        [1, u8::MAX].map(|step| {
            let mut other = *hash;
            for byte in other.iter_mut().rev() {
                *byte = byte.wrapping_add(step);
                let carries = if step == 1 { *byte == 0 } else { *byte == u8::MAX };
                if !carries {
                    break;
                }
            }
            other
        })
    }

    proptest! {
        #[test]
        fn exactly_the_members_are_found_however_the_list_is_written(
            hashes in hashes(),
            counts in prop::collection::vec(prop::option::of(any::<u64>()), 200),
            crlf: bool,
            capitals: bool,
            ends: bool,
            strangers in prop::collection::vec(any::<Hash>(), 20),
        ) {
            let end = if crlf { "\r\n" } else { "\n" };
            let mut text = String::new();
            for (hash, count) in hashes.iter().zip(&counts) {
                text += &if capitals { hex(hash).to_uppercase() } else { hex(hash) };
                if let Some(count) = count {
                    write!(text, ":{count}").unwrap();
                }
                text += end;
            }
            if !ends {
                text.truncate(text.len() - end.len());
            }
            prop_assert!(check_of(&text).is_ok());
            for hash in &hashes {
                prop_assert!(holds_in(&text, hash).unwrap());
            }
            for other in hashes.iter().flat_map(neighbours).chain(strangers) {
                prop_assert_eq!(holds_in(&text, &other).unwrap(), hashes.contains(&other));
            }
        }

        #[test]
        fn whatever_the_file_holds_a_look_ends(bytes in "[0-9a-f\r\n:]{0,400}", hash: Hash, more in 0u64..100) {
            // As if the file had been truncated after its length was read.
            let length = bytes.len() as u64 + more;
            let _ = (holds(&mut Cursor::new(&bytes), length, &hash), check(&mut Cursor::new(&bytes), length));
        }

        #[test]
        fn two_lines_that_have_changed_places_are_noticed_in_a_short_list(a in 0usize..500, b in 0usize..500) {
            let mut hashes = many(500);
            hashes.swap(a, b);
            prop_assert_eq!(check_of(&lines(&hashes)).is_ok(), a == b);
        }
    }

    /// Counts what is read.
    struct Counting<'a>(Cursor<&'a [u8]>, usize);

    impl Read for Counting<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read(buffer)?;
            self.1 += read;
            Ok(read)
        }
    }

    impl Seek for Counting<'_> {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn a_look_reads_a_few_lines_and_never_the_whole() {
        let hashes = many(50_000);
        let text = lines(&hashes);
        for hash in hashes.iter().step_by(997) {
            for (wanted, found) in [(*hash, true), (neighbours(hash)[0], false)] {
                let mut list = Counting(Cursor::new(text.as_bytes()), 0);
                assert_eq!(holds(&mut list, text.len() as u64, &wanted).unwrap(), found);
                assert!(list.1 < 3000, "{} of {} bytes", list.1, text.len());
            }
        }
    }

    #[test]
    fn a_long_list_that_is_not_in_order_is_noticed_by_looking_in_some_places() {
        let hashes = many(20_000);
        assert!(check_of(&lines(&hashes)).is_ok());
        // Two lists joined, and one that is unordered after its first lines.
        assert!(check_of(&lines(&[&hashes[..], &hashes[..]].concat())).is_err());
        let (first, rest) = hashes.split_at(2000);
        let shuffled: Vec<Hash> = (0..rest.len()).map(|n| rest[n * 7919 % rest.len()]).collect();
        assert!(check_of(&lines(&[first, &shuffled].concat())).is_err());
    }

    #[test]
    fn a_list_that_is_not_in_order_where_it_is_looked_at_answers_nothing() {
        let mut hashes = many(1000);
        hashes.reverse();
        let text = lines(&hashes);
        assert!(hashes.iter().all(|hash| holds_in(&text, hash).unwrap_or(true)));
    }

    #[test]
    fn a_file_of_anything_else_is_no_list() {
        let sha1 = "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8";
        let long = format!("{sha1}:{}", "1".repeat(400));
        for text in [
            "password\n123456\n",
            "8846f7eaee8fb117ad06bdd830b7586c:7\n",
            "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8\n",
            "\u{feff}5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8\n",
            "1E4C9B93F3F0682250B6CF8331B7EE68FD8:52256179\n",
            "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8 1\n",
            "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8:\n",
            "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8\n\n",
            "5baa61e4c9b93f3f0682250b6cf8331b7ee68fdx\n",
            "\n",
            &long,
        ] {
            let problem = check_of(text).unwrap_err().to_string();
            assert!(problem.contains("not a SHA-1 hash"), "{text:?}: {problem}");
            // The line may be a user's password.
            assert!(!problem.contains("password") && !problem.contains("5baa"), "{problem}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_said_with_the_key_the_file_and_a_remedy() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("list");
        fs::write(&file, "").unwrap();
        for path in [file, folder.path().to_owned(), folder.path().join("nowhere")] {
            let problem = BreachList::at(path.clone()).check().unwrap_err().to_string();
            for part in ["GATEPOST_BREACHED_PASSWORDS", path.to_str().unwrap(), "Name a file", "LC_ALL=C sort"] {
                assert!(problem.contains(part), "{problem}");
            }
            let wanted = Password::present("password").unwrap().sha1_for_breach_lists();
            assert!(BreachList::at(path).holds(&wanted).is_err());
        }
    }

    #[test]
    fn a_file_that_was_moved_into_its_place_counts_at_once() {
        let folder = TempDir::new().unwrap();
        let (file, new) = (folder.path().join("list"), folder.path().join("new"));
        let holds = |list: &BreachList, typed: &str| {
            list.holds(&Password::present(typed).unwrap().sha1_for_breach_lists()).unwrap()
        };
        fs::write(&file, "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:52256179\r\n").unwrap();
        let list = BreachList::at(file.clone());
        assert!(holds(&list, "password") && !holds(&list, "caf\u{e9}"));
        fs::write(&new, "f424452a9673918c6f09b0cdd35b20be8e6ae7d7").unwrap();
        fs::rename(&new, &file).unwrap();
        assert!(!holds(&list, "password") && holds(&list, "cafe\u{301}"));
    }
}
