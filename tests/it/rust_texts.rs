//! Sentences for users are in the catalogues, not in Rust.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Code that makes pages and emails, or what they show.
const FOLDERS: [&str; 11] = [
    "src/web",
    "src/signin",
    "src/account",
    "src/admin",
    "src/oidc",
    "src/forward_auth",
    "src/outbox",
    "src/telling",
    "src/people",
    "src/apps",
    "src/passkeys",
];

/// Sources whose texts are for programs, operators and logs, in English.
const FOR_OTHERS: [&str; 6] = [
    // Errors of OAuth and WebFinger, which apps and their developers read.
    "src/web/failure/oauth.rs",
    "src/oidc/webfinger.rs",
    // Configuration of proxies, to copy.
    "src/admin/app_proxies.rs",
    // Names of what is counted, and of what is hashed.
    "src/limits.rs",
    "src/passkeys/decoys.rs",
    "src/web/failure/tests.rs",
];

/// Lines of code that say something to a log, or describe an error of OAuth.
const FOR_PROGRAMS: [&str; 10] = [
    "tracing::",
    "fault(",
    "unavailable(",
    "unreadable(",
    ".wrong(",
    "reason = ",
    "ErrorResponse::",
    "ErrorCode::",
    "error_description",
    "let why = ",
];

/// Other values with spaces: how each begins, if it has a mark behind it, or the whole.
const NO_SENTENCES: [&str; 42] = [
    // Policies, headers and styles.
    "default-src…",
    "camera=()…",
    "attachment; filename=…",
    "Basic realm=…",
    "GET, POST",
    "not all",
    "light dark",
    // Names of scopes and of services.
    "profile email groups",
    "Yahoo Mail",
    "iCloud Mail",
    "Proton Mail",
    "AOL Mail",
    "Zoho Mail",
    // What seals and hashes are bound to.
    "form of an ended session",
    "flash of session {session}",
    "flash of no session",
    "oidc asked to prove again ",
    "oidc code for {client}",
    "code of a device",
    "device that {} signs in, in {}",
    "refresh token",
    "apps of a session that ended",
    "passkey decoys",
    // Names in logs, in the audit log, in rows, in files and of limits.
    "JSON without a doubled member",
    "a member is doubled",
    "used or expired link",
    "not found or not allowed",
    "emails of an unknown kind wait for a node of a newer version",
    "set up",
    "mailed link",
    "account page",
    "command line",
    "another user",
    "second factor shown",
    "1 passkey, 7 recovery codes, the new password",
    "mail at {}",
    "telling again of {}",
    "recoveries of {} asked for by {}",
    "asks emailed to admins",
    "keys at …",
    // The operator of a proxy reads these.
    "No app of this Gatepost has this host. Add it…",
    "This address is only for proxies whose network GATEPOST_TRUSTED_PROXIES lists.",
];

fn sources_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { sources_below(&path, found) } else { found.push(path) }
    }
}

/// Returns whether a text between quotes has two words in a row. A value is no word.
fn is_sentence(text: &str) -> bool {
    let is_word = |word: &str| {
        let is_value = word.contains('{');
        let word = word.trim_matches(|c: char| c.is_ascii_punctuation() || matches!(c, '’' | '“' | '”'));
        !is_value && word.chars().count() > 1 && word.chars().all(|c| c.is_alphabetic() || c == '’')
    };
    let words: Vec<bool> = text.split(' ').map(is_word).collect();
    words.windows(2).any(|two| two.iter().all(|is_word| *is_word))
}

fn sentences_in(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let lines = lines.filter(|line| !FOR_PROGRAMS.iter().any(|mark| line.contains(mark)));
    let quoted = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
    let is_known = |text: &str, known: &str| match known.strip_suffix('…') {
        Some(beginning) => text.starts_with(beginning),
        None => text == known,
    };
    let others = quoted.filter(|text| !NO_SENTENCES.iter().any(|known| is_known(text, known)));
    others.filter(|text| is_sentence(text)).map(str::to_owned).collect()
}

#[test]
fn no_sentence_for_users_is_in_rust() {
    let mut files = Vec::new();
    FOLDERS.iter().for_each(|folder| sources_below(Path::new(folder), &mut files));
    files.retain(|file| !FOR_OTHERS.iter().any(|other| file.starts_with(other)));
    assert!(files.len() > 220, "{}", files.len());
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
    let source = "drop(\"ended since\"); name(\"set up\"); say(\"You can set up your account\"); bind(\"mail at {}\");";
    assert_eq!(sentences_in(source), ["ended since", "You can set up your account"]);
}
