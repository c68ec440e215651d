//! Reading as a whole: from a file and the environment.

use super::*;

fn read(env: &[(&str, &str)]) -> Result<Config, String> {
    let env: Vec<_> = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Config::read(None, &env).map_err(|problems| problems.to_string())
}

fn read_file(text: &str) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Rocket.toml");
    std::fs::write(&file, text).unwrap();
    Config::read(Some(&file), &[]).map_err(|problems| problems.to_string())
}

#[test]
fn nothing_needs_to_be_set() {
    let config = read(&[("PATH", "/bin"), ("GATEPOSTX", "1")]).unwrap();
    assert_eq!(config.base_url.origin(), "http://localhost:8000");
    assert_eq!(config.database_url, DatabaseUrl::Sqlite("gatepost.db".into()));
    assert_eq!(config.mail_url, MailUrl::Dev);
    assert_eq!(config.limits.per_mailbox.to_string(), "3/15m");
}

#[test]
fn every_key_stands_in_the_file_that_comes_along_and_the_file_can_be_read() {
    let text = include_str!("../../Rocket.toml");
    for key in keys::KEYS.map(|key| key.name) {
        assert!(text.lines().any(|line| line.starts_with(&format!("# {key} = "))), "{key} is not in Rocket.toml");
    }
    assert!(read_file(text).is_ok());
    // And with every default taken from its comment, nothing changes.
    let uncommented: Vec<_> =
        text.lines().map(|line| if line.contains(" = ") { line.trim_start_matches("# ") } else { line }).collect();
    let (with, without) = (read_file(&uncommented.join("\n")).unwrap(), read(&[]).unwrap());
    assert_eq!(
        format!("{:?}", (with.limits, with.mail_from, with.mail_url, with.key_file)),
        format!("{:?}", (without.limits, without.mail_from, without.mail_url, without.key_file))
    );
}

#[test]
fn another_port_alone_makes_no_dead_links() {
    assert_eq!(read(&[("ROCKET_PORT", "9001")]).unwrap().base_url.origin(), "http://localhost:9001");
}

#[test]
fn address_and_port_can_be_set_by_our_names_which_go_before_rocket_s() {
    let listens = |env: &[(&str, &str)]| {
        let config = read(env).unwrap();
        let rocket = config.rocket.extract::<rocket::Config>().unwrap();
        (rocket.address.to_string(), rocket.port, config.base_url.origin().to_owned())
    };
    let all = [("GATEPOST_ADDRESS", "0.0.0.0"), ("GATEPOST_PORT", "9001")];
    let expected = ("0.0.0.0".to_owned(), 9001, "http://localhost:9001".to_owned());
    assert_eq!(listens(&all), expected);
    // In any order.
    let both = [all[0], all[1], ("ROCKET_ADDRESS", "127.0.0.1"), ("ROCKET_PORT", "9002")];
    assert_eq!(listens(&both), expected);
    assert_eq!(listens(&[both[3], both[2], both[1], both[0]]), expected);
    assert_eq!(listens(&[("GATEPOST_ADDRESS", "[::1]")]).0, "::1");
    assert_eq!(listens(&[("GATEPOST_ADDRESS", ""), ("ROCKET_PORT", "9002")]).1, 9002, "an empty value says nothing");
}

/// Goes through the table of keys, so that a new secret has its file from the first day.
#[test]
fn every_secret_can_come_from_a_file_and_nothing_else_can() {
    use keys::Secrecy;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let mut secrets = Vec::new();
    for key in keys::KEYS {
        std::fs::write(&file, format!("{}\n", key.default)).unwrap();
        let variable = format!("GATEPOST_{}_FILE", key.name.to_uppercase());
        let done = read(&[(&variable, file.to_str().unwrap())]);
        match key.secrecy {
            Secrecy::Secret => {
                assert!(done.is_ok(), "{variable}: {done:?}");
                std::fs::write(&file, "no value of any key: hunter2").unwrap();
                let problems = read(&[(&variable, file.to_str().unwrap())]).unwrap_err();
                assert!(problems.contains(&variable) && !problems.contains("hunter2"), "{problems}");
                assert!(
                    include_str!("../../Rocket.toml").contains(&variable),
                    "Rocket.toml does not tell of {variable}"
                );
                secrets.push(key.name);
            }
            Secrecy::Open => assert!(done.unwrap_err().contains("there is no such key"), "{variable}"),
        }
        // A name that speaks of a secret has one, or names a file or folder.
        let words = ["url", "password", "secret", "token", "credentials", "key"];
        let is_other = ["base_url", "back_channel_url", "key_file", "mail_dkim_key_file"].contains(&key.name);
        let speaks = key.name.split('_').any(|word| words.contains(&word));
        assert_eq!(speaks && !is_other, key.secrecy == Secrecy::Secret, "{}", key.name);
    }
    assert_eq!(secrets, ["database_url", "mail_url"]);
}

