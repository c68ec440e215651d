//! The outbox against a real mail server on loopback, well-behaved and not.

use crate::{
    harness::{Setup, TestApp, address},
    outage::until,
    smtp_sink::{Misbehaviour, Security, SmtpSink, Step},
};
use gatepost::{
    db::{
        self,
        attempts::{Leaving, LinkKind},
        outbox::{Stuck, Wanted},
    },
    domain::{
        Entropy, Lifetime, Token,
        mail::{MailKind, MailState, QueuedMail, UNANSWERED_PAUSE, Urgency, pause_after},
    },
    entropy::SystemEntropy,
    mail::Timeouts,
    outbox::{StopSignal, Worker, WorkerPool},
    people::{self, Invitee},
};
use std::{
    io::Write,
    os::unix::fs::PermissionsExt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

const ANA: &str = "ana@example.com";

async fn app_with(url: &str) -> TestApp {
    let app = Setup::new().with("GATEPOST_MAIL_URL", url).start().await;
    app.add_account(ANA).await;
    app
}

async fn ask(app: &TestApp, email: &str) {
    app.browser().post("/login", &[("email", email)]).await.assert_leads_to("/login/sent");
}

/// Works off what is due. A refused connection ends a round.
async fn work(app: &TestApp) {
    let mut worker = Worker::new(Arc::clone(&app.services)).unwrap();
    for _ in 0..100 {
        if worker.round().await.unwrap() == 0 {
            return;
        }
    }
}

async fn count(app: &TestApp, state: MailState) -> i64 {
    app.read(move |connection| db::outbox::count(connection, state)).await
}

async fn replies(app: &TestApp, state: MailState) -> Vec<String> {
    app.read(move |connection| db::outbox::newest(connection, &[state], 100))
        .await
        .into_iter()
        .map(|mail| mail.reply)
        .collect()
}

#[rocket::async_test]
async fn a_mail_arrives_whole_at_the_stored_address_and_no_other() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    ask(&app, "ANA@example.com").await;
    work(&app).await;
    let mails = sink.arrived();
    assert_eq!(mails.len(), 1);
    assert_eq!((mails[0].from.as_str(), mails[0].to.as_slice()), ("gatepost@localhost", &[ANA.to_owned()][..]));
    let data = &mails[0].data;
    for header in [
        "From: Gatepost <gatepost@localhost>",
        "To: ana@example.com",
        "Subject: Sign in to Gatepost",
        "Message-ID: <",
        "References: <",
        // By the server's clock, which is at 14:03.
        "Date: Sun, 22 Nov 2026 14:03:00 +0000",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        "multipart/alternative",
        "text/plain",
        "text/html",
    ] {
        assert!(data.contains(header), "no {header} in {data}");
    }
    // At the beginning of a line, because a token or a boundary may contain any letters.
    for header in ["User-Agent:", "X-Mailer:", "Bcc:"] {
        assert!(!data.lines().any(|line| line.starts_with(header)), "{header} in {data}");
    }
    assert!(data.lines().all(|line| line.len() <= 998 && line.is_ascii()));
    assert_eq!(replies(&app, MailState::Sent).await, ["2.0.0 taken as 42"]);
}

#[rocket::async_test]
async fn each_mail_refers_to_something_else_so_that_no_thread_hides_the_newest() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    ask(&app, ANA).await;
    ask(&app, ANA).await;
    work(&app).await;
    let header = |name: &str| -> Vec<String> {
        let line = |data: &String| data.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
        sink.arrived().iter().map(|mail| line(&mail.data)).collect()
    };
    assert_ne!(header("References: ")[0], header("References: ")[1]);
    assert_ne!(header("Message-ID: ")[0], header("Message-ID: ")[1]);
}

#[rocket::async_test]
async fn many_mails_share_one_connection() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    app.set("join_policy", "anyone").await;
    app.set("limits_global", "1000/1s").await;
    for n in 0..20 {
        app.browser()
            .at(&format!("198.51.100.{n}"))
            .post("/login", &[("email", &format!("p{n}@example{n}.com"))])
            .await;
    }
    work(&app).await;
    assert_eq!((sink.arrived().len(), sink.connections()), (20, 1));
}

#[rocket::async_test]
async fn encryption_is_required_and_then_credentials_are_sent() {
    for (security, scheme) in [(Security::StartTls, "smtp"), (Security::Implicit, "smtps")] {
        let sink = SmtpSink::start(security).await;
        let mut ca = tempfile::NamedTempFile::new().unwrap();
        ca.write_all(sink.ca_pem.as_bytes()).unwrap();
        let url = format!("{scheme}://ana:secret@localhost:{}", sink.address.port());
        let app = Setup::new()
            .with("GATEPOST_MAIL_URL", &url)
            .with("GATEPOST_MAIL_CA_FILE", ca.path().to_str().unwrap())
            .start()
            .await;
        app.add_account(ANA).await;
        ask(&app, ANA).await;
        work(&app).await;
        let mails = sink.arrived();
        assert_eq!(mails.len(), 1, "{security:?}: {:?}", replies(&app, MailState::Waiting).await);
        assert!(mails[0].encrypted && mails[0].signed_in_as.is_some());
    }
}

#[rocket::async_test]
async fn nothing_is_sent_to_a_server_that_does_not_encrypt_or_cannot_show_who_it_is() {
    // No STARTTLS; an unknown certificate; a certificate for another name.
    let plain = SmtpSink::start(Security::Plain).await;
    let unknown = SmtpSink::start(Security::StartTls).await;
    let other = SmtpSink::start_for(Security::StartTls, "mail.evil.example").await;
    let implicit = SmtpSink::start_for(Security::Implicit, "mail.evil.example").await;
    for (sink, scheme, with_ca, word) in [
        (plain, "smtp", true, "not offer STARTTLS"),
        (unknown, "smtp", false, "UnknownIssuer"),
        (other, "smtp", true, "not valid for name"),
        (implicit, "smtps", true, "not valid for name"),
    ] {
        let mut ca = tempfile::NamedTempFile::new().unwrap();
        ca.write_all(sink.ca_pem.as_bytes()).unwrap();
        let mut setup =
            Setup::new().with("GATEPOST_MAIL_URL", &format!("{scheme}://ana:secret@localhost:{}", sink.address.port()));
        if with_ca {
            setup = setup.with("GATEPOST_MAIL_CA_FILE", ca.path().to_str().unwrap());
        }
        let app = setup.start().await;
        app.add_account(ANA).await;
        ask(&app, ANA).await;
        work(&app).await;
        assert!(sink.arrived().is_empty());
        let reply = replies(&app, MailState::Waiting).await;
        assert!(reply[0].contains(word), "{reply:?}");
        assert!(!reply[0].contains("secret"));
    }
}

