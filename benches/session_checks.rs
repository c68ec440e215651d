//! Compares the check of a session with the least that Rocket needs for an answer. The same for a
//! proxy's check of an app's cookie.
//!
//! `cargo bench --bench session_checks`; with `TEST_POSTGRES_URL` (see scripts/postgres-for-tests)
//! also on PostgreSQL. It asks a bare Rocket and Gatepost in turn, a second each, after one round
//! to warm up. Both get the same request, and their answers have the same length. There are 1,000
//! sessions, and then 200,000 in turn.
//!
//! Each pair of rounds gives two ratios: requests a second, and the server's CPU time for a
//! request. The first depends on what else the machine does, the second hardly. It prints the
//! median of the pairs and their quartiles. Each user has used the app before. The first use gets a
//! line in the audit log, which is not measured here.
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

#[path = "common/bare.rs"]
mod bare;
#[expect(dead_code, reason = "other benchmarks send forms")]
#[path = "common/client.rs"]
mod client;
#[path = "common/cpu.rs"]
mod cpu;
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
#[path = "common/statistics.rs"]
mod statistics;
#[expect(dead_code, reason = "other benchmarks print each load")]
#[path = "common/timed.rs"]
mod timed;

use bare::Bare;
use client::{Answer, Client};
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
    fmt,
    net::SocketAddr,
    process::ExitCode,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use timed::timed;

const CLIENTS: usize = 32;
const SPAN: Duration = Duration::from_secs(1);
/// Many short rounds in turn: what else the machine does meets both servers alike.
const PAIRS: usize = 15;
const FEW: usize = 1_000;
const MANY: usize = 200_000;
/// Bytes of memory that a known session may take.
const BYTES: usize = 200;
/// Looks at the log of changes, and at what the metrics need, in a second.
const LOOKS: f64 = 10.0;

/// A session that is used at Gatepost and at an app is in memory twice.
const FOR_APPS: [(&str, &str); 2] = [("GATEPOST_TRUSTED_PROXIES", "127.0.0.1"), ("GATEPOST_SESSION_MEMORY", "100")];
const FIRST_SESSION: usize = 1_000_000;
/// Rows that one statement changes.
const PIECE: usize = 500;
const APP_ORIGIN: &str = "https://wiki.example.com";
const PASS: &str = "__Host-gatepost_app";
const PROXY_HEADERS: &str = "X-Forwarded-Method: GET\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: wiki.example.com\r\n\
                             X-Forwarded-Uri: /page\r\n";

