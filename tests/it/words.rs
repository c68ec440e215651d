//! Words that readers stumble over: an actor without a name, a verb without a subject, an old phrase.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders and files that readers see.
const PLACES: [&str; 16] = [
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
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "Rocket.toml",
];

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
const REFUSED_FOR_USERS: [&str; 6] = ["go on", "mail", "mails", "mailed", "switch on", "switch off"];

fn files_below(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            files_below(&entry.unwrap().path(), files);
        }
    } else {
        files.push(path.to_owned());
    }
}

/// Returns the text in lower case with single spaces, so that a phrase is found across lines of a comment.
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

/// Removes the quoted values that rows and forms hold.
fn without_values(text: &str) -> String {
    let values = ["anybody", "nobody", "somebody"];
    let quoted = values.iter().flat_map(|value| [format!("\"{value}\""), format!("`{value}`")]);
    quoted.fold(text.to_owned(), |text, value| text.replace(&value, ""))
}

#[test]
fn no_word_is_used_that_readers_stumble_over() {
    let mut files = Vec::new();
    PLACES.iter().for_each(|place| files_below(Path::new(place), &mut files));
    // The lists of common passwords are data.
    files.retain(|file| {
        !file.starts_with("crates/domain/src/password") || file.extension().is_some_and(|end| end == "rs")
    });
    assert!(files.len() > 400, "{}", files.len());
    let mut found = Vec::new();
    for file in files {
        // A picture is no text.
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let mut words = found_in(&without_values(&text), &REFUSED);
        if file.starts_with("locales/en") {
            words.extend(found_in(&text, &REFUSED_FOR_USERS));
        }
        found.extend(words.iter().map(|word| format!("{}: {word}", file.display())));
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_word_is_found_across_lines_and_never_inside_a_name() {
    assert_eq!(found_in("// It has a page of\n    // its own.", &REFUSED), ["of its own"]);
    assert!(found_in("`nobody_is_told` and `who_tells_nobody`; it understands", &REFUSED).is_empty());
    assert!(found_in(&without_values("`nobody`, `admins`, \"anybody\""), &REFUSED).is_empty());
    assert_eq!(found_in("mail-sent = The mail left.", &REFUSED_FOR_USERS), ["mail"]);
    assert!(found_in("mail-sent = The email left.", &REFUSED_FOR_USERS).is_empty());
}
