//! The memory of a node, and how it learns of changes by others.

use crate::{
    browser::Browser,
    database::add_passkey,
    harness::{Setup, TestApp},
    outage::until,
};
use diesel::{Connection, PgConnection, connection::SimpleConnection};
use gatepost::{
    db::{
        self,
        change_log::{self, Change, Changes, Position},
    },
    domain::{AccountId, Lifetime},
};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

/// Two nodes, and a browser of each user that the second one knows.
struct Nodes {
    one: TestApp,
    two: TestApp,
}

impl Nodes {
    async fn start() -> Self {
        let one = TestApp::new().await;
        let two = Setup::new().beside(&one).start().await;
        Self { one, two }
    }

    /// Returns a browser on the second node, which has seen the user already.
    async fn known(&self, email: &str) -> Browser<'_> {
        let cookies = self.one.signed_in(email).await.cookies.clone();
        let mut browser = Browser { cookies, ..self.two.browser() };
        assert!(browser.is_signed_in_as(email).await);
        browser
    }

    async fn change(&self, sql: String) {
        self.one.write(move |connection| Ok(connection.batch_execute(&sql)?)).await;
        self.one.a_second_later();
    }
}

async fn position(app: &TestApp) -> Position {
    app.read(|connection| change_log::since(connection, None)).await.0
}

/// Returns the changes since a position, each once.
async fn changes_since(app: &TestApp, last: &Position) -> Vec<Change> {
    let last = last.clone();
    match app.read(move |connection| change_log::since(connection, Some(&last))).await.1 {
        Changes::These(mut changes) => {
            changes.dedup();
            changes
        }
        Changes::Unknown => panic!("the log is whole"),
    }
}