fn main() -> ExitCode {
    if bare::is_wanted() {
        bare::serve();
        return ExitCode::SUCCESS;
    }
    let is_fine = AtomicBool::new(true);
    databases::on_each_database(|env| {
        if !run(env) {
            is_fine.store(false, Ordering::SeqCst);
        }
    });
    if is_fine.into_inner() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(env: &[(&str, &str)]) -> bool {
    let metrics = bare::free_port();
    let metrics_address = metrics.to_string();
    let all: Vec<(&str, &str)> =
        env.iter().copied().chain([("GATEPOST_METRICS_ADDRESS", metrics_address.as_str())]).chain(FOR_APPS).collect();
    let gatepost = Gatepost::start(&all);
    let secrets = sessions(&gatepost.database_url(&all));
    statistics::renew(&gatepost.database_url(&all));
    let [few, many] = [
        Asked { goal: Some(0.85), ..Asked::by_session("session check, 1,000 sessions", &secrets[..FEW]) },
        Asked::by_session("session check, 200,000 sessions in turn", &secrets),
    ];

    let before = resident(gatepost.child.id());
    // The first half fills what has one size: the caches of the database, of its connections, of
    // the heap.
    walk(gatepost.address, &Asked::by_session("the first half", &secrets[..MANY / 2]));
    let between = resident(gatepost.child.id());
    walk(gatepost.address, &Asked::by_session("the second half", &secrets[MANY / 2..]));
    let bytes = (resident(gatepost.child.id()) - between) / (MANY / 2);
    println!("{:<40} {bytes:>8} bytes a session ({} MB before)", "memory", before / 1_000_000);

    let passes = passes(&gatepost, &all);
    let for_apps = [
        Asked::by_proxy("a check for a proxy, 1,000 sessions", &passes[..FEW]),
        Asked::by_proxy("a check for a proxy, 200,000 in turn", &passes),
    ];
    statistics::renew(&gatepost.database_url(&all));
    walk(gatepost.address, &for_apps[1]);
    // The app came with handles, so that each account has changed.
    walk(gatepost.address, &many);
    let bare = alike(gatepost.address, [&few, &for_apps[0]]);

    let reads = database_reads(metrics);
    let begun = std::time::Instant::now();
    let servers = [Server::bare(&bare), Server::gatepost(&gatepost)];
    let [app_few, app_many] = &for_apps;
    let mut compared = [&few, &many, app_few, app_many].map(|asked| Compared { asked, pairs: Vec::new() });
    for compared in &compared {
        pair(compared.asked, &servers);
    }
    for _ in 0..PAIRS {
        compared.iter_mut().for_each(|compared| compared.pairs.push(pair(compared.asked, &servers)));
    }
    compared.iter().for_each(Compared::print);
    let [few, many, ..] = compared;
    println!("{:<40} {:>8.2}   (goal 0.85)", "200,000 sessions beside 1,000", many.rate().median / few.rate().median);
    let looks = (database_reads(metrics).saturating_sub(reads)) as f64 / begun.elapsed().as_secs_f64();
    println!("{:<40} {looks:>8.1}/s", "looks at the database");
    let is_fine = looks <= LOOKS && bytes <= BYTES;
    if !is_fine {
        println!("too many looks at the database, or too much memory");
    }
    is_fine
}

/// A request that each server gets, with these secrets in turn from all clients together.
struct Asked<'a> {
    name: &'static str,
    path: &'static str,
    cookie: &'static str,
    /// Headers that a proxy adds.
    more: &'static str,
    secrets: &'a [String],
    next: AtomicUsize,
    /// Status and head of Gatepost's answer.
    answer: (u16, &'static str),
    /// Share of bare Rocket's requests a second, if that is the goal.
    goal: Option<f64>,
}

impl<'a> Asked<'a> {
    fn by_session(name: &'static str, secrets: &'a [String]) -> Self {
        let (next, answer) = (AtomicUsize::new(0), (303, "/account"));
        Self { name, path: bare::CHECK, cookie: "gatepost_session", more: "", secrets, next, answer, goal: None }
    }

    fn by_proxy(name: &'static str, secrets: &'a [String]) -> Self {
        let (next, answer) = (AtomicUsize::new(0), (200, "remote-user: user"));
        Self {
            name,
            path: bare::FORWARD_AUTH,
            cookie: PASS,
            more: PROXY_HEADERS,
            secrets,
            next,
            answer,
            goal: Some(0.7),
        }
    }

    fn with(&self, client: &mut Client, secret: &str) -> Answer {
        client.more = self.more;
        client.cookies.insert(self.cookie.to_owned(), secret.to_owned());
        client.get(self.path)
    }

    /// Asks with the next secret.
    fn ask(&self, client: &mut Client) -> Answer {
        self.with(client, &self.secrets[self.next.fetch_add(1, Ordering::Relaxed) % self.secrets.len()])
    }

    fn expect(&self, answer: &Answer) {
        let (status, head) = self.answer;
        assert!(answer.status == status && answer.head.contains(head), "{}", answer.head);
    }
}

/// Starts a bare Rocket whose answers are as long as Gatepost's.
fn alike(gatepost: SocketAddr, asked: [&Asked<'_>; 2]) -> Bare {
    let lengths = |address: SocketAddr| {
        asked.map(|asked| {
            let answer = asked.ask(&mut Client::new(address));
            answer.head.len() + answer.body.len()
        })
    };
    let (wanted, empty) = (lengths(gatepost), lengths(Bare::start([0, 0]).address));
    let bare = Bare::start([0, 1].map(|n| wanted[n].saturating_sub(empty[n])));
    println!("{:<40} {wanted:?} bytes, and of bare Rocket {:?}", "length of an answer", lengths(bare.address));
    bare
}

/// A server, and how to tell that it answered well.
struct Server {
    address: SocketAddr,
    process: u32,
    expect: fn(&Asked<'_>, &Answer),
}

impl Server {
    fn bare(bare: &Bare) -> Self {
        let expect = |_: &Asked<'_>, answer: &Answer| assert_eq!(answer.status, 200);
        Self { address: bare.address, process: bare.child.id(), expect }
    }

    fn gatepost(gatepost: &Gatepost) -> Self {
        let expect = |asked: &Asked<'_>, answer: &Answer| asked.expect(answer);
        Self { address: gatepost.address, process: gatepost.child.id(), expect }
    }

    fn round(&self, asked: &Asked<'_>) -> Round {
        let before = cpu::used(self.process);
        let work = |client: &mut Client, _| (self.expect)(asked, &asked.ask(client));
        let timed = timed((CLIENTS, SPAN), |_| Client::new(self.address), work);
        let cpu = (cpu::used(self.process) - before) * 1_000_000.0 / timed.count() as f64;
        Round { rate: timed.each_second(), cpu, tail: timed.at(0.99) }
    }
}

/// Figures of one server in one round.
struct Round {
    /// Requests a second.
    rate: f64,
    /// Microseconds of CPU time for a request.
    cpu: f64,
    /// Milliseconds that the slowest hundredth took at least.
    tail: f64,
}

/// Asks bare Rocket and Gatepost, one after the other.
fn pair(asked: &Asked<'_>, [bare, gatepost]: &[Server; 2]) -> (Round, Round) {
    (bare.round(asked), gatepost.round(asked))
}

/// Figures of bare Rocket and of Gatepost for the same requests.
struct Compared<'a> {
    asked: &'a Asked<'a>,
    pairs: Vec<(Round, Round)>,
}

impl Compared<'_> {
    fn of(&self, value: fn(&(Round, Round)) -> f64) -> Spread {
        Spread::of(self.pairs.iter().map(value).collect())
    }

    /// Returns Gatepost's share of bare Rocket's requests a second.
    fn rate(&self) -> Spread {
        self.of(|(bare, ours)| ours.rate / bare.rate)
    }

    fn print(&self) {
        println!("== {}", self.asked.name);
        let goal = self.asked.goal.map(|goal| format!("   (goal {goal})")).unwrap_or_default();
        let [bare, ours] = [self.of(|(bare, _)| bare.rate), self.of(|(_, ours)| ours.rate)];
        println!("{:<40} {:>8.0}/s, and bare Rocket {:.0}/s", "Gatepost", ours.median, bare.median);
        println!("{:<40} {}{goal}", "requests a second, to bare Rocket's", self.rate());
        let [bare, ours] = [self.of(|(bare, _)| bare.cpu), self.of(|(_, ours)| ours.cpu)];
        println!(
            "{:<40} {:>8.1} us, and bare Rocket {:.1} us",
            "CPU time of the server, a request", ours.median, bare.median
        );
        println!("{:<40} {}", "bare Rocket's CPU time, to Gatepost's", self.of(|(bare, ours)| bare.cpu / ours.cpu));
        println!("{:<40} {:>8.2} ms (goal 5)", "the slowest hundredth", self.of(|(_, ours)| ours.tail).median);
    }
}

/// Middle and quartiles of what was measured.
struct Spread {
    lower: f64,
    median: f64,
    upper: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |quarters: usize| values[(values.len() - 1) * quarters / 4];
        Self { lower: at(1), median: at(2), upper: at(3) }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>8.2} (quartiles {:.2} and {:.2})", self.median, self.lower, self.upper)
    }
}

