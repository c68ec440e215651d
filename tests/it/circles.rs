//! No files use each other in a circle. A reader can begin with any file and only goes down.
//!
//! The test reads the sources. A file uses what it names in `use` and in paths, through the
//! re-exports of the files above it. A folder's `mod.rs` may name the files of that folder, which
//! it puts together.

use crate::architecture::files_below;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// A file of one crate, as a path of modules: `src/db/engine/lane.rs` is
/// `["db", "engine", "lane"]`.
type Module = Vec<String>;

#[derive(Default)]
struct Sources {
    /// Text of each file, without comments, texts and tests.
    files: BTreeMap<Module, String>,
    /// For each file the names that it hands on, and the paths behind them.
    handed_on: BTreeMap<Module, BTreeMap<String, Vec<String>>>,
}

impl Sources {
    fn of(files: impl IntoIterator<Item = (Module, String)>) -> Self {
        let files: BTreeMap<Module, String> = files.into_iter().map(|(module, text)| (module, plain(&text))).collect();
        let handed_on = files.iter().map(|(module, text)| {
            let uses = uses(text).filter(|(is_public, _)| *is_public).flat_map(|(_, tree)| expand(tree));
            (module.clone(), uses.filter_map(|(path, name)| Some((name?, path))).collect())
        });
        let handed_on = handed_on.collect();
        Self { files, handed_on }
    }

    /// Returns the file that a path names, as `from` reads it.
    fn file_of(&self, from: &[String], path: &[String], depth: usize) -> Option<Module> {
        let (mut file, mut rest) = match path.first()?.as_str() {
            "crate" => (Vec::new(), &path[1..]),
            "self" => (from.to_vec(), &path[1..]),
            "super" => {
                let ups = path.iter().take_while(|step| *step == "super").count();
                (from[..from.len().checked_sub(ups)?].to_vec(), &path[ups..])
            }
            first if self.files.contains_key(&below(from, first)) => (from.to_vec(), path),
            _ => return None,
        };
        while let Some(step) = rest.first().filter(|step| self.files.contains_key(&below(&file, step))) {
            file.push(step.clone());
            rest = &rest[1..];
        }
        let behind = rest.first().and_then(|name| self.handed_on.get(&file)?.get(name));
        let further = behind.filter(|_| depth > 0).and_then(|path| {
            let path: Vec<String> = path.iter().chain(rest.get(1..).unwrap_or_default()).cloned().collect();
            self.file_of(&file, &path, depth - 1)
        });
        further.or(Some(file))
    }

    fn edges(&self) -> BTreeMap<Module, BTreeSet<Module>> {
        let named = |(module, text): (&Module, &String)| {
            let used = uses(text).flat_map(|(_, tree)| expand(tree)).map(|(path, _)| path);
            let files = used.chain(paths(text)).filter_map(|path| self.file_of(module, &path, 8));
            (module.clone(), files.filter(|file| !file.starts_with(module)).collect())
        };
        self.files.iter().map(named).collect()
    }

    /// Returns the files of one circle, in their order, if there is one.
    fn circle(&self) -> Option<Vec<String>> {
        let edges = self.edges();
        let (mut done, mut way) = (BTreeSet::new(), Vec::new());
        edges.keys().find_map(|file| walk(&edges, file, &mut done, &mut way))
    }
}

fn walk(
    edges: &BTreeMap<Module, BTreeSet<Module>>,
    file: &Module,
    done: &mut BTreeSet<Module>,
    way: &mut Vec<Module>,
) -> Option<Vec<String>> {
    if let Some(at) = way.iter().position(|on_the_way| on_the_way == file) {
        return Some(way[at..].iter().map(|module| module.join("/")).collect());
    }
    if done.contains(file) {
        return None;
    }
    way.push(file.clone());
    let found = edges[file].iter().find_map(|next| walk(edges, next, done, way));
    way.pop();
    done.insert(file.clone());
    found
}

fn below(file: &[String], step: &str) -> Module {
    file.iter().cloned().chain([step.to_owned()]).collect()
}

fn plain(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    code.collect::<Vec<_>>().join("\n")
}

/// Returns what follows each `use`, and whether the file hands it on.
fn uses(text: &str) -> impl Iterator<Item = (bool, &str)> {
    let starts = text.match_indices("use ").filter(|(at, _)| {
        let line = text[..*at].rsplit('\n').next().unwrap_or_default().trim_start();
        line.is_empty() || line.starts_with("pub") && !line.contains('=')
    });
    starts.map(|(at, _)| {
        let line = text[..at].rsplit('\n').next().unwrap_or_default();
        let tree = text[at + "use ".len()..].split(';').next().unwrap_or_default();
        (line.trim_start().starts_with("pub"), tree)
    })
}