#[test]
fn a_secret_that_is_given_twice_is_refused_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mail_url");
    std::fs::write(&file, "file:///var/spool/gatepost\n").unwrap();
    let both = [("GATEPOST_MAIL_URL", "file:///tmp/hunter2"), ("GATEPOST_MAIL_URL_FILE", file.to_str().unwrap())];
    for both in [both, [both[1], both[0]]] {
        let problems = read(&both).unwrap_err();
        assert!(problems.contains("GATEPOST_MAIL_URL_FILE") && problems.contains("Remove one"), "{problems}");
        assert!(!problems.contains("hunter2"), "{problems}");
    }
}

#[test]
fn every_wrong_value_is_named_with_its_key_and_a_remedy() {
    for (key, value) in [
        ("GATEPOST_ADDRESS", "localhost"),
        ("GATEPOST_PORT", "65536"),
        ("GATEPOST_BASE_URL", "http://login.example.com"),
        ("GATEPOST_DATABASE_CONNECTIONS", "0"),
        ("GATEPOST_KEY_FILE", ""),
        ("GATEPOST_KEY_FILE", "/var/lib/gatepost/"),
        ("GATEPOST_MAIL_FROM", "no address"),
        ("GATEPOST_MAIL_CONNECTIONS", "9"),
        ("GATEPOST_TRUSTED_PROXIES", "10.0.0.0/8, example.com"),
        ("GATEPOST_LIMITS_PER_MAILBOX", "3"),
        ("GATEPOST_LIMITS_PER_CLIENT", "x/1m"),
        ("GATEPOST_LIMITS_GLOBAL", "20/0s"),
        ("GATEPOST_METRICS_ADDRESS", "9100"),
        ("GATEPOST_DNS_SERVER", "dns.example.com"),
        ("GATEPOST_METRICS_HOSTS", "a.example:9100"),
        ("GATEPOST_HSTS", "yes"),
        ("GATEPOST_DRAIN", "1h"),
        ("GATEPOST_LOG_REQUESTS", "true"),
        ("GATEPOST_LOG_FORMAT", "xml"),
        ("GATEPOST_AUDIT_LIFETIME", "1d"),
    ] {
        let problems = read(&[(key, value)]).unwrap_err();
        assert!(problems.contains(key) && problems.contains(&format!("{value:?}")), "{problems}");
        assert!(problems.contains("Set it to") || problems.contains("List"), "{problems}");
    }
}

#[test]
fn a_value_that_may_hold_a_password_is_not_repeated() {
    for (key, value) in
        [("GATEPOST_MAIL_URL", "smtp://u:hunter2@h?x=y"), ("GATEPOST_DATABASE_URL", "mysql://u:hunter2@h/d")]
    {
        let problems = read(&[(key, value)]).unwrap_err();
        assert!(problems.contains(key) && !problems.contains("hunter2"), "{problems}");
    }
    let config = read(&[
        ("GATEPOST_MAIL_URL", "smtp://u:hunter2@h.example"),
        ("GATEPOST_MAIL_FROM", "login@h.example"),
        ("GATEPOST_DATABASE_URL", "postgres://u:hunter2@h/d"),
    ]);
    assert!(config.is_ok() && !format!("{config:?}").contains("hunter2"));
}

