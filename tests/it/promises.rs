//! The documents name the test that holds each promise. Each name belongs to a test that runs.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files_below(&path, found) } else { found.push(path) }
    }
}

fn sources(folders: &[&str], end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    folders.iter().for_each(|folder| files_below(Path::new(folder), &mut found));
    found.retain(|path| path.extension().is_some_and(|extension| extension == end));
    found
}

/// Returns the functions of a file that a test harness runs: the attribute is right before them.
fn tests_of(source: &str) -> Vec<String> {
    let mut is_test = false;
    let mut names = Vec::new();
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[") {
            is_test |= line.ends_with("test]") || line.contains("test(");
        } else if let Some((before, after)) = line.split_once("fn ") {
            let name = after.split('(').next().unwrap_or_default();
            if is_test && matches!(before.trim(), "" | "async") {
                names.push(name.to_owned());
            }
            is_test = false;
        }
    }
    names
}

/// Returns what a document writes as code and can only be the name of a test. It has small letters
/// and at least three underscores.
fn named_in(document: &str) -> BTreeSet<String> {
    let is_name = |text: &&str| {
        text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
            && text.bytes().filter(|byte| *byte == b'_').count() >= 3
            // Metrics, and a table of Diesel's.
            && !text.starts_with("gatepost_")
            && !text.starts_with("__")
    };
    document.split('`').skip(1).step_by(2).filter(is_name).map(str::to_owned).collect()
}

#[test]
fn every_test_that_a_document_names_is_there() {
    let tests: BTreeSet<String> = sources(&["tests", "src", "crates"], "rs")
        .iter()
        .flat_map(|path| tests_of(&fs::read_to_string(path).unwrap()))
        .collect();
    assert!(tests.len() > 500, "{}", tests.len());
    let mut documents = sources(&["docs"], "md");
    documents.extend(["SECURITY.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(PathBuf::from));
    let mut named = 0;
    for path in documents {
        for name in named_in(&fs::read_to_string(&path).unwrap()) {
            assert!(tests.contains(&name), "{} names {name}, and no test is called so", path.display());
            named += 1;
        }
    }
    assert!(named > 80, "{named}");
}

/// A section of SECURITY.md with a promise in it has a list of what Gatepost does. One with limits
/// alone names the test of what they limit.
#[test]
fn every_promise_names_the_test_that_holds_it() {
    let security = fs::read_to_string("SECURITY.md").unwrap();
    let sections = security.split("\n### ").skip(1).map(|section| section.split("\n## ").next().unwrap());
    let is_promise = |section: &&str| section.contains("\n- ") || section.contains("**Limit:**");
    let promises: Vec<&str> = sections.filter(is_promise).collect();
    assert!(promises.len() > 50, "{}", promises.len());
    for promise in promises {
        let heading = promise.lines().next().unwrap();
        let (_, tests) = promise.split_once("\nTests: ").unwrap_or_else(|| panic!("{heading} names no test"));
        assert!(!named_in(tests).is_empty(), "{heading} names no test");
    }
}

/// A promise says where it ends, even if no such place is known.
#[test]
fn every_promise_names_its_limit() {
    let security = fs::read_to_string("SECURITY.md").unwrap();
    let sections = security.split("\n### ").skip(1).map(|section| section.split("\n## ").next().unwrap());
    for promise in sections.filter(|section| section.contains("\n- ")) {
        let heading = promise.lines().next().unwrap();
        assert!(promise.contains("**Limit:**"), "{heading} names no limit");
    }
}

/// Most words of a promise with its limits, without its tests and tables.
const MAX_WORDS: usize = 205;

#[test]
fn every_promise_is_short() {
    let security = fs::read_to_string("SECURITY.md").unwrap();
    let sections = security.split("\n### ").skip(1).map(|section| section.split("\n## ").next().unwrap());
    for promise in sections.filter_map(|section| section.split_once("\nTests: ")).map(|(promise, _)| promise) {
        let lines = promise.lines().filter(|line| !line.starts_with('|'));
        let words: usize = lines.map(|line| line.split_whitespace().count()).sum();
        assert!(words <= MAX_WORDS, "{words} words: {}", promise.lines().next().unwrap());
    }
}

/// Returns the words of each paragraph and list item of a document, without code blocks, tables and
/// lists of tests.
fn paragraphs(document: &str) -> Vec<String> {
    let (mut all, mut is_code) = (vec![String::new()], false);
    for line in document.lines() {
        is_code ^= line.trim_start().starts_with("```");
        let starts_anew = line.trim_start().starts_with(|c: char| matches!(c, '-' | '*' | '#' | '|') || c.is_numeric());
        if line.trim().is_empty() || is_code || line.starts_with('|') || starts_anew && !line.starts_with("**") {
            all.push(String::new());
        }
        if !is_code && !line.starts_with('|') {
            let last = all.last_mut().unwrap();
            last.push_str(line.trim());
            last.push(' ');
        }
    }
    all.retain(|paragraph| !paragraph.starts_with("Tests:"));
    all
}

const MAX_IN_A_PARAGRAPH: usize = 70;

#[test]
fn no_paragraph_of_a_document_is_long() {
    let mut documents = sources(&["docs"], "md");
    documents.extend(["README.md", "SECURITY.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(PathBuf::from));
    for path in documents {
        for paragraph in paragraphs(&fs::read_to_string(&path).unwrap()) {
            let words = paragraph.split_whitespace().count();
            assert!(words <= MAX_IN_A_PARAGRAPH, "{}: {words} words: {paragraph}", path.display());
        }
    }
}

/// It has one page, and a page has this many words.
#[test]
fn the_architecture_is_on_one_page() {
    let words = fs::read_to_string("ARCHITECTURE.md").unwrap().split_whitespace().count();
    assert!(words <= 1000, "{words}");
}

#[test]
fn the_number_of_common_passwords_is_that_of_the_lists() {
    let list = |name: &str| fs::read_to_string(format!("crates/domain/src/password/{name}.txt")).unwrap();
    let all = list("common") + &list("common_long");
    let lines: Vec<&str> = all.lines().filter(|line| !line.is_empty()).collect();
    let long = lines.iter().filter(|line| line.chars().count() >= 15).count();
    let with_comma = |n: usize| format!("{},{:03}", n / 1000, n % 1000);
    let sentence = format!("refuses {} common passwords, {} of which", with_comma(lines.len()), with_comma(long));
    assert!(fs::read_to_string("SECURITY.md").unwrap().contains(&sentence), "{sentence}");
}

#[test]
fn what_is_no_test_is_not_taken_for_one() {
    let source = "#[test]\nfn one() {\n    fn two() {}\n}\n#[expect(x)]\nfn three() {}\n#[rocket::async_test]\n#[cfg(unix)]\nasync fn four() {}";
    assert_eq!(tests_of(source), ["one", "four"]);
    let named = named_in("`a_b_c` and `what_a_b_c`, `gatepost_a_b_c`, `Some_thing_a_b`\n`x`");
    assert_eq!(named.into_iter().collect::<Vec<_>>(), ["what_a_b_c"]);
}
