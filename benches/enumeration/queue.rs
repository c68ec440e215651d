//! Does the delay of one's own email tell whether another address has an account?
//!
//! An attacker asks three times for an address, and then for their own email. Emails to accounts
//! keep a connection to the mail server busy. Pretended emails must keep it as busy.

use super::{ADDRESSES, answers::rank_sum, fill};
use crate::{client::Client, inbox::Inbox, mail_server, server::Gatepost};
use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

/// Rounds for an address of each kind.
const ROUNDS: usize = 40;

/// Compares with a slow and a quick mail server, alone and during a flood of requests for unknown
/// addresses.
pub fn compare() -> bool {
    let mut same = true;
    for (name, delay, flood) in [
        ("a slow mail server (100 ms)", 100, false),
        ("a quick mail server", 0, false),
        ("a slow mail server and a flood from another client", 100, true),
    ] {
        let times = ["known", "other"].map(|kind| delays(kind, Duration::from_millis(delay), flood));
        let [known, other] = &times;
        let (p, auc) = (rank_sum(known, other), area(known, other));
        let fine = p > 0.01 || (0.35..0.65).contains(&auc);
        same &= fine;
        println!(
            "own email behind three for another address, {name}: median {:.1} ms behind a known one and {:.1} ms behind an unknown one, p = {p:.3}, AUC = {auc:.2}: {}",
            middle(known),
            middle(other),
            if fine { "cannot be told apart" } else { "CAN BE TOLD APART" }
        );
    }
    same
}

/// Returns how long own emails take, in milliseconds, each after three for an address of one kind.
fn delays(kind: &str, delay: Duration, flood: bool) -> Vec<f64> {
    let inbox = Inbox::default();
    let taken = inbox.clone();
    let port = mail_server::start(delay, move |to, text| taken.take(to, text));
    let url = format!("smtp://127.0.0.1:{port}?tls=none");
    let env = [("GATEPOST_MAIL_URL", url.as_str()), ("GATEPOST_TRUSTED_PROXIES", "127.0.0.1")];
    let gatepost = Gatepost::start(&env);
    fill(&gatepost.database_url(&env), &["known", "other"]);
    std::thread::sleep(Duration::from_millis(1100));
    let mut client = Client::new(gatepost.address);
    let mut ask = |email: &str, from: Ipv4Addr| {
        client.cookies.clear();
        client.forwarded_for = Some(from);
        assert_eq!(client.post("/login", &format!("email={}", email.replace('@', "%40"))).status, 303);
    };
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let from = Ipv4Addr::from_bits(Ipv4Addr::new(10, 1, 0, 0).to_bits() + u32::try_from(round).expect("a number"));
        // The attacker's own accounts, each used once.
        let own = format!("known{:04}@example.com", ADDRESSES - 1 - round);
        if flood {
            for n in 0..5 {
                ask(&format!("flood{round}x{n}@example.com"), Ipv4Addr::new(10, 9, 0, 9));
            }
        }
        for _ in 0..3 {
            ask(&format!("{kind}{round:04}@example.com"), from);
        }
        let begun = Instant::now();
        ask(&own, from);
        let (arrived, _) = inbox.wait_for(&own, "").unwrap_or_else(|| panic!("no email to {own}"));
        times.push(arrived.duration_since(begun).as_secs_f64() * 1e3);
        // Until everything else has left, too.
        std::thread::sleep(delay * if flood { 12 } else { 5 } + Duration::from_millis(60));
    }
    // The first ones meet a worker that has no times yet.
    times.split_off(4)
}

/// Returns the chance that an own email takes longer after a known address than after an unknown
/// one.
fn area(known: &[f64], other: &[f64]) -> f64 {
    let longer = |a: f64, b: f64| {
        if a > b {
            1.0
        } else if a < b {
            0.0
        } else {
            0.5
        }
    };
    let sum: f64 = known.iter().map(|&a| other.iter().map(|&b| longer(a, b)).sum::<f64>()).sum();
    sum / (known.len() * other.len()) as f64
}

fn middle(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