/// Wherever a secret may get by mistake, no part of it is repeated.
#[test]
fn no_odd_password_is_repeated_by_any_problem() {
    let words = ["hunter2", "Zebra9", "qwertz"];
    for odd in ["%", "%t", "%00", " ", "@", "/", "?", "#", ":", "&", "=", "\\", "\"", "'", "\n", "é", "[", "]", "%C3"]
    {
        let password = words.join(odd);
        for url in [
            format!("postgres://u:{password}@h:5432/d"),
            format!("postgres://h/d?password={password}"),
            format!("postgresql://{password}@h/d?x"),
            format!("smtp://u:{password}@h:587"),
            format!("smtps://{password}@h?tls=none"),
            format!("https://u:{password}@h"),
        ] {
            for key in
                ["DATABASE_URL", "MAIL_URL", "BASE_URL", "DATABASE_URL_FILE", "MAIL_URL_FILE", "MAIL_FORM", "KEY_FILE"]
            {
                let Err(problems) = read(&[(&format!("GATEPOST_{key}"), &url)]) else { continue };
                for word in words {
                    assert!(!problems.contains(word), "{key} {url:?}: {problems}");
                }
            }
            for file in [
                format!("[default.gatepost]\ndatabase_url = \"{url}\n"),
                format!("[default.gatepost]\ndatabase_url = {url}\n"),
                format!("[default.gatepost]\ndatabase_url = {{ a = '''{url}''' }}\n"),
                format!("[default]\nport = '''{url}'''\n"),
            ] {
                let Err(problems) = read_file(&file) else { continue };
                for word in words {
                    assert!(!problems.contains(word), "{file}: {problems}");
                }
            }
        }
    }
}

#[test]
fn unknown_keys_are_errors_and_the_nearest_is_named() {
    let problems =
        read(&[("GATEPOST_BASEURL", "x"), ("GATEPOST_LIMITS_MAILBOX", "x"), ("ROCKET_PROT", "1")]).unwrap_err();
    assert!(problems.contains("GATEPOST_BASEURL") && problems.contains("ROCKET_PROT"), "{problems}");
    assert!(problems.contains("Did you mean limits_per_mailbox?"), "{problems}");
    for (wrong, meant) in [
        ("BASEURL", "base_url"),
        ("DATABSE_URL", "database_url"),
        ("MAILBOX_LIMIT", "limits_per_mailbox"),
        ("SESIONMEMORY", "session_memory"),
    ] {
        let problems = read(&[(&format!("GATEPOST_{wrong}"), "x")]).unwrap_err();
        assert!(problems.contains(&format!("Did you mean {meant}?")), "{problems}");
    }
    let problems = read(&[("GATEPOST_LANGUAGE", "x")]).unwrap_err();
    assert!(!problems.contains("Did you mean"), "{problems}");
    assert!(read_file("[default]\nprot = 1").unwrap_err().contains("prot"));
    assert!(read_file("[default.gatepost]\nbase = 1").unwrap_err().contains("base"));
}

#[test]
fn what_stands_where_nobody_reads_it_is_refused_with_a_hint() {
    for (text, hint) in [
        ("[gatepost]\nbase_url = \"https://a.example\"", "Did you mean [default.gatepost]?"),
        ("base_url = \"https://a.example\"", "Write it below [default.gatepost]."),
        ("port = 8123\n[default]", "Write it below [default]."),
        ("[staging]\nport = 8123", "ROCKET_PROFILE=staging"),
        ("[defualt.gatepost]\nlog_format = \"json\"", "Did you mean [default]"),
        ("default = 1", "default: it is at the top level"),
    ] {
        let problems = read_file(text).unwrap_err();
        assert!(problems.contains(hint), "{text}: {problems}");
    }
    assert!(read_file("[default]\n[debug]\n[release.gatepost]\n[global]\nport = 8123").is_ok());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Rocket.toml");
    std::fs::write(&file, "[staging]\nport = 8123").unwrap();
    let env = [("ROCKET_PROFILE".to_owned(), "staging".to_owned())];
    assert_eq!(Config::read(Some(&file), &env).unwrap().base_url.origin(), "http://localhost:8123");
}

