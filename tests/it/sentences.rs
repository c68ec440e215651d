//! No sentence of a document or of a comment has more than twenty words. Comments begin with a noun
//! or a verb.

use crate::architecture::files_below;
use std::{
    fs,
    path::{Path, PathBuf},
};

const MAX_WORDS: usize = 20;

/// Returns the text of a comment's line. `None` is a line of code.
fn of_comment(line: &str) -> Option<&str> {
    let text = line.trim_start().strip_prefix("//")?;
    Some(text.trim_start_matches(['/', '!']))
}

/// Returns paragraphs, items of lists, cells of tables and the parts of a cell. Leaves out code and
/// headings.
fn passages<'a>(lines: impl Iterator<Item = Option<&'a str>>) -> Vec<String> {
    let (mut all, mut current, mut is_code) = (Vec::new(), Vec::new(), false);
    for line in lines {
        let line = line.map(str::trim);
        let text = line.unwrap_or_default();
        let is_fence = text.starts_with("```");
        // The comment ends, and so does its code.
        is_code = line.is_some() && is_code != is_fence;
        let number = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let item = ["- ", "* ", ". "].iter().find_map(|sign| number.strip_prefix(sign));
        let goes_on = !(is_code || is_fence || text.is_empty() || text.starts_with(['#', '|']));
        if item.is_some() || !goes_on {
            all.push(current.join(" "));
            current.clear();
        }
        if goes_on {
            current.push(item.unwrap_or(text));
        } else if text.starts_with('|') && !is_code {
            all.extend(without_names(text).split(['|', ';']).map(str::to_owned));
        }
    }
    all.push(current.join(" "));
    all
}

/// Returns a text in which each piece of code is one word, and a link has no address.
fn without_names(text: &str) -> String {
    let code = text.split('`').enumerate().map(|(n, piece)| if n % 2 == 0 { piece } else { "X" });
    let mut text = code.collect::<String>();
    while let Some((before, rest)) = text.split_once("](") {
        let after = rest.split_once(')').map_or("", |(_, after)| after);
        text = format!("{before}]{after}");
    }
    text
}

/// Returns the longest sentence of a text, in words. Steps of a walk (→) and entries of a line (·)
/// are separate.
fn longest_sentence(text: &str) -> usize {
    let (mut longest, mut words) = (0, 0);
    for word in without_names(text).split_whitespace() {
        words += usize::from(word.contains(char::is_alphanumeric));
        longest = longest.max(words);
        let end = word.trim_end_matches(['”', '"', ')', '*', ']']);
        if end.ends_with(['.', '!', '?', '→', '·']) {
            words = 0;
        }
    }
    longest
}

/// Returns the first lines of doc comments that begin with a question's word. Such a comment is a
/// clause without its sentence. A noun phrase or a verb says what the item is or does.
fn clauses(text: &str) -> impl Iterator<Item = &str> {
    let is_doc = |line: &str| line.starts_with("///") || line.starts_with("//!");
    let mut before = "";
    text.lines().map(str::trim_start).filter(move |line| {
        let is_first = is_doc(line) && !is_doc(before);
        before = line;
        is_first && is_clause(&line[3..])
    })
}

/// Returns whether a comment begins with a word that begins no noun phrase and is no verb.
fn is_clause(comment: &str) -> bool {
    const WORDS: [&str; 10] = ["What", "How", "Whether", "Where", "When", "Who", "Which", "If", "Of", "That"];
    WORDS.contains(&comment.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()).unwrap_or(""))
}

/// Returns the Rust files of the code, of tests and benchmarks, and of what fuzzers run.
fn rust_files() -> Vec<PathBuf> {
    let folders = ["src", "crates", "tests", "benches", "fuzz"];
    let mut files: Vec<_> = folders.iter().flat_map(|folder| files_below(folder, "rs")).collect();
    files.push(PathBuf::from("build.rs"));
    files
}

/// Returns the comments of a template, each in one line.
fn comments_of_template(text: &str) -> Vec<String> {
    let comments = text.split("{#").skip(1).filter_map(|rest| rest.split_once("#}"));
    let lines = |(comment, _): (&str, &str)| comment.split_whitespace().collect::<Vec<_>>().join(" ");
    comments.map(lines).map(|comment| comment.trim_matches(['-', ' ']).to_owned()).collect()
}

fn templates() -> impl Iterator<Item = PathBuf> {
    ["html", "j2"].into_iter().flat_map(|kind| files_below("templates", kind))
}

#[test]
fn every_doc_comment_begins_with_a_noun_or_a_verb() {
    assert_eq!(clauses("/// What it is.\nfn a() {}\n/// Returns it.\n/// When it is.\n\n    //! Of it.").count(), 2);
    let found: Vec<String> = rust_files()
        .into_iter()
        .flat_map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            clauses(&text).map(|line| format!("{}: {line}", path.display())).collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_comment_of_a_template_begins_with_a_noun_or_a_verb() {
    assert_eq!(comments_of_template("<p>{#- Who can\n open it. -#}</p>{# Both. #}"), ["Who can open it.", "Both."]);
    for path in templates() {
        for comment in comments_of_template(&fs::read_to_string(&path).unwrap()) {
            assert!(!is_clause(&comment), "{}: {comment}", path.display());
        }
    }
}

fn too_long(path: &Path, passages: Vec<String>) -> impl Iterator<Item = String> {
    let long = passages.into_iter().filter(|passage| longest_sentence(passage) > MAX_WORDS);
    long.map(move |passage| format!("{}: {} words: {passage}", path.display(), longest_sentence(&passage)))
}

#[test]
fn no_sentence_of_a_document_has_more_than_twenty_words() {
    let mut paths: Vec<PathBuf> = files_below("docs", "md");
    paths.extend(["README.md", "SECURITY.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(PathBuf::from));
    assert!(paths.len() > 15, "{}", paths.len());
    let mut found = Vec::new();
    for path in &paths {
        let text = fs::read_to_string(path).unwrap();
        // What the changelog says of the time before stays as it was said.
        let text = text.split("\n### The landings before").next().unwrap();
        found.extend(too_long(path, passages(text.lines().map(Some))));
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn no_sentence_of_a_comment_has_more_than_twenty_words() {
    let mut found = Vec::new();
    for path in rust_files().into_iter().chain(files_below("static", "js")) {
        let text = fs::read_to_string(&path).unwrap();
        found.extend(too_long(&path, passages(text.lines().map(of_comment))));
    }
    for path in templates() {
        let text = fs::read_to_string(&path).unwrap();
        found.extend(too_long(&path, comments_of_template(&text)));
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_long_sentence_would_be_found_wherever_it_is() {
    let text = "One two. (Three four.) Five `six seven` [eight](https://example.com/?a b).\n- nine\n  ten\n\n```\neleven twelve thirteen fourteen\n```\n| one two; three | four |";
    let passages = passages(text.lines().map(Some));
    let counts: Vec<usize> =
        passages.iter().map(|passage| longest_sentence(passage)).filter(|words| *words > 0).collect();
    assert_eq!(counts, [3, 2, 2, 1, 1]);
    assert_eq!(of_comment("    /// Returns it."), Some(" Returns it."));
    assert_eq!(of_comment("let url = \"https://example.com\";"), None);
}
