//! An upgrade: the copy from before, and what admins are told after.

use crate::server::{Home, eventually};
use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Output,
};

const ANA: &str = "ana@example.com";
/// The newest migration that an older database lacks here.
const MISSING: (&str, &str) = ("20261130000140", "starts");

fn text(output: &Output) -> String {
    String::from_utf8([&output.stdout[..], &output.stderr].concat()).unwrap()
}

fn run_sql(home: &Home, sql: &str) {
    let file = home.folder.path().join("gatepost.db");
    SqliteConnection::establish(file.to_str().unwrap()).unwrap().batch_execute(sql).unwrap();
}

/// Takes the newest migrations back, as if an older Gatepost had made the database.
fn make_older(home: &Home) {
    let (version, table) = MISSING;
    run_sql(home, &format!("DROP TABLE {table}; DELETE FROM __diesel_schema_migrations WHERE version = '{version}'"));
}

fn copies(home: &Home) -> Vec<PathBuf> {
    let is_copy = |path: &Path| path.to_str().unwrap().contains(".before-upgrade-");
    let mut copies: Vec<_> = fs::read_dir(home.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| is_copy(path))
        .collect();
    copies.sort();
    copies
}

#[test]
fn before_its_schema_changes_a_database_is_copied_beside_itself() {
    let home = Home::new();
    home.run(&["account", "add", ANA]);
    assert!(copies(&home).is_empty(), "a new database has nothing to keep");
    make_older(&home);
    assert!(home.run(&["migrate", "--dry-run"]).status.success());
    assert!(copies(&home).is_empty(), "nor does a dry run");
    for age in 1..=3 {
        let older = home.folder.path().join(format!("gatepost.db.before-upgrade-{age}"));
        fs::write(&older, "").unwrap();
        let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000 + age);
        fs::File::options().write(true).open(&older).unwrap().set_modified(at).unwrap();
    }
    let server = home.start();
    let line = server.line("before the upgrade is kept as");
    assert!(line.contains("gatepost restore"), "{line}");
    let kept = copies(&home);
    assert_eq!(kept.len(), 3, "{kept:?}");
    assert!(!kept[0].ends_with("gatepost.db.before-upgrade-1"), "the oldest has gone: {kept:?}");
    let copy = kept.iter().find(|copy| fs::metadata(copy).unwrap().len() > 0).unwrap();
    assert_eq!(fs::metadata(copy).unwrap().permissions().mode() & 0o777, 0o600);
    home.run(&["account", "add", "ben@example.com"]);
    assert_eq!(server.stop(), Some(0));
    // The way back. The version before would not change the copy again.
    let back = home.run(&["restore", copy.to_str().unwrap()]);
    assert!(back.status.success(), "{}", text(&back));
    assert_eq!(text(&home.run(&["account", "list"])).lines().count(), 1);
    assert_eq!(copies(&home).len(), 3, "what is up to date is not copied");
}

#[test]
fn what_killed_copies_have_left_is_deleted_by_the_next_one() {
    let home = Home::new();
    home.run(&["account", "add", ANA]);
    let place = |name: &str| home.folder.path().join(name);
    let (left, journal) = (place(".gatepost-killed.partial"), place(".gatepost-killed.partial-journal"));
    let (held, others) = (place(".gatepost-at-work.partial"), place("notes.partial"));
    for file in [&left, &journal, &held, &others] {
        fs::write(file, "half").unwrap();
    }
    // To open it would wait for a writer.
    let pipe = place(".gatepost-pipe.partial");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let another_process = fs::File::open(&held).unwrap();
    another_process.lock().unwrap();
    let done = home.run(&["backup", "copy.db"]);
    assert!(done.status.success(), "{}", text(&done));
    assert_eq!([&left, &journal, &held, &others, &pipe].map(|file| file.exists()), [false, false, true, true, true]);
    drop(another_process);
    make_older(&home);
    assert!(home.run(&["migrate"]).status.success());
    assert!(!held.exists() && copies(&home).len() == 1);
}

