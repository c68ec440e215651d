//! Storage on the real database: writes that share a commit, faults, and healing.

use crate::{
    browser::Browser,
    harness::{Setup, TestApp},
    outage::{Outage, end_connections_of, heals, serves},
};
use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection};
use gatepost::{
    config::DatabaseUrl,
    db::{self, DbConnection, Error},
    domain::{Lifetime, Settings, account::AccountName, audit::Action},
};
use rocket::futures::future::join_all;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

const ANA: &str = "ana@example.com";

/// Longer than anything that works takes, even on a slow machine.
const LONG: Duration = Duration::from_secs(120);

/// Returns a node as impatient as an operator's, with Ana signed in. She signed in at a patient
/// one.
async fn impatient_with_ana(outage: &Outage) -> (TestApp, BTreeMap<String, String>) {
    let patient = Setup::new().on(outage.database()).start().await;
    patient.add_account(ANA).await;
    let session = patient.signed_in(ANA).await.cookies;
    (Setup::new().beside(&patient).impatient().start().await, session)
}

/// Asserts that Ana's address is accepted, perhaps at the second try: an impatient node may be too
/// slow once.
async fn takes_an_address(app: &TestApp) {
    let asked =
        async { while app.browser().post("/login", &[("email", ANA)]).await.location() != Some("/login/sent") {} };
    tokio::time::timeout(LONG, asked).await.expect("an address is taken");
}

fn store(connection: &mut DbConnection, name: &str) -> Result<(), Error> {
    db::settings::store(connection, name, "kept", gatepost::domain::Timestamp::from_millis(0))
}

async fn stored(app: &TestApp, name: &'static str) -> bool {
    app.dump().await.contains(&format!("{name}'")) || app.dump().await.contains(&format!("={name} "))
}

#[rocket::async_test]
async fn of_writes_that_share_a_commit_one_that_fails_fails_alone() {
    let app = TestApp::new().await;
    let writes = (0..60).map(|n| {
        let db = &app.services.db;
        async move {
            db.write(move |connection| {
                store(connection, &format!("write_{n}_of_60"))?;
                match n % 6 {
                    0 | 3 => Err(Error::fault("changed its mind")),
                    1 => panic!("in a job"),
                    _ => Ok(n),
                }
            })
            .await
        }
    });
    let results = join_all(writes).await;
    let dump = app.dump().await;
    for (n, result) in results.into_iter().enumerate() {
        let stays = !matches!(n % 6, 0 | 1 | 3);
        assert_eq!(result.is_ok(), stays, "{n}");
        assert_eq!(dump.contains(&format!("write_{n}_of_60")), stays, "{n}");
    }
}

#[rocket::async_test]
async fn a_reader_cannot_write() {
    let app = TestApp::new().await;
    let result = app.services.db.read(|connection| store(connection, "by_a_reader")).await;
    assert!(result.is_err());
    assert!(!stored(&app, "by_a_reader").await);
}

#[rocket::async_test]
async fn an_error_that_a_job_passes_over_is_never_called_durable() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let account = app.account_of(ANA).await.unwrap();
    let result = app
        .services
        .db
        .write(move |connection| {
            store(connection, "beside_an_error")?;
            // A duplicate. PostgreSQL has already given up the transaction, even if the job returns
            // success.
            let _ = db::accounts::insert(connection, &account, gatepost::domain::account::AccountOrigin::Joined, None);
            Ok(())
        })
        .await;
    assert_eq!(result.is_ok(), stored(&app, "beside_an_error").await);
}

#[rocket::async_test]
async fn a_duplicate_is_told_apart_from_other_faults() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let account = app.account_of(ANA).await.unwrap();
    let result = app
        .services
        .db
        .write(move |connection| {
            db::accounts::insert(connection, &account, gatepost::domain::account::AccountOrigin::Joined, None)
        })
        .await;
    assert!(matches!(result, Err(Error::Conflict(_))), "{result:?}");
}