#[rocket::async_test]
async fn whatever_a_server_says_at_whatever_step_the_mail_waits_or_dies_as_it_should() {
    // A permanent refusal ends only the email that it is about.
    let cases = [
        (Step::Greeting, "554 go away", MailState::Waiting),
        (Step::Greeting, "421 later", MailState::Waiting),
        (Step::Ehlo, "550 no", MailState::Waiting),
        (Step::Mail, "450 later", MailState::Waiting),
        (Step::Mail, "550 not you", MailState::Waiting),
        (Step::Mail, "421 closing", MailState::Waiting),
        (Step::Rcpt, "450 greylisted", MailState::Waiting),
        (Step::Rcpt, "421 closing", MailState::Waiting),
        (Step::Rcpt, "550 5.1.1 no such user", MailState::Dead),
        (Step::Data, "451 later", MailState::Waiting),
        (Step::Data, "554 no", MailState::Dead),
        (Step::Message, "450 later", MailState::Waiting),
        (Step::Message, "421 closing", MailState::Waiting),
        (Step::Message, "554 spam", MailState::Dead),
    ];
    for (step, text, expected) in cases {
        let sink = SmtpSink::start(Security::Plain).await;
        let app = app_with(&sink.url("?tls=none")).await;
        sink.misbehave(step, Misbehaviour::Say(text), "");
        ask(&app, ANA).await;
        work(&app).await;
        assert_eq!(count(&app, expected).await, 1, "{step:?} {text}");
        let reply = replies(&app, expected).await;
        assert!(reply[0].contains(&text[4..]), "{step:?} {text}: {reply:?}");
        sink.behave();
        app.clock.advance(Lifetime::minutes(2));
        work(&app).await;
        let arrived = usize::from(expected == MailState::Waiting);
        assert_eq!(sink.arrived().len(), arrived, "{step:?} {text}: it heals by itself");
    }
}

#[rocket::async_test]
async fn a_server_that_hangs_up_is_tried_again() {
    for step in [Step::Greeting, Step::Ehlo, Step::Mail, Step::Rcpt, Step::Data, Step::Message] {
        let sink = SmtpSink::start(Security::Plain).await;
        let app = app_with(&sink.url("?tls=none")).await;
        sink.misbehave(step, Misbehaviour::HangUp, "");
        ask(&app, ANA).await;
        work(&app).await;
        assert_eq!(count(&app, MailState::Waiting).await, 1, "{step:?}");
        sink.behave();
        app.clock.advance(Lifetime::minutes(2));
        work(&app).await;
        assert_eq!(sink.arrived().len(), 1, "{step:?}");
    }
}

#[rocket::async_test]
async fn an_email_taken_without_a_word_is_sent_once_more_and_both_links_are_good() {
    for same_process in [true, false] {
        let sink = SmtpSink::start(Security::Plain).await;
        let app = app_with(&sink.url("?tls=none")).await;
        sink.misbehave(Step::Message, Misbehaviour::TakeAndHangUp, "");
        let mut ana = app.browser();
        ana.post("/login", &[("email", ANA)]).await;
        let pool = WorkerPool::new(Arc::clone(&app.services));
        pool.worker().unwrap().round().await.unwrap();
        sink.behave();
        // Not at once: its reader has a moment to use the first copy.
        app.clock.advance(Lifetime::seconds(119));
        pool.worker().unwrap().round().await.unwrap();
        assert_eq!(sink.arrived().len(), 1);
        app.clock.advance(Lifetime::seconds(1));
        // Another worker of the same process has the same secrets. After a crash there are others.
        let pool = if same_process { pool } else { WorkerPool::new(Arc::clone(&app.services)) };
        pool.worker().unwrap().round().await.unwrap();
        let mails = sink.arrived();
        assert_eq!(mails.len(), 2, "one duplicate, and no more");
        assert_eq!(mails[0].link() == mails[1].link(), same_process);
        assert_eq!(mails[0].code() == mails[1].code(), same_process);
        ana.open(&mails[0].link()).await.assert_status(200).assert_shows("Sign in as");
        ana.open(&mails[1].link()).await.assert_status(200).assert_shows("Sign in as");
        ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
        ana.open(&mails[0].link()).await.assert_status(410);
    }
}

/// The refusal is about the copy. The outcome of the first one is still unknown.
#[rocket::async_test]
async fn a_copy_that_is_refused_leaves_the_first_ones_link_good() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    sink.misbehave(Step::Message, Misbehaviour::TakeAndHangUp, "");
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    let pool = WorkerPool::new(Arc::clone(&app.services));
    pool.worker().unwrap().round().await.unwrap();
    sink.misbehave(Step::Rcpt, Misbehaviour::Say("550 5.1.1 no such user"), "");
    app.clock.advance(UNANSWERED_PAUSE);
    pool.worker().unwrap().round().await.unwrap();
    assert_eq!(count(&app, MailState::Dead).await, 1);
    ana.open(&sink.arrived()[0].link()).await.assert_status(200).assert_shows("Sign in as");
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
}

/// The second copy does not help either, and there is no third.
#[rocket::async_test]
async fn an_email_that_is_never_answered_is_sent_twice_and_its_links_are_good_until_a_newer_one_arrives() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    sink.misbehave(Step::Message, Misbehaviour::TakeAndHangUp, "");
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    for _ in 0..5 {
        // Another process each time, so that each copy has its own link.
        work(&app).await;
        app.clock.advance(UNANSWERED_PAUSE);
    }
    let mails = sink.arrived();
    assert_eq!((mails.len(), count(&app, MailState::Dead).await), (2, 1));
    // The first has had its ten minutes, the second has not.
    ana.open(&mails[1].link()).await.assert_status(200).assert_shows("Sign in as");
    sink.behave();
    ana.post("/login/resend", &[]).await.assert_leads_to("/login/sent");
    work(&app).await;
    let newest = sink.arrived().pop().unwrap();
    ana.open(&mails[1].link()).await.assert_status(410);
    ana.open(&newest.link()).await.assert_status(200);
}

