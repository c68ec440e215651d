//! The key file on the command line: rotated beside a running server, interrupted, or lost. A
//! command that needs no key never makes the file.

use crate::{
    crash::a_moment,
    first_version,
    server::{Home, eventually},
};
use diesel::connection::SimpleConnection;
use gatepost::{
    db::{self, DbConnection, sealed::SealedKind, totp::Secrets},
    domain::{AccountId, AuthenticatorId, KeyId, audit::Action},
    entropy::SystemEntropy,
    sealing::{KeyRing, key_of, place_of},
};
use std::{
    fs,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::PathBuf,
    process::{Child, Command, Output},
};

const ANA: &str = "ana@example.com";
/// More than two transactions of `rotate-key`.
const SECRETS: i64 = 120;
/// Those that sign tokens for apps, made at the first start.
const SIGNING_KEYS: i64 = 2;

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn key_file(home: &Home) -> PathBuf {
    home.folder.path().join("gatepost.key")
}

fn keys_in_file(home: &Home) -> Vec<KeyId> {
    KeyRing::at(&key_file(home)).load().unwrap()
}

fn secret(id: AuthenticatorId) -> Vec<u8> {
    format!("the secret of {id}").into_bytes()
}

/// Adds an account whose authenticator apps are sealed by the key file's newest key.
fn enrol(home: &Home) {
    home.run(&["account", "add", ANA]);
    let ring = KeyRing::at(&key_file(home));
    home.with_database(move |connection| {
        let email = gatepost::domain::EmailAddress::parse(ANA).unwrap();
        let account = db::accounts::find_by_email(connection, &email)?.unwrap().id;
        (0..SECRETS).try_for_each(|n| add(connection, &ring, account, AuthenticatorId::from_i64(n * 7919)))
    });
}

/// Adds an authenticator app as a node with this key file does.
fn add(
    connection: &mut DbConnection,
    ring: &KeyRing,
    account: AccountId,
    id: AuthenticatorId,
) -> Result<(), db::Error> {
    let sealed = ring.seal(&SystemEntropy, &secret(id), place_of(account, id)).unwrap();
    let hex: String = sealed.iter().map(|byte| format!("{byte:02x}")).collect();
    let blob = match connection {
        DbConnection::Sqlite(_) => format!("X'{hex}'"),
        DbConnection::Postgres(_) => format!("'\\x{hex}'"),
    };
    Ok(connection.batch_execute(&format!(
        "INSERT INTO totp_authenticators (id, account_id, name, sealed_secret, last_step, added_at) \
         VALUES ({}, {}, 'phone', {blob}, 0, 0)",
        id.as_i64(),
        account.as_i64()
    ))?)
}

/// Moves the first use of each key a week into the past.
fn a_week_later(home: &Home) {
    home.with_database(|connection| {
        Ok(connection.batch_execute("UPDATE sealing_keys SET first_used_at = first_used_at - 604800000")?)
    });
}

/// Asserts that all can be unsealed, each in its own place. Returns the keys that seal them.
fn sealed_by(home: &Home) -> Vec<KeyId> {
    let rows = home.with_database(|connection| Secrets.page(connection, None, 1000));
    assert_eq!(rows.len(), SECRETS as usize);
    let ring = KeyRing::at(&key_file(home));
    let mut keys = Vec::new();
    for row in rows {
        assert_eq!(ring.open(&row.sealed, row.place).unwrap().as_bytes(), secret(AuthenticatorId::from_i64(row.id)));
        keys.push(key_of(&row.sealed).unwrap());
    }
    keys.sort();
    keys.dedup();
    keys
}

/// Returns a home that was started once, with secrets.
fn used(home: Home) -> Home {
    drop(home.start());
    enrol(&home);
    home
}

