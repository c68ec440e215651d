//! Does the time to ask for another email tell whether the owner of the mailbox has ended the
//! attempt elsewhere?

use crate::{
    answers::{self, Answers, masked},
    client::Client,
    prepare,
    server::Gatepost,
};
use gatepost::{
    clock::SystemClock,
    db,
    domain::{
        Attempt, AttemptId, BrowserLabel, ClientAddress, Clock, Destination, EmailAddress, Lifetime, Outcome, Purpose,
        Token,
    },
    entropy::SystemEntropy,
};
use std::{net::Ipv4Addr, time::Instant};

const SAMPLES: usize = 1500;
const KINDS: [&str; 3] = ["open", "used", "canc"];

pub fn compare() -> bool {
    let env = [("GATEPOST_TRUSTED_PROXIES", "127.0.0.1")];
    let gatepost = Gatepost::start(&env);
    let attempts = fill(&gatepost.database_url(&env));
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let mut client = Client::new(gatepost.address);
    let mut seen: Vec<Answers> = KINDS.iter().map(|_| Answers::default()).collect();
    for (sample, (id, verifier, email)) in attempts.into_iter().enumerate() {
        let round = sample / KINDS.len();
        client.cookies.clear();
        client.cookies.insert("gatepost_attempts".to_owned(), format!("{id}.{}", verifier.reveal()));
        let host = u32::try_from(round).expect("a number of rounds");
        client.forwarded_for = Some(Ipv4Addr::from_bits(Ipv4Addr::new(10, 0, 0, 0).to_bits() + host));
        let begun = Instant::now();
        let answer = client.post("/login/resend", "");
        let took = begun.elapsed().as_secs_f64() * 1e6;
        assert_eq!(answer.status, 303);
        let of_kind = &mut seen[sample % KINDS.len()];
        of_kind.times.push(took);
        if round.is_multiple_of(17) {
            of_kind.bytes.push(format!("{}{}", masked(&answer, &email), masked(&client.get("/login/sent"), &email)));
        }
    }
    answers::cannot_be_told_apart(&KINDS, &mut seen)
}

/// Adds attempts of each kind in turn, old enough for another email.
fn fill(url: &str) -> Vec<(AttemptId, Token, String)> {
    let now = SystemClock.now();
    let asked_at = now.minus(Lifetime::minutes(1));
    let mut made = Vec::new();
    prepare::on_database(url, async |db| {
        prepare::settings(
            db,
            &[("limits_per_client", "1000/1s"), ("limits_global", "1000/1s"), ("limits_per_mailbox", "100/15m")],
        )
        .await;
        for piece in 0..SAMPLES / 100 {
            let attempts: Vec<_> = (0..100 * KINDS.len())
                .map(|n| {
                    let (kind, verifier) = (n % KINDS.len(), Token::issue(&SystemEntropy));
                    let email = format!("{}{piece:02}{n:03}@example.com", KINDS[kind]);
                    let attempt = Attempt {
                        id: AttemptId::issue_at(&SystemEntropy, now),
                        purpose: Purpose::SignIn,
                        email: EmailAddress::parse(&email).expect("an address"),
                        account_id: None,
                        session_id: None,
                        verifier: Some(verifier.hash()),
                        browser: BrowserLabel::from_user_agent(""),
                        client: Some(ClientAddress::new(Ipv4Addr::new(10, 1, 0, 1).into())),
                        language: None,
                        requested_at: asked_at,
                        muted: false,
                        remember: false,
                        destination: Destination::home(),
                        token: None,
                        expires_at: None,
                        leaving: None,
                        wrong_codes: 0,
                        mails: 1,
                        mail_asked_at: asked_at,
                        ended: None,
                    };
                    (attempt, kind, verifier, email)
                })
                .collect();
            let rows: Vec<_> = attempts.iter().map(|(attempt, kind, ..)| (attempt.clone(), *kind)).collect();
            db.write(move |connection| {
                for (attempt, kind) in &rows {
                    db::attempts::insert(connection, attempt)?;
                    let outcome = [None, Some(Outcome::Used), Some(Outcome::Cancelled)][*kind];
                    if let Some(outcome) = outcome {
                        db::attempts::end(connection, attempt.id, outcome, asked_at)?;
                    }
                }
                Ok(())
            })
            .await
            .expect("attempts");
            made.extend(attempts.into_iter().map(|(attempt, _, verifier, email)| (attempt.id, verifier, email)));
        }
    });
    made
}
