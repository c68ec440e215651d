//! No files use each other in a circle. A reader can begin with any file and only goes down.
//!
//! The test reads the sources. A file uses what it names in `use` and in paths, through the
//! re-exports of the files above it.
//!
//! A folder's `mod.rs` and the files below it may know each other. It holds what they share, and
//! puts their routes together. If it defines something, it counts in circles that leave the folder.

use crate::architecture::files_below;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
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
            let named = uses.filter_map(|(path, name)| Some((name?, path)));
            (module.clone(), named.flat_map(|(name, path)| each_of(&files, module, name, path)).collect())
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

    /// Returns the files that each file uses. What a `mod.rs` uses below it counts if it defines
    /// something. Otherwise it only lists those files, and its users name what lies behind it.
    fn edges(&self) -> BTreeMap<Module, BTreeSet<Module>> {
        let named = |(module, text): (&Module, &String)| {
            let is_list = !defines(text);
            let used = uses(text).flat_map(|(_, tree)| expand(tree)).map(|(path, _)| path);
            let files = used.chain(self.paths(module, text)).filter_map(|path| self.file_of(module, &path, 8));
            let counts = |file: &Module| file != module && !(is_list && file.starts_with(module));
            (module.clone(), files.filter(counts).collect())
        };
        self.files.iter().map(named).collect()
    }

    /// Returns the paths in the code that begin at the crate, at a file nearby or at one below.
    fn paths(&self, module: &Module, text: &str) -> Vec<Vec<String>> {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let is_below = |file: &&Module| file.len() == module.len() + 1 && file.starts_with(module);
        let below = self.files.keys().filter(is_below).map(|file| format!("{}::", file[module.len()]));
        let starts = ["crate::", "super::", "self::"].map(str::to_owned).into_iter().chain(below);
        let mut paths = Vec::new();
        for start in starts {
            for (at, _) in text.match_indices(&start) {
                if !text[..at].ends_with(|c| is_word(c) || c == ':') {
                    let path: String = text[at..].chars().take_while(|c| is_word(*c) || *c == ':').collect();
                    paths.push(path.split("::").filter(|step| !step.is_empty()).map(str::to_owned).collect());
                }
            }
        }
        paths
    }

    /// Returns the files of one circle, in their order, if there is one.
    fn circle(&self) -> Option<Vec<String>> {
        let files: Vec<&Module> = self.files.keys().collect();
        let number = |file: &Module| files.binary_search(&file).ok();
        let edges = self.edges();
        let uses: Vec<Vec<usize>> = files.iter().map(|file| edges[*file].iter().filter_map(number).collect()).collect();
        files.iter().find_map(|folder| {
            // Each circle is found in the folder that holds all its files. The folder's own
            // `mod.rs` must not be one of them.
            let place = |file: usize| files[file].strip_prefix(folder.as_slice())?.first();
            let crossing = (0..files.len()).flat_map(|from| uses[from].iter().map(move |to| (from, *to)));
            let mut crossing = crossing.filter(|(from, to)| {
                let (from, to) = (place(*from), place(*to));
                from.is_some() && to.is_some() && from != to
            });
            let mut way = crossing.find_map(|(from, to)| way(&uses, to, from, |file| place(file).is_some()))?;
            way.rotate_right(1);
            Some(way.into_iter().map(|file| files[file].join("/")).collect())
        })
    }
}

/// Returns the shortest way between two files over those that count.
fn way(uses: &[Vec<usize>], from: usize, to: usize, counts: impl Fn(usize) -> bool) -> Option<Vec<usize>> {
    let (mut reached, mut next) = (BTreeMap::from([(from, from)]), VecDeque::from([from]));
    while let Some(file) = next.pop_front() {
        for used in uses[file].iter().filter(|used| counts(**used)) {
            if !reached.contains_key(used) {
                reached.insert(*used, file);
                next.push_back(*used);
            }
        }
    }
    reached.contains_key(&to).then(|| {
        let mut way = vec![to];
        while way[0] != from {
            way.insert(0, reached[&way[0]]);
        }
        way
    })
}

/// Returns whether a file has items beside `mod` and `use`.
fn defines(text: &str) -> bool {
    let items = ["fn", "const", "async", "struct", "enum", "impl", "trait", "static", "type"];
    text.lines().any(|line| {
        let mut words = line.split([' ', '(']).skip_while(|word| matches!(*word, "pub" | "crate)" | "super)"));
        words.next().is_some_and(|word| items.iter().any(|item| word == *item || word.starts_with("impl<")))
    })
}

/// Returns a name with the path behind it, or the files of a folder that is handed on whole.
fn each_of(
    files: &BTreeMap<Module, String>,
    module: &[String],
    name: String,
    path: Vec<String>,
) -> Vec<(String, Vec<String>)> {
    if name != "*" {
        return vec![(name, path)];
    }
    let to_folder = &path[..path.len() - 1];
    let folder = [module, to_folder].concat();
    let names = files.keys().filter(|file| file.len() == folder.len() + 1 && file.starts_with(&folder));
    names.filter_map(|file| file.last()).map(|name| (name.clone(), below(to_folder, name))).collect()
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
    let whole = ["pub use a::*;", "pub mod b;", "use crate::c2::f;", "use crate::b::Thing;"];
    let files = ["", "a", "a/b", "c2"].into_iter().zip(whole).map(|(path, text)| file(path, text));
    assert_eq!(Sources::of(files).circle(), circle, "a folder handed on whole");
    assert_eq!(with_c2("use crate::c2;", "#[cfg(test)]\nmod tests { use crate::a::b::Thing; }"), None, "a test");
}

#[test]
fn a_folder_may_know_its_own_files_but_a_circle_that_leaves_it_is_found() {
    let file = |path: &str, text: &str| (path.split_terminator('/').map(str::to_owned).collect(), text.to_owned());
    let circle = |texts: [&str; 3]| {
        let [a, b, c] = texts;
        Sources::of([file("", "mod a; mod c;"), file("a", a), file("a/b", b), file("c", c)]).circle()
    };
    let shares = "mod b;\npub fn shared() { b::f() }";
    assert_eq!(circle([shares, "pub fn f() { super::shared() }", ""]), None, "within the folder");
    let found = |names: [&str; 3]| Some(names.map(str::to_owned).to_vec());
    let (leaves, defines) = ("use crate::c::g;", "mod b;\npub struct A;\npub use b::f;");
    assert_eq!(circle([shares, leaves, "use crate::a::shared;"]), found(["a/b", "c", "a"]), "a call");
    assert_eq!(circle([defines, leaves, "use crate::a::A;"]), found(["a/b", "c", "a"]), "handed on");
    assert_eq!(circle(["mod b;\npub use b::f;", leaves, "use crate::a;"]), None, "a list of files");
}
