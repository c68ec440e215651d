//! A database of every schema that there ever was becomes the one of today, with all its rows.

use crate::{
    database::{self, BUILT_ANEW, Shape, tables},
    harness::{Setup, TestDatabase},
    tables::{LANDINGS, makes_its_own, read_all},
    upgrade::{assert_sound, connect, lines, migrate, rows},
    upgrade_rows::fill,
    upgrade_values::id,
};
use diesel::connection::SimpleConnection;
use gatepost::{
    db::{DbConnection, migrations},
    domain::AccountId,
};
use std::{fs, sync::Arc};

const DIESELS_TABLE: &str = "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, \
                             run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)";

/// A migration that puts something into a new column or table.
struct Backfill {
    migration: &'static str,
    /// The table whose rows it reads.
    from: &'static str,
    query: &'static str,
    made: &'static [&'static str],
}

const BACKFILLS: [Backfill; 7] = [
    Backfill {
        migration: "2026-11-24-000001_links",
        from: "address_changes",
        query: "SELECT CAST(count(*) AS TEXT) AS line FROM address_change_links AS l \
                JOIN address_changes AS c ON c.id = l.change_id AND c.undo_hash = l.token_hash",
        // One change had no link.
        made: &["2"],
    },
    Backfill {
        migration: "2026-11-27-000050_known_browsers",
        from: "devices",
        query: "SELECT CAST(count(DISTINCT k.account_id) AS TEXT) AS line FROM known_browsers AS k \
                JOIN devices AS d ON d.account_id = k.account_id AND d.secret_hash = k.secret_hash \
                WHERE k.first_used_at = d.last_used_at AND k.last_used_at = d.last_used_at AND k.browser = ''",
        made: &["3"],
    },
    Backfill {
        migration: "2026-11-27-000070_admin_acts",
        from: "gains",
        query: "SELECT a.deed AS line FROM admin_acts AS a JOIN gains AS g ON g.id = a.gain_id \
                WHERE a.by_id = g.account_id AND a.account_id = g.thing_id AND a.done_at = g.gained_at",
        // The two others were no gains of admin rights.
        made: &["granted"],
    },
    Backfill {
        migration: "2026-11-27-000076_mailbox_since",
        from: "address_changes",
        query: "SELECT CAST(count(*) AS TEXT) AS line FROM accounts AS a \
                JOIN address_changes AS c ON c.account_id = a.id AND c.changed_at = a.mailbox_since",
        made: &["3"],
    },
    Backfill {
        migration: "2026-11-29-000130_oidc_origins",
        from: "oidc_grants",
        query: "SELECT CAST(count(*) AS TEXT) AS line FROM oidc_grants AS g JOIN sessions AS s ON s.id = g.session_id \
                WHERE s.attempt_id = g.attempt_id AND s.known_browser_id IS NOT DISTINCT FROM g.known_browser_id",
        // One grant had lost its session.
        made: &["2"],
    },
    Backfill {
        migration: "2026-11-29-000131_oidc_strengths",
        from: "oidc_grants",
        query: "SELECT acr || ' ' || strength AS line FROM oidc_grants ORDER BY id",
        made: &["phr passkey", "urn:gatepost:two two", "urn:gatepost:one one"],
    },
    Backfill {
        migration: "2026-12-02-000111_own_tries",
        from: "devices",
        query: "SELECT DISTINCT CASE WHEN k.device_hash = d.secret_hash THEN 'own' ELSE 'other' END AS line \
                FROM known_browsers AS k JOIN devices AS d ON d.account_id = k.account_id WHERE k.signed_out_at IS NULL",
        made: &["own"],
    },
];

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
    let columns = database::shape(connection).unwrap().into_iter();
    let mut shape: Vec<String> = columns.map(|(table, columns)| format!("{table}: {}", columns.join(" "))).collect();
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

/// Returns whether a migration changes rows, other than those that it begins a table with.
fn fills_in(sql: &str) -> bool {
    let lines = sql.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n");
    lines.split(';').map(str::trim_start).any(|statement| {
        let adds = statement.starts_with("INSERT") && statement.contains("SELECT");
        adds || statement.starts_with("UPDATE") || statement.starts_with("DELETE")
    })
}

#[test]
fn every_migration_that_fills_in_what_rows_lack_is_tried() {
    for tree in ["migrations/sqlite", "migrations/postgres"] {
        let mut found = Vec::new();
        for folder in fs::read_dir(tree).unwrap() {
            let name = folder.unwrap().file_name().into_string().unwrap();
            let sql = fs::read_to_string(format!("{tree}/{name}/up.sql")).unwrap();
            if !name.ends_with("_triggers") && !BUILT_ANEW.contains(&name.as_str()) && fills_in(&sql) {
                found.push(name);
            }
        }
        found.sort();
        assert_eq!(found, BACKFILLS.map(|backfill| backfill.migration), "{tree}: see BACKFILLS");
    }
}

/// Rows of an earlier schema, in its columns.
struct Kept {
    shape: Shape,
    rows: Vec<(String, Vec<String>)>,
}

