//! Words that readers stumble over: an actor without a name, a verb without a subject, an old phrase.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Never in comments, texts or documents.
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

/// Never in what users read: one message is an email.
const REFUSED_FOR_USERS: [&str; 5] = ["go on", "mail", "mails", "mailed", "switch"];

fn files_below(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            files_below(&entry.unwrap().path(), files);
        }
    } else {
        files.push(path.to_owned());
    }
}

/// A text in lower case with single spaces, so that a phrase is found across the end of a line and of a comment's line.
fn flowing(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim_start_matches([' ', '/', '!', '#', '-', '*', '>']));
    let words: Vec<String> = lines.flat_map(str::split_whitespace).map(str::to_lowercase).collect();
    words.join(" ")
}

fn finds<'a>(text: &str, words: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    words.iter().copied().filter(move |word| {
        text.match_indices(word).any(|(at, _)| {
            !is_letter(text[..at].chars().next_back()) && !is_letter(text[at + word.len()..].chars().next())
        })
    })
}

#[test]
fn no_word_is_used_that_readers_stumble_over() {
    let mut files = Vec::new();
    for place in
        ["src", "templates", "locales/en", "static", "docs", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"]
    {
        files_below(Path::new(place), &mut files);
    }
    // The list of common passwords is data.
    files.retain(|file| !file.starts_with("src/domain/password/common.txt"));
    let mut found = Vec::new();
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        // Values that rows and forms hold.
        let text = flowing(&text.replace("\"anybody\"", "").replace("\"nobody\"", ""));
        found.extend(finds(&text, &REFUSED).map(|word| format!("{}: {word}", file.display())));
        if file.starts_with("locales/en") {
            found.extend(finds(&text, &REFUSED_FOR_USERS).map(|word| format!("{}: {word}", file.display())));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
