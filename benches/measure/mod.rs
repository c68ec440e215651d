//! What the benchmarks of speed share: every database there is, and a load whose times are taken.

use std::time::{Duration, Instant};

/// Runs `work` with an environment for SQLite and, where `TEST_POSTGRES_URL` names a server, with one for a new database on PostgreSQL.
pub fn on_each_database(work: impl Fn(&[(&str, &str)])) {
    println!("== SQLite");
    work(&[]);
    if let Ok(server) = std::env::var("TEST_POSTGRES_URL") {
        use diesel::{Connection, RunQueryDsl};
        let name = format!("gatepost_bench_{}", std::process::id());
        let mut connection = diesel::PgConnection::establish(&format!("{server}/postgres")).expect("PostgreSQL");
        diesel::sql_query(format!("CREATE DATABASE {name}")).execute(&mut connection).expect("a database");
        println!("== PostgreSQL");
        // One database for several servers, so one key file, too.
        let folder = tempfile::tempdir().expect("a folder");
        let key_file = folder.path().join("gatepost.key").display().to_string();
        work(&[("GATEPOST_DATABASE_URL", &format!("{server}/{name}")), ("GATEPOST_KEY_FILE", &key_file)]);
    }
}

/// Runs `work` on `clients` threads for `span`, and prints how often it ran and how long it took.
#[allow(dead_code, reason = "not every benchmark prints a load")]
pub fn load<C>(
    name: &str,
    clients: usize,
    span: Duration,
    connect: impl Fn(usize) -> C + Sync,
    work: impl Fn(&mut C, usize) + Sync,
) -> f64 {
    let begun = Instant::now();
    let mut times: Vec<Duration> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients)
            .map(|n| {
                let (connect, work) = (&connect, &work);
                scope.spawn(move || {
                    let mut client = connect(n);
                    let mut times = Vec::new();
                    while begun.elapsed() < span {
                        let start = Instant::now();
                        work(&mut client, times.len() * clients + n);
                        times.push(start.elapsed());
                    }
                    times
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a client")).collect()
    });
    times.sort_unstable();
    let each_second = times.len() as f64 / begun.elapsed().as_secs_f64();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    println!(
        "{name:<46} {each_second:>8.0}/s   p50 {:>7.2} ms   p99 {:>7.2} ms   max {:>7.2} ms",
        at(0.5),
        at(0.99),
        times[times.len() - 1].as_secs_f64() * 1000.0
    );
    each_second
}
