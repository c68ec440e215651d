//! How fast is "who is this?", beside the least that Rocket needs for an answer? The same for a
//! proxy's check of an app's cookie.
//!
//! `cargo bench --bench session_checks`; with `TEST_POSTGRES_URL` (see scripts/postgres-for-tests) also
//! on PostgreSQL. One run measures a bare Rocket that says "ok", and the session check. There are 1,000
//! sessions, and then 200,000 in turn. It also measures as many checks for a proxy. Each is the median
//! of eleven rounds, which take turns. Client and server share the machine: look at the ratios. Each
//! user has used the app before. The first use gets a line in the audit log, which is not measured here.
//!
//! Ends with 1 if a known session needs a look at the database, or more than 200 bytes of memory.

#![allow(unreachable_pub, reason = "nothing calls it from outside")]
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark"
)]

#[expect(dead_code, reason = "other benchmarks send forms")]
#[path = "common/client.rs"]
mod client;
#[path = "common/databases.rs"]
mod databases;
#[expect(dead_code, reason = "another benchmark tells pages of the binary apart")]
#[path = "common/memory.rs"]
mod memory;
#[expect(dead_code, reason = "other benchmarks change settings")]
#[path = "common/prepare.rs"]
mod prepare;
#[path = "common/server.rs"]
mod server;
#[path = "common/timed.rs"]
mod timed;

