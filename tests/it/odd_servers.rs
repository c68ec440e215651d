//! Every odd way of answering at every verb: the outcome, and that no link which may have arrived
//! becomes invalid.

use crate::{
    harness::{Setup, TestApp, address},
    odd_server::{At, Meaning, OddServer, WAYS, Way},
};
use gatepost::{
    config::Config,
    domain::{Lifetime, Timestamp, logo::Logos},
    entropy::SystemEntropy,
    mail::{DevMailbox, Draft, MessageBuilder, Outcome, Outgoing, Timeouts, Transport, Verb, templates::Wording},
    outbox::WorkerPool,
};
use rocket::futures::{
    future::join_all,
    stream::{self, StreamExt},
};
use std::{io::Write, sync::Arc, time::Duration};

const BUDGET: Duration = Duration::from_secs(600);
/// Servers that are used at once.
const AT_ONCE: usize = 30;

/// Time that the test has to wait if no answer comes.
const SILENCE: Duration = Duration::from_secs(20);

/// Returns limits that no real answer exceeds, even on a busy machine. What is said at the end of a
/// conversation changes nothing.
fn timeouts(way: &Way) -> Timeouts {
    if way.hangs() { Timeouts::of(SILENCE) } else { Timeouts { farewell: SILENCE, ..Timeouts::of(BUDGET) } }
}

