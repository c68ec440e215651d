//! A user whom no cell of [`crate::acting`] names. He has something of most kinds, and keeps it.

use crate::{database::add_passkey, harness::TestApp, oidc_app::gives_for_ever};
use diesel::connection::SimpleConnection;
use gatepost::{
    db,
    domain::{
        AccountId, BrowserLabel, HashMemory, Password, Timestamp, Token, TrustedDeviceId, trusted_device::TrustedDevice,
    },
    entropy::SystemEntropy,
};

const GIL: &str = "gil@example.com";
const AT: Timestamp = Timestamp::from_millis(1);

/// Adds him, with a session, an open attempt, a password and factors. His sign-in at an app
/// outlasts its session.
pub async fn joins(app: &TestApp) -> AccountId {
    let gil = app.add_account(GIL).await.id;
    app.signed_in(GIL).await;
    app.browser().post("/login", &[("email", GIL)]).await.assert_leads_to("/login/sent");
    app.deliver().await;
    gives_for_ever(app, "wiki", gil).await;
    let password = Password::present("correct horse battery staple").unwrap();
    let hash = password.hash(&SystemEntropy, &HashMemory::default()).unwrap();
    app.write(move |connection| {
        add_passkey(connection, 977, gil)?;
        db::passwords::set(connection, gil, &hash, AT)?;
        let device = TrustedDevice {
            id: TrustedDeviceId::issue(&SystemEntropy),
            account_id: gil,
            browser: BrowserLabel::from_user_agent(""),
            client: None,
            trusted_at: AT,
            last_used_at: AT,
        };
        db::trusted_devices::insert(connection, &device, &Token::issue(&SystemEntropy).hash())?;
        let authenticator = format!(
            "INSERT INTO totp_authenticators \
             (id, account_id, name, sealed_secret, last_step, added_at, confirmed_at) \
             VALUES (977, {}, 'Phone', 'sealed', 0, 1, 1)",
            gil.as_i64()
        );
        connection.batch_execute(&authenticator).map_err(db::Error::from)
    })
    .await;
    gil
}

/// Returns the rows that name him.
pub async fn rows(app: &TestApp, gil: AccountId) -> Vec<String> {
    let id = format!("={} ", gil.as_i64());
    let lines: Vec<String> = app.dump().await.lines().map(|line| format!("{line} ")).collect();
    let rows: Vec<String> = lines.into_iter().filter(|line| line.contains(&id) || line.contains(GIL)).collect();
    for table in ["accounts", "attempts", "devices", "known_browsers", "oidc_grants", "passkeys", "sessions"] {
        assert!(rows.iter().any(|row| row.starts_with(&format!("{table}: "))), "{table}: {rows:#?}");
    }
    rows
}