#[rocket::async_test]
async fn what_nobody_waits_for_any_more_is_not_begun() {
    let app = TestApp::new().await;
    // Each write lane is busy, so that the last job has to wait, and its caller leaves.
    let gone: Arc<(Mutex<bool>, Condvar)> = Arc::default();
    let busy = (0..4).map(|_| {
        let gone = Arc::clone(&gone);
        app.services.db.write(move |_| {
            let (is_gone, bell) = &*gone;
            drop(bell.wait_while(is_gone.lock().unwrap(), |is_gone| !*is_gone).unwrap());
            Ok(())
        })
    });
    let abandoned = async {
        let waiting = app.services.db.write(|connection| store(connection, "abandoned"));
        let _ = tokio::time::timeout(Duration::from_millis(20), waiting).await;
        *gone.0.lock().unwrap() = true;
        gone.1.notify_all();
    };
    rocket::futures::future::join(join_all(busy), abandoned).await;
    app.write(|_| Ok(())).await;
    assert!(!stored(&app, "abandoned").await);
}

#[rocket::async_test]
async fn a_setting_that_cannot_be_read_is_a_fault_and_not_a_default() {
    let app = TestApp::new().await;
    app.set("email_link_enabled", "perhaps").await;
    app.a_second_later();
    app.browser().get("/login").await.assert_status(500).assert_shows("Reference:");
    app.browser().post("/login", &[("email", ANA)]).await.assert_status(500);
}

#[rocket::async_test]
async fn while_the_database_is_away_sessions_go_on_and_sign_ins_wait() {
    let outage = Outage::prepare().await;
    let app = Setup::new().on(outage.database()).start().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    assert!(ana.get("/login/state").await.status.code == 200);
    outage.begin().await;
    app.a_second_later();
    // Memory knows the user, so that pages which need nothing else work.
    ana.get("/account/close").await.assert_status(200).assert_shows(ANA);
    ana.get("/").await.assert_leads_to("/account");
    app.browser().get("/login").await.assert_status(200);
    // Every page that needs the database says so, soon.
    let page = app.browser().post("/login", &[("email", ANA)]).await;
    page.assert_status(503).assert_shows("Temporarily unavailable");
    assert_eq!(page.header("Retry-After"), Some("5"));
    ana.get("/account").await.assert_status(503);
    app.browser().get("/health/live").await.assert_status(200);
    app.browser().get("/health/ready").await.assert_status(503);
    // A stranger's cookie is not "signed out" while the server cannot tell.
    let mut stranger = app.browser();
    stranger.cookies.insert("gatepost_session".into(), "A".repeat(43));
    stranger.get("/account").await.assert_status(503);
    outage.end().await;
    heals(&app).await;
    assert!(ana.is_signed_in_as(ANA).await);
    app.clock.advance(Lifetime::minutes(1));
    app.signed_in(ANA).await;
}

/// Returns how often the database was unavailable, by the metrics.
fn times_unavailable(app: &TestApp) -> u64 {
    let text = app.services.metrics.text().unwrap();
    let count = text.lines().find_map(|line| line.strip_prefix("gatepost_database_unavailable_total "));
    count.unwrap_or_else(|| panic!("{text}")).parse().unwrap()
}

/// At night only probes come.
#[rocket::async_test]
async fn probes_alone_count_that_the_database_is_away() {
    let outage = Outage::prepare().await;
    let app = Setup::new().on(outage.database()).start().await;
    app.browser().get("/health/ready").await.assert_status(200);
    assert_eq!(times_unavailable(&app), 0);
    outage.begin().await;
    for times in 1..=3 {
        app.a_second_later();
        app.browser().get("/health/ready").await.assert_status(503);
        app.browser().get("/health/ready").await.assert_status(503);
        assert_eq!(times_unavailable(&app), times, "a second has one try");
    }
}