/// A process dies between the server's yes and our note of it.
#[rocket::async_test]
async fn after_a_crash_both_links_of_an_invitation_are_good_also_if_the_copy_is_refused() {
    for is_refused in [false, true] {
        let sink = SmtpSink::start(Security::Plain).await;
        let app = app_with(&sink.url("?tls=none")).await;
        let hold = sink.hold();
        let ana = app.account_of(ANA).await.unwrap();
        app.transact(move |tx| {
            people::invite(tx, &address("ben@example.com"), &ana, Invitee::User { ends_at: None }).map(drop)
        })
        .await;
        let services = Arc::clone(&app.services);
        let working = tokio::spawn(async move { Worker::new(services).unwrap().round().await.unwrap() });
        hold.reached().await;
        working.abort();
        let first = sink.offered().pop().unwrap();
        app.write(db::outbox::take_back_leases).await;
        if is_refused {
            sink.misbehave(Step::Rcpt, Misbehaviour::Say("550 5.1.1 no such user"), "");
        }
        app.clock.advance(Lifetime::seconds(21));
        work(&app).await;
        assert_eq!(sink.offered().len(), if is_refused { 1 } else { 2 });
        app.browser().open(&first.link_to("/auth/invitation").unwrap()).await.assert_status(200);
        app.browser()
            .open(&sink.offered().pop().unwrap().link_to("/auth/invitation").unwrap())
            .await
            .assert_status(200);
    }
}

/// The same crash, for an email that signs in.
#[rocket::async_test]
async fn after_a_crash_the_first_copys_link_and_code_stay_good_beside_the_second_ones() {
    for (by_code, takes_first) in [(false, false), (true, false), (false, true), (true, true)] {
        let sink = SmtpSink::start(Security::Plain).await;
        let app = app_with(&sink.url("?tls=none")).await;
        let hold = sink.hold();
        let mut ana = app.browser();
        ana.post("/login", &[("email", ANA)]).await;
        let services = Arc::clone(&app.services);
        let working = tokio::spawn(async move { Worker::new(services).unwrap().round().await.unwrap() });
        hold.reached().await;
        working.abort();
        let first = sink.offered().pop().unwrap();
        // It begins again at once. What may have left keeps its lease, so that its reader has a
        // moment.
        app.write(db::outbox::take_back_leases).await;
        work(&app).await;
        assert_eq!(sink.offered().len(), 1);
        app.clock.advance(Lifetime::seconds(21));
        work(&app).await;
        let second = sink.offered().pop().unwrap();
        assert_eq!(sink.offered().len(), 2);
        // The reader cannot know which of them counts.
        let opened = if takes_first { &first } else { &second };
        ana.open(&opened.link()).await.assert_status(200);
        if by_code {
            ana.post("/login/code", &[("code", &opened.code())]).await.assert_leads_to("/account");
        } else {
            ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
        }
        ana.open(&first.link()).await.assert_status(410);
    }
}

#[rocket::async_test]
async fn tries_come_with_growing_pauses_until_the_attempt_is_too_old() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    sink.misbehave(Step::Rcpt, Misbehaviour::Say("450 later"), "");
    ask(&app, ANA).await;
    let (mut passed, mut tries) = (0, 0);
    while count(&app, MailState::Waiting).await == 1 {
        let before = app.read(|connection| db::outbox::newest(connection, &[MailState::Waiting], 1)).await[0].tries;
        work(&app).await;
        let mails =
            app.read(|connection| db::outbox::newest(connection, &[MailState::Waiting, MailState::Dead], 1)).await;
        tries += i32::from(mails[0].tries > before);
        app.clock.advance(Lifetime::seconds(1));
        passed += 1;
        assert!(passed < 2000, "it must give up");
    }
    assert!((1600..=1900).contains(&passed), "after half an hour: {passed}");
    assert!((20..40).contains(&tries), "{tries} tries");
    assert_eq!(replies(&app, MailState::Dead).await.len(), 1);
    assert!(pause_after(3, 0) > pause_after(2, 0));
}

#[rocket::async_test]
async fn one_address_in_trouble_holds_up_neither_its_domain_nor_others() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    app.set("join_policy", "anyone").await;
    app.set("limits_global", "1000/1s").await;
    sink.misbehave(Step::Rcpt, Misbehaviour::Say("450 4.2.0 greylisted"), "grey");
    for n in 0..6 {
        app.browser()
            .at(&format!("198.51.100.{n}"))
            .post("/login", &[("email", &format!("grey{n}@slow.example"))])
            .await;
    }
    work(&app).await;
    app.browser().post("/login", &[("email", "q@fast.example")]).await;
    app.browser().at("198.51.100.99").post("/login", &[("email", "late@slow.example")]).await;
    work(&app).await;
    let mut arrived: Vec<_> = sink.arrived().into_iter().map(|mail| mail.to[0].clone()).collect();
    arrived.sort();
    assert_eq!(arrived, ["late@slow.example", "q@fast.example"]);
    assert_eq!(sink.connections(), 2, "a refused recipient costs no connection");
    // Greylisting is over within seconds, and so is the wait.
    sink.behave();
    app.clock.advance(Lifetime::seconds(10));
    work(&app).await;
    work(&app).await;
    assert_eq!(sink.arrived().len(), 8);
}

/// Greylisting refuses each of them for minutes.
#[rocket::async_test]
async fn a_newcomer_s_email_takes_one_share_of_its_domain_however_often_it_is_tried() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    app.set("join_policy", "anyone").await;
    app.set("limits_per_domain", "3/15m").await;
    sink.misbehave(Step::Rcpt, Misbehaviour::Say("450 4.2.0 greylisted"), "grey");
    for n in 0..5 {
        let email = format!("grey{n}@slow.example");
        app.browser().at(&format!("198.51.100.{n}")).post("/login", &[("email", &email)]).await;
    }
    for _ in 0..4 {
        work(&app).await;
        app.clock.advance(Lifetime::seconds(70));
    }
    assert_eq!(sink.arrived().len(), 0);
    sink.behave();
    work(&app).await;
    assert_eq!(sink.arrived().len(), 3, "each share is of one email, and the others wait");
    app.clock.advance(Lifetime::minutes(11));
    work(&app).await;
    assert_eq!(sink.arrived().len(), 5);
}