#[rocket::async_test]
async fn every_change_of_what_memory_keeps_is_in_the_log() {
    let app = TestApp::new().await;
    let (ana, ben) = (app.add_account(ANA).await.id, app.add_account(BEN).await.id);
    app.signed_in(ANA).await;
    app.write(move |connection| add_passkey(connection, 1, ben)).await;
    let (a, b) = (Change::Account(ana), Change::Account(ben));
    let id = ana.as_i64();
    let statements = [
        (format!("UPDATE accounts SET name = 'Ana' WHERE id = {id}"), Some(a)),
        (format!("UPDATE accounts SET email = 'eve@example.com' WHERE id = {id}"), Some(a)),
        (format!("UPDATE accounts SET is_admin = TRUE WHERE id = {id}"), Some(a)),
        (format!("UPDATE accounts SET disabled_at = 1 WHERE id = {id}"), Some(a)),
        (format!("UPDATE accounts SET disabled_at = NULL WHERE id = {id}"), Some(a)),
        (format!("UPDATE accounts SET proven_at = 1 WHERE id = {id}"), Some(a)),
        (format!("UPDATE accounts SET ends_at = 1 WHERE id = {id}"), Some(a)),
        (format!("UPDATE accounts SET ends_at = NULL WHERE id = {id}"), Some(a)),
        (format!("UPDATE accounts SET language = 'de' WHERE id = {id}"), Some(a)),
        (format!("UPDATE accounts SET time_zone = 'Europe/Berlin' WHERE id = {id}"), Some(a)),
        (format!("UPDATE sessions SET secret_hash = 'x' WHERE account_id = {id}"), Some(a)),
        (format!("UPDATE sessions SET ends_at = 1 WHERE account_id = {id}"), Some(a)),
        ("UPDATE session_proofs SET proven_at = 1".to_owned(), Some(a)),
        ("DELETE FROM session_proofs".to_owned(), Some(a)),
        (format!("INSERT INTO passwords VALUES ({id}, 'hash', 0, FALSE)"), Some(a)),
        ("DELETE FROM passwords".to_owned(), Some(a)),
        (format!("INSERT INTO totp_authenticators VALUES (1, {id}, 'App', 'sealed', 0, 0, NULL, NULL)"), Some(a)),
        ("UPDATE totp_authenticators SET confirmed_at = 1".to_owned(), Some(a)),
        ("DELETE FROM totp_authenticators".to_owned(), Some(a)),
        (format!("INSERT INTO passkeys VALUES (2, {id}, 'two', 'Key', '', '', 0, NULL)"), Some(a)),
        ("DELETE FROM passkeys WHERE id = 2".to_owned(), Some(a)),
        (format!("INSERT INTO recovery_code_sets VALUES ({id}, 'salt', 0)"), None),
        (format!("INSERT INTO recovery_codes VALUES ({id}, 'code', NULL)"), Some(a)),
        ("UPDATE recovery_codes SET used_at = 1".to_owned(), Some(a)),
        ("DELETE FROM recovery_codes".to_owned(), Some(a)),
        (
            format!(
                "INSERT INTO recoveries (id, account_id, asked_by, asked_at, due_at) VALUES (1, {id}, 'admin', 0, 1)"
            ),
            Some(a),
        ),
        ("UPDATE recoveries SET ended_at = 1, outcome = 'cancelled'".to_owned(), Some(a)),
        ("DELETE FROM recoveries".to_owned(), Some(a)),
        ("INSERT INTO settings VALUES ('product_name', 'Elm', 0)".to_owned(), Some(Change::Settings)),
        ("UPDATE settings SET value = 'Oak'".to_owned(), Some(Change::Settings)),
        ("DELETE FROM settings".to_owned(), Some(Change::Settings)),
        ("INSERT INTO logo VALUES (1, 'png', 0)".to_owned(), Some(Change::Settings)),
        ("UPDATE logo SET png = 'other'".to_owned(), Some(Change::Settings)),
        ("DELETE FROM logo".to_owned(), Some(Change::Settings)),
        (format!("UPDATE accounts SET handle = 'ana' WHERE id = {id}"), Some(a)),
        (format!("UPDATE accounts SET guest_until = 1 WHERE id = {id}"), Some(a)),
        (format!("UPDATE accounts SET guest_told_at = 1 WHERE id = {id}"), None),
        ("INSERT INTO groups VALUES (1, 'family', '', 0)".to_owned(), Some(Change::Apps)),
        ("UPDATE groups SET note = 'At home'".to_owned(), Some(Change::Apps)),
        (format!("INSERT INTO group_members VALUES (1, {id}, 0)"), Some(a)),
        ("DELETE FROM group_members".to_owned(), Some(a)),
        (
            "INSERT INTO apps VALUES (1, 'wiki', 'Wiki', '', NULL, NULL, NULL, FALSE, 0, 'one', NULL, FALSE, FALSE, \
             FALSE, 'admin', 0, NULL)"
                .to_owned(),
            Some(Change::Apps),
        ),
        ("UPDATE apps SET everyone = TRUE".to_owned(), Some(Change::Apps)),
        ("INSERT INTO app_groups VALUES (1, 1)".to_owned(), Some(Change::Apps)),
        (format!("INSERT INTO app_people VALUES (1, {id}, NULL)"), Some(Change::Apps)),
        ("UPDATE app_people SET ends_at = 1".to_owned(), Some(Change::Apps)),
        ("DELETE FROM app_people".to_owned(), Some(Change::Apps)),
        ("INSERT INTO app_hosts VALUES ('wiki.example.com', 443, FALSE, 'https', 1)".to_owned(), Some(Change::Apps)),
        ("DELETE FROM app_hosts".to_owned(), Some(Change::Apps)),
        ("INSERT INTO app_public_paths VALUES (1, '/static')".to_owned(), Some(Change::Apps)),
        ("DELETE FROM app_public_paths".to_owned(), Some(Change::Apps)),
        ("DELETE FROM groups".to_owned(), Some(Change::Apps)),
        // What each request may change, and memory does not need.
        (format!("INSERT INTO app_uses VALUES ({id}, 1, 0)"), None),
        ("UPDATE app_uses SET last_at = 1".to_owned(), None),
        (format!("INSERT INTO app_exits SELECT id, 1, 0, TRUE FROM sessions WHERE account_id = {id}"), Some(a)),
        ("UPDATE app_exits SET is_out = FALSE".to_owned(), Some(a)),
        ("INSERT INTO app_troubles VALUES (0, 'no_host', 0)".to_owned(), None),
        (format!("INSERT INTO app_asks VALUES (1, 1, {id}, 0, NULL, NULL)"), None),
        ("DELETE FROM apps".to_owned(), Some(Change::Apps)),
        ("UPDATE sessions SET last_seen_at = 1".to_owned(), None),
        ("UPDATE accounts SET last_signed_in_at = 1, passkey_offer_at = 1".to_owned(), None),
        ("UPDATE passkeys SET last_used_at = 1".to_owned(), None),
        (format!("DELETE FROM sessions WHERE account_id = {id}"), Some(a)),
        // Also by a foreign key.
        (format!("DELETE FROM accounts WHERE id = {}", ben.as_i64()), Some(b)),
    ];
    for (statement, expected) in statements {
        let last = position(&app).await;
        let sql = statement.clone();
        app.write(move |connection| Ok(connection.batch_execute(&sql)?)).await;
        assert_eq!(changes_since(&app, &last).await, Vec::from_iter(expected), "{statement}");
    }
    assert!(changes_since(&app, &position(&app).await).await.is_empty(), "nothing comes twice");
}

