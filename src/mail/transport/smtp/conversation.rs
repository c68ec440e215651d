//! Commands that we send to a mail server, and the meaning of its answers.

use super::{
    connection::{Connection, Silence},
    reply::Reply,
    timeouts::Timeouts,
};
use crate::{
    config::Password,
    mail::transport::{MailRefusal, Outcome, Verb},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::time::Duration;
use tokio::time::Instant;

/// The runtime's timer wakes up to this much later than it should.
const TIMER_ROUNDS: Duration = Duration::from_millis(3);

/// The extensions that the server announced, in capitals.
pub(super) struct Offers(Vec<String>);

impl Offers {
    fn of(reply: &Reply) -> Self {
        Self(reply.lines.iter().skip(1).map(|line| line.trim().to_ascii_uppercase()).collect())
    }

    pub(super) fn has(&self, keyword: &str) -> bool {
        self.0.iter().any(|line| line.split_whitespace().next() == Some(keyword))
    }

    /// Returns whether it offers a way of signing in. Old servers write `AUTH=LOGIN`.
    fn signs_in_by(&self, mechanism: &str) -> bool {
        let mut lists =
            self.0.iter().filter_map(|line| line.strip_prefix("AUTH")).filter(|list| list.starts_with([' ', '=']));
        lists.any(|list| list.split([' ', '=']).any(|word| word == mechanism))
    }
}

/// A delivery, and whether the connection can be used again.
pub(super) struct Delivery {
    pub outcome: Outcome,
    pub reusable: bool,
}

/// Email to hand over.
pub(super) struct Parcel<'a> {
    pub from: &'a str,
    pub to: &'a str,
    pub contents: Contents<'a>,
}

pub(super) enum Contents<'a> {
    Email(&'a [u8]),
    /// Nothing, after a time: the conversation ends before the recipient is named.
    Pretence(Duration),
}

/// Reads the greeting.
pub(super) async fn greeting(connection: &mut Connection, timeouts: &Timeouts) -> Result<String, MailRefusal> {
    let reply = connection.reply(timeouts.greeting).await.map_err(|silence| unanswered(Verb::Greeting, &silence))?;
    if reply.is_done() { Ok(reply.in_words()) } else { Err(refused(Verb::Greeting, &reply)) }
}

pub(super) async fn ehlo(connection: &mut Connection, name: &str, timeouts: &Timeouts) -> Result<Offers, MailRefusal> {
    let reply = ask(connection, Verb::Ehlo, &format!("EHLO {name}"), timeouts.command).await?;
    if reply.is_done() { Ok(Offers::of(&reply)) } else { Err(refused(Verb::Ehlo, &reply)) }
}

/// Asks for encryption. Anything after the server's answer and before the handshake comes from an
/// attacker.
pub(super) async fn starttls(
    connection: &mut Connection,
    offers: &Offers,
    timeouts: &Timeouts,
) -> Result<(), MailRefusal> {
    if !offers.has("STARTTLS") {
        let reply = "the server does not offer STARTTLS, so nothing was sent".to_owned();
        return Err(MailRefusal { at: Verb::StartTls, lasting: false, reply });
    }
    let reply = ask(connection, Verb::StartTls, "STARTTLS", timeouts.command).await?;
    if !reply.is_done() {
        return Err(refused(Verb::StartTls, &reply));
    }
    connection.expect_quiet().await.map_err(|silence| unanswered(Verb::StartTls, &silence))
}

/// Signs in by PLAIN, or by LOGIN. It ignores the text of prompts, because some are empty.
pub(super) async fn sign_in(
    connection: &mut Connection,
    offers: &Offers,
    (name, password): (&str, &Password),
    timeouts: &Timeouts,
) -> Result<(), MailRefusal> {
    let password = password.reveal();
    let (command, answers) = if offers.signs_in_by("PLAIN") {
        let answer = format!("\0{name}\0{password}");
        // Sends the answer at once, which saves a round. A server that still asks gets it again.
        (format!("AUTH PLAIN {}", STANDARD.encode(&answer)), vec![answer])
    } else if offers.signs_in_by("LOGIN") {
        ("AUTH LOGIN".to_owned(), vec![name.to_owned(), password.to_owned()])
    } else {
        let reply = "the server offers neither AUTH PLAIN nor AUTH LOGIN".to_owned();
        return Err(MailRefusal { at: Verb::Auth, lasting: false, reply });
    };
    let mut reply = ask(connection, Verb::Auth, &command, timeouts.command).await?;
    for answer in answers {
        if !reply.is_more_wanted() {
            break;
        }
        reply = ask(connection, Verb::Auth, &STANDARD.encode(answer), timeouts.command).await?;
    }
    if reply.is_done() { Ok(()) } else { Err(refused(Verb::Auth, &reply)) }
}

