//! The key file and the database: which belongs to which, and which node may not start.

use crate::harness::{Setup, TestApp, TestDatabase};
use diesel::connection::SimpleConnection;
use gatepost::{
    config::DatabaseUrl,
    db::{self, migrations},
    domain::{AccountId, AuthenticatorId, KeyId},
    entropy::SystemEntropy,
    sealing::{KeyRing, Keys, Role, Secret, place_of},
};
use rocket::futures::future::join_all;
use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path, process::Command, sync::Arc};

async fn noted(app: &TestApp) -> Option<KeyId> {
    app.read(db::sealed::newest_key).await
}

fn newest_in(file: &Path) -> Option<KeyId> {
    KeyRing::at(file).load().unwrap().first().copied()
}

/// Returns why a Gatepost beside this one does not start.
async fn refusal(app: &TestApp) -> String {
    Setup::new().beside(app).try_start().await.err().expect("a refusal")
}

#[rocket::async_test]
async fn the_first_start_makes_a_key_file_for_its_owner_alone_and_notes_the_key() {
    let app = TestApp::new().await;
    let file = &app.database.key_file;
    assert_eq!(noted(&app).await, newest_in(file));
    assert!(noted(&app).await.is_some() && !app.services.keys.is_open_to_others());
    let text = fs::read_to_string(file).unwrap();
    assert!(text.starts_with("# Gatepost's key file") && text.contains("Back it up apart from the database"), "{text}");
    let secret = text.lines().find_map(|line| line.strip_prefix("key ")).unwrap().split(' ').nth(1).unwrap();
    assert!(!app.dump().await.contains(secret));
}

#[rocket::async_test]
async fn a_restart_and_another_node_go_on_with_the_same_file() {
    let app = TestApp::new().await;
    let place = place_of(AccountId::issue(&SystemEntropy), AuthenticatorId::issue(&SystemEntropy));
    let sealed = app.services.keys.seal(&SystemEntropy, b"secret", place).unwrap();
    let before = app.dump().await;
    let other = Setup::new().beside(&app).start().await;
    assert_eq!(other.services.keys.open(&sealed, place).unwrap().as_bytes(), b"secret");
    let hash = |app: &TestApp| app.services.keys.keyed_hash(b"a", b"b").unwrap();
    assert_eq!(hash(&app), hash(&other));
    assert_eq!(app.dump().await, before, "nothing more is noted");
}

#[rocket::async_test]
async fn a_database_that_was_used_with_a_key_is_not_served_without_it() {
    let app = TestApp::new().await;
    let (file, id) = (app.database.key_file.clone(), noted(&app).await.unwrap().to_string());
    let text = fs::read_to_string(&file).unwrap();
    let path = file.display().to_string();

    fs::remove_file(&file).unwrap();
    let sentence = refusal(&app).await;
    for part in [&*path, &id, "is missing", "from your backup", "rotate-key --lost"] {
        assert!(sentence.contains(part), "{sentence}");
    }
    assert!(!file.exists(), "and none is made in silence");

    KeyRing::at(&file).load_or_make(&Keys::make(&SystemEntropy)).unwrap();
    let sentence = refusal(&app).await;
    for part in [&*path, &id, "lacks the key", "Every node needs the same file"] {
        assert!(sentence.contains(part), "{sentence}");
    }

    fs::write(&file, text.replace("key ", "kee ")).unwrap();
    let sentence = refusal(&app).await;
    assert!(sentence.contains(&path) && sentence.contains("is damaged in line"), "{sentence}");

    fs::write(&file, text).unwrap();
    Setup::new().beside(&app).start().await;
}