#[rocket::async_test]
async fn a_database_that_goes_silent_is_503_soon_and_heals_without_a_restart() {
    let outage = Outage::prepare().await;
    let (app, session) = impatient_with_ana(&outage).await;
    let mut ana = app.browser();
    ana.cookies = session;
    for _ in 0..2 {
        if !outage.begin_silence().await {
            return;
        }
        app.a_second_later();
        // More than there are connections: callers after that do not wait either.
        for n in 0..6 {
            let mut browser = app.browser().at(&format!("198.51.100.{n}"));
            let asked = browser.post("/login", &[("email", ANA)]);
            let page = tokio::time::timeout(LONG, asked).await.expect("an answer");
            page.assert_status(503).assert_shows("Temporarily unavailable");
            ana.get("/account").await.assert_status(503);
        }
        app.browser().get("/health/live").await.assert_status(200);
        app.browser().get("/health/ready").await.assert_status(503);
        outage.end().await;
        heals(&app).await;
        serves(&app, &mut ana).await;
        app.clock.advance(Lifetime::minutes(20));
        takes_an_address(&app).await;
    }
}

#[rocket::async_test]
async fn connections_that_hang_are_given_up_and_others_take_their_place() {
    let outage = Outage::prepare().await;
    let (app, session) = impatient_with_ana(&outage).await;
    let mut ana = app.browser();
    ana.cookies = session;
    if !outage.begin_hanging().await {
        return;
    }
    app.a_second_later();
    app.browser().post("/login", &[("email", ANA)]).await.assert_status(503);
    // The old connections hang forever; the server accepts new ones.
    heals(&app).await;
    serves(&app, &mut ana).await;
    app.clock.advance(Lifetime::minutes(20));
    takes_an_address(&app).await;
}

#[rocket::async_test]
async fn the_end_does_not_wait_for_a_database_that_has_gone_silent() {
    let outage = Outage::prepare().await;
    let (app, _) = impatient_with_ana(&outage).await;
    if !outage.begin_silence().await {
        return;
    }
    app.browser().get("/health/ready").await.assert_status(503);
    let ending = tokio::task::spawn_blocking(move || drop(app));
    tokio::time::timeout(LONG, ending).await.expect("an end").unwrap();
}

