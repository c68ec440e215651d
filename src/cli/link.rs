//! `gatepost link EMAIL`: a one-time sign-in link, for when email is broken or turned off.

use super::{Ending, clock, complain, entropy, say};
use crate::{
    app,
    config::Config,
    db::{self, attempts::LinkKind},
    domain::{
        Attempt, AttemptId, AuditEntry, Purpose, ReturnTo, Token,
        attempt::Printed,
        audit::{Action, Actor},
    },
};
use std::sync::Arc;

enum Made {
    Link,
    NoSuchAccount,
    Disabled,
}

pub async fn run(config: Config, email: &str) -> Result<(), Ending> {
    let email = super::account::parse(email)?;
    super::expect_database(&config)?;
    let services = app::services(config, clock(), entropy()).await?;
    let settings = services.settings().await?;
    let (token, entropy, now) = (Token::issue(&*services.entropy), Arc::clone(&services.entropy), services.now());
    let (hash, address) = (token.hash(), email.clone());
    let lifetime = settings.link_lifetime;
    let made = services
        .db
        .write(move |connection| {
            let Some(account) = db::accounts::find_by_email(connection, &address)? else {
                return Ok(Made::NoSuchAccount);
            };
            if !account.is_active() {
                return Ok(Made::Disabled);
            }
            let printed = Printed {
                purpose: Purpose::ConsoleLink,
                email: account.email.clone(),
                account_id: Some(account.id),
                token: hash,
                lifetime,
                return_to: ReturnTo::home(),
            };
            let attempt = Attempt::printed(AttemptId::issue(&*entropy), printed, now);
            db::attempts::insert(connection, &attempt)?;
            db::attempts::note_link(connection, attempt.id, &hash, LinkKind::Open)?;
            let action = Action::ConsoleLinkPrinted;
            let entry = AuditEntry::new(&*entropy, now, Actor::CommandLine, action, account.email.as_str());
            db::audit::insert(connection, &entry)?;
            Ok(Made::Link)
        })
        .await?;
    match made {
        Made::Link => {
            complain(format!("Signs in {} once, within {}:", email.as_str(), settings.link_lifetime.for_people()));
            say(services.config.base_url.join(&format!("/auth/verify?token={}", token.reveal())))?;
            Ok(())
        }
        Made::NoSuchAccount => Err(Ending::NoSuchAccount(email.as_str().to_owned())),
        Made::Disabled => Err(Ending::Failed(format!("The account of {} is disabled.", email.as_str()))),
    }
}
