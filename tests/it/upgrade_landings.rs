//! A database of every schema that there ever was becomes the one of today.

use crate::{
    database::{columns, tables},
    harness::TestDatabase,
    upgrade::{connect, lines, migrate},
};
use diesel::connection::SimpleConnection;
use gatepost::db::{DbConnection, migrations};
use std::fs;

/// Migrations in the order in which they came.
const LANDINGS: [&[&str]; 49] = [
    &["2026-11-22-000001_initial"],
    &["2026-11-23-000001_passwords"],
    &["2026-11-23-000002_factors"],
    &["2026-11-24-000001_links"],
    &["2026-11-26-000006_letters"],
    &["2026-11-26-000004_outbox"],
    &["2026-11-26-000009_pages"],
    &["2026-11-26-000002_gains"],
    &["2026-11-26-000005_turns"],
    &["2026-11-26-000010_limits"],
    &["2026-11-26-000007_db"],
    &["2026-11-26-000030_languages"],
    &["2026-11-26-000020_acts"],
    &["2026-11-27-000030_outbox_indexes"],
    &["2026-11-27-000040_turns_of_waiting"],
    &["2026-11-27-000060_recoveries"],
    &["2026-11-27-000061_passkey_offers"],
    &["2026-11-27-000050_known_browsers"],
    &["2026-11-27-000076_mailbox_since"],
    &["2026-11-27-000075_set_aside"],
    &["2026-11-27-000070_admin_acts"],
    &["2026-11-27-000080_audit_pages"],
    &["2026-11-28-000084_change_log", "2026-11-28-000085_change_log_triggers"],
    &["2026-11-27-000081_overview"],
    &["2026-11-28-000082_rowids"],
    &[
        "2026-11-29-000100_groups",
        "2026-11-29-000101_apps",
        "2026-11-29-000102_handles",
        "2026-11-29-000103_apps_triggers",
    ],
    &["2026-11-29-000094_invitations"],
    &["2026-11-29-000115_oidc_keys", "2026-11-29-000116_oidc_clients", "2026-11-29-000117_oidc_grants"],
    &["2026-11-29-000095_audit_seals"],
    &["2026-11-29-000130_oidc_origins"],
    &["2026-11-29-000131_oidc_strengths"],
    &["2026-11-30-000130_oidc_presets"],
    &["2026-11-30-000140_starts"],
    &["2026-11-30-000142_session_triggers"],
    &["2026-11-30-000120_logout_notices", "2026-11-30-000121_oidc_devices", "2026-11-30-000122_oidc_assertions"],
    &[
        "2026-11-30-000110_app_asks",
        "2026-11-30-000111_guests",
        "2026-11-30-000112_guests_triggers",
        "2026-11-30-000113_app_exits",
        "2026-11-30-000114_app_exits_triggers",
    ],
    &["2026-11-30-000100_account_ends", "2026-11-30-000101_account_ends_triggers"],
    &["2026-11-30-000123_logout_notice_triggers"],
    &["2026-12-01-000100_time_zones", "2026-12-01-000101_time_zones_triggers"],
    &["2026-12-01-000110_openings"],
    &["2026-11-30-000150_app_refusals"],
    &["2026-11-30-000151_declared"],
    &["2026-12-02-000111_own_tries"],
    &["2026-12-02-000121_invitation_copies"],
    &["2026-12-02-000131_logout_notice_triggers"],
    &["2026-12-03-000140_client_uses", "2026-12-03-000145_access_token_kind", "2026-12-03-000146_name_claim"],
    &["2026-12-04-000150_groups_shape"],
    &["2026-12-05-000151_lists_of_users"],
    &["2026-12-06-000152_fewer_indexes"],
];

const DIESELS_TABLE: &str = "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, \
                             run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)";
const ANA: &str = "INSERT INTO accounts (id, email, name, is_admin, created_at, origin) \
                   VALUES (7, 'ana@example.com', 'Ana', TRUE, 1, 'joined')";

fn tree(connection: &DbConnection) -> &'static str {
    match connection {
        DbConnection::Sqlite(_) => "migrations/sqlite",
        DbConnection::Postgres(_) => "migrations/postgres",
    }
}

/// Applies migrations as Diesel does: each in a transaction, noted by its digits.
fn apply(connection: &mut DbConnection, names: &[&str]) {
    for name in names {
        let sql = fs::read_to_string(format!("{}/{name}/up.sql", tree(connection))).unwrap();
        let version: String = name.split('_').next().unwrap().replace('-', "");
        let note = format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{version}')");
        connection.batch_execute(&format!("BEGIN; {sql}\n; {note}; COMMIT;")).unwrap();
    }
}

/// Returns every column, index and trigger.
fn shape(connection: &mut DbConnection) -> Vec<String> {
    let mut shape: Vec<String> = tables(connection)
        .unwrap()
        .into_iter()
        .map(|table| format!("{table}: {}", columns(connection, &table).unwrap().join(" ")))
        .collect();
    shape.extend(match connection {
        DbConnection::Sqlite(_) => lines(
            connection,
            "SELECT type || ' ' || name AS line FROM sqlite_master WHERE type IN ('index', 'trigger')",
        ),
        DbConnection::Postgres(_) => [
            lines(connection, "SELECT indexname::text AS line FROM pg_indexes WHERE schemaname = 'public'"),
            lines(connection, "SELECT tgname::text AS line FROM pg_trigger WHERE NOT tgisinternal"),
        ]
        .concat(),
    });
    shape.sort();
    shape
}

#[test]
fn every_migration_that_came_is_still_there() {
    for name in LANDINGS.concat() {
        assert!(fs::exists(format!("migrations/sqlite/{name}/up.sql")).unwrap(), "{name}: a migration never goes");
    }
}

#[test]
fn every_migration_is_of_a_landing() {
    let listed = LANDINGS.concat();
    for folder in fs::read_dir("migrations/sqlite").unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        assert!(listed.contains(&name.as_str()), "{name}: add it to the end of LANDINGS");
    }
}

#[rocket::async_test]
async fn a_database_of_every_landing_becomes_the_one_of_today() {
    let newest = TestDatabase::new();
    migrate(&newest).await.unwrap();
    let expected = shape(&mut connect(&newest));
    let all = migrations::all().unwrap().len();
    for landed in 1..=LANDINGS.len() {
        let database = TestDatabase::new();
        let mut connection = connect(&database);
        connection.batch_execute(DIESELS_TABLE).unwrap();
        for (at, names) in LANDINGS.iter().take(landed).enumerate() {
            apply(&mut connection, names);
            if at == 0 {
                connection.batch_execute(ANA).unwrap();
            }
        }
        let there: usize = LANDINGS.iter().take(landed).map(|names| names.len()).sum();
        drop(connection);
        let migrated = migrate(&database).await.unwrap_or_else(|error| panic!("from landing {landed}: {error}"));
        assert_eq!(migrated.applied.len(), all - there, "from landing {landed}");
        assert_eq!(migrated.copy.is_some(), database.is_sqlite() && all > there, "from landing {landed}");
        let mut connection = connect(&database);
        assert_eq!(shape(&mut connection), expected, "from landing {landed}");
        assert_eq!(lines(&mut connection, "SELECT email AS line FROM accounts"), ["ana@example.com"]);
    }
}