#[rocket::async_test]
async fn what_is_known_from_memory_is_forgotten_in_the_end() {
    let outage = Outage::prepare().await;
    let app = Setup::new().on(outage.database()).start().await;
    app.add_account(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    ana.get("/").await.assert_leads_to("/account");
    outage.begin().await;
    app.clock.advance(Lifetime::minutes(6));
    ana.get("/").await.assert_status(503);
    outage.end().await;
    heals(&app).await;
    ana.get("/").await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn mail_waits_for_the_database_and_goes_on() {
    let outage = Outage::prepare().await;
    let app = Setup::new().on(outage.database()).start().await;
    app.add_account(ANA).await;
    app.browser().post("/login", &[("email", ANA)]).await;
    outage.begin().await;
    let mut worker = gatepost::outbox::Worker::new(Arc::clone(&app.services)).unwrap();
    assert!(worker.round().await.is_err());
    outage.end().await;
    heals(&app).await;
    assert_eq!(app.mails_to(ANA).await.len(), 1);
}

/// Events that only SQLite knows.
mod sqlite {
    use super::*;

    async fn app() -> TestApp {
        let database = crate::harness::TestDatabase::sqlite();
        let app = Setup::new().on(Arc::new(database)).start().await;
        app.add_account(ANA).await;
        app
    }

    /// `.cargo/config.toml` says why.
    #[rocket::async_test]
    async fn sqlite_is_compiled_without_what_gatepost_never_uses() {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            compile_options: String,
        }
        let options = app()
            .await
            .write(|connection| Ok(diesel::sql_query("PRAGMA compile_options").load::<Row>(connection)?))
            .await;
        let has = |name: &str| options.iter().any(|option| option.compile_options == name);
        assert!(has("THREADSAFE=2") && has("DEFAULT_MEMSTATUS=0"));
        for unused in
            ["ENABLE_MEMORY_MANAGEMENT", "ENABLE_API_ARMOR", "ENABLE_LOAD_EXTENSION", "ENABLE_FTS5", "ENABLE_RTREE"]
        {
            assert!(!has(unused), "{unused}");
        }
    }

    #[rocket::async_test]
    async fn a_full_disk_is_503_and_heals() {
        let app = app().await;
        let mut ana = app.signed_in(ANA).await;
        app.write(|connection| Ok(connection.batch_execute("PRAGMA max_page_count = 1")?)).await;
        let mut statuses = Vec::new();
        for n in 0..400 {
            let mut browser = app.browser().at(&format!("198.51.{}.{}", n / 200, n % 200));
            statuses.push(browser.post("/login", &[("email", &format!("p{n}@example.com"))]).await.status.code);
        }
        assert!(statuses.contains(&503) && statuses.iter().all(|status| matches!(status, 303 | 503)), "{statuses:?}");
        assert!(ana.is_signed_in_as(ANA).await, "reading goes on");
        app.write(|connection| Ok(connection.batch_execute("PRAGMA max_page_count = 1000000")?)).await;
        app.browser().post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    }

    #[rocket::async_test]
    async fn a_connection_that_can_no_longer_write_is_opened_anew() {
        let app = app().await;
        // As if its disk had been read-only when the file was opened.
        app.write(|connection| Ok(connection.batch_execute("PRAGMA query_only = ON")?)).await;
        app.browser().post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    }

    #[rocket::async_test]
    async fn somebody_elses_lock_is_waited_for_a_little_and_then_503() {
        use diesel::Connection;
        let database = Arc::new(crate::harness::TestDatabase::sqlite());
        let app = Setup::new().on(Arc::clone(&database)).start().await;
        app.add_account(ANA).await;
        let session = app.signed_in(ANA).await.cookies;
        let app = Setup::new().beside(&app).impatient().start().await;
        let mut ana = app.browser();
        ana.cookies = session;
        let mut other = diesel::SqliteConnection::establish(&app.database.url).unwrap();
        other.batch_execute("BEGIN IMMEDIATE").unwrap();
        app.browser().post("/login", &[("email", ANA)]).await.assert_status(503);
        // Reading still works.
        serves(&app, &mut ana).await;
        other.batch_execute("COMMIT").unwrap();
        takes_an_address(&app).await;
    }

    #[rocket::async_test]
    async fn a_file_that_is_replaced_is_noticed_and_neither_it_nor_its_log_is_touched_until_a_restart() {
        let app = app().await;
        let path = app.database.url.strip_prefix("sqlite://").unwrap().to_owned();
        let copy = format!("{path}.copy");
        db::backup(&DatabaseUrl::parse(&app.database.url).unwrap(), copy.as_ref()).unwrap();
        let bytes = std::fs::read(&copy).unwrap();
        app.browser().post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
        std::fs::rename(&copy, &path).unwrap();
        for _ in 0..2 {
            app.browser().post("/login", &[("email", ANA)]).await.assert_status(503);
        }
        app.a_second_later();
        app.browser().get("/health/ready").await.assert_status(503);
        assert!(std::fs::metadata(format!("{path}-wal")).is_err(), "the old log is not there for the new file");
        assert!(std::fs::metadata(format!("{path}-wal.replaced")).is_ok(), "and it is kept");
        let _folder = Arc::clone(&app.database);
        drop(app);
        assert!(std::fs::read(&path).unwrap() == bytes, "not a byte is written into it");
    }

    #[rocket::async_test]
    async fn a_backup_is_whole_private_and_never_over_another_file() {
        use std::os::unix::fs::PermissionsExt;
        let app = app().await;
        app.browser().post("/login", &[("email", ANA)]).await;
        let folder = tempfile::tempdir().unwrap();
        let (source, target) =
            (app.database.url.strip_prefix("sqlite://").unwrap(), folder.path().join("it's a copy.db"));
        let writing = join_all((0..20).map(|n| {
            let mut browser = app.browser().at(&format!("198.51.100.{n}"));
            async move { browser.post("/login", &[("email", &format!("p{n}@example.com"))]).await.status.code }
        }));
        let url = DatabaseUrl::parse(&app.database.url).unwrap();
        let (from, copy) = (url.clone(), target.clone());
        let copying = tokio::task::spawn_blocking(move || db::backup(&from, &copy));
        let (statuses, copied) = rocket::futures::future::join(writing, copying).await;
        assert!(statuses.iter().all(|status| *status == 303));
        assert!(copied.unwrap().unwrap() > 0);
        assert!(db::backup(&url, &target).is_err());
        assert_eq!(std::fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::metadata(source).unwrap().permissions().mode() & 0o777, 0o600);
        let refused = Setup::new().on_file(&target).try_start().await.err().expect("a refusal");
        assert!(refused.contains("key file"), "{refused}");
        std::fs::copy(&app.database.key_file, target.with_file_name("gatepost.key")).unwrap();
        let restored = Setup::new().on_file(&target).start().await;
        assert!(restored.account_of(ANA).await.is_some());
    }
}

#[rocket::async_test]
async fn connections_that_the_server_ended_are_opened_anew_without_anybody_noticing() {
    let app = TestApp::new().await;
    if app.database.is_sqlite() {
        // SQLite's connections end with their file; see above.
        return;
    }
    app.add_account(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    for _ in 0..3 {
        end_connections_of(&app.database.url).await;
        app.a_second_later();
        assert!(ana.is_signed_in_as(ANA).await);
        app.clock.advance(Lifetime::minutes(15));
        app.browser().post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    }
}

#[rocket::async_test]
async fn writers_in_any_order_neither_stop_each_other_nor_fail() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.set("limits_per_client", "1000/15m").await;
    // Fifty at once, over the same and other mailboxes: asking, guessing, asking again.
    let working = (0..50).map(|n| {
        let mut browser: Browser<'_> = app.browser().at(&format!("198.51.100.{}", n % 5));
        async move {
            let mut statuses = Vec::new();
            for round in 0..6 {
                let email = format!("p{}@example.com", (n + round) % 4);
                statuses.push(browser.post("/login", &[("email", &email)]).await.status.code);
                statuses.push(browser.post("/login/code", &[("code", "000-000")]).await.status.code);
                statuses.push(browser.post("/login/resend", &[]).await.status.code);
            }
            statuses
        }
    });
    let statuses: Vec<u16> = join_all(working).await.concat();
    assert!(statuses.iter().all(|status| matches!(status, 303 | 422 | 429)), "{statuses:?}");
}

#[rocket::async_test]
async fn what_is_past_its_time_is_forgotten() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.set("allowed_domains", "example.com").await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/address", &[("new_email", "new@example.com")]).await;
    app.mail_to("new@example.com").await;
    app.clock.advance(Lifetime::days(400));
    gatepost_tidy(&app).await;
    let dump = app.dump().await;
    for table in
        ["attempts:", "attempt_links:", "outbox:", "sessions:", "session_proofs:", "limits:", "held_forms:", "audit:"]
    {
        assert!(!dump.lines().any(|line| line.starts_with(table)), "{table} {dump}");
    }
    for table in ["accounts:", "settings:", "installation:"] {
        assert!(dump.lines().any(|line| line.starts_with(table)), "{table}");
    }
}

