//! Acts of operators on the files of a running server, with their own tools.

use crate::server::{Home, Server, eventually, link_in};
use gatepost::domain::audit::{Action, Actor};
use std::{fs, path::PathBuf, process::Command};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

fn file(home: &Home, name: &str) -> PathBuf {
    home.folder.path().join(name)
}

fn accounts(home: &Home) -> String {
    let listed = home.run(&["account", "list"]);
    assert_eq!(listed.status.code(), Some(0), "{}", String::from_utf8_lossy(&listed.stderr));
    String::from_utf8(listed.stdout).unwrap()
}

/// Returns a server with Ana and Ben, and the bytes of a backup from before Ben.
fn with_backup(home: &Home) -> (Server, Vec<u8>) {
    home.run(&["account", "add", ANA]);
    let server = home.start();
    assert_eq!(home.run(&["backup", "copy.db"]).status.code(), Some(0));
    home.run(&["account", "add", BEN]);
    assert_eq!(home.visitor().post("/login", &[("email", BEN)]).unwrap().status, 303);
    (server, fs::read(file(home, "copy.db")).unwrap())
}

fn put_in_place(home: &Home, way: &[&str]) {
    let (program, arguments) = way.split_first().unwrap();
    let put =
        Command::new(program).args(arguments).args(["copy.db", "gatepost.db"]).current_dir(home.folder.path()).status();
    assert!(put.unwrap().success());
}

#[test]
fn a_backup_put_in_place_under_a_running_server_survives_it() {
    for way in [&["install", "-m", "600"][..], &["mv", "-f"], &["cp"]] {
        for idle in [true, false] {
            let home = Home::new();
            let (server, bytes) = with_backup(&home);
            put_in_place(&home, way);
            if idle {
                eventually("it is noticed", || {
                    server.log().iter().any(|line| line.contains("the database file was replaced")).then_some(())
                });
            } else {
                assert_eq!(home.visitor().post("/login", &[("email", ANA)]).unwrap().status, 503, "{way:?}");
            }
            eventually("not ready", || (home.visitor().get("/health/ready").unwrap().status == 503).then_some(()));
            assert_eq!(server.stop(), Some(0), "{way:?}");
            assert!(fs::read(file(&home, "gatepost.db")).unwrap() == bytes, "{way:?}: not a byte is written into it");
            assert_eq!(accounts(&home).lines().count(), 1, "{way:?}: as of the backup");
            let _server = home.start();
            assert_eq!(home.visitor().get("/health/ready").unwrap().status, 200);
        }
    }
}

#[test]
fn a_backup_put_beside_the_log_of_a_server_that_was_killed_is_not_destroyed_by_it() {
    for way in [&["install", "-m", "600"][..], &["mv", "-f"], &["cp"]] {
        let home = Home::new();
        let (mut server, bytes) = with_backup(&home);
        server.kill();
        put_in_place(&home, way);
        for arguments in [&[][..], &["account", "list"], &["check"], &["migrate"]] {
            let refused = home.run(arguments);
            assert_eq!(refused.status.code(), Some(1), "{way:?} {arguments:?}");
            let text = [refused.stdout, refused.stderr].concat();
            assert!(String::from_utf8(text).unwrap().contains("gatepost.db-wal"), "{way:?} {arguments:?}");
        }
        assert!(fs::read(file(&home, "gatepost.db")).unwrap() == bytes, "{way:?}");
        fs::remove_file(file(&home, "gatepost.db-wal")).unwrap();
        assert_eq!(accounts(&home).lines().count(), 1, "{way:?}");
    }
}

#[test]
fn a_log_that_is_deleted_under_a_running_server_loses_nothing() {
    for ends in [&["-wal"][..], &["-shm"], &["-wal", "-shm"]] {
        let home = Home::new();
        home.run(&["account", "add", ANA]);
        let mut server = home.start();
        home.run(&["account", "add", BEN]);
        assert_eq!(home.visitor().post("/login", &[("email", BEN)]).unwrap().status, 303);
        for end in ends {
            fs::remove_file(file(&home, &format!("gatepost.db{end}"))).unwrap();
        }
        eventually("it is noticed", || {
            server.log().iter().any(|line| line.contains("its content is saved")).then_some(())
        });
        eventually("it serves again", || (home.visitor().get("/health/ready").unwrap().status == 200).then_some(()));
        assert_eq!(home.visitor().post("/login", &[("email", ANA)]).unwrap().status, 303);
        server.kill();
        assert_eq!(accounts(&home).lines().count(), 2, "{ends:?}");
        let _server = home.start();
        eventually("both emails", || (home.mails().len() >= 2).then_some(()));
    }
}

