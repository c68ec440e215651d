//! The requester learns nothing about an address: the same statements run for every account, and
//! for all that its owner did.

use crate::harness::{TestApp, address};
use diesel::{Connection, connection::InstrumentationEvent};
use gatepost::{
    attempts::{self, Again, Asking, Origin},
    db::{self, DbConnection, Error},
    domain::{
        BrowserLabel, ClientAddress, Lifetime, Outcome, PasskeyId, Purpose, ReturnTo, Token, aaguid::Aaguid,
        factor_name::FactorName, passkey::Passkey,
    },
    entropy::SystemEntropy,
    passkeys::Passkeys,
};
use std::sync::{Arc, Mutex};
use strum::VariantArray;

const ANA: &str = "ana@example.com";

/// Returns the statements that `work` runs, without their values, and its result.
fn statements<T>(
    connection: &mut DbConnection,
    work: impl FnOnce(&mut DbConnection) -> Result<T, Error>,
) -> Result<(Vec<String>, T), Error> {
    let log = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&log);
    connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            seen.lock().unwrap().push(text.split(" -- binds").next().unwrap().to_owned());
        }
    });
    let result = work(connection);
    connection.set_instrumentation(|_: InstrumentationEvent<'_>| {});
    let log = std::mem::take(&mut *log.lock().unwrap());
    Ok((log, result?))
}

fn asking(email: &str) -> Asking {
    Asking {
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
        return_to: ReturnTo::home(),
    }
}

#[rocket::async_test]
async fn asking_again_is_the_same_whatever_its_owner_did() {
    let app = TestApp::new().await;
    app.set("limits_per_mailbox", "100/15m").await;
    let settings = app.stored_settings().await;
    let mut all = Vec::new();
    for outcome in [None].into_iter().chain(Outcome::VARIANTS.iter().copied().map(Some)) {
        let (settings, now) = (settings.clone(), app.services.now());
        let later = now.plus(Lifetime::seconds(31));
        let (statements, again, after) = app
            .write(move |connection| {
                let attempt = attempts::ask(connection, &settings, &SystemEntropy, &asking(ANA), now)?;
                if let Some(outcome) = outcome {
                    db::attempts::end(connection, attempt.id, outcome, now)?;
                }
                let attempt = db::attempts::find(connection, attempt.id)?.unwrap();
                let (statements, again) = statements(connection, |connection| {
                    attempts::ask_again(connection, &settings, &SystemEntropy, &attempt, None, later)
                })?;
                Ok((statements, again, db::attempts::find(connection, attempt.id)?.unwrap()))
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

#[rocket::async_test]
async fn passkey_options_take_the_same_statements_for_every_address() {
    let app = TestApp::new().await;
    let ana = app.add_account(ANA).await;
    app.add_account("ben@example.com").await;
    let passkeys = Passkeys::new(&app.services.config.base_url).unwrap();
    let now = app.services.now();
    let all = app
        .write(move |connection| {
            let passkey = Passkey {
                id: PasskeyId::issue(&SystemEntropy),
                account_id: ana.id,
                name: FactorName::of("Key", &[]),
                aaguid: Aaguid::default(),
                added_at: now,
                last_used_at: None,
            };
            db::passkeys::insert(connection, &passkey, b"0123456789abcdef", "{}")?;
            ["ana@example.com", "ben@example.com", "eva@example.com"]
                .into_iter()
                .map(|email| {
                    let browser = Token::issue(&SystemEntropy).hash();
                    let ask = |connection: &mut DbConnection| {
                        passkeys.begin_sign_in(
                            connection,
                            &browser,
                            Some(&address(email)),
                            &|_: &[u8]| Ok([7; 32]),
                            now,
                        )
                    };
                    statements(connection, ask).map(|(statements, _)| statements)
                })
                .collect::<Result<Vec<_>, _>>()
        })
        .await;
    assert!(all[0].len() > 2);
    assert!(all.iter().all(|statements| *statements == all[0]), "{all:#?}");
}