/// MAIL, RCPT, DATA and the email.
pub(super) async fn deliver(
    connection: &mut Connection,
    offers: &Offers,
    parcel: &Parcel<'_>,
    timeouts: &Timeouts,
) -> Delivery {
    match hand_over(connection, offers, parcel, timeouts).await {
        Ok(Ok(reply)) => {
            // An unexpected reply makes every later one doubtful.
            let reusable = connection.expect_quiet().await.is_ok();
            Delivery { outcome: Outcome::Accepted(reply.in_words()), reusable }
        }
        Ok(Err(silence)) => Delivery { outcome: Outcome::Unknown(silence.in_words()), reusable: false },
        Err(Undelivered { refused, usable }) => {
            let reusable = usable && reset(connection, timeouts).await;
            Delivery { outcome: Outcome::Refused(refused), reusable }
        }
    }
}

/// Asks whether the server would take a recipient, and resets afterwards.
pub(super) async fn probe(
    connection: &mut Connection,
    (from, to): (&str, &str),
    timeouts: &Timeouts,
) -> Result<Reply, MailRefusal> {
    let reply = ask(connection, Verb::Mail, &format!("MAIL FROM:<{from}>"), timeouts.command).await?;
    if !reply.is_done() {
        return Err(refused(Verb::Mail, &reply));
    }
    let reply = ask(connection, Verb::Rcpt, &format!("RCPT TO:<{to}>"), timeouts.command).await?;
    reset(connection, timeouts).await;
    Ok(reply)
}

pub(super) async fn quit(connection: &mut Connection, timeouts: &Timeouts) {
    let _ = connection.command("QUIT", timeouts.farewell).await;
}

/// An email that was not handed over.
struct Undelivered {
    refused: MailRefusal,
    /// True if the server still listens.
    usable: bool,
}

/// Waits, and ends within a tenth of a millisecond of the time.
///
/// The runtime's timer rounds up to whole milliseconds. An attacker who measures their own email
/// would see that two milliseconds after a few dozen tries.
async fn wait(span: Duration) {
    let end = Instant::now() + span;
    if let Some(most) = span.checked_sub(TIMER_ROUNDS) {
        tokio::time::sleep(most).await;
    }
    let rest = end.saturating_duration_since(Instant::now());
    if !rest.is_zero() {
        // On another thread: the system ends its sleep in time. An error only means that the
        // runtime shuts down.
        drop(tokio::task::spawn_blocking(move || std::thread::sleep(rest)).await);
    }
}

/// Hands an email over. The outer result says whether that happened. The inner one says whether a
/// readable yes came back.
async fn hand_over(
    connection: &mut Connection,
    offers: &Offers,
    parcel: &Parcel<'_>,
    timeouts: &Timeouts,
) -> Result<Result<Reply, Silence>, Undelivered> {
    let eight_bit = match parcel.contents {
        Contents::Email(email) if !email.is_ascii() && offers.has("8BITMIME") => " BODY=8BITMIME",
        _ => "",
    };
    let begun = Instant::now();
    let yes =
        step(connection, Verb::Mail, &format!("MAIL FROM:<{}>{eight_bit}", parcel.from), timeouts.command).await?;
    let email = match parcel.contents {
        Contents::Email(email) => email,
        Contents::Pretence(span) => {
            // RSET takes as long as MAIL did.
            wait(span.saturating_sub(begun.elapsed() * 2)).await;
            // Makes the server forget the sender. The answer to MAIL is enough.
            let reset = reset(connection, timeouts).await;
            return Ok(if reset { Ok(yes) } else { Err(Silence::OutOfStep) });
        }
    };
    step(connection, Verb::Rcpt, &format!("RCPT TO:<{}>", parcel.to), timeouts.command).await?;
    step(connection, Verb::Data, "DATA", timeouts.data).await?;
    let quiet = connection.expect_quiet().await;
    quiet.map_err(|silence| Undelivered { refused: unanswered(Verb::Data, &silence), usable: false })?;
    send(connection, &dot_stuffed(email), timeouts).await?;
    // The server may have it now, so that only a readable no is a no.
    let reply = match connection.reply(timeouts.dot).await {
        Ok(reply) => reply,
        Err(silence) => return Ok(Err(silence)),
    };
    if reply.is_later() || reply.is_never() {
        return Err(Undelivered { refused: refused(Verb::Dot, &reply), usable: !reply.is_closing() });
    }
    if !reply.is_done() {
        return Ok(Err(Silence::Lost(format!("an answer that makes no sense: {} {}", reply.code, reply.in_words()))));
    }
    Ok(Ok(reply))
}

/// Sends the email piece by piece. After a failure before the last piece, the server lacks the
/// final dot. Reading the answer finds a later failure.
async fn send(connection: &mut Connection, octets: &[u8], timeouts: &Timeouts) -> Result<(), Undelivered> {
    const BLOCK: usize = 64 * 1024;
    let mut blocks = octets.chunks(BLOCK).peekable();
    while let Some(block) = blocks.next() {
        let sent = connection.send(block, timeouts.block).await;
        if let (Err(silence), Some(_)) = (sent, blocks.peek()) {
            return Err(Undelivered { refused: unanswered(Verb::Data, &silence), usable: false });
        }
    }
    Ok(())
}

