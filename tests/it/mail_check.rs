//! Conclusions of `gatepost check` from the email server's answers, and how it signs in to one.

use crate::smtp_sink::{Security, SmtpSink};
use gatepost::{
    config::Config,
    domain::{LanguageTag, Timestamp},
    locale::Catalogue,
    mail::{DevMailbox, Talk, Timeouts, Transport},
    mail_doctor::{self, Finding, Outcome},
};
use std::{collections::VecDeque, fs, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Longer than any answer takes here, and short enough to wait for if no answer comes.
const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_secs(5);

/// A mail server that answers each line with the next of its replies, and is silent after the last.
struct Scripted {
    url: String,
    heard: JoinHandle<Vec<String>>,
}

impl Scripted {
    async fn start(name: &str, replies: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{name}127.0.0.1:{}?tls=none", listener.local_addr().unwrap().port());
        let replies = replies.iter().map(|reply| format!("{reply}\r\n")).collect();
        let heard = tokio::spawn(async move { answer(listener.accept().await.unwrap().0, replies).await });
        Self { url, heard }
    }

    /// Returns the verdict, and what the server heard.
    async fn checked(self, timeouts: Duration) -> (Result<String, String>, Vec<String>) {
        let config = Config::read(None, &[("GATEPOST_MAIL_URL".to_owned(), self.url)]).unwrap();
        let transport = Transport::with(&config, &DevMailbox::default(), Timeouts::of(timeouts)).unwrap();
        let verdict = transport.check().await.map(|ready| ready.to_string()).map_err(|refused| refused.to_string());
        drop(transport);
        (verdict, self.heard.await.unwrap())
    }
}

async fn answer(stream: TcpStream, mut replies: VecDeque<String>) -> Vec<String> {
    let (mut stream, mut heard) = (BufReader::new(stream), Vec::new());
    loop {
        if let Some(reply) = replies.pop_front() {
            // An empty reply closes the connection.
            if reply == "\r\n" || stream.get_mut().write_all(reply.as_bytes()).await.is_err() {
                return heard;
            }
        }
        let mut line = String::new();
        match stream.read_line(&mut line).await {
            Ok(0) | Err(_) => return heard,
            Ok(_) => heard.push(line.trim_end().to_owned()),
        }
    }
}

/// Returns what is said of a server that answers RCPT like this. `None` is silence.
async fn verdict_on(reply: Option<&str>) -> Result<String, String> {
    let before = ["220 mail", "250 mail", "250 sender ok"];
    let timeouts = if reply.is_some() { LONG } else { SHORT };
    let replies: Vec<&str> = match reply {
        Some(reply) => [&before[..], &[reply, "250 reset", "221 bye"]].concat(),
        None => before.to_vec(),
    };
    let (verdict, heard) = Scripted::start("", &replies).await.checked(timeouts).await;
    assert_eq!(heard[1..3], ["MAIL FROM:<gatepost@localhost>", "RCPT TO:<gatepost@localhost>"]);
    assert!(!heard.iter().any(|line| line.starts_with("DATA")), "{heard:?}");
    verdict
}

#[rocket::async_test]
async fn a_server_that_takes_the_sender_s_own_address_is_fine() {
    let fine = verdict_on(Some("250 2.1.5 ok")).await.unwrap();
    assert!(fine.contains("it takes email from and to gatepost@localhost: 250 2.1.5 ok"), "{fine}");
}

#[rocket::async_test]
async fn a_mailbox_that_is_full_or_greylisted_or_not_there_is_a_remark_and_no_fault() {
    for reply in [
        "450 4.2.0 Greylisted, come back later",
        "451 4.7.1 Greylisting in action",
        "452 4.2.2 mailbox full",
        "550 5.1.1 no such user",
        "550 unknown user",
    ] {
        let fine = verdict_on(Some(reply)).await.unwrap();
        assert!(fine.contains("but not to it") && fine.contains(reply), "{fine}");
    }
}

#[rocket::async_test]
async fn a_server_that_would_refuse_every_recipient_is_not_ok_and_its_words_are_shown() {
    for reply in [
        "504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname",
        "550 5.7.1 relaying denied",
        "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
        "554 5.7.1 <gatepost@localhost>: Relay access denied",
        "530 5.7.0 Authentication required",
        "501 5.1.3 bad recipient address syntax",
        "503 5.5.1 MAIL first",
        "454 4.7.1 relay access denied",
        "421 4.3.2 closing",
        "354 what",
    ] {
        let wrong = verdict_on(Some(reply)).await.unwrap_err();
        assert!(wrong.contains(reply) && wrong.contains("refuses email to"), "{wrong}");
    }
}

#[rocket::async_test]
async fn silence_and_nonsense_are_not_ok() {
    for (reply, says) in
        [(None, "no answer in time"), (Some("yes"), "its answer has no code"), (Some(""), "the connection was closed")]
    {
        let wrong = verdict_on(reply).await.unwrap_err();
        assert!(wrong.contains(says), "{reply:?}: {wrong}");
    }
}

#[rocket::async_test]
async fn prompts_may_be_empty_when_it_signs_in() {
    let rest = ["235 welcome", "250 sender ok", "250 ok", "250 reset", "221 bye"];
    for prompts in [["334 ", "334 "], ["334", "334"], ["334 VXNlcm5hbWU6", "334"]] {
        let replies = [&["220 mail", "250-mail\r\n250 AUTH=LOGIN"][..], &prompts, &rest].concat();
        let (verdict, heard) = Scripted::start("ana:secret@", &replies).await.checked(LONG).await;
        assert!(verdict.unwrap().contains("signed in"), "{prompts:?}");
        assert_eq!(heard[1..4], ["AUTH LOGIN", "YW5h", "c2VjcmV0"], "{prompts:?}");
    }
    for prompt in ["334", "334 "] {
        // A server that asks although the answer came along.
        let replies = [&["220 mail", "250-mail\r\n250 AUTH PLAIN"][..], &[prompt], &rest].concat();
        let (verdict, heard) = Scripted::start("ana:secret@", &replies).await.checked(LONG).await;
        assert!(verdict.unwrap().contains("signed in"), "{prompt:?}");
        assert_eq!(heard[1..3], ["AUTH PLAIN AGFuYQBzZWNyZXQ=", "AGFuYQBzZWNyZXQ="], "{prompt:?}");
    }
}

/// Has one conversation with a server whose certificate ends at the beginning of the year 4096.
async fn talk_to(sink: &SmtpSink, query: &str) -> Talk {
    let ca = tempfile::NamedTempFile::new().unwrap();
    fs::write(ca.path(), &sink.ca_pem).unwrap();
    let env = [("GATEPOST_MAIL_URL", sink.url(query)), ("GATEPOST_MAIL_CA_FILE", ca.path().display().to_string())];
    let config = Config::read(None, &env.map(|(key, value)| (key.to_owned(), value))).unwrap();
    mail_doctor::talk(&config).await
}

fn told(finding: &Finding) -> (Outcome, String) {
    (finding.outcome, finding.words(&Catalogue::embedded().unwrap().first_of([&LanguageTag::english()])))
}

#[rocket::async_test]
async fn one_conversation_tells_of_the_server_and_of_its_certificate() {
    let sink = SmtpSink::start(Security::StartTls).await;
    let talk = talk_to(&sink, "").await;
    assert_eq!(sink.connections(), 1);
    assert_eq!(told(&mail_doctor::server(&talk)).0, Outcome::Good, "{talk:?}");
    for (now, outcome, words) in [
        ("4095-12-10T00:00:00Z", Outcome::Good, "is valid until 1\u{a0}January 4096"),
        ("4095-12-20T00:00:00Z", Outcome::Bad, "expires on 1\u{a0}January 4096"),
        ("4096-02-01T00:00:00Z", Outcome::Bad, "expires on 1\u{a0}January 4096"),
    ] {
        let (found, said) = told(&mail_doctor::certificate(&talk, Timestamp::parse_rfc3339(now).unwrap()));
        assert!(found == outcome && said.contains(words), "{now}: {found:?} {said}");
    }
    // The server on this machine tells no time.
    assert_eq!(mail_doctor::clock(&talk, Timestamp::from_millis(0)).outcome, Outcome::CannotTell);
    assert_eq!(sink.connections(), 1);
}

#[rocket::async_test]
async fn without_encryption_or_without_a_server_nothing_is_said_to_be_wrong_with_a_certificate() {
    let sink = SmtpSink::start(Security::Plain).await;
    let now = Timestamp::from_millis(0);
    let talk = talk_to(&sink, "?tls=none").await;
    let (found, said) = told(&mail_doctor::certificate(&talk, now));
    assert!(found == Outcome::CannotTell && said.contains("no certificate is needed"), "{said}");
    // It does not offer STARTTLS, so that the conversation ends.
    let talk = talk_to(&sink, "").await;
    assert_eq!(told(&mail_doctor::server(&talk)).0, Outcome::Bad);
    let (found, said) = told(&mail_doctor::certificate(&talk, now));
    assert!(found == Outcome::CannotTell && said.contains("No email server answered"), "{said}");
}
