//! Stopping, and keeping out of the way of a server that runs.

use crate::{
    http::read_answer,
    mail_server::MailServer,
    server::{Home, Server, eventually},
};
use gatepost::{
    clock::SystemClock,
    db,
    domain::{Clock, mail::MailState},
};
use std::{
    io::{Read, Write},
    net::TcpStream,
};

const ANA: &str = "ana@example.com";
/// Longer than anything that ends takes, even on a slow machine.
const PATIENT: &str = "{grace=120,mercy=3}";

/// Returns a server that has handed Ana's email over and waits for the mail server's answer.
fn sending(home: &mut Home, mail_server: &MailServer) -> Server {
    home.set("GATEPOST_MAIL_URL", &mail_server.url());
    home.run(&["account", "add", ANA]);
    let server = home.start();
    assert_eq!(home.visitor().post("/login", &[("email", ANA)]).unwrap().status, 303);
    eventually("the mail at the mail server", || (mail_server.taken() == 1).then_some(()));
    server
}

fn mails(home: &Home, state: MailState) -> i64 {
    home.with_database(move |connection| db::outbox::count(connection, state))
}

fn end(mut server: Server) -> Option<i32> {
    let status = eventually("the end", || server.child.try_wait().unwrap());
    status.code()
}

fn no_longer_listening(home: &Home) {
    eventually("no longer listening", || TcpStream::connect(home.address()).is_err().then_some(()));
}

/// Returns a request in progress, with the second half that is still to come.
fn half_asked(home: &Home) -> (TcpStream, &'static str) {
    let (first, second) = ("email=", "ana%40example.com");
    let head = format!(
        "POST /login HTTP/1.1\r\n{}Sec-Fetch-Site: same-origin\r\nExpect: 100-continue\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        home.visitor().common(),
        first.len() + second.len()
    );
    let mut stream = TcpStream::connect(home.address()).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    // The server sends "100 Continue" once it has begun to read the body. Before that it may hang
    // up without having seen anything.
    let goes_on = b"HTTP/1.1 100 Continue\r\n\r\n";
    let mut said = vec![0; goes_on.len()];
    stream.read_exact(&mut said).unwrap();
    assert_eq!(said, goes_on);
    stream.write_all(first.as_bytes()).unwrap();
    (stream, second)
}

#[test]
fn sigterm_lets_requests_under_way_finish_and_ends_well() {
    for mut home in Home::all() {
        // A busy machine may need more than the usual two seconds to get to the second half.
        home.set("ROCKET_SHUTDOWN", PATIENT);
        home.run(&["account", "add", ANA]);
        let server = home.start();
        let (mut slow, rest) = half_asked(&home);
        server.terminate();
        no_longer_listening(&home);
        slow.write_all(rest.as_bytes()).unwrap();
        assert_eq!(read_answer(&mut slow).unwrap().status, 303);
        drop(slow);
        assert_eq!(end(server), Some(0));
        // What was accepted on the way out is sent, now or by the next one.
        let _server = home.start();
        eventually("the mail", || home.mails().iter().any(|(to, _)| to == ANA).then_some(()));
    }
}

#[test]
fn a_request_that_never_ends_is_cut_off_and_no_failure() {
    let home = Home::new();
    let server = home.start();
    let _stuck = half_asked(&home);
    server.terminate();
    assert_eq!(end(server), Some(0));
}

#[test]
fn sigterm_while_a_mail_is_being_sent_waits_for_the_mail_servers_word() {
    for mut home in Home::all() {
        let mail_server = MailServer::start();
        home.set("ROCKET_SHUTDOWN", PATIENT);
        let server = sending(&mut home, &mail_server);
        server.terminate();
        no_longer_listening(&home);
        mail_server.answer();
        assert_eq!(end(server), Some(0));
        assert_eq!((mails(&home, MailState::Sent), mails(&home, MailState::Waiting)), (1, 0));
        let _server = home.start();
        home.visitor().get("/health/ready").unwrap();
        assert_eq!(mail_server.taken(), 1, "exactly once");
    }
}

#[test]
fn a_mail_server_that_never_answers_does_not_hold_up_the_end() {
    let mut home = Home::new();
    let mail_server = MailServer::start();
    let server = sending(&mut home, &mail_server);
    server.terminate();
    assert_eq!(end(server), Some(0));
    assert_eq!((mails(&home, MailState::Sent), mails(&home, MailState::Waiting)), (0, 1), "put back");
    mail_server.answer();
    let _server = home.start();
    eventually("sent by the next one", || (mails(&home, MailState::Sent) == 1).then_some(()));
    assert_eq!(mail_server.taken(), 2);
}

#[test]
fn a_second_copy_started_by_mistake_leaves_the_mails_of_the_first_alone() {
    let mut home = Home::new();
    let mail_server = MailServer::start();
    let _server = sending(&mut home, &mail_server);
    let second = home.run(&[]);
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8(second.stderr).unwrap().contains("Another Gatepost already serves this database file"));
    let due = home.with_database(db::outbox::next_due);
    assert!(due.is_some_and(|due| due > SystemClock.now()), "it is still leased to the first");
    mail_server.answer();
    eventually("sent", || (mails(&home, MailState::Sent) == 1).then_some(()));
    assert_eq!(mail_server.taken(), 1, "exactly once");
}

#[test]
fn any_signal_to_stop_is_seen_as_not_ready_before_the_port_closes() {
    for signal in ["-HUP", "-INT", "-TERM"] {
        let mut home = Home::new();
        home.set("GATEPOST_DRAIN", "60s");
        let server = home.start();
        let ready = || home.visitor().get("/health/ready").unwrap().status;
        assert_eq!(ready(), 200);
        server.signal(signal);
        eventually("not ready", || (ready() == 503).then_some(()));
        assert_eq!(home.visitor().get("/login").unwrap().status, 200, "and it serves on");
        // A second one, of any kind, closes the port at once.
        server.signal("-HUP");
        assert_eq!(end(server), Some(0), "{signal}");
    }
}