#[cfg(unix)]
#[test]
fn a_variable_of_ours_that_is_no_text_is_named_and_not_passed_over() {
    use std::{ffi::OsString, os::unix::ffi::OsStringExt};
    let pair = |key: &[u8], value: &[u8]| (OsString::from_vec(key.into()), OsString::from_vec(value.into()));
    let (env, problems) = source::environment(
        [
            pair(b"GATEPOST_MAIL_FROM", b"Jos\xe9 <jose@example.com>"),
            pair(b"GATEPOST_BASE_URL\xff", b"http://localhost"),
            pair(b"ROCKET_PORT", b"\xff"),
            pair(b"LESSOPEN", b"\xff"),
            pair(b"GATEPOST_LOG_FORMAT", b"json"),
        ]
        .into_iter(),
    );
    assert_eq!(env, [("GATEPOST_LOG_FORMAT".to_owned(), "json".to_owned())]);
    let sentences = Problems(problems).to_string();
    for key in ["GATEPOST_MAIL_FROM: it is not UTF-8", "GATEPOST_BASE_URL", "ROCKET_PORT: it is not UTF-8"] {
        assert!(sentences.contains(key), "{sentences}");
    }
    assert!(!sentences.contains("LESSOPEN"), "{sentences}");
}

#[test]
fn a_sender_at_localhost_goes_only_with_a_mail_server_on_this_machine() {
    let with = |url: &str, from: Option<&str>| {
        let mut env = vec![("GATEPOST_MAIL_URL", url)];
        env.extend(from.map(|from| ("GATEPOST_MAIL_FROM", from)));
        read(&env)
    };
    for from in [None, Some("gatepost@localhost"), Some("x@mail.localhost"), Some("x@localhost.localdomain")] {
        let problems = with("smtp://mail.example.com", from).unwrap_err();
        assert!(problems.contains("GATEPOST_MAIL_FROM") && problems.contains("Set GATEPOST_MAIL_FROM"), "{problems}");
        for url in ["smtp://localhost:2525", "smtp://127.0.0.1?tls=none", "smtps://[::1]", "dev:", "file:///tmp"] {
            assert!(with(url, from).is_ok(), "{url}");
        }
    }
    assert!(with("smtp://mail.example.com", Some("Gatepost <gatepost@example.com>")).is_ok());
}

#[test]
fn what_kubernetes_says_of_a_service_of_our_name_is_not_configuration() {
    let env = [
        ("GATEPOST_POSTGRESQL_SERVICE_HOST", "10.0.0.2"),
        ("GATEPOST_POSTGRESQL_SERVICE_PORT", "5432"),
        ("GATEPOST_POSTGRESQL_SERVICE_PORT_TCP_POSTGRESQL", "5432"),
        ("GATEPOST_POSTGRESQL_PORT", "tcp://10.0.0.2:5432"),
        ("GATEPOST_POSTGRESQL_PORT_5432_TCP", "tcp://10.0.0.2:5432"),
        ("GATEPOST_POSTGRESQL_PORT_5432_TCP_PROTO", "tcp"),
        ("GATEPOST_METRICS_PORT_9100_TCP_ADDR", "10.0.0.3"),
        ("GATEPOST_SERVICE_PORT_HTTP", "80"),
        ("GATEPOST_PORT", "tcp://10.0.0.1:80"),
        ("GATEPOST_PORT_80_TCP_ADDR", "10.0.0.1"),
        ("GATEPOST_SERVICE_HOST", "10.0.0.1"),
    ];
    assert!(read(&env).is_ok());
    for (key, value) in [("GATEPOST_SMTP_PORT", "587"), ("GATEPOST_SERVICE", "x")] {
        assert!(read(&[(key, value)]).unwrap_err().contains("there is no such key"), "{key}");
    }
}

#[test]
fn a_header_that_anybody_can_send_cannot_be_made_trusted() {
    assert!(read(&[("ROCKET_IP_HEADER", "X-Real-IP")]).unwrap_err().contains("GATEPOST_TRUSTED_PROXIES"));
    let config = read(&[]).unwrap().rocket.extract::<rocket::Config>().unwrap();
    assert!(config.ip_header.is_none());
}

