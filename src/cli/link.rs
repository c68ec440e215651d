//! `gatepost link EMAIL`: a one-time sign-in link, for when mail is broken or switched off.

use super::{Failure, clock, complain, entropy, say};
use crate::{
    app,
    config::Config,
    db::{self, attempts::LinkKind},
    domain::{
        Attempt, AttemptId, AuditEntry, AuditId, BrowserLabel, EmailAddress, Purpose, ReturnTo, Token,
        audit::{Action, Actor},
    },
};
use std::sync::Arc;

enum Made {
    Link,
    NoSuchAccount,
    Disabled,
}

pub async fn run(config: Config, email: &str) -> Result<(), Failure> {
    let email = super::account::parse(email)?;
    let services = app::services(config, clock(), entropy()).await?;
    let settings = services.settings().await?;
    let (token, entropy, now) = (Token::issue(&*services.entropy), Arc::clone(&services.entropy), services.now());
    let (hash, address) = (token.hash(), email.clone());
    let expires_at = now.plus(settings.link_lifetime);
    let made = services
        .db
        .write(move |connection| {
            let Some(account) = db::accounts::find_by_email(connection, &address)? else {
                return Ok(Made::NoSuchAccount);
            };
            if !account.is_active() {
                return Ok(Made::Disabled);
            }
            let attempt = Attempt {
                id: AttemptId::issue(&*entropy),
                purpose: Purpose::ConsoleLink,
                email: account.email.clone(),
                account_id: Some(account.id),
                session_id: None,
                verifier: None,
                browser: BrowserLabel::command_line(),
                client: None,
                requested_at: now,
                muted: false,
                remember: false,
                return_to: ReturnTo::home(),
                token: Some(hash),
                expires_at: Some(expires_at),
                wrong_codes: 0,
                mails: 0,
                mail_asked_at: now,
                ended: None,
            };
            db::attempts::insert(connection, &attempt)?;
            db::attempts::note_link(connection, attempt.id, &hash, LinkKind::Open)?;
            db::audit::insert(connection, &entry(&account.email, AuditId::issue(&*entropy), now))?;
            Ok(Made::Link)
        })
        .await?;
    match made {
        Made::Link => {
            complain(format!("Signs in {} once, within {}:", email.as_str(), settings.link_lifetime.for_people()));
            say(services.config.base_url.join(&format!("/auth/verify?token={}", token.reveal())));
            Ok(())
        }
        Made::NoSuchAccount => Err(Failure::NoSuchAccount(email.as_str().to_owned())),
        Made::Disabled => Err(Failure::Failed(format!("The account of {} is disabled.", email.as_str()))),
    }
}

fn entry(email: &EmailAddress, id: AuditId, at: crate::domain::Timestamp) -> AuditEntry {
    AuditEntry {
        id,
        at,
        actor: Actor::CommandLine,
        action: Action::ConsoleLinkPrinted,
        subject: email.as_str().to_owned(),
        before: None,
        after: None,
        client: None,
        request_id: None,
    }
}