#[test]
fn without_room_for_the_copy_nothing_is_upgraded() {
    let home = Home::new();
    home.run(&["account", "add", ANA]);
    make_older(&home);
    for command in ["migrate", "account list", ""] {
        let refused = home.run_in_shell("ulimit -f 64;", command);
        assert_eq!(refused.status.code(), Some(1), "{command}");
        assert!(text(&refused).contains("no copy of it could be made"), "{command}: {}", text(&refused));
    }
    assert!(text(&home.run(&["migrate", "--dry-run"])).contains(MISSING.0.get(8..).unwrap()), "it is as it was");
    let names =
        fs::read_dir(home.folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!names.into_iter().any(|name| name.contains("partial") || name.contains("before-upgrade")));
    let done = home.run(&["migrate", "--no-copy"]);
    assert!(done.status.success() && copies(&home).is_empty(), "{}", text(&done));
}

#[test]
fn admins_are_told_what_an_upgrade_has_changed() {
    for home in Home::all() {
        let server = home.start();
        let line = server.line("/setup?token=");
        let path = format!("/setup?token={}", &line.split("/setup?token=").nth(1).unwrap()[..43]);
        let mut ana = home.visitor();
        ana.get(&path).unwrap();
        assert_eq!(ana.post("/setup", &[("email", ANA)]).unwrap().status, 303);
        assert!(!ana.get("/admin").unwrap().body.contains("Last upgrade"), "the first start is no upgrade");
        assert_eq!(server.stop(), Some(0));
        home.with_database(|connection| {
            connection.batch_execute(
                "UPDATE starts SET version = '0.0.9', migrations = replace(migrations, '2026-11-30-000140_starts', '')",
            )?;
            Ok(())
        });
        for _ in 0..2 {
            let server = home.start();
            let page = ana.get("/admin").unwrap().body;
            for words in ["Last upgrade", "0.0.9", env!("CARGO_PKG_VERSION"), "in one step", "2026-11-30-000140_starts"]
            {
                assert!(page.contains(words), "{words}: {page}");
            }
            assert_eq!(server.stop(), Some(0));
        }
    }
}

/// During an upgrade, nodes of two versions share a database.
#[test]
fn an_older_binary_runs_on_a_newer_schema_and_says_so() {
    for home in Home::all() {
        home.run(&["account", "add", ANA]);
        home.with_database(|connection| {
            connection.batch_execute(
                "CREATE TABLE of_tomorrow (id BIGINT PRIMARY KEY);
                 INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000999')",
            )?;
            Ok(())
        });
        let server = home.start();
        let line = server.line("a newer Gatepost has migrated the database");
        assert!(line.contains("WARN") && line.contains("20991231000999"), "{line}");
        let mut ana = home.visitor();
        ana.post("/login", &[("email", ANA)]).unwrap();
        let mail = eventually("the email", || home.mails().into_iter().find(|(to, _)| to == ANA)).1;
        ana.get(&crate::server::link_in(&mail)).unwrap();
        assert_eq!(ana.post("/auth/verify", &[]).unwrap().status, 303);
        assert_eq!(ana.get("/account").unwrap().status, 200);
        assert!(text(&home.run(&["migrate", "--dry-run"])).contains("The schema is up to date"));
    }
}

/// As `pg_restore` leaves it, or a file that the operator has copied.
#[test]
fn what_another_tool_has_restored_is_made_safe_by_a_command() {
    for home in Home::all() {
        home.run(&["account", "add", ANA]);
        let server = home.start();
        let mut ana = home.visitor();
        ana.post("/login", &[("email", ANA)]).unwrap();
        let mail = eventually("the email", || home.mails().into_iter().find(|(to, _)| to == ANA)).1;
        ana.get(&crate::server::link_in(&mail)).unwrap();
        assert_eq!(ana.post("/auth/verify", &[]).unwrap().status, 303);
        let link = text(&home.run(&["link", ANA])).lines().find(|line| line.starts_with("http")).unwrap().to_owned();
        if home.database_url().starts_with("sqlite:") {
            assert!(text(&home.run(&["restore", "--finish"])).contains("Stop that server first"));
        }
        assert_eq!(server.stop(), Some(0));
        let done = home.run(&["restore", "--finish"]);
        assert!(done.status.success() && text(&done).contains("1 accounts"), "{}", text(&done));
        let _server = home.start();
        assert_eq!(ana.get("/account").unwrap().status, 303, "signed out");
        let path = link.split_once("/auth/").map(|(_, rest)| format!("/auth/{rest}")).unwrap();
        let mut other = home.visitor();
        other.get(&path).unwrap();
        other.post("/auth/verify", &[]).unwrap();
        assert_eq!(other.get("/account").unwrap().status, 303, "the link has ended");
        assert_eq!(home.run(&["restore", "--finish", "copy.db"]).status.code(), Some(2));
    }
}
