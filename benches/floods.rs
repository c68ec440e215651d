//! How long does another person wait while one account, or a stranger, floods the server?
//!
//! `cargo bench --bench floods`; with `TEST_POSTGRES_URL` (see scripts/postgres-for-tests) also on PostgreSQL. Six floods, each for some seconds.
//! Meanwhile people ask for an email, press the button of a link, and sign in with a password. Ends with 1 if one of a hundred of these steps
//! takes 300 ms or longer, or if one of them is refused.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark"
)]

mod common;
mod measure;

use common::{Client, Gatepost};
use gatepost::{
    config::DatabaseUrl,
    db::{self, Db},
    domain::{
        Account, AccountId, Attempt, AttemptId, AuditEntry, Clock, EmailAddress, Lifetime, Purpose, ReturnTo,
        Timestamp, Token,
        account::AccountOrigin,
        attempt::Printed,
        audit::{Action, Actor},
    },
    entropy::SystemEntropy,
    people,
};
use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

const SPAN: Duration = Duration::from_secs(8);
const PEOPLE: usize = 300;
const PASSWORD: &str = "correct horse battery staple";
/// What has to hold for 99 of 100 steps.
const PATIENCE: Duration = Duration::from_millis(300);

fn main() -> ExitCode {
    let fine = AtomicBool::new(true);
    measure::on_each_database(|env| {
        if !run(env) {
            fine.store(false, Ordering::SeqCst);
        }
    });
    if fine.into_inner() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A flood: how many connections, and what each of them does again and again.
struct Flood<'a> {
    name: &'a str,
    connections: usize,
    work: &'a (dyn Fn(&mut Client, usize) -> u16 + Sync),
    cookies: &'a BTreeMap<String, String>,
}

fn run(env: &[(&str, &str)]) -> bool {
    let env: Vec<_> = env.iter().copied().chain([("GATEPOST_TRUSTED_PROXIES", "127.0.0.1")]).collect();
    let gatepost = Gatepost::start(&env);
    let house = House::prepare(&gatepost.database_url(&env));
    std::thread::sleep(Duration::from_millis(1100));
    let address = gatepost.address;
    let flooder = house.signed_in(address, "flood@example.com");
    let nobody = BTreeMap::new();
    let asked = {
        let mut client = from(address, 250);
        client.post("/login", "email=p0000%40example.com");
        client.cookies
    };
    let floods = [
        Flood { name: "nothing", connections: 0, work: &|_, _| 0, cookies: &nobody },
        Flood {
            name: "exports of 20,000 lines",
            connections: 20,
            work: &|client, _| client.get("/account/data").status,
            cookies: &flooder,
        },
        Flood {
            name: "acts that send news",
            connections: 20,
            work: &|client, n| match n % 2 {
                0 => client.post("/account/password", "new_password=another+horse+battery+staple").status,
                _ => client.post("/account/password/remove", "").status,
            },
            cookies: &flooder,
        },
        Flood {
            name: "hashes of one account",
            connections: 60,
            work: &|client, n| match n % 3 {
                0 => client.post("/account/password", "new_password=another+horse+battery+staple").status,
                1 => client.post("/step-up/password", "password=not+that+horse+battery").status,
                _ => client.post("/account/recovery-codes", "").status,
            },
            cookies: &flooder,
        },
        Flood {
            name: "asks for one address",
            connections: 40,
            work: &|client, _| {
                client.cookies.clear();
                client.post("/login", "email=p0000%40example.com").status
            },
            cookies: &nobody,
        },
        Flood {
            name: "looks at /login/sent",
            connections: 40,
            work: &|client, _| client.get("/login/sent").status,
            cookies: &asked,
        },
        Flood {
            name: "audit lines and codes",
            connections: 40,
            work: &|client, n| match n % 2 {
                0 => client.post("/account/name", &format!("name=n{n}")).status,
                _ => client.post("/login/code", "code=AAA-AAA").status,
            },
            cookies: &flooder,
        },
    ];
    let mut fine = true;
    for (n, flood) in floods.iter().enumerate() {
        fine &= under(flood, &house, address, n);
    }
    fine
}

