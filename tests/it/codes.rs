//! Guessing codes.

use crate::{browser::Browser, harness::TestApp};
use diesel::connection::SimpleConnection;
use gatepost::{
    db,
    domain::{Code, HashMemory, Lifetime, Token, TokenHash, audit::Action, carried_lists, code::CodeSalt},
    entropy::SystemEntropy,
};
use rocket::futures::future::join_all;

const ANA: &str = "ana@example.com";

async fn asked(app: &TestApp) -> (Browser<'_>, String) {
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    let code = app.mail_to(ANA).await.code();
    (ana, code)
}

fn wrong(code: &str) -> String {
    another(code, 0)
}

/// Returns the `n`th code that differs from this one.
fn another(code: &str, n: usize) -> String {
    let letters: Vec<char> = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars().collect();
    let at = letters.iter().position(|letter| code.starts_with(*letter)).unwrap();
    let first = letters[(at + 1 + n % 31) % 32];
    let last = if n < 31 { &code[1..] } else { "00-000" };
    format!("{first}{last}")
}

#[rocket::async_test]
async fn four_wrong_codes_are_forgiven_and_the_fifth_is_the_end() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let (mut ana, code) = asked(&app).await;
    for n in 0..4 {
        ana.post("/login/code", &[("code", &another(&code, n))])
            .await
            .assert_status(422)
            .assert_shows("That code is wrong");
    }
    ana.post("/login/code", &[("code", &code)]).await.assert_leads_to("/account");

    app.clock.advance(Lifetime::hours(1));
    let (mut ana, code) = asked(&app).await;
    for n in 0..5 {
        ana.post("/login/code", &[("code", &another(&code, n))]).await.assert_status(422);
    }
    ana.post("/login/code", &[("code", &code)]).await.assert_status(422).assert_shows("no longer work");
    assert!(ana.is_signed_out().await);
}

/// All of 30 bits can be tried in a moment by a reader who knows how a code is stored.
#[rocket::async_test]
async fn a_reader_of_the_database_cannot_try_codes_without_the_key_file() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let (_ana, code) = asked(&app).await;
    let dump = app.dump().await.to_lowercase();
    let row = dump.lines().find(|line| line.starts_with("attempts:")).unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let stored = |salt: CodeSalt| {
        let hash = Code::read(&code).unwrap().hash(&salt, &HashMemory::default()).unwrap();
        dump.contains(&hex(hash.as_bytes()))
    };
    let is_hex = |c: char| c.is_ascii_hexdigit();
    let values: Vec<[u8; 32]> = row
        .split(|c| !is_hex(c))
        .filter(|value| value.len() == 64)
        .map(|value| std::array::from_fn(|n| u8::from_str_radix(&value[2 * n..2 * n + 2], 16).unwrap()))
        .collect();
    assert!(values.len() >= 2, "the verifier's hash, the code's: {row}");
    assert!(!values.iter().any(|value| stored(CodeSalt::from_keyed_hash(*value))));
    let with_key_file = |value: &[u8; 32]| app.services.keys.code_salt(&TokenHash::from_slice(value).unwrap()).unwrap();
    assert!(values.iter().any(|value| stored(with_key_file(value))));
}

#[rocket::async_test]
async fn what_is_not_a_code_at_all_does_not_count() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let (mut ana, code) = asked(&app).await;
    for typed in ["", "12345", "1234567", "UUUUUU", "🙂🙂🙂"] {
        ana.post("/login/code", &[("code", typed)]).await.assert_status(422).assert_shows("code is incomplete");
    }
    ana.post("/login/code", &[("code", &code)]).await.assert_leads_to("/account");
}

/// The route asks first, and the transaction that redeems is the last to judge.
#[rocket::async_test]
async fn a_transaction_redeems_a_code_only_for_its_browser_and_before_the_last_wrong_one() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let (ana, code) = asked(&app).await;
    let own = carried_lists::attempts(&ana.cookies["gatepost_attempts"]).remove(0);
    let (id, verifier, now) = (own.id, own.verifier.hash(), app.services.now());
    let salt = app.services.keys.code_salt(&verifier).unwrap();
    let code = Code::read(&code).unwrap().hash(&salt, &HashMemory::default()).unwrap();
    app.write(move |connection| {
        let other = Token::issue(&SystemEntropy).hash();
        assert!(!db::attempts::redeem_code(connection, (id, &other), &code, now)?);
        connection.batch_execute("UPDATE attempts SET wrong_codes = 5")?;
        assert!(!db::attempts::redeem_code(connection, (id, &verifier), &code, now)?);
        connection.batch_execute("UPDATE attempts SET wrong_codes = 4")?;
        assert!(db::attempts::redeem_code(connection, (id, &verifier), &code, now)?);
        assert!(!db::attempts::redeem_code(connection, (id, &verifier), &code, now)?, "once");
        Ok(())
    })
    .await;
}

