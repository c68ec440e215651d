//! The text part of an email, in lines that every program shows whole and every server passes on
//! unchanged.

/// Characters of a line (RFC 5322, section 2.1.1), less the `> ` of an answer.
const WIDTH: usize = 76;

/// Breaks long lines at spaces. Words, and so links, stay whole; shorter lines stay unchanged.
pub fn wrapped(text: &str) -> String {
    text.split('\n').map(wrapped_line).collect::<Vec<_>>().join("\n")
}

fn wrapped_line(line: &str) -> String {
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    let (mut lines, mut length) = (String::new(), 0);
    for word in line.split_whitespace() {
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