fn under(flood: &Flood<'_>, house: &House, address: SocketAddr, nth: usize) -> bool {
    let (over, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    let steps = std::thread::scope(|scope| {
        for n in 0..flood.connections {
            let (over, count) = (&over, &count);
            scope.spawn(move || {
                // A few clients: one after another would be stopped by the first limit.
                let mut client = from(address, u8::try_from(n % 10).expect("a small number"));
                client.cookies.clone_from(flood.cookies);
                for round in 0.. {
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    (flood.work)(&mut client, n + round);
                    // Whoever signs out or steps up there does not end the flood.
                    client.cookies.clone_from(flood.cookies);
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        // Two people beside the flood.
        let people: Vec<_> =
            (0..2).map(|n| scope.spawn(move || house.sign_in_again_and_again(address, nth * 2 + n))).collect();
        let steps: Vec<_> = people.into_iter().flat_map(|person| person.join().expect("a person")).collect();
        over.store(true, Ordering::Relaxed);
        steps
    });
    report(flood.name, &steps, count.into_inner())
}

/// One step of a sign-in: how long it took, and whether it did what it is for.
struct Step {
    kind: &'static str,
    took: Duration,
    fine: bool,
}

fn report(name: &str, steps: &[Step], flooded: usize) -> bool {
    let mut all = true;
    for kind in ["ask", "press", "password"] {
        let mut times: Vec<_> = steps.iter().filter(|step| step.kind == kind).map(|step| step.took).collect();
        times.sort_unstable();
        let refused = steps.iter().filter(|step| step.kind == kind && !step.fine).count();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        let fine = at(0.99) < PATIENCE && refused == 0;
        all &= fine;
        println!(
            "{name:<26} {kind:<9} {:>5} times   p50 {:>7.2} ms   p99 {:>7.2} ms   max {:>7.2} ms   refused {refused}{}",
            times.len(),
            at(0.5).as_secs_f64() * 1000.0,
            at(0.99).as_secs_f64() * 1000.0,
            at(1.0).as_secs_f64() * 1000.0,
            if fine { "" } else { "   NOT FINE" }
        );
    }
    println!("{name:<26} {:>15.0} requests of the flood a second", flooded as f64 / SPAN.as_secs_f64());
    all
}

/// The people of an installation, and links for them.
struct House {
    links: Mutex<Vec<Token>>,
    flooder: Token,
}

impl House {
    fn prepare(url: &str) -> Self {
        let url = DatabaseUrl::parse(url).expect("a URL");
        let now = gatepost::clock::SystemClock.now();
        let hash = {
            let password = gatepost::domain::Password::present(PASSWORD).expect("a password");
            hash(&password)
        };
        let links: Vec<_> = (0..4000).map(|_| Token::issue(&SystemEntropy)).collect();
        let flooder = Token::issue(&SystemEntropy);
        rocket::execute(async {
            let db = Db::open(&url, 2).expect("the database");
            for (name, value) in
                [("password_enabled", "on"), ("limits_global", "1000/1s"), ("limits_per_client", "1000/1s")]
            {
                db.write(move |connection| db::settings::store(connection, name, value, now)).await.expect("a setting");
            }
            let flood = add(&db, "flood@example.com".to_owned(), &hash, now).await;
            let mut first = None;
            for n in 0..PEOPLE {
                let account = add(&db, format!("p{n:04}@example.com"), &hash, now).await;
                first.get_or_insert(account);
            }
            let first = first.expect("somebody");
            print_link(&db, &flood, flooder.hash(), now).await;
            for link in &links {
                print_link(&db, &first, link.hash(), now).await;
            }
            for _ in 0..40 {
                let actor = Actor::of(&flood);
                db.write(move |connection| {
                    (0..500).try_for_each(|n| {
                        let entry =
                            AuditEntry::new(&SystemEntropy, now, actor.clone(), Action::SteppedUp, "flood@example.com");
                        db::audit::insert(connection, &entry.to(format!("line {n} {}", "x".repeat(300))))
                    })
                })
                .await
                .expect("lines");
            }
        });
        Self { links: Mutex::new(links), flooder }
    }

    fn signed_in(&self, address: SocketAddr, _: &str) -> BTreeMap<String, String> {
        let mut client = from(address, 251);
        client.get(&format!("/auth/verify?token={}", self.flooder.reveal()));
        let page = String::from_utf8_lossy(&client.get("/auth/verify").body).into_owned();
        let answer = press(&mut client, &page);
        assert_eq!(answer, 303, "{page}");
        client.cookies
    }

    fn sign_in_again_and_again(&self, address: SocketAddr, nth: usize) -> Vec<Step> {
        let begun = Instant::now();
        let mut steps = Vec::new();
        for round in 0.. {
            if begun.elapsed() >= SPAN {
                break;
            }
            let mut client = Client::new(address);
            // Each time another person, from another address.
            let host = u32::try_from(nth * 1000 + round).expect("a number of rounds");
            client.forwarded_for = Some(Ipv4Addr::from_bits(Ipv4Addr::new(10, 0, 0, 0).to_bits() + host));
            let person = (nth * 20 + round) % PEOPLE;
            let mut step = |kind, client: &mut Client, path: &str, body: &str| {
                let begun = Instant::now();
                let answer = client.post(path, body);
                steps.push(Step { kind, took: begun.elapsed(), fine: answer.status == 303 });
            };
            step("ask", &mut client, "/login", &format!("email=p{person:04}%40example.com"));
            let Some(link) = self.links.lock().expect("links").pop() else { panic!("no link is left") };
            client.get(&format!("/auth/verify?token={}", link.reveal()));
            client.get("/auth/verify");
            client.get("/auth/verify/this-device");
            step("press", &mut client, "/auth/verify", "this_device=yes&switch=yes");
            client.cookies.clear();
            let form = format!("email=p{person:04}%40example.com&password={}", PASSWORD.replace(' ', "+"));
            step("password", &mut client, "/login/password", &form);
            std::thread::sleep(Duration::from_millis(20));
        }
        steps
    }
}

fn press(client: &mut Client, _page: &str) -> u16 {
    client.get("/auth/verify/this-device");
    client.post("/auth/verify", "this_device=yes&switch=yes").status
}

async fn add(db: &Db, email: String, hash: &gatepost::domain::PasswordHash, now: Timestamp) -> Account {
    let hash = hash.clone();
    db.write(move |connection| {
        let email = EmailAddress::parse(&email).map_err(|_| db::Error::fault("address"))?;
        let account = people::add(connection, &SystemEntropy, &email, false, AccountOrigin::Invited, now)?.account();
        db::accounts::mark_proven(connection, account.id, now)?;
        db::passwords::set(connection, account.id, &hash, now)?;
        db::accounts::find(connection, account.id)?.ok_or_else(|| db::Error::fault("account"))
    })
    .await
    .expect("an account")
}

async fn print_link(db: &Db, account: &Account, token: gatepost::domain::TokenHash, now: Timestamp) {
    let (email, id): (EmailAddress, AccountId) = (account.email.clone(), account.id);
    db.write(move |connection| {
        let printed = Printed {
            purpose: Purpose::ConsoleLink,
            email: email.clone(),
            account_id: Some(id),
            token,
            lifetime: Lifetime::hours(1),
            return_to: ReturnTo::home(),
        };
        let attempt = Attempt::printed(AttemptId::issue(&SystemEntropy), printed, now);
        db::attempts::insert(connection, &attempt)?;
        db::attempts::note_link(connection, attempt.id, &token, db::attempts::LinkKind::Open)
    })
    .await
    .expect("a link");
}

fn hash(password: &gatepost::domain::Password) -> gatepost::domain::PasswordHash {
    password.hash(&SystemEntropy, &gatepost::domain::HashMemory::default()).expect("a hash")
}

/// A client of the flood.
fn from(address: SocketAddr, host: u8) -> Client {
    let mut client = Client::new(address);
    client.forwarded_for = Some(Ipv4Addr::new(198, 51, 100, host));
    client
}