/// Strangers can type addresses at a domain that do not exist, where anyone may join. Existing
/// users must not wait for that.
#[rocket::async_test]
async fn strangers_cannot_pause_a_domain_by_typing_its_addresses() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    app.set("join_policy", "anyone").await;
    app.add_account("real@corp.example").await;
    sink.misbehave(Step::Rcpt, Misbehaviour::Say("450 4.1.1 unverified"), "bogus");
    for n in 0..9 {
        let email = format!("bogus{n}@corp.example");
        app.browser().at(&format!("198.51.100.{n}")).post("/login", &[("email", &email)]).await;
    }
    work(&app).await;
    work(&app).await;
    app.browser().post("/login", &[("email", "real@corp.example")]).await;
    work(&app).await;
    assert_eq!(sink.arrived().len(), 1);
}

/// Some servers quote what they refuse: a listed link, or a line that looked like spam.
#[rocket::async_test]
async fn a_server_that_quotes_the_mail_gets_no_secret_into_the_log_or_the_outbox_and_a_refused_mail_opens_nothing() {
    for (text, state) in [
        ("550 5.7.1 refused: {mail}", MailState::Dead),
        ("451 4.7.1 later: {mail}", MailState::Waiting),
        ("250 2.0.0 queued {mail}", MailState::Sent),
    ] {
        let sink = SmtpSink::start(Security::Plain).await;
        let app = app_with(&sink.url("?tls=none")).await;
        sink.misbehave(Step::Message, Misbehaviour::Say(text), "");
        let mut ana = app.browser();
        ana.post("/login", &[("email", ANA)]).await;
        work(&app).await;
        let quoted = sink.offered().pop().unwrap();
        let (link, code) = (quoted.link(), quoted.code());
        let token = link.split_once("token=").unwrap().1.to_owned();
        let reply = replies(&app, state).await.pop().unwrap();
        assert!(reply.contains('…') && !reply.contains(&token) && !reply.contains(&code), "{reply}");
        assert!(!app.dump().await.contains(&token));
        let opened = ana.open(&link).await;
        assert_eq!(opened.status.code, if state == MailState::Sent { 200 } else { 410 }, "{text}");
    }
}

/// An email can be read before the mail server's answer is stored. The answer may be late, or our
/// disk slow.
#[rocket::async_test]
async fn a_mail_that_is_opened_before_the_mail_server_has_answered_works_by_link_and_by_code() {
    for by_code in [false, true] {
        let sink = SmtpSink::start(Security::Plain).await;
        let app = app_with(&sink.url("?tls=none")).await;
        let hold = sink.hold();
        let mut ana = app.browser();
        ana.post("/login", &[("email", ANA)]).await;
        let services = Arc::clone(&app.services);
        let working = tokio::spawn(async move { Worker::new(services).unwrap().round().await.unwrap() });
        hold.reached().await;
        let mail = sink.offered().pop().unwrap();
        if by_code {
            ana.post("/login/code", &[("code", &mail.code())]).await.assert_leads_to("/account");
        } else {
            ana.open(&mail.link()).await.assert_status(200).assert_shows("Sign in as");
            ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
        }
        hold.release();
        working.await.unwrap();
        assert_eq!(count(&app, MailState::Sent).await, 1);
        // The answer, stored afterwards, does not revive the link.
        let mut ben = app.browser();
        ben.open(&mail.link()).await.assert_status(410);
    }
}

/// The mail server takes longer over its answer than a link lives. Its user may read the email all
/// the while.
#[rocket::async_test]
async fn a_link_stays_good_while_the_mail_server_takes_its_time_with_the_answer() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    let hold = sink.hold();
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    let timeouts = Timeouts { renew: Duration::from_millis(5), ..Timeouts::default() };
    let pool = WorkerPool::with_timeouts(Arc::clone(&app.services), timeouts);
    let working = tokio::spawn(async move { pool.worker().unwrap().round().await.unwrap() });
    hold.reached().await;
    let link = sink.offered().pop().unwrap().link();
    for _ in 0..3 {
        app.clock.advance(Lifetime::minutes(9));
        let renewed = format!("leaving_until={}", app.services.now().plus(Lifetime::minutes(10)).as_millis());
        until("the link is renewed", async || app.dump().await.contains(&renewed)).await;
    }
    ana.open(&link).await.assert_status(200).assert_shows("Sign in as");
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
    hold.release();
    working.await.unwrap();
}

/// The first email arrived without confirmation. The mail server refuses the second permanently.
#[rocket::async_test]
async fn the_link_that_undoes_a_move_stays_good_whatever_becomes_of_a_second_try() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    work(&app).await;
    ana.open(&sink.arrived().pop().unwrap().link()).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
    ana.post("/account/address", &[("new_email", "ana@new.example")]).await.assert_status(303);
    work(&app).await;
    ana.open(&sink.arrived().pop().unwrap().link()).await;
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
    sink.misbehave(Step::Message, Misbehaviour::TakeAndHangUp, "");
    work(&app).await;
    sink.misbehave(Step::Message, Misbehaviour::Say("550 enough of this"), "");
    app.clock.advance(Lifetime::minutes(2));
    work(&app).await;
    assert_eq!(count(&app, MailState::Dead).await, 1);
    let undo: Vec<_> = sink.offered().iter().filter_map(|mail| mail.link_to("/auth/undo")).collect();
    assert_eq!(undo.len(), 2);
    for link in undo {
        app.browser().open(&link).await.assert_status(200).assert_shows("Undo the address change?");
    }
}