#[test]
fn the_file_is_read_and_the_environment_goes_before_it() {
    let text = "[default]\nport = 8123\n[default.gatepost]\nbase_url = \"https://a.example\"\nmail_url = \"smtp://m.example\"\nmail_from = \"login@a.example\"\ntrusted_proxies = [\"10.0.0.0/8\", \"192.0.2.1\"]\ndatabase_connections = 4\n";
    let config = read_file(text).unwrap();
    assert_eq!(
        (config.base_url.origin(), config.trusted_proxies.len(), config.database_connections),
        ("https://a.example", 2, 4)
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Rocket.toml");
    std::fs::write(&file, text).unwrap();
    let env = [("GATEPOST_BASE_URL".to_owned(), "https://b.example".to_owned())];
    assert_eq!(Config::read(Some(&file), &env).unwrap().base_url.origin(), "https://b.example");
}

#[test]
fn a_secret_can_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("url");
    std::fs::write(&file, "postgres://u:p@h/d\n").unwrap();
    let config = read(&[("GATEPOST_DATABASE_URL_FILE", file.to_str().unwrap())]).unwrap();
    assert_eq!(config.database_url, DatabaseUrl::Postgres("postgres://u:p@h/d".into()));
    assert!(read(&[("GATEPOST_MAIL_URL_FILE", "/nowhere")]).unwrap_err().contains("GATEPOST_MAIL_URL_FILE"));
}

/// A file of variables, or a secret that was piped in, often ends with one.
#[test]
fn a_line_break_behind_any_value_is_no_part_of_it() {
    for end in ["\n", "\r\n", "\n\n"] {
        let with = |key: &'static str, value: &str| read(&[(key, &format!("{value}{end}"))]).unwrap();
        let url = "postgres://u:p@h/d";
        assert_eq!(with("GATEPOST_DATABASE_URL", url).database_url, DatabaseUrl::Postgres(url.into()));
        let sqlite = with("GATEPOST_DATABASE_URL", "sqlite://a.db");
        assert_eq!(sqlite.database_url, DatabaseUrl::Sqlite("a.db".into()));
        assert_eq!(with("GATEPOST_BASE_URL", "http://localhost:8000").base_url.origin(), "http://localhost:8000");
        assert_eq!(with("GATEPOST_MAIL_FROM", "a@h.example").mail_from.address.as_str(), "a@h.example");
        assert_eq!(with("GATEPOST_KEY_FILE", "/a/key").key_file, PathBuf::from("/a/key"));
        assert_eq!(with("GATEPOST_METRICS_ADDRESS", "127.0.0.1:9100").metrics_address.unwrap().port(), 9100);
        assert_eq!(format!("{:?}", with("GATEPOST_MAIL_URL", "dev:").mail_url), format!("{:?}", MailUrl::Dev));
    }
}

#[test]
fn the_key_file_is_a_name_and_not_a_value_from_a_file() {
    assert_eq!(read(&[]).unwrap().key_file, PathBuf::from("gatepost.key"));
    let config = read(&[("GATEPOST_KEY_FILE", "/nowhere/yet")]).unwrap();
    assert_eq!(config.key_file, PathBuf::from("/nowhere/yet"));
    for wrong in ["GATEPOST_KEY", "GATEPOST_KEYFILE", "GATEPOST_KEY_FILE_FILE"] {
        assert!(read(&[(wrong, "x")]).unwrap_err().contains("there is no such key"), "{wrong}");
    }
    assert!(read(&[("GATEPOST_KEY", "x")]).unwrap_err().contains("Did you mean key_file?"));
}

#[test]
fn the_mailbox_for_everybody_is_only_for_this_machine() {
    let problems = read(&[("GATEPOST_BASE_URL", "https://login.example.com")]).unwrap_err();
    assert!(problems.contains("GATEPOST_MAIL_URL"), "{problems}");
}

#[cfg(not(feature = "pg-tls"))]
#[test]
fn a_wish_for_tls_to_the_database_is_never_passed_over() {
    for mode in ["require", "verify-full", "verify-ca", "prefer", "allow"] {
        let problems = read(&[("GATEPOST_DATABASE_URL", &format!("postgres://h/d?sslmode={mode}"))]).unwrap_err();
        assert!(problems.contains("pg-tls"), "{problems}");
    }
    assert!(read(&[("GATEPOST_DATABASE_URL", "postgres://h/d?sslrootcert=x")]).is_err());
    assert!(read(&[("GATEPOST_DATABASE_URL", "postgres://h/d?sslmode=disable")]).is_ok());
}