#[rocket::async_test]
async fn of_nodes_that_start_at_once_with_files_of_their_own_one_is_served_and_the_others_are_told() {
    for made_before in [false, true] {
        let database = Arc::new(TestDatabase::new());
        let url = DatabaseUrl::parse(&database.url).unwrap();
        tokio::task::spawn_blocking(move || migrations::run(&url)).await.unwrap().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<_> = (0..4).map(|n| folder.path().join(format!("{n}.key"))).collect();
        if made_before {
            files.iter().for_each(|file| drop(KeyRing::at(file).load_or_make(&Keys::make(&SystemEntropy)).unwrap()));
        }
        let starts = files.iter().map(|file| {
            let setup = Setup::new().on(Arc::clone(&database)).with("GATEPOST_KEY_FILE", file.to_str().unwrap());
            tokio::spawn(setup.try_start())
        });
        let started = join_all(starts).await.into_iter().map(Result::unwrap);
        let (running, refused): (Vec<_>, Vec<_>) = started.zip(&files).partition(|(started, _)| started.is_ok());
        assert_eq!(running.len(), 1);
        let (app, file) = running.into_iter().next().map(|(app, file)| (app.unwrap(), file)).unwrap();
        assert_eq!(noted(&app).await, newest_in(file));
        for (sentence, file) in refused {
            let sentence = sentence.err().unwrap();
            assert!(sentence.contains(file.to_str().unwrap()) && sentence.contains("opy"), "{sentence}");
            assert_eq!(file.exists(), made_before, "no second key file is made");
        }
    }
}

/// Opens a pipe for writing if another thread or process reads from it.
fn open_if_read(pipe: &Path) -> Option<fs::File> {
    fs::OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(pipe).ok()
}

/// A pipe hangs, as a disk may, until something is written into it.
#[rocket::async_test]
async fn a_start_that_waits_for_the_key_file_keeps_no_user_waiting() {
    let app = TestApp::new().await;
    let file = app.database.key_file.clone();
    let text = fs::read_to_string(&file).unwrap();
    fs::remove_file(&file).unwrap();
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    let start = tokio::spawn(Setup::new().beside(&app).try_start());
    let mut pipe = None;
    crate::outage::until("the start reads the key file", async || {
        tokio::task::yield_now().await;
        pipe = open_if_read(&file);
        pipe.is_some()
    })
    .await;
    app.add_account("ana@example.com").await;
    fs::remove_file(&file).unwrap();
    fs::write(&file, &text).unwrap();
    pipe.take().unwrap().write_all(text.as_bytes()).unwrap();
    start.await.unwrap().unwrap();
}

#[rocket::async_test]
async fn a_rotation_that_was_cut_off_after_it_wrote_the_file_is_noted_at_the_next_start() {
    let app = TestApp::new().await;
    let newest = Secret::make(&SystemEntropy, Role::Sealing);
    KeyRing::at(&app.database.key_file).add(&newest).unwrap();
    assert_ne!(noted(&app).await, Some(newest.id()));
    // Even if the clock was set back.
    app.clock.set_back(gatepost::domain::Lifetime::days(2));
    let app = Setup::new().beside(&app).start().await;
    assert_eq!(noted(&app).await, Some(newest.id()));
}

#[rocket::async_test]
async fn what_an_unknown_key_sealed_is_told_and_keeps_nobody_else_from_being_served() {
    let app = TestApp::new().await;
    let account = app.add_account("ana@example.com").await.id;
    let folder = tempfile::tempdir().unwrap();
    let lost = KeyRing::at(&folder.path().join("lost.key"));
    let lost_key = lost.load_or_make(&Keys::make(&SystemEntropy)).unwrap()[0];
    let sealed = lost.seal(&SystemEntropy, b"secret", place_of(account, AuthenticatorId::from_i64(1))).unwrap();
    let hex: String = sealed.iter().map(|byte| format!("{byte:02x}")).collect();
    let blob = if app.database.is_sqlite() { format!("X'{hex}'") } else { format!("'\\x{hex}'") };
    let insert = format!(
        "INSERT INTO totp_authenticators (id, account_id, name, sealed_secret, last_step, added_at) \
         VALUES (1, {}, 'phone', {blob}, 0, 0)",
        account.as_i64()
    );
    app.write(move |connection| Ok(connection.batch_execute(&insert)?)).await;
    let other = Setup::new().beside(&app).start().await;
    let needed = other.read(gatepost::app::keys::needed).await;
    assert_eq!(needed, [lost_key]);
}
