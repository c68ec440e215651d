//! Apps and groups on the command line.

use crate::server::Home;
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use std::process::Output;

const ANA: &str = "ana@example.com";

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn an_app_is_added_listed_shown_and_removed() {
    for home in Home::all() {
        let code = |arguments: &[&str]| home.run(arguments).status.code();
        home.run(&["account", "add", ANA, "--admin"]);
        let added = home.run(&[
            "app",
            "add",
            "wiki",
            "--name",
            "Our wiki",
            "--host",
            "wiki.example.com",
            "--host",
            "http://wiki.lan:8080",
            "--group",
            "family",
            "friends",
            "--public-path",
            "/static",
            "--requires",
            "two",
            "--json",
        ]);
        assert!(added.status.success(), "{}", err(&added));
        let mut made: Value = serde_json::from_str(&out(&added)).unwrap();
        assert_eq!(made["id"].as_str().unwrap().len(), 16);
        made.as_object_mut().unwrap().remove("id");
        let expected = json!({
            "slug": "wiki",
            "name": "Our wiki",
            "hosts": ["https://wiki.example.com", "http://wiki.lan:8080"],
            "everyone": false,
            "groups": ["family", "friends"],
            "users": 0,
            "public_paths": ["/static"],
            "requires": "two",
            "fresh_within": null,
            "description": "",
            "link": null,
            "hidden": false,
            "preflights": false,
            "popup": false,
            "disabled": false,
        });
        assert_eq!(made, expected);
        assert_eq!(
            out(&home.run(&["app", "list"])),
            "wiki\tOur wiki\thttps://wiki.example.com,http://wiki.lan:8080\tfamily,friends\ttwo\n"
        );
        let shown = out(&home.run(&["app", "show", "wiki"]));
        assert!(shown.contains("name: Our wiki\n") && shown.contains("public paths: /static\n"), "{shown}");
        let listed: Value = serde_json::from_str(&out(&home.run(&["app", "list", "--json"]))).unwrap();
        assert_eq!(listed[0]["slug"], "wiki");
        assert_eq!(code(&["app", "remove", "wiki"]), Some(0));
        assert_eq!(code(&["app", "remove", "wiki"]), Some(4));
        assert_eq!(code(&["app", "show", "wiki"]), Some(4));
        assert_eq!(out(&home.run(&["group", "list"])), "family\t0\nfriends\t0\n", "the groups stay");
    }
}

#[test]
fn an_app_shows_the_users_whom_it_names_and_who_asks() {
    for home in Home::all() {
        for email in [ANA, "ben@example.com", "eve@example.com"] {
            home.run(&["account", "add", email]);
        }
        home.run(&["app", "add", "wiki", "--name", "Wiki", "--host", "wiki.example.com"]);
        home.with_database(|connection| {
            let of = |email: &str| format!("FROM apps, accounts WHERE accounts.email = '{email}'");
            Ok(connection.batch_execute(&format!(
                "INSERT INTO app_people (app_id, account_id) SELECT apps.id, accounts.id {};
                 INSERT INTO app_people (app_id, account_id, ends_at) SELECT apps.id, accounts.id, 1893456000000 {};
                 UPDATE accounts SET guest_until = 1893456000000 WHERE email = 'ben@example.com';
                 INSERT INTO app_asks (id, app_id, account_id, asked_at) SELECT 7, apps.id, accounts.id, 1795356180000 {};",
                of(ANA),
                of("ben@example.com"),
                of("eve@example.com"),
            ))?)
        });
        let shown = out(&home.run(&["app", "show", "wiki"]));
        let people: Vec<_> = shown.lines().skip_while(|line| !line.starts_with("user: ")).collect();
        assert_eq!(
            people,
            [
                "user: ana@example.com",
                "guest: ben@example.com until 2030-01-01T00:00:00Z",
                "asks for access: eve@example.com since 2026-11-22T14:03:00Z",
            ]
        );
        let shown: Value = serde_json::from_str(&out(&home.run(&["app", "show", "wiki", "--json"]))).unwrap();
        let named = json!([
            { "email": ANA, "until": null, "guest": false },
            { "email": "ben@example.com", "until": "2030-01-01T00:00:00Z", "guest": true },
        ]);
        assert_eq!((&shown["users"], &shown["people"]), (&json!(2), &named));
        assert_eq!(shown["asks"], json!([{ "email": "eve@example.com", "at": "2026-11-22T14:03:00Z" }]));
    }
}