#[rocket::async_test]
async fn an_answer_that_comes_late_puts_no_older_link_in_the_newest_ones_place() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    let newest = app.mail_to(ANA).await.link();
    let token = Token::present(newest.split_once("token=").unwrap().1).unwrap().hash();
    let (earlier, until) =
        (app.services.now().minus(Lifetime::seconds(5)), app.services.now().plus(Lifetime::minutes(10)));
    app.write(move |connection| {
        let attempt = db::attempts::find_by_link(connection, &token, LinkKind::Open)?.unwrap();
        let older = Token::issue(&SystemEntropy).hash();
        let older = Leaving { token: &older, code: None, made_at: earlier };
        db::attempts::start_life(connection, attempt.id, older, until)
    })
    .await;
    ana.open(&newest).await.assert_status(200).assert_shows("Sign in as");
}

/// Section 3 of how email works here: an earlier, valid email keeps working until the newer one has
/// really left.
#[rocket::async_test]
async fn while_the_newer_mail_cannot_leave_the_older_one_goes_on_working() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    let mut ana = app.browser();
    ana.post("/login", &[("email", ANA)]).await;
    work(&app).await;
    let first = sink.arrived().pop().unwrap();
    sink.misbehave(Step::Message, Misbehaviour::Say("451 not now"), "");
    app.clock.advance(Lifetime::seconds(31));
    ana.post("/login/resend", &[]).await.assert_leads_to("/login/sent");
    work(&app).await;
    ana.open(&first.link()).await.assert_status(200).assert_shows("Sign in as");
    // Once it has, only the newest counts.
    sink.behave();
    app.clock.advance(Lifetime::minutes(2));
    work(&app).await;
    let second = sink.arrived().pop().unwrap();
    ana.open(&first.link()).await.assert_status(410);
    ana.open(&second.link()).await.assert_status(200);
    ana.post("/auth/verify", &[]).await.assert_leads_to("/account");
}

#[rocket::async_test]
async fn a_mail_server_that_is_not_there_costs_nobody_who_asks_anything() {
    // A port where no server listens.
    let app = app_with("smtp://127.0.0.1:1?tls=none").await;
    ask(&app, ANA).await;
    work(&app).await;
    app.browser().get("/login").await.assert_status(200);
    assert_eq!(count(&app, MailState::Waiting).await, 1);
    app.clock.advance(Lifetime::minutes(31));
    work(&app).await;
    assert_eq!(count(&app, MailState::Dead).await, 1, "shown to admins, not sent the next day");
}

#[rocket::async_test]
async fn decoys_keep_a_connection_as_busy_as_others_and_are_never_handed_over() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    ask(&app, "stranger@example.com").await;
    let begun = tokio::time::Instant::now();
    work(&app).await;
    assert_eq!((sink.offered().len(), count(&app, MailState::Dropped).await), (0, 1));
    // The attacker's own emails behind them must not be quicker: the connection is opened and kept
    // for them, too. A sleep is never too short.
    assert!(begun.elapsed() >= Duration::from_millis(150));
    assert_eq!(sink.connections(), 1);
    assert_eq!(sink.recipients(), 0, "the recipient is not named");
}

#[rocket::async_test]
async fn what_a_dead_worker_had_leased_is_taken_over() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    ask(&app, ANA).await;
    let now = app.services.now();
    // A worker that leased the email and died.
    app.write(move |connection| {
        let wanted = Wanted { most: 10, first: Urgency::WaitedFor, pass_over: Stuck::default() };
        db::outbox::lease(connection, db::outbox::Lease(7), (now, now.plus(Lifetime::minutes(3))), &wanted)
    })
    .await;
    work(&app).await;
    assert!(sink.arrived().is_empty(), "another worker has it");
    app.clock.advance(Lifetime::minutes(3));
    work(&app).await;
    assert_eq!(sink.arrived().len(), 1);
}

/// Counted as in progress forever, such emails kept every worker from their asker and their domain.
#[rocket::async_test]
async fn what_dead_workers_were_handing_over_holds_nothing_up_once_its_lease_has_ended() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    app.set("join_policy", "anyone").await;
    app.a_second_later();
    for n in 0..6 {
        ask(&app, &format!("p{n}@example.com")).await;
    }
    let now = app.services.now();
    app.write(move |connection| {
        let wanted = Wanted { most: 10, first: Urgency::WaitedFor, pass_over: Stuck::default() };
        let leased =
            db::outbox::lease(connection, db::outbox::Lease(7), (now, now.plus(Lifetime::minutes(3))), &wanted)?;
        let ids: Vec<_> = leased.iter().flatten().map(|mail| mail.id).collect();
        db::outbox::note_handing(connection, &ids, now)
    })
    .await;
    app.clock.advance(Lifetime::minutes(3));
    ask(&app, ANA).await;
    work(&app).await;
    assert_eq!(sink.arrived().len(), 7);
}

#[rocket::async_test]
async fn many_workers_on_two_nodes_send_each_mail_once() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    app.set("join_policy", "anyone").await;
    app.set("limits_global", "1000/1s").await;
    let other = Setup::new().with("GATEPOST_MAIL_URL", &sink.url("?tls=none")).beside(&app).start().await;
    for n in 0..40 {
        app.browser()
            .at(&format!("198.51.100.{n}"))
            .post("/login", &[("email", &format!("p{n}@example{n}.com"))])
            .await;
    }
    let working = (0..6).map(|n| work(if n % 2 == 0 { &app } else { &other }));
    rocket::futures::future::join_all(working).await;
    work(&app).await;
    let mut to: Vec<_> = sink.arrived().into_iter().map(|mail| mail.to[0].clone()).collect();
    assert_eq!(to.len(), 40);
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 40, "no duplicates");
}

#[rocket::async_test]
async fn a_refused_mail_is_shown_to_admins_and_can_be_tried_again() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = Setup::new().with("GATEPOST_MAIL_URL", &sink.url("?tls=none")).start().await;
    app.add_admin(ANA).await;
    let mut ana = crate::set_up::console_session(&app, ANA).await;
    sink.misbehave(Step::Rcpt, Misbehaviour::Say("550 5.1.1 no such user\u{1b}[31m"), "ben@");
    ana.post("/admin/people", &[("email", "ben@example.com")]).await.assert_status(303);
    work(&app).await;
    let page = ana.get("/admin/mail").await;
    page.assert_shows("5.1.1 no such user").assert_shows("ben@example.com");
    assert!(!page.body.contains('\u{1b}'), "what a server says is shown without its control characters");
    ana.get("/admin").await.assert_shows("1 email couldn’t be delivered");
    sink.behave();
    let id = page.body.split("/admin/mail/").find(|rest| rest[16.min(rest.len())..].starts_with("/retry")).unwrap()
        [..16]
        .to_owned();
    ana.post(&format!("/admin/mail/{id}/retry"), &[]).await.assert_leads_to("/admin/mail");
    work(&app).await;
    assert!(sink.arrived().iter().any(|mail| mail.to[0] == "ben@example.com"));
    ana.post(&format!("/admin/mail/{id}/retry"), &[]).await.assert_leads_to("/admin/mail");
}