impl Kept {
    /// Notes the rows of these tables. Each has some.
    fn of(connection: &mut DbConnection, is_noted: impl Fn(&str) -> bool) -> Self {
        let mut shape = database::shape(connection).unwrap();
        shape.retain(|(table, _)| is_noted(table));
        let rows = rows(connection, &shape);
        for (table, rows) in &rows {
            assert!(!rows.is_empty(), "{table} has no row to lose");
        }
        Self { shape, rows }
    }

    fn assert_kept(&self, connection: &mut DbConnection) {
        for ((table, before), (_, after)) in self.rows.iter().zip(rows(connection, &self.shape)) {
            assert_eq!(*before, after, "{table}");
        }
    }
}

/// Returns a new database with the migrations of the first `landed` landings.
fn of_landing(landed: usize) -> (TestDatabase, DbConnection) {
    let database = TestDatabase::new();
    let mut connection = connect(&database);
    connection.batch_execute(DIESELS_TABLE).unwrap();
    for names in LANDINGS.iter().take(landed) {
        apply(&mut connection, names);
    }
    (database, connection)
}

/// Checks what the migrations after the first `landed` landings filled in.
fn assert_filled_in(connection: &mut DbConnection, landed: usize, filled: &[String]) {
    let there = LANDINGS[..landed].concat();
    for Backfill { migration, from, query, made } in &BACKFILLS {
        if !there.contains(migration) && filled.iter().any(|table| table == from) {
            assert_eq!(lines(connection, query), *made, "{migration} from landing {landed}");
        }
    }
}

#[rocket::async_test]
async fn a_database_of_every_landing_becomes_the_one_of_today_with_all_its_rows() {
    let newest = TestDatabase::new();
    migrate(&newest).await.unwrap();
    let expected = shape(&mut connect(&newest));
    let all = migrations::all().unwrap().len();
    for landed in 1..=LANDINGS.len() {
        let (database, mut connection) = of_landing(landed);
        let mut filled = Vec::new();
        fill(&mut connection, &mut filled);
        // No migration drops or renames a table, so that each is still there afterwards.
        let kept = Kept::of(&mut connection, |_| true);
        drop(connection);
        let migrated = migrate(&database).await.unwrap_or_else(|error| panic!("from landing {landed}: {error}"));
        let there = LANDINGS[..landed].concat().len();
        assert_eq!(migrated.applied.len(), all - there, "from landing {landed}");
        assert_eq!(migrated.copy.is_some(), database.is_sqlite() && all > there, "from landing {landed}");
        let mut connection = connect(&database);
        assert_eq!(shape(&mut connection), expected, "from landing {landed}");
        kept.assert_kept(&mut connection);
        assert_filled_in(&mut connection, landed, &filled);
        assert_sound(&mut connection);
        read_all(&mut connection, &filled);
    }
}

/// Pages of admins that read most tables.
const PAGES: [&str; 9] = [
    "/admin",
    "/admin/people",
    "/admin/people/invitations",
    "/admin/apps",
    "/admin/groups",
    "/admin/mail",
    "/admin/audit",
    "/admin/settings",
    "/account/data",
];
/// Those about one user, app or group.
const PAGES_OF_ONE: [&str; 5] =
    ["/admin/people/ID", "/admin/apps/SLUG", "/admin/apps/SLUG/openid", "/admin/apps/SLUG/people", "/admin/groups/ID"];
/// Slugs of the three apps.
const SLUGS: [&str; 3] = ["wiki", "photos", "files"];

#[rocket::async_test]
async fn a_database_that_lived_through_every_landing_still_has_and_serves_its_rows() {
    let (database, mut connection) = of_landing(0);
    let (mut filled, mut kept) = (Vec::new(), Vec::new());
    for names in LANDINGS {
        apply(&mut connection, names);
        let new = fill(&mut connection, &mut filled);
        kept.push(Kept::of(&mut connection, |table| new.iter().any(|one| one == table)));
    }
    let mut not_filled = tables(&mut connection).unwrap();
    not_filled.retain(|table| !filled.contains(table));
    assert!(not_filled.iter().all(|table| makes_its_own(table)), "{not_filled:?}");
    assert!(migrate(&database).await.unwrap().applied.is_empty());
    kept.iter().for_each(|kept| kept.assert_kept(&mut connection));
    assert_filled_in(&mut connection, 0, &filled);
    assert_sound(&mut connection);
    read_all(&mut connection, &filled);
    // The key file of that time is gone.
    connection
        .batch_execute("DELETE FROM sealing_keys; DELETE FROM totp_authenticators; DELETE FROM oidc_keys")
        .unwrap();
    drop(connection);

    let app = Setup::new().on(Arc::new(database)).start().await;
    app.add_admin("dora@example.com").await;
    let mut dora = app.signed_in("dora@example.com").await;
    for page in PAGES {
        assert_eq!(dora.get(page).await.status.code, 200, "{page}");
    }
    for (n, slug) in (0..).zip(SLUGS) {
        let id = AccountId::from_i64(id(n)).to_string();
        for page in PAGES_OF_ONE.map(|page| page.replace("ID", &id).replace("SLUG", slug)) {
            assert_eq!(dora.get(&page).await.status.code, 200, "{page}");
        }
    }
}