/// Asks with each secret once, so that memory knows its session.
fn walk(address: SocketAddr, asked: &Asked<'_>) {
    std::thread::scope(|scope| {
        for secrets in asked.secrets.chunks(asked.secrets.len().div_ceil(8)) {
            scope.spawn(move || {
                let mut client = Client::new(address);
                secrets.iter().for_each(|secret| asked.expect(&asked.with(&mut client, secret)));
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
            db::apps::insert(connection, &app, AppOrigin::Admin, Timestamp::from_millis(0))
        };
        db.write_at_leisure(insert).await.expect("an app");
        // In pieces: PostgreSQL takes longer for all than a write may.
        for from in (FIRST_SESSION..FIRST_SESSION + MANY).step_by(PIECE) {
            let these = format!("id >= {from} AND id < {}", from + PIECE);
            let sql = format!(
                "UPDATE accounts SET handle = 'user' || id WHERE {these};
                 INSERT INTO app_uses (account_id, app_id, last_at) SELECT id, 1, 0 FROM accounts WHERE {these};"
            );
            db.write_at_leisure(move |connection| Ok(connection.batch_execute(&sql)?)).await.expect("handles");
        }
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

/// Stores accounts with a session each, and returns the sessions' secrets.
fn sessions(url: &str) -> Vec<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_millis();
    let end = now + 80_000_000_000;
    let blob = |hash: &str| if url.starts_with("sqlite:") { format!("X'{hash}'") } else { format!("'\\x{hash}'") };
    let secrets: Vec<Token> = (0..MANY).map(|_| Token::issue(&gatepost::entropy::SystemEntropy)).collect();
    prepare::on_database(url, async |db| {
        for (piece, tokens) in secrets.chunks(PIECE).enumerate() {
            let (mut accounts, mut sessions, mut proofs) = (Vec::new(), Vec::new(), Vec::new());
            for (n, token) in tokens.iter().enumerate() {
                let id = FIRST_SESSION + piece * PIECE + n;
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

/// Returns how often the server looked at its database.
fn database_reads(metrics: SocketAddr) -> u64 {
    let text = String::from_utf8(Client::new(metrics).get("/metrics").body).expect("numbers");
    let count = text.lines().find_map(|line| line.strip_prefix("gatepost_database_reads_total "));
    count.and_then(|count| count.parse().ok()).expect("a count")
}