#[test]
fn a_database_that_was_lost_is_not_made_anew_in_silence() {
    let home = Home::new();
    home.run(&["account", "add", ANA]);
    assert_eq!(home.start().stop(), Some(0));
    fs::remove_file(file(&home, "gatepost.db")).unwrap();
    for arguments in [&[][..], &["account", "list"], &["account", "add", ANA], &["check"], &["migrate"], &["link", ANA]]
    {
        assert_eq!(home.run(arguments).status.code(), Some(1), "{arguments:?}");
        assert!(!file(&home, "gatepost.db").exists(), "{arguments:?}");
    }
    let text = String::from_utf8(home.run(&[]).stderr).unwrap();
    assert!(text.contains("gatepost restore") && text.contains("gatepost migrate --new"), "{text}");
    assert_eq!(home.run(&["migrate", "--new"]).status.code(), Some(0));
    let _server = home.start();
}

#[test]
fn waiting_for_another_node_to_migrate_is_said() {
    use diesel::{Connection, connection::SimpleConnection};
    let Some(home) = Home::on_postgres() else { return };
    let mut other = diesel::PgConnection::establish(&home.database_url()).unwrap();
    other.batch_execute("SELECT pg_advisory_lock(7103457251)").unwrap();
    let server = home.begin();
    eventually("it says so", || {
        server.log().iter().any(|line| line.contains("another node is migrating the database")).then_some(())
    });
    other.batch_execute("SELECT pg_advisory_unlock(7103457251)").unwrap();
    eventually("it serves", || home.visitor().get("/health/ready").ok().filter(|answer| answer.status == 200));
}

/// Returns what the audit log says about restores by the command line.
fn restores_in_the_audit_log(home: &Home) -> Vec<Option<String>> {
    let lines = home.with_database(|connection| gatepost::db::audit::newest(connection, 100));
    let restores = lines.into_iter().filter(|line| line.action == Action::DatabaseRestored);
    restores.filter(|line| line.actor == Actor::CommandLine).map(|line| line.after).collect()
}

