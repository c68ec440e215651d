//! Lines of the log, and words that it must never hold.

use crate::{
    http::{Answer, Visitor},
    mail_server::MailServer,
    port,
    secrets::{BEN, Ben, an_answer, with_passwords},
    server::{Home, Server, eventually, link_in},
};
use std::collections::BTreeMap;

const ANA: &str = "ana@example.com";

/// Goes through the whole life of an account, with everything that can go wrong. Returns the
/// secrets used.
fn live(home: &Home) -> Vec<String> {
    home.run(&["account", "add", ANA, "--admin"]);
    let mut secrets = Vec::new();
    let mut ana = home.visitor();
    ana.post("/login", &[("email", ANA), ("return_to", "/account?x=y")]).unwrap();
    let text = eventually("the mail", || home.mails().into_iter().find(|(to, _)| to == ANA)).1;
    let link = link_in(&text);
    secrets.push(link.split('=').nth(1).unwrap().to_owned());
    secrets.push(text.split("/auth/cancel?token=").nth(1).unwrap()[..43].to_owned());
    let code = text.split_whitespace().find(|word| word.len() == 7 && word.as_bytes()[3] == b'-').unwrap().to_owned();
    ana.get(&link).unwrap();
    ana.get(&format!("{link}&x=1")).unwrap();
    ana.get(&link.replace("/auth/verify", "/no/such/page")).unwrap();
    ana.get("/auth/verify").unwrap();
    ana.post("/login/code", &[("code", "000000")]).unwrap();
    ana.post("/login/code", &[("code", &code)]).unwrap();
    ana.post("/login/code", &[("code", &code)]).unwrap();
    ana.post("/auth/verify", &[]).unwrap();
    ana.post("/login", &[("email", "a\r\nb\u{1b}[31m{\"x\":1}@example.com"), ("password", "hunter2hunter2")]).unwrap();
    ana.post("/login", &[("email", "outsider\u{1b}[31m@example.com")]).unwrap();
    ana.get("/account").unwrap();
    ana.get("/admin/people?q=ana%40example.com").unwrap();
    secrets.push(code.clone());
    secrets.push(code.replace('-', ""));
    for value in ana.cookies.values() {
        secrets.extend(value.split(['.', '~']).filter(|part| part.len() == 43).map(str::to_owned));
    }
    ana.post("/logout", &[]).unwrap();
    secrets.extend(["hunter2".to_owned(), ANA.to_owned(), "outsider".to_owned(), "return_to".to_owned()]);
    secrets
}

/// Returns whether a line holds a secret. Six digits may be a part of any number, so that they
/// count as a whole word only.
fn holds(line: &str, secret: &str) -> bool {
    if secret.len() == 6 && secret.bytes().all(|byte| byte.is_ascii_digit()) {
        return line.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == secret);
    }
    line.contains(secret)
}

/// The lines of a server that logs JSON.
struct Lines<'a>(&'a Server);

impl Lines<'_> {
    fn of(&self, request: &str) -> Vec<serde_json::Value> {
        let log = self.0.log();
        let parsed = log.iter().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        parsed.filter(|line| line["request"] == request).collect()
    }

    /// Asserts that an answer left one line, of this kind and about this account.
    fn assert_one(&self, answer: &Answer, what: &str, account: &str) {
        let id = answer.header("x-request-id").unwrap().to_owned();
        let line = eventually(what, || self.of(&id).into_iter().find(|line| line["message"] == "refused"));
        assert_eq!(self.of(&id).len(), 1, "{:?}", self.of(&id));
        assert_eq!((line["what"].as_str(), line["account"].as_str()), (Some(what), Some(account)), "{line}");
        assert_eq!((line["client"].as_str(), line["status"].as_u64()), (Some("127.0.0.1"), Some(answer.status.into())));
        assert!(line["timestamp"].is_string() && line["route"].is_string() && line["method"].is_string(), "{line}");
    }
}

#[test]
fn no_secret_and_no_whole_address_is_ever_logged() {
    for format in ["text", "json"] {
        for mut home in Home::all() {
            home.set("ROCKET_LOG_LEVEL", "debug");
            home.set("GATEPOST_LOG_FORMAT", format);
            home.set("RUST_LOG", "trace");
            with_passwords(&home);
            let server = home.start();
            let mut secrets = live(&home);
            assert!(secrets.len() >= 8, "{secrets:?}");
            secrets.extend(Ben::signs_up(&home).uses_everything(&home));
            let log = server.last_words();
            // The set-up link may be there: it is the first start's.
            let log: Vec<_> = log.into_iter().filter(|line| !line.contains("/setup?token=")).collect();
            assert!(log.len() > 10, "{log:?}");
            for line in &log {
                for secret in &secrets {
                    assert!(!holds(line, secret), "{secret} in {line}");
                }
                assert!(!line.contains('\u{1b}') && !line.contains("token="), "{line}");
                if format == "json" {
                    let parsed: serde_json::Value =
                        serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
                    assert!(parsed["timestamp"].as_str().unwrap().ends_with('Z') && parsed["level"].is_string());
                }
            }
            assert!(log.iter().any(|line| line.contains("a•••@example.com")), "masked, it is there");
        }
    }
}