async fn gatepost_tidy(app: &TestApp) {
    gatepost::housekeeping::tidy(&app.services).await.unwrap();
}

#[rocket::async_test]
async fn a_clock_that_is_ahead_for_a_moment_deletes_nothing() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let round = || gatepost::housekeeping::round(&app.services);
    round().await.unwrap();
    let audited = app.audit().await.len();
    app.clock.advance(Lifetime::days(366));
    for _ in 0..3 {
        round().await.unwrap();
        app.clock.advance(Lifetime::seconds(30));
    }
    assert_eq!((app.count_sessions().await, app.audit().await.len()), (1, audited), "nothing is deleted");
    app.clock.set_back(Lifetime::days(366));
    app.a_second_later();
    round().await.unwrap();
    assert!(ana.is_signed_in_as(ANA).await);
    // A server that was down for long deletes after a day.
    app.clock.advance(Lifetime::days(500));
    round().await.unwrap();
    assert_eq!(app.count_sessions().await, 1);
    app.clock.advance(Lifetime::hours(25));
    round().await.unwrap();
    assert_eq!(app.count_sessions().await, 0);
}

#[rocket::async_test]
async fn what_was_written_under_a_clock_that_was_ahead_is_not_blocked_until_then() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    app.clock.advance(Lifetime::days(366));
    app.browser().post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    let _future = app.signed_in(ANA).await;
    let far = app.services.now();
    // One email that waits.
    app.write(move |connection| {
        let due = far.plus(Lifetime::minutes(5)).as_millis();
        Ok(connection
            .batch_execute(&format!("UPDATE outbox SET state = 'waiting', due_at = {due}, settled_at = NULL"))?)
    })
    .await;
    app.clock.set_back(Lifetime::days(366));
    app.a_second_later();
    gatepost::housekeeping::round(&app.services).await.unwrap();
    assert_eq!(app.count_sessions().await, 0, "a session that would be good for another year has ended");
    let due = app.read(db::outbox::next_due).await;
    assert!(due.is_none_or(|due| due <= app.services.now()), "{due:?}");
    app.clock.advance(Lifetime::minutes(20));
    assert!(app.signed_in(ANA).await.is_signed_in_as(ANA).await);
}

