//! Moving to the other kind of database by the command line.

use crate::{secrets::Ben, server::Home};
use std::{fs, process::Output};

fn text(output: &Output) -> String {
    String::from_utf8([&output.stdout[..], &output.stderr].concat()).unwrap()
}

fn set_passwords(home: &Home) {
    crate::secrets::with_passwords(home);
}

/// A second home with the same key file on another database.
fn with_key_of(other: &Home, url: &str) -> Home {
    let mut home = Home::beside(other);
    home.set("GATEPOST_DATABASE_URL", url);
    home
}

#[test]
fn everything_goes_to_the_other_database_and_back_and_still_works() {
    let Some(postgres) = Home::on_postgres() else { return };
    let home = Home::new();
    set_passwords(&home);
    let server = home.start();
    let mut ben = Ben::signs_up(&home);
    let target = postgres.database_url();
    assert!(text(&home.run(&["copy", "--to", &target])).contains("a server is using one"));
    assert_eq!(server.stop(), Some(0));
    let url = home.folder.path().join("url");
    fs::write(&url, format!("{target}\n")).unwrap();
    let copied = home.run(&["copy", "--to-file", url.to_str().unwrap()]);
    assert!(copied.status.success() && text(&copied).contains("The audit log holds, and"), "{}", text(&copied));
    let again = text(&home.run(&["copy", "--to", &target]));
    assert!(again.contains("is not empty") && again.contains("Nothing was copied"), "{again}");

    // A session, a password and an authenticator app work on the copy.
    let moved = with_key_of(&home, &target);
    let server = moved.start();
    ben.visitor.server = moved.address();
    assert_eq!(ben.visitor.get("/account").unwrap().status, 200, "still signed in");
    ben.comes_back();
    let code = ben.phone.code(1);
    assert_eq!(ben.visitor.post("/login/second-factor", &[("code", &code)]).unwrap().status, 303);
    assert_eq!(ben.visitor.get("/account").unwrap().status, 200);
    assert!(moved.run(&["audit", "verify"]).status.success());
    assert_eq!(server.stop(), Some(0));

    let back = home.folder.path().join("back.db").display().to_string();
    let copied = moved.run(&["copy", "--to", &format!("sqlite://{back}"), "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&copied.stdout).unwrap();
    assert!(told["audit_holds"] == true && told["sealed"] == 3 && told["unopened"] == 0, "{told}");
    let returned = with_key_of(&home, &format!("sqlite://{back}"));
    assert!(returned.run(&["check", "--deep"]).status.success());
    let _server = returned.start();
    ben.visitor.server = returned.address();
    assert_eq!(ben.visitor.get("/account").unwrap().status, 200);
}

#[test]
fn what_cannot_be_copied_is_said() {
    let home = Home::new();
    home.run(&["account", "add", "ana@example.com"]);
    for (arguments, code, words) in [
        (&["copy", "--to", "sqlite://other.db"][..], 1, "use `gatepost backup`"),
        (&["copy", "--to", "mysql://u:hunter2@h/d"], 2, "That URL cannot be used"),
        (&["copy", "--to-file", "missing"], 2, "missing cannot be read"),
        (&["copy", "--to", "postgres://u:hunter2@127.0.0.1:1/d"], 1, "Nothing was copied"),
        (&["copy"], 2, "--to"),
    ] {
        let refused = home.run(arguments);
        let said = text(&refused);
        assert_eq!(refused.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(words) && !said.contains("hunter2"), "{arguments:?}: {said}");
    }
    assert!(!home.folder.path().join("other.db").exists());
}
