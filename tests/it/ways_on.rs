//! No page is a dead end.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files_below(&path, files) } else { files.push(path) }
    }
}

/// Returns the states of a page: the text from each heading to the end of its branch.
fn states(template: &str) -> impl Iterator<Item = &str> {
    let ends = ["{%- when", "{% when", "{%- endmatch", "{% endmatch", "{% endblock"];
    // A branch within a paragraph is no other state: its line is indented.
    let is_end = move |line: &str| ends.iter().any(|end| line.starts_with(end));
    template.match_indices("<h1").map(move |(heading, _)| {
        let rest = &template[heading..];
        let until: usize = rest.split_inclusive('\n').take_while(|line| !is_end(line)).map(str::len).sum();
        &rest[..until]
    })
}

/// A link, a form, or a part of the page that has one.
fn leads_on(state: &str) -> bool {
    ["href=\"", "<form", ".link(", "::"].iter().any(|way| state.contains(way))
}

#[test]
fn every_state_of_a_page_leads_on() {
    let mut files = Vec::new();
    files_below(Path::new("templates"), &mut files);
    let (mut seen, mut ends) = (0, Vec::new());
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "html")) {
        let template = fs::read_to_string(file).unwrap();
        for state in states(&template).filter(|_| template.contains("{% extends")) {
            seen += 1;
            if !leads_on(state) {
                ends.push(format!("{}: {}", file.display(), state.lines().next().unwrap_or_default()));
            }
        }
    }
    assert!(seen > 50, "{seen}");
    assert!(ends.is_empty(), "dead ends:\n{}", ends.join("\n"));
}
