//! Commands of the binary that packages and scripts need: health, version, completions, manual
//! pages, JSON.

use crate::{
    port,
    server::{Home, eventually},
};
use gatepost::db;
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path, process::Command};

const ANA: &str = "ana@example.com";

fn code(home: &Home, arguments: &[&str]) -> Option<i32> {
    home.run(arguments).status.code()
}

fn json(home: &Home, arguments: &[&str]) -> Value {
    let output = home.run(&[arguments, &["--json"]].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {text:?}"))
}

#[test]
fn a_server_is_asked_how_it_is_without_another_program() {
    for mut home in Home::all() {
        home.set("GATEPOST_DRAIN", "60s");
        home.set("GATEPOST_ADDRESS", "0.0.0.0");
        assert_eq!(code(&home, &["health"]), Some(1), "it does not run yet");
        let server = home.start();
        assert_eq!((code(&home, &["health"]), code(&home, &["health", "--ready"])), (Some(0), Some(0)));
        let told = json(&home, &["health", "--ready"]);
        assert_eq!((&told["ok"], &told["status"]), (&true.into(), &200.into()), "{told}");
        let nowhere = format!("127.0.0.1:{}", port::free());
        assert_eq!(code(&home, &["health", "--address", &nowhere]), Some(1));
        let there = format!("localhost:{}", home.address().port());
        assert_eq!(code(&home, &["health", "--address", &there]), Some(0));
        assert_eq!(code(&home, &["health", "--address", "nowhere"]), Some(2));
        server.terminate();
        eventually("it drains", || (code(&home, &["health", "--ready"]) == Some(1)).then_some(()));
        assert_eq!(code(&home, &["health"]), Some(0), "it still answers");
        assert_eq!(json(&home, &["health", "--ready"])["status"], 503);
    }
}

#[test]
fn our_own_names_of_address_and_port_are_where_it_listens() {
    let (mut home, port) = (Home::new(), port::free());
    home.set("GATEPOST_PORT", &port.to_string());
    home.set("ROCKET_PORT", "1");
    let _server = home.begin();
    eventually("it answers at our port", || (code(&home, &["health"]) == Some(0)).then_some(()));
    let here = format!("127.0.0.1:{port}");
    assert_eq!(code(&home, &["health", "--address", &here]), Some(0));
}

#[test]
fn the_version_names_the_commit_and_the_features() {
    let home = Home::new();
    let said = String::from_utf8(home.run(&["--version"]).stdout).unwrap();
    let (version, rest) = said.trim().strip_prefix("gatepost ").unwrap().split_once(" (commit ").unwrap();
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
    let (commit, features) = rest.split_once(", features: ").unwrap();
    // A development build may hold more than its commit.
    let commit = commit.strip_suffix('+').unwrap_or(commit);
    assert!(commit == "unknown" || commit.len() >= 7 && commit.bytes().all(|b| b.is_ascii_hexdigit()), "{said}");
    assert!(["none)", "pg-tls)"].contains(&features), "{said}");
}

/// Packages make them where nothing is configured.
#[test]
fn completions_and_manual_pages_need_no_configuration() {
    let mut home = Home::new();
    home.set("GATEPOST_BASE_URL", "no address");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let made = home.run(&["completions", shell]);
        let script = String::from_utf8(made.stdout).unwrap();
        assert!(made.status.success() && script.contains("rotate-key"), "{shell}: {script}");
    }
    let script = home.folder.path().join("gatepost.bash");
    fs::write(&script, home.run(&["completions", "bash"]).stdout).unwrap();
    assert!(Command::new("bash").arg("-n").arg(&script).status().unwrap().success());
    let page = String::from_utf8(home.run(&["man"]).stdout).unwrap();
    assert!(page.contains(".TH") && page.contains("GATEPOST_BASE_URL"), "{page}");
    assert_eq!(code(&home, &["completions", "tcl"]), Some(2));
    assert_eq!(code(&home, &["man", "/dev/null/man"]), Some(1));
    assert_eq!(code(&home, &["health"]), Some(3), "what needs the configuration still says so");
}