#[rocket::async_test]
async fn a_server_that_repeats_the_recipient_is_kept_with_it_masked() {
    for (step, text, state) in [
        (Step::Rcpt, "550 5.1.1 <ana@example.com>: no such user", MailState::Dead),
        (Step::Rcpt, "451 Ana@Example.COM, ana@example.com and bana@example.com later", MailState::Waiting),
        (Step::Message, "250 2.0.0 taken for ana@example.com", MailState::Sent),
    ] {
        let sink = SmtpSink::start(Security::Plain).await;
        let app = app_with(&sink.url("?tls=none")).await;
        sink.misbehave(step, Misbehaviour::Say(text), "");
        ask(&app, ANA).await;
        work(&app).await;
        let reply = replies(&app, state).await.pop().unwrap();
        assert!(reply.contains("a•••@example.com") && !reply.to_lowercase().contains(ANA), "{reply}");
    }
}

#[rocket::async_test]
async fn mails_go_into_a_folder_whole() {
    let folder = tempfile::tempdir().unwrap();
    let app = app_with(&format!("file://{}", folder.path().display())).await;
    ask(&app, ANA).await;
    work(&app).await;
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    assert!(files[0].extension().is_some_and(|kind| kind == "eml"));
    assert!(std::fs::read_to_string(&files[0]).unwrap().contains("To: ana@example.com"));
    // Readable only by its owner, though the umask would allow others.
    assert_eq!(std::fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);
    // A missing folder is like a refused connection, and does not end the email.
    drop(folder);
    ask(&app, ANA).await;
    work(&app).await;
    assert_eq!(count(&app, MailState::Waiting).await, 1);
}

#[rocket::async_test]
async fn an_operators_own_templates_go_before_the_embedded_ones() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sign_in")).unwrap();
    std::fs::write(folder.path().join("sign_in/subject.txt.j2"), "Hereinspaziert, {{ product_name }}\n").unwrap();
    std::fs::write(
        folder.path().join("sign_in/text.txt.j2"),
        "Bitte sehr: {{ link }} oder {{ code }}\nSonst: {{ cancel_link }}\n",
    )
    .unwrap();
    let app = Setup::new().with("GATEPOST_MAIL_TEMPLATES", folder.path().to_str().unwrap()).start().await;
    app.add_account(ANA).await;
    ask(&app, ANA).await;
    let mail = app.mail_to(ANA).await;
    assert_eq!(mail.subject, "Hereinspaziert, Gatepost");
    assert!(mail.text.starts_with("Bitte sehr:\nhttp://localhost:8000/auth/verify?token="));
    assert!(mail.html.contains("Enter this code"), "what is not replaced is the embedded one");
}

#[rocket::async_test]
async fn a_broken_template_stops_the_start() {
    for (file, text) in [
        ("sign_in/subject.txt.j2", "{{ prodcut_name }}"),
        ("sign_in/text.txt.j2", "{{ link "),
        ("sign_in/text.txt.j2", "no link at all"),
        ("sign_in/text.txt.j2", "{{ link }} {{ code }}: no way to say that it was not me"),
        ("sign_in/text.txt.j2", "{{ link }} {{ cancel_link }}: no code"),
        ("sign_in/html.html.j2", "{{ code }} {{ cancel_link }}: no link"),
        ("step_up/text.txt.j2", "{{ code }}"),
        ("confirm_address/html.html.j2", "{{ cancel_link }}"),
        ("address_changed/text.txt.j2", "{{ new_address }}"),
        ("invitation/text.txt.j2", "{{ inviter }}"),
        // Mistakes that only some emails would show.
        ("test/text.txt.j2", "{{ say(\"mail-tset\") }}"),
        ("test/text.txt.j2", "{{ say(\"mail-test-from\", prodcut=product_name) }}"),
        ("test/text.txt.j2", "{% if lang == \"de\" %}{{ sgin }}{% endif %}"),
        ("test/text.txt.j2", "{% if not support_address %}{{ suport_address }}{% endif %}"),
        ("sign_in/subject.txt.j2", "Sign in{% if not client %} {{ clinet }}{% endif %}"),
        ("test/html.html.j2", "{% if not logo %}{{ lgoo }}{% endif %}"),
        // Files that replace nothing.
        ("sign_in/subjet.txt.j2", "misspelt"),
        ("sign_in/text.txt", "{{ link }} {{ code }} {{ cancel_link }}"),
        ("sign_in/deeper/text.txt.j2", "{{ link }} {{ code }} {{ cancel_link }}"),
        ("text.txt.j2", "{{ link }} {{ code }} {{ cancel_link }}"),
    ] {
        assert!(start_with_template(file, text).await.is_err(), "{file}: {text}");
    }
    let whole = "{{ link }} {{ code }} {{ cancel_link }}{% if client %} from {{ client }}{% endif %}";
    for file in ["sign_in/text.txt.j2", "sign_in/html.html.j2", "sign_in/.text.txt.j2.swp"] {
        assert!(start_with_template(file, whole).await.is_ok(), "{file}");
    }
}

async fn start_with_template(file: &str, text: &str) -> Result<TestApp, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(file);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
    Setup::new().with("GATEPOST_MAIL_TEMPLATES", folder.path().to_str().unwrap()).try_start().await
}