use client::Client;
use diesel::connection::SimpleConnection;
use gatepost::{
    db,
    domain::{
        SessionId, Timestamp, Token,
        apps::{
            Access, App, AppId, AppName, AppSlug, Registered,
            carried::{Pass, Purpose, bound_to},
            host::AppHost,
            registered::{AppOrigin, Look},
        },
        assurance::{Required, Strength},
    },
    entropy::SystemEntropy,
    sealing::KeyRing,
};
use memory::resident;
use server::Gatepost;
use std::{
    net::{SocketAddr, TcpListener},
    process::ExitCode,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use timed::{load, load_with_tail};

const CLIENTS: usize = 32;
const SPAN: Duration = Duration::from_secs(1);
/// Many short rounds in turn: what else the machine does meets all of them alike.
const ROUNDS: usize = 11;
const FEW: usize = 1_000;
const MANY: usize = 200_000;
/// Bytes of memory that a known session may take.
const BYTES: usize = 200;
/// Looks at the log of changes, and at what the metrics need, in a second.
const LOOKS: f64 = 10.0;

/// A session that is used at Gatepost and at an app is in memory twice.
const FOR_APPS: [(&str, &str); 2] = [("GATEPOST_TRUSTED_PROXIES", "127.0.0.1"), ("GATEPOST_SESSION_MEMORY", "100")];
const FIRST_SESSION: usize = 1_000_000;
const APP_ORIGIN: &str = "https://wiki.example.com";
const PASS: &str = "__Host-gatepost_app";
const ASKED: &str = "X-Forwarded-Method: GET\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: wiki.example.com\r\n\
                     X-Forwarded-Uri: /page\r\n";

fn main() -> ExitCode {
    let is_fine = AtomicBool::new(true);
    databases::on_each_database(|env| {
        if !run(env) {
            is_fine.store(false, Ordering::SeqCst);
        }
    });
    if is_fine.into_inner() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(env: &[(&str, &str)]) -> bool {
    let metrics = free_port();
    let metrics_address = metrics.to_string();
    let all: Vec<(&str, &str)> =
        env.iter().copied().chain([("GATEPOST_METRICS_ADDRESS", metrics_address.as_str())]).chain(FOR_APPS).collect();
    let gatepost = Gatepost::start(&all);
    let secrets = sessions(&gatepost.database_url(&all));
    let bare = bare_rocket();

    let before = resident(gatepost.child.id());
    walk(gatepost.address, &secrets[..FEW]);
    let between = resident(gatepost.child.id());
    walk(gatepost.address, &secrets);
    let bytes = (resident(gatepost.child.id()) - between) / (MANY - FEW);
    println!("{:<46} {bytes:>8} bytes a session ({} MB before)", "memory", before / 1_000_000);

    let passes = passes(&gatepost, &all);
    walk_apps(gatepost.address, &passes);
    // The app came with handles, so that each account has changed.
    walk(gatepost.address, &secrets);
    let reads = database_reads(metrics);
    let begun = std::time::Instant::now();
    let (next, next_pass) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let mut rates: [Vec<f64>; 6] = Default::default();
    let mut tails: [Vec<f64>; 2] = Default::default();
    for _ in 0..ROUNDS {
        let [few, many] = [
            forward_auth(
                ("a check for a proxy, 1,000 sessions", &AtomicUsize::new(0)),
                gatepost.address,
                &passes[..FEW],
            ),
            forward_auth(("a check for a proxy, 200,000 in turn", &next_pass), gatepost.address, &passes),
        ];
        tails.iter_mut().zip([few.1, many.1]).for_each(|(tails, tail)| tails.push(tail));
        let round = [
            load(
                "bare Rocket \"ok\"",
                (CLIENTS, SPAN),
                |_| Client::new(bare),
                |client, _| {
                    assert_eq!(client.get("/").status, 200);
                },
            ),
            check(("session check, 1,000 sessions", &AtomicUsize::new(0)), gatepost.address, &secrets[..FEW]),
            check(("session check, 200,000 sessions in turn", &next), gatepost.address, &secrets),
            few.0,
            many.0,
            load(
                "bare Rocket, asked as by a proxy",
                (CLIENTS, SPAN),
                |_| Client::new(bare),
                |client, _| {
                    client.more = ASKED;
                    client.cookies.insert(PASS.to_owned(), passes[0].clone());
                    assert_eq!(client.get("/").status, 200);
                },
            ),
        ];
        rates.iter_mut().zip(round).for_each(|(rates, rate)| rates.push(rate));
    }
    let looks = (database_reads(metrics).saturating_sub(reads)) as f64 / begun.elapsed().as_secs_f64();
    let [ok, few, many, app_few, app_many, asked] = rates.map(median);
    println!("{:<46} {looks:>8.1}/s", "looks at the database");
    println!("{:<46} {:>8.2}   (goal 0.85)", "1,000 sessions beside bare Rocket", few / ok);
    println!("{:<46} {:>8.2}   (goal 0.85)", "200,000 sessions beside 1,000", many / few);
    println!("{:<46} {:>8.2}   (goal 0.70)", "a check for a proxy, 1,000 sessions", app_few / ok);
    println!("{:<46} {:>8.2}   (goal 0.70)", "a check for a proxy, 200,000 sessions", app_many / ok);
    println!("{:<46} {:>8.2}   (no goal)", "the same beside bare Rocket, asked alike", app_few / asked);
    for (name, tails) in ["1,000", "200,000"].into_iter().zip(tails) {
        println!("{:<46} {:>8.2} ms (goal 5)", format!("the slowest hundredth, {name} sessions"), median(tails));
    }
    let is_fine = looks <= LOOKS && bytes <= BYTES;
    if !is_fine {
        println!("too many looks at the database, or too much memory");
    }
    is_fine
}

/// Checks these sessions in turn, from all clients together, and goes on from where it was.
fn check((name, next): (&str, &AtomicUsize), address: SocketAddr, secrets: &[String]) -> f64 {
    load(
        name,
        (CLIENTS, SPAN),
        |_| Client::new(address),
        |client, _| {
            let secret = &secrets[next.fetch_add(1, Ordering::Relaxed) % secrets.len()];
            client.cookies.insert("gatepost_session".to_owned(), secret.clone());
            let answer = client.get("/");
            assert!(answer.status == 303 && answer.head.contains("/account"), "{}", answer.head);
        },
    )
}

/// Asks as a proxy does, with one pass.
fn ask(client: &mut Client, pass: &str) {
    client.more = ASKED;
    client.cookies.insert(PASS.to_owned(), pass.to_owned());
    let answer = client.get("/forward-auth");
    assert!(answer.status == 200 && answer.head.contains("remote-user: user"), "{}", answer.head);
}

/// Asks with these passes in turn, from all clients together, and goes on from where it was.
/// Returns checks a second, and the milliseconds of the slowest hundredth.
fn forward_auth((name, next): (&str, &AtomicUsize), address: SocketAddr, passes: &[String]) -> (f64, f64) {
    load_with_tail(
        name,
        (CLIENTS, SPAN),
        |_| Client::new(address),
        |client, _| ask(client, &passes[next.fetch_add(1, Ordering::Relaxed) % passes.len()]),
    )
}

/// Asks with each pass once, so that memory knows its session.
fn walk_apps(address: SocketAddr, passes: &[String]) {
    std::thread::scope(|scope| {
        for passes in passes.chunks(passes.len().div_ceil(8)) {
            scope.spawn(move || {
                let mut client = Client::new(address);
                passes.iter().for_each(|pass| ask(&mut client, pass));
            });
        }
    });
}

/// Adds an app, and returns the cookie that each session would have there.
fn passes(gatepost: &Gatepost, env: &[(&str, &str)]) -> Vec<String> {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let app = Registered {
        app: App {
            id: AppId::from_i64(1),
            slug: AppSlug::parse("wiki").expect("a slug"),
            name: AppName::parse("Wiki").expect("a name"),
            requires: Required { strength: Strength::One, fresh_within: None },
            access: Access { everyone: true, ..Access::default() },
            is_disabled: false,
        },
        hosts: vec![AppHost::parse(APP_ORIGIN).expect("a host")],
        public_paths: Vec::new(),
        look: Look::default(),
        preflights: false,
        popup: false,
    };
    prepare::on_database(&gatepost.database_url(env), async |db| {
        let app = app.clone();
        let insert = move |connection: &mut db::DbConnection| {
            connection.batch_execute("UPDATE accounts SET handle = 'user' || id")?;
            db::apps::insert(connection, &app, AppOrigin::Admin, Timestamp::from_millis(0))?;
            let uses = "INSERT INTO app_uses (account_id, app_id, last_at) SELECT id, 1, 0 FROM accounts";
            Ok(connection.batch_execute(uses)?)
        };
        db.write_at_leisure(insert).await.expect("an app");
    });
    // Until the server has read the log of changes.
    std::thread::sleep(Duration::from_secs(2));
    let given = env.iter().find(|(key, _)| *key == "GATEPOST_KEY_FILE").map(|(_, file)| (*file).into());
    let keys = KeyRing::at(&given.unwrap_or_else(|| gatepost.folder.path().join("gatepost.key")));
    let bound_to = bound_to(Purpose::Pass, AppId::from_i64(1), APP_ORIGIN);
    let seal = |n: usize| {
        let session = SessionId::from_i64(i64::try_from(FIRST_SESSION + n).expect("an id"));
        let pass = Pass { session, made_at: Timestamp::from_millis(0) };
        URL_SAFE_NO_PAD.encode(keys.seal_for_app(&SystemEntropy, &pass.write(), &bound_to).expect("sealed"))
    };
    (0..MANY).map(seal).collect()
}

/// Opens each session once, so that memory knows it.
fn walk(address: SocketAddr, secrets: &[String]) {
    std::thread::scope(|scope| {
        for secrets in secrets.chunks(secrets.len().div_ceil(8)) {
            scope.spawn(move || {
                let mut client = Client::new(address);
                for secret in secrets {
                    client.cookies.insert("gatepost_session".to_owned(), secret.clone());
                    assert_eq!(client.get("/").status, 303);
                }
            });
        }
    });
}

/// Stores accounts with a session each, and returns the sessions' secrets.
fn sessions(url: &str) -> Vec<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_millis();
    let end = now + 80_000_000_000;
    let blob = |hash: &str| if url.starts_with("sqlite:") { format!("X'{hash}'") } else { format!("'\\x{hash}'") };
    let secrets: Vec<Token> = (0..MANY).map(|_| Token::issue(&gatepost::entropy::SystemEntropy)).collect();
    prepare::on_database(url, async |db| {
        for (piece, tokens) in secrets.chunks(500).enumerate() {
            let (mut accounts, mut sessions, mut proofs) = (Vec::new(), Vec::new(), Vec::new());
            for (n, token) in tokens.iter().enumerate() {
                let id = FIRST_SESSION + piece * 500 + n;
                let hash: String = token.hash().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
                accounts.push(format!(
                    "({id}, 'anna.lindner{id}@example.com', 'Anna Lindner', FALSE, {now}, {now}, 'joined')"
                ));
                sessions.push(format!("({id}, {}, {id}, TRUE, {now}, {now}, {end}, 'Firefox on Linux')", blob(&hash)));
                proofs.push(format!("({id}, 'email_link', {now})"));
            }
            let sql = format!(
                "INSERT INTO accounts (id, email, name, is_admin, proven_at, created_at, origin) VALUES {};
                 INSERT INTO sessions (id, secret_hash, account_id, remember, created_at, last_seen_at, ends_at, browser) VALUES {};
                 INSERT INTO session_proofs (session_id, method, proven_at) VALUES {};",
                accounts.join(", "),
                sessions.join(", "),
                proofs.join(", ")
            );
            db.write_at_leisure(move |connection| Ok(connection.batch_execute(&sql)?)).await.expect("sessions");
        }
    });
    secrets.iter().map(|token| token.reveal().to_owned()).collect()
}

/// Starts a Rocket with one route, on as many threads as Gatepost has.
fn bare_rocket() -> SocketAddr {
    #[rocket::get("/")]
    const fn ok() -> &'static str {
        "ok"
    }
    let address = free_port();
    let config = rocket::Config {
        address: address.ip(),
        port: address.port(),
        log_level: rocket::config::LogLevel::Off,
        ..rocket::Config::release_default()
    };
    std::thread::spawn(move || {
        rocket::execute(rocket::custom(config).mount("/", rocket::routes![ok]).launch()).expect("a server");
    });
    while std::net::TcpStream::connect(address).is_err() {
        std::thread::sleep(Duration::from_millis(10));
    }
    address
}

fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port")
}

/// Returns how often the server looked at its database.
fn database_reads(metrics: SocketAddr) -> u64 {
    let text = String::from_utf8(Client::new(metrics).get("/metrics").body).expect("numbers");
    let count = text.lines().find_map(|line| line.strip_prefix("gatepost_database_reads_total "));
    count.and_then(|count| count.parse().ok()).expect("a count")
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
