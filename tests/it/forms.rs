//! Handlers read the fields of a form by name. So each lists them, and reads no other.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Handlers whose fields other code lists: `Typed` of an app's form, the table of settings, the
/// invitation of one user. Also handlers for apps, which may send what we do not know (RFC 6749,
/// section 3.1).
const ELSEWHERE: [&str; 9] = [
    "src/account/own_choices.rs language",
    "src/account/own_choices.rs time_zone",
    "src/admin/apps.rs change",
    "src/oidc/device.rs authorize",
    "src/oidc/introspect.rs introspect",
    "src/oidc/revoke.rs revoke",
    "src/oidc/token.rs token",
    "src/oidc/userinfo.rs by_post",
    "src/web/guards/admission.rs api",
];

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Returns name and body of each function that takes a form.
fn handlers(source: &str) -> Vec<(&str, &str)> {
    let starts = source.match_indices("fn ").map(|(at, found)| &source[at + found.len()..]);
    let functions = starts.filter_map(|rest| {
        let (signature, after) = rest.split_once("{\n")?;
        let body = after.split_once("\n}\n").map_or(after, |(body, _)| body);
        (signature.contains("form: Fields") && !signature.contains("fn ")).then_some((signature, body))
    });
    functions.map(|(signature, body)| (signature.split(['(', '<']).next().unwrap_or_default(), body)).collect()
}

/// Returns the texts in quotes that follow `call`.
fn named<'a>(body: &'a str, call: &str) -> Vec<&'a str> {
    body.split(call).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn a_handler_reads_only_the_fields_that_it_lists() {
    let mut files = Vec::new();
    files_below(Path::new("src"), &mut files);
    let (mut seen, mut without) = (0, Vec::new());
    for path in files.iter().filter(|path| path.extension().is_some_and(|end| end == "rs")) {
        let source = fs::read_to_string(path).unwrap();
        for (name, body) in handlers(&source) {
            seen += 1;
            let place = format!("{} {name}", path.display());
            let Some(list) = body.split_once("form.only(&").and_then(|(_, rest)| rest.split(')').next()) else {
                without.push(place);
                continue;
            };
            // A constant or a variable lists the fields of a table, which has its own tests.
            if !list.starts_with('[') {
                continue;
            }
            let calls = ["form.get(\"", "form.required(\"", "form.ticked(\"", "is_about(&form, \""];
            for field in calls.iter().flat_map(|call| named(body, call)) {
                assert!(list.contains(&format!("\"{field}\"")), "{place} reads {field}, which it does not list");
            }
        }
    }
    assert!(seen > 50, "{seen}");
    without.sort();
    assert_eq!(without, ELSEWHERE);
}