#[rocket::async_test]
async fn a_worker_that_is_told_to_stop_finishes_the_mail_at_hand_and_puts_down_the_rest() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    app.set("join_policy", "anyone").await;
    for n in 0..3 {
        ask(&app, &format!("p{n}@example{n}.com")).await;
    }
    let held = sink.hold();
    let (running, stop) = StopSignal::pair();
    let worker = tokio::spawn(Worker::new(Arc::clone(&app.services)).unwrap().run(stop));
    held.reached().await;
    assert_eq!(sink.arrived().len(), 1, "the server has the first mail and has not said so yet");
    drop(running);
    held.release();
    worker.await.unwrap();
    assert_eq!(
        (sink.arrived().len(), count(&app, MailState::Sent).await, count(&app, MailState::Waiting).await),
        (1, 1, 2)
    );
    // The clock does not move: an email that is still leased would stay.
    work(&app).await;
    assert_eq!(sink.arrived().len(), 3);
}

/// Randomness that fails once, at the `n`th read after it is told to.
#[derive(Default)]
struct Fragile(AtomicI64);

impl Entropy for Fragile {
    fn fill(&self, bytes: &mut [u8]) {
        assert!(self.0.fetch_sub(1, Ordering::SeqCst) != 1, "no randomness, on purpose");
        SystemEntropy.fill(bytes);
    }
}

#[rocket::async_test]
async fn mails_that_a_worker_could_not_make_ready_wait_for_no_lease() {
    let entropy = Arc::new(Fragile::default());
    let app = Setup::new().with_entropy(entropy.clone()).start().await;
    app.add_account(ANA).await;
    ask(&app, ANA).await;
    // The first is for the lease, the second for the email's code.
    entropy.0.store(2, Ordering::SeqCst);
    assert!(Worker::new(Arc::clone(&app.services)).unwrap().round().await.is_err());
    assert_eq!(count(&app, MailState::Waiting).await, 1);
    // The clock does not move: an email that is still leased would stay.
    assert_eq!(app.mails_to(ANA).await.len(), 1);
}

/// Wherever it happens, the current email waits until its lease expires, and no other does.
#[rocket::async_test]
async fn a_worker_that_panics_keeps_no_mail_but_the_one_at_hand() {
    let mut panics = 0;
    // Later looks at the clock are beyond the round, which then ends well.
    for look in 1.. {
        let app = TestApp::new().await;
        app.set("join_policy", "anyone").await;
        for n in 0..3 {
            ask(&app, &format!("p{n}@example{n}.com")).await;
        }
        let mut worker = Worker::new(Arc::clone(&app.services)).unwrap();
        app.clock.break_at_look(look);
        let round = tokio::spawn(async move { worker.round().await }).await;
        app.clock.break_at_look(0);
        panics += i32::from(round.is_err());
        work(&app).await;
        let waiting = count(&app, MailState::Waiting).await;
        assert!(waiting <= i64::from(round.is_err()), "look {look}: {waiting} are kept");
        app.clock.advance(Lifetime::seconds(21));
        work(&app).await;
        assert_eq!(count(&app, MailState::Sent).await, 3, "look {look}");
        if round.is_ok() {
            break;
        }
    }
    assert!(panics >= 5, "{panics}: the whole round was tried");
}

#[rocket::async_test]
async fn a_worker_with_nothing_to_do_stops_at_once() {
    let app = TestApp::new().await;
    let (running, stop) = StopSignal::pair();
    let worker = tokio::spawn(Worker::new(Arc::clone(&app.services)).unwrap().run(stop));
    drop(running);
    worker.await.unwrap();
}

#[rocket::async_test]
async fn the_senders_name_is_the_products_unless_the_operator_set_one() {
    for (from, expected) in [
        ("login@example.com", "From: Linden <login@example.com>"),
        ("Door <login@example.com>", "From: Door <login@example.com>"),
    ] {
        let app = Setup::new().with("GATEPOST_MAIL_FROM", from).start().await;
        app.add_account(ANA).await;
        app.set("product_name", "Linden").await;
        ask(&app, ANA).await;
        let source = app.mail_to(ANA).await.source;
        assert!(source.contains(expected), "{source}");
    }
}

#[rocket::async_test]
async fn mails_are_signed_where_there_is_a_key() {
    let mut key = tempfile::NamedTempFile::new().unwrap();
    key.write_all(b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n").unwrap();
    let app = Setup::new()
        .with("GATEPOST_MAIL_FROM", "Gatepost <gatepost@example.com>")
        .with("GATEPOST_MAIL_DKIM_SELECTOR", "2026a")
        .with("GATEPOST_MAIL_DKIM_KEY_FILE", key.path().to_str().unwrap())
        .start()
        .await;
    app.add_account(ANA).await;
    ask(&app, ANA).await;
    let source = app.mail_to(ANA).await.source;
    let seed: Vec<u8> = (0..32).collect();
    assert!(crate::dkim::is_signed_by(&source, &seed), "{source}");
    assert!(!crate::dkim::is_signed_by(&source.replace("Sign in to", "Sign up to"), &seed));
    assert!(!crate::dkim::is_signed_by(&source, &[7; 32]));
    let source = source.replace("\r\n ", " ");
    let signature = source.lines().find(|line| line.starts_with("DKIM-Signature:")).unwrap();
    for part in ["d=example.com", "s=2026a", "a=ed25519-sha256", "message-id", "subject", "c=relaxed/relaxed"] {
        assert!(signature.contains(part), "no {part} in {signature}");
    }
}

/// Emails that users wait for leave first, and one client's take turns with others'.
#[rocket::async_test]
async fn emails_leave_by_urgency_and_each_client_in_its_turn() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    app.set("join_policy", "anyone").await;
    app.set("limits_global", "1000/1s").await;
    for n in 0..3 {
        let (entropy, now) = (Arc::clone(&app.services.entropy), app.services.now());
        app.write(move |connection| {
            let to = crate::harness::address(&format!("news{n}@example.com"));
            let note = "passkey_added".to_owned();
            let mail = QueuedMail { note, ..QueuedMail::new(&*entropy, MailKind::SecurityChanged, to, now) };
            db::outbox::enqueue(connection, &mail)
        })
        .await;
    }
    // One client asks for many, and then others for one each.
    for n in 0..6 {
        let email = format!("flood{n}@example{n}.com");
        app.browser().at("198.51.100.7").post("/login", &[("email", &email)]).await;
    }
    for n in 0..3 {
        let email = format!("other{n}@example.com");
        app.browser().at(&format!("198.51.100.{}", 20 + n)).post("/login", &[("email", &email)]).await;
    }
    for _ in 0..8 {
        work(&app).await;
    }
    let order: Vec<String> = sink.arrived().iter().map(|mail| mail.to[0][..4].to_owned()).collect();
    assert_eq!(order.len(), 12, "{order:?}");
    let last = |kind: &str| order.iter().rposition(|to| to == kind).unwrap();
    assert!(last("othe") < last("floo") && last("othe") <= 4, "{order:?}");
    assert!(last("floo") < last("news"), "{order:?}");
}

