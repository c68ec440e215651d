//! For every form that asks, the email queue opens the same number of conversations with the email
//! server. Whether the address has an account makes no difference. Otherwise the delay of an
//! attacker's next email would tell who has an account.

use crate::{
    browser::Browser,
    harness::{Setup, TestApp, address},
    set_up::console_session,
    smtp_sink::{Security, SmtpSink},
};
use gatepost::{
    db,
    domain::{
        Lifetime,
        mail::{MailKind, MailState, Recipient},
    },
    outbox::Worker,
};
use std::{collections::BTreeSet, sync::Arc};
use strum::VariantArray;

const MINE: &str = "mine@example.com";
const INVENTED: &str = "invented@example.com";

/// A way to an email to a typed address.
struct Route {
    name: &'static str,
    kind: MailKind,
    policy: &'static str,
    /// True if invented addresses have used up the share of the domain.
    share_is_used_up: bool,
    /// Moment at which the owner of an account ends the attempt elsewhere.
    ended: Ended,
    /// Emails that the worker takes for it.
    emails: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Never,
    /// While the email waits in the queue.
    Waiting,
    /// Before the browser that asked asks again.
    Sent,
}

const ROUTE: Route = Route {
    name: "",
    kind: MailKind::SignIn,
    policy: "invited",
    share_is_used_up: false,
    ended: Ended::Never,
    emails: 1,
};

const ROUTES: &[Route] = &[
    Route { name: "sign-in, invited", ..ROUTE },
    Route { name: "sign-in, anyone", policy: "anyone", ..ROUTE },
    Route { name: "sign-in, no share left", policy: "anyone", share_is_used_up: true, ..ROUTE },
    Route { name: "sign-in, ended while it waits", policy: "anyone", ended: Ended::Waiting, ..ROUTE },
    Route { name: "sign-in, ended elsewhere", ended: Ended::Sent, emails: 2, ..ROUTE },
    Route { name: "sign-in, anyone, ended elsewhere", policy: "anyone", ended: Ended::Sent, emails: 2, ..ROUTE },
    Route { name: "forgotten password", kind: MailKind::ResetPassword, ..ROUTE },
    Route { name: "forgotten password, anyone", kind: MailKind::ResetPassword, policy: "anyone", ..ROUTE },
    Route { name: "move, invited", kind: MailKind::ConfirmAddress, ..ROUTE },
    Route { name: "move, anyone", kind: MailKind::ConfirmAddress, policy: "anyone", ..ROUTE },
    Route {
        name: "move, no share left",
        kind: MailKind::ConfirmAddress,
        policy: "anyone",
        share_is_used_up: true,
        ..ROUTE
    },
];

async fn app(sink: &SmtpSink, policy: &'static str) -> TestApp {
    let app = Setup::new().with("GATEPOST_MAIL_URL", &sink.url("?tls=none")).start().await;
    app.set("join_policy", policy).await;
    app.set("password_enabled", "on").await;
    app.set("limits_per_domain", "1/5m").await;
    app
}

async fn work(app: &TestApp) {
    let mut worker = Worker::new(Arc::clone(&app.services)).unwrap();
    while worker.round().await.unwrap() > 0 {}
}

async fn ask(browser: &mut Browser<'_>, kind: MailKind, email: &str) {
    let (path, field) = match kind {
        MailKind::SignIn => ("/login", "email"),
        MailKind::ResetPassword => ("/password/forgot", "email"),
        MailKind::ConfirmAddress => ("/account/address", "new_email"),
        other => panic!("{other:?} has no form for an address"),
    };
    browser.post(path, &[(field, email)]).await.assert_status(303);
}

/// Fate of the emails of a route: how many named a recipient, and how many are in each state.
type Fate = (usize, Vec<i64>);

/// Returns the conversations that a route causes for an address, and what became of its emails.
async fn conversations(route: &Route, email: &'static str) -> (usize, Fate) {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app(&sink, route.policy).await;
    app.add_account("known@example.com").await;
    let now = app.services.now();
    let disabled = app.add_account("disab@example.com").await;
    app.write(move |connection| db::accounts::set_disabled(connection, disabled.id, Some(now))).await;
    app.add_account(MINE).await;
    if route.share_is_used_up {
        let mut stranger = app.browser().at("198.51.100.1");
        ask(&mut stranger, MailKind::SignIn, INVENTED).await;
        work(&app).await;
        assert_eq!(sink.recipients(), 1, "the share is used up");
    }
    let before = (sink.conversations(), sink.recipients());
    let moves = route.kind == MailKind::ConfirmAddress;
    let mut browser = if moves { console_session(&app, MINE).await } else { app.browser().at("198.51.100.2") };
    ask(&mut browser, route.kind, email).await;
    let owner_ends = async || {
        if email == "known@example.com" {
            let (to, now) = (address(email), app.services.now());
            app.write(move |connection| db::attempts::end_all_of_address(connection, &to, now)).await;
        }
    };
    if route.ended == Ended::Waiting {
        owner_ends().await;
    }
    work(&app).await;
    if route.ended == Ended::Sent {
        owner_ends().await;
        app.clock.advance(Lifetime::seconds(31));
        browser.post("/login/resend", &[]).await.assert_status(303);
        work(&app).await;
    }
    let count = |connection: &mut _| {
        MailState::VARIANTS.iter().map(|&state| db::outbox::count(connection, state)).collect::<Result<Vec<_>, _>>()
    };
    (sink.conversations() - before.0, (sink.recipients() - before.1, app.read(count).await))
}

#[rocket::async_test]
async fn the_queue_is_as_busy_for_every_address_on_every_route() {
    for route in ROUTES {
        let mut fates = BTreeSet::new();
        for email in ["known@example.com", "stran@example.com", "disab@example.com"] {
            let (conversations, fate) = conversations(route, email).await;
            assert_eq!(conversations, route.emails, "{}: {email}", route.name);
            fates.insert(fate);
        }
        assert!(fates.len() > 1, "{}: every address was treated alike, so that nothing is compared", route.name);
    }
    for &kind in MailKind::VARIANTS {
        let is_typed = kind.recipient() == Recipient::Typed;
        assert_eq!(ROUTES.iter().any(|route| route.kind == kind), is_typed, "{kind:?} has a row above");
    }
}

/// Otherwise strangers could keep the workers busy with emails that wait.
#[rocket::async_test]
async fn an_email_that_its_domain_has_no_share_for_is_pretended_once() {
    let sink = SmtpSink::start(Security::Plain).await;
    let app = app(&sink, "anyone").await;
    for n in 0..4 {
        let mut stranger = app.browser().at(&format!("198.51.100.{n}"));
        ask(&mut stranger, MailKind::SignIn, &format!("p{n}@example.com")).await;
    }
    work(&app).await;
    assert_eq!((sink.conversations(), sink.arrived().len()), (4, 1), "each conversation is like the real one");
    for sent in 2..=4 {
        app.clock.advance(Lifetime::minutes(5));
        work(&app).await;
        assert_eq!((sink.conversations(), sink.arrived().len()), (3 + sent, sent));
    }
    let waiting = app.read(|connection| db::outbox::count(connection, MailState::Waiting)).await;
    assert_eq!(waiting, 0, "none is lost");
}