/// Returns the commands that do something, as `account-add`, read from the manual pages.
fn commands(home: &Home) -> BTreeSet<String> {
    let folder = home.folder.path().join("man");
    assert!(home.run(&["man", folder.to_str().unwrap()]).status.success());
    let stem = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let all: Vec<_> = fs::read_dir(&folder).unwrap().map(|page| stem(&page.unwrap().path())).collect();
    let has_more = |name: &str| all.iter().any(|other| other.starts_with(&format!("{name}-")));
    let does = all.iter().filter(|name| !has_more(name));
    does.map(|name| name.strip_prefix("gatepost-").unwrap().to_owned()).collect()
}

/// Apps see new keys for three days before these sign, except where one may have been stolen.
#[test]
fn new_signing_keys_begin_in_three_days_or_at_once() {
    for home in Home::all() {
        assert_eq!(home.start().stop(), Some(0));
        let made = |more: &[&str]| {
            let told = json(&home, &[&["oidc", "rotate-keys"][..], more].concat());
            let keys = home.with_database(db::oidc_keys::all);
            (told["signs_from"].as_str().unwrap().to_owned(), keys.len())
        };
        let ((later, shown), (now, left)) = (made(&[]), made(&["--now"]));
        assert!(now < later, "{now} {later}");
        assert_eq!((shown, left), (4, 2));
    }
}

/// Each command once, in an order in which all can be done.
const COMMANDS: [&[&str]; 31] = [
    &["migrate"],
    &["account", "add", ANA, "--admin"],
    &["account", "add", "ben@example.com"],
    &["account", "list"],
    &["account", "disable", "ben@example.com"],
    &["account", "enable", "ben@example.com"],
    &["account", "recover", "ben@example.com"],
    &["account", "recover", "ben@example.com", "--now"],
    &["group", "add", "family"],
    &["group", "list"],
    &["group", "join", "family", ANA],
    &["group", "leave", "family", ANA],
    &["group", "remove", "family"],
    &["app", "add", "wiki", "--name", "Wiki", "--redirect-uri", "https://wiki.example.com/back"],
    &["app", "list"],
    &["app", "show", "wiki"],
    &["app", "change", "wiki", "--name", "Our wiki"],
    &["app", "secret", "wiki"],
    &["app", "remove", "wiki"],
    &["export"],
    &["apply", "gatepost.toml", "--dry-run"],
    &["audit", "verify"],
    &["link", ANA],
    &["check"],
    &["health"],
    &["backup", "copy.db"],
    &["rotate-key"],
    &["oidc", "rotate-keys"],
    &["restore", "--finish"],
    &["restore", "copy.db"],
    &["man", "man"],
];

#[test]
fn every_command_that_prints_answers_scripts_in_json() {
    for home in Home::all() {
        fs::write(home.folder.path().join("gatepost.toml"), "[settings]\nproduct_name = \"Acme\"\n").unwrap();
        // Makes the key file.
        assert_eq!(home.start().stop(), Some(0));
        let tried: BTreeSet<String> = COMMANDS
            .iter()
            .flat_map(|arguments| {
                [arguments.first().unwrap().to_string(), arguments[..2.min(arguments.len())].join("-")]
            })
            .collect();
        for command in commands(&home) {
            // `copying` tries the last.
            let is_elsewhere = ["serve", "completions"].contains(&command.as_str()) || command == "copy";
            assert!(is_elsewhere || tried.contains(&command), "{command} is not tried");
        }
        let is_file = home.database_url().starts_with("sqlite:");
        for arguments in COMMANDS {
            if !is_file && matches!(arguments, ["backup", _] | ["restore", "copy.db"]) {
                assert_eq!(code(&home, arguments), Some(2), "{arguments:?}");
                continue;
            }
            let told = json(&home, arguments);
            assert!(told.is_object() || told.is_array(), "{arguments:?}: {told}");
        }
        let listed = json(&home, &["account", "list"]);
        assert_eq!((&listed[0]["email"], &listed[0]["role"]), (&ANA.into(), &"admin".into()), "{listed}");
        assert_eq!(json(&home, &["account", "add", ANA])["changed"], false);
        for for_programs in [&[] as &[&str], &["serve"], &["completions", "bash"], &["man"]] {
            let refused = home.run(&[for_programs, &["--json"]].concat());
            assert_eq!((refused.status.code(), refused.stdout), (Some(2), Vec::new()), "{for_programs:?}");
        }
    }
}