#[test]
fn a_recipient_that_the_mail_server_repeats_is_not_logged() {
    let (mut home, mail_server) = (Home::new(), MailServer::refusing());
    home.set("GATEPOST_MAIL_URL", &mail_server.url());
    home.set("ROCKET_LOG_LEVEL", "debug");
    home.run(&["account", "add", ANA]);
    let server = home.start();
    home.visitor().post("/login", &[("email", ANA)]).unwrap();
    let line = eventually("the refusal", || server.log().into_iter().find(|line| line.contains("no such user")));
    assert!(line.contains("<a•••@example.com>"), "{line}");
    let log = server.last_words();
    assert!(!log.iter().any(|line| line.contains(ANA)), "{log:?}");
}

#[test]
fn a_reference_on_an_error_page_leads_to_the_log() {
    let home = Home::new();
    let server = home.start();
    home.with_database(|connection| {
        gatepost::db::settings::store(
            connection,
            "email_link_enabled",
            "perhaps",
            gatepost::domain::Timestamp::from_millis(0),
        )
    });
    let page = eventually("an error page", || home.visitor().get("/login").ok().filter(|page| page.status == 500));
    let reference = page.header("x-request-id").unwrap().to_owned();
    assert!(page.body.contains(&reference) && !page.body.contains("perhaps"));
    eventually("the reference in the log", || {
        server
            .log()
            .iter()
            .any(|line| line.contains(&reference) && line.contains("email_link_enabled cannot be read"))
            .then_some(())
    });
}

#[test]
fn the_set_up_link_is_shown_even_where_nothing_is_logged() {
    let mut home = Home::new();
    home.set("ROCKET_LOG_LEVEL", "off");
    let server = home.start();
    let line = eventually("the link", || server.log().into_iter().find(|line| line.contains("/setup?token=")));
    let path = format!("/setup?token={}", &line.split("/setup?token=").nth(1).unwrap()[..43]);
    let mut visitor = home.visitor();
    assert_eq!(visitor.get(&path).unwrap().status, 303);
    assert_eq!(visitor.get("/setup").unwrap().status, 200);
    assert_eq!(server.last_words(), [line], "and nothing else");
}

/// Lines that the operator finds at the default level.
#[test]
fn each_kind_of_refusal_leaves_one_line_that_says_who_and_where() {
    for mut home in Home::all() {
        home.set("GATEPOST_LOG_FORMAT", "json");
        home.run(&["account", "add", "admin@example.com", "--admin"]);
        home.run(&["account", "add", ANA]);
        with_passwords(&home);
        let server = home.start();
        let lines = Lines(&server);
        let one_line = |answer: &Answer, what: &str, account: &str| lines.assert_one(answer, what, account);
        let mut ana = home.visitor();
        let wrong = ana.post("/login/password", &[("email", ANA), ("password", "not the right one")]).unwrap();
        one_line(&wrong, "wrong password", "a•••@example.com");
        ana.post("/login", &[("email", ANA)]).unwrap();
        let text = eventually("the mail", || home.mails().into_iter().find(|(to, _)| to == ANA)).1;
        one_line(&ana.post("/login/code", &[("code", "000000")]).unwrap(), "wrong emailed code", "a•••@example.com");
        ana.get(&link_in(&text)).unwrap();
        ana.post("/auth/verify", &[]).unwrap();
        assert_eq!(ana.get("/account").unwrap().status, 200);
        let signed_in =
            eventually("the sign-in", || server.log().into_iter().find(|line| line.contains("\"signed_in\"")));
        assert!(signed_in.contains("a•••@example.com") && signed_in.contains("email_link"), "{signed_in}");
        one_line(&ana.get("/admin").unwrap(), "not found or not allowed", "a•••@example.com");
        one_line(&ana.get("/admin/people/0000000000000001").unwrap(), "not found or not allowed", "a•••@example.com");
        let mut late = home.visitor();
        late.get(&link_in(&text)).unwrap();
        one_line(&late.get("/auth/verify").unwrap(), "used or expired link", "");
        let cross = late.send(&format!("POST /login HTTP/1.1\r\n{}Content-Length: 0\r\n\r\n", late.common())).unwrap();
        one_line(&cross, "cross_site", "");
        let limited = (0..40).map(|n| {
            late.post("/login/password", &[("email", &format!("x{n}@example.com")), ("password", "x")]).unwrap()
        });
        let limited: Vec<_> = limited.collect();
        // The last of them is over every limit. Its answer leads back to the form.
        one_line(limited.last().unwrap(), "limited", "");
        assert!(
            !server.log().iter().any(|line| line.contains("\"answered\"")),
            "requests only where they are asked for"
        );
        let listening = server.log().iter().position(|line| line.contains("listening on")).unwrap();
        let setup = server.log().iter().position(|line| line.contains("/setup?token="));
        assert!(setup.is_none_or(|setup| setup > listening));
    }
}

