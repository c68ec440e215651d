//! Can anybody tell from the answer to `POST /login`, or to a wrong password at `POST /login/password`, from its bytes or its timing, whether an
//! address has an account, or a password?
//!
//! `cargo bench --bench enumeration`. Asks for known, unknown and disabled addresses by turns and compares: the bytes after masking what is
//! random, and the times by the rank-sum test of Mann and Whitney. Mails are asked for once with a mail server that takes everything, once with
//! one that is not there. Ends with 1 if anything differs.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark"
)]

mod again;
mod answers;
#[path = "../common/mod.rs"]
mod common;
mod passkeys;
mod queue;

use answers::{Answers, masked};
use common::{Client, Gatepost};
use gatepost::{
    config::DatabaseUrl,
    db::{self, Db},
    domain::{EmailAddress, HashMemory, Password, Timestamp, account::AccountOrigin},
    entropy::SystemEntropy,
    people,
};
use std::{
    net::Ipv4Addr,
    process::ExitCode,
    time::{Duration, Instant},
};

/// Addresses of each kind, enough that no limit is reached twice in the same way.
const ADDRESSES: usize = 500;
const PASSWORD: &str = "correct horse battery";

/// What is asked, and of which kinds of addresses. Their names have one length, so that nothing differs by that.
struct Question {
    path: &'static str,
    /// The first is what the others are compared with.
    kinds: &'static [&'static str],
    /// What the form holds besides the address.
    rest: &'static str,
    status: u16,
    /// A page that tells more.
    then: Option<&'static str>,
    /// Of each kind.
    samples: usize,
}

const MAIL: Question = Question {
    path: "/login",
    kinds: &["known", "other", "disab"],
    rest: "",
    status: 303,
    then: Some("/login/sent"),
    samples: 3000,
};

/// Each costs a comparison by Argon2, so there are fewer; and each address is tried only so often that none is limited (10 in a quarter of an hour).
const WRONG_PASSWORD: Question = Question {
    path: "/login/password",
    kinds: &["passw", "known", "other", "disab"],
    rest: "&password=staple+every+other+word",
    status: 422,
    then: None,
    samples: 1000,
};

fn main() -> ExitCode {
    let mut same = true;
    for (name, mail_url, question) in [
        ("asking for a mail, mail shown", "dev:", &MAIL),
        ("asking for a mail, mail server away", "smtp://127.0.0.1:1?tls=none", &MAIL),
        ("a wrong password", "dev:", &WRONG_PASSWORD),
    ] {
        println!("== {name}");
        same &= compare(mail_url, question);
    }
    println!("== the mail queue");
    same &= queue::compare();
    println!("== asking again");
    same &= again::compare();
    println!("== passkeys");
    same &= passkeys::compare();
    if same { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn compare(mail_url: &str, question: &Question) -> bool {
    let env = [("GATEPOST_MAIL_URL", mail_url), ("GATEPOST_TRUSTED_PROXIES", "127.0.0.1")];
    let gatepost = Gatepost::start(&env);
    prepare(&gatepost.database_url(&env), question.kinds);
    std::thread::sleep(Duration::from_millis(1100));
    let mut client = Client::new(gatepost.address);
    let kinds = question.kinds.len();
    let mut seen: Vec<Answers> = (0..kinds).map(|_| Answers::default()).collect();
    for sample in 0..question.samples * kinds {
        // By turns, and not always in the same order, so that no drift or rhythm favours one.
        let round = sample / kinds;
        let kind = (sample + round) % kinds;
        let email = format!("{}{:04}@example.com", question.kinds[kind], round % ADDRESSES);
        client.cookies.clear();
        // Thirty passwords may come from one address; all kinds come from the same ones.
        let host = u32::try_from(round / 5).expect("a number of rounds");
        client.forwarded_for = Some(Ipv4Addr::from_bits(Ipv4Addr::new(10, 0, 0, 0).to_bits() + host));
        let body = format!("email={}{}", email.replace('@', "%40"), question.rest);
        let begun = Instant::now();
        let answer = client.post(question.path, &body);
        seen[kind].times.push(begun.elapsed().as_secs_f64() * 1e6);
        assert_eq!(answer.status, question.status);
        if round.is_multiple_of(17) {
            let page = question.then.map(|path| masked(&client.get(path), &email)).unwrap_or_default();
            seen[kind].bytes.push(format!("{}{page}", masked(&answer, &email)));
        }
    }
    answers::cannot_be_told_apart(question.kinds, &mut seen)
}

/// `known` has an account, `passw` a password, too; `disab` as well, and is disabled; `other` has nothing.
fn prepare(url: &str, kinds: &'static [&'static str]) {
    let url = DatabaseUrl::parse(url).expect("a URL");
    let now = Timestamp::from_millis(0);
    let password = Password::present(PASSWORD).expect("a password");
    let hash = password.hash(&SystemEntropy, &HashMemory::default()).expect("a hash");
    rocket::execute(async {
        let db = Db::open(&url, 2).expect("the database");
        db.write(move |connection| {
            for (name, value) in [
                ("password_enabled", "on"),
                ("limits_per_client", "1000/1s"),
                ("limits_per_domain", "1000/1s"),
                ("limits_global", "1000/1s"),
                ("limits_per_mailbox", "100/15m"),
            ] {
                db::settings::store(connection, name, value, now)?;
            }
            Ok(())
        })
        .await
        .expect("settings");
        for kind in kinds.iter().filter(|kind| **kind != "other") {
            // A transaction for each kind: one for all would take longer than one may.
            let hash = hash.clone();
            db.write(move |connection| {
                for n in 0..ADDRESSES {
                    let email = EmailAddress::parse(&format!("{kind}{n:04}@example.com"))
                        .map_err(|_| db::Error::fault("address"))?;
                    let account =
                        people::add(connection, &SystemEntropy, &email, false, AccountOrigin::Invited, now)?.account();
                    db::accounts::mark_proven(connection, account.id, now)?;
                    if *kind != "known" {
                        db::passwords::set(connection, account.id, &hash, now)?;
                    }
                    if *kind == "disab" {
                        db::accounts::set_disabled(connection, account.id, Some(now))?;
                    }
                }
                Ok(())
            })
            .await
            .expect("accounts");
        }
    });
}