#[test]
fn commands_that_need_no_key_make_none() {
    for home in Home::all() {
        for arguments in [
            &["check"][..],
            &["migrate"],
            &["account", "add", ANA],
            &["account", "list"],
            &["link", ANA],
            &["account", "disable", ANA],
            &["check"],
        ] {
            let done = home.run(arguments);
            assert_eq!(done.status.code(), Some(0), "{arguments:?}: {}{}", out(&done), err(&done));
            assert!(!key_file(&home).exists(), "{arguments:?}");
        }
        let refused = home.run(&["rotate-key"]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(err(&refused).contains("the first start makes one"), "{}", err(&refused));
        let refused = home.run(&["rotate-key", "--lost"]);
        assert!(err(&refused).contains("Nothing is lost"), "{}", err(&refused));
        assert!(!key_file(&home).exists());
    }
}

#[test]
fn keys_are_rotated_beside_a_running_server_and_everything_still_opens() {
    for home in Home::all() {
        let mut server = home.start();
        enrol(&home);
        let first = keys_in_file(&home);
        assert_eq!((first.len(), sealed_by(&home)), (1, first.clone()));

        let done = home.run(&["rotate-key"]);
        assert_eq!(done.status.code(), Some(0), "{}{}", out(&done), err(&done));
        assert!(out(&done).contains(&format!("Sealed anew: {}.", SECRETS + SIGNING_KEYS)), "{}", out(&done));
        let second = keys_in_file(&home);
        assert_eq!(second.len(), 2, "a running server may still seal with the one before");
        assert_eq!((second[1], sealed_by(&home)), (first[0], vec![second[0]]));

        let done = out(&home.run(&["rotate-key"]));
        let third = keys_in_file(&home);
        assert_eq!((&third[1..], sealed_by(&home)), (&[second[0], first[0]][..], vec![third[0]]));
        assert!(!done.contains("nothing needs it"), "another node may not have the file yet: {done}");

        a_week_later(&home);
        let done = out(&home.run(&["rotate-key"]));
        let fourth = keys_in_file(&home);
        assert_eq!((&fourth[1..], sealed_by(&home)), (&third[..1], vec![fourth[0]]));
        for key in [first[0], second[0]] {
            assert!(done.contains(&format!("nothing needs it: {key}")), "{done}");
        }

        let mode = fs::metadata(key_file(&home)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let audit = home.with_database(|connection| db::audit::newest(connection, 1000));
        let rotations: Vec<_> = audit.iter().filter(|entry| entry.action == Action::KeyRotated).collect();
        assert_eq!(rotations.len(), 3);
        assert_eq!(rotations[0].before.as_deref(), Some(&*third[0].to_string()));
        assert_eq!(rotations[0].after.as_deref(), Some(&*fourth[0].to_string()));
        assert_eq!(home.visitor().get("/login").unwrap().status, 200);
        server.kill();
        drop(home.start());
    }
}

/// The operator runs it again, because the guide said so or because the first run was interrupted.
/// The file is copied only then. A secret of the first version is bound to its row alone.
#[test]
fn a_rotation_binds_secrets_of_the_first_version_to_their_account() {
    for home in Home::all().into_iter().map(used) {
        let file = key_file(&home);
        let put = file.clone();
        home.with_database(move |connection| {
            Secrets.page(connection, None, 1000)?.into_iter().try_for_each(|row| {
                let id = AuthenticatorId::from_i64(row.id);
                let first = first_version::seal(&put, &secret(id), id);
                Secrets.reseal(connection, &row, &first).map(drop)
            })
        });
        sealed_by(&home);
        assert_eq!(home.run(&["rotate-key"]).status.code(), Some(0));
        sealed_by(&home);
        let rows = home.with_database(|connection| Secrets.page(connection, None, 1000));
        for row in rows {
            assert_eq!(row.sealed[0], 2);
            assert_eq!(first_version::open(&file, &row.sealed, AuthenticatorId::from_i64(row.id)), None);
        }
    }
}

#[test]
fn rotating_twice_before_the_file_is_copied_loses_no_app_that_another_node_enrolled() {
    for home in Home::all() {
        home.run(&["account", "add", ANA]);
        drop(home.start());
        let copy = home.folder.path().join("other-node.key");
        fs::copy(key_file(&home), &copy).unwrap();
        for n in 1..=3 {
            assert_eq!(home.run(&["rotate-key"]).status.code(), Some(0));
            // The node with the old file enrols an app between each two runs.
            let other = KeyRing::at(&copy);
            home.with_database(move |connection| {
                let email = gatepost::domain::EmailAddress::parse(ANA).unwrap();
                let account = db::accounts::find_by_email(connection, &email)?.unwrap().id;
                add(connection, &other, account, AuthenticatorId::from_i64(n))
            });
        }
        assert_eq!(home.run(&["rotate-key"]).status.code(), Some(0));
        fs::copy(key_file(&home), &copy).unwrap();
        let rows = home.with_database(|connection| Secrets.page(connection, None, 1000));
        assert_eq!(rows.len(), 3);
        for row in rows {
            let unsealed = KeyRing::at(&copy).open(&row.sealed, row.place).unwrap();
            assert_eq!(unsealed.as_bytes(), secret(AuthenticatorId::from_i64(row.id)));
        }
        drop(home.start());
    }
}

#[test]
fn a_rotation_that_is_killed_loses_nothing_and_the_next_one_finishes() {
    for home in Home::all() {
        let home = used(home);
        for round in 0..6 {
            let mut command = home.spawn(&["rotate-key"]);
            a_moment(round);
            let _ = command.kill();
            let _ = command.wait();
            sealed_by(&home);
        }
        // And one that wrote the file and got no further.
        let added = gatepost::sealing::Secret::make(&SystemEntropy, gatepost::sealing::Role::Sealing);
        KeyRing::at(&key_file(&home)).add(&added).unwrap();
        sealed_by(&home);
        drop(home.start());
        a_week_later(&home);
        let done = home.run(&["rotate-key"]);
        assert_eq!(done.status.code(), Some(0), "{}{}", out(&done), err(&done));
        let keys = keys_in_file(&home);
        assert_eq!((keys[1], sealed_by(&home)), (added.id(), vec![keys[0]]));
        assert_eq!(keys.len(), 2);
        let names = fs::read_dir(home.folder.path()).unwrap().map(|file| file.unwrap().file_name());
        let copies = names.filter(|name| name.to_str().unwrap().contains("gatepost.key")).count();
        assert_eq!(copies, 1, "no copy of a key is left beside it");
    }
}

/// A pipe hangs, as a disk may, until something is written into it.
#[test]
fn a_rotation_that_waits_for_the_key_file_keeps_no_user_waiting() {
    for home in Home::all() {
        let home = used(home);
        let file = key_file(&home);
        let text = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
        let mut command = home.spawn(&["rotate-key"]);
        let to_it = fs::OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).clone();
        let pipe = eventually("the command reads the key file", || to_it.open(&file).ok());
        let done = home.run(&["account", "add", "ben@example.com"]);
        assert_eq!(done.status.code(), Some(0), "{}{}", out(&done), err(&done));
        command.kill().unwrap();
        command.wait().unwrap();
        drop(pipe);
        fs::remove_file(&file).unwrap();
        fs::write(&file, text).unwrap();
        // The command that was killed keeps no other one waiting.
        assert_eq!(home.run(&["rotate-key"]).status.code(), Some(0));
        assert_eq!(sealed_by(&home), keys_in_file(&home)[..1]);
    }
}

#[test]
fn rotations_that_run_at_once_take_no_key_from_one_another() {
    for home in Home::all() {
        let home = used(home);
        let commands: Vec<Child> = (0..4).map(|_| home.spawn(&["rotate-key"])).collect();
        for mut command in commands {
            // One may have had to wait too long for the others, and says so.
            command.wait().unwrap();
        }
        sealed_by(&home);
        assert_eq!(home.run(&["rotate-key"]).status.code(), Some(0));
        assert_eq!(sealed_by(&home), keys_in_file(&home)[..1]);
    }
}

#[test]
fn a_second_node_needs_the_first_one_s_key_file() {
    let Some(home) = Home::on_postgres() else { return };
    let _server = home.start();
    let mut other = Home::beside(&home);
    drop(other.start());
    let own = other.folder.path().join("gatepost.key");
    other.set("GATEPOST_KEY_FILE", own.to_str().unwrap());
    let refused = other.run(&[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(err(&refused).contains(own.to_str().unwrap()), "{}", err(&refused));
    assert!(err(&refused).contains("from the node that made it"), "{}", err(&refused));
    assert!(!own.exists());
    fs::copy(key_file(&home), &own).unwrap();
    drop(other.start());
    // A rotation reaches only its own file, until that is copied.
    assert_eq!(home.run(&["rotate-key"]).status.code(), Some(0));
    let refused = other.run(&[]);
    assert!(err(&refused).contains("after each rotation"), "{}", err(&refused));
    assert!(err(&other.run(&["rotate-key"])).contains("after each rotation"));
    fs::copy(key_file(&home), &own).unwrap();
    drop(other.start());
}

#[test]
fn a_key_file_that_is_lost_for_good_can_be_replaced_and_nothing_is_removed() {
    for home in Home::all() {
        let home = used(home);
        let refused = home.run(&["rotate-key", "--lost"]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(err(&refused).contains("Move it away first"), "{}", err(&refused));
        fs::remove_file(key_file(&home)).unwrap();
        assert!(err(&home.run(&["rotate-key"])).contains("rotate-key --lost"));
        assert!(err(&home.run(&[])).contains("rotate-key --lost"));
        let done = home.run(&["rotate-key", "--lost"]);
        assert_eq!(done.status.code(), Some(0), "{}{}", out(&done), err(&done));
        assert!(out(&done).contains(&format!("set up again: {SECRETS}.")), "{}", out(&done));
        let server = home.start();
        eventually("the server says what it lacks", || {
            server.log().iter().any(|line| line.contains("lacks keys")).then_some(())
        });
        let done = home.run(&["rotate-key"]);
        assert_eq!(done.status.code(), Some(0));
        assert!(err(&done).contains("Left unchanged"), "{}", err(&done));
        let rows = home.with_database(|connection| Secrets.count(connection));
        assert_eq!(rows, SECRETS);
    }
}

#[test]
fn check_and_backup_speak_of_the_key_file() {
    for home in Home::all() {
        let line = |home: &Home| {
            let checked = home.run(&["check"]);
            let line = out(&checked).lines().find(|line| line.starts_with("key file")).unwrap().to_owned();
            (checked.status.code(), line)
        };
        let path = key_file(&home).display().to_string();
        assert_eq!(line(&home), (Some(0), format!("key file       ok: {path}, to be made at the next start")));
        let server = home.start();
        assert_eq!(line(&home), (Some(0), format!("key file       ok: {path}, 1 key")));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let (code, said) = line(&home);
        assert!(code == Some(0) && said.contains("set its mode to 600"), "{said}");
        drop(server);
        let server = home.start();
        eventually("the server says so, too", || {
            server.log().iter().any(|line| line.contains("set its mode to 600")).then_some(())
        });
        fs::rename(&path, format!("{path}.away")).unwrap();
        let (code, said) = line(&home);
        assert!(code == Some(1) && said.contains("NOT ok") && said.contains("is missing"), "{said}");
    }
    let home = Home::new();
    home.run(&["migrate"]);
    assert!(out(&home.run(&["backup", "copy.db"])).contains("It does not hold the key file, gatepost.key."));
}