fn verb(at: At) -> Verb {
    match at {
        At::Greeting => Verb::Greeting,
        At::Ehlo => Verb::Ehlo,
        At::StartTls => Verb::StartTls,
        At::Auth => Verb::Auth,
        At::Mail => Verb::Mail,
        At::Rcpt | At::Rset | At::Quit => Verb::Rcpt,
        At::Data => Verb::Data,
        At::Dot => Verb::Dot,
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Class {
    Accepted,
    Refused { at: Verb, lasting: bool },
    Unknown,
}

fn class(outcome: &Outcome) -> Class {
    match outcome {
        Outcome::Accepted(_) => Class::Accepted,
        // A reset may overtake the connection.
        Outcome::Refused(refused) => Class::Refused { at: refused.at.max(Verb::Greeting), lasting: refused.lasting },
        Outcome::Unknown(_) => Class::Unknown,
    }
}

fn expected(at: At, way: &Way) -> Class {
    match (at, way.meaning) {
        // The recipient was refused, with any answer to RSET.
        (At::Rset, _) => Class::Refused { at: Verb::Rcpt, lasting: true },
        (At::Quit, _) | (_, Meaning::Yes) | (At::Dot, Meaning::YesTwice) => Class::Accepted,
        (_, Meaning::Later) => Class::Refused { at: verb(at), lasting: false },
        (_, Meaning::Never) => Class::Refused { at: verb(at), lasting: true },
        (At::Dot, Meaning::Nothing) => Class::Unknown,
        (_, Meaning::Nothing) => Class::Refused { at: verb(at), lasting: false },
        // Found before the next command is given.
        (_, Meaning::YesTwice) => {
            let next = match at {
                At::Greeting => Verb::Ehlo,
                At::Ehlo | At::Auth => Verb::Mail,
                At::Mail => Verb::Rcpt,
                At::Rcpt => Verb::Data,
                At::StartTls | At::Data | At::Dot | At::Rset | At::Quit => verb(at),
            };
            Class::Refused { at: next, lasting: false }
        }
    }
}

fn email() -> Outgoing {
    let sender = gatepost::config::Sender::parse("gatepost@localhost").unwrap();
    let message_builder = MessageBuilder::new(&sender, &[], Arc::new(SystemEntropy)).unwrap();
    let wording = Wording {
        language: "en".into(),
        subject: "s".into(),
        text: "a\n.\n..b\n".into(),
        whole_text: String::new(),
        html: "<p>h</p>".into(),
    };
    let recipient = &address("ana@example.com");
    let draft = Draft { recipient, wording, logos: Logos::default(), product_name: "Gatepost", support_address: None };
    message_builder.write(draft, Timestamp::from_millis(0)).unwrap()
}

fn transport_to(server: &OddServer, timeouts: Timeouts) -> Transport {
    let mut ca = tempfile::NamedTempFile::new().unwrap();
    ca.write_all(server.ca_pem.as_bytes()).unwrap();
    let env = [("GATEPOST_MAIL_URL", server.url()), ("GATEPOST_MAIL_CA_FILE", ca.path().display().to_string())];
    let config = Config::read(None, &env.map(|(key, value)| (key.to_owned(), value))).unwrap();
    Transport::with(&config, &DevMailbox::default(), timeouts).unwrap()
}

async fn one_cell(at: At, way: &'static Way) -> usize {
    let server = OddServer::start(at, way).await;
    let mut transport = transport_to(&server, timeouts(way));
    let cell = format!("{at:?}, {}", way.name);
    if at == At::Quit {
        transport.check().await.unwrap_or_else(|refused| panic!("{cell}: {refused}"));
    }
    let outcome = transport.send(&email(), BUDGET).await;
    assert_eq!(class(&outcome), expected(at, way), "{cell}: {outcome:?}");
    let handed = server.handed().len();
    let got_to_the_dot = !matches!(expected(at, way), Class::Refused { at, .. } if at < Verb::Dot);
    assert_eq!(handed, usize::from(got_to_the_dot), "{cell}");
    // It heals by itself, on the same connection or another one.
    server.heal();
    let outcome = transport.send(&email(), BUDGET).await;
    assert_eq!(class(&outcome), Class::Accepted, "{cell}, healed: {outcome:?}");
    let arrived = server.handed();
    assert_eq!(arrived.len(), handed + 1, "{cell}");
    assert!(arrived.iter().all(|email| email.data.contains("\r\n..\r\n...b\r\n")), "{cell}: dots are doubled");
    1
}

#[rocket::async_test]
async fn each_of_many_odd_answers_at_each_verb_is_a_yes_a_no_or_unknown() {
    let cells = At::ALL.into_iter().flat_map(|at| WAYS.iter().map(move |way| one_cell(at, way)));
    let counts: Vec<usize> = stream::iter(cells).buffer_unordered(AT_ONCE).collect().await;
    assert_eq!(counts.into_iter().sum::<usize>(), 270);
}

/// Asks for an email whose server is odd once, and then correct.
async fn one_journey(at: At, way: &'static Way) {
    let server = OddServer::start(at, way).await;
    let cell = format!("{at:?}, {}", way.name);
    let app: TestApp = Setup::new().with("GATEPOST_MAIL_URL", &server.url()).start().await;
    app.add_account("ana@example.com").await;
    let pool = WorkerPool::with_timeouts(Arc::clone(&app.services), timeouts(way));
    let mut worker = pool.worker().unwrap();
    let mut ana = app.browser();
    ana.post("/login", &[("email", "ana@example.com")]).await.assert_leads_to("/login/sent");
    worker.round().await.unwrap();
    let may_have_arrived = !matches!(way.meaning, Meaning::Later | Meaning::Never);
    if let Some(email) = server.handed().pop() {
        let status = if may_have_arrived { 200 } else { 410 };
        let opened = ana.open(&email.link()).await;
        assert_eq!(opened.status.code, status, "{cell}: {}", opened.text());
    }
    // Not again at once.
    let before = server.handed().len();
    worker.round().await.unwrap();
    assert_eq!(server.handed().len(), before, "{cell}");
    server.heal();
    for _ in 0..4 {
        app.clock.advance(Lifetime::minutes(2));
        worker.round().await.unwrap();
    }
    let emails = server.handed();
    let is_lost = way.meaning == Meaning::Never;
    assert!(emails.len() <= 2, "{cell}: {} copies", emails.len());
    assert!(is_lost || !emails.is_empty(), "{cell}: it arrives");
    if may_have_arrived {
        for email in &emails {
            assert_eq!(email.link(), emails[0].link(), "{cell}: the same link");
        }
    }
    if let Some(email) = emails.last().filter(|_| !is_lost) {
        let opened = ana.open(&email.link()).await;
        assert_eq!(opened.status.code, 200, "{cell}, healed: {}", opened.text());
        ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
    }
}

#[rocket::async_test]
async fn no_link_that_may_have_arrived_is_dead_and_nothing_arrives_more_than_twice() {
    let journeys =
        [At::Rcpt, At::Data, At::Dot].into_iter().flat_map(|at| WAYS.iter().map(move |way| one_journey(at, way)));
    join_all(journeys).await;
}
