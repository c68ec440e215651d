//! No line of a template or a comment is too long to read beside another.

use std::{
    fs,
    path::{Path, PathBuf},
};

const LONGEST: usize = 160;
const LONGEST_COMMENT: usize = 100;

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files_below(&path, files) } else { files.push(path) }
    }
}

#[test]
fn no_line_of_a_template_is_too_long_to_read() {
    let mut files = Vec::new();
    files_below(Path::new("templates"), &mut files);
    assert!(files.len() > 80, "{}", files.len());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let longest = text.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        assert!(longest <= LONGEST, "{}: {longest} characters", file.display());
    }
}

#[test]
fn no_line_of_a_comment_is_too_long_to_read() {
    let mut files = Vec::new();
    for folder in ["src", "crates", "tests", "benches", "fuzz", "static"] {
        files_below(Path::new(folder), &mut files);
    }
    files.push(PathBuf::from("build.rs"));
    files.retain(|file| file.extension().is_some_and(|end| end == "rs" || end == "js"));
    assert!(files.len() > 500, "{}", files.len());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let comments = text.lines().filter(|line| line.trim_start().starts_with("//"));
        for line in comments {
            assert!(line.chars().count() <= LONGEST_COMMENT, "{}: {line}", file.display());
        }
    }
}
