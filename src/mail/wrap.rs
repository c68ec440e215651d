//! The text part of an email, in lines that every program shows whole and every server passes on
//! unchanged.

/// Characters of a line (RFC 5322, section 2.1.1), less the `> ` of an answer.
const WIDTH: usize = 76;

/// Ties a number to its unit. Not ASCII: a text with it would leave quoted-printable.
const NO_BREAK_SPACE: char = '\u{a0}';

/// Breaks long lines at spaces. Words, and so links, stay whole; shorter lines stay unchanged.
/// No-break spaces keep their words on one line and become spaces.
pub(super) fn wrapped(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(wrapped_line).collect();
    lines.join("\n").replace(NO_BREAK_SPACE, " ")
}

fn wrapped_line(line: &str) -> String {
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    let (mut lines, mut length) = (String::new(), 0);
    let words = line.split(|c: char| c.is_whitespace() && c != NO_BREAK_SPACE);
    for word in words.filter(|word| !word.is_empty()) {
        let word_length = word.chars().count();
        if length > 0 && length + 1 + word_length > WIDTH {
            lines.push('\n');
            length = 0;
        } else if length > 0 {
            lines.push(' ');
            length += 1;
        }
        lines.push_str(word);
        length += word_length;
    }
    lines
}

/// Returns the same text with each paragraph on one line.
pub(super) fn unwrapped(text: &str) -> String {
    text.replace(NO_BREAK_SPACE, " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn short_lines_stay_as_they_are() {
        for text in ["", "\n", "-- \nGatepost", "  indented\n\n\nand apart\n"] {
            assert_eq!(wrapped(text), text);
        }
    }

    #[test]
    fn a_number_and_its_unit_stay_on_one_line_and_are_ascii() {
        let long = format!("{} 30\u{a0}days", "a".repeat(70));
        assert_eq!(wrapped(&long), format!("{}\n30 days", "a".repeat(70)));
        assert_eq!(unwrapped(&long), format!("{} 30 days", "a".repeat(70)));
        assert_eq!(wrapped("10\u{a0}minutes"), "10 minutes");
    }

    proptest! {
        #[test]
        fn words_stay_whole_and_lines_short(words in proptest::collection::vec("[a-z?=/.]{1,100}", 1..30)) {
            let text = wrapped(&words.join(" "));
            prop_assert_eq!(text.split_whitespace().collect::<Vec<_>>(), words.iter().map(String::as_str).collect::<Vec<_>>());
            for line in text.lines() {
                prop_assert!(line.len() <= WIDTH || !line.contains(' '), "{}", line);
            }
        }
    }
}