/// Returns the paths of a tree such as `a::{b, c::d as e}`, each with the name that it gets.
fn expand(tree: &str) -> Vec<(Vec<String>, Option<String>)> {
    let tree = tree.trim();
    let Some((before, list)) = tree.split_once('{') else {
        let (path, name) = tree.split_once(" as ").unwrap_or((tree, ""));
        let path: Vec<String> = path.split("::").map(|step| step.trim().to_owned()).collect();
        let last = path.last().cloned();
        // A list may end with a comma.
        let name = if name.is_empty() { last } else { Some(name.trim().to_owned()) };
        return if tree.is_empty() { Vec::new() } else { vec![(path, name)] };
    };
    let first: Vec<String> = before.split("::").map(|step| step.trim().to_owned()).filter(|s| !s.is_empty()).collect();
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in list.trim_end().trim_end_matches('}').chars() {
        match c {
            ',' if depth == 0 => parts.push(String::new()),
            c => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                parts.last_mut().unwrap().push(c);
            }
        }
    }
    // One closing bracket of the list itself is gone, and perhaps one more of a part.
    let closed = parts.into_iter().map(|part| {
        let open = part.matches('{').count() - part.matches('}').count();
        part + &"}".repeat(open)
    });
    let with_first = |(path, name): (Vec<String>, Option<String>)| {
        let own = path.into_iter().filter(|step| step != "self");
        let path: Vec<String> = first.iter().cloned().chain(own).collect();
        let name = name.filter(|name| name != "self").or_else(|| path.last().cloned());
        (path, name)
    };
    closed.flat_map(|part| expand(&part)).map(with_first).collect()
}

/// Returns the paths in the code that begin at the crate or at a file nearby.
fn paths(text: &str) -> impl Iterator<Item = Vec<String>> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let starts = ["crate::", "super::", "self::"].into_iter().flat_map(|start| text.match_indices(start));
    starts.filter(move |(at, _)| !text[..*at].ends_with(|c| is_word(c) || c == ':')).map(move |(at, _)| {
        let path: String = text[at..].chars().take_while(|c| is_word(*c) || *c == ':').collect();
        path.split("::").filter(|step| !step.is_empty()).map(str::to_owned).collect()
    })
}

fn crate_at(root: &str) -> Sources {
    let module = |path: &Path| {
        let path = path.strip_prefix(root).unwrap().with_extension("");
        let steps: Module = path.iter().map(|step| step.to_str().unwrap().to_owned()).collect();
        match steps.last().map(String::as_str) {
            Some("mod" | "lib" | "main") => steps[..steps.len() - 1].to_vec(),
            _ => steps,
        }
    };
    let is_library = |path: &Path| path.file_name().is_none_or(|name| name != "main.rs");
    let files = files_below(root, "rs").into_iter().filter(|path| is_library(path));
    Sources::of(files.map(|path| (module(&path), fs::read_to_string(&path).unwrap())))
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    for root in ["src", "crates/domain/src"] {
        let sources = crate_at(root);
        let edges: usize = sources.edges().values().map(BTreeSet::len).sum();
        assert!(edges > 200, "{root}: only {edges} uses were found");
        assert_eq!(sources.circle(), None, "files of {root} use each other in a circle");
    }
}

#[test]
fn a_circle_is_found_wherever_it_is_closed() {
    let file = |path: &str, text: &str| (path.split_terminator('/').map(str::to_owned).collect(), text.to_owned());
    let found = |texts: [&str; 3]| {
        let [root, a, b] = texts;
        Sources::of([file("", root), file("a", a), file("a/b", b), file("c", "pub fn c() {}")]).circle()
    };
    let circle = Some(vec!["a/b".to_owned(), "c2".to_owned()]);
    let with_c2 = |b: &str, c2: &str| {
        let files = [
            file("", "pub use a::b::Thing;"),
            file("a", "mod b;\npub use b::{Thing, other::Deep as Deeper};"),
            file("a/b", b),
            file("c2", c2),
        ];
        Sources::of(files).circle()
    };
    assert_eq!(found(["mod a; mod c;", "mod b;\npub use b::Thing;", "use crate::c::c;"]), None);
    assert_eq!(with_c2("use crate::c2::f;", "use crate::a::b::Thing;"), circle);
    assert_eq!(with_c2("fn f() { crate::c2::f() }", "use crate::{\n    a::{self, Thing},\n};"), circle, "handed on");
    assert_eq!(with_c2("use super::super::c2;", "use crate::Thing;"), circle, "handed on twice");
    assert_eq!(with_c2("use crate::c2;", "// use crate::a::b::Thing;"), None, "a comment");
    assert_eq!(with_c2("use crate::c2;", "#[cfg(test)]\nmod tests { use crate::a::b::Thing; }"), None, "a test");
}
