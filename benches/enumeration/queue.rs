//! Does the delay of one's own email tell whether another address has an account?
//!
//! An attacker asks three times for an address, and then for their own email. Emails to accounts
//! keep a connection to the email server busy. Pretended emails must keep it as busy.

use super::{ADDRESSES, PASSWORD, answers::rank_sum, fill};
use crate::{client::Client, inbox::Inbox, mail_server, prepare, server::Gatepost};
use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

/// Rounds for an address of each kind.
const ROUNDS: usize = 40;

/// A way to ask for emails to another address, and what surrounds it.
struct Case {
    name: &'static str,
    form: Form,
    delay: Duration,
    /// True if another client floods the queue with requests for unknown addresses.
    flood: bool,
    /// True if invented addresses have used up the share of the domain.
    share_is_used_up: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    SignIn,
    /// An account of the attacker asks to move to the other address.
    Move,
}

const SLOW: Duration = Duration::from_millis(100);
const CASE: Case = Case { name: "", form: Form::SignIn, delay: SLOW, flood: false, share_is_used_up: false };

const CASES: [Case; 6] = [
    Case { name: "a slow email server (100 ms)", ..CASE },
    Case { name: "a quick email server", delay: Duration::ZERO, ..CASE },
    Case { name: "a slow email server and a flood from another client", flood: true, ..CASE },
    Case { name: "a slow email server and a domain without a share", share_is_used_up: true, ..CASE },
    Case { name: "moves, a slow email server", form: Form::Move, ..CASE },
    Case { name: "moves, a quick email server", form: Form::Move, delay: Duration::ZERO, ..CASE },
];

/// Compares every case.
pub fn compare() -> bool {
    let mut same = true;
    for case in &CASES {
        let [known, other] = &delays(case);
        let (p, auc) = (rank_sum(known, other), area(known, other));
        let fine = p > 0.01 || (0.35..0.65).contains(&auc);
        same &= fine;
        println!(
            "own email behind three for another address, {}: median {:.1} ms behind a known one and {:.1} ms behind an unknown one, p = {p:.3}, AUC = {auc:.2}: {}",
            case.name,
            middle(known),
            middle(other),
            if fine { "cannot be told apart" } else { "CAN BE TOLD APART" }
        );
    }
    same
}

const KINDS: [&str; 2] = ["known", "other"];

/// Returns how long own emails take, in milliseconds, each after three for an address of one kind.
///
/// The kinds take turns on one server, as an attacker would ask: two servers may differ by more.
fn delays(case: &Case) -> [Vec<f64>; 2] {
    let inbox = Inbox::default();
    let taken = inbox.clone();
    let port = mail_server::start(case.delay, move |to, text| taken.take(to, text));
    let url = format!("smtp://127.0.0.1:{port}?tls=none");
    let env = [("GATEPOST_MAIL_URL", url.as_str()), ("GATEPOST_TRUSTED_PROXIES", "127.0.0.1")];
    let gatepost = Gatepost::start(&env);
    let database_url = gatepost.database_url(&env);
    fill(&database_url, &["known", "passw", "other"]);
    if case.share_is_used_up {
        prepare::on_database(&database_url, async |db| {
            prepare::settings(db, &[("join_policy", "anyone"), ("limits_per_domain", "1/1h")]).await;
        });
    }
    std::thread::sleep(Duration::from_millis(1100));
    let mut client = Client::new(gatepost.address);
    if case.share_is_used_up {
        ask(&mut client, Form::SignIn, "invented@example.com");
        inbox.wait_for("invented@example.com", &[]).expect("the share of the domain");
    }
    let mut times = KINDS.map(|_| Vec::new());
    for round in 0..ROUNDS * KINDS.len() {
        // In turn, and in varying order, so that no drift or rhythm favours one.
        let kind = (round + round / KINDS.len()) % KINDS.len();
        let from = Ipv4Addr::from_bits(Ipv4Addr::new(10, 1, 0, 0).to_bits() + u32::try_from(round).expect("a number"));
        let own = own_address(case, round);
        if case.flood {
            client.forwarded_for = Some(Ipv4Addr::new(10, 9, 0, 9));
            for n in 0..5 {
                ask(&mut client, Form::SignIn, &format!("flood{round}x{n}@example.com"));
            }
        }
        client.cookies.clear();
        client.forwarded_for = Some(from);
        if case.form == Form::Move {
            sign_in(&mut client, &format!("passw{round:04}@example.com"));
        }
        for _ in 0..3 {
            ask(&mut client, case.form, &format!("{}{round:04}@example.com", KINDS[kind]));
        }
        let begun = Instant::now();
        ask(&mut client, case.form, &own);
        let (arrived, _) = inbox.wait_for(&own, &[]).unwrap_or_else(|| panic!("no email to {own}"));
        times[kind].push(arrived.duration_since(begun).as_secs_f64() * 1e3);
        // Until everything else has left, too.
        std::thread::sleep(case.delay * if case.flood { 12 } else { 5 } + Duration::from_millis(60));
    }
    // The first ones meet a worker that has no times yet.
    times.map(|mut times| times.split_off(4))
}

/// Returns an address of the attacker that gets an email. Each is used once.
fn own_address(case: &Case, round: usize) -> String {
    match case.form {
        Form::Move => format!("moved{round:04}@example.com"),
        Form::SignIn if case.share_is_used_up => format!("me@own{round}.example"),
        Form::SignIn => format!("known{:04}@example.com", ADDRESSES - 1 - round),
    }
}

fn ask(client: &mut Client, form: Form, email: &str) {
    let (path, field) = match form {
        Form::SignIn => ("/login", "email"),
        Form::Move => ("/account/address", "new_email"),
    };
    if form == Form::SignIn {
        client.cookies.clear();
    }
    let answer = client.post(path, &format!("{field}={}", email.replace('@', "%40")));
    assert_eq!(answer.status, 303, "{}", answer.head);
}

fn sign_in(client: &mut Client, email: &str) {
    let form = format!("email={}&password={}", email.replace('@', "%40"), PASSWORD.replace(' ', "+"));
    client.post("/login/password", &form);
    assert!(client.cookies.contains_key("gatepost_session"), "{email} is signed in");
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