#[test]
fn an_app_is_changed_and_what_is_not_named_stays() {
    for home in Home::all() {
        home.run(&["account", "add", ANA, "--admin"]);
        home.run(&["app", "add", "wiki", "--name", "Wiki", "--host", "wiki.example.com", "--group", "family"]);
        let changed = home.run(&["app", "change", "wiki", "--name", "Our wiki", "--requires", "two", "--json"]);
        assert!(changed.status.success(), "{}", err(&changed));
        let now: Value = serde_json::from_str(&out(&changed)).unwrap();
        assert_eq!((&now["name"], &now["requires"]), (&json!("Our wiki"), &json!("two")));
        assert_eq!((&now["hosts"], &now["groups"]), (&json!(["https://wiki.example.com"]), &json!(["family"])));
        let icon = concat!(env!("CARGO_MANIFEST_DIR"), "/static/icon.png");
        let changed =
            home.run(&["app", "change", "wiki", "--everyone", "--public-path", "/api", "--off", "--icon", icon]);
        assert!(out(&changed).contains("The app wiki is changed.\n"), "{}{}", out(&changed), err(&changed));
        let now: Value = serde_json::from_str(&out(&home.run(&["app", "show", "wiki", "--json"]))).unwrap();
        assert_eq!((&now["everyone"], &now["groups"]), (&json!(true), &json!([])));
        assert_eq!((&now["public_paths"], &now["disabled"]), (&json!(["/api"]), &json!(true)));
        let more = ["--fresh-within", "15m", "--description", "Recipes", "--hidden", "--preflights"];
        let link = ["--link", "https://wiki.example.com/start"];
        let changed = home.run(&[&["app", "change", "wiki", "--json"][..], &more, &link].concat());
        let now: Value = serde_json::from_str(&out(&changed)).unwrap();
        assert_eq!((&now["fresh_within"], &now["description"]), (&json!("15m"), &json!("Recipes")));
        assert_eq!((&now["link"], &now["hidden"]), (&json!("https://wiki.example.com/start"), &json!(true)));
        assert_eq!(
            (&now["preflights"], &now["public_paths"]),
            (&json!(true), &json!(["/api"])),
            "what is not named stays"
        );
        let back = ["--fresh-within", "any", "--description", "", "--link", "", "--no-hidden", "--no-preflights"];
        let changed = home.run(&[&["app", "change", "wiki", "--json"][..], &back].concat());
        let now: Value = serde_json::from_str(&out(&changed)).unwrap();
        assert_eq!((&now["fresh_within"], &now["description"], &now["link"]), (&json!(null), &json!(""), &json!(null)));
        assert_eq!((&now["hidden"], &now["preflights"]), (&json!(false), &json!(false)));
        let stored = home.with_database(|connection| {
            let wiki = gatepost::domain::apps::AppSlug::parse("wiki").unwrap();
            let app = gatepost::db::apps::find_by_slug(connection, &wiki)?.unwrap();
            gatepost::db::apps::icon(connection, app.app.id)
        });
        // Gatepost encodes it anew.
        assert!(stored.unwrap().bytes().starts_with(b"\x89PNG\r\n"));
        home.run(&["app", "add", "blog", "--name", "Blog", "--host", "blog.example.com"]);
        for (arguments, code, said) in [
            (&["blog", "--host", "wiki.example.com", "--group", "new"][..], 1, "belongs to the app wiki"),
            (&["blog", "--icon", "/nowhere.png"], 1, "Cannot read /nowhere.png"),
            (
                &["blog", "--icon", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")],
                1,
                "it is neither a PNG nor a WebP",
            ),
            (&["none", "--name", "None"], 4, "none"),
            (&["blog", "--fresh-within", "soon"], 2, "is no length of time"),
            (&["blog", "--fresh-within", "0s"], 2, "takes at least 1m"),
            (&["blog", "--link", "wiki"], 2, "is not a web address"),
            (&["blog", "--everyone", "--no-one"], 2, "cannot be used with"),
        ] {
            let refused = home.run(&[&["app", "change"], arguments].concat());
            assert_eq!(refused.status.code(), Some(code), "{arguments:?}: {}", err(&refused));
            assert!(err(&refused).contains(said), "{arguments:?}: {}", err(&refused));
        }
        assert_eq!(out(&home.run(&["group", "list"])), "family\t0\n", "a refusal leaves no group");
    }
}

#[test]
fn an_app_that_cannot_be_is_refused_and_leaves_nothing() {
    let home = Home::new();
    home.run(&["account", "add", ANA, "--admin"]);
    let open = home.run(&["app", "add", "wiki", "--name", "Wiki", "--host", "wiki.example.com", "--everyone"]);
    assert!(out(&open).contains("everyone: yes"), "{}{}", out(&open), err(&open));
    for (arguments, code, said) in [
        (&["wiki", "--name", "Other", "--group", "new"][..], 1, "There is already an app wiki"),
        (
            &["other", "--name", "Other", "--host", "https://wiki.example.com", "--group", "new"],
            1,
            "https://wiki.example.com belongs to the app wiki",
        ),
        (&["Other", "--name", "Other"], 2, "not the short name of an app"),
        (&["other", "--name", ""], 2, "not a name"),
        (&["other", "--name", "Other", "--host", "wiki.example.com/login"], 2, "not the address of an app"),
        (&["other", "--name", "Other", "--public-path", "api"], 2, "not a path that can be public"),
        (&["other", "--name", "Other", "--group", "a,b"], 2, "not the name of a group"),
        (&["other", "--name", "Other", "--requires", "three"], 2, "three"),
        (&["other", "--name", "Other", "--everyone", "--group", "family"], 2, "cannot be used with"),
    ] {
        let refused = home.run(&[&["app", "add"][..], arguments].concat());
        assert_eq!(refused.status.code(), Some(code), "{arguments:?}: {}", err(&refused));
        assert!(err(&refused).contains(said), "{arguments:?}: {}", err(&refused));
    }
    assert_eq!(out(&home.run(&["group", "list"])), "");
    assert_eq!(out(&home.run(&["app", "list"])).lines().count(), 1);
    let closed = out(&home.run(&["app", "add", "notes", "--name", "Notes"]));
    assert!(closed.contains("No one can open it yet."), "{closed}");
}

#[test]
fn members_join_and_leave_groups() {
    for home in Home::all() {
        let code = |arguments: &[&str]| home.run(arguments).status.code();
        home.run(&["account", "add", ANA, "--admin"]);
        assert_eq!(code(&["group", "add", "Family"]), Some(0));
        assert!(out(&home.run(&["group", "add", "family"])).contains("already"));
        assert_eq!(code(&["group", "join", "family", ANA]), Some(0));
        assert!(out(&home.run(&["group", "join", "family", ANA])).contains("was in family already"));
        assert_eq!(out(&home.run(&["group", "list"])), "family\t1\n");
        assert_eq!(out(&home.run(&["group", "list", "Family"])), format!("{ANA}\n"));
        let json: serde_json::Value =
            serde_json::from_str(&out(&home.run(&["group", "list", "family", "--json"]))).unwrap();
        assert_eq!(json, serde_json::json!({ "group": "family", "members": [ANA] }));
        assert_eq!(code(&["group", "list", "friends"]), Some(4));
        assert_eq!(code(&["group", "join", "friends", ANA]), Some(4));
        assert_eq!(code(&["group", "join", "family", "eve@example.com"]), Some(4));
        assert_eq!(code(&["group", "join", "family", "eve"]), Some(2));
        assert_eq!(code(&["group", "leave", "family", ANA]), Some(0));
        assert!(out(&home.run(&["group", "leave", "family", ANA])).contains("was not in family"));
        assert_eq!(code(&["group", "remove", "family"]), Some(0));
        assert_eq!(code(&["group", "remove", "family"]), Some(4));
    }
}

#[test]
fn an_app_with_a_built_in_client_id_and_secret_is_added_with_both() {
    for home in Home::all() {
        home.run(&["account", "add", ANA, "--admin"]);
        let secret = "pW4nXr8sTz2LkQ6vYb3JmH9dCf7GaUe5WiBo1NtR";
        let file = |name: &str, text: &str| {
            let path = home.folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let (good, repeated) = (file("good", &format!("{secret}\n")), file("repeated", &"a".repeat(64)));
        let short = file("short", "pW4nXr8sTz2LkQ6v");
        let add = |slug: &str, id: &str, file: &str| {
            let named = ["app", "add", slug, "--name", "Files", "--public", "--redirect-uri", "http://localhost"];
            home.run(&[&named[..], &["--client-id", id, "--secret-file", file, "--json"]].concat())
        };
        for (id, file, code, why) in [
            ("files", &repeated, 2, "it can be guessed"),
            ("files", &short, 2, "it needs 32 to 256 characters"),
            ("no id", &good, 2, "cannot be a client id"),
            ("files", &format!("{good}-not-there"), 1, "Cannot read"),
        ] {
            let refused = add("desktop", id, file);
            assert_eq!(refused.status.code(), Some(code), "{}", err(&refused));
            assert!(err(&refused).contains(why) && !err(&refused).contains("pW4nXr8sTz2"), "{}", err(&refused));
        }
        let added = add("desktop", "files", &good);
        assert!(added.status.success(), "{}", err(&added));
        let made: Value = serde_json::from_str(&out(&added)).unwrap();
        assert_eq!((&made["client_id"], &made["public"]), (&json!("files"), &json!(true)));
        assert!(made.get("client_secret").is_none() && !out(&added).contains(secret), "{made}");
        let refused = add("other", "files", &good);
        assert_eq!(refused.status.code(), Some(1));
        assert!(err(&refused).contains("Another app has the client id files"), "{}", err(&refused));
        assert_eq!(home.run(&["app", "show", "other"]).status.code(), Some(4));

        assert!(home.run(&["app", "secret", "desktop", "--file", &good, "--now"]).status.success());
        assert_eq!(home.run(&["app", "secret", "desktop", "--file", &short]).status.code(), Some(2));
        assert_eq!(home.run(&["app", "secret", "nothing", "--file", &good]).status.code(), Some(4));
    }
}

#[test]
fn an_app_that_speaks_openid_connect_gets_what_it_has_to_know() {
    for home in Home::all() {
        home.run(&["account", "add", ANA, "--admin"]);
        let add = |more: &[&str]| home.run(&[&["app", "add"], more].concat());
        let added = add(&[
            "grafana",
            "--name",
            "Grafana",
            "--host",
            "grafana.example.com",
            "--everyone",
            "--preset",
            "grafana",
            "--sign-out-uri",
            "https://grafana.example.com/login",
            "--json",
        ]);
        assert!(added.status.success(), "{}", err(&added));
        let made: Value = serde_json::from_str(&out(&added)).unwrap();
        assert_eq!((&made["client_id"], &made["public"]), (&json!("grafana"), &json!(false)));
        assert_eq!(made["redirect_uris"], json!(["https://grafana.example.com/login/generic_oauth"]));
        let (issuer, secret) = (made["issuer"].as_str().unwrap(), made["client_secret"].as_str().unwrap());
        assert_eq!(made["discovery"], json!(format!("{issuer}/.well-known/openid-configuration")));
        assert_eq!(secret.len(), 43);
        let shown = out(&home.run(&["app", "show", "grafana", "--json"]));
        assert!(!shown.contains(secret) && !shown.contains("client_secret"), "{shown}");
        let other = out(&home.run(&["app", "secret", "grafana", "--json"]));
        assert!(other.contains("\"client_secret\"") && !other.contains(secret), "{other}");

        let named =
            ["short", "--name", "Short", "--redirect-uri", "https://short.example/cb", "--access-lifetime", "5m"];
        assert!(add(&named).status.success());
        let file = out(&home.run(&["export"]));
        let (_, short) = file.split_once("slug = \"short\"").unwrap();
        for line in ["access_lifetime = \"5m\"", "refresh_idle = \"30d\"", "refresh_absolute = \"180d\""] {
            assert!(short.contains(line), "{short}");
        }

        let changed = home.run(&[
            "app",
            "change",
            "short",
            "--jwt-access-tokens",
            "--name-claim",
            "username",
            "--rotate-refresh-tokens",
            "--refresh-idle",
            "7d",
        ]);
        assert!(changed.status.success(), "{}", err(&changed));
        let file = out(&home.run(&["export"]));
        let (_, short) = file.split_once("slug = \"short\"").unwrap();
        for line in [
            "jwt_access_tokens = true",
            "rotates = true",
            "name_claim = \"username\"",
            "access_lifetime = \"5m\"",
            "refresh_idle = \"7d\"",
        ] {
            assert!(short.contains(line), "{short}");
        }
        assert!(home.run(&["app", "change", "short", "--keep-refresh-tokens"]).status.success());
        assert!(out(&home.run(&["export"])).split_once("slug = \"short\"").unwrap().1.contains("rotates = false"));
        for (name, code) in [("sub", 2), ("groups", 1)] {
            assert_eq!(home.run(&["app", "change", "short", "--name-claim", name]).status.code(), Some(code), "{name}");
        }

        let phone =
            add(&["phone", "--name", "Phone", "--public", "--redirect-uri", "com.example.app:/oauth", "--json"]);
        let made: Value = serde_json::from_str(&out(&phone)).unwrap();
        assert!(made.get("client_secret").is_none() && made["public"] == json!(true), "{made}");
        assert_eq!(home.run(&["app", "secret", "phone"]).status.code(), Some(1));
        for (arguments, said) in [
            (&["a", "--name", "A", "--preset", "unknown", "--host", "a.example"][..], "Known apps: actual-budget"),
            (&["a", "--name", "A", "--preset", "grafana"], "--preset with --host"),
            (&["a", "--name", "A", "--public"], "needs --redirect-uri"),
            (&["a", "--name", "A", "--refresh-idle", "7d"], "needs --redirect-uri"),
            (&["a", "--name", "A", "--refresh-idle", "0s"], "it takes at least 1h"),
            (
                &["a", "--name", "A", "--preset", "zammad", "--host", "a.example", "--jwks-uri", "https://a.example/k"],
                "a public app has no keys",
            ),
            (&["a", "--name", "A", "--redirect-uri", "https://*.example.com/cb"], "name each address separately"),
            (&["a", "--name", "A", "--redirect-uri", "http://a.example/cb"], "only for this machine"),
            (&["a", "--name", "A", "--redirect-uri", "javascript:/x"], "not an app's own"),
        ] {
            let refused = add(arguments);
            assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
            assert!(err(&refused).contains(said), "{arguments:?}: {}", err(&refused));
        }
        assert_eq!(home.run(&["app", "show", "a"]).status.code(), Some(4));

        let change = |more: &[&str]| home.run(&[&["app", "change"], more].concat());
        let moved = "https://grafana.example.com/moved";
        let bye = "https://grafana.example.com/bye";
        let back = "https://grafana.example.com/back";
        let changed =
            change(&["grafana", "--redirect-uri", moved, "--sign-out-uri", bye, "--logout-uri", back, "--popup"]);
        assert!(changed.status.success(), "{}", err(&changed));
        let shown: Value = serde_json::from_str(&out(&home.run(&["app", "show", "grafana", "--json"]))).unwrap();
        assert_eq!(shown["redirect_uris"], json!([moved]), "{shown}");
        let unnamed = add(&["plain", "--name", "Plain", "--host", "plain.example.com"]);
        assert!(unnamed.status.success(), "{}", err(&unnamed));
        let refused = change(&["plain", "--name", "Other", "--redirect-uri", moved]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(err(&refused).contains("speaks no OpenID Connect"), "{}", err(&refused));
        assert!(out(&home.run(&["app", "show", "plain"])).contains("Plain"), "nothing was changed");

        let popup = add(&["komga", "--name", "Komga", "--host", "komga.example.com", "--preset", "komga"]);
        assert!(popup.status.success(), "{}", err(&popup));
        for (slug, is_popup) in [("grafana", true), ("komga", true), ("plain", false)] {
            let shown = out(&home.run(&["app", "show", slug]));
            assert_eq!(shown.contains("\npopup: "), is_popup, "{shown}");
        }
        assert!(change(&["komga", "--no-popup", "--no-logout-uri"]).status.success());
        assert!(!out(&home.run(&["app", "show", "komga"])).contains("\npopup: "));
    }
}
