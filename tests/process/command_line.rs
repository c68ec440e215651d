//! The command line beside a running server, and its exit codes.

use crate::server::{Home, eventually};
use gatepost::{
    clock::SystemClock,
    db::{self, audit_seals::Seal},
    domain::{
        AuthenticatorId, Clock, EmailAddress, PasswordHash, Timestamp, audit_seal::SealHash, factor_name::FactorName,
        totp::Authenticator,
    },
};
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
        assert!(out(&added).contains("ana@example.com is now an admin"), "{}{}", out(&added), err(&added));
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
fn the_last_admin_who_can_sign_in_is_not_disabled_while_another_cannot() {
    for home in Home::all() {
        home.run(&["account", "add", ANA, "--admin"]);
        home.run(&["account", "add", "ben@example.com", "--admin"]);
        home.with_database(|connection| {
            let now = SystemClock.now();
            db::settings::store(connection, "email_link_enabled", "off", now)?;
            db::settings::store(connection, "password_enabled", "on", now)?;
            let ana = db::accounts::find_by_email(connection, &EmailAddress::parse(ANA).unwrap())?.unwrap();
            db::passwords::set(connection, ana.id, &PasswordHash::from_stored("some hash".to_owned()), now)
        });
        let refused = home.run(&["account", "disable", ANA]);
        assert_eq!(refused.status.code(), Some(5));
        assert!(err(&refused).contains("the last admin who can sign in"), "{}", err(&refused));
        assert_eq!(home.run(&["account", "disable", "ben@example.com"]).status.code(), Some(0));
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
fn a_recovery_is_started_for_somebody_who_has_something_to_lose() {
    let home = Home::new();
    let code = |arguments: &[&str]| home.run(arguments).status.code();
    assert_eq!(code(&["account", "add", ANA, "--admin"]), Some(0));
    assert_eq!(code(&["account", "recover", "eve@example.com"]), Some(4));
    assert_eq!(code(&["account", "recover", "not an address"]), Some(2));
    let nothing = home.run(&["account", "recover", ANA]);
    assert!(nothing.status.success() && out(&nothing).contains("has no second factor"), "{}", out(&nothing));
    home.with_database(|connection| {
        let account = db::accounts::search(connection, ANA, 0, 1)?.0.remove(0);
        let app = Authenticator {
            id: AuthenticatorId::from_i64(7),
            account_id: account.id,
            name: FactorName::of("My phone", &[]),
            added_at: Timestamp::from_millis(0),
            confirmed_at: None,
            last_used_at: None,
        };
        db::totp::insert(connection, &app, b"sealed")?;
        db::totp::confirm(connection, app.id, Timestamp::from_millis(0))
    });
    let begun = out(&home.run(&["account", "recover", ANA]));
    assert!(begun.contains("unless the owner or an admin cancels"), "{begun}");
    let due = begun.split_whitespace().find(|word| word.ends_with("Z,")).unwrap().trim_end_matches(',').to_owned();
    let again = out(&home.run(&["account", "recover", ANA]));
    assert!(again.contains(&due) && again.contains("nothing was changed"), "{again}");
}

#[test]
fn help_teaches_and_wrong_usage_is_told_apart() {
    let home = Home::new();
    let help = home.run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    for word in [
        "account",
        "app",
        "group",
        "link",
        "check",
        "backup",
        "rotate-key",
        "migrate",
        "GATEPOST_BASE_URL",
        "Exit codes",
    ] {
        assert!(out(&help).contains(word), "{word}: {}", out(&help));
    }
    for command in ["account", "app", "group", "link", "check", "backup", "rotate-key", "migrate", "serve"] {
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

/// `cargo run` hands the variables of the build script on to the server. The server refuses keys
/// that it does not know.
#[test]
fn what_cargo_adds_to_the_environment_is_no_key_of_gatepost() {
    let home = Home::new();
    let added = std::env::vars().filter(|(name, _)| name.starts_with("GATEPOST_") || name.starts_with("BUILT_"));
    let output = home.command(&["check"]).envs(added).output().unwrap();
    assert!(output.status.success(), "{}", err(&output));
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
    // A missing folder, and one that not even root can write.
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
fn check_says_that_a_start_would_be_refused_for_what_the_settings_require() {
    let mut home = Home::new();
    home.with_database(|connection| {
        db::settings::store(connection, "totp_enabled", "off", Timestamp::from_millis(0))?;
        db::settings::store(connection, "second_factor_required", "admins", Timestamp::from_millis(0))
    });
    assert!(out(&home.run(&["check"])).contains("settings       ok"));
    home.set("GATEPOST_BASE_URL", "http://127.0.0.1:8000");
    let checked = home.run(&["check"]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(out(&checked).contains("settings       NOT ok: The setting second_factor_required"), "{}", out(&checked));
}

#[test]
fn check_says_what_can_be_used() {
    let mut home = Home::new();
    home.run(&["migrate"]);
    let fine = home.run(&["check"]);
    assert_eq!(fine.status.code(), Some(0), "{}{}", out(&fine), err(&fine));
    for part in
        ["configuration", "database", "key file", "templates", "email server", "email signing", "breach list", "places"]
    {
        assert!(out(&fine).contains(part), "{}", out(&fine));
    }
    home.set("GATEPOST_MAIL_URL", "smtp://127.0.0.1:1?tls=none");
    let wrong = home.run(&["check"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(out(&wrong).contains("email server   NOT ok"), "{}", out(&wrong));
    home.set("GATEPOST_DATABASE_URL", "sqlite:///nowhere/at/all.db");
    assert!(out(&home.run(&["check"])).contains("database       NOT ok"));
}

#[test]
fn check_warns_where_emails_would_be_taken_for_spam() {
    let mut home = Home::new();
    home.run(&["migrate"]);
    assert!(out(&home.run(&["check"])).contains("email signing  ok: by no key here"));
    for (base_url, is_private) in [
        ("http://localhost:8000", true),
        ("https://login.lan", true),
        ("https://login.test", true),
        ("https://192.0.2.1", true),
        ("https://login.example.org", false),
    ] {
        home.set("GATEPOST_BASE_URL", base_url);
        let said = out(&home.run(&["check"]));
        assert_eq!(said.contains("use a public name"), is_private, "{said}");
    }
    let key = home.folder.path().join("dkim.key");
    fs::write(&key, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    home.set("GATEPOST_MAIL_DKIM_SELECTOR", "2026e");
    home.set("GATEPOST_MAIL_DKIM_KEY_FILE", &key.display().to_string());
    let said = out(&home.run(&["check"]));
    assert!(said.contains("Ed25519 under 2026e; many receivers cannot check Ed25519"), "{said}");
    let rsa = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/dkim_rsa.pem");
    home.set("GATEPOST_MAIL_DKIM_SELECTOR", "2026r, 2026e");
    home.set("GATEPOST_MAIL_DKIM_KEY_FILE", &format!("{rsa}, {}", key.display()));
    let said = out(&home.run(&["check"]));
    assert!(said.contains("email signing  ok: RSA under 2026r, Ed25519 under 2026e\n"), "{said}");
    home.set("GATEPOST_MAIL_DKIM_SELECTOR", "2026r");
    assert!(err(&home.run(&["check"])).contains("a selector for each key"));
}

#[test]
fn a_broken_list_of_breached_passwords_stops_the_start_and_not_the_way_back_in() {
    let mut home = Home::new();
    let list = home.folder.path().join("breached.txt");
    home.set("GATEPOST_BREACHED_PASSWORDS", list.to_str().unwrap());
    fs::write(&list, "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:52256179\r\n").unwrap();
    let fine = home.run(&["check"]);
    assert_eq!(fine.status.code(), Some(0), "{}{}", out(&fine), err(&fine));
    assert!(out(&fine).contains("breached.txt, 1 hashes"), "{}", out(&fine));
    fs::write(&list, "password\n").unwrap();
    let wrong = home.run(&["check"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(out(&wrong).contains("breach list    NOT ok: GATEPOST_BREACHED_PASSWORDS is"), "{}", out(&wrong));
    let served = home.run(&[]);
    assert_eq!(served.status.code(), Some(1));
    assert!(err(&served).contains("GATEPOST_BREACHED_PASSWORDS is"), "{}", err(&served));
    home.run(&["account", "add", ANA]);
    assert_eq!(home.run(&["link", ANA]).status.code(), Some(0));
}

#[test]
fn a_backup_of_a_running_server_can_be_started_from() {
    let home = Home::new();
    home.run(&["account", "add", ANA, "--admin"]);
    let _server = home.start();
    let made = home.run(&["backup", "copy.db"]);
    assert_eq!(made.status.code(), Some(0), "{}", err(&made));
    let again = home.run(&["backup", "copy.db"]);
    assert_eq!(again.status.code(), Some(1), "never over another file");
    let said = String::from_utf8_lossy(&again.stderr);
    assert!(said.contains("copy.db exists already") && !said.contains("unavailable"), "{said}");
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
    for home in Home::all() {
        // Before there is a database, and without making one.
        let first = home.run(&["migrate", "--dry-run"]);
        assert_eq!(first.status.code(), Some(0), "{}", err(&first));
        let names: Vec<_> = fs::read_dir(home.folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(names, ["mail"]);
        let said = out(&first);
        let listed = said.lines().find_map(|line| line.strip_prefix("To be applied: ")).unwrap();
        let applied = out(&home.run(&["migrate"]));
        assert_eq!(applied.trim().strip_prefix("Applied: ").unwrap().split(", ").count(), listed.split(", ").count());
        assert!(out(&home.run(&["migrate"])).contains("up to date"));
        assert!(out(&home.run(&["migrate", "--dry-run"])).contains("up to date"));
    }
    let mut home = Home::new();
    assert!(out(&home.run(&["migrate", "--dry-run"])).starts_with("To be created: sqlite://"));
    home.set("GATEPOST_DATABASE_URL", "sqlite:///nowhere/at/all.db");
    assert_eq!(home.run(&["migrate", "--dry-run"]).status.code(), Some(1), "it could not be made");
}

#[test]
fn the_audit_log_is_checked_beside_a_running_server() {
    for home in Home::all() {
        home.run(&["account", "add", ANA, "--admin"]);
        let fine = home.run(&["audit", "verify"]);
        assert_eq!(fine.status.code(), Some(0), "{}", err(&fine));
        assert!(out(&fine).contains("Lines not sealed yet: 1."), "{}", out(&fine));
        assert_eq!(home.run(&["audit", "verify", "--has", "x"]).status.code(), Some(2));
        let other = home.run(&["audit", "verify", "--has", &"0".repeat(64)]);
        assert_eq!(other.status.code(), Some(1));
        assert!(err(&other).contains("no seal has that hash"), "{}", err(&other));
        home.with_database(|connection| {
            let until = (Timestamp::from_millis(4_000_000_000_000), 0);
            let seal = Seal { number: 1, until, lines: 7, hash: SealHash::FIRST, is_deleted: false };
            db::audit_seals::store(connection, &seal, SystemClock.now())
        });
        let broken = home.run(&["audit", "verify"]);
        assert_eq!(broken.status.code(), Some(1));
        assert!(err(&broken).contains("seal 1: it covers 7 lines, and 1 are left"), "{}", err(&broken));
    }
}
