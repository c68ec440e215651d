//! The command line beside a running server, and its exit codes.

use crate::server::{Home, eventually};
use std::{fs, process::Output};

const ANA: &str = "ana@example.com";

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn accounts_are_added_listed_disabled_and_enabled() {
    for home in Home::all() {
        let code = |arguments: &[&str]| home.run(arguments).status.code();
        let added = home.run(&["account", "add", "Ana@Example.com", "--admin"]);
        assert!(out(&added).contains("ana@example.com is an admin now"), "{}{}", out(&added), err(&added));
        assert_eq!(code(&["account", "add", ANA]), Some(0), "again changes nothing");
        assert_eq!(code(&["account", "add", "ben@example.com"]), Some(0));
        assert_eq!(
            out(&home.run(&["account", "list"])),
            "ana@example.com\tactive\tadmin\tnever\nben@example.com\tactive\taccount\tnever\n"
        );
        assert_eq!(code(&["account", "disable", "ben@example.com"]), Some(0));
        assert!(out(&home.run(&["account", "list"])).contains("ben@example.com\tdisabled"));
        assert_eq!(code(&["account", "enable", "ben@example.com"]), Some(0));
        assert_eq!(code(&["account", "disable", ANA]), Some(5), "the last admin");
        assert_eq!(code(&["account", "disable", "eve@example.com"]), Some(4));
        assert_eq!(code(&["account", "add", "not an address"]), Some(2));
        assert_eq!(code(&["account", "add", "ben@example.com", "--admin"]), Some(0));
        assert_eq!(code(&["account", "disable", ANA]), Some(0), "no longer the last");
    }
}

#[test]
fn adding_an_account_that_is_disabled_says_so_and_how_to_enable_it() {
    let home = Home::new();
    let said = |arguments: &[&str]| out(&home.run(arguments));
    said(&["account", "add", "ben@example.com"]);
    said(&["account", "disable", "ben@example.com"]);
    for arguments in [&["account", "add", "ben@example.com"][..], &["account", "add", "ben@example.com", "--admin"]] {
        let said = said(arguments);
        assert!(said.contains("is disabled") && said.contains("gatepost account enable ben@example.com"), "{said}");
    }
    said(&["account", "enable", "ben@example.com"]);
    assert!(!said(&["account", "add", "ben@example.com"]).contains("disabled"));
}

#[test]
fn help_teaches_and_wrong_usage_is_told_apart() {
    let home = Home::new();
    let help = home.run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    for word in ["account", "link", "check", "backup", "migrate", "GATEPOST_BASE_URL", "Exit codes"] {
        assert!(out(&help).contains(word), "{word}: {}", out(&help));
    }
    for command in ["account", "link", "check", "backup", "migrate", "serve"] {
        assert_eq!(home.run(&[command, "--help"]).status.code(), Some(0), "{command}");
    }
    assert_eq!(home.run(&["nonsense"]).status.code(), Some(2));
    assert_eq!(home.run(&["link"]).status.code(), Some(2));
    assert!(out(&home.run(&["--version"])).starts_with("gatepost "));
    assert!(!home.folder.path().join("gatepost.db").exists(), "none of that touches anything");
}

#[test]
fn a_wrong_configuration_is_named_and_has_its_own_code() {
    let mut home = Home::new();
    home.set("GATEPOST_BASE_URL", "http://login.example.com");
    home.set("GATEPOST_MIAL_URL", "dev:");
    for arguments in [&[][..], &["check"], &["account", "list"]] {
        let output = home.run(arguments);
        assert_eq!(output.status.code(), Some(3));
        assert!(
            err(&output).contains("GATEPOST_BASE_URL") && err(&output).contains("GATEPOST_MIAL_URL"),
            "{}",
            err(&output)
        );
    }
}