#[test]
fn a_backup_is_restored_by_a_command_and_what_was_ended_since_does_not_come_back() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    home.run(&["account", "add", ANA]);
    let server = home.start();
    let mut ana = home.visitor();
    ana.post("/login", &[("email", ANA)]).unwrap();
    let text = eventually("the email", || home.mails().into_iter().find(|(to, _)| to == ANA)).1;
    ana.get(&link_in(&text)).unwrap();
    assert_eq!(ana.post("/auth/verify", &[]).unwrap().status, 303);
    ana.post("/login", &[("email", BEN)]).unwrap();
    assert_eq!(home.run(&["backup", "copy.db"]).status.code(), Some(0));
    home.run(&["account", "add", BEN]);
    let refused = home.run(&["restore", "copy.db"]);
    assert_eq!(refused.status.code(), Some(1), "a server runs on it");
    assert!(String::from_utf8(refused.stderr).unwrap().contains("Stop that server first"));
    assert_eq!(server.stop(), Some(0));
    let copy = fs::read(file(&home, "copy.db")).unwrap();
    let restored = home.run(&["restore", "copy.db"]);
    assert_eq!(restored.status.code(), Some(0), "{}", String::from_utf8_lossy(&restored.stderr));
    let said = String::from_utf8(restored.stdout).unwrap();
    let help = String::from_utf8(home.run(&["restore", "--help"]).stdout).unwrap();
    for told in [&said, &help] {
        for words in ["Everyone is signed out", "invitations", "recoveries", "Links that undo a change work again"] {
            let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(told.contains(words), "{words}: {told}");
        }
    }
    assert!(fs::read(file(&home, "copy.db")).unwrap() == copy, "the copy stays as it is");
    let mode = fs::metadata(file(&home, "gatepost.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(file(&home, "gatepost.db.before-restore").exists());
    assert_eq!(accounts(&home).lines().count(), 1, "as of the copy");
    let _server = home.start();
    assert_eq!(ana.get("/account").unwrap().status, 303, "signed out");
    assert!(home.run(&["check", "--deep"]).status.success());
    let told = restores_in_the_audit_log(&home);
    assert_eq!(told, [Some("copy.db".to_owned())], "the refused one left no line");
}

#[test]
fn what_is_no_whole_copy_is_not_restored() {
    let home = Home::new();
    home.run(&["account", "add", ANA]);
    assert_eq!(home.run(&["backup", "copy.db"]).status.code(), Some(0));
    let before = accounts(&home);
    let copy = fs::read(file(&home, "copy.db")).unwrap();
    let mut damaged = copy.clone();
    let half = damaged.len() / 2;
    damaged[half..].fill(0xff);
    fs::write(file(&home, "damaged.db"), damaged).unwrap();
    fs::write(file(&home, "text.db"), "this is no database").unwrap();
    fs::write(file(&home, "empty.db"), "").unwrap();
    fs::write(file(&home, "logged.db"), &copy).unwrap();
    fs::write(file(&home, "logged.db-wal"), "a log").unwrap();
    for name in ["damaged.db", "text.db", "empty.db", "logged.db", "gatepost.db", "missing.db"] {
        let refused = home.run(&["restore", name]);
        assert_eq!(refused.status.code(), Some(1), "{name}");
        assert!(String::from_utf8(refused.stderr).unwrap().contains("Nothing was restored"), "{name}");
        assert_eq!(accounts(&home), before, "{name}");
    }
    let names =
        fs::read_dir(home.folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!names.into_iter().any(|name| name.contains("partial")), "nothing is left behind");
}

#[test]
fn a_backup_never_goes_where_a_symbolic_link_leads() {
    let home = Home::new();
    home.run(&["account", "add", ANA]);
    std::os::unix::fs::symlink(file(&home, "elsewhere.db"), file(&home, "copy.db")).unwrap();
    assert_eq!(home.run(&["backup", "copy.db"]).status.code(), Some(1));
    assert!(!file(&home, "elsewhere.db").exists());
}

/// Killed at any moment, it leaves a whole copy or none under the name that was asked for.
#[test]
fn a_backup_that_is_killed_leaves_no_part_of_it_under_its_name() {
    use diesel::RunQueryDsl;
    let home = Home::new();
    home.run(&["account", "add", ANA]);
    home.with_database(|connection| {
        let gatepost::db::DbConnection::Sqlite(sqlite) = connection else { panic!("this is SQLite") };
        let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)";
        diesel::sql_query(format!("CREATE TABLE filler AS {rows} SELECT randomblob(4000) AS octets FROM n"))
            .execute(sqlite)
            .map(drop)
            .map_err(Into::into)
    });
    assert_eq!(home.run(&["backup", "whole.db"]).status.code(), Some(0));
    let size = |name: &str| fs::metadata(file(&home, name)).ok().map(|about| about.len());
    let whole = size("whole.db").unwrap();
    let parts = || -> Vec<fs::DirEntry> {
        let files = fs::read_dir(home.folder.path()).unwrap().map(Result::unwrap);
        files.filter(|file| file.file_name().to_string_lossy().ends_with(".partial")).collect()
    };
    let mut cut_off = 0;
    for sixth in 0..6 {
        let name = format!("copy{sixth}.db");
        let mut backup = home.command(&["backup", &name]).spawn().unwrap();
        let has_come_so_far =
            || parts().iter().any(|part| part.metadata().is_ok_and(|about| about.len() >= sixth * whole / 6));
        while !has_come_so_far() && backup.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        let _ = backup.kill();
        backup.wait().unwrap();
        assert!(size(&name).is_none_or(|copied| copied == whole), "{name}: {:?} of {whole}", size(&name));
        cut_off += usize::from(size(&name).is_none());
        parts().iter().for_each(|part| fs::remove_file(part.path()).unwrap());
    }
    assert!(cut_off > 0, "none was killed in time");
}

