//! Findings of `gatepost check --mail` in the DNS, asked of a DNS server on this machine.

use crate::{dns::serve as dns, mail_server::MailServer, server::Home};
use std::{fs, net::SocketAddr};

const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const KEY: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

fn home() -> Home {
    let mut home = Home::new();
    home.run(&["migrate"]);
    let key = home.folder.path().join("dkim.key");
    fs::write(&key, SEED).unwrap();
    home.set("GATEPOST_MAIL_FROM", "login@example.com");
    home.set("GATEPOST_MAIL_DKIM_SELECTOR", "2026e");
    home.set("GATEPOST_MAIL_DKIM_KEY_FILE", &key.display().to_string());
    home.set("GATEPOST_MAIL_HELO", "login.example.com");
    home
}

/// Returns the exit code, and what is said of email.
fn examine(home: &mut Home, server: SocketAddr) -> (Option<i32>, String) {
    home.set("GATEPOST_DNS_SERVER", &server.to_string());
    let done = home.run(&["check", "--mail"]);
    let text = String::from_utf8(done.stdout).unwrap();
    (done.status.code(), text.split_once("\nSPF").map_or(text.clone(), |(_, rest)| format!("SPF{rest}")))
}

#[test]
fn records_that_are_right_are_found() {
    let key = format!("v=DKIM1; k=ed25519; p={KEY}");
    let long = format!("v=spf1 mx {} -all", (0..60).map(|n| format!("ip4:192.0.2.{n}")).collect::<Vec<_>>().join(" "));
    let server = dns(&[
        ("example.com", &["other", &long]),
        ("2026e._domainkey.example.com", &[&key]),
        ("_dmarc.example.com", &["v=DMARC1; p=reject"]),
    ]);
    let (code, said) = examine(&mut home(), server);
    assert_eq!(code, Some(0), "{said}");
    for words in [
        "SPF            ok: v=spf1 mx ip4:192.0.2.0",
        "DKIM           ok: 2026e._domainkey.example.com has the key that signs here",
        "DMARC          ok: Policy reject",
        "EHLO name      ok: login.example.com has an address",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("to publish"), "{said}");
}

#[test]
fn records_that_are_wrong_or_missing_are_said_with_what_to_publish() {
    let mut home = home();
    home.set("GATEPOST_MAIL_HELO", "nowhere.example.com");
    let server = dns(&[
        ("example.com", &["v=spf1 -all", "v=spf1 mx -all"]),
        ("2026e._domainkey.example.com", &["v=DKIM1; k=ed25519; p=AAAA"]),
    ]);
    let (code, said) = examine(&mut home, server);
    assert_eq!(code, Some(1), "{said}");
    for words in [
        "SPF            NOT ok: example.com has several SPF records",
        "DKIM           NOT ok: 2026e._domainkey.example.com has a different key",
        &format!("to publish: 2026e._domainkey.example.com. TXT \"v=DKIM1; k=ed25519; p={KEY}\""),
        "DMARC          NOT ok: example.com has no DMARC record",
        "to publish: _dmarc.example.com. TXT \"v=DMARC1; p=none\"",
        "EHLO name      NOT ok",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn what_the_resolver_cannot_tell_is_no_fault() {
    let mut home = home();
    home.set("GATEPOST_MAIL_FROM", "login@broken.example");
    home.set("GATEPOST_MAIL_HELO", "broken.example");
    let server = dns(&[]);
    let (code, said) = examine(&mut home, server);
    assert_eq!(code, Some(0), "{said}");
    for part in ["SPF            cannot tell", "DMARC          cannot tell", "EHLO name      cannot tell"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let done = home.run(&["check", "--mail", "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let spf = told["parts"].as_array().unwrap().iter().find(|part| part["part"] == "SPF").unwrap();
    assert!(spf["ok"].is_null() && told["ok"] == true, "{told}");
}

#[test]
fn the_email_server_is_asked_once() {
    let mut home = home();
    let server = MailServer::start();
    home.set("GATEPOST_MAIL_URL", &server.url());
    home.set("GATEPOST_DNS_SERVER", &dns(&[]).to_string());
    let done = home.run(&["check", "--mail"]);
    let said = String::from_utf8(done.stdout).unwrap();
    for words in [
        "email server   ok",
        "Certificate    cannot tell: The email server is on this machine",
        "Clock          cannot tell",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(server.visits(), 1);
}
