//! What the log says, and what it must never say.

use crate::{
    mail_server::MailServer,
    server::{Home, eventually, link_in},
};

const ANA: &str = "ana@example.com";

/// A whole life of an account, with everything that can go wrong by the way; the secrets used.
fn live(home: &Home) -> Vec<String> {
    home.run(&["account", "add", ANA, "--admin"]);
    let mut secrets = Vec::new();
    let mut ana = home.visitor();
    ana.post("/login", &[("email", ANA), ("return_to", "/account?x=y")]).unwrap();
    let text = eventually("the mail", || home.mails().into_iter().find(|(to, _)| to == ANA)).1;
    let link = link_in(&text);
    secrets.push(link.split('=').nth(1).unwrap().to_owned());
    secrets.push(text.split("/auth/cancel?token=").nth(1).unwrap()[..43].to_owned());
    let code = text.lines().find(|line| line.len() == 7 && line.as_bytes()[3] == b'-').unwrap().to_owned();
    ana.get(&link).unwrap();
    ana.get(&format!("{link}&x=1")).unwrap();
    ana.get(&link.replace("/auth/verify", "/no/such/page")).unwrap();
    ana.get("/auth/verify").unwrap();
    ana.post("/login/code", &[("code", "000000")]).unwrap();
    ana.post("/login/code", &[("code", &code)]).unwrap();
    ana.post("/login/code", &[("code", &code)]).unwrap();
    ana.post("/auth/verify", &[]).unwrap();
    ana.post("/login", &[("email", "a\r\nb\u{1b}[31m{\"x\":1}@example.com"), ("password", "hunter2hunter2")]).unwrap();
    ana.post("/login", &[("email", "nobody\u{1b}[31m@example.com")]).unwrap();
    ana.get("/account").unwrap();
    ana.get("/admin/people?q=ana%40example.com").unwrap();
    secrets.push(code.clone());
    secrets.push(code.replace('-', ""));
    for value in ana.cookies.values() {
        secrets.extend(value.split(['.', '~']).filter(|part| part.len() == 43).map(str::to_owned));
    }
    ana.post("/logout", &[]).unwrap();
    secrets.extend(["hunter2".to_owned(), ANA.to_owned(), "nobody".to_owned(), "return_to".to_owned()]);
    secrets
}

#[test]
fn no_secret_and_no_whole_address_is_ever_logged() {
    for format in ["text", "json"] {
        for mut home in Home::all() {
            home.set("ROCKET_LOG_LEVEL", "debug");
            home.set("GATEPOST_LOG_FORMAT", format);
            home.set("RUST_LOG", "trace");
            let server = home.start();
            let secrets = live(&home);
            assert!(secrets.len() >= 8, "{secrets:?}");
            let log = server.log();
            // The set-up link is there to be read; it is the first start's.
            let log: Vec<_> = log.into_iter().filter(|line| !line.contains("/setup?token=")).collect();
            assert!(log.len() > 10, "{log:?}");
            for line in &log {
                for secret in &secrets {
                    assert!(!line.contains(secret.as_str()), "{secret} in {line}");
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
    assert!(!server.log().iter().any(|line| line.contains(ANA)), "{:?}", server.log());
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
    assert_eq!(server.log(), [line], "and nothing else");
}

#[test]
fn off_means_off() {
    let mut home = Home::new();
    home.run(&["account", "add", ANA, "--admin"]);
    home.set("ROCKET_LOG_LEVEL", "critical");
    let server = home.start();
    home.visitor().get("/login").unwrap();
    assert!(!server.log().iter().any(|line| line.contains("answered")), "{:?}", server.log());
}
