//! Sentences for users are in the catalogues, not in Rust.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Code that makes pages and emails.
const FOLDERS: [&str; 7] =
    ["src/web", "src/signin", "src/account", "src/admin", "src/oidc", "src/forward_auth", "src/outbox"];

/// Sources whose texts are for programs, operators and logs, in English.
const FOR_OTHERS: [&str; 6] = [
    // Error descriptions of OAuth, which apps and their developers read.
    "src/oidc/",
    "src/web/failure/oauth.rs",
    // Configuration of proxies, to copy.
    "src/admin/app_proxies.rs",
    // A proxy's operator reads them.
    "src/forward_auth/answer.rs",
    // Reasons why an email was not sent, which admins see marked as English.
    "src/outbox/",
    "src/web/failure/tests.rs",
];

/// Lines of code that say something to a log.
const LOGGED: [&str; 6] = ["tracing::", "fault(", "unavailable(", "unreadable(", ".wrong(", "reason = "];

/// Other values with spaces: policies, names of scopes, what seals are bound to, names in logs and
/// files.
const NO_SENTENCES: [&str; 12] = [
    "default-src",
    "camera=()",
    "profile email groups",
    "form of an ended session",
    "flash of session",
    "flash of no session",
    "JSON without a doubled member",
    "a member is doubled",
    "Contact: ",
    "used or expired link",
    "not found or not allowed",
    "not signed in",
];

fn sources_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { sources_below(&path, found) } else { found.push(path) }
    }
}

/// Returns whether a text between quotes has three words in a row.
fn is_sentence(text: &str) -> bool {
    let is_word = |word: &str| {
        let word = word.trim_matches(|c: char| c.is_ascii_punctuation() || matches!(c, '’' | '“' | '”'));
        word.chars().count() > 1 && word.chars().all(|c| c.is_alphabetic() || c == '’')
    };
    let words: Vec<bool> = text.split(' ').map(is_word).collect();
    words.windows(3).any(|three| three.iter().all(|is_word| *is_word))
}

fn sentences_in(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let lines = lines.filter(|line| !LOGGED.iter().any(|mark| line.contains(mark)));
    let quoted = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
    let others = quoted.filter(|text| !NO_SENTENCES.iter().any(|known| text.contains(known)));
    others.filter(|text| is_sentence(text)).map(str::to_owned).collect()
}

#[test]
fn no_sentence_for_users_is_in_rust() {
    let mut files = Vec::new();
    FOLDERS.iter().for_each(|folder| sources_below(Path::new(folder), &mut files));
    files.retain(|file| !FOR_OTHERS.iter().any(|other| file.starts_with(other.trim_end_matches('/'))));
    assert!(files.len() > 120, "{}", files.len());
    for file in files {
        let found = sentences_in(&fs::read_to_string(&file).unwrap());
        assert!(found.is_empty(), "{}: {found:?}", file.display());
    }
}

#[test]
fn a_sentence_is_told_from_a_key_and_a_log_line() {
    let source =
        "say(\"account-closed\"); tell(\"Your account is closed.\");\ntracing::info!(\"an account was closed\");";
    assert_eq!(sentences_in(source), ["Your account is closed."]);
}