#[rocket::async_test]
async fn forty_guesses_at_once_are_five() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let (mut ana, code) = asked(&app).await;
    let guesses = (0..40).map(|n| {
        let guess = another(&code, n);
        let mut tab = Browser { cookies: ana.cookies.clone(), ..app.browser() };
        async move { tab.post("/login/code", &[("code", &guess)]).await.status.code }
    });
    // 429 if the mailbox has had too many.
    assert!(join_all(guesses).await.iter().all(|status| [422, 429].contains(status)));
    let dump = app.dump().await;
    assert!(dump.lines().any(|line| line.starts_with("attempts:") && line.contains("wrong_codes=5")), "{dump}");
    app.clock.advance(Lifetime::seconds(1));
    ana.post("/login/code", &[("code", &code)]).await.assert_shows("no longer work");
    assert!(ana.is_signed_out().await);
}

#[rocket::async_test]
async fn guessing_for_a_whole_day_gets_thirty_guesses() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut guesses = 0;
    for hour in 0..6 {
        app.clock.advance(Lifetime::hours(1));
        for n in 0..2 {
            let mut attacker = app.browser().at(&format!("198.51.{hour}.{n}"));
            attacker.post("/login", &[("email", ANA)]).await;
            for guess in ["000-000", "000-001", "000-002", "000-003", "000-004"] {
                let page = attacker.post("/login/code", &[("code", guess)]).await;
                guesses += i32::from(page.status.code == 422);
            }
        }
    }
    assert_eq!(guesses, 30);
    // The link keeps working all the time.
    app.clock.advance(Lifetime::minutes(15));
    app.signed_in(ANA).await;
}

#[rocket::async_test]
async fn a_wrong_code_stays_in_its_field_to_be_corrected() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let (mut ana, code) = asked(&app).await;
    let typed = wrong(&code);
    let page = ana.post("/login/code", &[("code", &typed)]).await;
    assert!(page.body.contains(&format!("value=\"{typed}\"")), "{}", page.body);
}

#[rocket::async_test]
async fn a_code_is_worth_nothing_in_another_browser() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let (_, code) = asked(&app).await;
    let mut stranger = app.browser();
    stranger.post("/login/code", &[("code", &code)]).await.assert_leads_to("/login/sent");
    // Nor in one with its own attempt for the same address.
    stranger.post("/login", &[("email", ANA)]).await;
    stranger.post("/login/code", &[("code", &code)]).await.assert_status(422);
    assert!(stranger.is_signed_out().await);
}

#[rocket::async_test]
async fn wrong_codes_are_counted_for_the_mailbox_too_and_never_stop_the_link() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    for n in 0..2 {
        let mut attacker = app.browser().at(&format!("198.51.100.{n}"));
        attacker.post("/login", &[("email", ANA)]).await;
        for guess in ["000-000", "000-001", "000-002", "000-003", "000-004"] {
            attacker.post("/login/code", &[("code", guess)]).await.assert_status(422);
        }
    }
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    let mail = app.mail_to(ANA).await;
    let page = ana.post("/login/code", &[("code", &mail.code())]).await;
    page.assert_status(429).assert_shows("Use the link in the email").assert_shows("1 hour");
    assert_eq!(page.header("Retry-After"), Some("3600"));
    ana.open(&mail.link()).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn one_client_can_try_only_so_many_codes() {
    let app = TestApp::new().await;
    app.set("limits_per_client", "100/15m").await;
    let mut statuses = Vec::new();
    for n in 0..14 {
        let mut browser = app.browser();
        browser.post("/login", &[("email", &format!("somebody{n}@example.com"))]).await;
        for guess in ["000-000", "000-001", "000-002", "000-003", "000-004"] {
            statuses.push(browser.post("/login/code", &[("code", guess)]).await.status.code);
        }
    }
    assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 60);
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 10);
    let mut other = app.browser().at("198.51.100.1");
    other.post("/login", &[("email", ANA)]).await;
    other.post("/login/code", &[("code", "000-000")]).await.assert_status(422);
}

#[rocket::async_test]
async fn the_tenth_wrong_code_leaves_a_line_in_the_audit_log() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut statuses = Vec::new();
    for n in 0..3 {
        let mut attacker = app.browser().at(&format!("198.51.100.{n}"));
        attacker.post("/login", &[("email", ANA)]).await;
        for guess in ["000-000", "000-001", "000-002", "000-003"] {
            statuses.push(attacker.post("/login/code", &[("code", guess)]).await.status.code);
        }
    }
    assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 10);
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 2);
    let lines = app.audit().await.iter().filter(|entry| entry.action == Action::CodeGuessedTooOften).count();
    assert_eq!(lines, 1);
}

/// A reload and a second press: typing the same code again is not another guess.
#[rocket::async_test]
async fn the_same_wrong_code_again_counts_once() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let (mut ana, code) = asked(&app).await;
    for _ in 0..20 {
        ana.post("/login/code", &[("code", &wrong(&code))]).await.assert_status(422).assert_shows("That code is wrong");
    }
    // Another one in between is a guess, and so is the first one after it.
    for n in [1, 0, 1] {
        ana.post("/login/code", &[("code", &another(&code, n))]).await.assert_status(422);
    }
    let dump = app.dump().await;
    assert!(dump.lines().any(|line| line.starts_with("attempts:") && line.contains("wrong_codes=4")), "{dump}");
    ana.post("/login/code", &[("code", &code)]).await.assert_leads_to("/account");
}
