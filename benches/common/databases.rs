//! Every available database.

/// Runs `work` with an environment for SQLite. Where `TEST_POSTGRES_URL` names a server, it also
/// runs with one for a new database on PostgreSQL. With `BENCH_ON=postgres`, only there.
pub fn on_each_database(work: impl Fn(&[(&str, &str)])) {
    if std::env::var("BENCH_ON").as_deref() != Ok("postgres") {
        println!("== SQLite");
        work(&[]);
    }
    if let Ok(server) = std::env::var("TEST_POSTGRES_URL") {
        use diesel::{Connection, RunQueryDsl};
        let name = format!("gatepost_bench_{}", std::process::id());
        let mut connection = diesel::PgConnection::establish(&format!("{server}/postgres")).expect("PostgreSQL");
        diesel::sql_query(format!("CREATE DATABASE {name}")).execute(&mut connection).expect("a database");
        println!("== PostgreSQL");
        // One database for several servers needs one key file.
        let folder = tempfile::tempdir().expect("a folder");
        let key_file = folder.path().join("gatepost.key").display().to_string();
        work(&[("GATEPOST_DATABASE_URL", &format!("{server}/{name}")), ("GATEPOST_KEY_FILE", &key_file)]);
    }
}