#[test]
fn a_damaged_page_makes_it_not_ready_and_is_found_by_check() {
    use diesel::{RunQueryDsl, sql_types::BigInt};
    #[derive(diesel::QueryableByName)]
    struct Page {
        #[diesel(sql_type = BigInt)]
        page: i64,
    }
    let home = Home::new();
    home.run(&["account", "add", ANA]);
    let first_page_of = |table: &'static str| {
        home.with_database(move |connection| {
            let gatepost::db::DbConnection::Sqlite(sqlite) = connection else { panic!("this is SQLite") };
            let query = format!("SELECT rootpage AS page FROM sqlite_schema WHERE name = '{table}'");
            Ok(diesel::sql_query(query).get_result::<Page>(sqlite)?.page)
        })
    };
    let pages = ["audit", "heartbeats"].map(first_page_of);
    assert!(home.run(&["check", "--deep"]).status.success());
    let whole = fs::read(file(&home, "gatepost.db")).unwrap();
    // The header of a file says how large its pages are.
    let size = usize::from(u16::from_be_bytes([whole[16], whole[17]]));
    let damage = |page: i64| {
        let at = usize::try_from(page - 1).unwrap() * size;
        let mut bytes = whole.clone();
        bytes[at..at + size].fill(0xff);
        fs::write(file(&home, "gatepost.db"), bytes).unwrap();
    };
    // A page that no start reads: only a check of everything finds it.
    damage(pages[0]);
    assert!(home.run(&["check"]).status.success());
    let deep = home.run(&["check", "--deep"]);
    assert_eq!(deep.status.code(), Some(1));
    assert!(String::from_utf8(deep.stdout).unwrap().contains("is damaged"));
    damage(pages[1]);
    for arguments in [&["check"][..], &["check", "--deep"]] {
        let found = home.run(arguments);
        assert_eq!(found.status.code(), Some(1), "{arguments:?}");
        assert!(String::from_utf8(found.stdout).unwrap().contains("database       NOT ok"), "{arguments:?}");
    }
    let _server = home.start();
    assert_eq!(home.visitor().get("/health/ready").unwrap().status, 503);
}

/// Returns how many rows each of these tables has.
fn rows<const N: usize>(home: &Home, tables: [&'static str; N]) -> [i64; N] {
    use diesel::{RunQueryDsl, sql_types::BigInt};
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    tables.map(|table| {
        home.with_database(move |connection| {
            let gatepost::db::DbConnection::Sqlite(sqlite) = connection else { panic!("this is SQLite") };
            let query = diesel::sql_query(format!("SELECT count(*) AS count FROM {table}"));
            Ok(query.get_result::<Count>(sqlite)?.count)
        })
    })
}

#[test]
fn links_and_remembered_browsers_of_a_backup_are_over_after_a_restore() {
    use gatepost::{
        db,
        domain::{BrowserLabel, EmailAddress, Timestamp, Token, TrustedDeviceId, trusted_device::TrustedDevice},
        entropy::SystemEntropy,
    };
    let home = Home::new();
    home.run(&["account", "add", ANA]);
    assert!(home.run(&["link", ANA]).status.success());
    home.with_database(|connection| {
        let account = db::accounts::find_by_email(connection, &EmailAddress::parse(ANA).unwrap())?.unwrap();
        let at = Timestamp::from_millis(1_800_000_000_000);
        let device = TrustedDevice {
            id: TrustedDeviceId::issue(&SystemEntropy),
            account_id: account.id,
            browser: BrowserLabel::from_user_agent(""),
            client: None,
            trusted_at: at,
            last_used_at: at,
        };
        db::trusted_devices::insert(connection, &device, &Token::issue(&SystemEntropy).hash())
    });
    let tables = ["attempts", "trusted_devices", "accounts"];
    assert_eq!(rows(&home, tables), [1, 1, 1]);
    assert_eq!(home.run(&["backup", "copy.db"]).status.code(), Some(0));
    assert_eq!(home.run(&["restore", "copy.db"]).status.code(), Some(0));
    assert_eq!(rows(&home, tables), [0, 0, 1]);
}