/// A user who signed in often a moment ago, while strangers ask.
#[rocket::async_test]
async fn an_asker_whose_emails_have_left_goes_before_the_second_email_of_others() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    app.set("join_policy", "anyone").await;
    app.set("limits_global", "1000/1s").await;
    let ask = async |client: &str, email: &str| {
        app.browser().at(client).post("/login", &[("email", email)]).await;
    };
    for n in 0..6 {
        ask("198.51.100.7", &format!("user{n}@example.com")).await;
        work(&app).await;
    }
    for n in 0..3 {
        ask("198.51.100.20", &format!("flood{n}@example.com")).await;
    }
    ask("198.51.100.7", "user6@example.com").await;
    for _ in 0..4 {
        work(&app).await;
    }
    let order: Vec<String> = sink.arrived().iter().map(|mail| mail.to[0][..5].to_owned()).collect();
    // The first email of each has the same turn.
    assert!(order[6..8].contains(&"user6".to_owned()) && order.len() == 10, "{order:?}");
}

/// More connections than the server allows.
#[rocket::async_test]
async fn a_worker_that_gets_no_connection_leaves_its_email_to_one_that_has() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    app.set("join_policy", "anyone").await;
    let pool = WorkerPool::new(Arc::clone(&app.services));
    let (mut first, mut second) = (pool.worker().unwrap(), pool.worker().unwrap());
    ask(&app, ANA).await;
    first.round().await.unwrap();
    assert_eq!(sink.arrived().len(), 1);
    sink.misbehave(Step::Greeting, Misbehaviour::Say("421 4.7.0 too many connections"), "");
    ask(&app, "ben@example.com").await;
    second.round().await.unwrap();
    let waiting = app.read(|connection| db::outbox::newest(connection, &[MailState::Waiting], 10)).await;
    assert_eq!((waiting.len(), waiting[0].tries), (1, 0), "not a try");
    // The clock does not move: it waits for nothing.
    first.round().await.unwrap();
    assert_eq!(sink.arrived().len(), 2);
}

/// A server that never answers for one recipient, as a tarpit.
#[rocket::async_test]
async fn an_email_that_is_held_up_holds_up_no_other() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    app.set("join_policy", "anyone").await;
    let hold = sink.hold();
    ask(&app, ANA).await;
    let pool = WorkerPool::new(Arc::clone(&app.services));
    let (mut held, spare) = (pool.worker().unwrap(), pool.spare_worker().unwrap());
    let working = tokio::spawn(async move { held.round().await.unwrap() });
    hold.reached().await;
    ask(&app, "ben@example.com").await;
    app.clock.advance(Lifetime::seconds(6));
    let (running, stop) = StopSignal::pair();
    let spare = tokio::spawn(spare.run(stop));
    sink.until(2).await;
    drop(running);
    spare.await.unwrap();
    assert_eq!(sink.arrived().len(), 2);
    hold.release();
    working.await.unwrap();
}

/// A user adds and removes a passkey for hours.
#[rocket::async_test]
async fn many_news_to_one_mailbox_become_few_emails_and_none_is_lost() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    for n in 0..200 {
        let (entropy, now) = (Arc::clone(&app.services.entropy), app.services.now());
        app.write(move |connection| {
            let note = if n % 2 == 0 { "passkey_removed" } else { "recovery_codes_removed" }.to_owned();
            let to = crate::harness::address(ANA);
            let mail = QueuedMail { note, ..QueuedMail::new(&*entropy, MailKind::SecurityChanged, to, now) };
            db::outbox::enqueue(connection, &mail)
        })
        .await;
        app.clock.advance(Lifetime::seconds(20));
        work(&app).await;
    }
    for _ in 0..3 {
        app.clock.advance(Lifetime::minutes(10));
        work(&app).await;
    }
    assert_eq!((count(&app, MailState::Waiting).await, count(&app, MailState::Sent).await), (0, 200));
    let emails = sink.arrived();
    assert!(emails.len() <= 20, "{} emails", emails.len());
    let told = |data: &str| {
        let data = data.replace("=\r\n", "");
        let text = data.split("text/html").next().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        text.matches("was removed").count() + text.matches("were removed").count()
    };
    // Each is in the text of one email. Subjects and headings name the first once more.
    let total: usize = emails.iter().map(|mail| told(&mail.data)).sum();
    assert!(total >= 200, "{total} are told");
}

/// A script signs in to its account from one new browser after another.
#[rocket::async_test]
async fn however_many_news_wait_for_one_mailbox_the_outbox_comes_to_rest() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app_with(&sink.url("?tls=none")).await;
    for count in [6, 130] {
        let (entropy, now) = (Arc::clone(&app.services.entropy), app.services.now());
        app.write(move |connection| {
            let to = crate::harness::address(ANA);
            (0..count).try_for_each(|_| {
                let note = "passkey_removed".to_owned();
                let mail =
                    QueuedMail { note, ..QueuedMail::new(&*entropy, MailKind::SecurityChanged, to.clone(), now) };
                db::outbox::enqueue(connection, &mail)
            })
        })
        .await;
        work(&app).await;
    }
    assert_eq!(count(&app, MailState::Waiting).await, 130);
    // The lease of one that was taken in vain would be over now.
    app.clock.advance(Lifetime::seconds(21));
    assert_eq!(Worker::new(Arc::clone(&app.services)).unwrap().round().await.unwrap(), 0, "none is due");
    for _ in 0..3 {
        app.clock.advance(Lifetime::minutes(10));
        work(&app).await;
    }
    assert_eq!(count(&app, MailState::Waiting).await, 0);
    assert!(sink.arrived().len() <= 9, "{} emails", sink.arrived().len());
}
