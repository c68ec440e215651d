//! The requester learns nothing about an address. The same statements run for every account, and
//! for all that its owner did.

use crate::{
    harness::{TestApp, address},
    oidc_app::Wanted,
};
use diesel::{Connection, connection::InstrumentationEvent};
use gatepost::{
    db::{self, Error, Tx},
    domain::{
        BrowserLabel, ClientAddress, Destination, Lifetime, Outcome, PasskeyId, Purpose, Token, aaguid::Aaguid,
        factor_name::FactorName, oidc::ClientId, passkey::Passkey,
    },
    entropy::SystemEntropy,
    passkeys::{Passkeys, TypedAddress},
    signin::email_link::{
        again::{self, Again},
        ask::{self, NewAttempt, Origin},
    },
};
use std::sync::{Arc, Mutex};
use strum::VariantArray;

const ANA: &str = "ana@example.com";

/// Returns the statements that `work` runs, without their values, and its result.
fn statements<T>(
    tx: &mut Tx<'_>,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>,
) -> Result<(Vec<String>, T), Error> {
    let log = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&log);
    tx.connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            seen.lock().unwrap().push(text.split(" -- binds").next().unwrap().to_owned());
        }
    });
    let result = work(tx);
    tx.connection.set_instrumentation(|_: InstrumentationEvent<'_>| {});
    let log = std::mem::take(&mut *log.lock().unwrap());
    Ok((log, result?))
}

fn new_attempt(email: &str) -> NewAttempt {
    NewAttempt {
        purpose: Purpose::SignIn,
        email: address(email),
        account: None,
        origin: Origin {
            verifier: Token::issue(&SystemEntropy).hash(),
            browser: BrowserLabel::from_user_agent(""),
            client: ClientAddress::new("198.51.100.1".parse().unwrap()),
            device: None,
            language: None,
        },
        remember: false,
        destination: Destination::home(),
    }
}

#[rocket::async_test]
async fn asking_again_is_the_same_whatever_its_owner_did() {
    let app = TestApp::new().await;
    app.set("limits_per_mailbox", "100/15m").await;
    let settings = app.stored_settings().await;
    let mut all = Vec::new();
    for outcome in [None].into_iter().chain(Outcome::VARIANTS.iter().copied().map(Some)) {
        let settings = settings.clone();
        let (statements, again, after) = app
            .transact(move |tx| {
                let attempt = ask::write(tx, &settings, &new_attempt(ANA))?;
                if let Some(outcome) = outcome {
                    db::attempts::end(tx.connection, attempt.id, outcome, tx.now)?;
                }
                let attempt = db::attempts::find(tx.connection, attempt.id)?.unwrap();
                tx.now = tx.now.plus(Lifetime::seconds(31));
                let (statements, again) = statements(tx, |tx| again::ask(tx, &settings, &attempt, None))?;
                Ok((statements, again, db::attempts::find(tx.connection, attempt.id)?.unwrap()))
            })
            .await;
        assert_eq!(again, Again::Asked, "{outcome:?}");
        assert_eq!((after.ended, after.mails, after.token), (None, 2, None), "{outcome:?}");
        all.push((outcome, statements));
        app.clock.advance(Lifetime::minutes(1));
    }
    for (outcome, statements) in &all {
        assert!(statements.len() > 3);
        assert_eq!(*statements, all[0].1, "{outcome:?}");
    }
}

#[rocket::async_test]
async fn a_link_of_an_attempt_that_has_ended_stays_dead_when_its_browser_asks_again() {
    let app = TestApp::new().await;
    app.add_account(ANA).await;
    let mut watching = app.browser().at("198.51.100.1");
    watching.post("/login", &[("email", ANA)]).await;
    let first = app.mail_to(ANA).await;
    // The owner signs in elsewhere, which ends the attempt.
    app.signed_in(ANA).await;
    watching.open(&first.link()).await.assert_status(410);
    app.clock.advance(Lifetime::minutes(1));
    watching.post("/login/resend", &[]).await.assert_leads_to("/login/sent");
    watching.open(&first.link()).await.assert_status(410);
    let code = first.code();
    watching.post("/login/code", &[("code", &code)]).await;
    assert!(watching.is_signed_out().await);
    let second = app.mail_to(ANA).await;
    watching.open(&second.link()).await.assert_shows("Sign in as");
    watching.post("/auth/verify", &[]).await.assert_leads_to("/account");
    // Once used, it is invalid. Asking again in this browser revives neither.
    app.clock.advance(Lifetime::minutes(1));
    for mail in [&first, &second] {
        app.browser().open(&mail.link()).await.assert_status(410);
    }
}

/// So that no time tells a stranger which apps there are. The last name comes after all others.
#[rocket::async_test]
async fn a_client_s_credentials_take_the_same_statements_for_every_name() {
    let app = TestApp::new().await;
    Wanted::default().register(&app).await;
    Wanted { slug: "wiki", ..Wanted::default() }.register(&app).await;
    let all = app
        .transact(|tx| {
            ["grafana", "wiki", "a", "h", "zzz"]
                .into_iter()
                .map(|name| {
                    let id = ClientId::parse(name).unwrap();
                    let ask = |tx: &mut Tx<'_>| db::oidc_clients::credentials(tx.connection, &id, tx.now);
                    let (statements, found) = statements(tx, ask)?;
                    let found = found.unwrap();
                    assert_eq!(
                        (found.is_named, found.secrets.len()),
                        (["grafana", "wiki"].contains(&name), 1),
                        "{name}"
                    );
                    Ok(statements)
                })
                .collect::<Result<Vec<_>, Error>>()
        })
        .await;
    assert!(!all[0].is_empty());
    assert!(all.iter().all(|statements| *statements == all[0]), "{all:#?}");
}

#[rocket::async_test]
async fn passkey_options_take_the_same_statements_for_every_address() {
    let app = TestApp::new().await;
    let ana = app.add_account(ANA).await;
    app.add_account("ben@example.com").await;
    let passkeys = Passkeys::new(&app.services.config.base_url).unwrap();
    let all = app
        .transact(move |tx| {
            let passkey = Passkey {
                id: PasskeyId::issue(&SystemEntropy),
                account_id: ana.id,
                name: FactorName::of("Key", &[]),
                aaguid: Aaguid::default(),
                added_at: tx.now,
                last_used_at: None,
            };
            db::passkeys::insert(tx.connection, &passkey, b"0123456789abcdef", "{}")?;
            ["ana@example.com", "ben@example.com", "eva@example.com"]
                .into_iter()
                .map(|email| {
                    let browser = Token::issue(&SystemEntropy).hash();
                    let ask = |tx: &mut Tx<'_>| {
                        let typed = TypedAddress { email: &address(email), keyed_hash: &|_: &[u8]| Ok([7; 32]) };
                        passkeys.begin_sign_in(tx, &browser, Some(typed))
                    };
                    statements(tx, ask).map(|(statements, _)| statements)
                })
                .collect::<Result<Vec<_>, _>>()
        })
        .await;
    assert!(all[0].len() > 2);
    assert!(all.iter().all(|statements| *statements == all[0]), "{all:#?}");
}