#[rocket::async_test]
async fn a_known_session_needs_no_look_at_the_database() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    ana.get("/").await.assert_leads_to("/account");
    let before = app.services.db.reads();
    for _ in 0..20 {
        ana.get("/").await.assert_leads_to("/account");
    }
    assert_eq!(app.services.db.reads(), before);
    // However many sessions there are, and however long ago they were read.
    app.add_account(BEN).await;
    let mut ben = app.signed_in(BEN).await;
    // Signing in changed both accounts.
    app.a_second_later();
    for browser in [&mut ana, &mut ben] {
        browser.get("/").await.assert_leads_to("/account");
    }
    let before = app.services.db.reads();
    for n in 1..=10 {
        app.clock.advance(Lifetime::minutes(1));
        ana.get("/").await.assert_leads_to("/account");
        ben.get("/").await.assert_leads_to("/account");
        assert_eq!(app.services.db.reads(), before + n, "one look at the log for all");
    }
}

#[rocket::async_test]
async fn a_revocation_is_seen_on_the_other_node_within_a_second() {
    let nodes = Nodes::start().await;
    let id = nodes.one.add_account(ANA).await.id;
    let mut ana = nodes.known(ANA).await;
    nodes.one.write(move |connection| db::sessions::delete_all(connection, id)).await;
    assert!(ana.is_signed_in_as(ANA).await, "the second is not over");
    nodes.one.a_second_later();
    assert!(ana.is_signed_out().await);
}

#[rocket::async_test]
async fn a_disabled_account_is_seen_on_the_other_node_within_a_second() {
    let nodes = Nodes::start().await;
    let (id, now) = (nodes.one.add_account(ANA).await.id, nodes.one.services.now());
    let mut ana = nodes.known(ANA).await;
    nodes.one.write(move |connection| db::accounts::set_disabled(connection, id, Some(now))).await;
    nodes.one.a_second_later();
    assert!(ana.is_signed_out().await);
    nodes.one.write(move |connection| db::accounts::set_disabled(connection, id, None)).await;
    nodes.one.a_second_later();
    assert!(ana.is_signed_in_as(ANA).await, "enabled again");
}

#[rocket::async_test]
async fn a_changed_setting_is_seen_on_the_other_node_within_a_second() {
    let nodes = Nodes::start().await;
    nodes.two.browser().get("/login").await.assert_status(200);
    nodes.one.set("product_name", "Elm Grove").await;
    nodes.one.a_second_later();
    nodes.two.browser().get("/login").await.assert_shows("Elm Grove");
}

#[rocket::async_test]
async fn a_changed_factor_is_seen_on_the_other_node_within_a_second() {
    let nodes = Nodes::start().await;
    let id = nodes.one.add_account(ANA).await.id;
    let mut ana = nodes.known(ANA).await;
    nodes.one.write(move |connection| add_passkey(connection, 1, id)).await;
    nodes.one.a_second_later();
    assert!(ana.is_signed_out().await, "an email alone does not satisfy an account with a passkey");
    nodes.change("DELETE FROM passkeys".to_owned()).await;
    assert!(ana.is_signed_in_as(ANA).await);
}

