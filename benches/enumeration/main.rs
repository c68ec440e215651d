//! Can an attacker tell from an answer whether an address has an account, or a password?
//!
//! `cargo bench --bench enumeration`; words after `--` choose parts by a part of their names. It
//! asks `POST /login` and `POST /login/password` for known, unknown and disabled addresses in turn.
//! It compares the bytes after masking what is random, and the times by the rank-sum test of Mann
//! and Whitney. One run has an email server that takes everything, one has none. Ends with 1 if
//! anything differs.

#![allow(unreachable_pub, reason = "nothing calls it from outside")]
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark"
)]

#[path = "../common/accounts.rs"]
mod accounts;
mod again;
mod answers;
#[path = "../common/client.rs"]
mod client;
mod export;
#[path = "../common/inbox.rs"]
mod inbox;
#[path = "../common/mail_server.rs"]
mod mail_server;
mod passkeys;
#[path = "../common/prepare.rs"]
mod prepare;
mod queue;
#[path = "../common/server.rs"]
mod server;

use answers::{Answers, masked};
use client::Client;
use gatepost::{db, domain::Timestamp};
use server::Gatepost;
use std::{
    net::Ipv4Addr,
    process::ExitCode,
    time::{Duration, Instant},
};

/// Addresses of each kind, enough to reach no limit twice in the same way.
const ADDRESSES: usize = 500;
const PASSWORD: &str = "correct horse battery";

/// A request, and the kinds of addresses to compare. Their names have one length, so that length
/// makes no difference.
struct Question {
    path: &'static str,
    /// The others are compared with the first.
    kinds: &'static [&'static str],
    /// Fields of the form besides the address.
    rest: &'static str,
    /// Samples of each kind.
    samples: usize,
}

const MAIL: Question = Question { path: "/login", kinds: &["known", "other", "disab"], rest: "", samples: 3000 };

/// Each costs a comparison by Argon2, so that there are fewer. No address reaches its limit (10 in
/// a quarter of an hour).
const WRONG_PASSWORD: Question = Question {
    path: "/login/password",
    kinds: &["passw", "known", "other", "disab"],
    rest: "&password=staple+every+other+word",
    samples: 1000,
};

/// A part: its name, and whether the answers cannot be told apart.
type Comparison = (&'static str, fn() -> bool);

const PARTS: [Comparison; 7] = [
    ("asking for an email, email shown", || compare("dev:", &MAIL)),
    ("asking for an email, email server away", || compare("smtp://127.0.0.1:1?tls=none", &MAIL)),
    ("a wrong password", || compare("dev:", &WRONG_PASSWORD)),
    ("the email queue", queue::compare),
    ("the export after asking to move to an address", export::compare),
    ("asking again", again::compare),
    ("passkeys", passkeys::compare),
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let mut same = true;
    for (name, compare) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str())) {
            println!("== {name}");
            same &= compare();
        }
    }
    if same { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn compare(mail_url: &str, question: &Question) -> bool {
    let env = [("GATEPOST_MAIL_URL", mail_url), ("GATEPOST_TRUSTED_PROXIES", "127.0.0.1")];
    let gatepost = Gatepost::start(&env);
    fill(&gatepost.database_url(&env), question.kinds);
    std::thread::sleep(Duration::from_millis(1100));
    let mut client = Client::new(gatepost.address);
    let kinds = question.kinds.len();
    let mut seen: Vec<Answers> = (0..kinds).map(|_| Answers::default()).collect();
    for sample in 0..question.samples * kinds {
        // In turn, and in varying order, so that no drift or rhythm favours one.
        let round = sample / kinds;
        let kind = (sample + round) % kinds;
        let email = format!("{}{:04}@example.com", question.kinds[kind], round % ADDRESSES);
        client.cookies.clear();
        // A client address has a limit of thirty passwords. All kinds share the same ones.
        let host = u32::try_from(round / 5).expect("a number of rounds");
        client.forwarded_for = Some(Ipv4Addr::from_bits(Ipv4Addr::new(10, 0, 0, 0).to_bits() + host));
        let body = format!("email={}{}", email.replace('@', "%40"), question.rest);
        let begun = Instant::now();
        let answer = client.post(question.path, &body);
        seen[kind].times.push(begun.elapsed().as_secs_f64() * 1e6);
        assert_eq!(answer.status, 303);
        if round.is_multiple_of(17) {
            let outcome = answer.head.lines().find_map(|line| line.strip_prefix("location: ")).expect("a location");
            let page = masked(&client.get(outcome), &email);
            seen[kind].bytes.push(format!("{}{page}", masked(&answer, &email)));
        }
    }
    answers::cannot_be_told_apart(question.kinds, &mut seen)
}

/// `known` has an account, `passw` a password, too. `disab` has both and is disabled. `other` has
/// nothing.
fn fill(url: &str, kinds: &'static [&'static str]) {
    let hash = accounts::hash_of(PASSWORD);
    prepare::on_database(url, async |db| {
        prepare::settings(
            db,
            &[
                ("password_enabled", "on"),
                ("limits_per_client", "1000/1s"),
                ("limits_per_domain", "1000/1s"),
                ("limits_global", "1000/1s"),
                ("limits_per_mailbox", "100/15m"),
            ],
        )
        .await;
        for kind in kinds.iter().filter(|kind| **kind != "other") {
            let emails = (0..ADDRESSES).map(|n| format!("{kind}{n:04}@example.com"));
            let added = accounts::add(db, emails, (*kind != "known").then_some(&hash)).await;
            if *kind == "disab" {
                let now = Timestamp::from_millis(0);
                let disable = move |connection: &mut db::DbConnection| {
                    added
                        .iter()
                        .try_for_each(|account| db::accounts::set_disabled(connection, account.id, Some(now)).map(drop))
                };
                db.write(disable).await.expect("disabled accounts");
            }
        }
    });
}