#[rocket::async_test]
async fn people_are_found_in_any_case_and_only_by_what_was_typed() {
    let app = TestApp::new().await;
    for (email, name) in [(ANA, "Ana Özil"), ("ben@example.com", "BEN_100%"), ("cy@example.org", "Cy\\")] {
        let account = app.add_account(email).await;
        let name = AccountName::parse(name).unwrap();
        app.write(move |connection| db::accounts::set_name(connection, account.id, &name)).await;
    }
    for (text, expected) in [
        ("ana", &["ana@example.com"][..]),
        ("ANA", &["ana@example.com"]),
        ("Ana Özil", &["ana@example.com"]),
        ("ANA Özil", &["ana@example.com"]),
        ("EXAMPLE.com", &["ana@example.com", "ben@example.com"]),
        ("ben_", &["ben@example.com"]),
        ("100%", &["ben@example.com"]),
        ("%", &["ben@example.com"]),
        ("\\", &["cy@example.org"]),
        ("a_a", &[]),
        ("", &["ana@example.com", "ben@example.com", "cy@example.org"]),
    ] {
        let (found, count) = app.read(move |connection| db::accounts::search(connection, text, 0, 10)).await;
        let found: Vec<_> = found.iter().map(|account| account.email.as_str().to_owned()).collect();
        assert_eq!(
            (found.len(), found),
            (usize::try_from(count).unwrap(), expected.iter().map(|s| (*s).to_owned()).collect()),
            "{text}"
        );
    }
}

#[rocket::async_test]
async fn settings_start_with_what_the_operator_configured() {
    let app = Setup::new().with("GATEPOST_LIMITS_GLOBAL", "7/1s").start().await;
    let settings: Settings = app.stored_settings().await;
    assert_eq!(settings.limits_global.to_string(), "7/1s");
}

/// Ids of one moment differ by 21 random bits, so that two may be the same.
#[rocket::async_test]
async fn a_job_that_meets_an_id_that_exists_runs_once_more_and_keeps_nothing_of_the_first_run() {
    let app = TestApp::new().await;
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let before = app.audit().await.len();
    app.transact(move |tx| {
        let line = tx.line(Action::KeyRotated, ANA);
        tx.log(&line)?;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 { tx.log(&line) } else { Ok(()) }
    })
    .await;
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(app.audit().await.len(), before + 1);
}

#[rocket::async_test]
async fn without_its_key_file_it_is_not_ready() {
    let app = TestApp::new().await;
    let ready = async || {
        app.a_second_later();
        app.browser().get("/health/ready").await.status.code
    };
    assert_eq!(ready().await, 200);
    let (path, aside) = (app.services.keys.path().to_owned(), app.services.keys.path().with_extension("aside"));
    std::fs::rename(&path, &aside).unwrap();
    assert_eq!(ready().await, 503);
    std::fs::write(&path, "not a key file").unwrap();
    assert_eq!(ready().await, 503);
    std::fs::rename(&aside, &path).unwrap();
    assert_eq!(ready().await, 200);
}