/// Sends a command of a delivery and reads its yes.
async fn step(connection: &mut Connection, verb: Verb, line: &str, limit: Duration) -> Result<Reply, Undelivered> {
    let reply = ask(connection, verb, line, limit).await.map_err(|refused| Undelivered { refused, usable: false })?;
    let yes = if verb == Verb::Data { reply.is_more_wanted() } else { reply.is_done() };
    if yes {
        return Ok(reply);
    }
    // After a senseless answer, the next one is useless, too.
    let usable = (reply.is_later() || reply.is_never()) && !reply.is_closing();
    Err(Undelivered { refused: refused(verb, &reply), usable })
}

async fn ask(connection: &mut Connection, verb: Verb, line: &str, limit: Duration) -> Result<Reply, MailRefusal> {
    connection.command(line, limit).await.map_err(|silence| unanswered(verb, &silence))
}

/// Makes the server forget a delivery. Returns whether it confirmed.
async fn reset(connection: &mut Connection, timeouts: &Timeouts) -> bool {
    connection.command("RSET", timeouts.farewell).await.is_ok_and(|reply| reply.is_done())
}

fn refused(at: Verb, reply: &Reply) -> MailRefusal {
    MailRefusal { at, lasting: reply.is_never(), reply: reply.in_words() }
}

/// Reports a missing answer before the email was handed over: the server does not have it.
fn unanswered(at: Verb, silence: &Silence) -> MailRefusal {
    MailRefusal { at, lasting: false, reply: silence.in_words() }
}

/// Returns the email as it crosses the line (RFC 5321 §4.5.2). Lines end with CRLF, a dot at the
/// beginning of a line is doubled, and a single dot ends it. A bare CR or LF ends a line, too.
/// Servers read those differently, and a dot after one could end the email early.
fn dot_stuffed(email: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(email.len() + 64);
    let (mut begins, mut before) = (true, None);
    for &octet in email {
        match octet {
            b'\n' if before == Some(b'\r') => {}
            b'\r' | b'\n' => {
                octets.extend_from_slice(b"\r\n");
                begins = true;
            }
            octet => {
                if begins && octet == b'.' {
                    octets.push(b'.');
                }
                octets.push(octet);
                begins = false;
            }
        }
        before = Some(octet);
    }
    if !begins {
        octets.extend_from_slice(b"\r\n");
    }
    octets.extend_from_slice(b".\r\n");
    octets
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keywords_are_read_in_any_case() {
        let offers =
            |text: &str| Offers::of(&Reply { code: 250, lines: text.lines().map(ToOwned::to_owned).collect() });
        assert!(offers("host\nstarttls\nsize 100").has("STARTTLS"));
        // The first line is the server's name.
        assert!(!offers("STARTTLS").has("STARTTLS"));
        for text in ["x\nauth login plain", "x\nAUTH=LOGIN PLAIN", "x\nAuth=Plain", "x\nAUTH PLAIN "] {
            assert!(offers(text).signs_in_by("PLAIN"), "{text}");
        }
        for text in ["x\nAUTHPLAIN", "x\nAUTH XPLAIN", "x\nAUTH", "x"] {
            assert!(!offers(text).signs_in_by("PLAIN"), "{text}");
        }
    }

    #[test]
    fn dots_are_doubled_and_lines_end_as_they_must() {
        assert_eq!(dot_stuffed(b"a\r\n.\r\n..b\nc"), b"a\r\n..\r\n...b\r\nc\r\n.\r\n");
        assert_eq!(dot_stuffed(b"a\r.\rb"), b"a\r\n..\r\nb\r\n.\r\n");
        assert_eq!(dot_stuffed(b""), b".\r\n");
    }

    proptest! {
        /// No email can end the conversation early.
        #[test]
        fn the_final_dot_is_the_only_one(email in "[a.\r\n]{0,40}") {
            let sent = String::from_utf8(dot_stuffed(email.as_bytes())).unwrap();
            let body = sent.strip_suffix(".\r\n").unwrap();
            prop_assert!(body.is_empty() || body.ends_with("\r\n"));
            let lines = format!("\r\n{body}");
            prop_assert!(!lines.contains("\r\n.\r\n"));
            // Read as a server does, it is the email again.
            let lines: Vec<&str> = body.split("\r\n").map(|line| line.strip_prefix('.').unwrap_or(line)).collect();
            let expected = email.replace("\r\n", "\n").replace('\r', "\n");
            let expected = expected.strip_suffix('\n').unwrap_or(&expected);
            let got = lines.join("\n");
            prop_assert_eq!(got.strip_suffix('\n').unwrap_or(&got), expected);
        }
    }
}
