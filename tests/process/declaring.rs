//! Settings, groups and apps by a file.

use crate::server::Home;
use std::{fs, process::Output};

const ANA: &str = "ana@example.com";
const SECRET: &str = "Zk3-xS0vV9cQm2TqB7yLr5hJ8wN1aEfGuP4dIoXtY6M";
const FILE: &str = r#"
[settings]
product_name = "Our house"
password_enabled = true
link_lifetime = "15m"
device_grant_enabled = false
refresh_idle_lifetime = "7d"
allowed_domains = ["a.example", "b.example"]

[[groups]]
name = "family"
note = "Who lives here"

[[apps]]
slug = "wiki"
name = "Our wiki"
hosts = ["wiki.example.com"]
groups = ["family", "guests"]
public_paths = ["/static"]
requires = "two"
fresh_within = "1h"
description = "What \"we\" know"

[apps.oidc]
redirect_uris = ["https://wiki.example.com/b", "https://wiki.example.com/a"]
secret_file = "wiki.secret"
logout_uri = "https://wiki.example.com/signed-out"
device = true
jwt_access_tokens = true
name_claim = "username"
groups_shape = "commas"
access_lifetime = "10m"

[[apps]]
slug = "grafana"
name = "Grafana"
hosts = ["grafana.example.com"]
everyone = true

[apps.oidc]
preset = "grafana"
jwks_uri = "https://grafana.example.com/jwks"

[[apps]]
slug = "phone"
name = "Phone"
everyone = true

[apps.oidc]
client_id = "the-phone"
public = true
redirect_uris = ["com.example.app:/oauth"]
"#;

fn text(output: &Output) -> String {
    String::from_utf8([&output.stdout[..], &output.stderr].concat()).unwrap()
}

fn write(home: &Home, name: &str, text: &str) {
    fs::write(home.folder.path().join(name), text).unwrap();
}

fn apply(home: &Home, arguments: &[&str]) -> String {
    let done = home.run(&[&["apply", "gatepost.toml"], arguments].concat());
    assert!(done.status.success(), "{}", text(&done));
    text(&done)
}

fn prepare() -> Vec<Home> {
    let homes = Home::all();
    for home in &homes {
        home.run(&["account", "add", ANA, "--admin"]);
        write(home, "gatepost.toml", FILE);
        write(home, "wiki.secret", &format!("{SECRET}\n"));
    }
    homes
}

#[test]
fn a_file_is_applied_once_and_again_changes_nothing() {
    for home in prepare() {
        let before = text(&home.run(&["export"]));
        let dry = apply(&home, &["--dry-run"]);
        for words in ["setting product_name: Gatepost -> Our house", "group family: added", "app wiki: ", "dry run"] {
            assert!(dry.contains(words), "{words}: {dry}");
        }
        assert_eq!(text(&home.run(&["export"])), before, "a dry run keeps nothing");
        let done = apply(&home, &[]);
        assert_eq!(done.replace("Applied.", ""), dry.replace("Nothing was changed: this was a dry run.", ""));
        assert!(!done.contains(SECRET) && !done.contains("no secret yet"), "{done}");
        assert_eq!(apply(&home, &[]), "Nothing to change.\n");

        // What it made, and what `export` says of it.
        let shown = text(&home.run(&["app", "show", "wiki"]));
        for words in ["groups: family, guests", "fresh within: 1 hour", "redirect URI: https://wiki.example.com/a"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        let exported = text(&home.run(&["export"]));
        assert!(!exported.contains(SECRET), "{exported}");
        write(&home, "gatepost.toml", &exported);
        let again = apply(&home, &[]);
        let released = "secret wiki: no longer in the file; it stays, and admins can change it again\nApplied.\n";
        assert_eq!(again, released, "{exported}");
        assert_eq!(apply(&home, &[]), "Nothing to change.\n");

        // Another secret, a change, and entries that have left the file.
        write(
            &home,
            "gatepost.toml",
            FILE.replace("Our wiki", "The wiki").split("[[apps]]\nslug = \"phone\"").next().unwrap(),
        );
        write(&home, "wiki.secret", &SECRET.replacen('Z', "Y", 1));
        let changed = apply(&home, &[]);
        for words in
            ["app wiki: name: Our wiki -> name: The wiki", "another secret", "app phone: no longer in the file"]
        {
            assert!(changed.contains(words), "{words}: {changed}");
        }
        assert!(text(&home.run(&["app", "list"])).contains("phone"), "it stays");
        assert!(home.run(&["audit", "verify"]).status.success());
    }
}

#[test]
fn a_file_that_is_refused_changes_nothing() {
    for home in prepare() {
        let before = text(&home.run(&["export"]));
        for (file, code, words) in [
            ("[settings]\nproduct_nmae = \"x\"", 2, "There is no setting product_nmae."),
            ("[settings]\nlink_lifetime = \"1s\"\n[[groups]]\nname = \"family\"", 1, "the setting link_lifetime"),
            ("[settings]\nlogo = \"x\"", 2, "There is no setting logo."),
            ("[[groups]]\nname = \"family\"\n[settings]\nemail_link_enabled = false", 1, "no admin could sign in"),
            ("[[groups]]\nname = \"a b\"", 2, "is not the name of a group"),
            ("[[groups]]\nname = \"a\"\n[[groups]]\nname = \"A\"", 2, "is there twice"),
            ("[[apps]]\nslug = \"wiki\"\nname = \"Wiki\"\ncolour = \"red\"", 2, "colour"),
            ("[[apps]]\nslug = \"wiki\"\nname = \"Wiki\"\n[apps.oidc]\nsecret_file = \"none\"", 2, "redirect_uris"),
            (
                "[[apps]]\nslug = \"wiki\"\nname = \"Wiki\"\n[apps.oidc]\nredirect_uris = [\"https://a.example/b\"]\nsecret_file = \"gatepost.toml\"",
                2,
                "holds no client secret",
            ),
            (
                "[[apps]]\nslug = \"a\"\nname = \"A\"\nhosts = [\"a.example\"]\n[[apps]]\nslug = \"b\"\nname = \"B\"\nhosts = [\"a.example\"]",
                1,
                "a.example of the app b belongs to the app a",
            ),
            ("[settings]\nlanguage = \"tlh\"", 2, "no language"),
            ("[[apps]]\nslug = \"wiki\"\nname = \"Wiki\"\n[apps.oidc]\npreset = \"none\"", 2, "no preset"),
            (
                "[[apps]]\nslug = \"wiki\"\nname = \"Wiki\"\n[apps.oidc]\nredirect_uris = [\"https://a.example/b\"]\nname_claim = \"groups\"",
                2,
                "two names of their own",
            ),
            ("not = [toml", 2, "gatepost.toml"),
        ] {
            write(&home, "gatepost.toml", file);
            let refused = home.run(&["apply", "gatepost.toml"]);
            assert_eq!(refused.status.code(), Some(code), "{file}: {}", text(&refused));
            assert!(text(&refused).contains(words), "{words}: {}", text(&refused));
            assert_eq!(text(&home.run(&["export"])), before, "{file}");
        }
    }
}