#[test]
fn a_console_link_signs_in_on_the_running_server() {
    for home in Home::all() {
        let _server = home.start();
        assert_eq!(home.run(&["link", ANA]).status.code(), Some(4));
        home.run(&["account", "add", ANA]);
        let printed = home.run(&["link", ANA]);
        assert_eq!(printed.status.code(), Some(0));
        let url = out(&printed).trim().to_owned();
        let path = url.strip_prefix(&format!("http://localhost:{}", home.address().port())).unwrap();
        let mut visitor = home.visitor();
        assert_eq!(visitor.get(path).unwrap().status, 303);
        let page = visitor.get("/auth/verify").unwrap().body;
        assert!(page.contains("Sign in as") && page.contains(ANA), "{page}");
        assert_eq!(visitor.post("/auth/verify", &[]).unwrap().status, 303);
        assert_eq!(visitor.get("/account").unwrap().status, 200);
        // And a command ends it, within the second for which the server remembers.
        home.run(&["account", "add", "ben@example.com", "--admin"]);
        home.run(&["account", "disable", ANA]);
        eventually("signed out", || (visitor.get("/account").unwrap().status == 303).then_some(()));
        assert_eq!(home.run(&["link", ANA]).status.code(), Some(1), "disabled");
    }
}

#[test]
fn check_before_the_first_start_is_fine_and_makes_nothing() {
    for home in Home::all() {
        let checked = home.run(&["check"]);
        assert_eq!(checked.status.code(), Some(0), "{}{}", out(&checked), err(&checked));
        let names: Vec<_> = fs::read_dir(home.folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(names, ["mail"]);
        assert!(out(&checked).contains("next start"), "{}", out(&checked));
    }
    // A folder that is not there, and one that cannot be written even by root.
    for url in ["sqlite:///nowhere/at/all.db", "sqlite:///proc/gatepost.db"] {
        let mut home = Home::new();
        home.set("GATEPOST_DATABASE_URL", url);
        let checked = home.run(&["check"]);
        assert_eq!(checked.status.code(), Some(1), "{url}");
        assert!(
            out(&checked).contains("database       NOT ok") && out(&checked).contains("folder"),
            "{}",
            out(&checked)
        );
    }
}

#[test]
fn check_says_what_can_be_used() {
    let mut home = Home::new();
    home.run(&["migrate"]);
    let fine = home.run(&["check"]);
    assert_eq!(fine.status.code(), Some(0), "{}{}", out(&fine), err(&fine));
    for part in ["configuration", "database", "mail templates", "mail server"] {
        assert!(out(&fine).contains(part), "{}", out(&fine));
    }
    home.set("GATEPOST_MAIL_URL", "smtp://127.0.0.1:1?tls=none");
    let wrong = home.run(&["check"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(out(&wrong).contains("mail server    NOT ok"), "{}", out(&wrong));
    home.set("GATEPOST_DATABASE_URL", "sqlite:///nowhere/at/all.db");
    assert!(out(&home.run(&["check"])).contains("database       NOT ok"));
}

#[test]
fn a_backup_of_a_running_server_can_be_started_from() {
    let home = Home::new();
    home.run(&["account", "add", ANA, "--admin"]);
    let _server = home.start();
    let made = home.run(&["backup", "copy.db"]);
    assert_eq!(made.status.code(), Some(0), "{}", err(&made));
    assert_eq!(home.run(&["backup", "copy.db"]).status.code(), Some(1), "never over another file");
    let mut other = Home::new();
    let copy = home.folder.path().join("copy.db");
    other.set("GATEPOST_DATABASE_URL", &format!("sqlite://{}", copy.display()));
    assert!(out(&other.run(&["account", "list"])).contains(ANA));
    if let Some(postgres) = Home::on_postgres() {
        assert_eq!(postgres.run(&["backup", "copy.db"]).status.code(), Some(2));
    }
}

#[test]
fn migrating_can_be_looked_at_first() {
    let home = Home::new();
    assert_eq!(home.run(&["migrate", "--dry-run"]).status.code(), Some(1), "there is no database yet");
    assert!(out(&home.run(&["migrate"])).contains("Applied: "));
    assert!(out(&home.run(&["migrate"])).contains("up to date"));
    assert!(out(&home.run(&["migrate", "--dry-run"])).contains("up to date"));
}
