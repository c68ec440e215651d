//! Words that readers stumble over: an actor without a name, a verb without a subject, an old
//! phrase.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders and files that readers see.
const PLACES: [&str; 23] = [
    "src",
    "crates",
    "build.rs",
    "benches",
    "fuzz",
    "templates",
    "locales/en",
    "static",
    "docs",
    "scripts",
    "packaging",
    "migrations",
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "Rocket.toml",
    ".cargo",
    ".ci",
    "deny.toml",
    "justfile",
    "Dockerfile",
];

/// The last day of migrations whose comments may use any word.
const LAST_FREE: &str = "2026-12-03";

/// Refused in comments, texts and documents.
const REFUSED: [&str; 20] = [
    "whoever",
    "whatever",
    "whichever",
    "nobody",
    "somebody",
    "anybody",
    "is none",
    "at hand",
    "by now",
    "lately",
    "meanwhile",
    "but for",
    "in the place of",
    "by way of",
    "as ever",
    "from here on",
    "of its own",
    "lives for",
    "stands",
    "switched off",
];

/// Refused in what users read: one message is an email.
const REFUSED_FOR_USERS: [&str; 10] = [
    "go on",
    "mail",
    "mails",
    "mailed",
    "switch on",
    "switch off",
    // One thing has one name.
    "the operator",
    "server’s operator",
    "proven",
    "confirming it’s you",
];

/// Refused where no old row or value has the word: a link in an email is an email link.
const OTHER_NAMES_OF_LINKS: [&str; 8] = [
    "emailed link",
    "emailed links",
    "mailed link",
    "mailed links",
    "sign-in link",
    "sign-in links",
    "magic link",
    "magic links",
];

/// Refused in documents outside code: one message is an email, and so is its server.
const REFUSED_IN_DOCUMENTS: [&str; 3] = ["mail", "mails", "mailed"];

/// Most words of a sentence that users read.
const MAX_WORDS: usize = 20;

fn files_below(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            files_below(&entry.unwrap().path(), files);
        }
    } else {
        files.push(path.to_owned());
    }
}

/// Returns the day in the name of a migration's folder.
fn day_of(file: &Path) -> String {
    let folder = file.parent().and_then(Path::file_name).unwrap_or_default();
    folder.to_string_lossy().chars().take(LAST_FREE.len()).collect()
}

/// Returns the text in lower case with single spaces, so that a phrase is found across lines of a
/// comment.
fn flowing(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim_start_matches([' ', '/', '!', '#', '-', '*', '>']));
    let words: Vec<String> = lines.flat_map(str::split_whitespace).map(str::to_lowercase).collect();
    words.join(" ")
}

