//! Tables that a restored copy keeps, and those that it empties. Each table is in one list.

use crate::{
    database::tables,
    harness::TestDatabase,
    transfer::{copy, fill},
    upgrade::{connect, lines, migrate},
};
use diesel::connection::SimpleConnection;
use gatepost::{
    config::DatabaseUrl,
    db,
    domain::{
        AuditEntry, Timestamp,
        audit::{Action, Actor},
    },
    entropy::SystemEntropy,
};
use rocket::tokio;

/// Tables of what lets a browser, a device or an app in.
const ENDS: [&str; 13] = [
    "app_exits",
    "attempt_links",
    "attempts",
    "held_forms",
    "oidc_access_tokens",
    "oidc_device_codes",
    "oidc_grants",
    "passkey_ceremonies",
    "pending_proofs",
    "pending_sign_ins",
    "session_proofs",
    "sessions",
    "trusted_devices",
];

/// Accounts, settings, apps, history, and what counts limits. None of it lets a browser in by
/// itself.
const STAYS: [&str; 50] = [
    "accounts",
    "address_changes",
    "admin_acts",
    "app_asks",
    "app_groups",
    "app_hosts",
    "app_people",
    "app_public_paths",
    "app_refusals",
    "app_troubles",
    "app_uses",
    "apps",
    "audit",
    "audit_seals",
    "change_log",
    "declared",
    "devices",
    "domain_openings",
    "gains",
    "group_members",
    "groups",
    "heartbeats",
    "housekeeping_runs",
    "installation",
    "known_browsers",
    "last_times",
    "limits",
    "logo",
    "logout_notices",
    "mail_domains",
    "oidc_assertions",
    "oidc_clients",
    "oidc_consents",
    "oidc_keys",
    "oidc_secrets",
    "oidc_uris",
    "outbox",
    "passkeys",
    "passwords",
    "recoveries",
    "recovery_code_sets",
    "recovery_codes",
    "sealing_keys",
    "set_aside",
    "settings",
    "sign_in_hours",
    "starts",
    "totp_authenticators",
    "totp_failures",
    "used_handles",
];

/// Links of emails that undo what a thief has done. They work again, for the owner, and sign no
/// browser in.
const STAYS_FOR_THE_OWNER: [&str; 3] = ["address_change_links", "gain_links", "known_browser_links"];

/// Rows whose links have ended: an invitation has none, and a recovery is over.
const STAYS_WITHOUT_LINKS: [&str; 2] = ["invitations", "recovery_links"];

#[rocket::async_test]
async fn of_each_table_it_is_said_whether_a_restored_copy_keeps_it() {
    let (sqlite, other) = (TestDatabase::sqlite(), TestDatabase::new());
    migrate(&sqlite).await.unwrap();
    let mut connection = connect(&sqlite);
    fill(&mut connection);
    connection.batch_execute("UPDATE recoveries SET ended_at = NULL, outcome = NULL").unwrap();
    drop(connection);
    let restored = if other.is_sqlite() {
        sqlite
    } else {
        copy(&sqlite, &other).await.unwrap();
        other
    };
    let url = DatabaseUrl::parse(&restored.url).unwrap();
    let line = AuditEntry::new(&SystemEntropy, Timestamp::from_millis(1), Actor::CommandLine, Action::DatabaseRestored);
    tokio::task::spawn_blocking(move || db::finish_restore(&url, &line)).await.unwrap().unwrap();

    let mut connection = connect(&restored);
    let (mut ended, mut stayed) = (Vec::new(), Vec::new());
    for table in tables(&mut connection).unwrap() {
        let rows = lines(&mut connection, &format!("SELECT CAST(count(*) AS TEXT) AS line FROM \"{table}\""));
        if rows == ["0"] { ended.push(table) } else { stayed.push(table) }
    }
    assert_eq!(ended, ENDS);
    let mut said = [&STAYS[..], &STAYS_FOR_THE_OWNER, &STAYS_WITHOUT_LINKS].concat();
    said.sort_unstable();
    assert_eq!(stayed, said);
    let live = "SELECT 'an invitation' AS line FROM invitations \
                WHERE token_hash IS NOT NULL OR earlier_token_hash IS NOT NULL OR expires_at > 0 \
                UNION ALL SELECT 'a recovery' FROM recoveries WHERE ended_at IS NULL";
    assert_eq!(lines(&mut connection, live), Vec::<String>::new());
}
