//! Can anybody tell from the answer to `POST /login`, its bytes or its timing, whether an address has an account?
//!
//! `cargo bench --bench enumeration`. Asks for known, unknown and disabled addresses by turns and compares: the bytes after masking what is
//! random, and the times by the rank-sum test of Mann and Whitney. Once with a mail server that takes everything, once with one that is
//! not there. Ends with 1 if anything differs.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark"
)]

mod common;

use common::{Answer, Client, Gatepost};
use gatepost::{
    config::DatabaseUrl,
    db::{self, Db},
    domain::{EmailAddress, Timestamp, account::AccountOrigin},
    entropy::SystemEntropy,
    people,
};
use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

const SAMPLES: usize = 3000;
/// Addresses of each kind, enough that no limit is reached twice in the same way.
const ADDRESSES: usize = 500;
const KINDS: [&str; 3] = ["known", "other", "disab"];

fn main() -> ExitCode {
    let mut same = true;
    for (name, mail_url) in [("mail shown", "dev:"), ("mail server away", "smtp://127.0.0.1:1?tls=none")] {
        println!("== {name}");
        same &= compare(mail_url);
    }
    if same { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn compare(mail_url: &str) -> bool {
    let env = [("GATEPOST_MAIL_URL", mail_url)];
    let gatepost = Gatepost::start(&env);
    prepare(&gatepost.database_url(&env));
    std::thread::sleep(Duration::from_millis(1100));
    let mut client = Client::new(gatepost.address);
    let mut times: [Vec<f64>; 3] = Default::default();
    let mut bytes: [Vec<String>; 3] = Default::default();
    for sample in 0..SAMPLES * 3 {
        // By turns, and not always in the same order, so that no drift or rhythm favours one.
        let kind = (sample + sample / 3) % 3;
        let email = format!("{}{:04}@example.com", KINDS[kind], sample / 3 % ADDRESSES);
        client.cookies.clear();
        let body = format!("email={}", email.replace('@', "%40"));
        let begun = Instant::now();
        let answer = client.post("/login", &body);
        times[kind].push(begun.elapsed().as_secs_f64() * 1e6);
        assert_eq!(answer.status, 303);
        if sample % 50 < 3 {
            let page = client.get("/login/sent");
            bytes[kind].push(format!("{}{}", masked(&answer, &email), masked(&page, &email)));
        }
    }
    let mut same = true;
    for other in 1..3 {
        let (median_known, median_other) = (median(&mut times[0]), median(&mut times[other]));
        let p = rank_sum(&times[0], &times[other]);
        let alike = bytes[0].iter().zip(&bytes[other]).all(|(a, b)| a == b);
        // Either the ranks do not differ, or the medians differ by less than anybody could use over a network.
        let fine = alike && (p > 0.01 || (median_known - median_other).abs() < 100.0);
        same &= fine;
        println!(
            "{} against {}: median {median_known:.0} µs and {median_other:.0} µs, p = {p:.3}, bytes {}: {}",
            KINDS[0],
            KINDS[other],
            if alike { "alike" } else { "DIFFER" },
            if fine { "cannot be told apart" } else { "CAN BE TOLD APART" }
        );
    }
    same
}

fn prepare(url: &str) {
    let url = DatabaseUrl::parse(url).expect("a URL");
    rocket::execute(async {
        let db = Db::open(&url, 2).expect("the database");
        db.write(|connection| {
            let now = Timestamp::from_millis(0);
            for (name, value) in [
                ("limits_per_client", "1000/1s"),
                ("limits_per_domain", "1000/1s"),
                ("limits_global", "1000/1s"),
                ("limits_per_mailbox", "100/15m"),
            ] {
                db::settings::store(connection, name, value, now)?;
            }
            for n in 0..ADDRESSES {
                for kind in ["known", "disab"] {
                    let email = EmailAddress::parse(&format!("{kind}{n:04}@example.com"))
                        .map_err(|_| db::Error::fault("address"))?;
                    let account =
                        people::add(connection, &SystemEntropy, &email, false, AccountOrigin::Invited, now)?.account();
                    if kind == "disab" {
                        db::accounts::set_disabled(connection, account.id, Some(now))?;
                    }
                }
            }
            Ok(())
        })
        .await
        .expect("accounts");
    });
}

/// An answer without what is random: ids, secrets, dates, and the address itself.
fn masked(answer: &Answer, email: &str) -> String {
    let head: Vec<String> = answer
        .head
        .lines()
        .filter(|line| !line.starts_with("date:") && !line.starts_with("x-request-id:"))
        .map(|line| match line.split_once('=') {
            Some((name, rest)) if line.starts_with("set-cookie:") => {
                let (value, attributes) = rest.split_once(';').unwrap_or((rest, ""));
                format!("{name}={} characters;{attributes}", value.len())
            }
            _ => line.to_owned(),
        })
        .collect();
    // An address in a page may be broken before its domain.
    let body = String::from_utf8_lossy(&answer.body).replace("<wbr>", "").replace(email, "EMAIL");
    format!("{} {body}", head.join("\n"))
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The two-sided p-value of Mann and Whitney's U, by its normal approximation, ties averaged.
fn rank_sum(a: &[f64], b: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = a.iter().map(|&x| (x, true)).chain(b.iter().map(|&x| (x, false))).collect();
    all.sort_by(|x, y| x.0.total_cmp(&y.0));
    let mut ranks_of_a = 0.0;
    let mut start = 0;
    while start < all.len() {
        let mut end = start;
        while end < all.len() && all[end].0 == all[start].0 {
            end += 1;
        }
        let rank = (start + end + 1) as f64 / 2.0;
        ranks_of_a += rank * all[start..end].iter().filter(|(_, is_a)| *is_a).count() as f64;
        start = end;
    }
    let (n, m) = (a.len() as f64, b.len() as f64);
    let u = ranks_of_a - n * (n + 1.0) / 2.0;
    let z = (u - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt();
    2.0 * (1.0 - normal(z.abs()))
}

/// The standard normal distribution, after Abramowitz and Stegun 26.2.17.
fn normal(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * x);
    let tail =
        t * (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    1.0 - (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * tail
}