/// Returns the refused words that the text has, each between characters that no name is made of.
fn found_in<'a>(text: &str, refused: &'a [&'a str]) -> Vec<&'a str> {
    let text = flowing(text);
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    let is_word = |at: usize, word: &str| {
        !is_letter(text[..at].chars().next_back()) && !is_letter(text[at + word.len()..].chars().next())
    };
    refused.iter().copied().filter(|word| text.match_indices(word).any(|(at, _)| is_word(at, word))).collect()
}

/// Removes the quoted values that rows and forms hold. Settings, ceremonies of passkeys and the
/// audit log of servers in use have them stored. Another word would take a migration, and nodes of
/// the version before could not read it.
fn without_values(text: &str) -> String {
    let values = ["anybody", "nobody", "mailed link"];
    let quoted = values.iter().flat_map(|value| [format!("\"{value}\""), format!("`{value}`")]);
    quoted.fold(text.to_owned(), |text, value| text.replace(&value, ""))
}

/// Removes what a document says between backquotes.
fn without_code(text: &str) -> String {
    text.split('`').step_by(2).collect()
}

#[test]
fn no_word_is_used_that_readers_stumble_over() {
    let mut files = Vec::new();
    PLACES.iter().for_each(|place| files_below(Path::new(place), &mut files));
    // The lists of common passwords are data.
    files.retain(|file| {
        !file.starts_with("crates/domain/src/password") || file.extension().is_some_and(|end| end == "rs")
    });
    // Others wrote the licences. Old migrations stay as they were applied.
    files.retain(|file| !file.starts_with("packaging/licences"));
    files.retain(|file| !file.starts_with("migrations") || *day_of(file) > *LAST_FREE);
    assert!(files.len() > 400, "{}", files.len());
    let mut found = Vec::new();
    for file in files {
        // A picture is no text.
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let mut words = found_in(&without_values(&text), &REFUSED);
        if file.starts_with("locales/en") {
            words.extend(found_in(&text, &REFUSED_FOR_USERS));
        }
        // The glossary names what it refuses. The changelog's time had other words.
        if !file.starts_with("CONTRIBUTING.md") && !file.starts_with("CHANGELOG.md") {
            words.extend(found_in(&without_values(&text), &OTHER_NAMES_OF_LINKS));
            if file.extension().is_some_and(|end| end == "md") {
                words.extend(found_in(&without_code(&text), &REFUSED_IN_DOCUMENTS));
            }
        }
        found.extend(words.iter().map(|word| format!("{}: {word}", file.display())));
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// Reads the comments of tests only, because their values are those of forms.
#[test]
fn no_comment_of_a_test_uses_such_a_word() {
    let mut files = Vec::new();
    files_below(Path::new("tests"), &mut files);
    files.retain(|file| file.extension().is_some_and(|end| end == "rs"));
    assert!(files.len() > 150, "{}", files.len());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let comments = text.lines().filter(|line| line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        assert_eq!(found_in(&without_values(&comments), &REFUSED), [""; 0], "{}", file.display());
    }
}

/// Returns a line of a catalogue without its key. A value counts as one word, and markup as none.
fn said(line: &str) -> String {
    let text = line.split_once(" = ").map_or(line, |(_, text)| text);
    let (mut plain, mut depth, mut is_tag) = (String::new(), 0_u32, false);
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                plain.push('X');
            }
            '<' if depth == 0 => is_tag = true,
            '>' if depth == 0 => is_tag = false,
            c if depth == 0 && !is_tag => plain.push(c),
            _ => {}
        }
    }
    plain
}

fn longest_sentence(line: &str) -> usize {
    let said = said(line);
    let ends = |at: usize| {
        said[at..].chars().nth(1).is_none_or(|next| next.is_whitespace() || matches!(next, '”' | '"' | ')'))
    };
    let mut starts = vec![0];
    starts.extend(said.match_indices(['.', '!', '?']).filter(|(at, _)| ends(*at)).map(|(at, _)| at + 1));
    starts.push(said.len());
    let words = |text: &str| text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
    starts.windows(2).map(|ends| words(&said[ends[0]..ends[1]])).max().unwrap_or(0)
}

#[test]
fn no_sentence_for_users_has_more_than_twenty_words() {
    let mut files = Vec::new();
    files_below(Path::new("locales/en"), &mut files);
    for file in files {
        for line in fs::read_to_string(&file).unwrap().lines().filter(|line| !line.starts_with('#')) {
            let words = longest_sentence(line);
            assert!(words <= MAX_WORDS, "{}: {words} words: {line}", file.display());
        }
    }
    assert_eq!(longest_sentence("a = One <b>two</b> { $three }. Four five. Six"), 3);
}

#[test]
fn a_word_is_found_across_lines_and_never_inside_a_name() {
    assert_eq!(found_in("// It has a page of\n    // its own.", &REFUSED), ["of its own"]);
    assert!(found_in("`nobody_is_told` and `who_tells_nobody`; it understands", &REFUSED).is_empty());
    assert!(found_in(&without_values("`nobody`, `admins`, \"anybody\""), &REFUSED).is_empty());
    assert_eq!(found_in("mail-sent = The mail left.", &REFUSED_FOR_USERS), ["mail"]);
    assert!(found_in("mail-sent = The email left.", &REFUSED_FOR_USERS).is_empty());
    assert_eq!(found_in(&without_code("The `mail` of\n```\nmail\n```\na mail"), &REFUSED_IN_DOCUMENTS), ["mail"]);
}