/// On PostgreSQL, a transaction with a lower number may commit after one with a higher one.
#[rocket::async_test]
async fn transactions_that_commit_out_of_order_are_all_seen() {
    let nodes = Nodes::start().await;
    if nodes.one.database.is_sqlite() {
        // It has one writer.
        return;
    }
    for email in [ANA, BEN] {
        nodes.one.add_account(email).await;
    }
    let (mut ana, mut ben) = (nodes.known(ANA).await, nodes.known(BEN).await);
    let disable = |email: &str| format!("UPDATE accounts SET disabled_at = 1 WHERE email = '{email}'");
    let url = nodes.one.database.url.clone();
    let (first, second) = (disable(ANA), disable(BEN));
    let begun = tokio::task::spawn_blocking(move || {
        let mut early = PgConnection::establish(&url).unwrap();
        early.batch_execute(&format!("BEGIN; {first}")).unwrap();
        let mut late = PgConnection::establish(&url).unwrap();
        late.batch_execute(&format!("BEGIN; {second}; COMMIT")).unwrap();
        early
    });
    let mut early = begun.await.unwrap();
    nodes.one.a_second_later();
    assert!(ben.is_signed_out().await);
    assert!(ana.is_signed_in_as(ANA).await, "not committed yet");
    // Others commit in between, and the log is trimmed.
    nodes.change(format!("UPDATE accounts SET name = 'Ben' WHERE email = '{BEN}'")).await;
    fill_log(&nodes.one).await;
    nodes.one.write(change_log::trim).await;
    assert!(ana.is_signed_in_as(ANA).await);
    tokio::task::spawn_blocking(move || early.batch_execute("COMMIT").unwrap()).await.unwrap();
    nodes.one.a_second_later();
    assert!(ana.is_signed_out().await);
}

/// Adds more rows than are kept.
async fn fill_log(app: &TestApp) {
    // SQLite counts the rows; PostgreSQL names the transaction.
    let place = if app.database.is_sqlite() { "(SELECT max(place) FROM change_log) + n" } else { "txid_current()" };
    let fill = format!(
        "INSERT INTO change_log WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10500) \
         SELECT {place}, NULL FROM numbers"
    );
    app.write(move |connection| Ok(connection.batch_execute(&fill)?)).await;
}

#[rocket::async_test]
async fn a_node_that_is_further_behind_than_the_log_reaches_forgets_everything() {
    let nodes = Nodes::start().await;
    let (id, now) = (nodes.one.add_account(ANA).await.id, nodes.one.services.now());
    let mut ana = nodes.known(ANA).await;
    nodes.one.write(move |connection| db::accounts::set_disabled(connection, id, Some(now))).await;
    // A later row, which stays.
    nodes.one.set("product_name", "Elm").await;
    fill_log(&nodes.one).await;
    // Once the transactions of other databases on the server have ended, too.
    let row = format!("change_log: account_id={} ", id.as_i64());
    until("the log is trimmed", async || {
        nodes.one.write(change_log::trim).await;
        !nodes.one.dump().await.contains(&row)
    })
    .await;
    nodes.one.a_second_later();
    assert!(ana.is_signed_out().await, "the row that says so is gone");
}

#[rocket::async_test]
async fn changes_that_came_with_a_copy_from_another_server_do_not_count_for_ever() {
    let app = TestApp::new().await;
    if app.database.is_sqlite() {
        // Its places are counted from those that are there.
        return;
    }
    app.write(|connection| Ok(connection.batch_execute("INSERT INTO change_log VALUES (9000000000000, 7)")?)).await;
    let strange = vec![Change::Account(AccountId::from_i64(7))];
    app.write(|connection| Ok(connection.batch_execute("INSERT INTO settings VALUES ('elm', '', 0)")?)).await;
    assert_eq!(changes_since(&app, &position(&app).await).await, strange);
    assert_eq!(app.write(change_log::trim).await, 1);
    assert!(changes_since(&app, &position(&app).await).await.is_empty());
}

#[rocket::async_test]
async fn a_session_that_is_used_on_one_node_is_not_idle_on_the_other() {
    let nodes = Nodes::start().await;
    nodes.one.add_account(ANA).await;
    let mut ana = nodes.one.browser();
    ana.sign_in_to(ANA, &[("remember", "on")]).await;
    let mut elsewhere = Browser { cookies: ana.cookies.clone(), ..nodes.two.browser() };
    assert!(elsewhere.is_signed_in_as(ANA).await);
    for _ in 0..2 {
        nodes.one.clock.advance(Lifetime::days(20));
        assert!(ana.is_signed_in_as(ANA).await);
        nodes.one.services.sessions.write_seen(&nodes.one.services.db).await.unwrap();
    }
    assert!(elsewhere.is_signed_in_as(ANA).await, "40 days after this node saw it");
    nodes.one.clock.advance(Lifetime::days(30));
    assert!(elsewhere.is_signed_out().await);
}