#[test]
fn wrong_app_codes_recovery_codes_and_passkeys_leave_one_line_each() {
    for mut home in Home::all() {
        home.set("GATEPOST_LOG_FORMAT", "json");
        with_passwords(&home);
        let server = home.start();
        let lines = Lines(&server);
        let masked = "b•••@example.com";
        assert_eq!(gatepost::domain::EmailAddress::parse(BEN).unwrap().masked(), masked);
        let mut ben = Ben::signs_up(&home);
        let (wrong, unknown) = (ben.phone.wrong(), "ABCD-EFGH-JKMN-PQRS");
        let steps_up = |visitor: &mut Visitor, code: &str| {
            visitor.post("/step-up/second-factor", &[("code", code), ("then", "/account")]).unwrap()
        };
        lines.assert_one(&steps_up(&mut ben.visitor, &wrong), "wrong app code", masked);
        lines.assert_one(&steps_up(&mut ben.visitor, unknown), "wrong recovery code", masked);
        ben.comes_back();
        for (code, what) in [(&*wrong, "wrong app code"), (unknown, "wrong recovery code")] {
            let refused = ben.visitor.post("/login/second-factor", &[("code", code)]).unwrap();
            lines.assert_one(&refused, what, masked);
        }
        let mut stranger = home.visitor();
        assert_eq!(stranger.post_json("/login/passkey/options", "{}").unwrap().status, 200);
        let answer = format!(r#"{{"credential":{}}}"#, an_answer("AAAA"));
        let refused = stranger.post_json("/login/passkey", &answer).unwrap();
        assert_eq!(refused.status, 422);
        lines.assert_one(&refused, "wrong passkey", "");
    }
}

#[test]
fn a_start_that_fails_repeats_no_password() {
    let words = ["hunter2", "Zebra9"];
    for odd in ["", "%", "%t!", " ", "@", "/", "#", "?", "%40", "%2F"] {
        let password = words.join(odd);
        for (key, url) in [
            ("GATEPOST_DATABASE_URL", format!("postgres://gatepost:{password}@127.0.0.1:1/gatepost")),
            ("GATEPOST_DATABASE_URL", format!("postgres://127.0.0.1:1/gatepost?user=u&password={password}")),
            ("GATEPOST_DATABASE_URL_FILE", format!("postgres://gatepost:{password}@127.0.0.1:1/gatepost")),
            ("GATEPOST_MAIL_URL", format!("smtp://gatepost:{password}@127.0.0.1:1")),
        ] {
            let mut home = Home::new();
            home.set("ROCKET_LOG_LEVEL", "debug");
            home.set(key, &url);
            let failed = home.run(&["check"]);
            assert!(!failed.status.success(), "{key} {url}");
            let said = String::from_utf8_lossy(&failed.stderr) + String::from_utf8_lossy(&failed.stdout);
            assert!(!words.iter().any(|word| said.contains(word)), "{key} {url}: {said}");
        }
    }
}

/// Returns seconds between two lines in JSON, even across midnight.
fn seconds_between(earlier: &serde_json::Value, later: &serde_json::Value) -> i64 {
    let seconds = |line: &serde_json::Value| {
        let time = line["timestamp"].as_str().unwrap()[11..19].split(':');
        time.fold(0, |seconds, part| seconds * 60 + part.parse::<i64>().unwrap())
    };
    (seconds(later) - seconds(earlier)).rem_euclid(24 * 3600)
}

/// During an outage, the operator reads what is wrong, and not the same line each second from each
/// worker.
#[test]
fn an_outage_fills_no_log_and_emails_that_wait_leave_a_line_a_minute() {
    {
        let mut home = Home::new();
        let metrics = port::free();
        home.set("GATEPOST_METRICS_ADDRESS", &format!("127.0.0.1:{metrics}"));
        home.set("GATEPOST_LOG_FORMAT", "json");
        home.run(&["account", "add", ANA]);
        let server = home.start();
        let (file, away) = (home.folder.path().join("gatepost.db"), home.folder.path().join("away.db"));
        std::fs::rename(&file, &away).unwrap();
        // Each probe tries the database again after a second, and the workers do so by themselves.
        let mut probe = home.visitor();
        probe.server.set_port(metrics);
        eventually("an outage of some seconds", || {
            home.visitor().get("/health/ready").unwrap();
            let text = probe.get("/metrics").unwrap().body;
            let count = text.lines().find_map(|line| line.strip_prefix("gatepost_database_unavailable_total "))?;
            (count.parse::<u64>().unwrap() >= 8).then_some(())
        });
        server.line("cannot read the outbox");
        std::fs::rename(&away, &file).unwrap();
        eventually("ready", || (home.visitor().get("/health/ready").unwrap().status == 200).then_some(()));
        let lines: Vec<serde_json::Value> =
            server.last_words().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let mut last: BTreeMap<String, &serde_json::Value> = BTreeMap::new();
        for line in lines.iter().filter(|line| line["level"] == "WARN" || line["level"] == "ERROR") {
            let kind = format!("{} {}", line["message"], line["role"]);
            if let Some(before) = last.insert(kind, line) {
                assert!(seconds_between(before, line) >= 25, "{before}\n{line}");
            }
        }
    }
}

#[test]
fn off_means_off() {
    let mut home = Home::new();
    home.run(&["account", "add", ANA, "--admin"]);
    home.set("ROCKET_LOG_LEVEL", "critical");
    let server = home.start();
    home.visitor().get("/login").unwrap();
    let log = server.last_words();
    assert!(!log.iter().any(|line| line.contains("answered")), "{log:?}");
}

/// Filters of fail2ban and CrowdSec read these lines, so that their spelling stays.
#[test]
fn a_line_for_filters_has_the_form_that_the_guide_shows() {
    let guide = include_str!("../../docs/operate.md");
    let example = guide.lines().find(|line| line.contains("WARN refused request=")).unwrap();
    let home = Home::new();
    with_passwords(&home);
    let server = home.start();
    let wrong = home.visitor().post("/login/password", &[("email", ANA), ("password", "not the right one")]).unwrap();
    let id = wrong.header("x-request-id").unwrap();
    let line = server.line(id);
    let (_, said) = line.split_once("  WARN ").unwrap();
    let (_, shown) = example.split_once("  WARN ").unwrap();
    assert_eq!(said, shown.replace("56f7026a340d0757", id).replace("192.0.2.7", "127.0.0.1"));
    let time = line.split_once("  WARN ").unwrap().0;
    assert!(time.len() == "2026-11-22T23:32:39.303464Z".len() && time.ends_with('Z'), "{line}");
}

#[test]
fn a_line_of_json_has_the_form_that_the_guide_shows() {
    let guide = include_str!("../../docs/operate.md");
    let example = guide.lines().find(|line| line.starts_with("{\"timestamp\"")).unwrap();
    let mut home = Home::new();
    home.set("GATEPOST_LOG_FORMAT", "json");
    home.set("GATEPOST_LOG_REQUESTS", "on");
    let server = home.start();
    let ready = || home.visitor().get("/health/ready").ok().filter(|answer| answer.status == 200);
    let answer = eventually("ready", ready);
    let mut line: serde_json::Value =
        serde_json::from_str(&server.line(answer.header("x-request-id").unwrap())).unwrap();
    let shown: serde_json::Value = serde_json::from_str(example).unwrap();
    for differs in ["timestamp", "request", "micros"] {
        assert_eq!(line[differs].is_string(), shown[differs].is_string(), "{line}");
        line[differs] = shown[differs].clone();
    }
    assert_eq!(line, shown);
}

#[test]
fn the_guide_names_each_kind_of_line_for_filters_as_the_code_does() {
    let guide = include_str!("../../docs/operate.md");
    let table = guide.split("| `what` | what the client did |").nth(1).unwrap();
    let named: Vec<_> = table.lines().skip(2).map_while(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert!(named.len() >= 12, "{named:?}");
    let sources = [
        include_str!("../../src/web/trouble.rs"),
        include_str!("../../src/web/gate.rs"),
        include_str!("../../src/web/failure/answer.rs"),
        include_str!("../../src/signin/passkey/ceremony.rs"),
        include_str!("../../src/signin/email_link/code.rs"),
        include_str!("../../src/signin/second_factor/page.rs"),
        include_str!("../../src/signin/password/sign_in.rs"),
    ];
    for what in named {
        assert!(sources.iter().any(|source| source.contains(&format!("\"{what}\""))), "nothing writes {what:?}");
    }
}
